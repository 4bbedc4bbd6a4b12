#include "cli/errors.h"

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
  EXPECT_EQ(ErrorText({Code::kNotFound, "NOT", "gone", {{"id", "gone"}}}),
            "NOT id: gone.");
  EXPECT_EQ(ErrorText({Code::kNotFound, "CONTACT_NOT_FOUND", "no contact."}),
            "CONTACT_NOT_FOUND: no contact.");
}

TEST(ErrorJson, IsOneLineWithFields) {
  const auto json = nlohmann::json::parse(ErrorJson(
      {Code::kInvalidArgument, "MALFORMED", "m", {{"form.source", "why"}}}));
  EXPECT_EQ(json["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(json["fields"][0]["path"], "form.source");
}

}  // namespace
}  // namespace seawall::cli
