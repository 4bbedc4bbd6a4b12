#include "libs/ledger/batch.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <sodium.h>

#include "libs/log/log.h"

namespace seawall::ledger {
namespace {

Error Reused() {
  return Error{Code::kInvalidArgument,
               "REQUEST_ID_REUSED",
               "this request_id was used for another request; use a new one, "
               "or send the first request again unchanged",
               {{"request_id", "already used with other content"}}};
}

Error Threw() {
  return Error{Code::kInternal, "INTERNAL",
               "a fault of the server; it is in its log"};
}

// Subjects lie joined by blanks, so that none may hold one. A colon stands in
// `journal:1-500`.
bool IsSubject(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == ':';
         });
}

store::Rows& RowsOf(std::vector<store::Rows>& all, const store::Table& table) {
  for (store::Rows& rows : all) {
    if (&rows.table() == &table) return rows;
  }
  return all.emplace_back(table);
}

std::vector<std::size_t> Sizes(const std::vector<store::Rows>& all) {
  std::vector<std::size_t> sizes;
  for (const store::Rows& rows : all) sizes.push_back(rows.size());
  return sizes;
}

// Tables that are newer than the sizes had no rows then.
void Truncate(std::vector<store::Rows>& all,
              const std::vector<std::size_t>& sizes) {
  for (std::size_t i = 0; i < all.size(); i++) {
    all[i].Truncate(i < sizes.size() ? sizes[i] : 0);
  }
}

// Whose request it is: two systems of an agency may number alike.
std::string RequestOf(const Actor& actor, const std::string& request_id) {
  return actor.agency + "/" + actor.system + "/" + request_id;
}

// The outcome of an entry: the first answer was given again.
constexpr char kReplayed[] = "REPLAYED";

// What follows from what: a contact, its keys, their contacts, their episodes.
constexpr int kMostRounds = 8;
// Of a batch's time.
constexpr int kRehearsalShare = 4;
// Units: what they bring must fit in what a batch keeps.
constexpr std::size_t kMostRehearsed = 64;

// Whether one of these rows may be found by what is asked.
bool MayFind(const store::Asked& asked, const store::Rows& rows,
             std::size_t from, std::size_t to) {
  const store::Table& table = rows.table();
  if (from == to) return false;
  if (!asked.tables.empty() &&
      std::find(asked.tables.begin(), asked.tables.end(), &table.of()) ==
          asked.tables.end()) {
    return false;
  }
  if (asked.column == nullptr) return true;
  // An update may have taken the row out, or brought it in.
  const std::size_t known = table.changes ? table.keys : table.columns.size();
  std::size_t column = 0;
  while (column < known &&
         std::string_view(table.columns[column].name) != asked.column) {
    column++;
  }
  if (column == known) return true;
  for (std::size_t row = from; row < to; row++) {
    const auto& cell = rows.cells()[row * table.columns.size() + column];
    for (const store::Value& value : *asked.among) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        if (cell.text() && rows.text(cell) == *text) return true;
      } else if (cell.number == std::get<long long>(value)) {
        return true;
      }
    }
  }
  return false;
}

// The records of a unit's area: its changes go with the batch.
class UnitRecords : public store::Records {
 public:
  explicit UnitRecords(Batch& batch)
      : store::Records(batch.write().area), batch_(batch) {}

  std::optional<std::int64_t> next_position() const override {
    return batch_.next_position();
  }

 protected:
  Result<soci::session*> ForQuery(const store::Asked& asked) const override {
    EndRehearsal();
    TRY(store::Session * session, batch_.ForQuery(asked));
    return &session->sql();
  }
  Result<soci::session*> ForChange() override {
    EndRehearsal();
    TRY(store::Session * session, batch_.Direct());
    return &session->sql();
  }
  store::Rows& Staged(const store::Table& table) override {
    EndRehearsal();
    return batch_.Staged(table);
  }
  Result<void> Settle(const store::Table& change) override {
    return batch_.Settle(change);
  }
  store::Kept* kept() const override { return &batch_.kept(); }

 private:
  void EndRehearsal() const {
    if (batch_.kept().is_rehearsal) throw store::Rehearsed();
  }

  Batch& batch_;
};

std::string AnswerPlace(const Write& write) {
  return seal::Place("answers", write.area,
                     RequestOf(write.access.actor, write.request_id));
}

}  // namespace

std::vector<std::string> RequestKeys(const seal::Sealer& sealer,
                                     const Actor& actor,
                                     const std::string& request_id) {
  return sealer.Hashes("request", RequestOf(actor, request_id));
}

Result<std::string> OpenBy(const seal::Sealer& sealer, const std::string& by) {
  return sealer.OpenId(kPersonId, by);
}

Unit::Unit(Batch& batch)
    : batch_(batch), records_(std::make_unique<UnitRecords>(batch)) {}

Instant Unit::now() const { return batch_.now(); }
Instant Unit::clock() const { return batch_.clock(); }
const std::string& Unit::area() const { return batch_.write().area; }
const Actor& Unit::actor() const { return batch_.write().access.actor; }
std::string Unit::By() const {
  const Actor& who = actor();
  if (who.person.empty()) return who.agency + "/" + who.system;
  return batch_.sealer().SealId(kPersonId, who.agency + "/" + who.person);
}
std::int64_t Unit::next_position() const { return batch_.next_position(); }
// What is done there, Records does not see.
Result<store::Session*> Unit::Direct() {
  if (batch_.kept().is_rehearsal) throw store::Rehearsed();
  batch_.kept().Clear();
  return batch_.Direct();
}
std::int64_t Unit::Record(Event event) {
  return batch_.Record(std::move(event));
}
void Unit::Count(metrics::Counter counter) { batch_.Count(std::move(counter)); }
void Unit::Touched(std::string subject) {
  batch_.subjects().push_back(std::move(subject));
}

Result<void> Batch::Run(const std::vector<Write*>& writes,
                        const std::function<void()>& before_commit) {
  TRY_VOID(session_.Begin());
  TRY_VOID(LockHeads(writes));
  since_ = parts_.clock.Steady();
  TRY_VOID(LoadAnswers(writes));
  TRY_VOID(Rehearse(writes));
  // However long that took, more than one unit is run.
  since_ = parts_.clock.Steady();
  outcomes_.reserve(writes.size());
  for (Write* write : writes) {
    begun_++;
    TRY_VOID(RunOne(*write));
    if (IsFull()) break;
  }
  for (store::Rows& rows : own_) staged_.push_back(std::move(rows));
  TRY_VOID(Flush());
  TRY_VOID(WriteHeads());
  before_commit();
  return session_.Commit();
}

std::vector<std::string> Batch::areas() const {
  std::vector<std::string> areas;
  for (const auto& [area, head] : heads_) {
    if (head.position != positions_before_.at(area)) areas.push_back(area);
  }
  return areas;
}

// Sorted, so that two processes on one PostgreSQL cannot wait for each other.
Result<void> Batch::LockHeads(const std::vector<Write*>& writes) {
  std::set<std::string> areas;
  for (const Write* write : writes) areas.insert(write->area);
  for (const std::string& area : areas) {
    TRY(Head head, LockHead(area));
    recorded_before_[area] = head.recorded;
    positions_before_[area] = head.position;
    heads_.emplace(area, std::move(head));
  }
  clock_ = parts_.clock.Now();
  for (auto& [area, head] : heads_) {
    head.recorded = std::max(head.recorded, clock_);
  }
  return {};
}

Result<Head> Batch::LockHead(const std::string& area) {
  return store::Try([&] {
    const std::string lock =
        session_.engine() == store::Engine::kPostgres ? " for update" : "";
    Head head;
    long long position = 0, entries = 0, recorded = 0;
    const auto select = [&] {
      session_.sql() << "select journal_id, position, journal_hash, "
                        "access_entries, recorded_time, access_hash from heads "
                        "where area = :area" +
                            lock,
          soci::into(head.journal_id), soci::into(position),
          soci::into(head.journal_hash), soci::into(entries),
          soci::into(recorded), soci::into(head.access_hash), soci::use(area);
      return session_.sql().got_data();
    };
    if (!select()) {
      const std::string id = NewJournalId(), zero = NoHash();
      session_.sql() << "insert into heads (area, journal_id, position, "
                        "journal_hash, access_entries, recorded_time, "
                        "access_hash) values (:area, :id, 0, :zero, 0, 0, "
                        ":zero) on conflict do nothing",
          soci::use(area, "area"), soci::use(id, "id"), soci::use(zero, "zero");
      select();
    }
    head.position = position;
    head.access_entries = entries;
    head.recorded = FromMicros(recorded);
    return head;
  });
}

// One look-up an area for the whole batch.
Result<void> Batch::LoadAnswers(const std::vector<Write*>& writes) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const Write* write : writes) {
    if (write->request_id.empty()) continue;
    std::vector<std::string>& of_area = keys[write->area];
    const auto& asked = KeysOf(*write);
    of_area.insert(of_area.end(), asked.begin(), asked.end());
  }
  for (const auto& [area, requests] : keys) {
    const auto keep = [&, &area = area](AnswerRow& row) {
      answers_[{area, row.request}] =
          KeptAnswer{std::move(row.request_hash), std::move(row.answer), true,
                     std::move(row.subjects)};
    };
    TRY_VOID(store::SessionRecords(session_, area)
                 .Scan(kAnswers, store::OneOf<&AnswerRow::request>(requests),
                       {}, keep));
  }
  return {};
}

const std::vector<std::string>& Batch::KeysOf(const Write& write) {
  std::vector<std::string>& keys = request_keys_[&write];
  if (keys.empty()) {
    keys = RequestKeys(parts_.sealer, write.access.actor, write.request_id);
  }
  return keys;
}

void Batch::Open(const Write& write) {
  write_ = &write;
  open_head_ = &heads_.at(write.area);
  open_kept_ = &kept_[write.area];
  open_kept_->BeginUnit();
  subjects_ = write.access.subjects;
  counted_.clear();
  savepoint_ = false;
  mark_ = TakeMark();
}

// What units will ask for is brought for all of them together, a statement a
// column. Units that asked are rehearsed again, for what follows from the
// answers. Nothing rests on it: what is not found here is asked for in place.
Result<void> Batch::Rehearse(const std::vector<Write*>& writes) {
  std::vector<const Write*> asking;
  for (const Write* write : writes) {
    if (asking.size() == kMostRehearsed) break;
    const bool asks = write->work && asking_.contains(write->access.action);
    if (asks && !Replay(*write)) asking.push_back(write);
  }
  const auto most = settings_.batch_time / kRehearsalShare;
  for (int round = 0; round < kMostRounds && asking.size() > 1; round++) {
    std::vector<const Write*> again;
    for (const Write* write : asking) {
      if (parts_.clock.Steady() - since_ > most) break;
      if (Rehearse(*write)) again.push_back(write);
    }
    asking = std::move(again);
    for (auto& [area, kept] : kept_) {
      TRY_VOID(kept.Bring(store::SessionRecords(session_, area)));
    }
  }
  return {};
}

bool Batch::Rehearse(const Write& write) {
  Open(write);
  open_kept_->is_rehearsal = true;
  open_kept_->has_wanted = false;
  Unit unit(*this);
  try {
    static_cast<void>(write.work(unit));
  } catch (const store::Rehearsed&) {
  } catch (const std::exception&) {
    // It is run once more, for its answer.
  }
  open_kept_->is_rehearsal = false;
  return open_kept_->has_wanted;
}

// Fails only where the whole batch does; a unit's own failure is its outcome.
Result<void> Batch::RunOne(Write& write) {
  if (parts_.clock.Steady() > write.deadline) {
    outcomes_.push_back({Error{Code::kDeadlineExceeded, "DEADLINE_TOO_SHORT",
                               "the deadline passed while the request waited; "
                               "send it again with the same request_id"}});
    return {};
  }
  Open(write);
  open_kept_->has_missed = false;
  if (auto replay = Replay(write)) {
    LogAccess(write,
              replay->answer ? kReplayed : replay->answer.error().reason);
    outcomes_.push_back(std::move(*replay));
    return {};
  }
  Result<std::string> answer = RunWork(write);
  if (open_kept_->has_missed) asking_.insert(write.access.action);
  if (!answer && !savepoint_ && session_.failed()) {
    wants_care_ = true;
    refused_ = answer.error();
  }
  if (refused_) return *refused_;
  if (answer) {
    LogAccess(write, write.access.outcome);
    KeepAnswer(write, *answer);
  } else {
    if (answer.error().code == Code::kUnavailable) return answer.error();
    TRY_VOID(BackTo(mark_));
    LogAccess(write, answer.error().reason);
  }
  outcomes_.push_back({std::move(answer), false, std::move(counted_)});
  return {};
}

Result<std::string> Batch::RunWork(Write& write) {
  if (!write.work) return std::string();
  Unit unit(*this);
  Result<std::string> answer = [&]() -> Result<std::string> {
    try {
      return write.work(unit);
    } catch (const std::exception&) {
      // Its text may quote data.
      log::Fail("unit of work threw", {{"action", write.access.action}});
      return Threw();
    }
  }();
  // What the store refuses of a unit must not be laid at another's door.
  if (answer && savepoint_) TRY_VOID(Flush());
  return answer;
}

std::optional<Outcome> Batch::Replay(const Write& write) {
  if (write.request_id.empty()) return std::nullopt;
  auto kept = answers_.end();
  for (const std::string& key : KeysOf(write)) {
    if (kept == answers_.end()) kept = answers_.find({write.area, key});
  }
  if (kept == answers_.end()) return std::nullopt;
  const std::string& hash = kept->second.request_hash;
  const auto& older = write.older_hashes;
  if (hash != write.request_hash &&
      std::find(older.begin(), older.end(), hash) == older.end()) {
    return Outcome{Reused()};
  }
  // What is given again is about the same records.
  subjects_ = absl::StrSplit(kept->second.subjects, ' ', absl::SkipEmpty());
  if (!kept->second.sealed) return Outcome{kept->second.answer, true};
  return Outcome{parts_.sealer.Open(kept->second.answer, AnswerPlace(write)),
                 true};
}

void Batch::KeepAnswer(const Write& write, const std::string& answer) {
  if (write.request_id.empty()) return;
  const std::string& key = KeysOf(write).front();
  const std::string subjects = absl::StrJoin(subjects_, " ");
  kAnswers.Put(write.area,
               {.request = key,
                .request_hash = write.request_hash,
                .answer = parts_.sealer.Seal(answer, AnswerPlace(write)),
                .subjects = subjects,
                .recorded = open_head_->recorded},
               Own(kAnswers.table));
  answers_[{write.area, key}] =
      KeptAnswer{write.request_hash, answer, false, subjects};
}

void Batch::LogAccess(const Write& write, const std::string& outcome) {
  Head& head = *open_head_;
  // Each subject once, in the order touched.
  std::set<std::string> seen;
  std::erase_if(subjects_, [&](const std::string& subject) {
    return !IsSubject(subject) || !seen.insert(subject).second;
  });
  Access access = write.access;
  access.subjects = subjects_;
  access.outcome = outcome;
  head.access_entries++;
  head.access_hash = ChainLink(head.access_hash, write.area,
                               head.access_entries, head.recorded, access);
  for (const std::string& subject : subjects_) {
    Own(kAccessSubjects).Add(write.area, subject, head.access_entries);
  }
  Own(kAccessLog)
      .Add(write.area, head.access_entries, ToMicros(head.recorded),
           access.actor.agency, access.actor.system, access.actor.role,
           parts_.sealer.SealId(kPersonId, access.actor.person), access.action,
           absl::StrJoin(access.subjects, " "), access.purpose,
           access.lawful_basis, access.outcome, head.access_hash);
}

void Batch::Count(metrics::Counter counter) {
  counted_.push_back(std::move(counter));
}

std::int64_t Batch::Record(Event event) {
  if (open_kept_->is_rehearsal) throw store::Rehearsed();
  Head& head = *open_head_;
  head.position++;
  head.journal_hash = JournalLink(head.journal_hash, write_->area,
                                  head.position, head.recorded, event);
  Own(kJournal).Add(write_->area, head.position, event.kind,
                    absl::Base64Escape(event.body), ToMicros(event.happened),
                    ToMicros(head.recorded), head.journal_hash);
  return head.position;
}

store::Rows& Batch::Staged(const store::Table& table) {
  return RowsOf(staged_, table);
}

store::Rows& Batch::Own(const store::Table& table) {
  return RowsOf(own_, table);
}

// The first direct statement of a unit sends what earlier units staged, sets a
// savepoint, then sends the unit's own rows: so that going back to the
// savepoint undoes this unit alone. The savepoint before is given up with it,
// in one round trip.
Result<store::Session*> Batch::Direct() {
  if (!savepoint_) {
    TRY_VOID(SendEarlier());
    TRY_VOID(session_.Run(savepoint_stands_
                              ? "release savepoint unit; savepoint unit"
                              : "savepoint unit"));
    savepoint_ = savepoint_stands_ = true;
  }
  TRY_VOID(Flush());
  return &session_;
}

Result<store::Session*> Batch::ForQuery(const store::Asked& asked) {
  if (careful_ && session_.engine() == store::Engine::kPostgres) {
    return Direct();
  }
  bool earlier = false;
  for (std::size_t i = 0; i < staged_.size(); i++) {
    const std::size_t begun = EarlierRows(i);
    if (MayFind(asked, staged_[i], begun, staged_[i].size())) return Direct();
    earlier = earlier || MayFind(asked, staged_[i], 0, begun);
  }
  if (earlier) TRY_VOID(SendEarlier());
  return &session_;
}

Result<void> Batch::Settle(const store::Table& change) {
  using Kind = store::Table::Kind;
  const std::size_t last = Staged(change).size() - 1;
  for (std::size_t i = 0; i < staged_.size(); i++) {
    store::Rows& rows = Staged(change);
    store::Rows& others = staged_[i];
    const bool is_of_table = &others.table().of() == &change.of();
    const bool passes =
        change.kind == Kind::kUpdate && others.table().kind != Kind::kUpdate;
    if (!is_of_table || passes) continue;
    for (std::size_t row = 0; row < others.size(); row++) {
      if (&others == &rows && row == last) continue;
      if (!others.BeginAlike(row, rows, last, change.keys)) continue;
      const bool is_own = row >= EarlierRows(i);
      if (change.kind == Kind::kUpdate && &others == &rows && is_own) {
        rows.Erase(row);  // the later one says all of it
        return {};
      }
      store::Rows later = rows.SplitFrom(last);
      TRY_VOID(Direct());
      Staged(change).Append(std::move(later));
      return {};
    }
  }
  return {};
}

// Sends what earlier units staged and keeps this unit's own rows staged.
Result<void> Batch::SendEarlier() {
  std::vector<store::Rows> own;
  for (std::size_t i = 0; i < staged_.size(); i++) {
    own.push_back(staged_[i].SplitFrom(EarlierRows(i)));
  }
  if (auto flushed = Flush(); !flushed) {
    refused_ = flushed.error();
    return flushed.error();
  }
  mark_.rows.assign(staged_.size(), 0);
  for (store::Rows& rows : own) Staged(rows.table()).Append(std::move(rows));
  return {};
}

std::size_t Batch::EarlierRows(std::size_t i) const {
  return i < mark_.rows.size() ? mark_.rows[i] : 0;
}

Batch::Mark Batch::TakeMark() const {
  return {Sizes(staged_), Sizes(own_), *open_head_};
}

Result<void> Batch::BackTo(const Mark& mark) {
  if (savepoint_) TRY_VOID(session_.Run("rollback to savepoint unit"));
  // What it changed may be kept.
  if (savepoint_ || Sizes(staged_) != mark.rows) open_kept_->Clear();
  Truncate(staged_, mark.rows);
  Truncate(own_, mark.own);
  *open_head_ = mark.head;
  return {};
}

Result<void> Batch::Flush() {
  using Kind = store::Table::Kind;
  const auto place = [](const store::Rows& rows) {
    const Kind kind = rows.table().kind;
    return kind == Kind::kDelete ? 0 : kind == Kind::kInsert ? 1 : 2;
  };
  std::stable_sort(staged_.begin(), staged_.end(),
                   [&](const store::Rows& one, const store::Rows& other) {
                     return place(one) < place(other);
                   });
  TRY_VOID(session_.SendAll(staged_));
  for (store::Rows& rows : staged_) {
    sent_ += rows.size();
    rows.Clear();
  }
  return {};
}

bool Batch::IsFull() const {
  std::size_t rows = sent_;
  for (const store::Rows& staged : staged_) rows += staged.size();
  for (const store::Rows& own : own_) rows += own.size();
  return rows >= settings_.batch_rows ||
         parts_.clock.Steady() - since_ >= settings_.batch_time;
}

Result<void> Batch::WriteHeads() {
  return store::Try([&] {
    for (const auto& [area, head] : heads_) {
      const long long position = head.position, entries = head.access_entries,
                      recorded = ToMicros(head.recorded);
      session_.sql() << "update heads set position = :position, "
                        "journal_hash = :journal, access_entries = :entries, "
                        "recorded_time = :time, access_hash = :hash "
                        "where area = :area",
          soci::use(position), soci::use(head.journal_hash), soci::use(entries),
          soci::use(recorded), soci::use(head.access_hash), soci::use(area);
    }
  });
}

}  // namespace seawall::ledger
