// Census import and export, as they are typed, against a server that remembers
// what it was asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/errors.h"
#include "cli/fake_server.h"
#include "cli/methods.h"
#include "cli/program.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT: every name below is of the contract
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

std::string Return(const std::string& children) {
  return "<Message><Header><CollectionDetails><Collection>CIN</Collection>"
         "<Year>2024</Year><ReferenceDate>2024-03-31</ReferenceDate>"
         "</CollectionDetails></Header><Children>" +
         children + "</Children></Message>";
}

std::string Child(const std::string& id, const std::string& more = "") {
  return "<Child><ChildIdentifiers><LAchildID>" + id +
         "</LAchildID></ChildIdentifiers><CINdetails>"
         "<CINreferralDate>2023-05-01</CINreferralDate>" +
         more + "</CINdetails></Child>";
}

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    server_.OnBulk<Children>(
        [this](const ImportChildRequest& request) { return Take(request); });
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Of TEST2 an assessment is refused, TEST3 as a whole.
  Result<ImportChildResponse> Take(const ImportChildRequest& request) {
    ids_sent_.push_back(request.request_id());
    const std::string& id = request.child().la_child_id();
    if (id == "TEST3")
      return Error{Code::kPermissionDenied, "IMPORT_NOT_ALLOWED", "no"};
    ImportChildResponse response;
    response.set_taken(2);
    response.set_already_there(1);
    if (id != "TEST2") return response;
    auto& refused = *response.add_refused();
    refused.set_field("episodes[0].assessments[0].start_date");
    refused.set_rule("1103");
    refused.set_description("The assessment starts before the referral.");
    auto& warning = *response.add_warnings();
    warning.set_field("episodes[0].source");
    warning.set_description("no code of that day");
    auto& corrected = *response.add_warnings();
    corrected.set_field("child.upn");
    corrected.set_reason("CHILD_CORRECTED");
    corrected.set_description("recorded; nobody had said it before");
    return response;
  }

  std::string File(const std::string& text) {
    const std::string path = folder_ + "/return.xml";
    std::ofstream(path) << text;
    return path;
  }
  int Run(std::vector<std::string> arguments) {
    for (const char* word : {"census", "blackpool", "--area", "a", "--ca", "k",
                             "--key", "c", "--certificate"})
      arguments.insert(arguments.begin(), word);
    out_.str("");
    err_.str("");
    const World world{.console = {in_, out_, err_},
                      .clock = clock_,
                      .ids = ids_,
                      .connect = server_.connect()};
    return cli::Run(world, arguments);
  }

  std::string folder_ =
      testing::TempDir() + "import_" +
      testing::UnitTest::GetInstance()->current_test_info()->name();
  FakeServer server_;
  FakeClock clock_{*ParseInstant("2024-04-02T09:00:00Z")};
  SequentialIds ids_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::vector<std::string> ids_sent_;
};

TEST_F(ImportTest, AChildTooLargeToSendIsRefusedAndTheOthersAreTaken) {
  const std::string file = File(Return(
      Child("TEST1") + Child(std::string(262'144, 'T')) + Child("TEST4")));
  EXPECT_EQ(Run({"import", file}), kRefused);
  EXPECT_EQ(ids_sent_.size(), 2u);
  EXPECT_THAT(err_.str() + out_.str(), HasSubstr("CHILD_TOO_LARGE"));
}

TEST_F(ImportTest, WhatWasLeftOutIsToldChildByChildAndSummedUp) {
  const auto file = File(Return(Child("TEST1") + Child("TEST2")));
  EXPECT_EQ(Run({"import", file}), kDone) << err_.str();
  EXPECT_THAT(
      out_.str(),
      AllOf(HasSubstr("TEST2 (" + file +
                      ", child 2): 2 taken, 1 there already, 1 left out"),
            HasSubstr("episodes[0].assessments[0].start_date  1103"),
            HasSubstr("left out by  times"),
            HasSubstr("episodes.source      1  no code of that day"),
            HasSubstr("corrected  times  why\nchild.upn      1  recorded"),
            HasSubstr("2 children: 4 steps taken, 2 there already, 1 left "
                      "out."),
            Not(HasSubstr("TEST1"))));
}

TEST_F(ImportTest, ChildrenRefusedAsAWholeMakeItOne) {
  const auto file = File(Return(Child("TEST1") + Child("TEST3")));
  EXPECT_EQ(Run({"import", file}), kRefused);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("TEST3"), HasSubstr("IMPORT_NOT_ALLOWED"),
                    HasSubstr("--as frontdoor-import-hub"),
                    HasSubstr("1 child refused: IMPORT_NOT_ALLOWED")));
  EXPECT_THAT(out_.str(), HasSubstr("2 children: 2 steps taken"));
}

TEST_F(ImportTest, TheSameContentHasTheSameIdButForARunOfItsOwn) {
  const auto file = File(Return(Child("TEST1")));
  EXPECT_EQ(Run({"import", file}), kDone);
  EXPECT_EQ(Run({"import", file}), kDone);
  EXPECT_EQ(Run({"import", file, "--request-id", "second"}), kDone);
  File(Return(Child("TEST1", "<ReferralSource>6</ReferralSource>")));
  EXPECT_EQ(Run({"import", file}), kDone);
  ASSERT_EQ(ids_sent_.size(), 4u);
  EXPECT_EQ(ids_sent_[0], ids_sent_[1]);
  EXPECT_NE(ids_sent_[0], ids_sent_[2]);
  EXPECT_NE(ids_sent_[0], ids_sent_[3]);
}

TEST_F(ImportTest, ElementsThatAreUnknownAreListedAsNotKept) {
  const auto file = File(Return(Child("TEST1",
                                      "<Colour>red</Colour>"
                                      "<ReferralNFA>perhaps</ReferralNFA>")));
  EXPECT_EQ(Run({"import", file}), kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Child/CINdetails/Colour"),
                                HasSubstr("CINdetails/ReferralNFA"),
                                Not(HasSubstr("perhaps"))));
}

TEST_F(ImportTest, ForProgramsEachChildIsALine) {
  const auto file = File(Return(Child("TEST1") + Child("TEST2")));
  EXPECT_EQ(Run({"import", file, "--json"}), kDone);
  std::istringstream lines(out_.str());
  std::string one, two, more;
  ASSERT_TRUE(std::getline(lines, one) && std::getline(lines, two));
  EXPECT_EQ(Json::parse(one)["la_child_id"], "TEST1");
  EXPECT_EQ(Json::parse(two)["response"]["refused"][0]["rule"], "1103");
  EXPECT_FALSE(std::getline(lines, more));
}

// Half a file, sent, would look like a return with children missing.
TEST_F(ImportTest, WhatIsNoCensusToItsEndIsTwoAndNothingOfItIsSent) {
  EXPECT_EQ(Run({"import", folder_ + "/none.xml"}), kUsage);
  const std::string whole = Return(Child("TEST1") + Child("TEST2"));
  for (const std::string& text :
       {whole.substr(0, whole.size() - 40), Return(Child("TEST1") + "<Child>"),
        Return(Child("TEST1") + Child("TEST\xE9"))}) {
    EXPECT_EQ(Run({"import", File(text)}), kUsage);
    EXPECT_THAT(ids_sent_, testing::IsEmpty());
    EXPECT_EQ(out_.str(), "");
    EXPECT_THAT(err_.str(), HasSubstr("line 1"));
  }
  EXPECT_THAT(err_.str(), HasSubstr("no UTF-8"));
}

TEST_F(ImportTest, AnotherChildWithAnIdOfTheFileIsRefusedByItself) {
  const auto born = [](const std::string& id, const std::string& day) {
    return "<Child><ChildIdentifiers><LAchildID>" + id +
           "</LAchildID><PersonBirthDate>" + day +
           "</PersonBirthDate></ChildIdentifiers></Child>";
  };
  const auto file =
      File(Return(born("TEST1", "2015-02-03") + born("TEST1", "2019-06-14") +
                  born("TEST4", "2019-06-14") + born("TEST4", "14/06/2019")));
  EXPECT_EQ(Run({"import", file}), kRefused);
  EXPECT_EQ(ids_sent_.size(), 3u);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("child 2"), HasSubstr("1 child refused: 8510")));
}

class ExportTest : public ImportTest {
 protected:
  void SetUp() override {
    ImportTest::SetUp();
    server_.On<ListChildrenRequest, ListChildrenResponse>(
        kListChildren, [this](const ListChildrenRequest& request) {
          asked_ = request;
          ListChildrenResponse response;
          for (const auto& [id, day] :
               {std::pair("TEST1", "2023-05-01"), {"TEST2", "2024-04-01"}}) {
            auto& child = *response.add_children()->mutable_child();
            child.set_la_child_id(id);
            child.add_episodes()->set_referral_date(day);
          }
          return Result<ListChildrenResponse>(response);
        });
  }
  ListChildrenRequest asked_;
};

TEST_F(ExportTest, AYearHoldsWhoWasInNeedInIt) {
  EXPECT_EQ(Run({"export", "--year", "2024", "--lea", "890"}), kDone);
  EXPECT_EQ(asked_.start_date(), "2023-04-01");
  EXPECT_EQ(asked_.end_date(), "2024-03-31");
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("<LAchildID>TEST1</LAchildID>"),
                    HasSubstr("<LEA>890</LEA>"), Not(HasSubstr("TEST2"))));
  EXPECT_THAT(err_.str(), HasSubstr("1 child written."));
}

TEST_F(ExportTest, AFileIsReadByItsOwnerAlone) {
  const std::string file = folder_ + "/out.xml";
  EXPECT_EQ(Run({"export", "--year", "2024", "--lea", "890", "--out", file}),
            kDone);
  EXPECT_EQ(
      std::filesystem::status(file).permissions(),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ExportTest, WithoutAnAnswerNoFileIsLeft) {
  server_.Down();
  const std::string file = folder_ + "/out.xml";
  EXPECT_EQ(Run({"export", "--year", "2024", "--lea", "890", "--out", file}),
            kUnreachable);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(ExportTest, WhatIsNoAuthorityOrYearIsRefused) {
  EXPECT_EQ(Run({"export", "--year", "2024", "--lea", "89"}), kUsage);
  EXPECT_EQ(Run({"export", "--year", "1999", "--lea", "890"}), kUsage);
  EXPECT_EQ(
      Run({"export", "--year", "2024", "--lea", "890", "--xsd", "cin.xsd"}),
      kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("add --out"));
}

}  // namespace
}  // namespace seawall::cli
