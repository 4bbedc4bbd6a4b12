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
  EXPECT_EQ(
      ExitCode({Code::kResourceExhausted, "STATUS_RESOURCE_EXHAUSTED", ""}),
      kRefused)
      << "too large is too large whenever it is sent";
  EXPECT_EQ(ExitCode({Code::kUnimplemented, kNotThere, ""}), kUsage);
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

TEST(ErrorText, OfABrokenRuleSaysItsNumberItsWordsAndWhatIsAllowed) {
  const char* next =
      " Next: `seawall journey actions EPISODE` shows what may be done.";
  EXPECT_EQ(ErrorText({Code::kFailedPrecondition,
                       "RULE_BROKEN",
                       "8839: an episode with an open plan is not closed",
                       {{"rule", "8839"}}}),
            "RULE_BROKEN: rule 8839: an episode with an open plan is not "
            "closed." +
                std::string(next));
  EXPECT_EQ(ErrorText({Code::kFailedPrecondition,
                       "RULE_BROKEN",
                       "8839: words",
                       {{"rule", "8839"}, {"rule", "8815"}}}),
            "RULE_BROKEN: rule 8839: words." + std::string(next) +
                "\n  also rule 8815");
}

TEST(ErrorText, OfAnIncompleteGuardListsWhatIsMissing) {
  EXPECT_EQ(
      ErrorText({Code::kFailedPrecondition,
                 "GUARD_INCOMPLETE",
                 "closing rests on more",
                 {{"step_down.contingency", "missing"}, {"voice", "say how"}}}),
      "GUARD_INCOMPLETE step_down.contingency: closing rests on more. "
      "Next: closing takes --view AGENCY=TEXT, --evidence, --contingency "
      "and --voice; a step --set step_down.… and --voice.\n"
      "  step_down.contingency: missing\n"
      "  voice: say how");
}

TEST(ErrorText, OfEveryRefusedStepSaysWhatToDo) {
  for (const char* reason :
       {"RULE_BROKEN", "NOT_OPEN", "GUARD_INCOMPLETE", "STEP_NEEDED",
        "STEP_NOT_FOUND", "STEP_VOID", "NO_TRIAGE", "TRIAGE_OPEN",
        "AGENCIES_REQUIRED", "INFORMATION_REQUIRED", "LEVEL_REQUIRED",
        "CONSIDERED_REQUIRED", "OUTCOME_REQUIRED", "SAME_PERSON", "LAST_STAGE",
        "NOT_DECIDED", "ESCALATION_NOT_FOUND", "IMPORT_NOT_ALLOWED"}) {
    const std::string text =
        ErrorText({Code::kFailedPrecondition, reason, "no"});
    EXPECT_NE(text.find(" Next: "), std::string::npos) << text;
  }
}

TEST(ErrorJson, IsOneLineWithFields) {
  const auto json = nlohmann::json::parse(ErrorJson(
      {Code::kInvalidArgument, "MALFORMED", "m", {{"form.source", "why"}}}));
  EXPECT_EQ(json["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(json["fields"][0]["path"], "form.source");
}

}  // namespace
}  // namespace seawall::cli
