#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seawall/common/v1/figures.pb.h>
#include <seawall/common/v1/operations.pb.h>

#include <sstream>

#include "cli/fake_server.h"
#include "cli/methods.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using namespace common::v1;     // NOLINT
using namespace referrals::v1;  // NOLINT
using testing::HasSubstr;
using testing::Not;

class ProgramTest : public testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    std::vector<std::string> all = {
        "--certificate", "c", "--key", "k", "--ca", "a", "--area", "blackpool"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunBare(all);
  }
  int RunBare(const std::vector<std::string>& arguments) {
    const World world{.console = {in_, out_, err_},
                      .clock = clock_,
                      .ids = ids_,
                      .connect = server_.connect()};
    return cli::Run(world, arguments);
  }

  void AnswerSubmit() {
    const auto store = [](const SubmitContactRequest& request)
        -> Result<SubmitContactResponse> {
      if (request.form().source() == "none")
        return Error{Code::kInvalidArgument,
                     "NOTHING_TO_ACT_ON",
                     "there is nothing to act on",
                     {{"form.concern.text", "is empty"}}};
      SubmitContactResponse response;
      auto& receipt = *response.add_receipts();
      receipt.set_contact_id("C-" + request.request_id());
      receipt.set_priority(PRIORITY_AMBER);
      receipt.set_route(ROUTE_FRONT_DOOR);
      auto& warning = *response.add_warnings();
      warning.set_field("children[0].nhs_number");
      warning.set_reason("NHS_NUMBER_INVALID");
      warning.set_description("the check digit is wrong");
      return response;
    };
    server_.On<SubmitContactRequest, SubmitContactResponse>(kSubmitContact,
                                                            store);
    server_.OnBulk(store);
  }

  void AnswerDecide() {
    server_.On<DecideContactRequest, DecideContactResponse>(
        kDecideContact,
        [this](const DecideContactRequest& request)
            -> Result<DecideContactResponse> {
          decide_ = request;
          DecideContactResponse response;
          response.set_contact_id(request.contact_id());
          response.set_decision(request.decision());
          return response;
        });
  }

  FakeServer server_;
  FakeClock clock_{*ParseInstant("2018-02-01T12:00:00Z")};
  SequentialIds ids_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  DecideContactRequest decide_;
};

TEST_F(ProgramTest, AMistypedCommandIsRefusedWithTheNearestOne) {
  EXPECT_EQ(Run({"contcts", "list"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean \"contacts\""));
  err_.str("");
  EXPECT_EQ(Run({"contacts", "decid"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean \"decide\""));
}

TEST_F(ProgramTest, AMistypedFlagIsRefusedWithTheNearestOne) {
  EXPECT_EQ(Run({"contacts", "list", "--worklst=open"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean \"--worklist\""));
}

TEST_F(ProgramTest, EveryCommandHasHelpWithAnExample) {
  const std::vector<std::vector<std::string>> commands = {
      {"submit"},
      {"contacts"},
      {"contacts", "list"},
      {"contacts", "get"},
      {"contacts", "find"},
      {"contacts", "decide"},
      {"contacts", "return"},
      {"contacts", "answer"},
      {"contacts", "confirm"},
      {"contacts", "mine"},
      {"contacts", "acknowledge"},
      {"contacts", "add"},
      {"contacts", "correct"},
      {"contacts", "withdraw"},
      {"contacts", "in-error"},
      {"contacts", "reinstate"},
      {"contacts", "same"},
      {"episodes", "close"},
      {"triage", "open"},
      {"triage", "contribute"},
      {"triage", "decide"},
      {"triage", "sign-off"},
      {"triage", "agree"},
      {"triage", "show"},
      {"escalation", "raise"},
      {"escalation", "answer"},
      {"journey", "actions"},
      {"journey", "record"},
      {"journey", "chronology"},
      {"journey", "due"},
      {"annex-a", "export"},
      {"census", "import"},
      {"census", "export"},
      {"figures"},
      {"figures", "list"},
      {"access", "verify"},
      {"access", "show"},
      {"counters", "verify"},
      {"counters", "rebuild"},
      {"whoami"},
      {"health"}};
  for (std::vector<std::string> command : commands) {
    out_.str("");
    std::string name = "seawall";
    for (const std::string& word : command) name += " " + word;
    command.push_back("--help");
    EXPECT_EQ(RunBare(command), kDone) << name;
    EXPECT_THAT(out_.str(), HasSubstr("Usage: " + name)) << name;
    EXPECT_THAT(out_.str(), HasSubstr("Examples:\n  seawall")) << name;
  }
}

TEST_F(ProgramTest, HelpTellsTheExitCodes) {
  EXPECT_EQ(RunBare({"--help"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("3  the server cannot be reached"));
}

TEST_F(ProgramTest, AMissingSettingIsNamedWithItsVariable) {
  EXPECT_EQ(RunBare({"whoami", "--area", "blackpool"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("SEAWALL_CERTIFICATE"));
  err_.str("");
  EXPECT_EQ(RunBare({"whoami"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("SEAWALL_AREA"));
}

TEST_F(ProgramTest, AsTakesCertificateAndKeyFromTheFolder) {
  EXPECT_EQ(RunBare({"health", "--as", "police", "--pki", "/keys"}), kDone);
  EXPECT_EQ(server_.settings().certificate, "/keys/police.crt");
  EXPECT_EQ(server_.settings().key, "/keys/police.key");
  EXPECT_EQ(server_.settings().ca, "/keys/ca.crt");
}

TEST_F(ProgramTest, AServerThatIsNotThereIsExitCodeThree) {
  server_.Down();
  EXPECT_EQ(Run({"health"}), kUnreachable);
  EXPECT_THAT(err_.str(), HasSubstr("repeat the command"));
  EXPECT_EQ(Run({"whoami"}), kUnreachable);
  EXPECT_EQ(Run({"submit", "examples/contact.json"}), kUnreachable);
}

TEST_F(ProgramTest, AStoredFormIsShownWithItsWarnings) {
  AnswerSubmit();
  EXPECT_EQ(Run({"submit", "examples/contact.json"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("C-example-contact-1"));
  EXPECT_THAT(out_.str(), HasSubstr("amber"));
  EXPECT_THAT(out_.str(), HasSubstr("children[0].nhs_number"));
  EXPECT_THAT(out_.str(), HasSubstr("1 contact stored from 1 form; 1 warning"));
}

TEST_F(ProgramTest, ARefusedItemGivesItsLineItsPathAndExitCodeOne) {
  AnswerSubmit();
  in_.str("{\"source\":\"6\"}\n{\"source\":\"none\"}\n{\"source\":\"8\"}\n");
  EXPECT_EQ(Run({"submit", "-"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:2: "));
  EXPECT_THAT(out_.str(), HasSubstr("2 contacts stored from 2 forms"));
  EXPECT_THAT(out_.str(), HasSubstr("1 form refused"));
}

TEST_F(ProgramTest, ARefusedSingleFormIsTheSame) {
  AnswerSubmit();
  in_.str("{\"source\":\"none\"}\n");
  EXPECT_EQ(Run({"submit", "-"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:1: NOTHING_TO_ACT_ON "
                                    "form.concern.text: there is nothing"));
}

TEST_F(ProgramTest, JsonPrintsOneAnswerALine) {
  AnswerSubmit();
  in_.str("{\"source\":\"6\"}\n{\"source\":\"none\"}\n");
  EXPECT_EQ(Run({"submit", "-", "--json"}), kRefused);
  std::istringstream lines(out_.str());
  std::string first;
  std::string second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_THAT(first, HasSubstr("\"priority\":\"PRIORITY_AMBER\""));
  EXPECT_THAT(second, HasSubstr("\"error\":{\"code\":\"INVALID_ARGUMENT\""));
  EXPECT_FALSE(std::getline(lines, first));
}

TEST_F(ProgramTest, ManyAnswersAreShownAsTotals) {
  AnswerSubmit();
  std::string forms;
  for (int i = 0; i < 200; ++i)
    forms +=
        "{\"source\":\"6\",\"request_id\":\"r" + std::to_string(i) + "\"}\n";
  in_.str(forms);
  EXPECT_EQ(Run({"submit", "-", "--jobs", "3"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("NHS_NUMBER_INVALID children.nhs_number"));
  EXPECT_THAT(out_.str(), HasSubstr("200 contacts stored from 200 forms"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("C-r7")));
}

TEST_F(ProgramTest, AFormThatIsTooLargeIsToldAndThoseBehindItAreStored) {
  AnswerSubmit();
  const auto form = [](std::size_t letters) {
    return "{\"source\":\"6\",\"concern\":{\"text\":\"" +
           std::string(letters, 'x') + "\"}}\n";
  };
  in_.str(form(5) + form(286'000) + form(6) + form(7));
  EXPECT_EQ(Run({"submit", "-"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:2: FORM_TOO_LARGE"));
  EXPECT_THAT(out_.str(), HasSubstr("3 contacts stored from 3 forms"));
  in_.str(form(286'000));
  EXPECT_EQ(Run({"submit", "-"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:1: FORM_TOO_LARGE"));
}

TEST_F(ProgramTest, ATimeThatWasLeftOutIsAWarning) {
  AnswerSubmit();
  in_.str("{\"source\":\"6\",\"raised_time\":\"2026-11-20T09:30:00\"}\n");
  EXPECT_EQ(Run({"submit", "-"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("TIME_UNREADABLE"));
  in_.str("{\"source\":\"6\",\"raised_time\":\"2026-11-20T09:30:00\"}\n");
  EXPECT_EQ(Run({"submit", "-", "--json"}), kDone);
  EXPECT_THAT(out_.str(),
              HasSubstr("\"notes\":[{\"reason\":\"TIME_UNREADABLE"));
}

TEST_F(ProgramTest, ACommandAtAnotherServiceSaysWhichOneAnswers) {
  server_.On<WhoAmIRequest, WhoAmIResponse>(
      kWhoAmI, [](const WhoAmIRequest&) -> Result<WhoAmIResponse> {
        WhoAmIResponse who;
        who.set_service("referrals");
        return who;
      });
  server_
      .On<waiting::v1::GetDashboardRequest, waiting::v1::GetDashboardResponse>(
          kGetDashboard,
          [](const auto&) -> Result<waiting::v1::GetDashboardResponse> {
            return Error{Code::kUnimplemented, kNotThere, ""};
          });
  EXPECT_EQ(Run({"waiting", "dashboard"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("is seawall-referrals and does not know "
                                    "this command; it is for "
                                    "seawall-waiting"));
  EXPECT_THAT(err_.str(), HasSubstr("SEAWALL_WAITING_ADDRESS"));
}

class WaitingImport : public ProgramTest {
 protected:
  WaitingImport() {
    server_.OnBulk<WaitingEvents>(
        [](const waiting::v1::PushEventsRequest& request)
            -> Result<waiting::v1::PushEventsResponse> {
          waiting::v1::PushEventsResponse response;
          for (int i = 0; i < request.events_size(); ++i)
            response.add_answers()->mutable_receipt()->set_referral_id("W-1");
          return response;
        });
  }
  const std::string head_ =
      "event,service,reference,happened_date,child.given_name,note\r\n";
};

TEST_F(WaitingImport, EveryRowIsInTheRecordsRefusedOrBlank) {
  in_.str(head_ +
          "referral,slt,a,01/09/2026,Test-Zo\xeb,\r\n"
          "contact,slt,a,2026-09-02,,a 5\" frame\r\n"
          ",,,,,\r\n"
          "contact,slt,a,2026-09-02,,\x81\r\n"
          "referral,slt,b,2026-09-01,Test-Bo,\r\n\x1a");
  EXPECT_EQ(Run({"waiting", "import", "-"}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("standard input:2: READ_AS_WINDOWS_1252: "
                                    "child.given_name"));
  EXPECT_THAT(out_.str(),
              HasSubstr("standard input:5: MALFORMED note: is neither"));
  EXPECT_THAT(out_.str(), HasSubstr("6 rows: 3 in the records (3 new, 0 there "
                                    "already, 0 taking another back), 1 "
                                    "refused, 2 blank."));
}

TEST_F(WaitingImport, JsonEndsWithTheSameSummary) {
  in_.str(head_ + "referral,slt,a,2026-09-01,Test-Bo,\r\n,,,,,\r\n");
  EXPECT_EQ(Run({"waiting", "import", "-", "--json"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("{\"summary\":{\"rows\":2,\"recorded\":1,"
                                    "\"taken_back\":0,\"already_recorded\":0,"
                                    "\"refused\":0,\"blank\":1}}"));
}

TEST_F(WaitingImport, AFileThatIsNotCsvIsRefusedOnceAndNothingIsSent) {
  in_.str("PK\x03\x04 and more");
  EXPECT_EQ(Run({"waiting", "import", "-"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("Excel workbook"));
  EXPECT_EQ(server_.streams(), 0);
}

TEST_F(ProgramTest, AFileThatIsMissingIsExitCodeTwoAndSendsNothing) {
  AnswerSubmit();
  EXPECT_EQ(Run({"submit", "examples/contact.json", "examples/gone.json"}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no file examples/gone.json"));
  EXPECT_EQ(server_.streams(), 0);
}

TEST_F(ProgramTest, ADecisionCarriesItsFlagsAndANewRequestId) {
  AnswerDecide();
  EXPECT_EQ(Run({"contacts", "decide", "C-1", "--decision", "referral",
                 "--rationale", "level 4", "--correct", "--person", "p-1/hub",
                 "--triage-decision", "t", "--if-version", "3"}),
            kDone);
  EXPECT_EQ(decide_.area(), "blackpool");
  EXPECT_EQ(decide_.contact_id(), "C-1");
  EXPECT_EQ(decide_.decision(), DECISION_REFERRAL);
  EXPECT_EQ(decide_.rationale(), "level 4");
  EXPECT_TRUE(decide_.corrects());
  EXPECT_EQ(decide_.triage_decision(), "t");
  EXPECT_EQ(decide_.version(), 3);
  EXPECT_TRUE(decide_.request_id().starts_with("R-"));
  EXPECT_EQ(server_.settings().person, "p-1/hub");
  EXPECT_THAT(out_.str(), HasSubstr("decision    referral"));
}

TEST_F(ProgramTest, ARationaleCanComeFromStandardInput) {
  AnswerDecide();
  in_.str("The threshold is met.\n");
  EXPECT_EQ(Run({"contacts", "decide", "C-1", "--decision", "early-help",
                 "--rationale", "-", "--request-id", "mine"}),
            kDone);
  EXPECT_EQ(decide_.rationale(), "The threshold is met.");
  EXPECT_EQ(decide_.request_id(), "mine");
}

TEST_F(ProgramTest, AnUnknownDecisionIsRefusedWithTheWords) {
  AnswerDecide();
  EXPECT_EQ(Run({"contacts", "decide", "C-1", "--decision", "maybe",
                 "--rationale", "x"}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("information and advice"));
}

TEST_F(ProgramTest, AReadCarriesItsPurpose) {
  server_.On<GetContactRequest, GetContactResponse>(
      kGetContact,
      [](const GetContactRequest& request) -> Result<GetContactResponse> {
        GetContactResponse response;
        response.mutable_contact()->set_recorded_by(
            request.purpose().purpose() + "+" +
            request.purpose().lawful_basis());
        return response;
      });
  EXPECT_EQ(Run({"contacts", "get", "C-1", "--purpose", "inspection"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("inspection+public_task"));
}

TEST_F(ProgramTest, ABirthDateIsReadDayFirstAndNotGuessed) {
  FindContactsRequest asked;
  server_.On<FindContactsRequest, FindContactsResponse>(
      kFindContacts,
      [&](const FindContactsRequest& request) -> Result<FindContactsResponse> {
        asked = request;
        return FindContactsResponse();
      });
  const auto find = [&](const char* day) {
    return Run({"contacts", "find", "--family-name", "Test-Harbour",
                "--date-of-birth", day});
  };
  EXPECT_EQ(find("04/03/2014"), kDone);
  EXPECT_EQ(asked.date_of_birth(), "2014-03-04");
  EXPECT_EQ(find("04/03/14"), kUsage);
  EXPECT_THAT(err_.str(),
              HasSubstr("--date-of-birth has a year of two digits"));
}

TEST_F(ProgramTest, AllPagesOfAWorklistAreListed) {
  server_.On<ListContactsRequest, ListContactsResponse>(
      kListContacts,
      [](const ListContactsRequest& request) -> Result<ListContactsResponse> {
        ListContactsResponse page;
        const bool first = request.page_token().empty();
        page.add_contacts()->set_contact_id(first ? "C-1" : "C-2");
        if (first) page.set_next_page_token("more");
        return page;
      });
  EXPECT_EQ(Run({"contacts", "list"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("1 contact; there are more: add --all"));
  out_.str("");
  EXPECT_EQ(Run({"contacts", "list", "--all"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("C-2"));
}

TEST_F(ProgramTest, AllPagesOfALookBackAreShown) {
  server_.On<FindContactsRequest, FindContactsResponse>(
      kFindContacts,
      [](const FindContactsRequest& request) -> Result<FindContactsResponse> {
        FindContactsResponse page;
        const bool first = request.page_token().empty();
        page.add_contacts()->set_contact_id(first ? "C-1" : "C-2");
        if (first) {
          page.set_next_page_token("more");
          page.set_more(1);
        }
        return page;
      });
  EXPECT_EQ(Run({"contacts", "find", "--upn", "A950000178301"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("2 contacts"));
}

TEST_F(ProgramTest, FiguresShowValueAndTheCountsBehindIt) {
  GetFiguresRequest asked;
  server_.On<GetFiguresRequest, GetFiguresResponse>(
      kGetFigures,
      [&asked](const GetFiguresRequest& request) -> Result<GetFiguresResponse> {
        asked = request;
        GetFiguresResponse response;
        Figure& share = *response.add_figures();
        share.set_measure("conversion");
        share.set_unit("percent");
        share.set_value("27.8");
        share.set_numerator(2726);
        share.set_denominator(9798);
        share.set_source(FIGURE_SOURCE_COUNTERS);
        Figure& hidden = *response.add_figures();
        hidden.set_measure("small");
        hidden.set_unit("count");
        hidden.set_symbol("c");
        return response;
      });
  EXPECT_EQ(Run({"figures", "--measure", "conversion", "small"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("27.8%  2,726 of 9,798  counters"));
  // The year of the returns, up to the last month that is over.
  EXPECT_EQ(asked.start_date(), "2017-04-01");
  EXPECT_EQ(asked.end_date(), "2018-01-31");
  EXPECT_EQ(asked.measures_size(), 2);
  // Published figures are of one month where nothing else is said.
  EXPECT_EQ(Run({"figures", "--suppress"}), kDone);
  EXPECT_EQ(asked.start_date(), "2018-01-01");
  EXPECT_EQ(asked.end_date(), "2018-01-31");
}

TEST_F(ProgramTest, GroupedFiguresNameTheGroupAndTheWhole) {
  GetFiguresRequest asked;
  server_.On<GetFiguresRequest, GetFiguresResponse>(
      kGetFigures,
      [&asked](const GetFiguresRequest& request) -> Result<GetFiguresResponse> {
        asked = request;
        GetFiguresResponse response;
        response.add_figures()->set_value("12345");
        Figure& part = *response.add_figures();
        part.set_group("agency_group");
        part.set_group_value("police");
        part.set_value("7");
        return response;
      });
  EXPECT_EQ(
      Run({"figures", "--measure", "re-referrals", "--by", "agency-group"}),
      kDone);
  EXPECT_EQ(asked.measures(0), "re_referrals");
  EXPECT_EQ(asked.group_by(), "agency_group");
  EXPECT_THAT(out_.str(), HasSubstr("agency group   value\n"
                                    "all           12,345\n"
                                    "police             7\n"));
}

TEST_F(ProgramTest, FiguresListIsACommandOfItsOwn) {
  server_.On<ListMeasuresRequest, ListMeasuresResponse>(
      kListMeasures,
      [](const ListMeasuresRequest&) -> Result<ListMeasuresResponse> {
        ListMeasuresResponse response;
        auto& measure = *response.add_measures();
        measure.set_measure("contacts");
        measure.set_definition("Contacts received");
        return response;
      });
  EXPECT_EQ(Run({"figures", "list"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Contacts received"));
}

TEST_F(ProgramTest, ABrokenAccessLogIsExitCodeOne) {
  bool intact = false;
  server_.On<VerifyAccessLogRequest, VerifyAccessLogResponse>(
      kVerifyAccessLog,
      [&intact](
          const VerifyAccessLogRequest&) -> Result<VerifyAccessLogResponse> {
        VerifyAccessLogResponse response;
        response.set_intact(intact);
        response.set_entries(1200);
        response.set_first_broken_entry(intact ? 0 : 77);
        return response;
      });
  EXPECT_EQ(Run({"access", "verify"}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("BROKEN at entry 77 of 1,200"));
  intact = true;
  EXPECT_EQ(Run({"access", "verify"}), kDone);
}

TEST_F(ProgramTest, DriftIsExitCodeOne) {
  server_.On<VerifyCountersRequest, VerifyCountersResponse>(
      kVerifyCounters,
      [](const VerifyCountersRequest&) -> Result<VerifyCountersResponse> {
        VerifyCountersResponse response;
        response.set_drift(2);
        auto& difference = *response.add_differences();
        difference.set_counter("contacts|2018-01-02");
        difference.set_counted(5);
        difference.set_recorded(3);
        return response;
      });
  EXPECT_EQ(Run({"counters", "verify"}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("contacts|2018-01-02        5         3"));
}

TEST_F(ProgramTest, ARefusalOfTheServerIsExitCodeOneWithWhatIsNext) {
  server_.On<WhoAmIRequest, WhoAmIResponse>(
      kWhoAmI, [](const WhoAmIRequest&) -> Result<WhoAmIResponse> {
        return Error{Code::kPermissionDenied, "AREA_NOT_ALLOWED", "not yours"};
      });
  EXPECT_EQ(Run({"whoami"}), kRefused);
  EXPECT_THAT(err_.str(),
              HasSubstr("AREA_NOT_ALLOWED: not yours. Next: check --area"));
}

}  // namespace
}  // namespace seawall::cli
