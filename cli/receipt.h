// What a step of a child's journey came to, and clocks, for people.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <seawall/referrals/v1/journey.pb.h>

#include "cli/session.h"

namespace seawall::cli {

using Clocks = google::protobuf::RepeatedPtrField<referrals::v1::Clock>;

// A table of clocks; nothing where there are none.
void PrintClocks(Session& session, const Clocks& clocks);

void PrintReceipt(Session& session, const referrals::v1::StepReceipt& receipt);

// An answer that holds a receipt, in either form.
template <class Response>
Result<int> ShowReceipt(Session& session, const Result<Response>& response) {
  if (!response) return response.error();
  if (session.json())
    session.Print(*response);
  else
    PrintReceipt(session, response->receipt());
  return 0;
}

}  // namespace seawall::cli
