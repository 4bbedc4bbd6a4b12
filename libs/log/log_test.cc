#include "libs/log/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::log {
namespace {

using Json = nlohmann::json;

// What `write` puts on standard error, line by line.
template <class Write>
std::vector<std::string> LinesOf(Write write) {
  testing::internal::CaptureStderr();
  write();
  Close();
  std::istringstream text(testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

Json OnlyLine(const std::vector<std::string>& lines) {
  EXPECT_EQ(lines.size(), 1u);
  return lines.empty() ? Json() : Json::parse(lines[0], nullptr, false);
}

TEST(Log, WritesOneObjectWithTheFixedFieldsFirst) {
  Open("referrals");
  const auto lines = LinesOf([] {
    Info("serving", {{"port", std::int64_t{7401}},
                     {"store", std::string("sqlite")},
                     {"ratio", 0.5},
                     {"ready", true}});
  });
  const Json line = OnlyLine(lines);
  EXPECT_TRUE(lines.at(0).starts_with("{\"time\":\""));
  EXPECT_TRUE(ParseInstant(line["time"].get<std::string>()).has_value());
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "referrals");
  EXPECT_EQ(line["message"], "serving");
  EXPECT_EQ(line["port"], 7401);
  EXPECT_EQ(line["store"], "sqlite");
  EXPECT_EQ(line["ratio"], 0.5);
  EXPECT_EQ(line["ready"], true);
}

TEST(Log, NamesItsLevels) {
  Open("referrals");
  const auto lines = LinesOf([] {
    Info("a");
    Warn("b");
    Fail("c");
  });
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(Json::parse(lines[0])["level"], "info");
  EXPECT_EQ(Json::parse(lines[1])["level"], "warn");
  EXPECT_EQ(Json::parse(lines[2])["level"], "error");
}

TEST(Log, WritesNothingBelowItsLevel) {
  const auto all = [] {
    Info("a");
    Warn("b");
    Fail("c");
  };
  Open("referrals", "warn");
  EXPECT_EQ(LinesOf(all).size(), 2u);
  Open("referrals", "error");
  EXPECT_EQ(LinesOf(all).size(), 1u);
  Open("referrals", "debug");
  EXPECT_EQ(LinesOf(all).size(), 3u);
  Open("referrals");
}

TEST(Log, WhateverAFieldHoldsItStaysOneLineAndComesBack) {
  for (const std::string& text :
       {std::string("two\nlines"), std::string("a\r\nb"),
        std::string("quote \" backslash \\ brace }"), std::string("tab\t"),
        std::string("nul\0byte", 8), std::string("\x1b[31mred"),
        std::string("{} %s {0}"), std::string("Łukasz 李"), std::string()}) {
    const auto lines = LinesOf([&] { Info("odd", {{"text", text}}); });
    const Json line = OnlyLine(lines);
    ASSERT_TRUE(line.is_object()) << text;
    EXPECT_EQ(line["text"].get<std::string>(), text);
  }
}

TEST(Log, BrokenUtf8IsReplacedAndTheLineIsKept) {
  const Json line = OnlyLine(LinesOf([] {
    Info("odd", {{"text", std::string("a\xFFz")}});
  }));
  EXPECT_EQ(line["text"].get<std::string>(), "a\xEF\xBF\xBDz");
}

TEST(Log, NumbersThatJsonDoesNotKnowBecomeNull) {
  const Json line = OnlyLine(LinesOf([] {
    Info("odd", {{"ratio", std::numeric_limits<double>::quiet_NaN()}});
  }));
  EXPECT_TRUE(line["ratio"].is_null());
}

TEST(Log, AFieldCannotTakeTheNameOfAFixedOne) {
  Open("referrals");
  const Json line = OnlyLine(LinesOf([] {
    Info("serving", {{"service", std::string("forged")},
                     {"message", std::string("forged")}});
  }));
  EXPECT_EQ(line["service"], "referrals");
  EXPECT_EQ(line["message"], "serving");
}

TEST(Log, LinesOfManyThreadsDoNotMix) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  const std::string filling(3000, 'x');
  const auto lines = LinesOf([&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) Info("busy", {{"text", filling}});
      });
    }
    for (auto& thread : threads) thread.join();
  });
  ASSERT_EQ(lines.size(), std::size_t{kThreads * kEach});
  for (const auto& line : lines) {
    ASSERT_EQ(Json::parse(line, nullptr, false).value("text", ""), filling);
  }
}

}  // namespace
}  // namespace seawall::log
