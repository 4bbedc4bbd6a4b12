// What the hub and the referrer see of a contact that was withdrawn, recorded
// in error or added to. On both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hosted_test.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kService[] = "seawall.referrals.v1.ReferralsService/";

Stack& StackOn(store::Engine engine) {
  static std::map<store::Engine, std::unique_ptr<Stack>> stacks;
  if (!stacks[engine]) {
    StackSettings settings;
    settings.engine = engine;
    auto started = Stack::Start(settings);
    EXPECT_TRUE(started) << started.error().message;
    stacks[engine] = *std::move(started);
  }
  return *stacks[engine];
}

class Withdrawals : public ::testing::TestWithParam<store::Engine> {
 protected:
  template <class Response, class Request>
  Result<Response> Call(rpc::Client& client, const char* method,
                        Request request) {
    static int last = 0;
    request.set_area(kArea);
    if constexpr (requires { request.set_request_id(""); }) {
      request.set_request_id(method + std::to_string(++last));
    }
    if constexpr (requires { request.mutable_purpose(); }) {
      request.mutable_purpose()->set_purpose("safeguarding");
      request.mutable_purpose()->set_lawful_basis("public_task");
    }
    return Ask<Response>(client, kService + std::string(method), request);
  }
  std::string Push(int number, const std::string& request_id) {
    const auto pushed = Submit(*police_, TestRequest(number, request_id));
    EXPECT_EQ(Said(pushed), "OK");
    return pushed->receipts(0).contact_id();
  }
  std::string Withdraw(const std::string& id) {
    pb::WithdrawContactRequest request;
    request.set_contact_id(id);
    request.set_reason("Invented: the wrong child.");
    return Said(Call<pb::WithdrawContactResponse>(*police_, "WithdrawContact",
                                                  request));
  }
  std::vector<std::string> Listed(pb::Worklist worklist) {
    pb::ListContactsRequest request;
    request.set_worklist(worklist);
    request.set_page_size(500);
    const auto list =
        Call<pb::ListContactsResponse>(*hub_, "ListContacts", request);
    EXPECT_EQ(Said(list), "OK");
    std::vector<std::string> ids;
    for (const auto& one : list->contacts()) ids.push_back(one.contact_id());
    return ids;
  }
  std::vector<std::string> Found(const pb::Child& child) {
    pb::FindContactsRequest request;
    request.set_nhs_number(child.nhs_number());
    const auto found =
        Call<pb::FindContactsResponse>(*hub_, "FindContacts", request);
    EXPECT_EQ(Said(found), "OK");
    std::vector<std::string> ids;
    for (const auto& one : found->contacts()) ids.push_back(one.contact_id());
    return ids;
  }
  std::vector<std::string> InChronologyOf(const std::string& id) {
    pb::GetChronologyRequest request;
    request.set_area(kArea);
    request.set_subject_id(id);
    request.mutable_purpose()->set_purpose("safeguarding");
    request.mutable_purpose()->set_lawful_basis("public_task");
    const auto told = Ask<pb::GetChronologyResponse>(
        *hub_, "seawall.referrals.v1.JourneyService/GetChronology", request);
    EXPECT_EQ(Said(told), "OK");
    std::vector<std::string> lines;
    for (const auto& entry : told->entries()) {
      lines.push_back(entry.subject_id() + " " + entry.what() + " " +
                      entry.outcome());
    }
    return lines;
  }

  Stack& stack_ = StackOn(GetParam());
  std::unique_ptr<rpc::Client> police_ = stack_.As(kPolice);
  std::unique_ptr<rpc::Client> hub_ = stack_.As(kHub, kPerson);
};

TEST_P(Withdrawals, AWithdrawnContactIsShownOnlyWhereItIsAskedFor) {
  const auto request = TestRequest(41, "wrong-child");
  const auto first = Submit(*police_, request);
  ASSERT_EQ(Said(first), "OK");
  const std::string id = first->receipts(0).contact_id();
  const std::string other = Push(41, "right-child");
  EXPECT_THAT(Listed(pb::WORKLIST_OPEN), Contains(id));
  ASSERT_EQ(Withdraw(id), "OK");
  for (const pb::Worklist worklist :
       {pb::WORKLIST_OPEN, pb::WORKLIST_AWAITING_SCREENING,
        pb::WORKLIST_OVERDUE, pb::WORKLIST_RETURNED, pb::WORKLIST_UNCONFIRMED,
        pb::WORKLIST_UNACKNOWLEDGED, pb::WORKLIST_NEWS}) {
    EXPECT_THAT(Listed(worklist), Not(Contains(id))) << worklist;
  }
  EXPECT_THAT(Listed(pb::WORKLIST_WITHDRAWN), Contains(id));
  EXPECT_THAT(Found(request.form().children(0)), ElementsAre(other));
  EXPECT_THAT(InChronologyOf(other), ElementsAre(other + " contact_received "));
  EXPECT_THAT(InChronologyOf(id),
              ElementsAre(id + " contact_received WITHDRAWN"));
  const auto shown = GetContact(*hub_, id);
  ASSERT_EQ(Said(shown), "OK");
  EXPECT_EQ(shown->contact().state(), pb::STATE_WITHDRAWN);
  EXPECT_FALSE(shown->contact().overdue());
  ASSERT_EQ(shown->contact().withdrawals_size(), 1);
  EXPECT_EQ(shown->contact().withdrawals(0).reason(),
            "Invented: the wrong child.");
  EXPECT_EQ(shown->contact().withdrawals(0).withdrawn_by(), "police/push");
  EXPECT_THAT(shown->look_back(), IsEmpty());
  EXPECT_EQ(GetContact(*hub_, other)->contacts_in_12_months(), 0);
  pb::GetMyContactRequest own;
  own.set_contact_id(id);
  EXPECT_EQ(Call<pb::GetMyContactResponse>(*police_, "GetMyContact", own)
                ->contact()
                .state(),
            pb::STATE_WITHDRAWN);
  EXPECT_EQ(Submit(*police_, request)->SerializeAsString(),
            first->SerializeAsString());
}

TEST_P(Withdrawals, TheHubReinstatesItAndBothReasonsAreKept) {
  const std::string id = Push(42, "came-back");
  ASSERT_EQ(Withdraw(id), "OK");
  pb::ReinstateContactRequest request;
  request.set_contact_id(id);
  request.set_reason("Invented: it was the right child.");
  ASSERT_EQ(Said(Call<pb::ReinstateContactResponse>(*hub_, "ReinstateContact",
                                                    request)),
            "OK");
  EXPECT_THAT(Listed(pb::WORKLIST_OPEN), Contains(id));
  EXPECT_THAT(Listed(pb::WORKLIST_WITHDRAWN), Not(Contains(id)));
  const auto shown = GetContact(*hub_, id);
  ASSERT_EQ(shown->contact().withdrawals_size(), 1);
  const pb::Withdrawal& kept = shown->contact().withdrawals(0);
  EXPECT_EQ(kept.reason(), "Invented: the wrong child.");
  EXPECT_EQ(kept.reinstated_reason(), "Invented: it was the right child.");
  EXPECT_EQ(kept.reinstated_by(), std::string("frontdoor/") + kPerson);
  EXPECT_TRUE(kept.has_reinstated_time());
}

TEST_P(Withdrawals, WhatIsAddedIsShownAndIsNewsUntilTheHubDecidesAgain) {
  const std::string id = Push(43, "added-to");
  const auto add = [&](const char* text) {
    pb::AddToContactRequest request;
    request.set_contact_id(id);
    request.set_text(text);
    return Said(
        Call<pb::AddToContactResponse>(*police_, "AddToContact", request));
  };
  ASSERT_EQ(add("Invented: first news."), "OK");
  EXPECT_THAT(Listed(pb::WORKLIST_NEWS), Not(Contains(id)));
  ASSERT_EQ(Said(Decide(*hub_, id, pb::DECISION_EARLY_HELP, "d-" + id)), "OK");
  EXPECT_THAT(Listed(pb::WORKLIST_NEWS), Not(Contains(id)));
  ASSERT_EQ(add("Invented: second news."), "OK");
  EXPECT_THAT(Listed(pb::WORKLIST_NEWS), Contains(id));
  const auto shown = GetContact(*hub_, id);
  ASSERT_EQ(shown->contact().additions_size(), 2);
  EXPECT_EQ(shown->contact().additions(1).text(), "Invented: second news.");
  pb::DecideContactRequest again;
  again.set_contact_id(id);
  again.set_decision(pb::DECISION_EARLY_HELP);
  again.set_rationale("Invented: read; the decision stands.");
  again.set_corrects(true);
  ASSERT_EQ(
      Said(Call<pb::DecideContactResponse>(*hub_, "DecideContact", again)),
      "OK");
  EXPECT_THAT(Listed(pb::WORKLIST_NEWS), Not(Contains(id)));
}

TEST_P(Withdrawals, AfterAllOfThisNothingIsWrong) {
  EXPECT_EQ(WhatIsWrong(stack_), "");
}

INSTANTIATE_TEST_SUITE_P(Both, Withdrawals, BothEngines(), EngineName);

}  // namespace
}  // namespace seawall::support
