#include "libs/counters/redis.h"

#include <chrono>
#include <fstream>

#include "libs/counters/contract.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"
#include "tests/support/process.h"
#include "tests/support/redis.h"
#include "tests/support/tempdir.h"

namespace seawall::counters {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::steady_clock;

support::Redis& Shared() {
  static const std::unique_ptr<support::Redis> redis =
      support::Redis::Start().value();
  return *redis;
}

std::string AddressOf(const support::Redis& redis) {
  return "127.0.0.1:" + std::to_string(redis.port());
}

std::unique_ptr<RedisCounters> Make(const RedisSettings& settings) {
  return RedisCounters::Make(settings).value();
}

const Key kKey{"test", "testshire", 1, "journal"};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Redis, CountersContract,
                         testing::Values([]() -> std::shared_ptr<Counters> {
                           return Make({.address = AddressOf(Shared()),
                                        .timeout = milliseconds(5000)});
                         }));

namespace {

// ---- addresses and secrets ----

TEST(RedisAddress, ThreeFormsAreUnderstood) {
  const auto tcp = ParseAddress("redis.local:6379");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->kind, Address::Kind::kTcp);
  EXPECT_EQ(tcp->host, "redis.local");
  EXPECT_EQ(tcp->port, "6379");
  EXPECT_EQ(ParseAddress("unix:/run/redis.sock")->path, "/run/redis.sock");
  const auto tls = ParseAddress("tls:[::1]:6380");
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->kind, Address::Kind::kTls);
  EXPECT_EQ(tls->host, "::1");
}

TEST(RedisAddress, OtherFormsAreRefused) {
  const std::string long_path(200, 'p');
  for (const std::string& text :
       {std::string(), std::string("localhost"), std::string(":6379"),
        std::string("host:"), std::string("host:port"), std::string("unix:"),
        std::string("tls:6379"), "unix:/" + long_path}) {
    const auto address = ParseAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().reason, "COUNTERS_ADDRESS");
  }
}

TEST(RedisCounters, UnreadablePasswordFileIsRefusedAtOnce) {
  const auto counters =
      RedisCounters::Make({.password_file = "/nowhere/password"});
  ASSERT_FALSE(counters);
  EXPECT_EQ(counters.error().reason, "COUNTERS_PASSWORD");
}

TEST(RedisCounters, LimitedUserWithPasswordCanDoEverythingNeeded) {
  auto redis = support::Redis::Start().value();
  ASSERT_TRUE(redis->Run({"ACL", "SETUSER", "seawall", "on", ">test-secret",
                          "~sw:*", "+hget", "+hmget", "+hgetall", "+hset",
                          "+unlink", "+evalsha", "+script|load"}));
  ASSERT_TRUE(redis->Run({"ACL", "SETUSER", "default", "off"}));
  const support::TemporaryFolder folder;
  RedisSettings settings{
      .address = AddressOf(*redis),
      .user = "seawall",
      .password_file = folder.Write("password", "test-secret\n")};
  const auto counters = Make(settings);
  EXPECT_EQ(*counters->Apply(kKey, 0, 1, {{"a", 1}}), 1);
  EXPECT_EQ(counters->Get(kKey, {"a"})->values[0], 1);
  EXPECT_EQ(counters->GetAll(kKey)->fence, 1);
  EXPECT_TRUE(counters->Delete(kKey));

  settings.password_file = folder.Write("wrong", "test-wrong\n");
  const auto refused = Make(settings)->Fence(kKey);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "COUNTERS_UNAVAILABLE");
  EXPECT_EQ(refused.error().message.find("test-wrong"), std::string::npos);
}

// ---- other ways in ----

TEST(RedisCounters, SpeaksOverAUnixSocket) {
  const support::TemporaryFolder folder;
  const std::string path = folder.File("redis.sock");
  auto process = support::Process::Start(
      {.words = {"redis-server", "--port", "0", "--unixsocket", path, "--dir",
                 folder.path(), "--save", ""}});
  ASSERT_TRUE(process);
  const auto counters = Make({.address = "unix:" + path});
  ASSERT_TRUE(
      support::Eventually([&] { return counters->Fence(kKey).has_value(); }));
  EXPECT_EQ(*counters->Apply(kKey, 0, 1, {{"a", 1}}), 1);
}

class RedisTls : public testing::Test {
 protected:
  RedisTls() {
    const auto server =
        authority_.Issue({.uri = support::ServiceUri("redis"), .server = true});
    process_.emplace(
        support::Process::Start({.words = {"redis-server",
                                           "--port",
                                           "0",
                                           "--bind",
                                           "127.0.0.1",
                                           "127.0.0.2",
                                           "--tls-port",
                                           std::to_string(port_),
                                           "--tls-cert-file",
                                           server->certificate_file,
                                           "--tls-key-file",
                                           server->key_file,
                                           "--tls-ca-cert-file",
                                           authority_.certificate_file(),
                                           "--tls-auth-clients",
                                           "yes",
                                           "--dir",
                                           folder_.path(),
                                           "--save",
                                           ""}})
            .value());
    settings_.address = "tls:localhost:" + std::to_string(port_);
    settings_.tls = FilesOf(authority_);
    EXPECT_TRUE(support::Eventually([&] { return support::Listens(port_); }));
  }

  static TlsFiles FilesOf(support::Authority& authority) {
    const auto client =
        authority.Issue({.uri = support::ServiceUri("referrals")});
    return {authority.certificate_file(), client->certificate_file,
            client->key_file};
  }

  support::Authority authority_ = support::Authority::Make().value();
  support::TemporaryFolder folder_;
  const int port_ = support::FreePort();
  std::optional<support::Process> process_;
  RedisSettings settings_{.timeout = milliseconds(5000)};
};

TEST_F(RedisTls, LargePagesGoThroughWhole) {
  const auto counters = Make(settings_);
  Increments page;
  for (std::size_t i = 0; i < kMostNames; ++i) {
    page["contacts|2017-06-12|source=" + std::to_string(i)] = 1;
  }
  const auto applied = counters->Apply(kKey, 0, 1, page);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(counters->GetAll(kKey)->values.size(), kMostNames);
}

TEST_F(RedisTls, ServerOfAnotherAuthorityIsNotTrusted) {
  auto other = support::Authority::Make().value();
  settings_.tls.authority = other.certificate_file();
  const auto fence = Make(settings_)->Fence(kKey);
  ASSERT_FALSE(fence);
  EXPECT_NE(fence.error().message.find("not trusted"), std::string::npos)
      << fence.error().message;
}

TEST_F(RedisTls, ServerWithAnotherNameIsNotTrusted) {
  settings_.address = "tls:127.0.0.2:" + std::to_string(port_);
  const auto fence = Make(settings_)->Fence(kKey);
  ASSERT_FALSE(fence);
  EXPECT_NE(fence.error().message.find("not trusted"), std::string::npos)
      << fence.error().message;
}

TEST_F(RedisTls, WithoutACertificateOfOursTheServerRefuses) {
  settings_.tls.certificate.clear();
  EXPECT_FALSE(Make(settings_)->Fence(kKey));
}

// ---- failures ----

TEST(RedisFailure, NobodyListeningFailsAtOnceAndBacksOff) {
  const auto counters =
      Make({.address = "127.0.0.1:" + std::to_string(support::FreePort()),
            .timeout = minutes(1),
            .back_off = minutes(1)});
  const auto start = steady_clock::now();
  const auto first = counters->Fence(kKey);
  const auto second = counters->Fence(kKey);
  EXPECT_LT(steady_clock::now() - start, seconds(20));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().reason, "COUNTERS_UNAVAILABLE");
  EXPECT_EQ(first.error().code, Code::kUnavailable);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("waiting before"), std::string::npos);
}

TEST(RedisFailure, HungServerFailsAtTheTimeoutAndThenAtOnce) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis),
                              .timeout = seconds(1),
                              .back_off = minutes(1)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 1, {{"a", 1}}));
  redis->Freeze();
  const auto start = steady_clock::now();
  EXPECT_FALSE(counters->Apply(kKey, 1, 2, {{"a", 1}}));
  const auto took = steady_clock::now() - start;
  EXPECT_GE(took, milliseconds(990));
  EXPECT_LT(took, seconds(20));
  const auto second = counters->Apply(kKey, 1, 2, {{"a", 1}});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("waiting before"), std::string::npos);
}

TEST(RedisFailure, HungServerIsUsedAgainOnceItAnswers) {
  auto redis = support::Redis::Start().value();
  const auto counters =
      Make({.address = AddressOf(*redis), .timeout = seconds(1)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 1, {{"a", 1}}));
  redis->Freeze();
  EXPECT_FALSE(counters->Apply(kKey, 1, 2, {{"a", 1}}));
  redis->Thaw();
  // What was sent before the hang may have been applied; the fence says so.
  ASSERT_TRUE(support::Eventually([&] {
    return counters->Apply(kKey, 1, 2, {{"a", 1}}).value_or(0) == 2;
  }));
  EXPECT_EQ(counters->Get(kKey, {"a"})->values[0], 2);
}

TEST(RedisFailure, KilledServerIsFoundAgainWithItsCounters) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 7, {{"a", 3}}));
  redis->Kill();
  EXPECT_FALSE(counters->Apply(kKey, 7, 8, {{"a", 1}}));
  EXPECT_FALSE(counters->Get(kKey, {"a"}));
  ASSERT_TRUE(redis->Restart());
  ASSERT_TRUE(support::Eventually([&] {
    return counters->Apply(kKey, 7, 8, {{"a", 1}}).value_or(0) == 8;
  }));
  ASSERT_TRUE(support::Eventually(
      [&] { return counters->Get(kKey, {"a"}).has_value(); }));
  EXPECT_EQ(counters->Get(kKey, {"a"})->values[0], 4);
}

TEST(RedisFailure, RestartWhileNothingWasAskedIsNotNoticed) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 7, {{"a", 3}}));
  ASSERT_TRUE(redis->Restart());
  const auto applied = counters->Apply(kKey, 7, 8, {{"a", 1}});
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(*applied, 8);
}

TEST(RedisFailure, ForgottenScriptIsLoadedAgain) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 1, {{"a", 1}}));
  ASSERT_TRUE(redis->Run({"SCRIPT", "FLUSH"}));
  const auto again = counters->Apply(kKey, 1, 2, {{"a", 1}});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, 2);
}

TEST(RedisFailure, FullRedisRefusesAndNothingIsCounted) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis)});
  ASSERT_TRUE(counters->Apply(kKey, 0, 1, {{"a", 1}}));
  ASSERT_TRUE(redis->Run({"CONFIG", "SET", "maxmemory", "1"}));
  const auto refused = counters->Apply(kKey, 1, 2, {{"a", 1}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("OOM"), std::string::npos)
      << refused.error().message;
  ASSERT_TRUE(redis->Run({"CONFIG", "SET", "maxmemory", "0"}));
  ASSERT_TRUE(support::Eventually([&] {
    return counters->Apply(kKey, 1, 2, {{"a", 1}}).value_or(0) == 2;
  }));
  EXPECT_EQ(counters->Get(kKey, {"a"})->values[0], 2);
}

TEST(RedisFailure, HashThatIsNoHashIsAnError) {
  auto redis = support::Redis::Start().value();
  const auto counters = Make({.address = AddressOf(*redis)});
  ASSERT_TRUE(redis->Run({"SET", kKey.ToString(), "test"}));
  EXPECT_FALSE(counters->Fence(kKey));
  EXPECT_FALSE(counters->Apply(kKey, 0, 1, {{"a", 1}}));
}

}  // namespace
}  // namespace seawall::counters
