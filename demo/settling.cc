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

  Random& random_;
  Plan& plan_;
};

// Whatever is no referral. A child with an open episode: news that joins it.
void Settling::Run() {
  std::map<int, std::vector<std::pair<Instant, std::optional<Date>>>> episodes;
  for (const auto* forms : {&plan_.history, &plan_.year}) {
    for (const PlannedForm& form : *forms) {
      for (const PlannedContact& contact : form.contacts) {
        if (contact.outcome == Outcome::kReferral &&
            contact.number == Number::kRight) {
          episodes[contact.child].emplace_back(*contact.decided,
                                               contact.closed);
        }
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

void Settling::SettleNeeds() {
  for (auto* forms : {&plan_.history, &plan_.year}) {
    for (PlannedForm& form : *forms) {
      for (PlannedContact& contact : form.contacts) {
        if (!contact.decided) continue;
        // Whether it is a home's third report in 12 months, the service knows;
        // here every police report is decided together.
        contact.needs_triage_decision = form.source == "6";
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
