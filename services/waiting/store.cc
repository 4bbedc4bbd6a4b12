#include "services/waiting/store.h"

#include <algorithm>
#include <limits>
#include <set>

#include "libs/store/scan.h"

namespace seawall::waiting {
namespace {

using store::Is;
using store::OneOf;
using store::Where;
using Strings = std::vector<std::string>;

constexpr int kMostHidden = 1000;
constexpr std::int64_t kNow = std::numeric_limits<std::int64_t>::max();

// Kinds of keys of names.
constexpr char kName[] = "name";
constexpr char kNameBesideNumber[] = "name_beside_number";

// Kinds of ids that senders choose, for the sealer.
constexpr char kReference[] = "reference";
constexpr char kEventId[] = "event_id";

std::string EventPlace(const store::Records& records, const EventRow& row) {
  return seal::Place("events", records.area(),
                     row.referral_id + "/" + std::to_string(row.number));
}

// An event without what is sealed.
store::Picked<EventRow> Plain(const std::string& alias) {
  return kEvents.As(alias).Without<&EventRow::recorded_by, &EventRow::sealed>();
}

// Sets what follows from the columns, as known at a journal position. For who
// takes the row away.
EventRow&& AsKnown(EventRow& row, std::int64_t position = kNow) {
  row.date = CivilDate(row.happened);
  row.is_void = row.void_position != 0 && row.void_position <= position;
  return std::move(row);
}

// Asked of the store each time. What a unit asks for by several columns is kept
// by the first alone, of which far more may be there.
template <class Row>
Where<Row> NotKept(Where<Row> where) {
  where.holds = nullptr;
  return where;
}

Where<EventRow> OfReferral(const std::string& referral) {
  return Is<&EventRow::referral_id>(referral);
}
store::Order<EventRow> ByNumber(int limit = 0) {
  return store::By<&EventRow::referral_id, &Event::number>(limit);
}

// Calls each(EventRow&) for plain ones.
template <class Each>
Result<void> ScanPlain(const store::Records& records,
                       const Where<EventRow>& where, Each&& each) {
  return records.Scan(Plain(kEvents.table.name), kEvents, where, ByNumber(),
                      each);
}

Result<std::vector<EventRow>> ReadEvents(const store::Records& records,
                                         const Where<EventRow>& where,
                                         const store::Order<EventRow>& order) {
  std::vector<EventRow> rows;
  TRY_VOID(records.Scan(kEvents, where, order,
                        [&](EventRow& row) { rows.push_back(AsKnown(row)); }));
  return rows;
}

// `from` names waiting w, referrals r, events e, and keeps the events of a
// referral together.
Result<std::vector<WaitingReferral>> ReadWaiting(const store::Records& records,
                                                 const store::From& from) {
  std::vector<WaitingReferral> rows;
  std::vector<Event> events;
  const auto finish = [&] {
    if (!rows.empty()) rows.back().history = History(std::move(events));
    events.clear();
  };
  const auto add = [&](ReferralRow& referral, WaitingRow& row,
                       EventRow& event) {
    if (rows.empty() ||
        rows.back().referral.referral_id != referral.referral_id) {
      finish();
      rows.push_back({std::move(referral), std::move(row.place), {}});
    }
    events.push_back(AsKnown(event));
  };
  TRY_VOID(records.Read(from, add, kReferrals.As("r"),
                        store::Only<&WaitingRow::place>("w"), Plain("e")));
  finish();
  return rows;
}

Error NotFound() {
  return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
               "no such referral; register it before what happened to it"};
}

}  // namespace

std::vector<const store::Table*> Tables() {
  return {&kReferrals.table,  &kReferences.table, &kChildReferrals.table,
          &kCandidates.table, &kTransfers.table,  &kEvents.table,
          &kMovements.table,  &kWaiting.table,    &kCapacityEvents.table,
          &kForecasts.table};
}

ChildKeys Store::KeysOf(const child::Description& described) const {
  ChildKeys keys;
  const auto look = [&](const char* kind, const std::string& value,
                        std::vector<std::string>& in) {
    for (std::string& hash : sealer_.Hashes(kind, value))
      in.push_back(std::move(hash));
  };
  const bool numbered = !described.nhs_number.empty();
  for (const child::Key& key : child::KeysOf(described)) {
    if (child::IsNumber(key.kind)) {
      keys.stored.push_back(sealer_.Hash(key.kind, key.value));
      look(key.kind.c_str(), key.value, keys.numbers);
      continue;
    }
    keys.stored.push_back(
        sealer_.Hash(numbered ? kNameBesideNumber : kName, key.value));
    look(kName, key.value, keys.names);
    if (!numbered) look(kNameBesideNumber, key.value, keys.names);
  }
  return keys;
}

// ---- reading ----

Result<ReferralRow> Store::Referral(const Records& records,
                                    const std::string& id) const {
  TRY(auto found, records.Get(kReferrals, id));
  if (!found) return NotFound();
  return *std::move(found);
}

Result<ReferralRow> Store::ByReference(const Records& records,
                                       const std::string& provider,
                                       const std::string& service,
                                       const std::string& reference) const {
  TRY(const auto ids, ByReferences(records, provider, service, {reference}));
  if (ids.empty()) return NotFound();
  return Referral(records, ids.begin()->second);
}

Result<std::vector<ReferralRow>> Store::Referrals(const Records& records,
                                                  const Strings& ids) const {
  if (ids.empty()) return std::vector<ReferralRow>();
  return records.All(kReferrals, OneOf<&ReferralRow::referral_id>(ids));
}

Result<std::map<std::string, std::string>> Store::ByReferences(
    const Records& records, const std::string& provider,
    const std::string& service, const Strings& references) const {
  std::map<std::string, std::string> ids;
  std::map<std::string, std::string> opened;  // by how it is stored
  Strings stored;
  for (const std::string& reference : references) {
    for (std::string& one : sealer_.SealIds(kReference, reference)) {
      stored.push_back(one);
      opened.emplace(std::move(one), reference);
    }
  }
  if (stored.empty()) return ids;
  TRY_VOID(records.Scan(kReferences,
                        NotKept(OneOf<&ReferenceRow::reference>(stored) &&
                                Is<&ReferenceRow::provider>(provider) &&
                                Is<&ReferenceRow::service>(service)),
                        {}, [&](ReferenceRow& row) {
                          ids[opened[row.reference]] =
                              std::move(row.referral_id);
                        }));
  return ids;
}

// However many lie under a key, each provider's newest are read from its end:
// first which of them is the last that counts. The limit is no bound; it keeps
// the engines from working that out again for each row.
Result<std::multimap<std::string, std::string>> Store::OfChildren(
    const Records& records, const Strings& child_keys, const Strings& providers,
    int most) const {
  std::multimap<std::string, std::string> ids;
  if (child_keys.empty()) return ids;
  TRY_VOID(records.Read(
      {"from (select w.child_key, p.provider, (select n.referral_id from "
       "child_referrals n where n.area = ? and n.child_key = w.child_key and "
       "n.provider = p.provider order by n.referral_id desc limit 1 offset " +
           std::to_string(most - 1) +
           ") as least from each ? as w(child_key) cross join each ? as "
           "p(provider) limit 1000000000) b cross join child_referrals k where "
           "k.area = ? and k.child_key = b.child_key and k.provider = "
           "b.provider and k.referral_id >= coalesce(b.least, '')",
       {records.area(), child_keys, providers, records.area()},
       store::kFew,
       {&kChildReferrals.table}},
      [&](ChildReferralRow& row) {
        ids.emplace(std::move(row.child_key), std::move(row.referral_id));
      },
      store::Only<&ChildReferralRow::child_key, &ChildReferralRow::referral_id>(
          "k")));
  return ids;
}

Result<std::map<std::string, std::vector<Event>>> Store::OfChildEvents(
    const Records& records, const Strings& ids) const {
  std::map<std::string, std::vector<Event>> found;
  if (ids.empty()) return found;
  // Word for word as the index has it, so that it is taken.
  const Where<EventRow> of_child = {
      "(outcome = 'DIED' or kind in ('CHILD_DIED', 'SAME_CHILD', "
      "'NOT_SAME_CHILD'))"};
  TRY_VOID(ScanPlain(
      records, OneOf<&EventRow::referral_id>(ids) && of_child,
      [&](EventRow& row) { found[row.referral_id].push_back(AsKnown(row)); }));
  return found;
}

Result<std::map<std::string, Recorded>> Store::EventsOf(
    const Records& records, const Strings& ids,
    const Strings& event_ids) const {
  std::map<std::string, Recorded> found;
  if (ids.empty()) return found;
  TRY_VOID(ScanPlain(records, OneOf<&EventRow::referral_id>(ids),
                     [&](EventRow& row) {
                       found[row.referral_id].events.push_back(AsKnown(row));
                     }));
  // Few of them are there already.
  const std::set<std::string> wanted(event_ids.begin(), event_ids.end());
  Strings again;
  Strings known;  // as they are stored, one or more
  for (auto& [id, recorded] : found) {
    bool has = false;
    for (Event& one : recorded.events) {
      std::string as_stored = one.event_id;
      TRY(one.event_id, sealer_.RenewId(kEventId, one.event_id));
      if (one.is_void || wanted.count(one.event_id) == 0) continue;
      has = true;
      known.push_back(std::move(as_stored));
    }
    if (has) again.push_back(id);
  }
  if (again.empty()) return found;
  TRY(const auto rows,
      records.All(kEvents, NotKept(OneOf<&EventRow::referral_id>(again) &&
                                   OneOf<&Event::event_id>(known))));
  for (const EventRow& row : rows) {
    TRY(found[row.referral_id].said[row.number], OpenEvent(records, row));
  }
  return found;
}

Result<std::int64_t> Store::CountEvents(const Records& records,
                                        const Strings& ids) const {
  std::int64_t count = 0;
  if (ids.empty()) return count;
  // By their last numbers, each the end of an index.
  TRY_VOID(records.Read(
      {"from referrals r where r.area = ? and r.referral_id in ?",
       {records.area(), ids},
       store::kFew,
       {&kReferrals.table, &kEvents.table}},
      [&](const Event& last) { count += last.number; },
      store::Picked<Event>().With<&Event::number>(
          "(select max(e.number) from events e where e.area = r.area and "
          "e.referral_id = r.referral_id)")));
  return count;
}

Result<std::vector<Event>> Store::Events(const Records& records,
                                         const std::string& referral) const {
  std::vector<Event> events;
  TRY_VOID(ScanPlain(records, OfReferral(referral),
                     [&](EventRow& row) { events.push_back(AsKnown(row)); }));
  return events;
}

Result<std::vector<EventRow>> Store::Newest(const Records& records,
                                            const std::string& referral,
                                            int before, int size) const {
  const int below = before ? before : std::numeric_limits<int>::max();
  TRY(auto rows,
      ReadEvents(records,
                 OfReferral(referral) && store::Above<&Event::number>(0) &&
                     store::Below<&Event::number>(below),
                 store::Newest<&EventRow::referral_id, &Event::number>(size)));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

Result<std::vector<EventRow>> Store::Hidden(const Records& records,
                                            const std::string& referral) const {
  return ReadEvents(records,
                    OfReferral(referral) && store::Below<&Event::number>(0),
                    ByNumber(kMostHidden));
}

Result<std::map<std::string, std::string>> Store::WaitingAt(
    const Records& records, const Strings& ids) const {
  std::map<std::string, std::string> services;
  if (ids.empty()) return services;
  TRY_VOID(records.Scan(
      store::Only<&WaitingRow::referral_id, &WaitingRow::service>("waiting"),
      kWaiting, OneOf<&WaitingRow::referral_id>(ids), {},
      [&](WaitingRow& row) { services[row.referral_id] = row.service; }));
  return services;
}

Result<std::vector<TransferRow>> Store::Transfers(const Records& records,
                                                  const Strings& asking,
                                                  const Strings& from) const {
  std::vector<TransferRow> rows;
  const auto look = [&](const Where<TransferRow>& where) {
    return records.Scan(kTransfers, where, {}, [&](TransferRow& row) {
      rows.push_back(std::move(row));
    });
  };
  if (!asking.empty()) TRY_VOID(look(OneOf<&TransferRow::referral_id>(asking)));
  if (!from.empty()) TRY_VOID(look(OneOf<&TransferRow::from_id>(from)));
  return rows;
}

// ---- what is sealed ----

Result<pb::Referral> Store::Open(const rpc::Grant&, const Records& records,
                                 const ReferralRow& row) const {
  return Details(records, row);
}

Result<pb::Event> Store::Open(const rpc::Grant&, const Records& records,
                              const EventRow& row) const {
  return OpenEvent(records, row);
}

Result<std::string> Store::Reference(const rpc::Grant&,
                                     const ReferralRow& row) const {
  return sealer_.OpenId(kReference, row.reference);
}

Result<std::string> Store::RecordedBy(const rpc::Grant&,
                                      const EventRow& row) const {
  return ledger::OpenBy(sealer_, row.recorded_by);
}

std::string Store::SealReference(const std::string& reference) const {
  return sealer_.SealId(kReference, reference);
}

std::string Store::SealEventId(const std::string& id) const {
  return sealer_.SealId(kEventId, id);
}

std::string Store::SealReferral(const std::string& area, const std::string& id,
                                const pb::Referral& details) const {
  return sealer_.Seal(details.SerializeAsString(),
                      seal::Place("referrals", area, id));
}

std::string Store::SealEvent(const Records& records, const EventRow& row,
                             const pb::Event& said) const {
  pb::SealedEvent event;
  *event.mutable_said() = said;
  return sealer_.Seal(event.SerializeAsString(), EventPlace(records, row));
}

Result<pb::Referral> Store::Details(const Records& records,
                                    const ReferralRow& row) const {
  pb::Referral details;
  if (row.sealed.empty()) return details;  // erased is a valid state
  TRY(const std::string plain,
      sealer_.Open(row.sealed,
                   seal::Place("referrals", records.area(), row.referral_id)));
  details.ParseFromString(plain);
  return details;
}

Result<pb::Event> Store::OpenEvent(const Records& records,
                                   const EventRow& row) const {
  pb::SealedEvent event;
  if (row.sealed.empty()) return event.said();
  TRY(const std::string plain,
      sealer_.Open(row.sealed, EventPlace(records, row)));
  event.ParseFromString(plain);
  return event.said();
}

Result<pb::Event> Store::Said(const Records& records,
                              const std::string& referral, int number) const {
  TRY(const auto row, records.First(kEvents, OfReferral(referral) &&
                                                 Is<&Event::number>(number)));
  return row ? OpenEvent(records, *row) : pb::Event();
}

Result<std::vector<pb::Referral>> Store::Statements(
    const Records& records, const std::string& referral) const {
  const auto saying = Is<&Event::kind>(EventKind::kReferred) ||
                      Is<&Event::kind>(EventKind::kAmended);
  TRY(const auto rows, ReadEvents(records,
                                  NotKept(OfReferral(referral) && saying &&
                                          Is<&EventRow::void_position>(0)),
                                  ByNumber()));
  std::vector<pb::Referral> statements;
  for (const EventRow& row : rows) {
    TRY(const pb::Event said, OpenEvent(records, row));
    statements.push_back(said.referral());
  }
  return statements;
}

// ---- changing ----

void Store::Insert(Records& records, const ReferralRow& row,
                   const Strings& child_keys) const {
  records.Insert(kReferrals, row);
  for (const std::string& key : child_keys) {
    records.Insert(kChildReferrals, {.child_key = key,
                                     .provider = row.provider,
                                     .referral_id = row.referral_id});
  }
}

Result<void> Store::Amend(Records& records, const ReferralRow& row,
                          const Strings& child_keys) const {
  TRY_VOID((records.Update<&ReferralRow::flags, &ReferralRow::sealed>(
      kReferrals, row)));
  TRY_VOID(records.DeleteAll(
      kChildReferrals, Is<&ChildReferralRow::referral_id>(row.referral_id)));
  for (const std::string& key : child_keys) {
    records.Insert(kChildReferrals, {.child_key = key,
                                     .provider = row.provider,
                                     .referral_id = row.referral_id});
  }
  return {};
}

void Store::AddReference(Records& records, const ReferralRow& row,
                         const std::string& reference) const {
  records.Insert(kReferences, {.provider = row.provider,
                               .service = row.service,
                               .reference = SealReference(reference),
                               .referral_id = row.referral_id});
}

Result<void> Store::AddCandidates(Records& records, const std::string& referral,
                                  std::vector<CandidateRow> pairs) const {
  if (pairs.empty()) return {};
  Strings others;
  for (CandidateRow& pair : pairs) {
    others.push_back(pair.referral_id == referral ? pair.other_id
                                                  : pair.referral_id);
    if (pair.other_id < pair.referral_id)
      std::swap(pair.referral_id, pair.other_id);
  }
  std::set<std::string> noted;
  TRY_VOID(records.Scan(
      kCandidates,
      Is<&CandidateRow::referral_id>(referral) &&
          OneOf<&CandidateRow::other_id>(others),
      {}, [&](CandidateRow& row) { noted.insert(std::move(row.other_id)); }));
  TRY_VOID(records.Scan(kCandidates,
                        Is<&CandidateRow::other_id>(referral) &&
                            OneOf<&CandidateRow::referral_id>(others),
                        {}, [&](CandidateRow& row) {
                          noted.insert(std::move(row.referral_id));
                        }));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!noted.contains(others[i])) records.Insert(kCandidates, pairs[i]);
  }
  return {};
}

Result<void> Store::RemoveCandidates(Records& records,
                                     const std::string& referral,
                                     const std::string& other) const {
  auto first = Is<&CandidateRow::referral_id>(referral);
  auto second = Is<&CandidateRow::other_id>(referral);
  if (!other.empty()) {
    first = first && Is<&CandidateRow::other_id>(other);
    second = second && Is<&CandidateRow::referral_id>(other);
  }
  TRY_VOID(records.DeleteAll(kCandidates, first));
  return records.DeleteAll(kCandidates, second);
}

Result<void> Store::Void(Records& records, const std::string& referral,
                         int number, std::int64_t position) const {
  EventRow row;
  row.referral_id = referral;
  row.number = number;
  row.void_position = position;
  return records.Update<&EventRow::void_position>(kEvents, row);
}

Result<void> Store::PutTransfer(Records& records,
                                const TransferRow& row) const {
  TRY_VOID(RemoveTransfer(records, row.referral_id));
  records.Insert(kTransfers, row);
  return {};
}

Result<void> Store::RemoveTransfer(Records& records,
                                   const std::string& referral) const {
  return records.Delete(kTransfers, TransferRow{.referral_id = referral});
}

Result<std::vector<PlacedReferral>> ReferralsAfter(store::Session& writer,
                                                   const std::string& area,
                                                   const std::string& id,
                                                   std::size_t size) {
  std::vector<PlacedReferral> rows;
  TRY_VOID(store::SessionRecords(writer, area)
               .Read(
                   {"from referrals r where (r.area, r.referral_id) > (?, ?) "
                    "order by r.area, r.referral_id limit " +
                        std::to_string(size),
                    {area, id},
                    size},
                   [&](const PlacedReferral& placed, ReferralRow& row) {
                     rows.push_back({placed.area, std::move(row)});
                   },
                   store::Only<&PlacedReferral::area>("r"),
                   kReferrals.As("r")));
  return rows;
}

// ---- for counting ----

Result<void> ScanMovements(
    const store::Records& records, std::int64_t after, std::int64_t to,
    const std::function<void(const MovementRow&)>& each) {
  return records.Read(
      {"from movements m where m.area = ? and m.position > ? and m.position <= "
       "? order by m.position",
       {records.area(), after, to},
       store::kAll},
      each,
      kMovements.As("m")
          .Without<&MovementRow::number, &MovementRow::referral_id>());
}

Result<std::vector<WaitingReferral>> ScanWaiting(const store::Records& records,
                                                 const std::string& service) {
  return ReadWaiting(
      records,
      {"from waiting w join referrals r on r.area = w.area and r.referral_id = "
       "w.referral_id join events e on e.area = w.area and e.referral_id = "
       "w.referral_id where w.area = ? and w.service = ? order by "
       "w.referral_id, e.number",
       {records.area(), service},
       store::kAll});
}

Result<std::vector<WaitingReferral>> NextWaiting(const store::Records& records,
                                                 const std::string& service,
                                                 const std::string& provider,
                                                 const std::string& after,
                                                 std::size_t size) {
  return ReadWaiting(
      records,
      {"from (select area, referral_id, place from waiting where area = ? and "
       "service = ? and provider = ? and place > ? order by place limit " +
           std::to_string(size) +
           ") w cross join referrals r cross join events e where r.area = "
           "w.area and r.referral_id = w.referral_id and e.area = w.area and "
           "e.referral_id = w.referral_id order by w.place, e.number",
       {records.area(), service, provider, after},
       store::kMany});
}

Result<std::vector<Candidate>> NextCandidates(
    const store::Records& records, const std::string& provider,
    const std::pair<std::string, std::string>& after, std::size_t size) {
  std::vector<Candidate> candidates;
  store::From from = {
      "from same_child_candidates c join referrals r on r.area = c.area and "
      "r.referral_id = c.referral_id join referrals o on o.area = c.area and "
      "o.referral_id = c.other_id where c.area = ? and (c.referral_id, "
      "c.other_id) > (?, ?)",
      {records.area(), after.first, after.second}};
  if (!provider.empty()) {
    from.text += " and c.provider = ?";
    from.values.push_back(provider);
  }
  from.text +=
      " order by c.referral_id, c.other_id limit " + std::to_string(size);
  const auto place = [](const char* alias) {
    return store::Only<&ReferralRow::service, &ReferralRow::provider>(alias);
  };
  TRY_VOID(records.Read(
      from,
      [&](const CandidateRow& pair, const ReferralRow& one,
          const ReferralRow& other) {
        candidates.push_back({pair, one, other});
      },
      kCandidates.As("c"), place("r"), place("o")));
  return candidates;
}

Result<std::vector<TransferRow>> NextTransfers(const store::Records& records,
                                               const std::string& after,
                                               int size) {
  // Word for word as the index has it.
  return records.All(kTransfers,
                     Where<TransferRow>{"answer = ''"} &&
                         store::Above<&TransferRow::referral_id>(after),
                     store::By<&TransferRow::referral_id>(size));
}

Result<void> ScanEvents(const store::Records& records,
                        const std::string& service, std::int64_t position,
                        const std::function<void(const History&)>& each) {
  std::string current;
  std::vector<Event> events;
  const auto finish = [&] {
    if (!events.empty()) each(History(std::move(events)));
    events.clear();
  };
  TRY_VOID(records.Read(
      {"from referrals r join events e on e.area = r.area and e.referral_id = "
       "r.referral_id where r.area = ? and r.service = ? and e.position <= ? "
       "order by e.referral_id, e.number",
       {records.area(), service, position},
       store::kAll},
      [&](EventRow& row) {
        if (row.referral_id != current) finish();
        current = row.referral_id;
        events.push_back(AsKnown(row, position));
      },
      Plain("e")));
  finish();
  return {};
}

}  // namespace seawall::waiting
