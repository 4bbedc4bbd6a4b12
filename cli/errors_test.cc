#include "cli/errors.h"

#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace seawall::cli {
namespace {

TEST(ExitCode, SaysWhetherARepeatCanHelp) {
  EXPECT_EQ(ExitCode(Usage("--area is missing")), kUsage);
  EXPECT_EQ(ExitCode({Code::kUnavailable, "STORE_UNAVAILABLE", ""}),
            kUnreachable);
  EXPECT_EQ(ExitCode({Code::kDeadlineExceeded, "DEADLINE", ""}), kUnreachable);
  EXPECT_EQ(ExitCode({Code::kResourceExhausted, "QUEUE_FULL", ""}),
            kUnreachable);
  EXPECT_EQ(ExitCode({Code::kAborted, "VERSION_CHANGED", ""}), kRefused);
  EXPECT_EQ(ExitCode({Code::kNotFound, "CONTACT_NOT_FOUND", ""}), kRefused);
}

TEST(ErrorText, NamesReasonFieldMessageAndWhatIsNext) {
  EXPECT_EQ(ErrorText({Code::kInvalidArgument,
                       "PERSON_REQUIRED",
                       "nobody is named",
                       {{"seawall-person", "is empty"}}}),
            "PERSON_REQUIRED seawall-person: nobody is named. Next: say who is "
            "acting: --person p-1041/social-worker.\n"
            "  seawall-person: is empty");
  EXPECT_EQ(ErrorText({Code::kNotFound, "CONTACT_NOT_FOUND", "no contact."}),
            "CONTACT_NOT_FOUND: no contact.");
}

TEST(ErrorJson, IsOneLineWithFields) {
  const auto json = nlohmann::json::parse(ErrorJson(
      {Code::kInvalidArgument, "MALFORMED", "m", {{"form.source", "why"}}}));
  EXPECT_EQ(json["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(json["fields"][0]["path"], "form.source");
}

TEST(FromStatus, ReadsReasonFieldsAndRetryTime) {
  google::rpc::Status status;
  status.set_code(3);
  status.set_message("no");
  google::rpc::ErrorInfo info;
  info.set_reason("NOTHING_TO_ACT_ON");
  google::rpc::BadRequest bad;
  auto& violation = *bad.add_field_violations();
  violation.set_field("form.concern.text");
  violation.set_description("is empty");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  status.add_details()->PackFrom(info);
  status.add_details()->PackFrom(bad);
  status.add_details()->PackFrom(retry);

  const Error error = FromStatus(status);
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(error.reason, "NOTHING_TO_ACT_ON");
  ASSERT_EQ(error.fields.size(), 1u);
  EXPECT_EQ(error.fields[0].path, "form.concern.text");
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(250));
}

TEST(FromStatus, WithoutDetailsTheCodeIsTheReason) {
  google::rpc::Status status;
  status.set_code(14);
  EXPECT_EQ(FromStatus(status).reason, "UNAVAILABLE");
}

}  // namespace
}  // namespace seawall::cli
