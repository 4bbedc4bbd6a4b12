// Published: the figures of 2017-18 that the board printed, as printed, from
// data/facts/front_door_annual.csv. Whatever is not here is invented.
#pragma once

#include <string>

#include "libs/base/error.h"

namespace seawall::demo {

struct Published {
  int contacts = 0;
  int referrals = 0;
  // As printed: the digits say how far it was rounded.
  std::string conversion;            // percent, of the year
  std::string quarter_4_conversion;  // percent, mean of the three months
  std::string rate;                  // referrals per 10,000 children
  std::string repeats;               // percent of referrals
  int children = 0;                  // under 18

  // Percent of referrals, of assessments authorised twice.
  std::string assessed;
  std::string no_further_action;
  std::string assessments_in_time;
  int enquiries = 0;                // section 47, completed
  std::string enquiry_rate;         // per 10,000 children, as below
  std::string to_conference;        // percent of enquiries
  std::string conferences_in_time;  // percent of conferences
  std::string repeat_plans;         // percent of plans started
  // On 31 March: of 2018, and of the year before.
  int plans = 0;
  std::string plan_rate;
  int in_need = 0;
  std::string in_need_rate;
  int in_need_before = 0;
};

// Decimal places of a figure as printed: "27.8" has one.
int DecimalPlaces(const std::string& printed);

// FACTS_UNREADABLE names what is missing.
Result<Published> ReadPublished(const std::string& path);

}  // namespace seawall::demo
