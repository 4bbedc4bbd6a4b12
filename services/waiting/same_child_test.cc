// Who is the same child: two are never one by a slip, one that is two is told
// to a person, and the person's word is taken, and taken back. On both stores.
#include <random>

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

Strings Reasons(const pb::EventReceipt& receipt) {
  Strings reasons;
  for (const pb::Warning& warning : receipt.warnings())
    reasons.push_back(warning.reason());
  return reasons;
}

class SameChildTest : public ServiceTest {
 protected:
  static pb::Event Of(const std::string& reference, const std::string& number,
                      const std::string& given, const std::string& family,
                      const std::string& born, const std::string& day,
                      const std::string& service = kSlt) {
    auto event = About(reference, day, service);
    pb::Child& child = *event.mutable_referral()->mutable_child();
    if (!number.empty()) child.set_nhs_number(NumberFor(number));
    child.set_given_name(given);
    child.set_family_name(family);
    child.set_date_of_birth(born);
    return event;
  }
  // Pairs as "one other", for whoever asks.
  std::set<std::string> Candidates(const rpc::Caller& caller = Hub()) {
    std::set<std::string> pairs;
    pb::ListSameChildCandidatesRequest request;
    request.set_page_size(1);
    do {
      const auto page = Read<pb::ListSameChildCandidatesResponse>(
                            caller, "ListSameChildCandidates", request)
                            .value();
      for (const auto& one : page.candidates())
        pairs.insert(one.referral_id() + " " + one.other_referral_id());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return pairs;
  }
  static std::string Pair(const std::string& one, const std::string& other) {
    return std::min(one, other) + " " + std::max(one, other);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, SameChildTest, support::BothEngines(),
                         support::EngineName);

TEST_P(SameChildTest, ANumberOfTwoChildrenMakesNobodyLeaveTheList) {
  ASSERT_TRUE(
      Push(Of("a", "n", "Test-Cleo", "Test-Sibb", "2019-02-03", "2023-08-01")));
  const auto second =
      Push(Of("b", "n", "Test-Dino", "Test-Sibb", "2021-06-14", "2023-08-08"))
          .value();
  EXPECT_EQ(Reasons(second), Strings{"NUMBER_OF_ANOTHER_CHILD"});
  EXPECT_EQ(second.SerializeAsString().find("Test-"), std::string::npos);
  ASSERT_TRUE(Attend("a", "2023-10-01", pb::ATTENDANCE_ATTENDED));
  EXPECT_EQ(WaitingAt("2023-09-01"), "2");
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(Candidates().size(), 1u);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(SameChildTest, ANumberOfTwoChildrenTransfersAndEndsNobody) {
  const auto first =
      Push(Of("a", "n", "Test-Cleo", "Test-Sibb", "2019-02-03", "2023-08-01"))
          .value();
  ASSERT_TRUE(Remove("a", "2023-09-01"));
  auto soon =
      Of("b", "n", "Test-Dino", "Test-Sibb", "2021-06-14", "2023-09-03");
  EXPECT_NE(Push(soon)->referral_id(), first.referral_id()) << "no spell";
  auto moved =
      Of("c", "n", "Test-Dino", "Test-Sibb", "2021-06-14", "2023-09-03", "cdc");
  moved.mutable_referral()->set_transferred_from(first.referral_id());
  EXPECT_EQ(Push(moved).error().reason, "REFERRAL_NOT_FOUND");
  auto elsewhere =
      Of("v", "n", "Test-Cleo", "Test-Sibb", "2021-06-14", "2023-09-03");
  EXPECT_EQ(Reasons(Push(elsewhere, Provider("health-visitor")).value()),
            Strings())
      << "another provider's children are the hub's to see";
  EXPECT_EQ(Candidates().size(), 3u);
  EXPECT_EQ(Candidates(Provider("health-visitor")).size(), 0u);
  EXPECT_EQ(Candidates(Provider()).size(), 1u);
}

TEST_P(SameChildTest, ChildrenWithoutForenamesAreAllOnTheList) {
  for (const char* given : {"", "Baby", "Twin 1", "Unknown", "Infant"}) {
    area_ = std::string("area-") + given;
    const auto first =
        Push(Of("a", "", given, "Test-Crib", "2023-10-20", "2023-11-01"));
    const auto second =
        Push(Of("b", "", given, "Test-Crib", "2023-10-20", "2023-11-01"))
            .value();
    EXPECT_EQ(Reasons(second), Strings{"MAY_BE_SAME_CHILD"}) << given;
    EXPECT_EQ(WaitingAt("2023-12-31"), "2") << given;
  }
}

TEST_P(SameChildTest, EqualNamesAreACandidateAndNoProof) {
  const auto one =
      Push(Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          .value();
  const auto other =
      Push(Of("b", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          .value();
  EXPECT_EQ(Reasons(other), Strings{"MAY_BE_SAME_CHILD"});
  EXPECT_EQ(WaitingAt("2023-12-31"), "2");
  EXPECT_EQ(Candidates(),
            std::set{Pair(one.referral_id(), other.referral_id())});
  const auto numbered =
      Push(Of("c", "n", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          .value();
  EXPECT_EQ(Reasons(numbered),
            (Strings{"MAY_BE_SAME_CHILD", "MAY_BE_SAME_CHILD"}));
  EXPECT_EQ(Reasons(Push(Of("d", "m", "Test-Eli", "Test-Trace", "2019-02-03",
                            "2023-09-01"))
                        .value()),
            (Strings{"MAY_BE_SAME_CHILD", "MAY_BE_SAME_CHILD"}))
      << "two numbers are two children";
  EXPECT_EQ(Reasons(Push(Of("e", "", "Test-Ada", "Test-Trace", "2019-02-03",
                            "2023-09-01"))
                        .value()),
            Strings())
      << "another forename";
}

TEST_P(SameChildTest, SoundsAndPartsOfNamesAreCandidates) {
  Push(Of("a", "", "Catherine", "Test-Trace", "2019-02-03", "2023-08-01"))
      .value();
  EXPECT_EQ(Reasons(Push(Of("b", "", "Kathryn", "Test-Trace", "2019-02-03",
                            "2023-09-01"))
                        .value()),
            Strings{"MAY_BE_SAME_CHILD"});
  Push(Of("c", "", "Test-Rob", "Orme-Quill", "2018-02-03", "2023-08-01"))
      .value();
  EXPECT_EQ(Reasons(Push(Of("d", "", "Test-Robert", "Quill", "2018-02-03",
                            "2023-09-01"))
                        .value()),
            Strings{"MAY_BE_SAME_CHILD"});
  EXPECT_EQ(Candidates().size(), 2u);
}

TEST_P(SameChildTest, ANumberTracedLaterIsTakenUpAndJoinsWhatFollows) {
  const auto untraced =
      Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01");
  const std::string id = Push(untraced)->referral_id();
  auto traced = untraced;
  traced.mutable_referral()->mutable_child()->set_nhs_number(NumberFor("n"));
  EXPECT_EQ(Reasons(Push(traced).value()), Strings{"DETAIL_CHANGED"});
  const auto later =
      Push(Of("b", "n", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          .value();
  EXPECT_EQ(later.referral_id(), id);
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
}

TEST_P(SameChildTest, ANumberTracedToAnotherReferralMakesACandidate) {
  const auto untraced =
      Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01");
  const std::string one = Push(untraced)->referral_id();
  const std::string other = Push(Of("b", "n", "Test-Elliot", "Test-Other",
                                    "2019-02-03", "2023-09-01"))
                                ->referral_id();
  EXPECT_EQ(Candidates().size(), 0u);
  auto traced = untraced;
  traced.mutable_referral()->mutable_child()->set_nhs_number(NumberFor("n"));
  const auto receipt = Push(traced).value();
  EXPECT_EQ(WaitingAt("2023-12-31"), "2") << "until a person says so";
  EXPECT_EQ(Candidates(), std::set{Pair(one, other)});
  auto wrong = About("a", "2023-12-01");
  wrong.mutable_correction()->set_event(receipt.event());
  wrong.mutable_correction()->set_rationale("Test: another child's number");
  ASSERT_TRUE(Push(wrong));
  EXPECT_EQ(Candidates().size(), 0u);
}

TEST_P(SameChildTest, TwoWaitsBecomeOneByAPersonsWordAndTwoAgain) {
  const std::string later =
      Push(Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          ->referral_id();
  const std::string older =
      Push(Of("b", "n", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  EXPECT_EQ(WaitingAt("2023-12-31"), "2");
  EXPECT_EQ(Reasons(Say(later, older, true).value()), Strings{"SAME_SPELL"});
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "21");
  EXPECT_EQ(Candidates().size(), 0u);
  EXPECT_EQ(Get(later).goes_on_as(), older);
  EXPECT_EQ(Get(later).waits_size(), 0);
  EXPECT_EQ(Drift().drift, 0);
  EXPECT_TRUE(Say(older, later, true)->already_recorded());
  EXPECT_EQ(Count("waiting"), 1);

  const auto parted = Say(older, later, false);
  ASSERT_TRUE(parted) << parted.error().reason;
  EXPECT_EQ(WaitingAt("2023-12-31"), "2");
  EXPECT_EQ(Get(later).goes_on_as(), "");
  EXPECT_EQ(Count("waiting"), 2);
  EXPECT_EQ(Candidates().size(), 0u) << "a person has said so";
  ASSERT_TRUE(Say(later, older, true));
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(Drift().drift, 0);
  CheckAsKnownThen();
}

TEST_P(SameChildTest, WhatHappensUnderTheLaterReferenceHappensToTheOneWait) {
  const std::string older =
      Push(Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  const std::string later =
      Push(Of("b", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          ->referral_id();
  ASSERT_TRUE(Say(older, later, true, Provider()));
  auto back = About("b", "2023-12-01");
  back.mutable_correction()->set_event(1);
  back.mutable_correction()->set_rationale("Test");
  EXPECT_EQ(Push(back).error().reason, "EVENT_NOT_FOUND")
      << "of which of the two?";
  EXPECT_TRUE(
      Push(Of("b", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-09-01"))
          ->already_recorded());
  const auto seen = Attend("b", "2023-10-01", pb::ATTENDANCE_ATTENDED).value();
  EXPECT_EQ(seen.referral_id(), older);
  EXPECT_EQ(Reasons(seen), Strings{"SAME_SPELL"});
  EXPECT_EQ(WaitingAt("2023-12-31"), "0");
  const auto again =
      Push(Of("b", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-11-01"))
          .value();
  EXPECT_EQ(again.referral_id(), older);
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(SameChildTest, AProviderSpeaksOfItsOwnReferralsAlone) {
  const std::string own =
      Push(Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  const std::string other =
      Push(Of("v", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"),
           Provider("health-visitor"))
          ->referral_id();
  EXPECT_EQ(Say(own, other, true, Provider()).error().reason,
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Say(other, own, true, Provider()).error().reason,
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Say(own, own, true).error().reason, "SAME_REFERRAL");
  EXPECT_EQ(Say(own, "W-none", true).error().reason, "REFERRAL_NOT_FOUND");
  auto nobody = Hub();
  nobody.person.clear();
  EXPECT_EQ(Say(own, other, true, nobody).error().reason, "PERSON_REQUIRED");
  const auto said = Say(own, other, true);
  ASSERT_TRUE(said) << said.error().reason;
  EXPECT_EQ(WaitingAt("2023-12-31"), "2") << "two providers, two waits";
  EXPECT_EQ(Get(own).also_waits_for_size(), 1);
}

TEST_P(SameChildTest, ADeathIsToldToWhomAPersonSaidIsTheSameChild) {
  const std::string one =
      Push(Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  const std::string other = Push(Of("b", "n", "Test-Eli", "Test-Trace",
                                    "2019-02-03", "2023-08-01", "camhs"))
                                ->referral_id();
  const std::string numbered = Push(Of("c", "n", "Test-Eli", "Test-Trace",
                                       "2019-02-03", "2023-08-01", "ot"))
                                   ->referral_id();
  ASSERT_TRUE(Remove("a", "2023-09-01", pb::OUTCOME_DIED, "DIED"));
  EXPECT_FALSE(Get(other).child_died()) << "a name is no proof";
  ASSERT_TRUE(Say(one, other, true));
  EXPECT_TRUE(Get(other).child_died());
  EXPECT_TRUE(Get(numbered).child_died()) << "the same number as that one";
  EXPECT_TRUE(Get(numbered).duties().empty());
  EXPECT_EQ(Drift().drift, 0);
  ASSERT_TRUE(Say(one, other, false));
  EXPECT_FALSE(Get(other).child_died());
  EXPECT_FALSE(Get(numbered).child_died());
  EXPECT_FALSE(Get(numbered).duties().empty());
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(SameChildTest, APersonsWordComesBeforeANumber) {
  const std::string one =
      Push(Of("a", "n", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  const std::string other = Push(Of("b", "n", "Test-Eli", "Test-Trace",
                                    "2019-02-03", "2023-08-01", "camhs"))
                                ->referral_id();
  ASSERT_TRUE(Say(one, other, false));
  EXPECT_EQ(Get(one).also_waits_for_size(), 0);
  ASSERT_TRUE(Remove("a", "2023-09-01", pb::OUTCOME_DIED, "DIED"));
  EXPECT_FALSE(Get(other).child_died());
  ASSERT_TRUE(Say(one, other, true));
  EXPECT_TRUE(Get(other).child_died());
}

TEST_P(SameChildTest, AChildIsFoundByNumbersHoweverTheyAreWritten) {
  const std::string number = NumberFor("n");
  const std::string id =
      Push(Of("a", "n", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          ->referral_id();
  int reference = 0;
  for (const char* space : {" ", "-", "\u00a0", "\u2011", "\u200b", "\u2009"}) {
    auto event = Of("r-" + std::to_string(++reference), "", "Test-Eli",
                    "Test-Trace", "2019-02-03", "2023-08-02");
    event.mutable_referral()->mutable_child()->set_nhs_number(
        number.substr(0, 3) + space + number.substr(3, 3) + space +
        number.substr(6));
    const auto receipt = Push(event).value();
    EXPECT_EQ(receipt.referral_id(), id) << reference;
  }
}

TEST_P(SameChildTest, KeysOfOtherRulesAreMadeAnewFromWhatWasSaid) {
  const auto first =
      Of("a", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01");
  const std::string id = Push(first)->referral_id();
  const auto number =
      Push(Of("b", "n", "Test-Ada", "Test-Other", "2018-02-03", "2023-08-01"))
          .value();
  store::Session& writer = database_->writer();
  ASSERT_TRUE(store::Try([&] {
    writer.sql() << "update child_referrals set child_key = 'old' || child_key";
  }));
  EXPECT_EQ(Reasons(Push(Of("c", "", "Test-Eli", "Test-Trace", "2019-02-03",
                            "2023-08-01"))
                        .value()),
            Strings())
      << "found by nothing";
  ASSERT_TRUE(service_->MakeKeysAnew(writer));
  EXPECT_EQ(Reasons(Push(Of("d", "", "Test-Eli", "Test-Trace", "2019-02-03",
                            "2023-08-01"))
                        .value()),
            (Strings{"MAY_BE_SAME_CHILD", "MAY_BE_SAME_CHILD"}));
  EXPECT_EQ(
      Push(Of("e", "n", "Test-Ada", "Test-Other", "2018-02-03", "2023-08-02"))
          ->referral_id(),
      number.referral_id());
}

// Whatever is said in whatever order: counters, lists and worklist are what the
// events add up to, and nobody writes to a family of a child that died.
TEST_P(SameChildTest, WhateverIsSaidTheListsAddUp) {
  std::mt19937 random(7);
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  const auto day = [&] {
    return FormatDate(ParseDate("2023-03-01").value() +
                      std::chrono::days(below(250)));
  };
  std::set<std::string> ids;
  const auto any = [&] { return *std::next(ids.begin(), below(ids.size())); };
  const char* numbers[] = {"", "n", "m"};
  const char* forenames[] = {"Test-Eli", "Test-Elias", "Test-Ada", "Baby"};
  int recorded = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string reference = "r-" + std::to_string(below(8));
    const int what = below(10);
    if (what < 4 || ids.empty()) {
      const auto receipt =
          Push(Of(reference, numbers[below(3)], forenames[below(4)],
                  "Test-Trace", below(9) ? "2019-02-03" : "2023-05-01", day()));
      if (receipt) ids.insert(receipt->referral_id());
      recorded += receipt.has_value();
    } else if (what == 4) {
      recorded += Attend(reference, day(), pb::ATTENDANCE_ATTENDED).has_value();
    } else if (what == 5) {
      recorded += Remove(reference, day(),
                         below(2) ? pb::OUTCOME_DIED : pb::OUTCOME_DISCHARGED,
                         "NOT_SUITABLE")
                      .has_value();
    } else if (what < 8) {
      auto back = About("", day());
      back.mutable_about()->set_referral_id(any());
      back.mutable_correction()->set_event(1 + below(9));
      back.mutable_correction()->set_rationale("Test");
      recorded += Push(back).has_value();
    } else if (what == 8 && below(2)) {
      auto asks = Of("v-" + std::to_string(below(5)), numbers[below(3)],
                     forenames[below(4)], "Test-Trace", "2019-02-03", day());
      asks.mutable_referral()->set_transferred_from(any());
      const auto receipt = Push(asks, Provider("health-visitor"));
      if (receipt) ids.insert(receipt->referral_id());
      recorded += receipt.has_value();
    } else if (what == 9 && below(2)) {
      pb::AnswerTransferRequest answer;
      answer.mutable_about()->set_referral_id(any());
      answer.mutable_about()->set_happened_date(day());
      answer.mutable_transfer_answer()->set_given(below(3));
      answer.mutable_transfer_answer()->set_rationale("Test");
      recorded +=
          Write<pb::AnswerTransferResponse>("AnswerTransfer", answer, Hub())
              .has_value();
    } else {
      recorded += Say(any(), any(), what == 8).has_value();
    }
    if (i % 50 == 49) ASSERT_EQ(Drift().drift, 0) << i;
  }
  EXPECT_GT(recorded, 100);
  CheckAsKnownThen();
  const pb::ServiceRow row = Row("2024-01-10");
  long long open = 0;
  for (const std::string& id : ids) {
    store::Reader reader = database_->Read().value();
    const auto records = store::RecordsOf(reader, kArea);
    const History history = store_.Events(*records, id).value();
    const std::vector<Wait> waits = WaitsOf(history);
    open += OpenWait(waits) != nullptr;
    if (Get(id).child_died()) EXPECT_TRUE(Get(id).duties().empty());
  }
  EXPECT_EQ(row.waiting().value(), std::to_string(open));
  EXPECT_EQ(Count("waiting"), open);
  // Who asks is open in the table if it is by its events.
  for (const std::string& id : ids) {
    store::Reader reader = database_->Read().value();
    const auto records = store::RecordsOf(reader, kArea);
    const History history = store_.Events(*records, id).value();
    const auto rows = store_.Transfers(*records, {id}, {}).value();
    EXPECT_EQ(history.LastTransfer().IsOpen(),
              rows.size() == 1 && rows[0].answer.empty());
  }
}

TEST_P(SameChildTest, ACrowdOfNamesakesCostsNoMoreThanItsNewest) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(Push(Of("r-" + std::to_string(i), "", "Test-Eli", "Test-Trace",
                        "2019-02-03", "2023-08-01")));
  }
  const auto last =
      Push(Of("last", "", "Test-Eli", "Test-Trace", "2019-02-03", "2023-08-01"))
          .value();
  EXPECT_GE(last.warnings_size(), 20);
  EXPECT_LE(last.warnings_size(), 40);
  EXPECT_EQ(WaitingAt("2023-12-31"), "61");
}

}  // namespace
}  // namespace seawall::waiting
