// The same request id again: one contact, one answer, whatever happened in
// between. On both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "libs/ledger/batch.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

constexpr int kTogether = 64;

Result<std::unique_ptr<Stack>> StartOn(store::Engine engine) {
  StackSettings settings;
  settings.engine = engine;
  return Stack::Start(settings);
}

// One stack for each store; started by the first test that asks.
Stack& StackOn(store::Engine engine) {
  static std::map<store::Engine, std::unique_ptr<Stack>> stacks;
  if (!stacks[engine]) {
    auto started = StartOn(engine);
    EXPECT_TRUE(started) << started.error().message;
    stacks[engine] = *std::move(started);
  }
  return *stacks[engine];
}

// Sends the request from 64 calls over several connections, all at once.
std::vector<Result<pb::SubmitContactResponse>> SendTogether(
    const Stack& stack, const std::function<pb::SubmitContactRequest(int)>& of,
    const std::string& caller = kPolice) {
  std::vector<std::unique_ptr<rpc::Client>> clients;
  for (int i = 0; i < 4; i++) {
    clients.push_back(stack.As(caller));
    EXPECT_TRUE(clients.back()->Healthy());  // connected before all go off
  }
  std::vector<pb::SubmitContactResponse> responses(kTogether);
  std::vector<std::optional<Error>> errors(kTogether);
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = kTogether;
  for (int i = 0; i < kTogether; i++) {
    clients[static_cast<std::size_t>(i % 4)]->CallAsync(
        kSubmit, of(i), &responses[static_cast<std::size_t>(i)],
        [&, i](Result<void> done) {
          std::lock_guard lock(mutex);
          if (!done) errors[static_cast<std::size_t>(i)] = done.error();
          waiting--;
          changed.notify_one();
        });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting == 0; });
  std::vector<Result<pb::SubmitContactResponse>> results;
  for (std::size_t i = 0; i < kTogether; i++) {
    if (errors[i]) {
      results.emplace_back(*errors[i]);
    } else {
      results.emplace_back(responses[i]);
    }
  }
  return results;
}

// Answers are kept under a keyed hash of the sender and its id.
std::string CountOf(const Stack& stack, const std::string& request_id) {
  const auto sealer = seal::Sealer::Load({stack.seal_key_file()}).value();
  return "select count(*) from answers where request = '" +
         ledger::RequestKeys(sealer, {"police", "push", "referrer", ""},
                             request_id)
             .front() +
         "'";
}

class Answers : public ::testing::TestWithParam<store::Engine> {
 protected:
  Stack& stack_ = StackOn(GetParam());
  std::int64_t Contacts() const {
    return stack_.Number("select count(*) from contacts");
  }
};

TEST_P(Answers, SixtyFourCallsAtOnceMakeOneContactAndGetOneAnswer) {
  const std::int64_t before = Contacts();
  const auto request = TestRequest(1, "together");
  const auto results = SendTogether(stack_, [&](int) { return request; });
  std::set<std::string> answers;
  for (const auto& result : results) {
    ASSERT_EQ(Said(result), "OK");
    answers.insert(result->SerializeAsString());
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(Contacts(), before + 1);
  EXPECT_EQ(stack_.Number(CountOf(stack_, "together")), 1);
}

TEST_P(Answers, OfSixtyFourDifferentFormsUnderOneIdOneIsStored) {
  const std::int64_t before = Contacts();
  const auto results =
      SendTogether(stack_, [&](int i) { return TestRequest(i, "contested"); });
  int stored = 0;
  for (const auto& result : results) {
    if (result) {
      stored++;
    } else {
      EXPECT_EQ(Said(result), "INVALID_ARGUMENT REQUEST_ID_REUSED request_id");
    }
  }
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(Contacts(), before + 1);
}

TEST_P(Answers, AnotherAgencysIdIsAnotherRequest) {
  const std::int64_t before = Contacts();
  const auto request = TestRequest(2, "of-two-agencies");
  const auto police = Submit(*stack_.As(kPolice), request);
  const auto school = Submit(*stack_.As(kSchool), request);
  ASSERT_EQ(Said(police), "OK");
  ASSERT_EQ(Said(school), "OK");
  EXPECT_NE(police->receipts(0).contact_id(), school->receipts(0).contact_id());
  EXPECT_EQ(Contacts(), before + 2);
}

TEST_P(Answers, TheFirstAnswerIsGivenAfterARestart) {
  const auto request = TestRequest(3, "across-a-restart");
  const auto first = Submit(*stack_.As(kPolice), request);
  ASSERT_EQ(Said(first), "OK");
  const std::int64_t before = Contacts();
  ASSERT_EQ(Said(stack_.RestartService()), "OK") << stack_.Log();
  const auto again = Submit(*stack_.As(kPolice), request);
  ASSERT_EQ(Said(again), "OK");
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Contacts(), before);
  auto other = request;
  other.mutable_form()->set_source("1A");
  EXPECT_EQ(Said(Submit(*stack_.As(kPolice), other)),
            "INVALID_ARGUMENT REQUEST_ID_REUSED request_id");
}

TEST_P(Answers, TheFirstAnswerIsGivenAfterTheRecordHasMovedOn) {
  const auto request = TestRequest(4, "moved-on");
  const auto police = stack_.As(kPolice);
  const auto hub = stack_.As(kHub, kPerson);
  const auto first = Submit(*police, request);
  ASSERT_EQ(Said(first), "OK");
  const std::string& id = first->receipts(0).contact_id();
  const auto decided = Decide(*hub, id, pb::DECISION_REFERRAL, "decide-1");
  ASSERT_EQ(Said(decided), "OK");
  EXPECT_EQ(Submit(*police, request)->SerializeAsString(),
            first->SerializeAsString());

  // A decision is repeated, too, instead of being refused as made already.
  const auto again = Decide(*hub, id, pb::DECISION_REFERRAL, "decide-1");
  ASSERT_EQ(Said(again), "OK");
  EXPECT_EQ(again->SerializeAsString(), decided->SerializeAsString());
  const auto other = Decide(*hub, id, pb::DECISION_REFERRAL, "decide-2");
  EXPECT_EQ(Said(other).substr(0, 35), "FAILED_PRECONDITION ALREADY_DECIDED");
}

TEST_P(Answers, EveryChangeOfTheContentIsNoticed) {
  const auto client = stack_.As(kPolice);
  const auto request = TestRequest(5, "changed");
  ASSERT_EQ(Said(Submit(*client, request)), "OK");
  const std::vector<std::function<void(pb::ContactForm&)>> changes = {
      [](auto& form) { form.set_source("1A"); },
      [](auto& form) { form.clear_source(); },
      [](auto& form) { form.mutable_concern()->set_level_of_need(4); },
      [](auto& form) { form.mutable_concern()->add_factors("2B"); },
      [](auto& form) { form.mutable_children(0)->set_given_name("Test-Chil"); },
      [](auto& form) { *form.add_children() = form.children(0); },
      [](auto& form) { form.clear_household(); },
      [](auto& form) { form.set_parents_informed(pb::ANSWER_NO); }};
  for (std::size_t i = 0; i < changes.size(); i++) {
    auto other = request;
    changes[i](*other.mutable_form());
    EXPECT_EQ(Said(Submit(*client, other)),
              "INVALID_ARGUMENT REQUEST_ID_REUSED request_id")
        << i;
  }
  EXPECT_EQ(Said(Submit(*client, request)), "OK");
}

TEST_P(Answers, ARequestThatWasRefusedMayBePutRightUnderItsId) {
  const auto client = stack_.As(kPolice);
  auto request = TestRequest(6, "put-right");
  request.clear_form();
  EXPECT_FALSE(Submit(*client, request));
  EXPECT_EQ(Said(Submit(*client, TestRequest(6, "put-right"))), "OK");
}

TEST_P(Answers, AfterAllOfThisNothingIsWrong) {
  EXPECT_EQ(WhatIsWrong(stack_), "");
}

INSTANTIATE_TEST_SUITE_P(Both, Answers,
                         ::testing::Values(store::Engine::kSqlite,
                                           store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

}  // namespace
}  // namespace seawall::support
