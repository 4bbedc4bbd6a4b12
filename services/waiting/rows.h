// The rows of this service: each struct is a table of schema/*.sql, and lists
// its columns once (libs/store/row.h). What they mean is said there.
#pragma once

#include <string>
#include <vector>

#include "libs/store/row.h"
#include "services/waiting/event.h"
#include "services/waiting/wait.h"

namespace seawall::waiting {

struct ReferralRow {
  std::string referral_id;
  std::string provider;
  std::string service;
  std::string reference;  // Store::SealReference()
  std::vector<std::string> flags;
  Instant registered;
  std::int64_t position = 0;
  std::string sealed;
};
inline const auto kReferrals =
    store::Listed<&ReferralRow::referral_id, &ReferralRow::provider,
                  &ReferralRow::service, &ReferralRow::reference,
                  &ReferralRow::flags, &ReferralRow::registered,
                  &ReferralRow::position, &ReferralRow::sealed>("referrals");

struct ReferenceRow {
  std::string provider;
  std::string service;
  std::string reference;  // Store::SealReference()
  std::string referral_id;
};
inline const auto kReferences =
    store::Listed<&ReferenceRow::provider, &ReferenceRow::service,
                  &ReferenceRow::reference, &ReferenceRow::referral_id>(
        "referral_references", 3);

struct ChildReferralRow {
  std::string child_key;
  std::string provider;
  std::string referral_id;
};
inline const auto kChildReferrals =
    store::Listed<&ChildReferralRow::child_key, &ChildReferralRow::provider,
                  &ChildReferralRow::referral_id>("child_referrals", 3);

// Two referrals that may be of the same child; referral_id is the lesser.
struct CandidateRow {
  std::string referral_id;
  std::string other_id;
  std::string provider;  // of both, empty where they are of two
  std::vector<std::string> agrees, differs;
};
inline const auto kCandidates =
    store::Listed<&CandidateRow::referral_id, &CandidateRow::other_id,
                  &CandidateRow::provider, &CandidateRow::agrees,
                  &CandidateRow::differs>("same_child_candidates", 2);

// A transfer from another provider, as a referral asks for it.
struct TransferRow {
  std::string referral_id;
  std::string from_id;  // empty where what was named is no id of ours
  Date asked;
  std::string answer;  // GIVEN, REFUSED; empty while it is open
};
inline const auto kTransfers =
    store::Listed<&TransferRow::referral_id, &TransferRow::from_id,
                  &TransferRow::asked, &TransferRow::answer>("transfers");

// An event and what is kept beside it. Its day and whether it is void follow.
struct EventRow : Event {
  std::string referral_id;
  std::int64_t void_position = 0;
  std::string recorded_by;  // ledger::Unit::By()
  std::string sealed;
};
inline const auto kEvents = store::TableFor<
    EventRow, &EventRow::referral_id, &Event::number, &Event::event_id,
    &Event::kind, &Event::happened, &Event::recorded, &Event::position,
    &EventRow::void_position, &EventRow::recorded_by, &Event::attendance,
    &Event::outcome, &Event::code, &Event::from, &Event::until,
    &Event::likelihood, &Event::impact, &Event::corrects, &EventRow::sealed>(
    "events", 2);

// A change of the lists: a wait that is so from a journal position on (by 1),
// or is so no longer (-1).
struct MovementRow : Wait {
  std::int64_t position = 0;
  int number = 0;
  std::string referral_id;
  std::string service;
  int changed_by = 1;
};
inline const auto kMovements =
    store::TableFor<MovementRow, &MovementRow::position, &MovementRow::number,
                    &MovementRow::referral_id, &MovementRow::service,
                    &Wait::clock, &Wait::joined, &Wait::start, &Wait::left,
                    &Wait::outcome, &MovementRow::changed_by>("movements", 2);

// An open wait and its place on the worklist.
struct WaitingRow {
  std::string service;
  std::string referral_id;
  std::string provider;
  std::string clock;
  Date start;
  std::string place;  // PlaceOf()
};
inline const auto kWaiting =
    store::Listed<&WaitingRow::service, &WaitingRow::referral_id,
                  &WaitingRow::provider, &WaitingRow::clock, &WaitingRow::start,
                  &WaitingRow::place>("waiting", 2);

// ---- capacity and forecasts (forecast_store.h) ----

struct CapacityEventRow {
  std::int64_t position = 0;
  std::string service;
  std::string provider;
  std::string kind;
  std::string from_date, until_date;
  int appointments_per_week = 0;
};
inline const auto kCapacityEvents =
    store::Listed<&CapacityEventRow::position, &CapacityEventRow::service,
                  &CapacityEventRow::provider, &CapacityEventRow::kind,
                  &CapacityEventRow::from_date, &CapacityEventRow::until_date,
                  &CapacityEventRow::appointments_per_week>("capacity_events");

struct ForecastRow {
  std::string forecast_id;
  std::string service;
  std::string agency;  // that asked for it
  std::int64_t position = 0;
  std::string asked;  // AskedOf()
  std::string made;   // MadeOf(); empty until it is
};
inline const auto kForecasts =
    store::Listed<&ForecastRow::forecast_id, &ForecastRow::service,
                  &ForecastRow::agency, &ForecastRow::position,
                  &ForecastRow::asked, &ForecastRow::made>("forecasts");

}  // namespace seawall::waiting
