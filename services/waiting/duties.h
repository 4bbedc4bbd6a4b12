// Duties: what is owed to the family of a child who waits, and by when. Pure.
//
// The partnership's papers ask for a letter on acceptance, an update every four
// months, and a weekly risk call once a child passes 18 weeks at CAMHS; the
// national floor is contact at 12, 26 and 52 weeks. Days end with the civil
// day; an urgent presentation is answered within clock hours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/waiting/catalogue.h"
#include "services/waiting/wait.h"

namespace seawall::waiting {

struct DutyState {
  // `acceptance_letter`, `update`, `risk_call`, `urgent_answer`,
  // `expedite_review`, `contact_12_weeks`…, `transition`.
  std::string duty;
  Instant due;
  // Civil day from which it is told; before it is nobody's work yet.
  Date told_from;
  bool IsOverdue(Instant now) const { return due <= now; }
  // The day by whose end it is due.
  Date due_day() const { return CivilDate(due - std::chrono::microseconds(1)); }
};

// All that will be due to the family of a child who waits if nothing more
// happens, the first due first: what time alone will bring is in it, so that
// overdue duties can be counted by the day they are due. Nothing once the child
// has died: a letter to the family harms.
std::vector<DutyState> AllDuties(const Service& service, const History& history,
                                 std::optional<Date> birth_date);

// Those told by now; nothing for a child who waits no more.
// Contacts at 12, 26 and 52 weeks are told four weeks ahead.
std::vector<DutyState> DutiesOf(const Service& service, const History& history,
                                Instant now, std::optional<Date> birth_date);

// What an order of everyone waiting goes by.
struct Urgency {
  bool expedited = false;
  std::string risk;  // band of the risk matrix
  int risk_order = 0;
  std::string blocked_by;  // empty = nothing
  bool unavailable = false;
};
Urgency UrgencyOf(const History& history, const Catalogue& catalogue,
                  Date today);

// A child's place among everyone waiting, as texts that sort: expedited first,
// then the risk matrix, then the longest wait; `1/002/2022-09-04/W-…`.
std::string PlaceOf(const Urgency& urgency, Date start,
                    const std::string& referral_id);

}  // namespace seawall::waiting
