// What any bytes can do to the front door before the store: parsed as a
// SubmitContactRequest, read, judged. libFuzzer calls it where the compiler is
// clang; replay_test.cc calls it with seeds and their mutations everywhere.
#include <google/protobuf/util/message_differencer.h>

#include <cstdio>
#include <cstdlib>

#include "services/referrals/form.h"
#include "services/referrals/handler.h"
#include "services/referrals/rules.h"

namespace seawall::referrals {
namespace {

template <class T>
T Must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::abort();
}

std::string DataFolder() {
  const char* root = std::getenv("SEAWALL_ROOT");
  return std::string(root ? root : ".") + "/data/";
}

struct Data {
  CodeSets codes = Must(CodeSets::Load(DataFolder() + "code_sets.json"));
  Calendar calendar = Must(Calendar::Load(DataFolder() + "bank_holidays.json"));
  rules::Rubric rubric = Must(LoadRubric(DataFolder() + "quality_rubric.json"));
  rules::PoliceRouting routing =
      Must(LoadRouting(DataFolder() + "police_routing.json"));
};

const Data& TheData() {
  static const Data data;
  return data;
}

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

bool IsReason(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
             std::string::npos;
}

void JudgeWarnings(const std::vector<pb::Warning>& warnings) {
  for (const pb::Warning& warning : warnings) {
    Require(warning.field().starts_with("form"), "a warning says where");
    Require(IsReason(warning.reason()), "a warning has a stable reason");
    Require(!warning.description().empty(), "a warning says what is wrong");
  }
}

void Judge(const Understood& contact, Date received) {
  const Data& data = TheData();
  JudgeWarnings(contact.warnings);
  Require(contact.form.children_size() == 1, "one child a contact");
  Require(contact.facts.level >= 0 && contact.facts.level <= 4, "a level");
  Require(!Name(rules::PriorityOf(contact.facts)).empty(), "a priority");
  Require(!Name(rules::RouteOf(contact.facts, data.routing)).empty(),
          "a route");
  const rules::Score score = rules::ScoreOf(contact.facts, data.rubric);
  Require(score.score >= 0 && score.score <= score.maximum, "a score");
  Require(!Name(score.band).empty(), "a band");
  rules::IsUnder(contact.facts, data.routing.child_under_years, received);
  // Only what checks out is matched on.
  const pb::Child& child = contact.form.children(0);
  Require(
      contact.identity.child.nhs_number.empty() || !child.nhs_number().empty(),
      "no NHS number of nowhere");
  Require(contact.identity.child.nhs_number.size() % 10 == 0, "ten digits");
  Require(contact.identity.child.upn.size() % 13 == 0, "thirteen characters");
}

void JudgeForm(const pb::ContactForm& form) {
  const Instant now = FromMicros(1'700'000'000'000'000);
  for (const bool backdate : {false, true}) {
    std::vector<pb::Warning> warnings;
    const Instant received =
        ReceivedTime(form, {now, backdate, !backdate}, warnings);
    JudgeWarnings(warnings);
    Require(received <= now, "received by now");
    const Date day = CivilDate(received);
    const auto understood =
        ReadForm(form, TheData().codes, day, TestNumbers::kAllow);
    if (!understood) {
      Require(understood.error().reason == "NOTHING_TO_ACT_ON",
              "no concern bounces but for that");
      continue;
    }
    const int children = std::max(1, form.children_size());
    Require(static_cast<int>(understood->size()) == children,
            "one contact a child");
    for (int i = 0; i < children; i++) {
      const Understood& contact = (*understood)[static_cast<std::size_t>(i)];
      Judge(contact, day);
      if (i < form.children_size()) {
        Require(google::protobuf::util::MessageDifferencer::Equals(
                    contact.form.children(0), form.children(i)),
                "kept as given");
      }
    }
  }
}

}  // namespace
}  // namespace seawall::referrals

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  // Its complaints about texts that are no UTF-8 would bury everything.
  static const bool quiet = [] {
    google::protobuf::SetLogHandler(nullptr);
    return true;
  }();
  static_cast<void>(quiet);
  seawall::referrals::pb::SubmitContactRequest request;
  if (request.ParseFromArray(bytes, static_cast<int>(size)))
    seawall::referrals::JudgeForm(request.form());
  return 0;
}
