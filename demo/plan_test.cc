#include "demo/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "demo/forms.h"
#include "libs/base/identifiers.h"
#include "libs/base/rounding.h"

namespace seawall::demo {
namespace {

const Calendar& England() {
  static const Calendar calendar = *Calendar::Load("data/bank_holidays.json");
  return calendar;
}

// Made once: it is the same each time.
const Plan& Year() {
  static const Plan plan = *MakePlan(PublishedYear(), 2018, England());
  return plan;
}

Expected Counted() { return CountPlan(Year(), England()); }

// Every referral of the plan, by child where the child can be told.
struct Referral {
  Date day;
  std::optional<Date> closed;
  bool marked = false;
  bool of_the_year = false;
};

std::map<int, std::vector<Referral>> ReferralsByChild(const Plan& plan) {
  std::map<int, std::vector<Referral>> referrals;
  for (const auto* forms : {&plan.history, &plan.year}) {
    for (const PlannedForm& form : *forms) {
      for (const PlannedContact& contact : form.contacts) {
        if (contact.outcome != Outcome::kReferral) continue;
        if (contact.number != Number::kRight) continue;
        referrals[contact.child].push_back({CivilDate(*contact.decided),
                                            contact.closed, contact.re_referral,
                                            forms == &plan.year});
      }
    }
  }
  for (auto& [child, list] : referrals) {
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a.day < b.day; });
  }
  return referrals;
}

TEST(Plan, MakesThePublishedYear) {
  const Expected counted = Counted();
  EXPECT_EQ(counted.contacts, 9798);
  EXPECT_EQ(counted.referrals, 2726);
  EXPECT_EQ(counted.re_referrals, 654);
  EXPECT_EQ(Ratio(counted.referrals, counted.contacts, 100, 1), "27.8");
  EXPECT_EQ(Ratio(counted.referrals, 28605, 10000, 0), "953");
  EXPECT_EQ(Ratio(counted.re_referrals, counted.referrals, 100, 0), "24");
}

TEST(Plan, ConvertsThirtyEightPercentAsTheMeanOfTheLastThreeMonths) {
  const Expected counted = Counted();
  double sum = 0;
  for (int month = 9; month < 12; ++month) {
    sum += 100.0 * counted.referrals_by_month[month] /
           counted.contacts_by_month[month];
  }
  EXPECT_NEAR(sum / 3, 38, 0.5);
}

TEST(Plan, MeetsEveryMonthOfItsTargets) {
  const Targets targets = PublishedYear();
  EXPECT_EQ(Counted().contacts_by_month, targets.contacts);
  EXPECT_EQ(Counted().referrals_by_month, targets.referrals);
}

TEST(Plan, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Targets targets = TenthOfIt();
  const Plan one = *MakePlan(targets, 7, England());
  const Plan same = *MakePlan(targets, 7, England());
  const Plan other = *MakePlan(targets, 8, England());
  const auto texts = [](const Plan& plan) {
    std::string all;
    for (const PlannedForm& form : plan.year) {
      all += SubmitRequest(plan.people, form, Received::kAsPlanned)
                 .SerializeAsString();
    }
    return all;
  };
  EXPECT_EQ(texts(one), texts(same));
  EXPECT_NE(texts(one), texts(other));
}

TEST(Plan, MeetsATenthWithAnySeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto plan = MakePlan(TenthOfIt(), seed, England());
    ASSERT_TRUE(plan.has_value()) << seed;
    const Expected counted = CountPlan(*plan, England());
    EXPECT_EQ(counted.contacts, Sum(TenthOfIt().contacts)) << seed;
    EXPECT_EQ(counted.re_referrals, TenthOfIt().re_referrals) << seed;
  }
}

TEST(Plan, SaysWhenTheTargetsCannotBeMet) {
  Targets targets = TenthOfIt();
  targets.referrals[3] = 10 * targets.contacts[3];
  const auto plan = MakePlan(targets, 1, England());
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().reason, "PLAN_IMPOSSIBLE");
}

TEST(Plan, MarksExactlyTheReferralsWithin12MonthsOfAnEarlierOne) {
  int repeats = 0;
  int long_ago = 0;
  for (const auto& [child, referrals] : ReferralsByChild(Year())) {
    for (std::size_t i = 0; i < referrals.size(); ++i) {
      bool within = false;
      for (std::size_t j = 0; j < i; ++j) {
        within |= referrals[j].day < referrals[i].day &&
                  referrals[j].day > AddMonths(referrals[i].day, -12);
      }
      EXPECT_EQ(referrals[i].marked, within) << child;
      repeats += within && referrals[i].of_the_year;
      long_ago += i > 0 && !within;
    }
  }
  EXPECT_EQ(repeats, 654);
  EXPECT_EQ(long_ago, PublishedYear().long_ago);
}

TEST(Plan, NeverRefersAChildWithAnOpenEpisode) {
  for (const auto& [child, referrals] : ReferralsByChild(Year())) {
    for (std::size_t i = 1; i < referrals.size(); ++i) {
      ASSERT_TRUE(referrals[i - 1].closed.has_value()) << child;
      EXPECT_LT(*referrals[i - 1].closed, referrals[i].day) << child;
    }
  }
}

TEST(Plan, ClosesItsHistoryBeforeTheYearOrCarriesItOver) {
  int carried = 0;
  for (const PlannedForm& form : Year().history) {
    const PlannedContact& contact = form.contacts[0];
    EXPECT_LT(CivilDate(form.received), YearStart());
    if (contact.closed) {
      EXPECT_GE(*contact.closed, CivilDate(form.received));
      EXPECT_LE(*contact.closed, YearEnd());
    }
    carried += !contact.closed || *contact.closed >= YearStart();
  }
  EXPECT_EQ(carried, PublishedYear().carried_over);
  EXPECT_EQ(Counted().carried_over, carried);
  EXPECT_GT(Year().history.size(), 2119u + 400u);
}

TEST(Plan, LeavesThePublishedNumberOfEpisodesOpen) {
  EXPECT_EQ(Counted().open_episodes, 1834);
}

TEST(Plan, NeverRefersACarriedOverChildAgain) {
  for (const auto& [child, referrals] : ReferralsByChild(Year())) {
    for (const Referral& one : referrals) {
      const bool carried =
          one.day < YearStart() && (!one.closed || *one.closed >= YearStart());
      EXPECT_TRUE(!carried || referrals.size() == 1) << child;
    }
  }
}

TEST(Plan, JoinsOnlyEpisodesThatAreOpenThen) {
  const auto referrals = ReferralsByChild(Year());
  int joined = 0;
  for (const PlannedForm& form : Year().year) {
    for (const PlannedContact& contact : form.contacts) {
      if (contact.outcome != Outcome::kJoinsOpenEpisode) continue;
      ++joined;
      ASSERT_EQ(contact.number, Number::kRight);
      const Date day = CivilDate(*contact.decided);
      int open = 0;
      for (const Referral& referral : referrals.at(contact.child)) {
        open += referral.day <= day &&
                (!referral.closed || *referral.closed >= day);
      }
      EXPECT_EQ(open, 1) << form.request_id;
    }
  }
  EXPECT_GT(joined, 100);
}

TEST(Plan, DecidesAfterReceiptAndWithinTheYear) {
  for (const PlannedForm& form : Year().year) {
    EXPECT_GE(CivilDate(form.received), YearStart());
    EXPECT_LE(CivilDate(form.received), YearEnd());
    for (const PlannedContact& contact : form.contacts) {
      if (!contact.decided) {
        EXPECT_EQ(contact.outcome, Outcome::kUndecided);
        continue;
      }
      EXPECT_NE(contact.outcome, Outcome::kUndecided);
      EXPECT_GE(*contact.decided, form.received) << form.request_id;
      EXPECT_LE(CivilDate(*contact.decided), YearEnd()) << form.request_id;
    }
  }
}

TEST(Plan, DecidesMostInTimeAndLeavesSomeOverdue) {
  const Expected counted = Counted();
  const double in_time = 100.0 * counted.decided_in_time / counted.decisions;
  EXPECT_GT(in_time, 88);
  EXPECT_LT(in_time, 97);
  EXPECT_GE(counted.overdue, 20);
  EXPECT_GT(counted.open, counted.overdue);
  EXPECT_LT(counted.open, 150);
}

TEST(Plan, KeepsOfficeHoursForAllButPoliceAndHospital) {
  for (const PlannedForm& form : Year().year) {
    if (form.agency == "police" || form.agency == "hospital") continue;
    const auto since = form.received - StartOfDay(CivilDate(form.received));
    EXPECT_GE(since, std::chrono::hours(8)) << form.request_id;
    EXPECT_LE(since, std::chrono::hours(18)) << form.request_id;
    if (form.agency != "council-early-help") {
      EXPECT_TRUE(England().IsWorkingDay(CivilDate(form.received)));
    }
  }
}

TEST(Plan, PushesBySevenAgenciesAndSendsOnlyPoliceReportsToTheHub) {
  std::map<std::string, int> forms;
  for (const PlannedForm& form : Year().year) {
    ++forms[form.agency];
    EXPECT_EQ(form.agency == "police", !form.grading.empty());
    if (!form.to_hub()) continue;
    for (const PlannedContact& contact : form.contacts) {
      EXPECT_NE(contact.outcome, Outcome::kReferral);
    }
  }
  EXPECT_EQ(forms.size(), kAgencies.size());
  EXPECT_GT(Counted().hub_contacts, 1000);
}

TEST(People, HaveTestNumbersWithRightCheckDigitsAndNoTwoTheSame) {
  std::set<std::string> numbers;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = TestNhsNumber(i);
    EXPECT_EQ(number[0], '9');
    ASSERT_TRUE(ParseNhsNumber(number, TestNumbers::kAllow).ok) << number;
    ASSERT_TRUE(numbers.insert(number).second) << number;
    EXPECT_EQ(ParseNhsNumber(number).reason, "NHS_NUMBER_TEST_RANGE");
  }
  EXPECT_TRUE(ParseUpn(TestUpn(0)).ok);
  EXPECT_TRUE(ParseUpn(TestUpn(99'999)).ok);
}

TEST(People, AreGivenAWrongNumberThatIsReallyWrong) {
  for (int i = 0; i < 2'000; ++i) {
    const std::string wrong = WrongNhsNumber(TestNhsNumber(i));
    EXPECT_FALSE(ParseNhsNumber(wrong, TestNumbers::kAllow).ok) << wrong;
  }
}

TEST(People, AllHaveNamesThatSayTheyAreInvented) {
  for (const Child& child : Year().people.children()) {
    EXPECT_TRUE(child.given_name.starts_with("Test-")) << child.given_name;
    EXPECT_TRUE(child.family_name.starts_with("Test-")) << child.family_name;
    EXPECT_NE(child.born.has_value(), child.expected.has_value());
  }
  for (const Family& family : Year().people.families()) {
    EXPECT_TRUE(ParsePostcode(family.postcode).ok) << family.postcode;
    for (const Adult& adult : family.adults) {
      EXPECT_TRUE(adult.given_name.starts_with("Test-"));
      EXPECT_TRUE(adult.family_name.starts_with("Test-"));
    }
  }
}

TEST(Forms, SpeakOfChildrenWhoAreBornByThen) {
  for (const auto* forms : {&Year().history, &Year().year}) {
    for (const PlannedForm& form : *forms) {
      for (const PlannedContact& contact : form.contacts) {
        const Child& child = Year().people.children()[contact.child];
        if (child.born) {
          EXPECT_LE(*child.born, CivilDate(form.received)) << form.request_id;
        }
      }
    }
  }
}

// Otherwise the service would tell them to be the same child by it.
TEST(Forms, GiveNoOtherNumberWhereTheNhsNumberIsWrongOrMissing) {
  for (const PlannedForm& form : Year().year) {
    const auto request =
        SubmitRequest(Year().people, form, Received::kAsPlanned);
    for (std::size_t i = 0; i < form.contacts.size(); ++i) {
      const auto& child = request.form().children(static_cast<int>(i));
      const bool right = form.contacts[i].number == Number::kRight;
      EXPECT_EQ(ParseNhsNumber(child.nhs_number(), TestNumbers::kAllow).ok,
                right);
      EXPECT_TRUE(right || child.upn().empty());
    }
  }
}

}  // namespace
}  // namespace seawall::demo
