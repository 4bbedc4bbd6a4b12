// Dates that cannot be: kept as given, told with their path; the list shows no
// child that waits since before its birth. On both stores.
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

Strings Told(const Result<pb::EventReceipt>& receipt) {
  if (!receipt) return {receipt.error().reason};
  Strings told;
  for (const pb::Warning& warning : receipt->warnings()) {
    told.push_back(warning.reason() + " " + warning.field());
  }
  return told;
}

class DatesTest : public ServiceTest {
 protected:
  static pb::Event Born(const std::string& reference, const std::string& born,
                        const std::string& day = "2023-08-01",
                        const std::string& start = "") {
    auto event = Referral(reference, day);
    event.mutable_referral()->mutable_child()->set_date_of_birth(born);
    event.mutable_referral()->set_original_start_date(start);
    return event;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, DatesTest, support::BothEngines(),
                         support::EngineName);

constexpr char kBirth[] = "referral.child.date_of_birth";

TEST_P(DatesTest, ABirthDateThatCannotBeIsKeptAndToldWithItsPath) {
  const auto is = [](const char* reason) {
    return Strings{std::string(reason) + " " + kBirth};
  };
  EXPECT_EQ(Told(Push(Born("a", "25/12/2008"))), is("DATE_IMPOSSIBLE"));
  EXPECT_EQ(Told(Push(Born("b", "2023-02-30"))), is("DATE_IMPOSSIBLE"));
  EXPECT_EQ(Told(Push(Born("c", "1900-01-01"))), is("AGE_OVER_25"));
  EXPECT_EQ(Told(Push(Born("d", "2924-01-01"))), is("DATE_AHEAD"));
  EXPECT_EQ(Told(Push(Born("e", "2015-05-01"))), Strings());
  EXPECT_EQ(Told(Push(Born("f", ""))), Strings());
  auto nameless = Born("g", "25/12/2008");
  nameless.mutable_referral()->mutable_child()->clear_nhs_number();
  EXPECT_EQ(Told(Push(nameless)), is("DATE_IMPOSSIBLE"));
  EXPECT_EQ(WaitingAt("2023-12-31"), "7");
}

TEST_P(DatesTest, NoClockRunsBeforeBirth) {
  EXPECT_EQ(Told(Push(Born("a", "2022-02-03", "2023-08-01", "2004-02-01"))),
            Strings{"BEFORE_BIRTH referral.original_start_date"});
  EXPECT_EQ(Told(Push(Born("b", "2022-02-03", "2016-09-01"))),
            Strings{"BEFORE_BIRTH about.happened_date"});
  EXPECT_EQ(WaitingAt("2018-12-31"), "0");
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "99");
  auto letter = About("b", "2017-01-01");
  letter.mutable_contact()->set_kind("UPDATE");
  EXPECT_EQ(Told(Push(letter)), Strings{"BEFORE_BIRTH about.happened_date"});
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(DatesTest, ABirthDateThatIsMendedMovesTheClockAndBack) {
  ASSERT_TRUE(Push(Born("a", "2022-02-03", "2023-08-01", "2020-02-01")));
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "99");
  ASSERT_TRUE(Push(Born("a", "2012-02-03", "2023-08-01", "2020-02-01")));
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "204");
  auto back = About("a", "2023-12-01");
  back.mutable_correction()->set_event(2);
  back.mutable_correction()->set_rationale("Test");
  ASSERT_TRUE(Push(back));
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "99");
  EXPECT_EQ(Told(Push(Born("b", "2012-02-03"))), Strings());
  EXPECT_EQ(Told(Push(Born("b", "2023-09-03"))),
            (Strings{"BEFORE_BIRTH referral.child.date_of_birth",
                     "DETAIL_CHANGED referral.child.date_of_birth"}));
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(DatesTest, AChildBornTomorrowWaitsToday) {
  EXPECT_EQ(Told(Push(Born("a", "2024-01-11"))),
            Strings{std::string("DATE_AHEAD ") + kBirth});
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
}

TEST_P(DatesTest, OtherDatesThatCannotBeAreKeptAndToldWithTheirPath) {
  Register("a", "2023-08-01");
  auto offer = About("a", "2023-09-01");
  offer.mutable_offer()->set_appointment_date("2207-01-01");
  EXPECT_EQ(Told(Push(offer)), Strings{"DATE_AHEAD offer.appointment_date"});
  offer.mutable_offer()->set_appointment_date("01/10/2023");
  EXPECT_EQ(Told(Push(offer)),
            Strings{"DATE_IMPOSSIBLE offer.appointment_date"});
  auto away = About("a", "2023-09-02");
  away.mutable_unavailability()->set_start_date("1823-09-02");
  away.mutable_unavailability()->set_end_date("2203-09-02");
  EXPECT_EQ(Told(Push(away)),
            (Strings{"DATE_IMPOSSIBLE unavailability.start_date",
                     "DATE_AHEAD unavailability.end_date"}));
  auto block = About("a", "2023-09-03");
  block.mutable_block()->set_by("SLT");
  block.mutable_block()->set_until_date("soon");
  EXPECT_EQ(Told(Push(block)), Strings{"DATE_IMPOSSIBLE block.until_date"});
  for (const auto& [start, field] :
       {std::pair("0001-01-01", "original_start_date"),
        std::pair("01/02/2023", "original_start_date"),
        std::pair("2023-08-02", "original_start_date")}) {
    EXPECT_EQ(Told(Push(Born(start, "2015-05-01", "2023-08-01", start))),
              Strings{std::string("DATE_IMPOSSIBLE referral.") + field});
  }
  EXPECT_EQ(Row("2023-12-31").longest_weeks().value(), "21");
}

TEST_P(DatesTest, ARefusalNamesWhatWasGivenAndWhatIsWrongWithIt) {
  const auto ahead = Push(Referral("a", "2024-03-05")).error();
  EXPECT_EQ(ahead.reason, "TIME_AHEAD");
  EXPECT_EQ(ahead.fields.at(0).path, "about.happened_date");
  EXPECT_NE(ahead.message.find("2024-03-05"), std::string::npos);
  auto by_time = Referral("a", "");
  Set(by_time.mutable_about()->mutable_happened_time(),
      clock_.Now() + std::chrono::minutes(10));
  EXPECT_EQ(Push(by_time).error().fields.at(0).path, "about.happened_time");
  auto flagged = Referral("a", "2023-08-01");
  flagged.mutable_referral()->add_flags("TALL");
  const auto flag = Push(flagged).error();
  EXPECT_EQ(flag.fields.at(0).path, "referral.flags");
  EXPECT_NE(flag.message.find("\"TALL\""), std::string::npos);
  flagged.mutable_referral()->set_flags(0, "Test-Robin is tall");
  EXPECT_EQ(Push(flagged).error().message.find("Robin"), std::string::npos);
}

TEST_P(DatesTest, AChildWhoCanBeAskedForIsKept) {
  const auto only = [](auto set) {
    auto event = Born("", "");
    event.mutable_referral()->clear_child();
    set(*event.mutable_referral()->mutable_child());
    return event;
  };
  std::vector<pb::Event> events = {
      only([](pb::Child& c) { c.set_given_name("Test-Sultana"); }),
      only([](pb::Child& c) { c.set_family_name("Test-Sultana"); }),
      only([](pb::Child& c) { c.set_nhs_number(NumberFor("x")); }),
      only([](pb::Child& c) { c.set_nhs_number("123"); })};
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].mutable_about()->set_reference("r-" + std::to_string(i));
    const auto receipt = Push(events[i]);
    EXPECT_TRUE(receipt) << i << receipt.error().reason;
  }
  EXPECT_EQ(WaitingAt("2023-12-31"), "4");
  auto nobody = only([](pb::Child& c) { c.set_date_of_birth("2015-05-01"); });
  nobody.mutable_about()->set_reference("n");
  EXPECT_EQ(Told(Push(nobody)), Strings{"CHILD_REQUIRED"});
}

}  // namespace
}  // namespace seawall::waiting
