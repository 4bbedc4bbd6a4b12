// The rows of this service: each struct is a table of schema/*.sql, and lists
// its columns once (libs/store/row.h). What they mean is said there.
#pragma once

#include <string>

#include "libs/store/row.h"
#include "services/referrals/contact.h"
#include "services/referrals/step.h"

namespace seawall::referrals {

using store::Records;

// All of these tables, for the check of the schema.
std::vector<const store::Table*> Tables();

struct ContactRow {
  std::string contact_id;
  long long version = 1;
  State state = State::kAwaitingScreening;
  Route route = Route::kFrontDoor;
  Priority priority = Priority::kGreen;
  Channel channel = Channel::kSystem;
  std::string agency;
  std::string agency_group;
  std::string recorded_by;  // ledger::Unit::By()
  std::string source;
  std::string need;
  long long level = 0;
  Consent consent = Consent::kUnspecified;
  long long under_one = 0;
  long long police = 0;
  std::string age_band;
  Band quality_band = Band::kUnspecified;
  long long quality_score = 0;
  long long quality_maximum = 0;
  long long rubric_version = 0;
  std::string failed_criteria;  // separated by blanks
  long long received_time = 0;
  std::string received_date;
  long long recorded_time = 0;
  long long position = 0;
  long long due_time = 0;
  std::string due_date;
  std::string confirmation_due_date;
  long long confirmed_time = 0;
  long long acknowledged_time = 0;
  long long added_time = 0;
  long long confirmed_position = 0;
  Decision decision = Decision::kUnspecified;
  long long decided_time = 0;
  long long first_decided_position = 0;
  std::string episode_id;
  // What it says of the child (child_store.h): contacts with one identity say
  // the same.
  long long identity = 0;
  std::string description;  // sealed
  std::string key_hashes;
  long long key_run = 0;
};
inline const auto kContacts = store::Listed<
    &ContactRow::contact_id, &ContactRow::version, &ContactRow::state,
    &ContactRow::route, &ContactRow::priority, &ContactRow::channel,
    &ContactRow::agency, &ContactRow::agency_group, &ContactRow::recorded_by,
    &ContactRow::source, &ContactRow::need, &ContactRow::level,
    &ContactRow::consent, &ContactRow::under_one, &ContactRow::police,
    &ContactRow::age_band, &ContactRow::quality_band,
    &ContactRow::quality_score, &ContactRow::quality_maximum,
    &ContactRow::rubric_version, &ContactRow::failed_criteria,
    &ContactRow::received_time, &ContactRow::received_date,
    &ContactRow::recorded_time, &ContactRow::position, &ContactRow::due_time,
    &ContactRow::due_date, &ContactRow::confirmation_due_date,
    &ContactRow::confirmed_time, &ContactRow::acknowledged_time,
    &ContactRow::added_time, &ContactRow::confirmed_position,
    &ContactRow::decision, &ContactRow::decided_time,
    &ContactRow::first_decided_position, &ContactRow::episode_id,
    &ContactRow::identity, &ContactRow::description, &ContactRow::key_hashes,
    &ContactRow::key_run>("contacts");

struct DetailsRow {
  std::string contact_id;
  std::string sealed;
};
inline const auto kContactDetails =
    store::Listed<&DetailsRow::contact_id, &DetailsRow::sealed>(
        "contact_details");

struct DecisionRow {
  std::string contact_id;
  long long number = 0;
  Decision decision = Decision::kUnspecified;
  std::string decided_by;  // ledger::Unit::By()
  long long decided_time = 0;
  std::string decided_date;
  long long in_time = 0;
  long long recorded_time = 0;
  long long position = 0;
  std::string episode_id;
  std::string sealed;
};
inline const auto kDecisions =
    store::Listed<&DecisionRow::contact_id, &DecisionRow::number,
                  &DecisionRow::decision, &DecisionRow::decided_by,
                  &DecisionRow::decided_time, &DecisionRow::decided_date,
                  &DecisionRow::in_time, &DecisionRow::recorded_time,
                  &DecisionRow::position, &DecisionRow::episode_id,
                  &DecisionRow::sealed>("decisions", 2);

struct NoteRow {
  std::string contact_id;
  long long number = 0;
  std::string kind;
  long long noted_time = 0;
  long long position = 0;
  std::string sealed;
};
inline const auto kNotes =
    store::Listed<&NoteRow::contact_id, &NoteRow::number, &NoteRow::kind,
                  &NoteRow::noted_time, &NoteRow::position, &NoteRow::sealed>(
        "contact_notes", 2);

struct WithdrawalRow {
  std::string contact_id;
  long long position = 0;
  State state_before = State::kUnspecified;
  long long reinstated_position = 0;
};
inline const auto kWithdrawals =
    store::Listed<&WithdrawalRow::contact_id, &WithdrawalRow::position,
                  &WithdrawalRow::state_before,
                  &WithdrawalRow::reinstated_position>("withdrawals", 2);

struct EpisodeRow {
  std::string episode_id;
  std::string contact_id;
  std::string state;  // OPEN, CLOSED, WITHDRAWN
  std::string referral_date;
  std::string closed_date;
  std::string closure_reason;
  long long re_referral = 0;
  long long version = 1;
};
inline const auto kEpisodes =
    store::Listed<&EpisodeRow::episode_id, &EpisodeRow::contact_id,
                  &EpisodeRow::state, &EpisodeRow::referral_date,
                  &EpisodeRow::closed_date, &EpisodeRow::closure_reason,
                  &EpisodeRow::re_referral, &EpisodeRow::version>("episodes");

struct EpisodeFactRow {
  std::string episode_id;
  long long position = 0;
  std::string kind;  // OPENED, CLOSED, REOPENED, WITHDRAWN, MARKED
  std::string fact_date;
  long long re_referral = 0;
};
inline const auto kEpisodeFacts =
    store::Listed<&EpisodeFactRow::episode_id, &EpisodeFactRow::position,
                  &EpisodeFactRow::kind, &EpisodeFactRow::fact_date,
                  &EpisodeFactRow::re_referral>("episode_facts", 2);

// ---- who is the same child (child_store.h) ----

struct ContactKeyRow {
  long long run = 0;
  long long key_hash = 0;
  long long number = 0;
  std::string contact_id;
  long long identity = 0;
  long long received_time = 0;
  long long police = 0;
  long long said = 0;
};
inline const auto kContactKeys =
    store::Listed<&ContactKeyRow::run, &ContactKeyRow::key_hash,
                  &ContactKeyRow::number, &ContactKeyRow::contact_id,
                  &ContactKeyRow::identity, &ContactKeyRow::received_time,
                  &ContactKeyRow::police, &ContactKeyRow::said>("contact_keys",
                                                                4);

struct KeyLevelRow {
  long long level = 0;
  long long merged = 0;
  long long moved_hash = 0;
};
inline const auto kKeyLevels =
    store::Listed<&KeyLevelRow::level, &KeyLevelRow::merged,
                  &KeyLevelRow::moved_hash>("contact_key_levels");

struct SameChildRow {
  std::string contact_id;
  std::string other_contact_id;
  long long position = 0;
  bool same = false;
};
inline const auto kSameChild =
    store::Listed<&SameChildRow::contact_id, &SameChildRow::other_contact_id,
                  &SameChildRow::position, &SameChildRow::same>("same_child",
                                                                3);

// ---- a child's way (step_store.h) ----

// A step and what is kept beside it. Its day and whether it is void follow.
struct StepRow : Step {
  long long recorded_time = 0;
  long long position = 0;
  long long void_position = 0;
  std::string sealed;
};
inline const auto kSteps =
    store::TableFor<StepRow, &Step::subject_id, &Step::number, &Step::kind,
                    &Step::thing_id, &Step::about, &Step::happened,
                    &StepRow::recorded_time, &StepRow::position,
                    &StepRow::void_position, &Step::agency, &Step::recorded_by,
                    &Step::team, &Step::outcome, &Step::codes, &Step::level,
                    &Step::voice, &Step::flags, &StepRow::sealed>("steps", 2);

// A clock that runs.
struct ClockRow {
  long long due_time = 0;
  std::string subject_id;
  std::string clock;
  std::string thing_id;
  long long started_time = 0;
  std::string agencies;  // each between blanks

  bool operator==(const ClockRow&) const = default;
};
inline const auto kClocks =
    store::Listed<&ClockRow::due_time, &ClockRow::subject_id, &ClockRow::clock,
                  &ClockRow::thing_id, &ClockRow::started_time,
                  &ClockRow::agencies>("clocks", 5);

}  // namespace seawall::referrals
