// The parts that need no server: errors on the wire, the request's hash, the
// register, the pool.
#include <google/protobuf/util/message_differencer.h>
#include <google/rpc/error_details.pb.h>

#include <cstring>
#include <set>

#include "libs/rpc/errors.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/periodic.h"
#include "libs/rpc/pool.h"
#include "libs/rpc/reasons.h"
#include "libs/rpc/request_hash.h"
#include "libs/rpc/shares.h"
#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

TEST(Errors, CrossTheWireWhole) {
  const Error error{Code::kResourceExhausted,
                    "QUEUE_FULL",
                    "try again",
                    {{"children[0].upn", "has 12 characters"}},
                    std::chrono::milliseconds(1250)};
  const Error back = FromStatus(ToStatus(error));
  EXPECT_EQ(back.code, error.code);
  EXPECT_EQ(back.reason, "QUEUE_FULL");
  EXPECT_EQ(back.message, "try again");
  ASSERT_EQ(back.fields.size(), 1u);
  EXPECT_EQ(back.fields[0].path, "children[0].upn");
  EXPECT_EQ(back.fields[0].description, "has 12 characters");
  EXPECT_EQ(back.retry_after, std::chrono::milliseconds(1250));
}

TEST(Errors, CarryOurDomain) {
  google::rpc::ErrorInfo info;
  const auto proto = ToProto(Error{Code::kNotFound, "CONTACT_NOT_FOUND", ""});
  ASSERT_EQ(proto.details_size(), 1);
  ASSERT_TRUE(proto.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "seawall");
}

TEST(Errors, AStatusOfTheTransportGetsAReasonByItsCode) {
  const Error error =
      FromStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_EQ(error.reason, "STATUS_UNAVAILABLE");
  EXPECT_EQ(FromStatus(grpc::Status::CANCELLED).reason, "STATUS_CANCELLED");
}

TEST(RequestHashTest, LeavesOutTheRequestIdAndNothingElse) {
  const auto sealer = seal::Sealer::FromSecret(std::string(32, 'k'));
  const auto hash = [&](const pb::SubmitContactRequest& request) {
    return RequestHash(sealer, kSubmit, request);
  };
  const pb::SubmitContactRequest one = Contact("r-1");
  EXPECT_EQ(hash(one), hash(Contact("r-2")));
  EXPECT_NE(hash(one), hash(Contact("r-1", "7")));
  EXPECT_NE(hash(one), RequestHash(sealer, kDecide, one));
  pb::SubmitContactRequest other = one;
  other.mutable_form()->add_children()->set_given_name("Test-Ann");
  EXPECT_NE(hash(one), hash(other));
  // Present but empty is not absent.
  other = one;
  other.mutable_form()->mutable_concern();
  EXPECT_NE(hash(one), hash(other));
}

TEST(RequestHashTest, IsGivenUnderEveryKeyNewestFirst) {
  support::TemporaryFolder folder;
  const auto key = [&](const char* name, char digit) {
    const std::string file = folder.Write(name, std::string(64, digit));
    ::chmod(file.c_str(), 0600);
    return file;
  };
  const std::string older = key("older.key", 'a'),
                    newer = key("newer.key", 'b');
  const auto before = *seal::Sealer::Load({older});
  const auto after = *seal::Sealer::Load({newer, older});
  const auto hashes = RequestHashes(after, kSubmit, Contact("r-1"));
  ASSERT_EQ(hashes.size(), 2u);
  EXPECT_EQ(hashes[0], RequestHash(after, kSubmit, Contact("r-1")));
  EXPECT_EQ(hashes[1], RequestHash(before, kSubmit, Contact("r-1")));
}

TEST(RequestHashTest, KeepsNeighbouringTextsApart) {
  pb::SubmitContactRequest one, two;
  auto* child = one.mutable_form()->add_children();
  child->set_given_name("ab");
  child->set_family_name("c");
  child = two.mutable_form()->add_children();
  child->set_given_name("a");
  child->set_family_name("bc");
  EXPECT_NE(Canonical(one), Canonical(two));
  // One address of two lines, two children of one.
  pb::Child lines;
  lines.mutable_address()->add_lines("1");
  lines.mutable_address()->add_lines("2");
  pb::Child line;
  line.mutable_address()->add_lines("12");
  EXPECT_NE(Canonical(lines), Canonical(line));
}

TEST(RequestHashTest, IsTheSameAfterAnotherWayOverTheWire) {
  pb::SubmitContactRequest request = Contact("r-1");
  request.mutable_form()->mutable_raised_time()->set_seconds(-5);
  request.mutable_form()->set_immediate_danger(pb::ANSWER_YES);
  request.mutable_form()->mutable_concern()->set_level_of_need(3);
  // The same fields in another order of bytes.
  pb::SubmitContactRequest again;
  ASSERT_TRUE(again.ParseFromString([&] {
    pb::SubmitContactRequest form, rest;
    *form.mutable_form() = request.form();
    rest.set_area(request.area());
    rest.set_request_id(request.request_id());
    return form.SerializeAsString() + rest.SerializeAsString();
  }()));
  EXPECT_EQ(Canonical(request), Canonical(again));
}

class RegisterTest : public testing::Test {
 protected:
  support::TemporaryFolder folder;
  std::string path = folder.Write("agencies.json", TestServer::Agencies(false));
};

TEST_F(RegisterTest, TellsWhoIsBehindAName) {
  const auto agencies = *Register::Load(path);
  const auto caller = agencies->Identify(
      TestServer::AgencyUri("test-police", "import", "referrer"),
      "seawall.local");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->agency, "test-police");
  EXPECT_EQ(caller->agency_name, "Test-test-police");
  EXPECT_EQ(caller->system, "import");
  EXPECT_EQ(caller->role, Role::kReferrer);
  EXPECT_TRUE(caller->may_backdate);
  EXPECT_EQ(caller->areas, std::vector<std::string>{"blackpool"});
  const auto service =
      agencies->Identify(TestServer::ServiceUri("sharing"), "seawall.local");
  ASSERT_TRUE(service);
  EXPECT_EQ(service->role, Role::kService);
  EXPECT_FALSE(service->may_backdate);
}

TEST_F(RegisterTest, KeepsTheOldWhenTheNewCannotBeRead) {
  const auto agencies = *Register::Load(path);
  const std::string nobody =
      R"({"agencies":[)" +
      TestServer::Agency("test-police", "police", "blackpool", "") + "]}";
  const std::string whole = TestServer::Agencies(false);
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}"),
        std::string(R"({"agencies":[{"id":"x"}]})"),
        std::string(R"({"agencies":[]})"), std::string(R"({"agencies":null})"),
        nobody, whole.substr(0, whole.size() / 2)}) {
    folder.Write("agencies.json", text);
    // Each time, not only the first.
    for (int i = 0; i < 2; i++) {
      const auto refreshed = agencies->Refresh();
      ASSERT_FALSE(refreshed) << text;
      EXPECT_EQ(refreshed.error().reason, "AGENCIES_UNREADABLE");
      EXPECT_TRUE(agencies->stale());
    }
    EXPECT_NE(agencies->Find("test-police"), nullptr) << text;
  }
  folder.Write("agencies.json", TestServer::Agencies(false));
  EXPECT_TRUE(agencies->Refresh());
  EXPECT_FALSE(agencies->stale());
}

TEST_F(RegisterTest, TellsWhoIsSuspended) {
  const auto agencies = *Register::Load(path);
  const std::string uri =
      TestServer::AgencyUri("test-police", "records", "referrer");
  EXPECT_EQ(agencies->Suspended(uri, "seawall.local").agency, "");
  folder.Write("agencies.json", TestServer::Agencies(true));
  ASSERT_TRUE(agencies->Refresh());
  EXPECT_EQ(agencies->Suspended(uri, "seawall.local").agency, "test-police");
  EXPECT_EQ(agencies->Suspended(uri, "elsewhere.local").agency, "");
}

TEST_F(RegisterTest, RefusesAnIdThatStandsTwice) {
  const std::string one =
      R"({"id":"x","name":"Test-X","kind":"police","group":"police","areas":[]})";
  folder.Write("agencies.json", R"({"agencies":[)" + one + "," + one + "]}");
  const auto agencies = Register::Load(path);
  ASSERT_FALSE(agencies);
  EXPECT_EQ(agencies.error().reason, "AGENCIES_UNREADABLE");
}

TEST_F(RegisterTest, AFileThatLetsNobodyCallIsRefusedAtTheStart) {
  for (const std::string& text :
       {std::string(R"({"agencies":[]})"),
        R"({"agencies":[)" +
            TestServer::Agency("test-police", "police", "blackpool", "") +
            "]}"}) {
    folder.Write("agencies.json", text);
    const auto agencies = Register::Load(path);
    ASSERT_FALSE(agencies) << text;
    EXPECT_EQ(agencies.error().reason, "AGENCIES_UNREADABLE");
  }
}

// A slip of the pen must not leave somebody in who was to be kept out.
TEST_F(RegisterTest, AKeyThatIsNotKnownIsRefused) {
  for (const std::string& text :
       {TestServer::Agencies(R"(,"suspendet":true)", ""),
        TestServer::Agencies("", R"(,"suspendet":true)"),
        TestServer::Agencies(R"(,"suspended_certificate":["0A"])", ""),
        TestServer::Agencies(R"(,"suspended_certificates":["Test-Laptop"])",
                             ""),
        TestServer::Agencies(R"(,"may_backdate":["import"])", "")}) {
    folder.Write("agencies.json", text);
    const auto agencies = Register::Load(path);
    ASSERT_FALSE(agencies) << text;
    EXPECT_EQ(agencies.error().reason, "AGENCIES_UNREADABLE");
    EXPECT_NE(agencies.error().message.find("test-police"), std::string::npos)
        << agencies.error().message;
  }
}

// `"suspended": true` in front of a `"suspended": false` that stood there.
TEST_F(RegisterTest, AKeyThatIsGivenTwiceIsRefused) {
  folder.Write(
      "agencies.json",
      TestServer::Agencies(R"(,"suspended":true,"suspended":false)", ""));
  const auto agencies = Register::Load(path);
  ASSERT_FALSE(agencies);
  EXPECT_NE(agencies.error().message.find("'suspended' twice"),
            std::string::npos)
      << agencies.error().message;
}

TEST_F(RegisterTest, ARoleThatIsNotKnownIsRefused) {
  folder.Write("agencies.json",
               R"({"agencies":[)" +
                   TestServer::Agency("test-police", "police", "blackpool",
                                      TestServer::System("records", "boss")) +
                   "]}");
  const auto agencies = Register::Load(path);
  ASSERT_FALSE(agencies);
  EXPECT_NE(agencies.error().message.find("boss"), std::string::npos);
}

TEST_F(RegisterTest, OnlyTheSystemsAndRolesOfTheRegisterAreLetIn) {
  const auto agencies = *Register::Load(path);
  const auto reason = [&](const std::string& uri) {
    const auto caller = agencies->Identify(uri, "seawall.local");
    return caller ? std::string("OK") : caller.error().reason;
  };
  EXPECT_EQ(reason(TestServer::AgencyUri("test-police", "records", "referrer")),
            "OK");
  for (const char* role : {"hub", "ops", "board", "auditor"}) {
    const auto uri = TestServer::AgencyUri("test-police", "records", role);
    EXPECT_EQ(reason(uri), "UNKNOWN_SYSTEM") << role;
    EXPECT_EQ(agencies->Suspended(uri, "seawall.local").agency, "test-police");
  }
  for (const char* system : {"record", "Records", "desk", "records%20"}) {
    EXPECT_EQ(reason(TestServer::AgencyUri("test-police", system, "referrer")),
              "UNKNOWN_SYSTEM")
        << system;
  }
}

TEST_F(RegisterTest, AnAgencyThatListsNoSystemHasNone) {
  std::string text = TestServer::Agencies(false);
  text.replace(
      text.rfind("]}"), 0,
      "," + TestServer::Agency("test-quiet", "school", "blackpool", ""));
  folder.Write("agencies.json", text);
  const auto agencies = *Register::Load(path);
  const auto caller = agencies->Identify(
      TestServer::AgencyUri("test-quiet", "records", "referrer"),
      "seawall.local");
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().reason, "UNKNOWN_SYSTEM");
}

TEST_F(RegisterTest, OneSystemIsSuspendedWithoutTheOthers) {
  folder.Write("agencies.json",
               TestServer::Agencies("", R"(,"suspended":true)"));
  const auto agencies = *Register::Load(path);
  const auto records = agencies->Identify(
      TestServer::AgencyUri("test-police", "records", "referrer"),
      "seawall.local");
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().reason, "SYSTEM_SUSPENDED");
  EXPECT_TRUE(agencies->Identify(
      TestServer::AgencyUri("test-police", "import", "referrer"),
      "seawall.local"));
}

TEST(Serial, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(PlainSerial("0A:1b:FF"), "A1BFF");
  EXPECT_EQ(PlainSerial("a1bff"), "A1BFF");
  EXPECT_EQ(PlainSerial(""), "");
  EXPECT_EQ(PlainSerial("serial=0A"), "");
  EXPECT_EQ(SerialOf(PeerOf("spiffe://seawall.local/agency/a/b/hub")), "");
}

// One list of who may call; the development certificates are made from another.
TEST(Register, DevelopmentCertificatesAreThoseOfTheRegister) {
  const auto agencies = *Register::Load("data/agencies.json");
  std::set<std::string> listed;
  for (const Agency& agency : agencies->agencies())
    for (const System& system : agency.systems)
      for (const Role role : system.roles) {
        listed.insert(role == Role::kService
                          ? agency.id
                          : agency.id + "/" + system.id + "/" + NameOf(role));
      }
  std::ifstream file("tools/pki.sh");
  std::stringstream text;
  text << file.rdbuf();
  std::set<std::string> made;
  for (const char* list : {"PKI_SERVICES=\"", "PKI_CLIENTS=\""}) {
    const std::size_t start = text.str().find(list) + std::strlen(list);
    std::istringstream words(
        text.str().substr(start, text.str().find('"', start) - start));
    for (std::string word; words >> word;) made.insert(word);
  }
  EXPECT_EQ(made, listed);
}

TEST_F(RegisterTest, KnowsTheAreas) {
  const auto agencies = *Register::Load(path);
  EXPECT_TRUE(agencies->HasArea("lancashire"));
  EXPECT_FALSE(agencies->HasArea("atlantis"));
}

TEST(Reasons, AreSortedAndWellFormed) {
  std::string_view last;
  for (const Reason& reason : Reasons()) {
    EXPECT_LT(last, reason.name);
    last = reason.name;
    EXPECT_LE(reason.name.size(), 63u);
    for (const char c : reason.name)
      EXPECT_TRUE((c >= 'A' && c <= 'Z') || c == '_') << reason.name;
  }
}

class CountJob : public Job {
 public:
  CountJob(std::atomic<int>& count, std::atomic<bool>* hold = nullptr)
      : count_(count), hold_(hold) {}
  void Run() override {
    while (hold_ && *hold_) std::this_thread::yield();
    count_++;
  }

 private:
  std::atomic<int>& count_;
  std::atomic<bool>* hold_;
};

TEST(PoolTest, RunsEveryJobOnce) {
  std::atomic<int> count = 0;
  Pool pool(3, 100'000);
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; t++) {
    posters.emplace_back([&] {
      for (int i = 0; i < 5000; i++)
        EXPECT_TRUE(pool.Post("police", std::make_shared<CountJob>(count)));
    });
  }
  for (std::thread& poster : posters) poster.join();
  EXPECT_TRUE(support::Eventually([&] { return count == 20'000; }));
}

TEST(PoolTest, AJobThatThrowsEndsNothing) {
  class Throws : public Job {
   public:
    void Run() override { throw std::runtime_error("Test-Secret"); }
  };
  std::atomic<int> count = 0;
  Pool pool(1, 8);
  EXPECT_TRUE(pool.Post("police", std::make_shared<Throws>()));
  EXPECT_TRUE(pool.Post("police", std::make_shared<CountJob>(count)));
  EXPECT_TRUE(support::Eventually([&] { return count == 1; }));
}

TEST(PeriodicTest, AStepThatThrowsIsTakenAgain) {
  std::atomic<int> steps = 0;
  Periodic periodic(std::chrono::milliseconds(1), [&] {
    steps++;
    throw std::runtime_error("Test-Secret");
  });
  EXPECT_TRUE(support::Eventually([&] { return steps > 2; }));
}

TEST(PoolTest, RefusesWhatDoesNotFitAndWhatComesAfterStop) {
  std::atomic<int> count = 0;
  std::atomic<bool> hold = true;
  Pool pool(1, 4);
  int taken = 0;
  for (int i = 0; i < 100; i++)
    taken += pool.Post("police", std::make_shared<CountJob>(count, &hold));
  EXPECT_GE(taken, 4);
  EXPECT_LT(taken, 100);
  hold = false;
  pool.Stop();
  EXPECT_EQ(count, taken);
  EXPECT_FALSE(pool.Post("police", std::make_shared<CountJob>(count)));
}

TEST(PoolTest, AFullLineOfOneRefusesNobodyElse) {
  std::atomic<int> count = 0;
  std::atomic<bool> hold = true;
  Pool pool(1, 4);
  while (pool.Post("police", std::make_shared<CountJob>(count, &hold))) {
  }
  EXPECT_TRUE(pool.Post("school", std::make_shared<CountJob>(count, &hold)));
  hold = false;
}

TEST(PoolTest, LongJobsOfOneLeaveThreadsForOthers) {
  std::atomic<int> of_police = 0, of_school = 0;
  std::atomic<bool> hold = true;
  Pool pool(3, 100, 2);
  for (int i = 0; i < 10; i++) {
    pool.Post("police", std::make_shared<CountJob>(of_police, &hold));
  }
  pool.Post("school", std::make_shared<CountJob>(of_school));
  EXPECT_TRUE(support::Eventually([&] { return of_school == 1; }));
  hold = false;
  pool.Stop();
  EXPECT_EQ(of_police, 10);
}

TEST(SharesTest, OneAgencyTakesNothingFromAnother) {
  Shares shares({.calls = 2, .bytes = 100, .all_bytes = 150});
  auto one = shares.Take("police", 60);
  EXPECT_FALSE(shares.Take("police", 60)) << "more bytes than its own";
  auto two = shares.Take("police", 10);
  EXPECT_FALSE(shares.Take("police", 1)) << "more calls than its own";
  EXPECT_TRUE(shares.Take("school", 200)) << "a first call always";
  one.reset();
  EXPECT_TRUE(shares.Take("police", 60)) << "what was given back";
}

}  // namespace
}  // namespace seawall::rpc
