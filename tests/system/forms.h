// Invented forms and typed calls for tests. Everybody in them is called
// "Test-…"; NHS numbers are of the range that names nobody.
#pragma once

#include <string>

#include "libs/base/error.h"
#include "libs/rpc/client.h"
#include "seawall/common/v1/operations.pb.h"
#include "seawall/referrals/v1/journey.pb.h"
#include "seawall/referrals/v1/referrals.pb.h"
#include "tests/system/stack.h"

namespace seawall::support {

namespace pb = ::seawall::referrals::v1;
namespace common = ::seawall::common::v1;

inline constexpr char kSubmit[] =
    "seawall.referrals.v1.ReferralsService/SubmitContact";
inline constexpr char kSubmitBulk[] =
    "seawall.referrals.v1.ReferralsService/SubmitContacts";
inline constexpr char kDecide[] =
    "seawall.referrals.v1.ReferralsService/DecideContact";
inline constexpr char kGet[] =
    "seawall.referrals.v1.ReferralsService/GetContact";
inline constexpr char kPerson[] = "p-1041/social-worker";

// A whole form about one child, on which the service warns of nothing. Forms
// of different numbers are about different children.
pb::ContactForm TestForm(int number);
pb::SubmitContactRequest TestRequest(int number, const std::string& request_id);

// 10 digits of the range 900 to 999 with a good check digit.
std::string TestNhsNumber(int number);

template <class Response>
Result<Response> Ask(rpc::Client& client, const std::string& method,
                     const google::protobuf::Message& request) {
  Response response;
  TRY_VOID(client.Call(method, request, response));
  return response;
}

Result<pb::SubmitContactResponse> Submit(
    rpc::Client& client, const pb::SubmitContactRequest& request);
Result<pb::DecideContactResponse> Decide(rpc::Client& client,
                                         const std::string& contact_id,
                                         pb::Decision decision,
                                         const std::string& request_id);
Result<pb::GetContactResponse> GetContact(rpc::Client& client,
                                          const std::string& contact_id);

// Waits until the counters are level, then compares them with the records.
Result<common::VerifyCountersResponse> VerifyCounters(const Stack& stack);
Result<common::VerifyAccessLogResponse> VerifyAccessLog(const Stack& stack);

// Counters equal records, the access log is whole, journal positions are dense
// and end at the head, every contact has its event. Empty, or what is wrong.
std::string WhatIsWrong(const Stack& stack);

// "kInvalidArgument REASON path path", for comparing in one line; "OK".
template <class T>
std::string Said(const Result<T>& result);
std::string Say(const Error& error);

template <class T>
std::string Said(const Result<T>& result) {
  return result ? "OK" : Say(result.error());
}

}  // namespace seawall::support
