#include "services/waiting/duties.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace seawall::waiting {
namespace {

using std::chrono::days;

constexpr days kToldAhead{28};
constexpr int kTransitionMonths = 6;

bool TellsFamily(const Event& event) {
  return event.kind == EventKind::kFamilyContacted &&
         (event.code == "ACCEPTANCE_LETTER" || event.code == "UPDATE" ||
          event.code == "CALL");
}

class Duty {
 public:
  Duty(const Service& service, const History& history, const Wait& wait)
      : service_(service), events_(history.in_order()), wait_(wait) {}

  void AcceptanceLetter() {
    if (service_.duties.acceptance_letter_days == 0) return;
    // Accepted again, or worse again: no day that is due moves by it.
    const auto accepted = std::find_if(
        events_.begin(), events_.end(),
        [](const Event* event) { return event->kind == EventKind::kAccepted; });
    if (accepted == events_.end()) return;
    const Date day = (*accepted)->date;
    const Event* letter =
        Last(EventKind::kFamilyContacted, "ACCEPTANCE_LETTER");
    if (letter && letter->date >= day) return;
    OnDay("acceptance_letter",
          day + days(service_.duties.acceptance_letter_days));
  }

  void Update() {
    if (service_.duties.update_months == 0) return;
    const Date told = std::max(wait_.joined, LastTold());
    OnDay("update", AddMonths(told, service_.duties.update_months));
  }

  void RiskCall() {
    const Duties& duties = service_.duties;
    if (duties.risk_call_every_days == 0) return;
    const Date passed = wait_.start + days(7 * duties.risk_call_after_weeks);
    Date last = passed;
    for (const Event* event : events_) {
      if (event->kind == EventKind::kRiskCalled &&
          event->code != "NOT_REACHED") {
        last = std::max(last, event->date);
      }
    }
    OnDay("risk_call", last + days(duties.risk_call_every_days),
          passed + days(1));
  }

  void UrgentAnswer() {
    if (service_.duties.urgent_answer_hours == 0) return;
    const Event* came = nullptr;
    for (const Event* event : events_) {
      const bool contact = event->kind == EventKind::kFamilyContacted;
      if (contact && event->code == "URGENT_PRESENTATION" && !came)
        came = event;
      if ((contact && event->code == "URGENT_ANSWER") ||
          event->attendance == Attendance::kAttended) {
        came = nullptr;
      }
    }
    if (!came) return;
    // Clock hours, not a civil day: the night the clocks change has 24 too.
    duties_.push_back(
        {"urgent_answer",
         came->happened +
             std::chrono::hours(service_.duties.urgent_answer_hours)});
  }

  void ExpediteReview() {
    const Event* asked = nullptr;
    for (const Event* event : events_) {
      const bool worse = (event->kind == EventKind::kFamilyContacted &&
                          event->code == "DETERIORATION_CALL") ||
                         (event->kind == EventKind::kRiskCalled &&
                          event->code == "DETERIORATED");
      if (worse && !asked) asked = event;
      if (event->kind == EventKind::kExpedited) asked = nullptr;
    }
    if (!asked) return;
    OnDay("expedite_review",
          asked->date + days(service_.duties.expedite_review_days));
  }

  void ContactWeeks() {
    const Date told = LastTold();
    for (const int weeks : service_.duties.contact_weeks) {
      const Date due = wait_.start + days(7 * weeks);
      if (told >= due - kToldAhead) continue;
      OnDay("contact_" + std::to_string(weeks) + "_weeks", due,
            due - kToldAhead);
    }
  }

  void Transition(std::optional<Date> birth_date) {
    if (service_.upper_age == 0 || !birth_date) return;
    const Date due =
        AddMonths(YearsOn(*birth_date, service_.upper_age), -kTransitionMonths);
    if (Last(EventKind::kFamilyContacted, "TRANSITION_PLAN")) return;
    OnDay("transition", due, due);
  }

  std::vector<DutyState> duties() && {
    std::stable_sort(
        duties_.begin(), duties_.end(),
        [](const DutyState& a, const DutyState& b) { return a.due < b.due; });
    return std::move(duties_);
  }

 private:
  // The day on which the family was told something last.
  Date LastTold() const {
    Date told = Date::min();
    for (const Event* event : events_) {
      if (TellsFamily(*event)) told = std::max(told, event->date);
    }
    return told;
  }
  const Event* Last(EventKind kind, const std::string& code = "") const {
    for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
      if ((*at)->kind == kind && (code.empty() || (*at)->code == code))
        return *at;
    }
    return nullptr;
  }
  void OnDay(std::string duty, Date day, Date told_from = Date::min()) {
    duties_.push_back({std::move(duty), EndOfDay(day), told_from});
  }

  const Service& service_;
  const std::vector<const Event*>& events_;
  const Wait& wait_;
  std::vector<DutyState> duties_;
};

}  // namespace

std::vector<DutyState> AllDuties(const Service& service, const History& history,
                                 std::optional<Date> birth_date) {
  if (history.HasDied()) return {};
  const std::vector<Wait> waits = WaitsOf(history);
  const Wait* open = OpenWait(waits);
  if (!open) return {};
  Duty duty(service, history, *open);
  duty.AcceptanceLetter();
  duty.Update();
  duty.RiskCall();
  duty.UrgentAnswer();
  duty.ExpediteReview();
  duty.ContactWeeks();
  duty.Transition(birth_date);
  return std::move(duty).duties();
}

std::vector<DutyState> DutiesOf(const Service& service, const History& history,
                                Instant now, std::optional<Date> birth_date) {
  std::vector<DutyState> told;
  const Date today = CivilDate(now);
  for (DutyState& duty : AllDuties(service, history, birth_date)) {
    if (duty.told_from <= today) told.push_back(std::move(duty));
  }
  return told;
}

Urgency UrgencyOf(const History& history, const Catalogue& catalogue,
                  Date today) {
  Urgency urgency;
  const Risk* risk = &catalogue.RiskOf(0, 0);
  for (const Event* event : history.in_order()) {
    if (event->kind == EventKind::kPrioritised) {
      risk = &catalogue.RiskOf(event->likelihood, event->impact);
    } else if (event->kind == EventKind::kExpedited) {
      urgency.expedited = event->code == "FIRST";
    } else if (event->kind == EventKind::kBlocked) {
      const bool blocks =
          event->code != "NOTHING" && (!event->until || today <= *event->until);
      urgency.blocked_by = blocks ? event->code : "";
    } else if (event->kind == EventKind::kUnavailable) {
      urgency.unavailable |= event->from.value_or(event->date) <= today &&
                             (!event->until || today <= *event->until);
    }
  }
  urgency.risk = risk->band;
  urgency.risk_order = risk->order;
  return urgency;
}

std::string PlaceOf(const Urgency& urgency, Date start,
                    const std::string& referral_id) {
  return absl::StrCat(urgency.expedited ? 0 : 1, "/",
                      absl::Dec(urgency.risk_order, absl::kZeroPad3), "/",
                      FormatDate(start), "/", referral_id);
}

}  // namespace seawall::waiting
