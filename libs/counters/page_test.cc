#include "libs/counters/page.h"

#include <gtest/gtest.h>

namespace seawall::counters {
namespace {

// An event's body says how many names of its own it adds; each also adds to
// `events`.
Definitions Wide() {
  Definitions definitions;
  definitions.count = [](const ledger::Recorded& event, Increments& page) {
    page["events"] += 1;
    for (int i = 1; i < std::stoi(event.body); ++i) {
      page[std::to_string(event.position) + "." + std::to_string(i)] += 1;
    }
  };
  return definitions;
}

std::vector<ledger::Recorded> Events(const std::vector<std::string>& bodies) {
  std::vector<ledger::Recorded> events;
  for (const std::string& body : bodies) {
    const auto position = static_cast<std::int64_t>(events.size()) + 11;
    events.push_back({.position = position, .kind = "test", .body = body});
  }
  return events;
}

TEST(CutPage, TakesAllEventsThatFit) {
  const auto events = Events({"10", "10", "10"});
  const Page page = CutPage(Wide(), events);
  EXPECT_EQ(page.events, 3u);
  EXPECT_EQ(page.to, 13);
  EXPECT_EQ(page.increments.at("events"), 3);
}

TEST(CutPage, EndsBeforeTheEventThatDoesNotFit) {
  const auto events = Events({"60", "60", "60"});
  const Page page = CutPage(Wide(), events, 130);
  EXPECT_EQ(page.events, 2u);
  EXPECT_EQ(page.to, 12);
  EXPECT_EQ(page.increments.size(), 119u);
  EXPECT_EQ(page.increments.at("events"), 2);
  EXPECT_FALSE(page.increments.contains("13.1"));
}

TEST(CutPage, NeverHoldsMoreNamesThanAPageMay) {
  const auto events = Events(std::vector<std::string>(500, "40"));
  std::size_t at = 0;
  while (at < events.size()) {
    const Page page = CutPage(Wide(), std::span(events).subspan(at));
    ASSERT_GT(page.events, 0u);
    ASSERT_LE(page.increments.size(), kMostNames);
    at += page.events;
    ASSERT_EQ(page.to, events[at - 1].position);
  }
}

TEST(CutPage, EventWiderThanAPageStandsAlone) {
  const auto events = Events({"5000", "1"});
  const Page page = CutPage(Wide(), events);
  EXPECT_EQ(page.events, 1u);
  EXPECT_GT(page.increments.size(), kMostNames);
}

TEST(CutPage, LeavesOutWhatCancelsOut) {
  Definitions definitions;
  definitions.count = [](const ledger::Recorded& event, Increments& page) {
    page["open"] += event.body == "open" ? 1 : -1;
    page["events"] += 1;
  };
  const auto events = Events({"open", "close"});
  EXPECT_EQ(CutPage(definitions, events).increments,
            (Increments{{"events", 2}}));
}

}  // namespace
}  // namespace seawall::counters
