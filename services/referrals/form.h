// From a form as it was pushed to what the rules can go by.
//
// Nothing bounces here: what is wrong with a detail becomes a warning with its
// path; the detail stays as given, but is not matched on. The one refusal is a
// form with neither a concern nor anything to find a child by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/codes.h"
#include "libs/base/error.h"
#include "libs/base/identifiers.h"
#include "libs/child/child.h"
#include "seawall/referrals/v1/referrals.pb.h"
#include "services/referrals/contact.h"

namespace seawall::referrals {

namespace pb = ::seawall::referrals::v1;

// What a child can be found by: verified and brought to one form.
struct Identity {
  // The council's own id is taken from a census alone.
  child::Description child;
  // Of those it lives with: the sound of a surname and a birth date.
  std::vector<std::string> household;
  std::string address;  // empty = none
};

// One child's contact.
struct Understood {
  pb::ContactForm form;
  Facts facts;
  Identity identity;
  std::vector<pb::Warning> warnings;
  // The other children of the form: names and birth date alone.
  std::vector<pb::HouseholdMember> siblings;
};

// What the reader must know of the moment and the sender.
struct Circumstances {
  Instant now;
  bool may_backdate = false;
  bool by_hub = false;
};

// When the contact reached the front door: now; as stated by a system that
// may backdate; or the time of the call that the hub writes down (at most
// seven days back). Anything else is a warning and now.
Instant ReceivedTime(const pb::ContactForm& form, const Circumstances& known,
                     std::vector<pb::Warning>& warnings);

// Codes of agencies are checked by the caller. Reason NOTHING_TO_ACT_ON.
Result<std::vector<Understood>> ReadForm(const pb::ContactForm& form,
                                         const CodeSets& codes, Date received,
                                         TestNumbers test_numbers);

}  // namespace seawall::referrals
