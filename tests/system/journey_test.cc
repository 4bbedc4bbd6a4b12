// A child's journey over the wire, on both stores: from the contact to the
// closure, what each role may see of it, two people at once, and a service that
// is killed again and again on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <mutex>

#include "tests/support/eventually.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

constexpr char kJourneys[] = "seawall.referrals.v1.JourneyService/";
constexpr char kImport[] = "frontdoor/import/hub";
constexpr char kHospital[] = "hospital/push/referrer";
constexpr char kNurse[] = "p-5/nurse";

class Journey : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.engine = GetParam();
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    hub_ = stack_->As(kHub, kPerson);
  }

  template <class Response, class Request>
  Result<Response> Tell(rpc::Client& client, const std::string& method,
                        Request request) {
    request.set_area(kArea);
    if (request.request_id().empty()) {
      request.set_request_id("journey-" + std::to_string(++last_));
    }
    return Ask<Response>(client, kJourneys + method, request);
  }
  template <class Response, class Request>
  Result<Response> Look(rpc::Client& client, const std::string& method,
                        Request request) {
    request.set_area(kArea);
    request.mutable_purpose()->set_purpose("safeguarding");
    request.mutable_purpose()->set_lawful_basis("public_task");
    return Ask<Response>(client, kJourneys + method, request);
  }

  std::string ContactOf(int number) {
    const auto police = stack_->As(kPolice);
    const auto answer =
        Submit(*police, TestRequest(number, "form-" + std::to_string(number)));
    EXPECT_TRUE(answer);
    return answer->receipts(0).contact_id();
  }
  std::string EpisodeOf(int number) {
    const auto decided = Decide(*hub_, ContactOf(number), pb::DECISION_REFERRAL,
                                "decide-" + std::to_string(number));
    EXPECT_TRUE(decided) << Say(decided.error());
    return decided->episode_id();
  }

  using Fill = std::function<void(pb::RecordStepRequest&)>;
  static pb::RecordStepRequest StepOf(const std::string& episode,
                                      const Fill& fill) {
    pb::RecordStepRequest request;
    request.set_episode_id(episode);
    request.set_rationale("Test rationale");
    request.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
    request.mutable_voice()->set_text("Test words");
    fill(request);
    return request;
  }
  Result<pb::RecordStepResponse> Take(const std::string& episode,
                                      const Fill& fill) {
    return Tell<pb::RecordStepResponse>(*hub_, "RecordStep",
                                        StepOf(episode, fill));
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<rpc::Client> hub_;
  int last_ = 0;
};

// What one person does, in order; all of it on one day.
std::vector<std::function<void(pb::RecordStepRequest&)>> WholePathway() {
  return {
      [](auto& r) { r.mutable_start_assessment(); },
      [](auto& r) {
        auto& said = *r.mutable_hold_strategy_discussion();
        said.set_begins_section_47(true);
        for (const char* who : {"council", "police", "health", "school"}) {
          said.add_present(who);
        }
      },
      [](auto& r) { r.mutable_send_minutes()->add_agencies("police"); },
      [](auto& r) { r.mutable_receive_minutes()->set_agency("police"); },
      [](auto& r) { r.mutable_see_child(); },
      [](auto& r) {
        r.mutable_complete_section_47()->set_outcome("CONFERENCE");
      },
      [](auto& r) {
        r.mutable_authorise_assessment()->set_outcome("SECTION_47");
        r.mutable_authorise_assessment()->add_factors("3A");
      },
      [](auto& r) {
        r.mutable_hold_conference()->set_outcome("CHILD_IN_NEED_PLAN");
      },
      [](auto& r) { r.mutable_start_early_help(); },
  };
}

TEST_P(Journey, WhatMayBeDoneNextIsToldAndDone) {
  const std::string episode = EpisodeOf(1);
  const auto allowed = [&] {
    pb::GetAvailableActionsRequest request;
    request.set_episode_id(episode);
    const auto answer = Look<pb::GetAvailableActionsResponse>(
        *hub_, "GetAvailableActions", request);
    EXPECT_TRUE(answer) << Say(answer.error());
    std::map<std::string, std::string> actions;
    for (const pb::Action& action : answer->actions()) {
      actions[action.action()] =
          action.allowed() ? "allowed" : action.reason() + action.rule();
    }
    return actions;
  };
  auto actions = allowed();
  EXPECT_EQ(actions["start_assessment"], "allowed");
  EXPECT_EQ(actions["authorise_assessment"], "NOT_OPEN");
  EXPECT_EQ(actions["close_episode"], "allowed");
  for (const auto& step : WholePathway()) {
    const auto taken = Take(episode, step);
    ASSERT_EQ(Said(taken), "OK");
  }
  actions = allowed();
  EXPECT_EQ(actions["start_assessment"], "allowed");
  EXPECT_EQ(actions["hold_conference"], "NOT_OPEN");
  EXPECT_EQ(actions["start_early_help"], "allowed");
  EXPECT_EQ(actions["close_episode"], "RULE_BROKENopen_plan");
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

TEST_P(Journey, TheChronologyIsWholeAndWhoReadItIsLogged) {
  const std::string episode = EpisodeOf(1);
  for (const auto& step : WholePathway()) {
    ASSERT_EQ(Said(Take(episode, step)), "OK");
  }
  ASSERT_EQ(
      Said(Take(episode, [](auto& r) { r.mutable_void_step()->set_step(9); })),
      "OK");
  pb::GetChronologyRequest request;
  request.set_subject_id(episode);
  const auto answer =
      Look<pb::GetChronologyResponse>(*hub_, "GetChronology", request);
  ASSERT_EQ(Said(answer), "OK");
  std::vector<std::string> what;
  bool is_void = false;
  for (const pb::ChronologyEntry& entry : answer->entries()) {
    what.push_back(entry.what());
    is_void = is_void || entry.is_void();
  }
  ASSERT_EQ(what.size(), 12u);
  EXPECT_EQ(what[0], "contact_received");
  EXPECT_EQ(what[1], "contact_decided");
  EXPECT_EQ(what[2], "assessment_started");
  EXPECT_EQ(what[11], "step_voided");
  EXPECT_TRUE(is_void);
  EXPECT_EQ(answer->entries(3).said().record_step().rationale(),
            "Test rationale");
  EXPECT_EQ(answer->entries(3).said().record_step().voice().text(),
            "Test words");
  EXPECT_GT(stack_->Number("select count(*) from access_subjects where "
                           "subject = '" +
                           episode + "'"),
            10);
  EXPECT_EQ(WhatIsWrong(*stack_), "");
  // Without a purpose there is nothing to see.
  request.set_area(kArea);
  EXPECT_THAT(Said(Ask<pb::GetChronologyResponse>(
                  *hub_, std::string(kJourneys) + "GetChronology", request)),
              ::testing::HasSubstr("PURPOSE_REQUIRED"));
}

TEST_P(Journey, AnAgencySeesTheTriageItWasAskedInAndNoOther) {
  const auto hospital = stack_->As(kHospital, kNurse);
  const auto school = stack_->As(kSchool, "p-3/teacher");
  const std::string contact = ContactOf(1), other = ContactOf(2);
  for (const std::string& id : {contact, other}) {
    pb::OpenTriageRequest open;
    open.set_contact_id(id);
    open.add_agencies(id == contact ? "hospital" : "school");
    open.set_question("Test question");
    ASSERT_EQ(Said(Tell<pb::OpenTriageResponse>(*hub_, "OpenTriage", open)),
              "OK");
  }
  const auto due_of = [&](rpc::Client& client) {
    std::set<std::string> subjects;
    const auto due =
        Look<pb::ListDueResponse>(client, "ListDue", pb::ListDueRequest());
    EXPECT_EQ(Said(due), "OK");
    for (const pb::Clock& clock : due->clocks()) {
      if (clock.clock().starts_with("triage_")) {
        subjects.insert(clock.subject_id());
      }
    }
    return subjects;
  };
  EXPECT_EQ(due_of(*hospital), std::set<std::string>{contact});
  EXPECT_EQ(due_of(*school), std::set<std::string>{other});
  EXPECT_EQ(due_of(*hub_), (std::set<std::string>{contact, other}));
  pb::GetTriageRequest get;
  get.set_contact_id(contact);
  const auto seen = Look<pb::GetTriageResponse>(*hospital, "GetTriage", get);
  ASSERT_EQ(Said(seen), "OK");
  EXPECT_FALSE(seen->child().given_name().empty());
  EXPECT_EQ(seen->steps(0).said().open_triage().question(), "Test question");
  EXPECT_THAT(Said(Look<pb::GetTriageResponse>(*school, "GetTriage", get)),
              ::testing::HasSubstr("CONTACT_NOT_FOUND"));
}

// The referrer was not asked in triage, and disagrees with what was decided.
TEST_P(Journey, WhoEscalatesReadsTheAnswerAndNothingElse) {
  const auto police = stack_->As(kPolice, "p-2/officer");
  const std::string contact = ContactOf(1);
  pb::RaiseEscalationRequest raise;
  raise.set_subject_id(contact);
  raise.set_rationale("Test disagreement");
  const auto raised =
      Tell<pb::RaiseEscalationResponse>(*police, "RaiseEscalation", raise);
  ASSERT_EQ(Said(raised), "OK");
  pb::AnswerEscalationRequest answer;
  answer.set_subject_id(contact);
  answer.set_escalation_id(raised->receipt().thing_id());
  answer.set_outcome(pb::ESCALATION_OUTCOME_NOT_UPHELD);
  answer.set_rationale("Test answer");
  ASSERT_EQ(Said(Tell<pb::AnswerEscalationResponse>(*hub_, "AnswerEscalation",
                                                    answer)),
            "OK");
  pb::GetTriageRequest get;
  get.set_contact_id(contact);
  const auto seen = Look<pb::GetTriageResponse>(*police, "GetTriage", get);
  ASSERT_EQ(Said(seen), "OK");
  ASSERT_EQ(seen->steps_size(), 2);
  EXPECT_EQ(seen->steps(1).said().answer_escalation().rationale(),
            "Test answer");
  EXPECT_FALSE(seen->has_child());
  EXPECT_THAT(Said(Look<pb::GetTriageResponse>(
                  *stack_->As(kSchool, "p-3/teacher"), "GetTriage", get)),
              ::testing::HasSubstr("CONTACT_NOT_FOUND"));
}

TEST_P(Journey, PagesOfWhatIsDueHoldEverythingOnce) {
  std::set<std::string> episodes;
  for (int child = 1; child <= 7; child++) episodes.insert(EpisodeOf(child));
  std::multiset<std::string> listed;
  pb::ListDueRequest request;
  request.set_clock("assessment");
  request.set_page_size(3);
  int pages = 0;
  do {
    const auto page = Look<pb::ListDueResponse>(*hub_, "ListDue", request);
    ASSERT_EQ(Said(page), "OK");
    for (const pb::Clock& clock : page->clocks()) {
      listed.insert(clock.subject_id());
    }
    request.set_page_token(page->next_page_token());
    pages++;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(listed.size(), 7u);
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), episodes);
}

TEST_P(Journey, OfManyWhoDecideAtOnceOneWinsAndTheOthersAreTold) {
  const std::string episode = EpisodeOf(1);
  constexpr int kTogether = 16;
  std::vector<pb::RecordStepResponse> responses(kTogether);
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = kTogether, won = 0, told = 0;
  for (int i = 0; i < kTogether; i++) {
    auto request =
        StepOf(episode, [](auto& r) { r.mutable_hold_strategy_discussion(); });
    request.set_area(kArea);
    request.set_request_id("race-" + std::to_string(i));
    request.set_version(1);
    hub_->CallAsync(std::string(kJourneys) + "RecordStep", request,
                    &responses[static_cast<std::size_t>(i)],
                    [&](Result<void> done) {
                      const std::lock_guard lock(mutex);
                      won += done.has_value();
                      told += !done && done.error().reason == "VERSION_CHANGED";
                      waiting--;
                      changed.notify_one();
                    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting == 0; });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(told, kTogether - 1);
  EXPECT_EQ(stack_->Number("select count(*) from steps"), 1);
}

// Killed after every commit, before its answer: each step is there once.
TEST_P(Journey, KilledAtEveryStepItGoesOnWhereItWas) {
  const std::string episode = EpisodeOf(1);
  int step = 0;
  for (const auto& fill : WholePathway()) {
    const char* point = ++step % 2 ? "after-commit" : "before-commit";
    ASSERT_EQ(Said(stack_->RestartService(
                  {std::string("--crash-at=") + point, "--crash-after=1"})),
              "OK");
    auto request = StepOf(episode, fill);
    request.set_request_id("step-" + std::to_string(step));
    rpc::ClientSettings impatient = stack_->SettingsOf(kHub, kPerson);
    impatient.wait_for_ready = false;
    const auto client = rpc::Client::Connect(impatient);
    ASSERT_TRUE(client);
    EXPECT_FALSE(Tell<pb::RecordStepResponse>(**client, "RecordStep", request));
    const auto ending = stack_->service().Wait(std::chrono::seconds(30));
    ASSERT_TRUE(ending && ending->signal == SIGKILL) << stack_->LogTail();
    ASSERT_EQ(Said(stack_->RestartService()), "OK");
    const auto again =
        Tell<pb::RecordStepResponse>(*hub_, "RecordStep", request);
    ASSERT_EQ(Said(again), "OK");
    EXPECT_EQ(again->receipt().step(), step);
  }
  EXPECT_EQ(stack_->Number("select count(*) from steps"), step);
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

TEST_P(Journey, AChildOfTheCensusComesInOnceAndGoesOutAsItCame) {
  const auto import = stack_->As(kImport);
  pb::ImportChildRequest request;
  pb::CensusChild& child = *request.mutable_child();
  child.set_la_child_id("TEST0001");
  child.set_date_of_birth("2010-05-01");
  child.set_sex("M");
  pb::CensusEpisode& episode = *child.add_episodes();
  episode.set_referral_date("2017-04-03");
  episode.set_source("2A");
  episode.set_primary_need("N1");
  episode.set_closure_date("2017-12-08");
  episode.set_closure_reason("RC7");
  pb::CensusAssessment& assessment = *episode.add_assessments();
  assessment.set_start_date("2017-04-04");
  assessment.set_authorisation_date("2017-05-02");
  assessment.add_factors("3A");
  const auto first =
      Tell<pb::ImportChildResponse>(*import, "ImportChild", request);
  ASSERT_EQ(Said(first), "OK");
  EXPECT_EQ(first->taken(), 4) << first->ShortDebugString();
  const auto second =
      Tell<pb::ImportChildResponse>(*import, "ImportChild", request);
  EXPECT_EQ(second->already_there(), 4);
  pb::ListChildrenRequest list;
  list.set_start_date("2017-04-01");
  list.set_end_date("2018-03-31");
  const auto children =
      Look<pb::ListChildrenResponse>(*hub_, "ListChildren", list);
  ASSERT_EQ(Said(children), "OK");
  ASSERT_EQ(children->children_size(), 1);
  pb::CensusChild out = children->children(0).child();
  EXPECT_EQ(out.DebugString(), child.DebugString());
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

INSTANTIATE_TEST_SUITE_P(Both, Journey,
                         ::testing::Values(store::Engine::kSqlite,
                                           store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

}  // namespace
}  // namespace seawall::support
