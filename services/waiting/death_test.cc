// A death is the child's: on no list that holds the child does a letter fall
// due, and whoever has the child is warned. On both stores.
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

class DeathTest : public ServiceTest {
 protected:
  static bool IsWarned(const pb::EventReceipt& receipt) {
    for (const pb::Warning& warning : receipt.warnings()) {
      if (warning.reason() == "CHILD_DIED") return true;
    }
    return false;
  }
  pb::EventReceipt Died(const std::string& reference = "a") {
    return Remove(reference, "2023-09-10", pb::OUTCOME_DIED, "DIED").value();
  }
  static pb::Event Update(const std::string& reference,
                          const std::string& service = kSlt) {
    auto event = About(reference, "2023-10-10", service);
    event.mutable_contact()->set_kind("UPDATE");
    return event;
  }
  std::int64_t Duties() {
    return Counter("duties|total|service=slt") +
           Counter("duties|total|service=camhs");
  }
  void TakeBack(const std::string& reference, int number) {
    auto back = About(reference, "2023-12-01");
    back.mutable_correction()->set_event(number);
    back.mutable_correction()->set_rationale("Test: another child");
    ASSERT_TRUE(Push(back));
  }
  History HistoryOf(const std::string& reference, const std::string& service,
                    const std::string& provider = "hospital") {
    store::Reader reader = database_->Read().value();
    const auto records = store::RecordsOf(reader, kArea);
    const ReferralRow row =
        store_.ByReference(*records, provider, service, reference).value();
    return store_.Events(*records, row.referral_id).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, DeathTest, support::BothEngines(),
                         support::EngineName);

TEST_P(DeathTest, NothingIsDueOnAnyListOfTheChildUntilItIsTakenBack) {
  Register("a", "2023-08-01", kSlt, "Pam");
  Register("b", "2023-08-01", "camhs", "Pam");
  ASSERT_TRUE(Push(Referral("v", "2023-08-01", kSlt, "Pam"),
                   Provider("health-visitor")));
  Register("c", "2023-08-01", kSlt, "Cal");
  const auto before = Duties();
  const int died = Died().event();
  EXPECT_LT(Duties(), before);
  const Service& camhs = *catalogue_.Find("camhs");
  EXPECT_TRUE(AllDuties(camhs, HistoryOf("b", "camhs"), std::nullopt).empty());
  EXPECT_TRUE(
      AllDuties(camhs, HistoryOf("v", kSlt, "health-visitor"), std::nullopt)
          .empty());
  EXPECT_FALSE(AllDuties(camhs, HistoryOf("c", kSlt), std::nullopt).empty());
  EXPECT_EQ(WaitingAt("2023-12-31", "camhs"), "1")
      << "on the list until its provider removes it";
  EXPECT_EQ(Drift().drift, 0);
  TakeBack("a", died);
  EXPECT_EQ(Duties(), before);
  EXPECT_FALSE(HistoryOf("b", "camhs").HasDied());
  EXPECT_EQ(Drift().drift, 0);
  CheckAsKnownThen();
}

TEST_P(DeathTest, WhoeverHasTheChildAndWritesOfItIsWarned) {
  Register("a", "2023-08-01", kSlt, "Pam");
  Register("b", "2023-08-01", "camhs", "Pam");
  ASSERT_TRUE(Push(Referral("v", "2023-08-01", kSlt, "Pam"),
                   Provider("health-visitor")));
  EXPECT_FALSE(IsWarned(Died())) << "who says so knows it";
  EXPECT_TRUE(IsWarned(Push(Update("a")).value()));
  EXPECT_TRUE(IsWarned(Push(Update("b", "camhs")).value()));
  EXPECT_TRUE(IsWarned(Push(Update("v"), Provider("health-visitor")).value()));
  EXPECT_TRUE(IsWarned(Push(Referral("d", "2023-09-20", kSlt, "Pam")).value()));
  EXPECT_FALSE(
      IsWarned(Push(Referral("e", "2023-09-20", kSlt, "Cal")).value()));
}

TEST_P(DeathTest, WhoHasNotHadTheChildLearnsNothingByRegisteringIt) {
  Register("a", "2023-08-01", kSlt, "Pam");
  Died();
  const auto visitor = Provider("health-visitor");
  const auto receipt =
      Push(Referral("v", "2023-09-20", kSlt, "Pam"), visitor).value();
  EXPECT_FALSE(IsWarned(receipt));
  EXPECT_TRUE(HistoryOf("v", kSlt, "health-visitor").HasDied());
  EXPECT_TRUE(IsWarned(Push(Update("v"), visitor).value()))
      << "it has the child on a list now, and a letter harms";
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(DeathTest, NobodyElsesWordTakesItBack) {
  Register("a", "2023-08-01", kSlt, "Pam");
  Register("b", "2023-08-01", "camhs", "Pam");
  Died();
  auto back = About("b", "2023-12-01", "camhs");
  back.mutable_correction()->set_event(2);
  back.mutable_correction()->set_rationale("Test");
  EXPECT_EQ(Push(back).error().reason, "EVENT_NEEDED");
  EXPECT_TRUE(HistoryOf("b", "camhs").HasDied());
}

TEST_P(DeathTest, AsLongAsOneOfTwoRecordsStandsTheChildHasDied) {
  Register("a", "2023-08-01", kSlt, "Pam");
  Register("b", "2023-08-01", "camhs", "Pam");
  Register("c", "2023-08-01", "ot", "Pam");
  const int first = Died("a").event();
  auto died = About("b", "2023-09-11", "camhs");
  died.mutable_removal()->set_outcome(pb::OUTCOME_DIED);
  ASSERT_TRUE(Push(died));
  TakeBack("a", first);
  EXPECT_TRUE(HistoryOf("a", kSlt).HasDied());
  EXPECT_TRUE(HistoryOf("c", "ot").HasDied());
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(DeathTest, WhoRecordedItIsNotToldToOthers) {
  Register("a", "2023-08-01", kSlt, "Pam");
  ASSERT_TRUE(Push(Referral("v", "2023-08-01", kSlt, "Pam"),
                   Provider("health-visitor")));
  Died();
  long long by_nobody = 0;
  store::Reader reader = database_->Read().value();
  reader.sql() << "select count(*) from events where kind = 'CHILD_DIED' and "
                  "recorded_by = ''",
      soci::into(by_nobody);
  EXPECT_EQ(by_nobody, 1);
}

}  // namespace
}  // namespace seawall::waiting
