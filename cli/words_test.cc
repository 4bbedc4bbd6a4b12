#include "cli/words.h"

#include <gtest/gtest.h>
#include <seawall/referrals/v1/referrals.pb.h>

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT

google::protobuf::Timestamp At(const char* text) {
  return ToTimestamp(ParseInstant(text).value());
}

TEST(Word, EnumValuesLoseTheirPrefix) {
  EXPECT_EQ(Word(PRIORITY_RED), "red");
  EXPECT_EQ(Word(DECISION_JOINS_OPEN_EPISODE), "joins open episode");
  EXPECT_EQ(Word(STATE_UNSPECIFIED), "");
}

TEST(Word, AValueOfALaterReleaseIsShownByItsNumber) {
  EXPECT_EQ(Word(static_cast<Priority>(99)), "99");
}

TEST(ParseWord, TakesSpacesHyphensUnderlinesAndBeginnings) {
  for (const char* word : {"joins open episode", "joins-open-episode",
                           "JOINS_OPEN_EPISODE", "joins"})
    EXPECT_EQ(ParseWord<Decision>("--decision", word).value(),
              DECISION_JOINS_OPEN_EPISODE)
        << word;
  EXPECT_EQ(ParseWord<Worklist>("--worklist", "awaiting").value(),
            WORKLIST_AWAITING_SCREENING);
  EXPECT_EQ(ParseWord<Worklist>("--worklist", "").value(),
            WORKLIST_UNSPECIFIED);
}

TEST(ParseWord, ABeginningOfSeveralIsRefusedWithTheList) {
  const auto refused = ParseWord<Worklist>("--worklist", "un");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "USAGE");
  EXPECT_NE(refused.error().message.find("unconfirmed, unacknowledged"),
            std::string::npos);
}

TEST(LondonTime, IsAnHourAheadInSummer) {
  EXPECT_EQ(LondonTime(At("2018-01-15T09:30:00Z")), "2018-01-15 09:30");
  EXPECT_EQ(LondonTime(At("2018-07-15T09:30:00Z")), "2018-07-15 10:30");
  EXPECT_EQ(LondonTime(At("2018-07-15T23:30:00Z")), "2018-07-16 00:30");
}

TEST(LondonTime, ChangesAtOneOClockOnTheDaysOfTheChange) {
  EXPECT_EQ(LondonTime(At("2018-03-25T00:59:00Z")), "2018-03-25 00:59");
  EXPECT_EQ(LondonTime(At("2018-03-25T01:00:00Z")), "2018-03-25 02:00");
  EXPECT_EQ(LondonTime(At("2018-10-28T00:59:00Z")), "2018-10-28 01:59");
  EXPECT_EQ(LondonTime(At("2018-10-28T01:00:00Z")), "2018-10-28 01:00");
}

TEST(LondonTime, ATimeThatWasNeverSetIsEmpty) {
  EXPECT_EQ(LondonTime(google::protobuf::Timestamp()), "");
  EXPECT_EQ(DueTime(google::protobuf::Timestamp()), "");
}

TEST(DueTime, TheEndOfADayIsSaidAsThatDay) {
  EXPECT_EQ(DueTime(At("2018-04-03T23:00:00Z")), "end of 2018-04-03");
  EXPECT_EQ(DueTime(At("2018-04-03T12:00:00Z")), "2018-04-03 13:00");
}

TEST(ParseTime, ADayMeansItsEndInLondon) {
  EXPECT_EQ(ParseTime("--as-known", "2018-07-01").value(),
            ParseInstant("2018-07-01T23:00:00Z").value());
  EXPECT_EQ(ParseTime("--as-known", "soon").error().reason, "USAGE");
}

TEST(Timestamp, TurnsThereAndBack) {
  const Instant instant = ParseInstant("2018-03-29T09:30:00.123456Z").value();
  EXPECT_EQ(ToInstant(ToTimestamp(instant)), instant);
}

}  // namespace
}  // namespace seawall::cli
