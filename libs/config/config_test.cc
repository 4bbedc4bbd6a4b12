#include "libs/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace seawall::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The settings of an invented program, and the three ways to give them.
class Settings : public testing::Test {
 protected:
  ~Settings() override {
    for (const auto& name : variables_) unsetenv(name.c_str());
  }

  void SetEnvironment(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    variables_.push_back(name);
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("seawall_config_test_" + name);
    std::ofstream(path) << content;
    return path.string();
  }

  Result<void> Parse(std::vector<std::string> arguments) {
    Options options("test-program", "An invented program.");
    options.Add("address", address_, "Where to listen");
    options.Add("queue-limit", queue_limit_, 1, 4096, "Units that may wait");
    options.Add("audit", audit_, "Keep the audit");
    options.Add("page-bytes", page_bytes_, std::size_t{1024},
                std::size_t{1} << 40, "Bytes of a page");
    options.Add("stop-after", stop_after_, "How long stopping may take");
    options.Add("areas", areas_, "Areas held here");
    if (!required_.empty()) options.Require(required_);
    std::vector<const char*> argv = {"test-program"};
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    return options.Parse(static_cast<int>(argv.size()), argv.data());
  }

  // The reason and the message, as far as there is an error.
  Error Refused(std::vector<std::string> arguments) {
    const auto result = Parse(std::move(arguments));
    EXPECT_FALSE(result.has_value());
    return result ? Error{} : result.error();
  }

  std::string address_ = "127.0.0.1:7401";
  int queue_limit_ = 64;
  bool audit_ = false;
  std::size_t page_bytes_ = 4096;
  std::chrono::milliseconds stop_after_{5000};
  std::vector<std::string> areas_ = {"blackpool"};
  std::string required_;
  std::vector<std::string> variables_;
};

TEST_F(Settings, KeepTheirDefaultsWhenNothingIsGiven) {
  ASSERT_TRUE(Parse({}).has_value());
  EXPECT_EQ(address_, "127.0.0.1:7401");
  EXPECT_EQ(queue_limit_, 64);
  EXPECT_FALSE(audit_);
  EXPECT_EQ(page_bytes_, 4096u);
  EXPECT_EQ(stop_after_.count(), 5000);
  EXPECT_THAT(areas_, ElementsAre("blackpool"));
}

TEST_F(Settings, FlagWinsOverEnvironmentWinsOverFile) {
  const auto file = WriteFile("order.conf", "queue-limit = 3\n");
  ASSERT_TRUE(Parse({"--config", file}).has_value());
  EXPECT_EQ(queue_limit_, 3);
  SetEnvironment("SEAWALL_QUEUE_LIMIT", "2");
  ASSERT_TRUE(Parse({"--config", file}).has_value());
  EXPECT_EQ(queue_limit_, 2);
  ASSERT_TRUE(Parse({"--config", file, "--queue-limit", "1"}).has_value());
  EXPECT_EQ(queue_limit_, 1);
}

TEST_F(Settings, OrderHoldsForEveryKindOfSetting) {
  const auto file = WriteFile("kinds.conf",
                              "address = \"file:1\"\naudit = true\n"
                              "page-bytes = 2000\nstop-after = 2s\n"
                              "areas = a, b\n");
  SetEnvironment("SEAWALL_CONFIG", file);
  ASSERT_TRUE(Parse({}).has_value());
  EXPECT_EQ(address_, "file:1");
  EXPECT_TRUE(audit_);
  EXPECT_EQ(page_bytes_, 2000u);
  EXPECT_EQ(stop_after_.count(), 2000);
  EXPECT_THAT(areas_, ElementsAre("a", "b"));

  SetEnvironment("SEAWALL_ADDRESS", "environment:1");
  SetEnvironment("SEAWALL_AUDIT", "false");
  SetEnvironment("SEAWALL_PAGE_BYTES", "3000");
  SetEnvironment("SEAWALL_STOP_AFTER", "3s");
  SetEnvironment("SEAWALL_AREAS", "c,d");
  ASSERT_TRUE(Parse({}).has_value());
  EXPECT_EQ(address_, "environment:1");
  EXPECT_FALSE(audit_);
  EXPECT_EQ(page_bytes_, 3000u);
  EXPECT_EQ(stop_after_.count(), 3000);
  EXPECT_THAT(areas_, ElementsAre("c", "d"));

  ASSERT_TRUE(Parse({"--address=flag:1", "--audit", "--page-bytes=4000",
                     "--stop-after=4s", "--areas=e", "--areas", "f,g"})
                  .has_value());
  EXPECT_EQ(address_, "flag:1");
  EXPECT_TRUE(audit_);
  EXPECT_EQ(page_bytes_, 4000u);
  EXPECT_EQ(stop_after_.count(), 4000);
  EXPECT_THAT(areas_, ElementsAre("e", "f", "g"));
}

TEST_F(Settings, AnEmptyVariableCountsAsNotSet) {
  SetEnvironment("SEAWALL_QUEUE_LIMIT", "");
  ASSERT_TRUE(Parse({}).has_value());
  EXPECT_EQ(queue_limit_, 64);
}

TEST_F(Settings, ABareFlagMeansTrueAndAnEqualsSignCanSayFalse) {
  ASSERT_TRUE(Parse({"--audit"}).has_value());
  EXPECT_TRUE(audit_);
  ASSERT_TRUE(Parse({"--audit=false"}).has_value());
  EXPECT_FALSE(audit_);
  ASSERT_TRUE(Parse({"--audit", "--queue-limit", "5"}).has_value());
  EXPECT_TRUE(audit_);
  EXPECT_EQ(queue_limit_, 5);
}

TEST_F(Settings, FileMayHoldCommentsAndQuotedText) {
  const auto file = WriteFile("comments.conf",
                              "# where to listen\n\naddress = \"a, b c\"\n"
                              "queue-limit = 7 # small\n");
  ASSERT_TRUE(Parse({"--config=" + file}).has_value());
  EXPECT_EQ(queue_limit_, 7);
}

TEST_F(Settings, AnUnknownFlagIsRefusedByName) {
  const Error error = Refused({"--queu-limit", "5"});
  EXPECT_EQ(error.reason, "SETTING_UNKNOWN");
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("--queu-limit"));
  EXPECT_EQ(Refused({"serve"}).reason, "SETTING_UNKNOWN");
}

TEST_F(Settings, AnUnknownKeyInTheFileIsRefusedByName) {
  const Error error =
      Refused({"--config", WriteFile("unknown.conf", "queu-limit = 5\n")});
  EXPECT_EQ(error.reason, "SETTING_UNKNOWN");
  EXPECT_THAT(error.message, HasSubstr("queu-limit"));
}

TEST_F(Settings, AKeyUnderASectionIsUnknown) {
  const Error error = Refused(
      {"--config", WriteFile("section.conf", "[server]\nqueue-limit = 5\n")});
  EXPECT_EQ(error.reason, "SETTING_UNKNOWN");
  EXPECT_THAT(error.message, HasSubstr("server"));
}

TEST_F(Settings, AKeyThatIsTwiceInTheFileIsRefused) {
  const auto apart = WriteFile(
      "twice.conf", "queue-limit = 5\naudit = true\nqueue-limit = 6\n");
  EXPECT_EQ(Refused({"--config", apart}).reason, "SETTING_BAD");
  const auto together =
      WriteFile("twice2.conf", "queue-limit = 5\nqueue-limit = 6\n");
  EXPECT_EQ(Refused({"--config", together}).reason, "SETTING_BAD");
}

TEST_F(Settings, AFileThatIsNotThereIsRefused) {
  const Error error = Refused({"--config", "/nowhere/seawall.conf"});
  EXPECT_EQ(error.reason, "SETTING_BAD");
  EXPECT_THAT(error.message, HasSubstr("/nowhere/seawall.conf"));
}

TEST_F(Settings, AFolderIsNoFileOfSettings) {
  EXPECT_EQ(Refused({"--config", testing::TempDir()}).reason, "SETTING_BAD");
}

TEST_F(Settings, BadValuesAreRefusedByName) {
  const std::pair<const char*, const char*> kBad[] = {
      {"queue-limit", "0"},   {"queue-limit", "4097"},
      {"queue-limit", "x"},   {"queue-limit", "5x"},
      {"queue-limit", "5.0"}, {"queue-limit", "99999999999999999999"},
      {"page-bytes", "-1"},   {"page-bytes", "1023"},
      {"audit", "maybe"},     {"stop-after", "5"},
      {"stop-after", "5 s"},  {"stop-after", "-5s"},
      {"stop-after", "s"},    {"stop-after", "5d"}};
  for (const auto& [name, value] : kBad) {
    const Error error = Refused({std::string("--") + name + "=" + value});
    EXPECT_EQ(error.reason, "SETTING_BAD") << name << value;
    EXPECT_THAT(error.message, HasSubstr(name)) << value;
  }
}

TEST_F(Settings, BadValuesOfEnvironmentAndFileAreRefusedByName) {
  const Error from_file =
      Refused({"--config", WriteFile("bad.conf", "stop-after = soon\n")});
  EXPECT_EQ(from_file.reason, "SETTING_BAD");
  EXPECT_THAT(from_file.message, HasSubstr("stop-after"));
  SetEnvironment("SEAWALL_QUEUE_LIMIT", "many");
  const Error from_environment = Refused({});
  EXPECT_EQ(from_environment.reason, "SETTING_BAD");
  EXPECT_THAT(from_environment.message, HasSubstr("queue-limit"));
}

TEST_F(Settings, AFlagGivenTwiceOrWithoutValueIsRefused) {
  const Error twice = Refused({"--queue-limit=1", "--queue-limit=2"});
  EXPECT_EQ(twice.reason, "SETTING_BAD");
  EXPECT_THAT(twice.message, HasSubstr("queue-limit"));
  const Error nothing = Refused({"--queue-limit"});
  EXPECT_EQ(nothing.reason, "SETTING_BAD");
  EXPECT_THAT(nothing.message, HasSubstr("queue-limit"));
}

TEST_F(Settings, AMissingOneIsRefusedWithAllWaysToGiveIt) {
  address_ = "";
  required_ = "address";
  const Error error = Refused({});
  EXPECT_EQ(error.reason, "SETTING_MISSING");
  EXPECT_THAT(error.message, HasSubstr("--address"));
  EXPECT_THAT(error.message, HasSubstr("SEAWALL_ADDRESS"));
  EXPECT_TRUE(Parse({"--address", "127.0.0.1:1"}).has_value());
}

TEST_F(Settings, AnEmptyListCanBeMissingToo) {
  areas_.clear();
  required_ = "areas";
  EXPECT_EQ(Refused({}).reason, "SETTING_MISSING");
}

TEST_F(Settings, HelpNamesEverySettingItsDefaultAndVariable) {
  const Error help = Refused({"--help"});
  EXPECT_EQ(help.reason, "HELP");
  for (const char* text :
       {"An invented program.", "--queue-limit", "64", "SEAWALL_QUEUE_LIMIT",
        "Units that may wait", "--stop-after", "5s", "--config", "blackpool"}) {
    EXPECT_THAT(help.message, HasSubstr(text));
  }
}

TEST(Refuse, HelpIsSuccessOnStandardOutput) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(Refuse(Error{Code::kInvalidArgument, "HELP", "how to"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("how to"));
}

TEST(Refuse, AnErrorIsExitCodeTwoOnStandardError) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(Refuse(Error{Code::kInvalidArgument, "SETTING_BAD", "wrong"}), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("error: wrong"));
}

TEST(ParseDuration, KnowsFourUnits) {
  EXPECT_EQ(ParseDuration("200ms").value().count(), 200);
  EXPECT_EQ(ParseDuration("5s").value().count(), 5'000);
  EXPECT_EQ(ParseDuration("2m").value().count(), 120'000);
  EXPECT_EQ(ParseDuration("1h").value().count(), 3'600'000);
  EXPECT_EQ(ParseDuration("0s").value().count(), 0);
  EXPECT_EQ(ParseDuration("999999999h").value().count(), 3'599'999'996'400'000);
}

TEST(ParseDuration, RefusesOtherForms) {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5S", "5 s", " 5s",
                           "5.5s", "1h30m", "1000000000s", "5sec"}) {
    const auto duration = ParseDuration(text);
    ASSERT_FALSE(duration.has_value()) << text;
    EXPECT_EQ(duration.error().reason, "SETTING_BAD") << text;
  }
}

TEST_F(Settings, ASecretIsReadWithoutItsLineEnd) {
  const auto secret =
      ReadSecret("seal-key", WriteFile("secret", "invented secret\r\n"));
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(*secret, "invented secret");
}

TEST_F(Settings, AnUnreadableSecretIsRefusedByName) {
  for (const std::string& path :
       {std::string("/nowhere/key"), WriteFile("empty", "\n")}) {
    const auto secret = ReadSecret("seal-key", path);
    ASSERT_FALSE(secret.has_value()) << path;
    EXPECT_EQ(secret.error().reason, "SETTING_BAD");
    EXPECT_THAT(secret.error().message, HasSubstr("seal-key"));
  }
}

}  // namespace
}  // namespace seawall::config
