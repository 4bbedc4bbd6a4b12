#include "cli/errors.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/text.h"

namespace seawall::cli {
namespace {

constexpr char kUsageReason[] = "USAGE";
// Of the transport, without a reason of ours: a message that is too large, and
// as large when it is sent again.
constexpr char kTooMuch[] = "STATUS_RESOURCE_EXHAUSTED";

// What to do with this client about a refusal; the message says the rest.
std::string Next(const Error& error) {
  static const std::map<std::string, std::string> by_reason = {
      {"UNKNOWN_CALLER", "check --certificate and --key, or --as NAME"},
      {"UNKNOWN_AGENCY", "check --certificate and --key, or --as NAME"},
      {"UNKNOWN_SYSTEM", "check --certificate and --key, or --as NAME"},
      {"ROLE_NOT_ALLOWED",
       "use a certificate whose role may do this: --as NAME"},
      {"AREA_NOT_ALLOWED", "check --area; `seawall whoami` lists your areas"},
      {"PERSON_REQUIRED", "say who is acting: --person p-1041/social-worker"},
      {"PURPOSE_REQUIRED", "say why: --purpose and --lawful-basis"},
      {"REQUEST_ID_REUSED", "use a new --request-id, or the first content"},
      {"VERSION_CHANGED",
       "read it again: `seawall contacts get` or `seawall journey actions`"},
      {"ALREADY_DECIDED",
       "`seawall contacts add` tells the front door more; there `seawall "
       "contacts decide` corrects the decision with --correct"},
      {"RATIONALE_REQUIRED", "add --rationale"},
      {"THRESHOLD_DECISION_REQUIRED", "add --threshold-decision"},
      {"TRIAGE_DECISION_REQUIRED", "add --triage-decision"},
      {"RULE_BROKEN",
       "`seawall journey actions EPISODE` shows what may be done"},
      {"NOT_OPEN", "`seawall journey chronology SUBJECT` shows what is open"},
      {"GUARD_INCOMPLETE",
       "closing takes --view AGENCY=TEXT, --evidence, --contingency and "
       "--voice; a step --set step_down.… and --voice"},
      {"STEP_NEEDED", "`seawall journey chronology SUBJECT` numbers the steps"},
      {"STEP_NOT_FOUND",
       "`seawall journey chronology SUBJECT` numbers the steps"},
      {"STEP_VOID", "`seawall journey chronology SUBJECT` shows what is void"},
      {"NOT_DECIDED", "`seawall triage decide` or `seawall contacts decide`"},
      {"ESCALATION_NOT_FOUND",
       "`seawall journey chronology SUBJECT` shows escalations"},
      {"NO_TRIAGE", "`seawall triage open` begins one"},
      {"TRIAGE_OPEN", "`seawall triage show` shows it"},
      {"AGENCIES_REQUIRED", "add --agency, once for each"},
      {"INFORMATION_REQUIRED", "add --information"},
      {"LEVEL_REQUIRED", "add --level, 1 to 4"},
      {"CONSIDERED_REQUIRED", "add --considered and --history"},
      {"OUTCOME_REQUIRED", "add --outcome"},
      {"SAME_PERSON", "another person signs it off: --person p-7/manager"},
      {"LAST_STAGE", "answer it with --outcome upheld or not-upheld"},
      {"IMPORT_NOT_ALLOWED", "use --as frontdoor-import-hub"},
      {kNotThere,
       "set --address or SEAWALL_ADDRESS to that service; `./seawall` takes "
       "SEAWALL_WAITING_ADDRESS for the waiting lists"},
      {kTooMuch, "send less in one message: a server takes 256 KiB"},
      {"PERIOD_NOT_WHOLE",
       "--from and --to the first and last day of a month, a quarter or a year "
       "from April; --as-known and --census-date the last day of a month"},
      {"UNKNOWN_MEASURE", "`seawall figures list` names the measures"},
  };
  const auto found = by_reason.find(error.reason);
  if (found != by_reason.end()) return found->second;
  if (error.reason == kUsageReason) return "see --help";
  if (ExitCode(error) == kUnreachable)
    return "repeat the command when the server answers (`seawall health`)";
  return "";
}

std::string Sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string CodeName(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Code::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code::kAborted:
      return "ABORTED";
    case Code::kUnimplemented:
      return "UNIMPLEMENTED";
    case Code::kInternal:
      return "INTERNAL";
    case Code::kUnavailable:
      return "UNAVAILABLE";
    case Code::kUnauthenticated:
      return "UNAUTHENTICATED";
  }
  return "INTERNAL";
}

}  // namespace

Error NotReadable(const std::string& path) {
  std::error_code ignored;
  return Usage(std::filesystem::exists(path, ignored)
                   ? path + " is empty or cannot be read"
                   : "there is no file " + path);
}

Error Usage(std::string message) {
  return Error{Code::kInvalidArgument, kUsageReason, std::move(message)};
}

bool IsTransient(const Error& error) {
  // ABORTED also says that the record was changed by another: no repeat helps.
  return error.code == Code::kUnavailable ||
         error.code == Code::kDeadlineExceeded ||
         (error.code == Code::kResourceExhausted && error.reason != kTooMuch) ||
         (error.code == Code::kAborted && error.reason != "VERSION_CHANGED");
}

int ExitCode(const Error& error) {
  if (error.reason == kUsageReason || error.reason == kNotThere) return kUsage;
  return IsTransient(error) ? kUnreachable : kRefused;
}

std::string ErrorText(const Error& error) {
  // The message of a broken rule begins with its number.
  const bool rule = error.reason == "RULE_BROKEN";
  std::string text = Plain(error.reason);
  if (!rule && !error.fields.empty())
    text += " " + Plain(error.fields.front().path);
  text += (rule ? ": rule " : ": ") + Sentence(Plain(error.message));
  if (const std::string next = Next(error); !next.empty())
    text += " Next: " + next + ".";
  // One field whose description is the message is named already.
  if (error.fields.size() == 1 &&
      (rule || error.fields.front().description == error.message))
    return text;
  for (std::size_t i = rule ? 1 : 0; i < error.fields.size(); ++i)
    text += (rule ? "\n  also " : "\n  ") + Plain(error.fields[i].path) +
            (rule ? " " : ": ") + Plain(error.fields[i].description);
  return text;
}

std::string ErrorJson(const Error& error) {
  nlohmann::ordered_json json = {{"code", CodeName(error.code)},
                                 {"reason", error.reason},
                                 {"message", error.message}};
  for (const FieldError& field : error.fields)
    json["fields"].push_back(
        {{"path", field.path}, {"description", field.description}});
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace seawall::cli
