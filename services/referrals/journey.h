// A journey: what stands of one subject (a contact or an episode) after its
// steps, worked out from them. Pure; shared by the rules, the clocks, the
// figures, the chronology and the census, so that none of them can disagree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/referrals/contact.h"
#include "services/referrals/step.h"

namespace seawall::referrals {

struct Assessment {
  std::string id;
  Date start;
  std::optional<Date> seen, reviewed, authorised;
  std::vector<std::string> factors;
  std::string outcome;
};

// A section 47 enquiry; it starts on the day of the strategy discussion that
// initiated it.
struct Enquiry {
  std::string id;
  Date start;
  std::optional<Date> completed;
  // CONFERENCE, or why none is required.
  std::string outcome;
  std::optional<Date> conference;
  // An enquiry that a census brought has the target day of its conference that
  // the census gave, or none.
  bool from_census = false;
  std::optional<Date> target;

  bool ConferenceCalled() const { return outcome == "CONFERENCE"; }
  // As the census counts: neither a conference nor "none required".
  bool Open() const {
    return !conference && (!completed || ConferenceCalled());
  }
};

struct Conference {
  std::string id;
  std::string enquiry_id;  // empty when the child moved in under a plan
  Date date;
  std::string outcome;
};

struct ProtectionPlan {
  std::string id;
  Date start;
  std::optional<Date> end;
  std::string initial_category, latest_category;
  int previous = 0;
  std::vector<Date> reviews;
  std::optional<Date> last_visit;
  bool last_seen_alone = false;
};

// A child in need plan, or an early help episode.
struct Span {
  std::string id;
  Date start;
  std::optional<Date> end;
};

struct Closing {
  int step = 0;
  Date date;
  std::string reason, team, agency;
  bool no_further_action = false;
  bool evidenced = false;
  // Referred again within 12 months of the closure.
  bool returned = false;
};

struct Triage {
  std::vector<std::string> asked;
  // Level of need decided; 0 = not decided.
  int level = 0;
  Decision decision = Decision::kUnspecified;
  std::string decided_by;  // ledger::Unit::By()
  bool signed_off = false;
  // Agencies asked that neither agreed nor escalated.
  std::vector<std::string> awaiting;

  bool decided() const { return decision != Decision::kUnspecified; }
};

struct Escalation {
  std::string id;
  std::string agency;
  std::string about;  // number of the step disputed
  Date raised;
  int stage = 1;
  std::optional<Date> resolved;
  std::string outcome;  // UPHELD, NOT_UPHELD
};

struct Journey {
  std::string subject_id;
  // An episode's; absent for a contact.
  std::optional<Date> referral_date;
  // As the referral says.
  std::string source, need;
  std::vector<Step> steps;  // void ones too

  std::vector<Assessment> assessments;
  std::vector<Enquiry> enquiries;
  std::vector<Conference> conferences;
  std::vector<ProtectionPlan> protection_plans;
  std::vector<Span> child_in_need_plans;
  std::vector<Span> early_help;
  std::optional<Closing> closing;
  std::optional<Triage> triage;
  std::vector<Escalation> escalations;

  bool IsFirst(const Assessment& assessment) const {
    return !assessments.empty() && assessments.front().id == assessment.id;
  }
};

// A subject before its first step.
struct Subject {
  std::string id;
  std::optional<Date> referral_date = {};
  std::string source = {}, need = {};
};

// What stands after the steps, in the order of their numbers. Steps about
// things that are not there change nothing.
Journey Fold(const Subject& subject, std::vector<Step> steps);

// A decision that ends below the threshold for children's social care.
bool IsBelowThreshold(Decision decision);

// The thing with the id, or the one that is still open if the id is empty;
// null when there is none. The last one wins.
Assessment* FindAssessment(Journey& journey, const std::string& id);
Enquiry* FindEnquiry(Journey& journey, const std::string& id);
ProtectionPlan* FindPlan(Journey& journey, const std::string& id);
Span* FindSpan(std::vector<Span>& spans, const std::string& id);
Escalation* FindEscalation(Journey& journey, const std::string& id);

}  // namespace seawall::referrals
