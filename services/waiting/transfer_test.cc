// A transfer takes a child off another provider's list by that provider's word
// or the hub's alone, and whoever asks learns nothing by asking. On both
// stores.
#include <absl/strings/str_replace.h>

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

class TransferTest : public ServiceTest {
 protected:
  static rpc::Caller Visitor() { return Provider("health-visitor"); }

  static Strings Reasons(const pb::EventReceipt& receipt) {
    Strings reasons;
    for (const pb::Warning& warning : receipt.warnings())
      reasons.push_back(warning.reason());
    return reasons;
  }
  Result<pb::EventReceipt> Ask(const std::string& reference,
                               const std::string& from,
                               const std::string& child = "Robin",
                               const std::string& day = "2023-08-01",
                               const std::string& service = "continence") {
    auto asks = Referral(reference, day, service, child);
    asks.mutable_referral()->set_transferred_from(from);
    return Push(asks, Visitor());
  }
  Result<pb::EventReceipt> Answer(const std::string& id, bool given,
                                  const rpc::Caller& caller,
                                  const std::string& day = "2023-09-01") {
    pb::AnswerTransferRequest request;
    request.mutable_about()->set_referral_id(id);
    request.mutable_about()->set_happened_date(day);
    request.mutable_transfer_answer()->set_given(given);
    request.mutable_transfer_answer()->set_rationale(
        "Test: the team was asked");
    TRY(const auto response,
        Write<pb::AnswerTransferResponse>("AnswerTransfer", request, caller));
    return response.receipt();
  }
  std::vector<pb::OpenTransfer> Open(const rpc::Caller& caller) {
    std::vector<pb::OpenTransfer> open;
    pb::ListTransfersRequest request;
    request.set_page_size(1);
    do {
      const auto page =
          Read<pb::ListTransfersResponse>(caller, "ListTransfers", request)
              .value();
      open.insert(open.end(), page.transfers().begin(), page.transfers().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return open;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, TransferTest, support::BothEngines(),
                         support::EngineName);

TEST_P(TransferTest, UntilItIsGivenTheChildIsOnTheGiversListAlone) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const auto asked = Ask("v", from).value();
  EXPECT_EQ(Reasons(asked), Strings{"TRANSFER_ASKED"});
  EXPECT_EQ(asked.waits_size(), 0);
  EXPECT_EQ(WaitingAt("2023-08-31"), "1");
  EXPECT_EQ(WaitingAt("2023-08-31", "continence"), "")
      << "nobody ever waited there";
  EXPECT_TRUE(Get(asked.referral_id()).transfer_asked());

  const auto given = Answer(asked.referral_id(), true, Provider()).value();
  EXPECT_EQ(given.referral_id(), from) << "the giver's own";
  ASSERT_EQ(given.waits_size(), 1);
  EXPECT_EQ(given.waits(0).outcome(), pb::OUTCOME_TRANSFERRED);
  EXPECT_EQ(WaitingAt("2023-08-31"), "1");
  EXPECT_EQ(WaitingAt("2023-09-01"), "0");
  EXPECT_EQ(WaitingAt("2023-08-31", "continence"), "0");
  EXPECT_EQ(WaitingAt("2023-09-01", "continence"), "1");
  EXPECT_EQ(Row("2023-12-31", "continence").longest_weeks().value(), "52")
      << "it keeps the older start";
  EXPECT_EQ(Row("2023-09-30").balance().transferred(), 1);
  EXPECT_TRUE(Open(Hub()).empty());
  EXPECT_FALSE(Get(asked.referral_id()).transfer_asked());
  EXPECT_EQ(Drift().drift, 0);
  CheckAsKnownThen();
}

TEST_P(TransferTest, RefusedItIsAReferralLikeAnyOther) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  const auto refused = Answer(id, false, Hub()).value();
  ASSERT_EQ(refused.waits_size(), 1);
  EXPECT_EQ(refused.waits(0).start_date(), "2023-08-01");
  EXPECT_EQ(refused.waits(0).joined_date(), "2023-08-01");
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(WaitingAt("2023-12-31", "continence"), "1");
  EXPECT_TRUE(Answer(id, false, Hub())->already_recorded());
  EXPECT_EQ(Answer(id, true, Hub()).error().reason, "TRANSFER_NOT_OPEN");
  EXPECT_TRUE(Open(Hub()).empty());
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(TransferTest, WhoAsksIsAnsweredTheSameWhateverItNames) {
  const std::string has = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string other = Register("b", "2023-01-01", kSlt, "Wren");
  const std::string seen = Register("c", "2019-01-01", "ot", "Robin");
  ASSERT_TRUE(Attend("c", "2019-02-01", pb::ATTENDANCE_ATTENDED, "", "ot"));
  std::set<std::string> answers;
  int area = 0;
  for (const std::string& from :
       {has, other, seen, std::string("W-01NONE"), std::string("9434765919")}) {
    const std::string reference = "v-" + std::to_string(++area);
    const auto receipt = Ask(reference, from, "Child" + reference);
    ASSERT_TRUE(receipt) << receipt.error().reason;
    answers.insert(absl::StrReplaceAll(receipt->DebugString(),
                                       {{receipt->referral_id(), "W"}}));
    const auto shown = Get(receipt->referral_id(), Visitor());
    EXPECT_EQ(shown.waits_size(), 0);
  }
  const auto same = Ask("v-same", has).value();
  answers.insert(
      absl::StrReplaceAll(same.DebugString(), {{same.referral_id(), "W"}}));
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(Open(Hub()).size(), 6u);
  const auto own = Open(Visitor());
  EXPECT_EQ(own.size(), 6u) << "what it asked for itself";
  for (const pb::OpenTransfer& one : own) {
    EXPECT_EQ(one.from_provider(), "");
    EXPECT_EQ(one.from_service(), "");
    EXPECT_FALSE(one.same_child());
  }
  const auto asked_of_it = Open(Provider());
  ASSERT_EQ(asked_of_it.size(), 1u) << "of another child nothing";
  EXPECT_EQ(asked_of_it[0].referral_id(), same.referral_id());
  EXPECT_EQ(asked_of_it[0].transferred_from(), has);
  EXPECT_EQ(WaitingAt("2023-12-31"), "2") << "nobody has left";
  int of_one_child = 0;
  for (const pb::OpenTransfer& one : Open(Hub()))
    of_one_child += one.same_child();
  EXPECT_EQ(of_one_child, 1);
}

TEST_P(TransferTest, NobodyButTheGiverAndTheHubAnswers) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string other = Register("b", "2023-01-01", kSlt, "Wren");
  const std::string id = Ask("v", from)->referral_id();
  const std::string wrong = Ask("w", other, "Pip")->referral_id();
  for (const auto& [referral, caller] :
       {std::pair(id, Visitor()),
        {id, Provider("lancashire-hospital")},
        {wrong, Provider()},
        {wrong, Visitor()},
        {std::string("W-01NONE"), Provider()}}) {
    for (const bool given : {true, false}) {
      EXPECT_EQ(Answer(referral, given, caller).error().reason,
                "REFERRAL_NOT_FOUND")
          << referral << caller.agency;
    }
  }
  EXPECT_EQ(Answer(wrong, true, Hub()).error().reason,
            "TRANSFER_OF_ANOTHER_CHILD");
  EXPECT_EQ(Answer(from, true, Hub()).error().reason, "TRANSFER_NOT_OPEN");
  auto nobody = Provider();
  nobody.person.clear();
  EXPECT_EQ(Answer(id, true, nobody).error().reason, "PERSON_REQUIRED");
  EXPECT_TRUE(Answer(wrong, false, Hub()));
  EXPECT_EQ(WaitingAt("2023-12-31"), "2");
  EXPECT_TRUE(Answer(id, true, Hub()));
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
}

TEST_P(TransferTest, WhoRemovesTheChildAsTransferredGivesIt) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  ASSERT_TRUE(Remove("a", "2023-09-01", pb::OUTCOME_TRANSFERRED, ""));
  EXPECT_TRUE(Open(Hub()).empty());
  const auto shown = Get(id);
  ASSERT_EQ(shown.waits_size(), 1);
  EXPECT_EQ(shown.waits(0).start_date(), "2023-01-01");
  EXPECT_EQ(shown.waits(0).joined_date(), "2023-09-01");
  EXPECT_EQ(Drift().drift, 0);
  CheckAsKnownThen();
}

TEST_P(TransferTest, RemovedAsTransferredForTwoWhoAskItIsTheHubsToSay) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string one = Ask("v", from)->referral_id();
  const std::string other =
      Ask("w", from, "Robin", "2023-08-01", kSlt)->referral_id();
  ASSERT_TRUE(Remove("a", "2023-09-01", pb::OUTCOME_TRANSFERRED, ""));
  EXPECT_EQ(Open(Hub()).size(), 2u);
  EXPECT_TRUE(Answer(one, true, Hub(), "2023-09-05"));
  EXPECT_EQ(Get(one).waits(0).start_date(), "2023-01-01");
  EXPECT_TRUE(Answer(other, false, Hub()));
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(TransferTest, WhoAnsweredIsNotToldToWhoAsked) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  ASSERT_TRUE(Answer(id, false, Provider()));
  const auto asked = Get(id, Visitor());
  EXPECT_EQ(asked.events(1).kind(), "TRANSFER_REFUSED");
  EXPECT_EQ(asked.events(1).recorded_by(), "");
  EXPECT_EQ(asked.events(1).text(), "");
  EXPECT_EQ(Get(id).events(1).recorded_by(), "hospital/p-1/nurse");
  EXPECT_EQ(Get(id).events(1).text(), "Test: the team was asked");
}

TEST_P(TransferTest, SeenWhileItIsAskedForTheChildWaitsNoMoreWhenItIsGiven) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  auto seen = About("v", "2023-08-20", "continence");
  seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  ASSERT_TRUE(Push(seen, Visitor()));
  EXPECT_EQ(WaitingAt("2023-08-31"), "1") << "its list says nothing of that";
  ASSERT_TRUE(Answer(id, true, Provider()));
  ASSERT_EQ(Get(id).waits_size(), 1);
  EXPECT_EQ(Get(id).waits(0).outcome(), pb::OUTCOME_SEEN);
  EXPECT_EQ(WaitingAt("2023-12-31", "continence"), "0");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(TransferTest, WhatWasAskedByMistakeIsTakenBack) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  auto back = About("v", "2023-08-02", "continence");
  back.mutable_correction()->set_event(1);
  back.mutable_correction()->set_rationale("Test: another child");
  ASSERT_TRUE(Push(back, Visitor()));
  EXPECT_TRUE(Open(Hub()).empty());
  EXPECT_EQ(Answer(id, true, Provider()).error().reason, "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Answer(id, true, Hub()).error().reason, "TRANSFER_NOT_OPEN");
  EXPECT_EQ(Ask("v", from)->referral_id(), id);
  EXPECT_EQ(Open(Hub()).size(), 1u);
  EXPECT_TRUE(Ask("v", from)->already_recorded());
  ASSERT_TRUE(Answer(id, true, Provider()));
  back.mutable_correction()->set_event(3);
  EXPECT_EQ(Push(back, Visitor()).error().reason, "EVENT_NEEDED")
      << "the child would be on no list";
  back.mutable_correction()->set_event(4);
  EXPECT_EQ(Push(back, Visitor()).error().reason, "EVENT_NEEDED");
}

TEST_P(TransferTest, AskedAgainUnderAnotherReferenceItIsOneReferral) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  const auto own =
      Push(Referral("w", "2023-08-10", "continence", "Robin"), Visitor())
          .value();
  EXPECT_EQ(own.referral_id(), id);
  EXPECT_EQ(WaitingAt("2023-08-31", "continence"), "1") << "referred in itself";
  ASSERT_TRUE(Answer(id, true, Provider()));
  EXPECT_EQ(WaitingAt("2023-12-31", "continence"), "1");
  EXPECT_EQ(Row("2023-12-31", "continence").longest_weeks().value(), "52");
  EXPECT_EQ(WaitingAt("2023-12-31"), "0");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(TransferTest, AskedAndAnsweredInOnePushItIsAsOneAfterTheOther) {
  const std::string from = Register("a", "2023-01-01", kSlt, "Robin");
  const std::string id = Ask("v", from)->referral_id();
  auto gives = About("", "2023-09-01");
  gives.mutable_about()->set_referral_id(id);
  gives.mutable_transfer_answer()->set_given(true);
  gives.mutable_transfer_answer()->set_rationale("Test");
  auto refuses = gives;
  refuses.mutable_transfer_answer()->set_given(false);
  auto removes = About("a", "2023-09-02");
  removes.mutable_removal()->set_outcome(pb::OUTCOME_TRANSFERRED);
  EXPECT_EQ(Said(PushAll({gives, gives, refuses, removes}).value()),
            (Strings{"OK", "OK", "TRANSFER_NOT_OPEN", "NOT_WAITING"}));
  EXPECT_EQ(WaitingAt("2023-12-31", "continence"), "1");
  EXPECT_EQ(Drift().drift, 0);
}

}  // namespace
}  // namespace seawall::waiting
