#include "cli/values.h"

#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

std::string Day(const char* text) {
  const auto day = ReadDay(text);
  return day ? FormatDate(*day) : "";
}

std::string Time(const char* text) {
  const auto time = ReadTime(text);
  return time ? FormatInstant(*time) : "";
}

template <class T>
std::string Why(const ReadAs<T>& read) {
  return read ? "" : read.error();
}

TEST(ReadYesNo, TakesWhatSpreadsheetsAndPeopleWrite) {
  for (const char* yes : {"TRUE", "True", "true", "yes", "YES", "Y", "y", "1"})
    EXPECT_EQ(ReadYesNo(yes), true) << yes;
  for (const char* no : {"FALSE", "False", "no", "No", "N", "n", "0"})
    EXPECT_EQ(ReadYesNo(no), false) << no;
  for (const char* neither : {"", "maybe", "2", "x", "not known", "ja"})
    EXPECT_EQ(ReadYesNo(neither), std::nullopt) << neither;
}

TEST(ReadWholeNumber, TakesNoPartOfANumber) {
  EXPECT_EQ(ReadWholeNumber("3"), 3);
  EXPECT_EQ(ReadWholeNumber("3.0"), 3);
  for (const char* none :
       {"", "3.5", "3.", "three", "3x", "1,000", "1e3", "99999999999999999999"})
    EXPECT_EQ(ReadWholeNumber(none), std::nullopt) << none;
}

TEST(ReadDay, IsReadDayFirst) {
  for (const char* text :
       {"2019-02-03", "03/02/2019", "3/2/2019", "03.02.2019", "3.2.2019",
        "03-02-2019", "03-Feb-2019", "3 February 2019", "3-feb-2019",
        "2019/02/03", "20190203", "03/02/2019 00:00", "03/02/2019 9:30 PM",
        "2019-02-03 00:00:00", "2019-02-03T09:30:00", "2019-02-03T09:30:00Z"})
    EXPECT_EQ(Day(text), "2019-02-03") << text;
  EXPECT_EQ(Day("1 Sept 2019"), "2019-09-01");
  EXPECT_EQ(Day("2019-06-30T23:30:00Z"), "2019-07-01") << "London's day";
}

TEST(ReadDay, NothingIsGuessed) {
  for (const char* text : {"",
                           "03/02/19",
                           "3-Feb-19",
                           "45292",
                           "43499.5",
                           "02/31/2019",
                           "12/25/2008",
                           "31/02/2019",
                           "29/02/2019",
                           "0/1/2019",
                           "Feb 2019",
                           "03/02",
                           "soon",
                           "2019-13-01",
                           "03/02-2019",
                           "03/02/2019 late",
                           "03/02/2019 25:00",
                           "19-02-03",
                           "3rd",
                           "03//2019",
                           "//",
                           "1/2/3/2019"})
    EXPECT_EQ(Day(text), "") << text;
  EXPECT_NE(Why(ReadDay("03/02/19")).find("two digits"), std::string::npos);
  EXPECT_NE(Why(ReadDay("45292")).find("bare number"), std::string::npos);
}

TEST(ReadTime, WithoutAZoneIsLondons) {
  EXPECT_EQ(Time("2018-07-01T10:00:00+01:00"), "2018-07-01T09:00:00.000000Z");
  EXPECT_EQ(Time("2018-07-01 09:00:00Z"), "2018-07-01T09:00:00.000000Z");
  for (const char* text :
       {"2018-07-01T10:00:00", "2018-07-01 10:00", "01/07/2018 10:00",
        "1/7/2018 10:00:00", "01-Jul-2018 10:00", "01/07/2018 10:00 AM",
        "01.07.2018 10:00:00.000"})
    EXPECT_EQ(Time(text), "2018-07-01T09:00:00.000000Z") << text;
  EXPECT_EQ(Time("15/01/2018 12:30 pm"), "2018-01-15T12:30:00.000000Z");
  EXPECT_EQ(Time("15/01/2018 12:30 am"), "2018-01-15T00:30:00.000000Z");
  EXPECT_EQ(Time("15/01/2018 23:59:59.5"), "2018-01-15T23:59:59.500000Z");
}

TEST(ReadTime, AnHourOfTheClockChangesIsNotGuessed) {
  EXPECT_EQ(Time("28/10/2018 01:30"), "");
  EXPECT_EQ(Time("25/03/2018 01:30"), "");
  EXPECT_EQ(Time("2018-10-28T01:30:00Z"), "2018-10-28T01:30:00.000000Z");
  EXPECT_EQ(Time("28/10/2018 00:59"), "2018-10-27T23:59:00.000000Z");
  EXPECT_EQ(Time("28/10/2018 02:00"), "2018-10-28T02:00:00.000000Z");
  EXPECT_EQ(Time("25/03/2018 02:00"), "2018-03-25T01:00:00.000000Z");
  EXPECT_NE(Why(ReadTime("28/10/2018 01:30")).find("twice"), std::string::npos);
}

TEST(ReadTime, IsNothingElse) {
  for (const char* text :
       {"", "09:30", "01/07/2018", "2018-06-30T23:59:60Z", "01/07/18 10:00",
        "45292.5", "01/07/2018 24:00", "01/07/2018 9", "01/07/2018 13:00 pm"})
    EXPECT_EQ(Time(text), "") << text;
}

}  // namespace
}  // namespace seawall::cli
