#include "services/waiting/store.h"

#include <absl/strings/str_split.h>

#include <algorithm>

#include "libs/store/lookup.h"
#include "libs/store/scan.h"

namespace seawall::waiting {
namespace {

using store::Bind;
using store::Scan;
using store::Try;
using store::Type;

const store::Table kReferrals = {"referrals",
                                 {{"area", Type::kText},
                                  {"referral_id", Type::kText},
                                  {"provider", Type::kText},
                                  {"service", Type::kText},
                                  {"reference", Type::kText},
                                  {"flags", Type::kText},
                                  {"registered_time", Type::kInteger},
                                  {"position", Type::kInteger},
                                  {"sealed", Type::kText}}};

const store::Table kReferences = {"referral_references",
                                  {{"area", Type::kText},
                                   {"provider", Type::kText},
                                   {"service", Type::kText},
                                   {"reference", Type::kText},
                                   {"referral_id", Type::kText}}};

const store::Table kChildReferrals = {"child_referrals",
                                      {{"area", Type::kText},
                                       {"child_key", Type::kText},
                                       {"provider", Type::kText},
                                       {"referral_id", Type::kText}}};

const store::Table kEvents = {"events",
                              {{"area", Type::kText},
                               {"referral_id", Type::kText},
                               {"number", Type::kInteger},
                               {"event_id", Type::kText},
                               {"kind", Type::kText},
                               {"happened_time", Type::kInteger},
                               {"recorded_time", Type::kInteger},
                               {"position", Type::kInteger},
                               {"void_position", Type::kInteger},
                               {"recorded_by", Type::kText},
                               {"attendance", Type::kText},
                               {"outcome", Type::kText},
                               {"code", Type::kText},
                               {"from_date", Type::kText},
                               {"until_date", Type::kText},
                               {"likelihood", Type::kInteger},
                               {"impact", Type::kInteger},
                               {"corrects", Type::kInteger},
                               {"sealed", Type::kText}}};

const store::Table kMovements = {"movements",
                                 {{"area", Type::kText},
                                  {"position", Type::kInteger},
                                  {"number", Type::kInteger},
                                  {"referral_id", Type::kText},
                                  {"service", Type::kText},
                                  {"clock", Type::kText},
                                  {"joined_date", Type::kText},
                                  {"start_date", Type::kText},
                                  {"left_date", Type::kText},
                                  {"outcome", Type::kText},
                                  {"changed_by", Type::kInteger}}};

const store::Table kWaiting = {"waiting",
                               {{"area", Type::kText},
                                {"service", Type::kText},
                                {"referral_id", Type::kText},
                                {"provider", Type::kText},
                                {"clock", Type::kText},
                                {"start_date", Type::kText},
                                {"place", Type::kText}}};

// Kinds of keys of names.
constexpr char kName[] = "name";
constexpr char kNameBesideNumber[] = "name_beside_number";

constexpr char kReferralColumns[] =
    "r.referral_id, r.provider, r.service, r.reference, r.flags, r.sealed";

// Every plain column of an event, in the order of ScanEventRows.
constexpr char kEventColumns[] =
    "e.referral_id, e.number, e.event_id, e.kind, e.happened_time, "
    "e.recorded_time, e.position, e.void_position, e.attendance, e.outcome, "
    "e.code, e.from_date, e.until_date, e.likelihood, e.impact, e.corrects";

std::string Text(const std::optional<Date>& date) {
  return date ? FormatDate(*date) : "";
}

std::string EventPlace(const std::string& area, const std::string& referral,
                       int number) {
  return seal::Place("events", area, referral + "/" + std::to_string(number));
}

// Kinds of ids that senders choose, for the sealer.
constexpr char kReference[] = "reference";
constexpr char kEventId[] = "event_id";

// Calls each(ReferralRow).
template <class Each>
void ScanReferrals(soci::session& sql, const std::string& from,
                   const std::vector<Bind>& binds, Each&& each) {
  Scan<std::string, std::string, std::string, std::string, std::string,
       std::string>(
      sql, "select " + std::string(kReferralColumns) + " " + from, binds,
      [&](std::string& id, std::string& provider, std::string& service,
          std::string& reference, std::string& flags, std::string& sealed) {
        each(ReferralRow{std::move(id), std::move(provider), std::move(service),
                         std::move(reference), std::move(flags),
                         std::move(sealed)});
      },
      store::kFew);
}

// Calls each(referral_id, Event, more…). `position`: as known then.
template <class... More, class Each>
void ScanEventRows(soci::session& sql, const std::string& more,
                   const std::string& from, const std::vector<Bind>& binds,
                   std::int64_t position, std::size_t batch, Each&& each) {
  Scan<std::string, long long, std::string, std::string, long long, long long,
       long long, long long, std::string, std::string, std::string, std::string,
       std::string, long long, long long, long long, More...>(
      sql, "select " + std::string(kEventColumns) + more + " " + from, binds,
      [&](const std::string& referral, long long number,
          const std::string& event_id, const std::string& kind,
          long long happened, long long recorded, long long at,
          long long void_position, const std::string& attendance,
          const std::string& outcome, const std::string& code,
          const std::string& from_date, const std::string& until_date,
          long long likelihood, long long impact, long long corrects,
          More&... rest) {
        Event event;
        event.number = static_cast<int>(number);
        event.event_id = event_id;
        event.kind = EventKindNamed(kind);
        event.happened = FromMicros(happened);
        event.date = CivilDate(event.happened);
        event.recorded = FromMicros(recorded);
        event.position = at;
        event.is_void = void_position != 0 && void_position <= position;
        event.attendance = AttendanceNamed(attendance);
        event.outcome = OutcomeNamed(outcome);
        event.code = code;
        event.from = ParseDate(from_date);
        event.until = ParseDate(until_date);
        event.likelihood = static_cast<int>(likelihood);
        event.impact = static_cast<int>(impact);
        event.corrects = static_cast<int>(corrects);
        each(referral, std::move(event), rest...);
      },
      batch);
}

constexpr std::int64_t kNow = std::numeric_limits<std::int64_t>::max();

// `from` names waiting w, referrals r, events e, and keeps the events of a
// referral together.
Result<std::vector<WaitingRow>> ReadWaiting(store::Reader& reader,
                                            const std::string& from,
                                            const std::vector<Bind>& binds,
                                            std::size_t batch) {
  std::vector<WaitingRow> rows;
  std::vector<Event> events;
  const auto finish = [&] {
    if (!rows.empty()) rows.back().history = History(std::move(events));
    events.clear();
  };
  TRY_VOID(Try([&] {
    ScanEventRows<std::string, std::string, std::string, std::string,
                  std::string, std::string>(
        reader.sql(),
        ", r.provider, r.service, r.reference, r.flags, r.sealed, w.place",
        from, binds, kNow, batch,
        [&](const std::string& referral, Event event, std::string& provider,
            std::string& service, std::string& reference, std::string& flags,
            std::string& sealed, std::string& place) {
          if (rows.empty() || rows.back().referral.referral_id != referral) {
            finish();
            rows.push_back(
                {{referral, std::move(provider), std::move(service),
                  std::move(reference), std::move(flags), std::move(sealed)},
                 std::move(place),
                 {}});
          }
          events.push_back(std::move(event));
        });
  }));
  finish();
  return rows;
}

// Calls each(list, binds) for values of an `in` list, the area bound before
// them. A short list repeats its last one: so there are two statements of each
// kind to be kept prepared, of one value and of many.
constexpr std::size_t kTogether = 100;
constexpr std::size_t kMostHidden = 1000;
template <class Each>
void ForSlices(const std::string& area, const std::vector<std::string>& values,
               Each&& each) {
  for (std::size_t at = 0; at < values.size(); at += kTogether) {
    const std::size_t left = std::min(kTogether, values.size() - at);
    std::string list;
    std::vector<Bind> binds = {area};
    for (std::size_t i = 0; i < (left == 1 ? 1 : kTogether); ++i) {
      list += (i ? ", :v" : "(:v") + std::to_string(i);
      binds.push_back(values[at + std::min(i, left - 1)]);
    }
    each(list + ")", binds);
  }
}

// Of one referral, which the binds name with its area.
Result<std::vector<EventRow>> ReadEventRows(soci::session& sql,
                                            const std::string& which,
                                            const std::vector<Bind>& binds) {
  std::vector<EventRow> rows;
  TRY_VOID(Try([&] {
    ScanEventRows<std::string, std::string>(
        sql, ", e.recorded_by, e.sealed",
        "from events e where e.area = :area and e.referral_id = :referral " +
            which,
        binds, kNow, kTogether,
        [&](const std::string&, Event event, std::string& by,
            std::string& sealed) {
          rows.push_back({std::move(event), std::move(by), std::move(sealed)});
        });
  }));
  return rows;
}

void ScanTransfers(soci::session& sql, const std::string& which,
                   const std::vector<Bind>& binds,
                   std::vector<TransferRow>& rows) {
  Scan<std::string, std::string, std::string, std::string>(
      sql,
      "select referral_id, from_id, asked_date, answer from transfers where "
      "area = :area " +
          which,
      binds,
      [&](std::string& referral, std::string& from, std::string& asked,
          std::string& answer) {
        rows.push_back({std::move(referral), std::move(from), std::move(asked),
                        std::move(answer)});
      },
      store::kFew);
}

Error NotFound() {
  return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
               "no such referral; register it before what happened to it"};
}

Result<ReferralRow> One(soci::session& sql, const std::string& from,
                        const std::vector<Bind>& binds) {
  std::optional<ReferralRow> found;
  TRY_VOID(Try([&] {
    ScanReferrals(sql, from, binds,
                  [&](ReferralRow row) { found = std::move(row); });
  }));
  if (!found) return NotFound();
  return *std::move(found);
}

}  // namespace

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

Result<ReferralRow> Store::Referral(soci::session& sql, const std::string& area,
                                    const std::string& id) const {
  return One(sql,
             "from referrals r where r.area = :area and r.referral_id = :id",
             {area, id});
}

Result<ReferralRow> Store::ByReference(soci::session& sql,
                                       const std::string& area,
                                       const std::string& provider,
                                       const std::string& service,
                                       const std::string& reference) const {
  TRY(const auto ids, ByReferences(sql, area, provider, service, {reference}));
  if (ids.empty()) return NotFound();
  return Referral(sql, area, ids.begin()->second);
}

Result<std::vector<ReferralRow>> Store::Referrals(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::vector<ReferralRow> rows;
  TRY_VOID(Try([&] {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      ScanReferrals(
          sql,
          "from referrals r where r.area = :area and r.referral_id in " + list,
          binds, [&](ReferralRow row) { rows.push_back(std::move(row)); });
    });
  }));
  return rows;
}

Result<std::map<std::string, std::string>> Store::ByReferences(
    soci::session& sql, const std::string& area, const std::string& provider,
    const std::string& service,
    const std::vector<std::string>& references) const {
  std::map<std::string, std::string> ids;
  std::map<std::string, std::string> opened;  // by how it is stored
  std::vector<std::string> stored;
  for (const std::string& reference : references) {
    for (std::string& one : sealer_.SealIds(kReference, reference)) {
      stored.push_back(one);
      opened.emplace(std::move(one), reference);
    }
  }
  TRY_VOID(Try([&] {
    ForSlices(area, stored, [&](const std::string& list, auto binds) {
      binds.push_back(provider);
      binds.push_back(service);
      Scan<std::string, std::string>(
          sql,
          "select reference, referral_id from referral_references where area = "
          ":area and reference in " +
              list + " and provider = :provider and service = :service",
          binds,
          [&](std::string& reference, std::string& id) {
            ids[opened[reference]] = std::move(id);
          },
          store::kFew);
    });
  }));
  return ids;
}

Result<std::multimap<std::string, std::string>> Store::OfChildren(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& child_keys,
    const std::vector<std::string>& providers, int most) const {
  std::multimap<std::string, std::string> ids;
  if (child_keys.empty()) return ids;
  const bool sqlite = sql.get_backend_name() != "postgresql";
  // However many lie under a key, each provider's newest are read from its end.
  const std::string newest =
      "(select k.referral_id from child_referrals k where k.area = :area and "
      "k.child_key = w.value and k.provider = p.value order by k.referral_id "
      "desc limit " +
      std::to_string(most) + ")";
  const std::string query =
      sqlite ? "select w.value as value, (select group_concat(referral_id, ' ')"
               " from " +
                   newest +
                   ") as found from json_each(:keys) w cross join "
                   "json_each(:providers) p"
             : "select w.value as value, array_to_string(array" + newest +
                   ", ' ') as found from unnest(cast(:keys as text[])) as "
                   "w(value) cross join unnest(cast(:providers as text[])) as "
                   "p(value)";
  TRY_VOID(Try([&] {
    Scan<std::string, std::string>(
        sql,
        "select value, found from (" + query +
            ") as each_key where coalesce(found, '') <> ''",
        {area, store::ListOf(sql, child_keys), store::ListOf(sql, providers)},
        [&](const std::string& key, const std::string& found) {
          for (const auto& id : absl::StrSplit(found, ' '))
            ids.emplace(key, std::string(id));
        },
        kTogether);
  }));
  return ids;
}

Result<std::map<std::string, std::vector<Event>>> Store::OfChildEvents(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::map<std::string, std::vector<Event>> found;
  TRY_VOID(Try([&] {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      // Word for word as the index has it, so that it is taken.
      ScanEventRows<>(
          sql, "",
          "from events e where e.area = :area and e.referral_id in " + list +
              " and (outcome = 'DIED' or kind in ('CHILD_DIED', 'SAME_CHILD', "
              "'NOT_SAME_CHILD')) order by e.referral_id, e.number",
          binds, kNow, kTogether, [&](const std::string& id, Event event) {
            found[id].push_back(std::move(event));
          });
    });
  }));
  return found;
}

Result<std::map<std::string, Recorded>> Store::EventsOf(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids,
    const std::vector<std::string>& event_ids) const {
  std::map<std::string, Recorded> found;
  std::map<std::string, std::map<int, std::string>> sealed;
  TRY_VOID(Try([&] {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      ScanEventRows<>(
          sql, "",
          "from events e where e.area = :area and e.referral_id in " + list +
              " order by e.referral_id, e.number",
          binds, kNow, kTogether, [&](const std::string& id, Event event) {
            found[id].events.push_back(std::move(event));
          });
    });
  }));
  // Few of them are there already.
  const std::set<std::string> wanted(event_ids.begin(), event_ids.end());
  std::vector<std::string> again;
  std::vector<std::string> known;  // as they are stored, one or more
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
  TRY_VOID(Try([&] {
    ForSlices(area, again, [&](const std::string& list, auto binds) {
      std::string named;
      for (std::size_t i = 0; i < std::max(kTogether, known.size()); ++i) {
        named += (i ? ", :e" : "(:e") + std::to_string(i);
        binds.push_back(known[std::min(i, known.size() - 1)]);
      }
      Scan<std::string, long long, std::string>(
          sql,
          "select referral_id, number, sealed from events where area = :area "
          "and referral_id in " +
              list + " and event_id in " + named + ")",
          binds,
          [&](std::string& id, long long number, std::string& text) {
            sealed[id][static_cast<int>(number)] = std::move(text);
          },
          kTogether);
    });
  }));
  for (const auto& [id, texts] : sealed) {
    for (const auto& [number, text] : texts) {
      TRY(found[id].said[number], OpenEvent(area, id, number, text));
    }
  }
  return found;
}

Result<std::int64_t> Store::CountEvents(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::int64_t count = 0;
  TRY_VOID(Try([&] {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      // By their last numbers, each the end of an index.
      Scan<long long>(
          sql,
          "select (select max(e.number) from events e where e.area = r.area "
          "and e.referral_id = r.referral_id) from referrals r where r.area = "
          ":area and r.referral_id in " +
              list,
          binds, [&](long long last) { count += last; }, kTogether);
    });
  }));
  return count;
}

Result<std::vector<Event>> Store::Events(soci::session& sql,
                                         const std::string& area,
                                         const std::string& referral) const {
  std::vector<Event> events;
  TRY_VOID(Try([&] {
    ScanEventRows<>(sql, "",
                    "from events e where e.area = :area and e.referral_id = "
                    ":referral order by e.number",
                    {area, referral}, kNow, kTogether,
                    [&](const std::string&, Event event) {
                      events.push_back(std::move(event));
                    });
  }));
  return events;
}

Result<std::vector<EventRow>> Store::Newest(soci::session& sql,
                                            const std::string& area,
                                            const std::string& referral,
                                            int before, int size) const {
  const long long below =
      before ? before : std::numeric_limits<long long>::max();
  TRY(auto rows, ReadEventRows(sql,
                               "and e.number > 0 and e.number < :below order "
                               "by e.number desc limit " +
                                   std::to_string(size),
                               {area, referral, below}));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

Result<std::vector<EventRow>> Store::Hidden(soci::session& sql,
                                            const std::string& area,
                                            const std::string& referral) const {
  return ReadEventRows(
      sql,
      "and e.number < 0 order by e.number limit " + std::to_string(kMostHidden),
      {area, referral});
}

Result<std::map<std::string, std::string>> Store::WaitingAt(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::map<std::string, std::string> services;
  TRY_VOID(Try([&] {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      Scan<std::string, std::string>(
          sql,
          "select referral_id, service from waiting where area = :area and "
          "referral_id in " +
              list,
          binds,
          [&](const std::string& id, const std::string& service) {
            services[id] = service;
          },
          store::kFew);
    });
  }));
  return services;
}

Result<std::vector<TransferRow>> Store::Transfers(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& asking,
    const std::vector<std::string>& from) const {
  std::vector<TransferRow> rows;
  const auto look = [&](const char* column, const auto& ids) {
    ForSlices(area, ids, [&](const std::string& list, const auto& binds) {
      ScanTransfers(sql, "and " + std::string(column) + " in " + list, binds,
                    rows);
    });
  };
  TRY_VOID(Try([&] {
    look("referral_id", asking);
    look("from_id", from);
  }));
  return rows;
}

Result<void> Store::PutTransfer(soci::session& sql, const std::string& area,
                                const TransferRow& row) const {
  TRY_VOID(RemoveTransfer(sql, area, row.referral_id));
  return Try([&] {
    sql << "insert into transfers (area, referral_id, from_id, asked_date, "
           "answer) values (:area, :referral, :from, :asked, :answer)",
        soci::use(area), soci::use(row.referral_id), soci::use(row.from_id),
        soci::use(row.asked_date), soci::use(row.answer);
  });
}

Result<void> Store::RemoveTransfer(soci::session& sql, const std::string& area,
                                   const std::string& referral) const {
  return Try([&] {
    sql << "delete from transfers where area = :area and referral_id = "
           ":referral",
        soci::use(area), soci::use(referral);
  });
}

Result<pb::Referral> Store::Open(const rpc::Grant&, const std::string& area,
                                 const ReferralRow& row) const {
  return Details(area, row);
}

Result<pb::Event> Store::Open(const rpc::Grant&, const std::string& area,
                              const std::string& referral,
                              const EventRow& row) const {
  return OpenEvent(area, referral, row.event.number, row.sealed);
}

Result<std::string> Store::Reference(const rpc::Grant&,
                                     const ReferralRow& row) const {
  return sealer_.OpenId(kReference, row.reference);
}

std::string Store::SealReference(const std::string& reference) const {
  return sealer_.SealId(kReference, reference);
}

std::string Store::SealEventId(const std::string& id) const {
  return sealer_.SealId(kEventId, id);
}

Result<std::string> Store::RecordedBy(const rpc::Grant&,
                                      const EventRow& row) const {
  return ledger::OpenBy(sealer_, row.recorded_by);
}

Result<pb::Referral> Store::Details(const std::string& area,
                                    const ReferralRow& row) const {
  pb::Referral details;
  if (row.sealed.empty()) return details;  // erased is a valid state
  TRY(const std::string plain,
      sealer_.Open(row.sealed,
                   seal::Place("referrals", area, row.referral_id)));
  details.ParseFromString(plain);
  return details;
}

Result<pb::Event> Store::OpenEvent(const std::string& area,
                                   const std::string& referral, int number,
                                   const std::string& sealed) const {
  pb::SealedEvent event;
  if (sealed.empty()) return event.said();
  TRY(const std::string plain,
      sealer_.Open(sealed, EventPlace(area, referral, number)));
  event.ParseFromString(plain);
  return event.said();
}

Result<pb::Event> Store::Said(soci::session& sql, const std::string& area,
                              const std::string& referral, int number) const {
  std::string sealed;
  TRY_VOID(Try([&] {
    Scan<std::string>(
        sql,
        "select sealed from events where area = :area and referral_id = "
        ":referral and number = :number",
        {area, referral, (long long)number},
        [&](std::string& text) { sealed = std::move(text); }, store::kFew);
  }));
  return OpenEvent(area, referral, number, sealed);
}

Result<std::vector<pb::Referral>> Store::Statements(
    soci::session& sql, const std::string& area,
    const std::string& referral) const {
  std::vector<std::pair<int, std::string>> rows;
  TRY_VOID(Try([&] {
    Scan<long long, std::string>(
        sql,
        "select number, sealed from events where area = :area and referral_id "
        "= :referral and kind in ('REFERRED', 'AMENDED') and void_position = 0 "
        "order by number",
        {area, referral},
        [&](long long number, std::string& sealed) {
          rows.emplace_back(static_cast<int>(number), std::move(sealed));
        },
        kTogether);
  }));
  std::vector<pb::Referral> statements;
  for (const auto& [number, sealed] : rows) {
    TRY(const pb::Event said, OpenEvent(area, referral, number, sealed));
    statements.push_back(said.referral());
  }
  return statements;
}

void Store::Insert(ledger::Unit& unit, const ReferralRow& row,
                   std::int64_t position,
                   const std::vector<std::string>& child_keys) const {
  unit.Insert(kReferrals, unit.area(), row.referral_id, row.provider,
              row.service, row.reference, row.flags, ToMicros(unit.now()),
              position, row.sealed);
  for (const std::string& key : child_keys) {
    unit.Insert(kChildReferrals, unit.area(), key, row.provider,
                row.referral_id);
  }
}

Result<void> Store::Amend(soci::session& sql, const std::string& area,
                          const ReferralRow& row,
                          const std::vector<std::string>& child_keys) const {
  return Try([&] {
    sql << "update referrals set flags = :flags, sealed = :sealed where area = "
           ":area and referral_id = :referral",
        soci::use(row.flags), soci::use(row.sealed), soci::use(area),
        soci::use(row.referral_id);
    sql << "delete from child_referrals where area = :area and referral_id = "
           ":referral",
        soci::use(area), soci::use(row.referral_id);
    for (const std::string& key : child_keys) {
      sql << "insert into child_referrals (area, child_key, provider, "
             "referral_id) values (:area, :child, :provider, :referral)",
          soci::use(area), soci::use(key), soci::use(row.provider),
          soci::use(row.referral_id);
    }
  });
}

Result<std::vector<std::pair<std::string, ReferralRow>>> Store::ReferralsAfter(
    soci::session& sql, const std::string& area, const std::string& id,
    std::size_t size) const {
  std::vector<std::pair<std::string, ReferralRow>> rows;
  TRY_VOID(Try([&] {
    Scan<std::string, std::string, std::string, std::string, std::string>(
        sql,
        "select area, referral_id, provider, flags, sealed from referrals "
        "where (area, referral_id) > (:area, :id) order by area, referral_id "
        "limit " +
            std::to_string(size),
        {area, id},
        [&](std::string& of, std::string& referral, std::string& provider,
            std::string& flags, std::string& sealed) {
          ReferralRow row;
          row.referral_id = std::move(referral);
          row.provider = std::move(provider);
          row.flags = std::move(flags);
          row.sealed = std::move(sealed);
          rows.emplace_back(std::move(of), std::move(row));
        },
        size);
  }));
  return rows;
}

Result<void> Store::AddCandidate(soci::session& sql, const std::string& area,
                                 const Candidate& candidate) const {
  const auto [one, other] =
      std::minmax(candidate.referral_id, candidate.other_id);
  const std::string lesser = one, greater = other;
  return Try([&] {
    sql << "insert into same_child_candidates (area, referral_id, other_id, "
           "provider, agrees, differs) values (:area, :one, :other, :provider, "
           ":agrees, :differs) on conflict do nothing",
        soci::use(area), soci::use(lesser), soci::use(greater),
        soci::use(candidate.provider), soci::use(candidate.agrees),
        soci::use(candidate.differs);
  });
}

Result<void> Store::RemoveCandidates(soci::session& sql,
                                     const std::string& area,
                                     const std::string& referral,
                                     const std::string& other) const {
  return Try([&] {
    for (const char* column : {"referral_id", "other_id"}) {
      const bool first = std::string(column) == "referral_id";
      if (other.empty()) {
        sql << "delete from same_child_candidates where area = :area and " +
                   std::string(column) + " = :referral",
            soci::use(area), soci::use(referral);
        continue;
      }
      sql << "delete from same_child_candidates where area = :area and "
             "referral_id = :one and other_id = :other",
          soci::use(area), soci::use(first ? referral : other),
          soci::use(first ? other : referral);
    }
  });
}

void Store::AddReference(ledger::Unit& unit, const ReferralRow& row,
                         const std::string& reference) const {
  unit.Insert(kReferences, unit.area(), row.provider, row.service,
              SealReference(reference), row.referral_id);
}

void Store::AddEvent(ledger::Unit& unit, const std::string& referral,
                     const Event& event, const std::string& recorded_by,
                     const std::string& sealed) const {
  unit.Insert(
      kEvents, unit.area(), referral, static_cast<std::int64_t>(event.number),
      event.event_id, Name(event.kind), ToMicros(event.happened),
      ToMicros(unit.now()), event.position, std::int64_t{0}, recorded_by,
      Name(event.attendance), Name(event.outcome), event.code, Text(event.from),
      Text(event.until), static_cast<std::int64_t>(event.likelihood),
      static_cast<std::int64_t>(event.impact),
      static_cast<std::int64_t>(event.corrects), sealed);
}

Result<void> Store::Void(soci::session& sql, const std::string& area,
                         const std::string& referral, int number,
                         std::int64_t position) const {
  const long long at = position, which = number;
  return Try([&] {
    sql << "update events set void_position = :position where area = :area and "
           "referral_id = :referral and number = :number",
        soci::use(at), soci::use(area), soci::use(referral), soci::use(which);
  });
}

void Store::AddMovement(ledger::Unit& unit, const ReferralRow& row,
                        const Wait& wait, std::int64_t position, int number,
                        int by) const {
  unit.Insert(kMovements, unit.area(), position,
              static_cast<std::int64_t>(number), row.referral_id, row.service,
              wait.clock, FormatDate(wait.joined), FormatDate(wait.start),
              Text(wait.left), Name(wait.outcome),
              static_cast<std::int64_t>(by));
}

void Store::AddWaiting(ledger::Unit& unit, const ReferralRow& row,
                       const Wait& wait, const std::string& place) const {
  unit.Insert(kWaiting, unit.area(), row.service, row.referral_id, row.provider,
              wait.clock, FormatDate(wait.start), place);
}

Result<void> Store::RemoveWaiting(soci::session& sql, const std::string& area,
                                  const ReferralRow& row) const {
  return Try([&] {
    sql << "delete from waiting where area = :area and service = :service and "
           "referral_id = :referral",
        soci::use(area), soci::use(row.service), soci::use(row.referral_id);
  });
}

std::string Store::SealReferral(const std::string& area, const std::string& id,
                                const pb::Referral& details) const {
  return sealer_.Seal(details.SerializeAsString(),
                      seal::Place("referrals", area, id));
}

std::string Store::SealEvent(const std::string& area,
                             const std::string& referral, int number,
                             const pb::Event& said) const {
  pb::SealedEvent event;
  *event.mutable_said() = said;
  return sealer_.Seal(event.SerializeAsString(),
                      EventPlace(area, referral, number));
}

Result<void> ScanMovements(
    store::Reader& reader, const std::string& area, std::int64_t after,
    std::int64_t to, const std::function<void(const MovementRow&)>& each) {
  return Try([&] {
    MovementRow row;
    Scan<long long, std::string, std::string, std::string, std::string,
         std::string, std::string, long long>(
        reader.sql(),
        "select position, service, clock, joined_date, start_date, left_date, "
        "outcome, changed_by from movements where area = :area and position > "
        ":after and position <= :to order by position",
        {area, (long long)after, (long long)to},
        [&](long long position, const std::string& service,
            const std::string& clock, const std::string& joined,
            const std::string& start, const std::string& left,
            const std::string& outcome, long long by) {
          row.position = position;
          row.service = service;
          row.wait.clock = clock;
          row.wait.joined = ParseDate(joined).value_or(Date());
          row.wait.start = ParseDate(start).value_or(Date());
          row.wait.left = left.empty() ? std::nullopt : ParseDate(left);
          row.wait.outcome = OutcomeNamed(outcome);
          row.by = static_cast<int>(by);
          each(row);
        },
        store::kAll);
  });
}

Result<std::vector<WaitingRow>> ScanWaiting(store::Reader& reader,
                                            const std::string& area,
                                            const std::string& service) {
  return ReadWaiting(reader,
                     "from waiting w join referrals r on r.area = w.area and "
                     "r.referral_id = w.referral_id join events e on e.area = "
                     "w.area and e.referral_id = w.referral_id where w.area = "
                     ":area and w.service = :service order by w.referral_id, "
                     "e.number",
                     {area, service}, store::kAll);
}

Result<std::vector<WaitingRow>> NextWaiting(
    store::Reader& reader, const std::string& area, const std::string& service,
    const std::string& provider, const std::string& after, std::size_t size) {
  return ReadWaiting(
      reader,
      "from (select area, referral_id, place from waiting where area = :area "
      "and service = :service and provider = :provider and place > :after "
      "order by place limit " +
          std::to_string(size) +
          ") w cross join referrals r cross join events e where r.area = "
          "w.area and r.referral_id = w.referral_id and e.area = w.area and "
          "e.referral_id = w.referral_id order by w.place, e.number",
      {area, service, provider, after}, store::kMany);
}

Result<std::vector<Candidate>> NextCandidates(
    store::Reader& reader, const std::string& area, const std::string& provider,
    const std::pair<std::string, std::string>& after, std::size_t size) {
  std::vector<Candidate> candidates;
  std::vector<Bind> binds = {area, after.first, after.second};
  if (!provider.empty()) binds.push_back(provider);
  TRY_VOID(Try([&] {
    Scan<std::string, std::string, std::string, std::string, std::string,
         std::string, std::string, std::string>(
        reader.sql(),
        "select c.referral_id, c.other_id, c.agrees, c.differs, r.service, "
        "r.provider, o.service, o.provider from same_child_candidates c join "
        "referrals r on r.area = c.area and r.referral_id = c.referral_id join "
        "referrals o on o.area = c.area and o.referral_id = c.other_id where "
        "c.area = :area and (c.referral_id, c.other_id) > (:one, :other)" +
            std::string(provider.empty() ? "" : " and c.provider = :provider") +
            " order by c.referral_id, c.other_id limit " + std::to_string(size),
        binds,
        [&](std::string& id, std::string& other, std::string& agrees,
            std::string& differs, std::string& service, std::string& of,
            std::string& other_service, std::string& other_of) {
          candidates.push_back({std::move(id), std::move(other),
                                std::move(agrees), std::move(differs),
                                std::move(service), std::move(of),
                                std::move(other_service), std::move(other_of)});
        },
        kTogether);
  }));
  return candidates;
}

Result<std::vector<TransferRow>> NextTransfers(store::Reader& reader,
                                               const std::string& area,
                                               const std::string& after,
                                               std::size_t size) {
  std::vector<TransferRow> rows;
  TRY_VOID(Try([&] {
    ScanTransfers(reader.sql(),
                  "and answer = '' and referral_id > :after order by "
                  "referral_id limit " +
                      std::to_string(size),
                  {area, after}, rows);
  }));
  return rows;
}

Result<void> ScanEvents(store::Reader& reader, const std::string& area,
                        const std::string& service, std::int64_t position,
                        const std::function<void(const History&)>& each) {
  std::string current;
  std::vector<Event> events;
  TRY_VOID(Try([&] {
    ScanEventRows<>(
        reader.sql(), "",
        "from referrals r join events e on e.area = r.area and e.referral_id = "
        "r.referral_id where r.area = :area and r.service = :service and "
        "e.position <= :position order by e.referral_id, e.number",
        {area, service, (long long)position}, position, store::kAll,
        [&](const std::string& referral, Event event) {
          if (referral != current) {
            if (!events.empty()) each(History(std::move(events)));
            events.clear();
            current = referral;
          }
          events.push_back(std::move(event));
        });
    if (!events.empty()) each(History(std::move(events)));
  }));
  return {};
}

}  // namespace seawall::waiting
