#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"
#include "tests/support/redis.h"
#include "tests/support/tempdir.h"

namespace seawall::support {
namespace {

using std::chrono::milliseconds;

TEST(Process, OutputEnvironmentAndExitCodeAreTheCommands) {
  const TemporaryFolder folder;
  Process process =
      Process::Start({.words = {"sh", "-c", "echo \"$TEST_WORD\"; exit 7"},
                      .environment = {{"TEST_WORD", "hello"}},
                      .output = folder.File("output")})
          .value();
  const std::optional<Ending> ending = process.Wait(std::chrono::seconds(10));
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, 7);
  EXPECT_EQ(ReadFile(folder.File("output")), "hello\n");
}

TEST(Process, EndsWithTheObjectAndSoDoItsChildren) {
  pid_t pid = 0;
  std::vector<pid_t> children;
  {
    const Process process =
        Process::Start({.words = {"sh", "-c", "sleep 60 & wait"}}).value();
    pid = process.pid();
    ASSERT_TRUE(Eventually([&] {
      children = ChildrenOf(pid);
      return children.size() == 1;
    }));
  }
  EXPECT_FALSE(Alive(pid));
  EXPECT_TRUE(Eventually([&] { return !Alive(children[0]); }));
}

TEST(Process, OneThatIgnoresTermIsKilledAfterTheBound) {
  const TemporaryFolder folder;
  Process process =
      Process::Start({.words = {"sh", "-c",
                                "trap '' TERM; echo ready; while :; do sleep "
                                "0.05; done"},
                      .output = folder.File("output")})
          .value();
  ASSERT_TRUE(
      Eventually([&] { return ReadFile(folder.File("output")) == "ready\n"; }));
  EXPECT_FALSE(process.Wait(milliseconds(20)));
  EXPECT_EQ(process.Terminate(milliseconds(50)).signal, SIGKILL);
}

TEST(Process, FailedCommandSaysItsOutput) {
  const auto failed = RunToEnd({.words = {"sh", "-c", "echo broken; exit 1"}});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("broken"), std::string::npos);
}

TEST(Ports, FreePortHasNoListener) { EXPECT_FALSE(Listens(FreePort())); }

TEST(Eventually, GivesUpAtTheBound) {
  EXPECT_FALSE(Eventually([] { return false; }, milliseconds(10)));
}

TEST(TemporaryFolder, IsGoneWithTheObject) {
  std::string path;
  {
    const TemporaryFolder folder;
    path = folder.Write("file", "text");
    EXPECT_EQ(ReadFile(path), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Postgres, KeepsItsRowsWhenKilledAndRestarted) {
  Postgres& postgres = Postgres::Shared();
  const std::string address = postgres.NewDatabase().value();
  EXPECT_TRUE(address.starts_with("postgres:host=127.0.0.1 port="));
  ASSERT_TRUE(postgres.Run("create table t(a int); insert into t values(5)"));
  EXPECT_EQ(postgres.Run("show fsync").value(), "on\n");
  postgres.Kill();
  EXPECT_FALSE(Listens(postgres.port()));
  ASSERT_TRUE(postgres.Restart());
  EXPECT_EQ(postgres.Run("select a from t").value(), "5\n");
}

TEST(Postgres, NewDatabasesAreEmptyAndApart) {
  Postgres& postgres = Postgres::Shared();
  EXPECT_NE(postgres.NewDatabase().value(), postgres.NewDatabase().value());
}

TEST(Redis, ComesBackWithItsTornFileRepaired) {
  const auto redis = Redis::Start().value();
  EXPECT_EQ(redis->Run({"CONFIG", "GET", "maxmemory-policy"}).value(),
            "maxmemory-policy\nnoeviction\n");
  ASSERT_TRUE(redis->Run({"SET", "first", "1"}));
  ASSERT_TRUE(redis->Run({"SET", "second", "2"}));
  redis->Kill();
  EXPECT_FALSE(Listens(redis->port()));
  const std::string file = redis->append_only_file();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 3);
  ASSERT_TRUE(redis->Restart());
  EXPECT_EQ(redis->Run({"GET", "first"}).value(), "1\n");
  EXPECT_EQ(redis->Run({"EXISTS", "second"}).value(), "0\n");
  ASSERT_TRUE(redis->Flush());
  EXPECT_EQ(redis->Run({"DBSIZE"}).value(), "0\n");
}

std::string Said(std::vector<std::string> words) {
  return RunToEnd({.words = std::move(words)}).value_or("refused");
}

TEST(Authority, CertificateHasOneUriNameAndAnEllipticKey) {
  Authority authority = Authority::Make().value();
  const std::string uri = AgencyUri("test-police", "records", "pusher");
  const Certificate certificate = authority.Issue({.uri = uri}).value();
  const std::string text = Said({"openssl", "x509", "-noout", "-text", "-in",
                                 certificate.certificate_file});
  EXPECT_NE(text.find("URI:spiffe://seawall.local/agency/test-police/records/"
                      "pusher\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("prime256v1"), std::string::npos);
  EXPECT_EQ(text.find("DNS:"), std::string::npos);
}

TEST(Authority, OnlyItsOwnLiveCertificatesVerify) {
  Authority authority = Authority::Make().value();
  Authority other = Authority::Make().value();
  const std::string uri = ServiceUri("referrals");
  const auto verify = [&](Authority& issuer, bool expired) {
    const Certificate certificate =
        issuer.Issue({.uri = uri, .server = true, .expired = expired}).value();
    return Said({"openssl", "verify", "-CAfile", authority.certificate_file(),
                 certificate.certificate_file});
  };
  EXPECT_NE(verify(authority, false).find(": OK"), std::string::npos);
  EXPECT_EQ(verify(authority, true), "refused");
  EXPECT_EQ(verify(other, false), "refused");
}

TEST(Authority, RenewedCertificateHasTheSameFilesAndAnotherKey) {
  Authority authority = Authority::Make().value();
  const std::string uri = ServiceUri("referrals");
  const Certificate certificate = authority.Issue({.uri = uri}).value();
  const std::string key = ReadFile(certificate.key_file);
  ASSERT_TRUE(authority.Renew(certificate, {.uri = uri}));
  EXPECT_NE(ReadFile(certificate.key_file), key);
}

}  // namespace
}  // namespace seawall::support
