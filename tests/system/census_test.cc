// The command line against a real service, on both stores: a census taken in,
// checked and given out again, the inspectors' lists, and a child's journey
// typed step by step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr char kImport[] = "frontdoor/import/hub";
constexpr char kHospital[] = "hospital/push/referrer";
constexpr char kManager[] = "p-7/manager";

// Three invented children of the year to 31 March 2024: one on a protection
// plan, one closed after assessment, one assessed before it was referred.
constexpr char kReturn[] = R"(<Message>
<Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>
<ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>890</LEA><SoftwareCode>Test</SoftwareCode>
<Release>1</Release><SerialNo>001</SerialNo>
<DateTime>2024-04-02T09:00:00Z</DateTime></Source></Header>
<Children>
<Child><ChildIdentifiers><LAchildID>TEST0001</LAchildID>
<UPNunknown>UN4</UPNunknown><PersonBirthDate>2015-05-01</PersonBirthDate>
<GenderCurrent>2</GenderCurrent></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>NONE</Disability></Disabilities></ChildCharacteristics>
<CINdetails><CINreferralDate>2023-11-01</CINreferralDate>
<ReferralSource>6</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments><AssessmentActualStartDate>2023-11-02</AssessmentActualStartDate>
<AssessmentAuthorisationDate>2023-12-15</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors>
<AssessmentFactors>4B</AssessmentFactors></FactorsIdentifiedAtAssessment>
</Assessments>
<Section47><S47ActualStartDate>2023-11-03</S47ActualStartDate>
<InitialCPCtarget>2023-11-24</InitialCPCtarget>
<DateOfInitialCPC>2023-11-20</DateOfInitialCPC>
<ICPCnotRequired>false</ICPCnotRequired></Section47>
<ReferralNFA>0</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>2023-11-20</CPPstartDate>
<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>
<NumberOfPreviousCPP>1</NumberOfPreviousCPP>
<Reviews><CPPreviewDate>2024-02-12</CPPreviewDate></Reviews>
</ChildProtectionPlans></CINdetails></Child>
<Child><ChildIdentifiers><LAchildID>TEST0002</LAchildID>
<UPNunknown>UN4</UPNunknown><PersonBirthDate>2012-09-30</PersonBirthDate>
<GenderCurrent>1</GenderCurrent></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>MWBA</Ethnicity>
<Disabilities><Disability>AUT</Disability></Disabilities></ChildCharacteristics>
<CINdetails><CINreferralDate>2023-06-01</CINreferralDate>
<ReferralSource>2A</ReferralSource><PrimaryNeedCode>N4</PrimaryNeedCode>
<CINclosureDate>2023-07-31</CINclosureDate>
<ReasonForClosure>RC8</ReasonForClosure>
<Assessments><AssessmentActualStartDate>2023-06-02</AssessmentActualStartDate>
<AssessmentAuthorisationDate>2023-07-28</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>21</AssessmentFactors>
</FactorsIdentifiedAtAssessment></Assessments>
<ReferralNFA>0</ReferralNFA></CINdetails></Child>
<Child><ChildIdentifiers><LAchildID>TEST0003</LAchildID>
<UPNunknown>UN4</UPNunknown><PersonBirthDate>2018-01-31</PersonBirthDate>
<GenderCurrent>2</GenderCurrent></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>NONE</Disability></Disabilities></ChildCharacteristics>
<CINdetails><CINreferralDate>2024-02-01</CINreferralDate>
<ReferralSource>3A</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments><AssessmentActualStartDate>2024-01-31</AssessmentActualStartDate>
</Assessments>
<ReferralNFA>0</ReferralNFA></CINdetails></Child>
</Children></Message>
)";

struct Ran {
  int code = -1;
  std::string output;  // stdout and stderr

  // The lines that are JSON.
  std::vector<Json> Lines() const {
    std::vector<Json> lines;
    std::istringstream in(output);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("{")) lines.push_back(Json::parse(line));
    }
    return lines;
  }
};

class CommandLine : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.engine = GetParam();
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    return_ = folder_.Write("return.xml", kReturn);
  }

  // `seawall` as it is typed, by whom it is typed.
  Ran Seawall(const std::string& caller, const std::string& person,
              const std::vector<std::string>& words) {
    const Certificate& certificate = CertificateOf(caller);
    const std::string output =
        folder_.File("output-" + std::to_string(++last_));
    Command command{
        .words = {std::string(std::getenv("SEAWALL_BUILD")) +
                      "/cli/seawall-cli",
                  "--address", stack_->address(), "--certificate",
                  certificate.certificate_file, "--key", certificate.key_file,
                  "--ca", StackAuthority().certificate_file(), "--server-name",
                  "localhost", "--area", kArea},
        .output = output};
    if (!person.empty()) {
      command.words.insert(command.words.end(), {"--person", person});
    }
    command.words.insert(command.words.end(), words.begin(), words.end());
    auto process = Process::Start(command);
    if (!process) return {.output = process.error().message};
    const auto ending = process->Wait(std::chrono::seconds(60));
    return {.code = ending ? ending->code : -1, .output = ReadFile(output)};
  }
  Ran Hub(const std::vector<std::string>& words) {
    return Seawall(kHub, kPerson, words);
  }
  Ran Import(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"census", "import"};
    words.insert(words.end(), more.begin(), more.end());
    return Seawall(kImport, "", words);
  }

  // How much there is of everything.
  std::vector<std::int64_t> Kept() const {
    std::vector<std::int64_t> counts;
    for (const char* table : {"contacts", "episodes", "steps", "journal"}) {
      counts.push_back(
          stack_->Number(std::string("select count(*) from ") + table));
    }
    return counts;
  }
  std::string Lines(const std::string& path) const {
    const std::string text = ReadFile(path);
    return std::to_string(std::count(text.begin(), text.end(), '\n'));
  }

  // A contact that the police pushed, by the form that lies in examples/.
  std::string Contact() {
    const Ran ran =
        Seawall(kPolice, "", {"submit", "examples/contact.json", "--json"});
    EXPECT_EQ(ran.code, 0) << ran.output;
    return ran.Lines().at(0)["response"]["receipts"][0]["contact_id"];
  }
  // What a command says of a step, as JSON.
  Json Receipt(const Ran& ran) {
    EXPECT_EQ(ran.code, 0) << ran.output;
    const auto lines = ran.Lines();
    return lines.empty() ? Json() : lines[0]["receipt"];
  }

  TemporaryFolder folder_;
  std::unique_ptr<Stack> stack_;
  std::string return_;
  int last_ = 0;
};

TEST_P(CommandLine, ACensusComesInOnceAndWhatBreaksARuleIsToldByChild) {
  const Ran first = Import({return_});
  EXPECT_EQ(first.code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("TEST0003"));
  EXPECT_THAT(first.output, HasSubstr("1103"));
  EXPECT_THAT(first.output, Not(HasSubstr("TEST0001")));
  EXPECT_THAT(first.output, HasSubstr("3 children"));
  const auto kept = Kept();
  EXPECT_EQ(kept[0], 3);
  EXPECT_EQ(kept[1], 3);

  // The same command is answered as the first time; one that is judged anew
  // finds everything there.
  EXPECT_EQ(Import({return_}).output, first.output);
  EXPECT_EQ(Kept(), kept);
  const Ran anew = Import({return_, "--request-id", "second", "--json"});
  EXPECT_EQ(anew.code, 0);
  ASSERT_EQ(anew.Lines().size(), 3u) << anew.output;
  for (const Json& line : anew.Lines()) {
    EXPECT_EQ(line["response"]["taken"], 0) << line;
    EXPECT_GT(line["response"]["already_there"], 0) << line;
  }
  EXPECT_EQ(Kept(), kept);
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

TEST_P(CommandLine, WhatCameInGoesOutAndPassesTheCheck) {
  EXPECT_EQ(Import({return_}).code, 0);
  const std::string out = folder_.File("export.xml");
  const Ran given =
      Hub({"census", "export", "--year", "2024", "--lea", "890", "--out", out});
  EXPECT_EQ(given.code, 0) << given.output;
  EXPECT_THAT(given.output, HasSubstr("3 children written"));
  const std::string xml = ReadFile(out);
  for (const char* part : {"<LAchildID>TEST0001</LAchildID>",
                           "<AssessmentFactors>4B</AssessmentFactors>",
                           "<DateOfInitialCPC>2023-11-20</DateOfInitialCPC>",
                           "<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>",
                           "<NumberOfPreviousCPP>1</NumberOfPreviousCPP>",
                           "<CPPreviewDate>2024-02-12</CPPreviewDate>",
                           "<ReasonForClosure>RC8</ReasonForClosure>"}) {
    EXPECT_THAT(xml, HasSubstr(part));
  }
  // The assessment before its referral was left out: nothing is wrong now.
  EXPECT_THAT(xml, Not(HasSubstr("2024-01-31")));
  const Ran before = Hub({"census", "check", return_, "--year", "2023-24"});
  EXPECT_EQ(before.code, 1) << before.output;
  const Ran after = Hub({"census", "check", out, "--year", "2023-24"});
  EXPECT_EQ(after.code, 0) << after.output;
  EXPECT_THAT(after.output, HasSubstr("3 children, 0 errors"));

  const auto kept = Kept();
  const Ran again = Import({out, "--request-id", "returned", "--json"});
  for (const Json& line : again.Lines()) {
    EXPECT_EQ(line["response"]["taken"], 0) << line;
  }
  EXPECT_EQ(Kept(), kept);
}

TEST_P(CommandLine, TheInspectorsListsAreSevenFiles) {
  EXPECT_EQ(Import({return_}).code, 0);
  const std::string lists = folder_.File("lists");
  const Ran ran = Hub({"annex-a", "export", "--out", lists, "--from",
                       "2023-09-30", "--to", "2024-03-31"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  std::map<std::string, std::string> lines;
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    lines[file.path().filename()] = Lines(file.path());
  }
  // With the line of column names. TEST0002 had ended before.
  const std::map<std::string, std::string> expected = {
      {"list-1-contacts.csv", "3"},        {"list-2-early-help.csv", "1"},
      {"list-3-referrals.csv", "3"},       {"list-4-assessments.csv", "2"},
      {"list-5-section-47.csv", "2"},      {"list-6-children-in-need.csv", "3"},
      {"list-7-child-protection.csv", "2"}};
  EXPECT_EQ(lines, expected);
  EXPECT_THAT(
      ReadFile(lists + "/list-5-section-47.csv"),
      HasSubstr("TEST0001,F,WBRI,2015-05-01,8,No,2023-11-03,No,2023-11-20,"
                "Yes,0,0,,\r\n"));
  EXPECT_THAT(ReadFile(lists + "/list-7-child-protection.csv"),
              HasSubstr("2023-11-20,NEG,EMO,,,2024-02-12,,,1,,\r\n"));
}

TEST_P(CommandLine, ATriageIsTypedFromTheQuestionToTheSignature) {
  const std::string contact = Contact();
  Receipt(Hub({"triage", "open", contact, "--agency", "police", "--agency",
               "hospital", "--question", "Test question", "--json"}));
  const Ran twice =
      Hub({"triage", "open", contact, "--agency", "police", "--question", "q"});
  EXPECT_EQ(twice.code, 1);
  EXPECT_THAT(twice.output, HasSubstr("TRIAGE_OPEN"));
  const Json said =
      Receipt(Seawall(kHospital, "p-5/nurse",
                      {"triage", "contribute", contact, "--information",
                       "Test known", "--level", "3", "--json"}));
  EXPECT_EQ(said["step"], 2);
  const Ran due = Hub({"journey", "due"});
  EXPECT_THAT(due.output, HasSubstr("triage"));
  const Json decided = Receipt(Hub({"triage",
                                    "decide",
                                    contact,
                                    "--level",
                                    "2",
                                    "--decision",
                                    "early-help",
                                    "--rationale",
                                    "Test why",
                                    "--considered",
                                    "Test all",
                                    "--history",
                                    "Test none",
                                    "--voice",
                                    "own-words",
                                    "--voice-text",
                                    "Test words",
                                    "--took-part",
                                    "hospital/p-5/nurse",
                                    "--json"}));
  EXPECT_EQ(decided["subject_id"], contact);
  const Ran same = Hub({"triage", "sign-off", contact});
  EXPECT_EQ(same.code, 1);
  EXPECT_THAT(same.output, AllOf(HasSubstr("SAME_PERSON"),
                                 HasSubstr("Next: another person")));
  Receipt(Seawall(kHub, kManager, {"triage", "sign-off", contact, "--json"}));
  Receipt(
      Seawall(kHospital, "p-5/nurse", {"triage", "agree", contact, "--json"}));
  Receipt(Seawall(kPolice, "p-12/sergeant",
                  {"escalation", "raise", contact, "--rationale",
                   "Test disagreement", "--json"}));
  Receipt(Hub({"escalation", "answer", contact, "--outcome", "not-upheld",
               "--rationale", "Test answer", "--json"}));
  const Ran shown = Hub({"triage", "show", contact});
  EXPECT_EQ(shown.code, 0) << shown.output;
  EXPECT_THAT(shown.output,
              AllOf(HasSubstr("Test question"), HasSubstr("Test known"),
                    HasSubstr("early help")));
  const Ran line = Hub({"journey", "chronology", contact});
  EXPECT_THAT(line.output,
              AllOf(HasSubstr("contact received"), HasSubstr("signed off"),
                    HasSubstr("escalation answered: NOT_UPHELD"),
                    HasSubstr("Test disagreement")));
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

TEST_P(CommandLine, AnEpisodeIsTypedFromTheReferralToItsClosure) {
  const std::string contact = Contact();
  Receipt(Hub({"triage", "open", contact, "--agency", "hospital", "--question",
               "Test question", "--json"}));
  const Json decided =
      Receipt(Hub({"triage", "decide", contact, "--level", "3", "--decision",
                   "referral", "--rationale", "Test why", "--considered",
                   "Test all", "--history", "Test none", "--voice", "observed",
                   "--voice-text", "Test seen", "--json"}));
  const std::string episode = decided["episode_id"];
  const auto record = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"journey", "record", episode});
    return Hub(words);
  };
  Receipt(record({"start_assessment", "--json"}));
  const Ran early =
      record({"hold_conference", "--set", "outcome=PROTECTION_PLAN"});
  EXPECT_EQ(early.code, 1);
  EXPECT_THAT(early.output, HasSubstr("Next: "));
  const Ran actions = Hub({"journey", "actions", episode});
  EXPECT_THAT(actions.output,
              AllOf(HasSubstr("authorise_assessment"), HasSubstr("NOT_OPEN")));
  Receipt(record({"see_child", "--voice", "own-words", "--voice-text",
                  "Test words", "--json"}));
  const Ran ahead =
      record({"authorise_assessment", "--set", "factors=3B", "--set",
              "factors=21", "--set", "outcome=NO_FURTHER_ACTION"});
  EXPECT_EQ(ahead.code, 1);
  EXPECT_THAT(ahead.output, HasSubstr("RULE_BROKEN: rule "));
  Receipt(record({"authorise_assessment", "--set", "factors=3B", "--set",
                  "outcome=NO_FURTHER_ACTION", "--rationale", "Test why",
                  "--json"}));
  const Ran bare = Hub({"episodes", "close", episode, "--reason", "RC8"});
  EXPECT_EQ(bare.code, 1);
  EXPECT_THAT(bare.output, AllOf(HasSubstr("GUARD_INCOMPLETE"),
                                 HasSubstr("step_down.contingency")));
  const Ran closed =
      Hub({"episodes", "close", episode, "--reason", "RC8", "--rationale",
           "Test why", "--view", "police=Test view", "--objection",
           "hospital=Test objection", "--evidence", "Test evidence",
           "--contingency", "Test contingency", "--voice", "own-words",
           "--voice-text", "Test words"});
  EXPECT_EQ(closed.code, 0) << closed.output;
  const Ran line = Hub({"journey", "chronology", episode, "--json"});
  const auto entries = line.Lines();
  ASSERT_FALSE(entries.empty()) << line.output;
  const Json& last = entries.back();
  EXPECT_EQ(last["what"], "episode_closed");
  EXPECT_EQ(
      last["said"]["close_episode"]["step_down"]["agency_views"][1]["agrees"],
      false);
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

INSTANTIATE_TEST_SUITE_P(Both, CommandLine,
                         ::testing::Values(store::Engine::kSqlite,
                                           store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

}  // namespace
}  // namespace seawall::support
