// The commands of the child's journey, as they are typed, against a server that
// remembers what it was asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seawall/referrals/v1/journey.pb.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/fake_server.h"
#include "cli/methods.h"
#include "cli/program.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT: every name below is of the contract
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class JourneyTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }

  int Run(std::vector<std::string> arguments) {
    for (const char* word : {"blackpool", "--area", "a", "--ca", "k", "--key",
                             "c", "--certificate"})
      arguments.insert(arguments.begin(), word);
    out_.str("");
    err_.str("");
    const World world{.console = {in_, out_, err_},
                      .clock = clock_,
                      .ids = ids_,
                      .connect = server_.connect()};
    return cli::Run(world, arguments);
  }

  // Keeps the request and answers with a receipt.
  template <class Request, class Response>
  void Answer(const char* method, Request& kept) {
    server_.On<Request, Response>(
        method, [&kept](const Request& request) -> Result<Response> {
          kept = request;
          Response response;
          StepReceipt& receipt = *response.mutable_receipt();
          receipt.set_subject_id("S-1");
          receipt.set_step(3);
          receipt.set_version(4);
          return response;
        });
  }
  void AnswerRecord() {
    Answer<RecordStepRequest, RecordStepResponse>(kRecordStep, record_);
  }
  void AnswerClose() {
    server_.On<CloseEpisodeRequest, CloseEpisodeResponse>(
        kCloseEpisode,
        [this](const CloseEpisodeRequest& request)
            -> Result<CloseEpisodeResponse> {
          close_ = request;
          return CloseEpisodeResponse();
        });
  }
  void AnswerChronology(const std::vector<ChronologyEntry>& entries) {
    server_.On<GetChronologyRequest, GetChronologyResponse>(
        kGetChronology, [entries](const GetChronologyRequest&) {
          GetChronologyResponse response;
          for (const auto& entry : entries) *response.add_entries() = entry;
          return Result<GetChronologyResponse>(response);
        });
  }

  static ChronologyEntry Escalation(StepKind kind, const std::string& id,
                                    const std::string& outcome = "") {
    ChronologyEntry entry;
    entry.set_subject_id("C-1");
    entry.set_kind(kind);
    entry.set_thing_id(id);
    entry.set_outcome(outcome);
    return entry;
  }

  std::string folder_ =
      testing::TempDir() + "journey_" +
      testing::UnitTest::GetInstance()->current_test_info()->name();
  FakeServer server_;
  FakeClock clock_{*ParseInstant("2018-03-31T12:00:00Z")};
  SequentialIds ids_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  RecordStepRequest record_;
  CloseEpisodeRequest close_;
};

TEST_F(JourneyTest, TriageAsksEveryAgencyThatIsNamed) {
  OpenTriageRequest asked;
  Answer<OpenTriageRequest, OpenTriageResponse>(kOpenTriage, asked);
  in_.str("Test question\n");
  EXPECT_EQ(Run({"triage", "open", "C-1", "--agency", "police", "--agency",
                 "hospital", "--question", "-", "--if-version", "2"}),
            kDone)
      << err_.str();
  EXPECT_EQ(asked.contact_id(), "C-1");
  EXPECT_THAT(asked.agencies(), ElementsAre("police", "hospital"));
  EXPECT_EQ(asked.question(), "Test question");
  EXPECT_EQ(asked.version(), 2);
  EXPECT_EQ(asked.area(), "blackpool");
  EXPECT_FALSE(asked.request_id().empty());
  EXPECT_THAT(out_.str(), HasSubstr("Step 3 of S-1 recorded; version 4."));
}

TEST_F(JourneyTest, TriageIsDecidedWithVoiceAndWhoTookPart) {
  DecideTriageRequest decided;
  Answer<DecideTriageRequest, DecideTriageResponse>(kDecideTriage, decided);
  EXPECT_EQ(Run({"triage", "decide", "C-1", "--level", "4", "--decision",
                 "referral", "--rationale", "Test why", "--considered", "all",
                 "--history", "none", "--voice", "own-words", "--voice-text",
                 "Test words", "--took-part", "police/p-12/sergeant"}),
            kDone)
      << err_.str();
  EXPECT_EQ(decided.decision(), DECISION_REFERRAL);
  EXPECT_EQ(decided.level_of_need(), 4);
  EXPECT_EQ(decided.voice().kind(), VOICE_KIND_OWN_WORDS);
  EXPECT_EQ(decided.took_part(0).person(), "p-12");
}

TEST_F(JourneyTest, WordsOfTheChildNeedAKind) {
  EXPECT_EQ(Run({"triage", "decide", "C-1", "--level", "4", "--decision",
                 "referral", "--rationale", "r", "--considered", "c",
                 "--history", "h", "--voice-text", "Test words"}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--voice own words, observed"));
}

TEST_F(JourneyTest, AnAgencySaysWhatItKnowsAndAgreesAndAManagerSigns) {
  ContributeRequest said;
  Answer<ContributeRequest, ContributeResponse>(kContribute, said);
  EXPECT_EQ(Run({"triage", "contribute", "C-1", "--information", "Test known",
                 "--level", "3", "--dissent", "Test dissent"}),
            kDone);
  EXPECT_EQ(said.information(), "Test known");
  EXPECT_EQ(said.level_of_need(), 3);
  AgreeDecisionRequest agreed;
  Answer<AgreeDecisionRequest, AgreeDecisionResponse>(kAgreeDecision, agreed);
  EXPECT_EQ(Run({"triage", "agree", "C-1", "--agency", "police"}), kDone);
  EXPECT_EQ(agreed.agency(), "police");
  SignOffRequest signed_off;
  Answer<SignOffRequest, SignOffResponse>(kSignOff, signed_off);
  EXPECT_EQ(Run({"triage", "sign-off", "C-1", "--comment", "Test"}), kDone);
  EXPECT_EQ(signed_off.comment(), "Test");
}

TEST_F(JourneyTest, TriageIsShownWithItsTimeLine) {
  server_.On<GetTriageRequest, GetTriageResponse>(
      kGetTriage, [](const GetTriageRequest&) {
        GetTriageResponse response;
        response.set_contact_id("C-1");
        response.add_awaiting_agreement("police");
        auto& step = *response.add_steps();
        step.set_what("triage_opened");
        step.set_subject_id("C-1");
        step.set_step(1);
        step.mutable_said()->mutable_open_triage()->set_question("Test?");
        return Result<GetTriageResponse>(response);
      });
  EXPECT_EQ(Run({"triage", "show", "C-1"}), kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("police"), HasSubstr("triage opened"),
                                HasSubstr("question: Test?")));
  EXPECT_EQ(Run({"triage", "show", "C-1", "--json"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"awaiting_agreement\":[\"police\"]"));
}

TEST_F(JourneyTest, TheOneOpenEscalationIsFoundByItself) {
  AnswerEscalationRequest answered;
  Answer<AnswerEscalationRequest, AnswerEscalationResponse>(kAnswerEscalation,
                                                            answered);
  AnswerChronology(
      {Escalation(STEP_KIND_ESCALATION_RAISED, "X-1"),
       Escalation(STEP_KIND_ESCALATION_ANSWERED, "X-1", "NOT_UPHELD"),
       Escalation(STEP_KIND_ESCALATION_RAISED, "X-2"),
       Escalation(STEP_KIND_ESCALATION_ANSWERED, "X-2", "UNRESOLVED")});
  EXPECT_EQ(Run({"escalation", "answer", "C-1", "--outcome", "upheld",
                 "--rationale", "Test why", "--person-involved", "police"}),
            kDone)
      << err_.str();
  EXPECT_EQ(answered.escalation_id(), "X-2");
  EXPECT_EQ(answered.outcome(), ESCALATION_OUTCOME_UPHELD);
  EXPECT_EQ(answered.people(0).agency(), "police");
}

TEST_F(JourneyTest, OfSeveralOpenEscalationsOneIsNamed) {
  AnswerChronology({Escalation(STEP_KIND_ESCALATION_RAISED, "X-1"),
                    Escalation(STEP_KIND_ESCALATION_RAISED, "X-2")});
  EXPECT_EQ(Run({"escalation", "answer", "C-1", "--outcome", "upheld",
                 "--rationale", "r"}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("name one of: X-1, X-2"));
  AnswerChronology({});
  EXPECT_EQ(Run({"escalation", "answer", "C-1", "--outcome", "upheld",
                 "--rationale", "r"}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no escalation of C-1 is open"));
}

TEST_F(JourneyTest, AStepIsRecordedFromFlags) {
  AnswerRecord();
  EXPECT_EQ(Run({"journey", "record", "E-1", "authorise-assessment", "--set",
                 "factors=3B", "--set", "factors=4B", "--set",
                 "outcome=NO_FURTHER_ACTION", "--date", "2018-03-01", "--team",
                 "EAST", "--rationale", "Test why", "--voice", "observed"}),
            kDone)
      << err_.str();
  EXPECT_EQ(record_.episode_id(), "E-1");
  EXPECT_THAT(record_.authorise_assessment().factors(),
              ElementsAre("3B", "4B"));
  EXPECT_EQ(record_.happened_date(), "2018-03-01");
  EXPECT_EQ(record_.voice().kind(), VOICE_KIND_OBSERVED);
}

TEST_F(JourneyTest, AStepIsRecordedFromAFile) {
  AnswerRecord();
  std::filesystem::create_directories(folder_);
  const std::string file = folder_ + "/step.json";
  std::ofstream(file) << R"({"episode_id":"E-1","start_assessment":{}})";
  EXPECT_EQ(Run({"journey", "record", "--file", file}), kDone) << err_.str();
  EXPECT_TRUE(record_.has_start_assessment());
  EXPECT_EQ(Run({"journey", "record", "E-1", "see_child", "--file", file}),
            kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("another action"));
  EXPECT_EQ(Run({"journey", "record", "--file", folder_ + "/none.json"}),
            kUsage);
}

TEST_F(JourneyTest, AnActionThatIsNoneIsRefusedWithTheNearest) {
  EXPECT_EQ(Run({"journey", "record", "E-1", "start_asessment"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("start_assessment is meant?"));
  EXPECT_EQ(Run({"journey", "record", "E-1", "close_episode"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("seawall episodes close"));
  EXPECT_EQ(Run({"journey", "record", "E-1"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("name an action"));
  EXPECT_EQ(
      Run({"journey", "record", "E-1", "see_child", "--set", "assessment_id"}),
      kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("name=value"));
}

TEST_F(JourneyTest, TheHelpOfRecordNamesEveryActionWithItsFields) {
  EXPECT_EQ(Run({"journey", "record", "--help"}), kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("hold_core_group  plan_id"),
                    HasSubstr("authorise_assessment  assessment_id, factors…"),
                    HasSubstr("void_step  step")));
}

TEST_F(JourneyTest, ARefusedStepSaysTheRuleAndWhatIsNext) {
  server_.On<RecordStepRequest, RecordStepResponse>(
      kRecordStep, [](const RecordStepRequest&) -> Result<RecordStepResponse> {
        return Error{Code::kFailedPrecondition,
                     "RULE_BROKEN",
                     "8839: a conference needs an enquiry",
                     {{"rule", "8839"}}};
      });
  EXPECT_EQ(Run({"journey", "record", "E-1", "hold_conference"}), kRefused);
  EXPECT_EQ(err_.str(),
            "RULE_BROKEN: rule 8839: a conference needs an enquiry. Next: "
            "`seawall journey actions EPISODE` shows what may be done.\n");
}

TEST_F(JourneyTest, ActionsAreATableWithTheRuleThatStandsAgainst) {
  server_.On<GetAvailableActionsRequest, GetAvailableActionsResponse>(
      kGetAvailableActions, [](const GetAvailableActionsRequest& request) {
        GetAvailableActionsResponse response;
        response.set_episode_id(request.episode_id());
        response.set_version(7);
        auto& one = *response.add_actions();
        one.set_action("start_assessment");
        one.set_allowed(true);
        auto& other = *response.add_actions();
        other.set_action("hold_conference");
        other.set_reason("RULE_BROKEN");
        other.set_rule("8839");
        other.set_description("8839: no enquiry");
        auto& clock = *response.add_clocks();
        clock.set_clock("assessment");
        clock.set_overdue(true);
        return Result<GetAvailableActionsResponse>(response);
      });
  EXPECT_EQ(Run({"journey", "actions", "E-1"}), kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("start_assessment  yes"),
                    HasSubstr("hold_conference   no       8839  no enquiry"),
                    HasSubstr("OVERDUE"), HasSubstr("Version 7.")));
}

TEST_F(JourneyTest, WhatIsDueIsAskedPageByPage) {
  std::vector<std::string> pages;
  server_.On<ListDueRequest, ListDueResponse>(
      kListDue, [&pages](const ListDueRequest& request) {
        pages.push_back(request.page_token());
        EXPECT_EQ(request.clock(), "conference");
        EXPECT_TRUE(request.overdue_only());
        ListDueResponse response;
        response.add_clocks()->set_clock("conference");
        if (request.page_token().empty()) response.set_next_page_token("2");
        return Result<ListDueResponse>(response);
      });
  EXPECT_EQ(Run({"journey", "due", "--clock", "conference", "--overdue"}),
            kDone);
  EXPECT_THAT(
      out_.str(),
      HasSubstr("1 clock named conference; there are more: add --all."));
  pages.clear();
  EXPECT_EQ(
      Run({"journey", "due", "--clock", "conference", "--overdue", "--all"}),
      kDone);
  EXPECT_THAT(out_.str(), HasSubstr("2 clocks named conference."));
  EXPECT_THAT(pages, ElementsAre("", "2"));
}

TEST_F(JourneyTest, AChronologyForProgramsIsOneEntryALine) {
  AnswerChronology({Escalation(STEP_KIND_ESCALATION_RAISED, "X-1"),
                    Escalation(STEP_KIND_ESCALATION_RAISED, "X-2")});
  EXPECT_EQ(Run({"journey", "chronology", "C-1", "--json"}), kDone);
  std::istringstream lines(out_.str());
  std::string one, two;
  ASSERT_TRUE(std::getline(lines, one) && std::getline(lines, two));
  EXPECT_THAT(one, HasSubstr("\"X-1\""));
  EXPECT_THAT(two, HasSubstr("\"X-2\""));
}

TEST_F(JourneyTest, ClosingSaysWhatItRestsOn) {
  AnswerClose();
  EXPECT_EQ(Run({"episodes",
                 "close",
                 "E-1",
                 "--reason",
                 "RC7",
                 "--closed-date",
                 "2018-03-30",
                 "--team",
                 "EAST",
                 "--rationale",
                 "Test why",
                 "--voice",
                 "not-obtained",
                 "--voice-reason",
                 "Test reason",
                 "--view",
                 "police=Test view",
                 "--view",
                 "health=fine=now",
                 "--objection",
                 "school=Test objection",
                 "--evidence",
                 "Test evidence",
                 "--contingency",
                 "Test plan",
                 "--no-further-action"}),
            kDone)
      << err_.str();
  EXPECT_EQ(close_.episode_id(), "E-1");
  EXPECT_EQ(close_.voice().reason(), "Test reason");
  const StepDown& rests = close_.step_down();
  ASSERT_EQ(rests.agency_views_size(), 3);
  EXPECT_EQ(rests.agency_views(1).view(), "fine=now");
  EXPECT_TRUE(rests.agency_views(0).agrees());
  EXPECT_FALSE(rests.agency_views(2).agrees());
  EXPECT_EQ(rests.contingency(), "Test plan");
  EXPECT_TRUE(close_.no_further_action());
}

TEST_F(JourneyTest, ClosingNeedsAnEpisodeAndAReason) {
  EXPECT_EQ(Run({"episodes", "close", "--reason", "RC7"}), kUsage);
  EXPECT_EQ(Run({"episodes", "close", "E-1"}), kUsage);
  EXPECT_EQ(
      Run({"episodes", "close", "E-1", "--reason", "RC7", "--view", "police"}),
      kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--view is name=value"));
}

class AnnexATest : public JourneyTest {
 protected:
  void AnswerChildren() {
    server_.On<ListChildrenRequest, ListChildrenResponse>(
        kListChildren, [this](const ListChildrenRequest& request) {
          asked_ = request;
          ListChildrenResponse response;
          auto& record = *response.add_children();
          record.mutable_child()->set_la_child_id("=Test1");
          record.add_contacts()->set_received_date("2018-03-01");
          return Result<ListChildrenResponse>(response);
        });
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_))
      names.push_back(file.path().filename());
    return names;
  }

  ListChildrenRequest asked_;
};

TEST_F(AnnexATest, TheListsAreSevenFilesOfSixMonthsUpToToday) {
  AnswerChildren();
  EXPECT_EQ(Run({"annex-a", "export", "--out", folder_}), kDone) << err_.str();
  // Known from a year before the six months that are shown.
  EXPECT_EQ(asked_.start_date(), "2016-09-30");
  EXPECT_EQ(asked_.end_date(), "2018-03-31");
  EXPECT_EQ(Files().size(), 7u);
  EXPECT_THAT(out_.str(), HasSubstr("list-1-contacts.csv"));
  std::ifstream file(folder_ + "/list-1-contacts.csv");
  std::string head, row, more;
  ASSERT_TRUE(std::getline(file, head) && std::getline(file, row));
  EXPECT_THAT(head, HasSubstr("Child Unique ID,Gender"));
  EXPECT_EQ(row, "'=Test1,,,,,2018-03-01,k) Unknown\r");
  EXPECT_FALSE(std::getline(file, more));
}

TEST_F(AnnexATest, ThePeriodMayBeNamed) {
  AnswerChildren();
  EXPECT_EQ(Run({"annex-a", "export", "--out", folder_, "--from", "2017-04-01",
                 "--to", "2018-03-01", "--json"}),
            kDone);
  EXPECT_EQ(asked_.start_date(), "2016-04-01");
  EXPECT_EQ(asked_.end_date(), "2018-03-01");
  EXPECT_THAT(out_.str(),
              HasSubstr("{\"file\":\"list-1-contacts.csv\",\"rows\":1}\n"));
}

TEST_F(AnnexATest, APeriodThatIsNoneWritesNothing) {
  for (const std::vector<std::string>& period :
       std::vector<std::vector<std::string>>{
           {"--to", "yesterday"},
           {"--from", "2018-13-01"},
           {"--from", "2018-04-01", "--to", "2018-03-31"}}) {
    std::vector<std::string> arguments = {"annex-a", "export", "--out",
                                          folder_};
    arguments.insert(arguments.end(), period.begin(), period.end());
    EXPECT_EQ(Run(arguments), kUsage);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(AnnexATest, WithoutAnAnswerNoFileIsLeft) {
  server_.Down();
  EXPECT_EQ(Run({"annex-a", "export", "--out", folder_}), kUnreachable);
  EXPECT_TRUE(Files().empty());
}

}  // namespace
}  // namespace seawall::cli
