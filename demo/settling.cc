#include "demo/settling.h"

#include <algorithm>

namespace seawall::demo {
namespace {

class Settling {
 public:
  Settling(Random& random, Plan& plan) : random_(random), plan_(plan) {}
  void Run();

 private:
  Outcome OtherOutcome(const PlannedForm& form, bool open_episode);
  void SettleNeeds();
  void FindIncidents();
  bool NeedsTriage(const PlannedForm& form,
                   const PlannedContact& contact) const;

  Random& random_;
  Plan& plan_;
  // Police reports of each child that has a number.
  std::map<int, std::vector<Instant>> incidents_;
};

// Whatever is no referral. A child with an open episode: news that joins it.
void Settling::Run() {
  std::map<int, std::vector<std::pair<Instant, std::optional<Date>>>> episodes;
  for (const PlannedForm& form : plan_.year) {
    for (const PlannedContact& contact : form.contacts) {
      if (contact.outcome == Outcome::kReferral &&
          contact.number == Number::kRight) {
        episodes[contact.child].emplace_back(*contact.decided, contact.closed);
      }
    }
  }
  for (PlannedForm& form : plan_.year) {
    for (PlannedContact& contact : form.contacts) {
      if (!contact.decided || contact.outcome == Outcome::kReferral) continue;
      bool open = false;
      if (contact.number == Number::kRight) {
        for (const auto& [opened, closed] : episodes[contact.child]) {
          open |= opened < *contact.decided &&
                  (!closed || CivilDate(*contact.decided) <= *closed);
        }
      }
      contact.outcome = OtherOutcome(form, open);
    }
  }
  SettleNeeds();
}

Outcome Settling::OtherOutcome(const PlannedForm& form, bool open_episode) {
  if (open_episode && !form.to_hub() && random_.Percent(85)) {
    return Outcome::kJoinsOpenEpisode;
  }
  constexpr std::array kFrontDoor = {44, 34, 22};
  constexpr std::array kHub = {21, 32, 47};
  constexpr std::array kOutcomes = {Outcome::kNoFurtherAction,
                                    Outcome::kInformationAndAdvice,
                                    Outcome::kEarlyHelp};
  return kOutcomes[random_.Weighted(form.to_hub() ? kHub : kFrontDoor)];
}

// A child under one, or the third police report in 12 months that can be told
// to be of the same child.
bool Settling::NeedsTriage(const PlannedForm& form,
                           const PlannedContact& contact) const {
  if (form.source != "6") return false;
  const Date day = CivilDate(form.received);
  const Child& child = plan_.people.children()[contact.child];
  if (!child.born || AddMonths(*child.born, 12) > day) return true;
  if (contact.number != Number::kRight) return false;
  const Date since = AddMonths(day, -12);
  const auto& all = incidents_.at(contact.child);
  return std::count_if(all.begin(), all.end(), [&](Instant received) {
           return received <= form.received && CivilDate(received) > since;
         }) >= 3;
}

void Settling::FindIncidents() {
  for (const auto* forms : {&plan_.history, &plan_.year}) {
    for (const PlannedForm& form : *forms) {
      if (form.source != "6") continue;
      for (const PlannedContact& contact : form.contacts) {
        if (contact.number == Number::kRight) {
          incidents_[contact.child].push_back(form.received);
        }
      }
    }
  }
}

void Settling::SettleNeeds() {
  FindIncidents();
  for (auto* forms : {&plan_.history, &plan_.year}) {
    for (PlannedForm& form : *forms) {
      for (PlannedContact& contact : form.contacts) {
        if (!contact.decided) continue;
        contact.needs_triage_decision = NeedsTriage(form, contact);
        contact.needs_threshold_decision =
            form.consent == Consent::kRefused && form.level < 4 &&
            contact.outcome != Outcome::kReferral &&
            contact.outcome != Outcome::kJoinsOpenEpisode;
      }
    }
  }
}

}  // namespace

void SettleOthers(Random& random, Plan& plan) { Settling(random, plan).Run(); }

}  // namespace seawall::demo
