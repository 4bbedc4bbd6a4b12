// From a form to facts and warnings, without a store.
#include "services/referrals/form.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "services/referrals/rules.h"

namespace seawall::referrals {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Date kReceived{std::chrono::year(2018) / 4 / 10};

const CodeSets& Codes() {
  static const CodeSets codes = CodeSets::Load("data/code_sets.json").value();
  return codes;
}

pb::ContactForm Form() {
  pb::ContactForm form;
  form.set_source("2A");
  pb::Child& child = *form.add_children();
  child.set_given_name("Test-Robin");
  child.set_family_name("Test-Harbour");
  child.set_date_of_birth("2010-05-01");
  form.mutable_concern()->set_text("Test concern");
  return form;
}

Understood ReadOne(const pb::ContactForm& form) {
  return ReadForm(form, Codes(), kReceived, TestNumbers::kAllow)
      .value()
      .front();
}

// "field REASON: description", without "form.".
std::vector<std::string> Warned(const std::vector<pb::Warning>& warnings) {
  std::vector<std::string> lines;
  for (const pb::Warning& one : warnings) {
    lines.push_back(one.field().substr(5) + " " + one.reason() + ": " +
                    one.description());
  }
  return lines;
}

// ---- codes that rules hang on ----

TEST(Codes, AreReadWhateverTheirCaseAndOuterSpaces) {
  for (const char* grading :
       {"high", "High", "HIGH", " high ", "\u00a0hIgH\t"}) {
    pb::ContactForm form = Form();
    form.mutable_police()->set_risk_grading(grading);
    form.set_source(" 2a");
    form.mutable_concern()->set_primary_need("n1 ");
    form.mutable_concern()->add_factors(" 3a");
    form.mutable_concern()->set_level_of_need(2);
    const Understood read = ReadOne(form);
    EXPECT_EQ(read.facts.grading, "high") << grading;
    EXPECT_EQ(read.facts.source, "2A");
    EXPECT_EQ(read.facts.need, "N1");
    EXPECT_THAT(read.facts.met, Contains("need"));
    EXPECT_THAT(Warned(read.warnings),
                Not(Contains(HasSubstr("CODE_UNKNOWN"))));
    EXPECT_EQ(rules::PriorityOf(read.facts), Priority::kAmber);
    EXPECT_EQ(read.form.police().risk_grading(), grading) << "kept as given";
  }
}

TEST(Codes, ThatNobodyKnowsNeverLowerTheOrderOfWork) {
  for (const char* grading : {"hgih", "3", "none", "STANDARD+"}) {
    pb::ContactForm form = Form();
    form.mutable_police()->set_risk_grading(grading);
    const Understood read = ReadOne(form);
    EXPECT_EQ(rules::PriorityOf(read.facts), Priority::kAmber) << grading;
    EXPECT_THAT(Warned(read.warnings),
                Contains("police.risk_grading CODE_UNKNOWN: neither high, "
                         "medium nor standard; counts as high"));
  }
  for (const int level : {5, 44, -1}) {
    pb::ContactForm form = Form();
    form.mutable_concern()->set_level_of_need(level);
    const Understood read = ReadOne(form);
    EXPECT_EQ(rules::PriorityOf(read.facts), Priority::kRed) << level;
    EXPECT_EQ(read.facts.level, 0);
    EXPECT_THAT(Warned(read.warnings),
                Contains(HasSubstr("level_of_need CODE_UNKNOWN")));
  }
  pb::ContactForm danger = Form(), custody = Form();
  danger.set_immediate_danger(static_cast<pb::Answer>(9));
  custody.mutable_police()->set_custody(static_cast<pb::Answer>(9));
  EXPECT_EQ(rules::PriorityOf(ReadOne(danger).facts), Priority::kRed);
  EXPECT_EQ(rules::PriorityOf(ReadOne(custody).facts), Priority::kRed);
  danger.set_immediate_danger(pb::ANSWER_NOT_KNOWN);
  EXPECT_EQ(rules::PriorityOf(ReadOne(danger).facts), Priority::kGreen);
}

TEST(Codes, ThatAreBlankAreAbsent) {
  pb::ContactForm form = Form();
  form.mutable_police()->set_risk_grading(" ");
  form.set_source("\u00a0");
  form.mutable_concern()->set_primary_need(" ");
  form.mutable_concern()->set_analysis("  ");
  pb::Child& child = *form.mutable_children(0);
  child.set_sex(" ");
  child.set_nhs_number(" ");
  child.set_expected_date_of_birth(" ");
  child.mutable_address()->set_postcode(" ");
  child.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
  child.mutable_voice()->set_text(" \n");
  const Understood read = ReadOne(form);
  const std::vector<std::string> warned = Warned(read.warnings);
  EXPECT_THAT(warned, Contains(HasSubstr("source FIELD_MISSING")));
  EXPECT_THAT(warned, Contains(HasSubstr("voice.text FIELD_MISSING")));
  EXPECT_THAT(warned, Not(Contains(HasSubstr("CODE_UNKNOWN"))));
  EXPECT_THAT(warned, Not(Contains(HasSubstr("DATE_IMPOSSIBLE"))));
  EXPECT_THAT(warned, Not(Contains(HasSubstr("INVALID"))));
  EXPECT_THAT(read.facts.met, Not(Contains("analysis")));
  EXPECT_EQ(rules::PriorityOf(read.facts), Priority::kGreen);
}

TEST(Codes, AFormOfSpacesAloneHoldsNothingToActOn) {
  pb::ContactForm form;
  form.mutable_concern()->set_text(" ");
  form.add_children()->set_family_name("\t");
  const auto read = ReadForm(form, Codes(), kReceived, TestNumbers::kAllow);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "NOTHING_TO_ACT_ON");
}

// ---- dates that cannot be ----

struct WrongDate {
  std::function<void(pb::ContactForm&)> make;
  const char* warning;
};

TEST(Dates, ThatCannotBeAreToldWithTheirPathAndWhatWasDone) {
  const auto child = [](auto set, const char* date) {
    return [=](pb::ContactForm& form) {
      (form.mutable_children(0)->*set)(std::string(date));
    };
  };
  using Set = void (pb::Child::*)(std::string &&);
  const Set born = &pb::Child::set_date_of_birth;
  const Set expected = &pb::Child::set_expected_date_of_birth;
  const Set died = &pb::Child::set_date_of_death;
  const auto member = [](const char* date) {
    return [=](pb::ContactForm& form) {
      form.add_household();
      form.add_household()->set_date_of_birth(date);
    };
  };
  const std::vector<WrongDate> wrong = {
      {child(born, "2031-01-01"),
       "children[0].date_of_birth DATE_AHEAD: more than 280 days after the "
       "day of receipt; not used"},
      {child(born, "2019-01-15"),
       "children[0].date_of_birth DATE_AHEAD: after the day of receipt; taken "
       "for an expected date"},
      {child(born, "2019-01-16"),
       "children[0].date_of_birth DATE_AHEAD: more than 280 days after the "
       "day of receipt; not used"},
      {child(born, "1900-01-01"),
       "children[0].date_of_birth AGE_OVER_25: older than 25 years; not "
       "matched on"},
      {child(born, "04/03/2014"),
       "children[0].date_of_birth DATE_IMPOSSIBLE: not a day YYYY-MM-DD; not "
       "used"},
      {[&](auto& form) {
         form.mutable_children(0)->clear_date_of_birth();
         form.mutable_children(0)->set_expected_date_of_birth("2015-01-01");
       },
       "children[0].expected_date_of_birth DATE_IMPOSSIBLE: more than 280 "
       "days before the day of receipt; not used"},
      {child(expected, "2018-06-01"),
       "children[0].expected_date_of_birth BOTH_BIRTH_DATES: a child has a "
       "birth date or an expected one"},
      {child(died, "2018-02-30"),
       "children[0].date_of_death DATE_IMPOSSIBLE: not a day YYYY-MM-DD"},
      {child(died, "2018-04-11"),
       "children[0].date_of_death DATE_AHEAD: after the day of receipt"},
      {child(died, "2010-04-30"),
       "children[0].date_of_death DATE_IMPOSSIBLE: before the birth"},
      {member("1985-02-30"),
       "household[1].date_of_birth DATE_IMPOSSIBLE: not a day YYYY-MM-DD; not "
       "matched on"},
      {member("1890-01-01"),
       "household[1].date_of_birth DATE_IMPOSSIBLE: more than 120 years ago; "
       "not matched on"},
      {member("2207-01-01"),
       "household[1].date_of_birth DATE_AHEAD: more than 280 days after the "
       "day of receipt; not matched on"}};
  EXPECT_THAT(Warned(ReadOne(Form()).warnings),
              Not(Contains(HasSubstr("DATE_"))));
  for (const WrongDate& one : wrong) {
    pb::ContactForm form = Form();
    one.make(form);
    EXPECT_THAT(Warned(ReadOne(form).warnings), Contains(one.warning));
  }
}

TEST(Dates, OneTooFarAheadIsNoExpectedDateAndOneNearIs) {
  pb::ContactForm form = Form();
  form.mutable_children(0)->set_date_of_birth("2031-01-01");
  EXPECT_EQ(rules::AgeBand(ReadOne(form).facts, kReceived), "");
  form.mutable_children(0)->set_date_of_birth("2018-08-01");
  EXPECT_EQ(rules::AgeBand(ReadOne(form).facts, kReceived), "UNBORN");
  form.mutable_children(0)->set_date_of_birth(" 2010-05-01\u00a0");
  EXPECT_EQ(rules::AgeBand(ReadOne(form).facts, kReceived), "5_TO_9");
}

TEST(Times, ThatCannotBeAreToldAlsoBesideATimeThatIsUsed) {
  const Instant now = ParseInstant("2018-04-10T10:00:00Z").value();
  pb::ContactForm form = Form();
  *form.mutable_received_time() = TimeUtil::SecondsToTimestamp(1'500'000'000);
  *form.mutable_raised_time() = TimeUtil::SecondsToTimestamp(0);
  std::vector<pb::Warning> warnings;
  const Circumstances import{now, true, false};
  EXPECT_EQ(ReceivedTime(form, import, warnings),
            FromMicros(1'500'000'000'000'000));
  EXPECT_THAT(Warned(warnings),
              Contains("raised_time DATE_IMPOSSIBLE: before 1990; not used"));
  *form.mutable_raised_time() = TimeUtil::SecondsToTimestamp(7'500'000'000);
  warnings.clear();
  ReceivedTime(form, import, warnings);
  EXPECT_THAT(Warned(warnings), Contains(HasSubstr("raised_time TIME_AHEAD")));
  *form.mutable_received_time() = TimeUtil::SecondsToTimestamp(0);
  form.clear_raised_time();
  warnings.clear();
  EXPECT_EQ(ReceivedTime(form, import, warnings), now);
  EXPECT_THAT(Warned(warnings),
              Contains("received_time DATE_IMPOSSIBLE: before 1990; not used"));
}

}  // namespace
}  // namespace seawall::referrals
