#include "libs/counters/definitions.h"

#include <gtest/gtest.h>

namespace seawall::counters {
namespace {

TEST(AddFlow, CountsTheDayItsMonthAndItsReportingYear) {
  Increments increments;
  AddFlow(increments, "contacts", "2017-06-12", 1);
  AddFlow(increments, "contacts", "2017-06-13", 2);
  EXPECT_EQ(increments, (Increments{{"contacts|2017-06-12|", 1},
                                    {"contacts|2017-06-13|", 2},
                                    {"contacts|2017-06|", 3},
                                    {"contacts|2017/18|", 3}}));
}

TEST(AddFlow, CountsAGroupValueApartFromTheTotal) {
  Increments increments;
  AddFlow(increments, "contacts", "2017-06-12", "source", "1A", 1);
  EXPECT_EQ(increments, (Increments{{"contacts|2017-06-12|source=1A", 1},
                                    {"contacts|2017-06|source=1A", 1},
                                    {"contacts|2017/18|source=1A", 1}}));
}

TEST(AddStock, CountsTheDueDayItsMonthItsReportingYearAndTheTotal) {
  Increments increments;
  AddStock(increments, "open", "2018-04-03", "", "", 1);
  AddStock(increments, "open", "2018-04-03", "priority", "urgent", 1);
  AddStock(increments, "open", "2018-04-04", "", "", -1);
  EXPECT_EQ(increments, (Increments{{"open|due=2018-04-03|", 1},
                                    {"open|due=2018-04-04|", -1},
                                    {"open|due=2018-04|", 0},
                                    {"open|due=2018/19|", 0},
                                    {"open|total|", 0},
                                    {"open|due=2018-04-03|priority=urgent", 1},
                                    {"open|due=2018-04|priority=urgent", 1},
                                    {"open|due=2018/19|priority=urgent", 1},
                                    {"open|total|priority=urgent", 1}}));
}

}  // namespace
}  // namespace seawall::counters
