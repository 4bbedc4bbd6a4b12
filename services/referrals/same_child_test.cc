// Who is the same child, over real records on both engines; and what a child
// with very many contacts costs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/store/derived.h"
#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SameChildTest : public ServiceTest {
 protected:
  struct Written {
    std::string given, family, born;
    std::string nhs = {}, upn = {}, former_upn = {};
  };

  pb::SubmitContactRequest FormOf(const Written& written) {
    pb::SubmitContactRequest request = Form(1);
    pb::Child& child = *request.mutable_form()->mutable_children(0);
    child.set_given_name(written.given);
    child.set_family_name(written.family);
    child.set_date_of_birth(written.born);
    child.set_nhs_number(written.nhs);
    child.set_upn(written.upn);
    child.set_former_upn(written.former_upn);
    return request;
  }
  std::string Push(const Written& written) {
    return Submit(FormOf(written)).value().receipts(0).contact_id();
  }

  pb::GetContactResponse Get(const std::string& id, int size = 0,
                             const std::string& token = {}) {
    pb::GetContactRequest request;
    request.set_contact_id(id);
    request.set_page_size(size);
    request.set_page_token(token);
    return Read<pb::GetContactResponse>(Hub(), "GetContact", request).value();
  }
  // How `id` sees `other`; unspecified where it does not.
  pb::Match Sees(const std::string& id, const std::string& other) {
    const auto seen = Get(id);
    for (const pb::EarlierContact& one : seen.look_back()) {
      if (one.contact_id() == other) return one.match();
    }
    return pb::MATCH_UNSPECIFIED;
  }
  void Confirm(const std::string& one, const std::string& other, bool same) {
    pb::ConfirmSameChildRequest request;
    request.set_contact_id(one);
    request.set_other_contact_id(other);
    request.set_same(same);
    Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", request)
        .value();
  }
  // Whether a referral of `other` finds the open episode of `one`.
  bool EpisodeIsOpenFor(const std::string& one, const std::string& other) {
    Decide(one, pb::DECISION_REFERRAL).value();
    const auto second = Decide(other, pb::DECISION_REFERRAL);
    return !second && second.error().reason == "EPISODE_OPEN";
  }

  const std::string number_ = TestNhsNumber(1);
};
INSTANTIATE_TEST_SUITE_P(Engines, SameChildTest, support::BothEngines(),
                         support::EngineName);

TEST_P(SameChildTest,
       ANumberThatTwoChildrenShareIsACandidateThatSaysWhatDiffers) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  const auto twin = Push({"Test-Dino", "Test-Sibb", "2012-02-03", number_});
  const auto sister = Push({"Test-Cleo", "Test-Sibb", "2014-06-14", number_});
  const auto seen = Get(one);
  ASSERT_EQ(seen.look_back_size(), 2);
  for (const pb::EarlierContact& other : seen.look_back()) {
    EXPECT_EQ(other.match(), pb::MATCH_CANDIDATE);
    EXPECT_THAT(std::vector<std::string>(other.differs_on().begin(),
                                         other.differs_on().end()),
                ElementsAre(other.contact_id() == twin ? "given_name"
                                                       : "date_of_birth"));
  }
  EXPECT_EQ(Get(one).contacts_in_12_months(), 0);
  EXPECT_FALSE(EpisodeIsOpenFor(one, twin));
  EXPECT_TRUE(Decide(sister, pb::DECISION_REFERRAL)) << "a third child";
}

TEST_P(SameChildTest, ANameIsTheSameInCapitalsInEveryScript) {
  const auto one = Push({"Тест-Анна", "Тест-Иванова", "2014-03-03", number_});
  const auto other = Push({"ТЕСТ-АННА", "ТЕСТ-ИВАНОВА", "2014-03-03", number_});
  EXPECT_EQ(Sees(other, one), pb::MATCH_SAME_CHILD);
  EXPECT_TRUE(EpisodeIsOpenFor(one, other));
}

TEST_P(SameChildTest, AChildWithOneNameIsFoundWhicheverFieldItStandsIn) {
  const auto one = Push({"Test-Sultana", "", "2012-01-01"});
  const auto other = Push({"", "Test-Sultana", "2012-01-01"});
  const auto both = Push({"Test-Amina", "Test-Sultana", "2012-01-01"});
  EXPECT_EQ(Sees(other, one), pb::MATCH_CANDIDATE);
  EXPECT_EQ(Sees(both, one), pb::MATCH_CANDIDATE);
  pb::FindContactsRequest find;
  find.set_given_name("Test-Sultana");
  find.set_date_of_birth("2012-01-01");
  EXPECT_EQ(Read<pb::FindContactsResponse>(Hub(), "FindContacts", find)
                .value()
                .contacts_size(),
            3);
}

TEST_P(SameChildTest, ANumberIsFoundWithWhateverIsBetweenItsDigits) {
  const std::string spaced = number_.substr(0, 3) + "\u00A0" +
                             number_.substr(3, 3) + "\u2013" +
                             number_.substr(6) + "\u200E";
  const auto one = Push({"Test-Nb", "Test-Space", "2014-03-04", number_});
  const auto other = Push({"Test-Nb", "Test-Space", "2014-03-04", spaced});
  EXPECT_EQ(Sees(other, one), pb::MATCH_SAME_CHILD);
}

TEST_P(SameChildTest, AFormerUpnFindsTheChild) {
  const auto one =
      Push({"Test-Ada", "Test-B", "2012-03-04", "", "A950000178301"});
  const auto other = Push({"Test-Ada", "Test-B", "2012-03-04", "",
                           "H243278544154", "A950000178301"});
  EXPECT_EQ(Sees(other, one), pb::MATCH_SAME_CHILD);
}

TEST_P(SameChildTest, NobodyIsTheSameChildAcrossAThirdWhoContradicts) {
  const auto sam = Push({"Test-Sam", "Test-B", "2012-03-04", number_});
  const auto boy = Push({"Test-Samuel", "Test-B", "2012-03-04", number_});
  const auto girl = Push({"Test-Samantha", "Test-B", "2012-03-04", number_});
  EXPECT_EQ(Sees(boy, girl), pb::MATCH_CANDIDATE);
  EXPECT_FALSE(EpisodeIsOpenFor(boy, girl));
}

TEST_P(SameChildTest, NumbersLeadFromContactToContact) {
  const auto by_nhs = Push({"Test-Ada", "Test-B", "2012-03-04", number_});
  Push({"Test-Ada", "Test-B", "2012-03-04", number_, "A950000178301"});
  const auto by_upn =
      Push({"Test-Ada", "Test-B", "2012-03-04", "", "A950000178301"});
  EXPECT_TRUE(EpisodeIsOpenFor(by_nhs, by_upn));
}

TEST_P(SameChildTest, APersonsWordMakesOneOfTwoAndTwoOfOne) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  const auto wrong = Push({"Test-Cleo", "Test-Sibb", "2012-02-30", number_});
  const auto nameless = Push({"Test-Kleo", "Test-Sib", "2012-03-03"});
  Confirm(one, nameless, true);
  EXPECT_EQ(Sees(one, nameless), pb::MATCH_SAME_CHILD);
  // Also seen from a third that shares a number with the first.
  EXPECT_TRUE(EpisodeIsOpenFor(nameless, wrong));
  Confirm(one, nameless, false);
  EXPECT_EQ(Sees(one, nameless), pb::MATCH_UNSPECIFIED);
  EXPECT_TRUE(Decide(wrong, pb::DECISION_REFERRAL));
}

TEST_P(SameChildTest, ThoseToldApartStayApartWhereAllElseIsEqual) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  const auto other = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  Confirm(one, other, false);
  EXPECT_EQ(Sees(one, other), pb::MATCH_HOUSEHOLD);
  EXPECT_EQ(Get(one).contacts_in_12_months(), 0);
  EXPECT_FALSE(EpisodeIsOpenFor(one, other));
}

// ---- corrections ----

class CorrectionTest : public SameChildTest {
 protected:
  Result<pb::CorrectChildResponse> Correct(const std::string& contact,
                                           const pb::Child& child,
                                           int undoes = 0,
                                           const std::string& empty = {}) {
    pb::CorrectChildRequest request;
    request.set_contact_id(contact);
    *request.mutable_child() = child;
    if (!empty.empty()) request.add_empty(empty);
    request.set_rationale("Test rationale");
    request.set_undoes(undoes);
    return Write<pb::CorrectChildResponse>(Police(), "CorrectChild", request);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, CorrectionTest, support::BothEngines(),
                         support::EngineName);

TEST_P(CorrectionTest, ANumberTracedLaterMakesOneChildOfTwoAndIsUndone) {
  const auto known = Push({"Test-Eli", "Test-Trace", "2012-02-03", number_});
  const auto untraced = Push({"Test-Eli", "Test-Trace", "2012-02-03"});
  EXPECT_EQ(Sees(known, untraced), pb::MATCH_CANDIDATE);
  pb::Child traced;
  traced.set_nhs_number(number_);
  const auto corrected = Correct(untraced, traced).value();
  EXPECT_THAT(std::vector<std::string>(corrected.fields().begin(),
                                       corrected.fields().end()),
              ElementsAre("nhs_number"));
  EXPECT_EQ(Sees(known, untraced), pb::MATCH_SAME_CHILD);
  EXPECT_EQ(Sees(untraced, known), pb::MATCH_SAME_CHILD);
  const auto shown = Get(untraced).contact();
  EXPECT_EQ(shown.form().children(0).nhs_number(), number_);
  EXPECT_EQ(shown.form().children(0).given_name(), "Test-Eli");
  ASSERT_EQ(shown.corrections_size(), 1);
  EXPECT_EQ(shown.corrections(0).before().nhs_number(), "");
  EXPECT_EQ(shown.corrections(0).rationale(), "Test rationale");

  ASSERT_TRUE(Correct(untraced, {}, corrected.number()));
  EXPECT_EQ(Sees(known, untraced), pb::MATCH_CANDIDATE);
  EXPECT_EQ(Get(untraced).contact().form().children(0).nhs_number(), "");
  EXPECT_EQ(Get(untraced).contact().corrections(1).undoes(),
            corrected.number());
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(CorrectionTest, AReferralBecomesAReReferralWhenItsChildBecomesKnown) {
  Refer(1, "2018-01-08", "2018-01-09");
  auto later = FormOf({"Test-Rob", "Test-Harbour", "2010-05-01"});
  Receive(later, "2018-03-05");
  const auto contact = Submit(later).value().receipts(0).contact_id();
  Decide(contact, pb::DECISION_REFERRAL, false, "2018-03-05").value();
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 0);
  pb::Child traced;
  traced.set_nhs_number(number_);
  traced.set_given_name("Test-Robin");
  const auto corrected = Correct(contact, traced).value();
  EXPECT_EQ(corrected.changed_episode_ids_size(), 1);
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 1);
  EXPECT_EQ(Drift().drift, 0);
  Correct(contact, {}, corrected.number()).value();
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 0);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(CorrectionTest, AWrongNumberIsTakenAway) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  const auto other = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  EXPECT_EQ(Sees(one, other), pb::MATCH_SAME_CHILD);
  Correct(other, {}, 0, "nhs_number").value();
  EXPECT_EQ(Sees(one, other), pb::MATCH_CANDIDATE);
}

TEST_P(CorrectionTest, AWithdrawnContactIsMatchedByNothingUntilReinstated) {
  const auto known = Push({"Test-Eli", "Test-Trace", "2012-02-03", number_});
  const auto other = Push({"Test-Eli", "Test-Trace", "2012-02-03"});
  pb::WithdrawContactRequest withdraw;
  withdraw.set_contact_id(other);
  withdraw.set_reason("Test reason");
  Write<pb::WithdrawContactResponse>(Police(), "WithdrawContact", withdraw)
      .value();
  pb::Child traced;
  traced.set_nhs_number(number_);
  EXPECT_EQ(Correct(other, traced).error().reason, "CONTACT_WITHDRAWN");
  EXPECT_EQ(Sees(known, other), pb::MATCH_UNSPECIFIED);
  // Also not when its keys are made anew.
  ASSERT_TRUE(service_->MakeKeysAnew(database_->writer()));
  EXPECT_EQ(Sees(known, other), pb::MATCH_UNSPECIFIED);
  pb::ReinstateContactRequest reinstate;
  reinstate.set_contact_id(other);
  reinstate.set_reason("Test reason");
  Write<pb::ReinstateContactResponse>(Hub(), "ReinstateContact", reinstate)
      .value();
  EXPECT_EQ(Sees(known, other), pb::MATCH_CANDIDATE);
  Correct(other, traced).value();
  EXPECT_EQ(Sees(known, other), pb::MATCH_SAME_CHILD);
}

TEST_P(CorrectionTest, WhatDoesNotCheckOutIsWarnedAboutAndNotMatchedOn) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03"});
  pb::Child wrong;
  wrong.set_nhs_number("123");
  const auto corrected = Correct(one, wrong).value();
  ASSERT_GE(corrected.warnings_size(), 1);
  EXPECT_EQ(corrected.warnings(0).field(), "child.nhs_number");
  EXPECT_EQ(corrected.warnings(0).reason(), "NHS_NUMBER_INVALID");
}

TEST_P(CorrectionTest, AReferrerCorrectsItsOwnAndGivesNoCouncilsId) {
  const auto one = Push({"Test-Cleo", "Test-Sibb", "2012-02-03"});
  pb::Child child;
  child.set_la_child_id("T1");
  EXPECT_EQ(Correct(one, child).error().reason, "NOTHING_CORRECTED");
  pb::CorrectChildRequest request;
  request.set_contact_id(one);
  request.mutable_child()->set_given_name("Test-Kleo");
  request.set_rationale("Test rationale");
  rpc::Caller other = Police();
  other.agency = "hospital";
  EXPECT_EQ(Write<pb::CorrectChildResponse>(other, "CorrectChild", request)
                .error()
                .reason,
            "CONTACT_NOT_FOUND");
  request.clear_rationale();
  EXPECT_EQ(Write<pb::CorrectChildResponse>(Police(), "CorrectChild", request)
                .error()
                .reason,
            "RATIONALE_REQUIRED");
  EXPECT_EQ(Correct(one, {}, 3).error().reason, "CORRECTION_NOT_FOUND");
  EXPECT_EQ(Correct(one, {}, 0, "colour").error().reason, "FIELD_UNKNOWN");
}

TEST_P(SameChildTest, KeysOfOtherRulesAreMadeAnewOfWhatIsSealed) {
  pb::SubmitContactRequest family =
      FormOf({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  pb::Child& sibling = *family.mutable_form()->add_children();
  sibling.set_given_name("Test-Dino");
  sibling.set_family_name("Test-Elsewhere");
  sibling.set_date_of_birth("2014-02-03");
  const auto pushed = Submit(family).value();
  const std::string one = pushed.receipts(0).contact_id();
  const auto other = Push({"Test-Cleo", "Test-Sibb", "2012-02-03", number_});
  const auto dino = Push({"Test-Dino", "Test-Elsewhere", "2014-02-03"});
  store::Session& writer = database_->writer();
  ASSERT_TRUE(writer.Begin());
  writer.sql() << "update contact_keys set key_hash = key_hash + 1";
  writer.sql() << "update contacts set identity = 1";
  ASSERT_TRUE(writer.Commit());
  EXPECT_EQ(Sees(other, one), pb::MATCH_UNSPECIFIED);
  int made = 0;
  const store::Derivation derivation = {
      "child_keys", "rules of the next release", [&](store::Session& session) {
        made++;
        return service_->MakeKeysAnew(session);
      }};
  ASSERT_TRUE(store::Derive(writer, {derivation}));
  EXPECT_EQ(Sees(other, one), pb::MATCH_SAME_CHILD);
  EXPECT_EQ(Sees(dino, one), pb::MATCH_HOUSEHOLD);
  ASSERT_TRUE(store::Derive(writer, {derivation}));
  EXPECT_EQ(made, 1) << "once for each set of rules";
}

// ---- a child with very many contacts ----
//
// A reader's snapshot ends after a second: what grows with a child's contacts
// one statement at a time does not end in it.

class ManyContactsTest : public SameChildTest {
 protected:
  static constexpr int kContacts = 5000;

  // All of one child; `alter` makes each a little other.
  void PushMany(const std::function<void(int, pb::Child&)>& alter) {
    for (int i = 0; i < kContacts;) {
      pb::SubmitContactRequest request =
          FormOf({"Test-Robin", "Test-Harbour", "2012-03-04", number_});
      pb::ContactForm& form = *request.mutable_form();
      Receive(request, i < kContacts / 2 ? "2016-03-05" : "2018-03-05");
      const pb::Child child = form.children(0);
      form.clear_children();
      for (int k = 0; k < 20; k++, i++) {
        pb::Child& one = *form.add_children();
        one = child;
        alter(i, one);
      }
      const auto pushed = Submit(request).value();
      for (const auto& receipt : pushed.receipts()) {
        ids_of_child_.push_back(receipt.contact_id());
      }
    }
  }
  std::vector<std::string> ids_of_child_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ManyContactsTest, support::BothEngines(),
                         support::EngineName);

TEST_P(ManyContactsTest, AreReadAndDecidedAsFew) {
  PushMany([](int, pb::Child&) {});
  const auto opened =
      Decide(ids_of_child_[7], pb::DECISION_REFERRAL, false, "2016-03-05")
          .value();
  const std::string& last = ids_of_child_.back();

  const auto first = Get(last);
  EXPECT_EQ(first.look_back_size(), 1000);
  EXPECT_EQ(first.more(), kContacts - 1001);
  EXPECT_EQ(first.contacts_in_12_months(), kContacts / 2 - 1);
  std::set<std::string> seen;
  auto page = first;
  while (true) {
    for (const auto& one : page.look_back()) {
      EXPECT_EQ(one.match(), pb::MATCH_SAME_CHILD);
      EXPECT_TRUE(seen.insert(one.contact_id()).second);
    }
    if (page.next_page_token().empty()) break;
    page = Get(last, 700, page.next_page_token());
  }
  EXPECT_EQ(page.more(), 0);
  EXPECT_EQ(static_cast<int>(seen.size()), kContacts - 1);

  EXPECT_EQ(Decide(last, pb::DECISION_REFERRAL).error().reason, "EPISODE_OPEN")
      << "the oldest decides as the newest";
  EXPECT_EQ(Decide(last, pb::DECISION_JOINS_OPEN_EPISODE).value().episode_id(),
            opened.episode_id());

  pb::GetChronologyRequest asked;
  asked.set_subject_id(last);
  std::vector<std::pair<std::string, std::string>> entries;
  int more = -1;
  do {
    const auto chronology =
        Read<pb::GetChronologyResponse>(Hub(), "GetChronology", asked).value();
    if (more < 0) {
      EXPECT_EQ(chronology.entries_size(), 1000);
      EXPECT_EQ(chronology.clocks_size(), 1) << "of the oldest referral";
    } else {
      EXPECT_EQ(chronology.clocks_size(), 0);
    }
    std::vector<std::pair<std::string, std::string>> older;
    for (const auto& entry : chronology.entries()) {
      older.emplace_back(entry.happened_date(),
                         entry.subject_id() + entry.what());
    }
    older.insert(older.end(), entries.begin(), entries.end());
    entries = std::move(older);
    more = chronology.more();
    asked.set_page_token(chronology.next_page_token());
  } while (!asked.page_token().empty());
  EXPECT_EQ(more, 0);
  EXPECT_TRUE(std::is_sorted(
      entries.begin(), entries.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; }));
  EXPECT_EQ(std::set(entries.begin(), entries.end()).size(), entries.size());
  EXPECT_EQ(static_cast<int>(entries.size()), kContacts + 2);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(ManyContactsTest, CrowdNoSiblingOutOfTheLookBack) {
  const auto house = [](pb::Child& child) {
    child.mutable_address()->set_postcode("TE1 1ST");
    child.mutable_address()->add_lines("1 Test Street");
  };
  auto of_sibling = FormOf({"Test-Rowan", "Test-Harbour", "2014-05-06"});
  house(*of_sibling.mutable_form()->mutable_children(0));
  const std::string sibling = Submit(of_sibling)->receipts(0).contact_id();
  PushMany([&](int, pb::Child& child) { house(child); });
  const std::string& last = ids_of_child_.back();
  EXPECT_EQ(Sees(sibling, last), pb::MATCH_HOUSEHOLD);
  pb::GetContactResponse page;
  do {
    page = Get(last, 1000, page.next_page_token());
  } while (!page.next_page_token().empty());
  const auto& oldest = page.look_back(page.look_back_size() - 1);
  EXPECT_EQ(oldest.contact_id(), sibling);
  EXPECT_EQ(oldest.match(), pb::MATCH_HOUSEHOLD);
}

TEST_P(ManyContactsTest, ThatEachSaySomethingElseAreReadToo) {
  PushMany([](int i, pb::Child& child) {
    child.set_given_name("Test-R" + std::to_string(i));
  });
  const auto own = Push({"Test-Robin", "Test-Harbour", "2012-03-04", number_});
  const auto first = Get(own);
  EXPECT_EQ(first.look_back_size(), 1000);
  EXPECT_EQ(first.look_back(0).match(), pb::MATCH_CANDIDATE);
  EXPECT_EQ(first.contacts_in_12_months(), 0);
  EXPECT_TRUE(Decide(own, pb::DECISION_REFERRAL));
}

}  // namespace
}  // namespace seawall::referrals
