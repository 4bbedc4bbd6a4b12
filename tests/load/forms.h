// Forms for load: whole, about 1.3 kB, every section filled, so that every key
// is written. All invented; no two numbers are about the same child.
//
// One Form is used by one thread at a time. Only what differs from child to
// child is written anew, so that the load client costs little.
#pragma once

#include <seawall/referrals/v1/referrals.pb.h>

#include <cstdint>
#include <string>

#include "libs/base/clock.h"

namespace seawall::load {

namespace pb = ::seawall::referrals::v1;

class Form {
 public:
  Form();

  // The request about child `number`, until the next call. `run` keeps request
  // ids of one run apart from those of another.
  pb::SubmitContactRequest& About(std::int64_t number, const std::string& run);
  // The same as history: received at that time, with sources and needs that
  // differ from one to the next. Only systems that import may send it.
  pb::SubmitContactRequest& Past(std::int64_t number, const std::string& run,
                                 Instant received);

 private:
  pb::SubmitContactRequest request_;
};

}  // namespace seawall::load
