// What a provider learns of other providers' lists: nothing but a death. The
// hub learns it all. On both stores.
#include <absl/strings/str_replace.h>

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

constexpr char kElsewhere[] = "camhs-north";

class OthersTest : public ServiceTest {
 protected:
  static rpc::Caller Visitor() { return Provider("health-visitor"); }

  static Strings Reasons(const pb::EventReceipt& receipt) {
    Strings reasons;
    for (const pb::Warning& warning : receipt.warnings())
      reasons.push_back(warning.reason());
    return reasons;
  }
  // The hospital knows the child well: by number and by name, waiting and not.
  void LetOthersKnowTheChild() {
    for (const char* service : {"slt", "camhs", "continence", "ot"})
      Register(std::string("h-") + service, "2023-08-01", service, "Robin");
    auto unnumbered = Referral("h-name", "2023-08-01", kSlt, "Robin");
    unnumbered.mutable_referral()->mutable_child()->clear_nhs_number();
    ASSERT_TRUE(Push(unnumbered));
    auto sibling = Referral("h-sibling", "2023-08-01", kSlt, "Robin");
    sibling.mutable_referral()->mutable_child()->set_given_name("Test-Wren");
    sibling.mutable_referral()->mutable_child()->set_date_of_birth(
        "2017-05-01");
    ASSERT_TRUE(Push(sibling));
    ASSERT_TRUE(
        Attend("h-ot", "2023-09-01", pb::ATTENDANCE_ATTENDED, "", "ot"));
  }
  // An answer without the ids that it names.
  template <class Message>
  std::string Plain(const Result<Message>& answer) {
    if (!answer) return answer.error().reason + answer.error().message;
    std::vector<std::pair<std::string, std::string>> names;
    for (std::size_t i = 0; i < ids_seen_.size(); ++i)
      names.emplace_back(ids_seen_[i], "W" + std::to_string(i));
    return absl::StrReplaceAll(answer->DebugString(), names);
  }
  // Everything that a provider may try on a child, and what it is told.
  Strings Probe(const std::function<void()>& meanwhile) {
    ids_seen_.clear();
    Strings told;
    const auto push = [&](const pb::Event& event) {
      const auto receipt = Push(event, Visitor());
      if (receipt) ids_seen_.push_back(receipt->referral_id());
      told.push_back(Plain(receipt));
      return receipt ? receipt->event() : 0;
    };
    const auto look = [&] {
      pb::GetReferralRequest get;
      get.mutable_about()->set_referral_id(ids_seen_[0]);
      told.push_back(
          Plain(Read<pb::GetReferralResponse>(Visitor(), "GetReferral", get)));
      pb::GetMyWaitRequest mine;
      mine.mutable_about()->set_referral_id(ids_seen_[0]);
      told.push_back(
          Plain(Read<pb::GetMyWaitResponse>(Visitor(), "GetMyWait", mine)));
      pb::ListWaitingRequest list;
      list.set_service(kSlt);
      told.push_back(
          Plain(Read<pb::ListWaitingResponse>(Visitor(), "ListWaiting", list)));
      told.push_back(Plain(Read<pb::ListSameChildCandidatesResponse>(
          Visitor(), "ListSameChildCandidates",
          pb::ListSameChildCandidatesRequest())));
    };
    push(Referral("v-1", "2023-09-10", kSlt, "Robin"));
    auto named = Referral("v-2", "2023-09-11", "continence", "Robin");
    named.mutable_referral()->mutable_child()->clear_nhs_number();
    push(named);
    auto typed = Referral("v-3", "2023-09-12", kSlt, "Robin");
    typed.mutable_referral()->mutable_child()->set_given_name("Test-Wren");
    push(typed);
    meanwhile();
    auto update = About("v-1", "2023-10-01");
    update.mutable_contact()->set_kind("UPDATE");
    const int number = push(update);
    look();
    auto back = About("v-1", "2023-10-02");
    back.mutable_correction()->set_rationale("Test: taken back");
    back.mutable_correction()->set_event(number);
    push(back);
    back.mutable_correction()->set_event(1);
    push(back);
    look();
    return told;
  }

  Strings ids_seen_;
};
INSTANTIATE_TEST_SUITE_P(Engines, OthersTest, support::BothEngines(),
                         support::EngineName);

TEST_P(OthersTest, AProvidersAnswersAreTheSameWhetherOthersKnowTheChildOrNot) {
  LetOthersKnowTheChild();
  const auto the_hub_speaks = [&] {
    const std::string theirs =
        Push(Referral("h-slt", "2023-08-01", kSlt, "Robin"))->referral_id();
    ASSERT_TRUE(Say(ids_seen_[0], theirs, false));
    ASSERT_TRUE(Say(theirs, ids_seen_[0], true));
  };
  const Strings known = Probe(the_hub_speaks);
  area_ = kElsewhere;
  const Strings unknown = Probe([] {});
  ASSERT_EQ(known.size(), unknown.size());
  for (std::size_t i = 0; i < known.size(); ++i)
    EXPECT_EQ(known[i], unknown[i]) << i;
}

TEST_P(OthersTest, ManyReferralsOfOthersCrowdNoneOfItsOwnOut) {
  std::vector<pb::Event> many;
  for (int i = 0; i < 50; ++i) {
    auto one = Referral("h-" + std::to_string(i), "2023-08-01", kSlt, "Robin");
    one.mutable_referral()->mutable_child()->clear_nhs_number();
    many.push_back(one);
  }
  auto own = Referral("v-1", "2023-08-01", kSlt, "Robin");
  own.mutable_referral()->mutable_child()->clear_nhs_number();
  ASSERT_TRUE(Push(own, Visitor()));
  ASSERT_TRUE(PushAll(many));
  own.mutable_about()->set_reference("v-2");
  EXPECT_EQ(Reasons(Push(own, Visitor()).value()),
            Strings{"MAY_BE_SAME_CHILD"});
}

TEST_P(OthersTest, TheHubIsToldOfAllLists) {
  LetOthersKnowTheChild();
  const std::string theirs =
      Push(Referral("h-slt", "2023-08-01", kSlt, "Robin"))->referral_id();
  const std::string id =
      Push(Referral("v-1", "2023-09-10", kSlt, "Robin"), Visitor())
          ->referral_id();
  const auto also = Get(id).also_waits_for();
  EXPECT_EQ(Strings(also.begin(), also.end()),
            (Strings{"camhs", "continence", "slt"}));
  const auto pairs = Read<pb::ListSameChildCandidatesResponse>(
                         Hub(), "ListSameChildCandidates",
                         pb::ListSameChildCandidatesRequest())
                         .value();
  EXPECT_TRUE(std::any_of(pairs.candidates().begin(), pairs.candidates().end(),
                          [&](const pb::SameChildCandidate& pair) {
                            return pair.referral_id() == std::min(id, theirs) &&
                                   pair.other_referral_id() ==
                                       std::max(id, theirs) &&
                                   pair.differs().empty();
                          }))
      << "one child waits for one service at two providers";
  EXPECT_EQ(Reasons(Say(id, theirs, true).value()), Strings{"ALSO_WAITING"});
  EXPECT_LT(Get(id).events(0).number(), 0) << "the hub is shown its own word";
  EXPECT_EQ(Get(id).events(0).kind(), "SAME_CHILD");
  EXPECT_EQ(Get(id).events(0).text(), "Test: the mother was asked");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(OthersTest, AProviderIsToldOfItsOwnLists) {
  Register("a", "2023-08-01", "camhs", "Robin");
  const auto second = Push(Referral("b", "2023-09-01", kSlt, "Robin")).value();
  EXPECT_EQ(Reasons(second), Strings{"ALSO_WAITING"});
  const auto shown = Get(second.referral_id(), Provider());
  ASSERT_EQ(shown.also_waits_for_size(), 1);
  EXPECT_EQ(shown.also_waits_for(0), "camhs");
}

TEST_P(OthersTest, ADeathIsToldAcrossProvidersHoweverManyReferralsOneHas) {
  ASSERT_TRUE(Push(Referral("v-1", "2023-08-01", kSlt, "Robin"), Visitor()));
  std::vector<pb::Event> many;
  for (int i = 0; i < 30; ++i) {
    const std::string reference = "h-" + std::to_string(i);
    const std::string day =
        FormatDate(ParseDate("2023-08-01").value() + std::chrono::days(i));
    many.push_back(Referral(reference, day, kSlt, "Robin"));
    auto seen = About(reference, day);
    seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
    many.push_back(seen);
  }
  ASSERT_TRUE(PushAll(many));
  auto died = About("v-1", "2023-10-01");
  died.mutable_removal()->set_outcome(pb::OUTCOME_DIED);
  ASSERT_TRUE(Push(died, Visitor()));
  EXPECT_EQ(Count("events"), 30 * 2 + 1 + 1 + 30)
      << "each of the hospital's is told";
  EXPECT_EQ(Drift().drift, 0);
}

}  // namespace
}  // namespace seawall::waiting
