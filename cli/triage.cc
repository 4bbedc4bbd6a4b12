// seawall triage and seawall escalation: what several agencies know of a
// contact, and where they disagree.
#include <seawall/referrals/v1/journey.pb.h>

#include <CLI/CLI.hpp>

#include "cli/chronology.h"
#include "cli/command.h"
#include "cli/describe.h"
#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/methods.h"
#include "cli/participants.h"
#include "cli/receipt.h"
#include "cli/text.h"
#include "cli/voice.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT: every name below is of the contract

// What every command here is told: fields, and what needs more than a field.
struct StepFlags {
  FieldFlags fields;
  VoiceFlags voice;
  std::vector<std::string> people;
};

Result<void> AddPeople(
    const std::string& flag, const std::vector<std::string>& people,
    google::protobuf::RepeatedPtrField<Participant>& participants) {
  for (const std::string& one : people) {
    TRY(*participants.Add(), ParseParticipant(flag, one));
  }
  return {};
}

// Sends what the flags say and shows the receipt.
template <class Response, class Request>
Result<int> Send(Session& session, const char* method, const StepFlags& flags,
                 Request request) {
  TRY_VOID(flags.fields.Apply(session, request));
  return ShowReceipt(session,
                     session.Ask<Response>(method, std::move(request)));
}

Result<int> Decide(Session& session, const StepFlags& flags) {
  DecideTriageRequest request;
  TRY(*request.mutable_voice(), ToVoice(session, flags.voice));
  TRY_VOID(
      AddPeople("--took-part", flags.people, *request.mutable_took_part()));
  return Send<DecideTriageResponse>(session, kDecideTriage, flags,
                                    std::move(request));
}

Result<int> Raise(Session& session, const StepFlags& flags) {
  RaiseEscalationRequest request;
  TRY_VOID(
      AddPeople("--person-involved", flags.people, *request.mutable_people()));
  return Send<RaiseEscalationResponse>(session, kRaiseEscalation, flags,
                                       std::move(request));
}

// The one escalation of a subject that is not resolved, from its chronology.
Result<std::string> OpenEscalation(Session& session,
                                   const std::string& subject) {
  TRY(const GetChronologyResponse chronology, AskChronology(session, subject));
  std::vector<std::string> open;
  for (const ChronologyEntry& entry : chronology.entries()) {
    if (entry.is_void() || entry.subject_id() != subject) continue;
    if (entry.kind() == STEP_KIND_ESCALATION_RAISED)
      open.push_back(entry.thing_id());
    if (entry.kind() == STEP_KIND_ESCALATION_ANSWERED &&
        entry.outcome() != "UNRESOLVED")
      std::erase(open, entry.thing_id());
  }
  if (open.size() == 1) return open.front();
  std::string list;
  for (const std::string& id : open) list += (list.empty() ? "" : ", ") + id;
  return Usage(open.empty() ? "no escalation of " + subject + " is open"
                            : "several are open, name one of: " + list);
}

Result<int> Answer(Session& session, const StepFlags& flags) {
  AnswerEscalationRequest request;
  TRY_VOID(flags.fields.Apply(session, request));
  if (request.escalation_id().empty()) {
    TRY(const std::string id, OpenEscalation(session, request.subject_id()));
    request.set_escalation_id(id);
  }
  TRY_VOID(
      AddPeople("--person-involved", flags.people, *request.mutable_people()));
  return ShowReceipt(session, session.Ask<AnswerEscalationResponse>(
                                  kAnswerEscalation, std::move(request)));
}

Result<int> Show(Session& session, const StepFlags& flags) {
  GetTriageRequest request;
  TRY_VOID(flags.fields.Apply(session, request));
  TRY(const GetTriageResponse response,
      session.Ask<GetTriageResponse>(kGetTriage, std::move(request)));
  if (session.json()) {
    session.Print(response);
    return kDone;
  }
  std::ostream& out = session.out();
  GetTriageResponse summary = response;
  summary.clear_steps();
  Describe(summary, out);
  out << '\n';
  PrintTimeLine(response.steps(), out);
  return kDone;
}

// ---- flags ------------------------------------------------------------------

using Do = Result<int> (*)(Session&, const StepFlags&);

// A command that is about one contact or episode.
CLI::App& AddStep(const Commands& commands, CLI::App& group,
                  const CommandHelp& help, const char* about,
                  const std::shared_ptr<StepFlags>& flags, Do action) {
  CLI::App& app = AddCommand(
      commands, group, help,
      [flags, action](Session& session) { return action(session, *flags); });
  flags->fields.Add(app, about, "Its id", std::string(about) + "_id")
      ->required();
  return app;
}

void AddOpen(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<StepFlags>();
  CLI::App& app =
      AddStep(commands, group,
              {"open", "Ask agencies what they know about a contact",
               "  seawall --as hub triage open C-01J… --agency police --agency "
               "hospital "
               "--question \"What do you know of the household?\""},
              "contact", flags, [](Session& session, const StepFlags& flags) {
                return Send<OpenTriageResponse>(session, kOpenTriage, flags,
                                                OpenTriageRequest());
              });
  MayRepeat(flags->fields.Add(app, "--agency",
                              "Who is asked; once for each agency", "agencies"))
      ->required();
  flags->fields.Add(app, "--question",
                    "What they are asked; - reads it from standard input");
  flags->fields.Add(app, "--if-version", "Only if this is still its version",
                    "version");
}

void AddContribute(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<StepFlags>();
  CLI::App& app = AddStep(
      commands, group,
      {"contribute", "Say what your agency knows, and where it disagrees",
       "  seawall --as police triage contribute C-01J… --information \"…\" "
       "--level 3\n"
       "  seawall --as police triage contribute C-01J… --information - "
       "--dissent \"…\" < known.txt"},
      "contact", flags, [](Session& session, const StepFlags& flags) {
        return Send<ContributeResponse>(session, kContribute, flags,
                                        ContributeRequest());
      });
  flags->fields
      .Add(app, "--information",
           "What it knows; say so if it knows nothing; - reads it from "
           "standard input")
      ->required();
  flags->fields.Add(app, "--level", "Level of need as it sees it, 1 to 4",
                    "level_of_need");
  flags->fields.Add(app, "--dissent", "What it disagrees with");
  flags->fields.Add(app, "--agency",
                    "Whose words they are, where the hub writes them down");
}

void AddDecide(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<StepFlags>();
  CLI::App& app = AddStep(
      commands, group,
      {"decide",
       "Decide triage, and with it the contact. Below the threshold every "
       "agency asked agrees or escalates afterwards",
       "  seawall --as hub triage decide C-01J… --level 4 --decision referral "
       "--rationale \"…\" --considered \"…\" --history \"…\" --voice own-words "
       "--voice-text \"…\" --took-part police/p-12/sergeant"},
      "contact", flags, Decide);
  FieldFlags& fields = flags->fields;
  fields.Add(app, "--level", "Level of need decided, 1 to 4", "level_of_need")
      ->required();
  fields.Add(app, "--decision", WordList(*Decision_descriptor()))->required();
  fields.Add(app, "--rationale", "Why; - reads it from standard input")
      ->required();
  fields.Add(app, "--considered", "What was considered")->required();
  fields.Add(app, "--history", "The child's history, as considered")
      ->required();
  AddVoiceFlags(app, flags->voice);
  MayRepeat(
      app.add_option("--took-part", flags->people,
                     "Who took part, as agency/person/role; once for each"));
  fields.Add(app, "--episode", "Episode it joins; default: the open one",
             "episode_id");
  fields.Add(app, "--threshold-decision",
             "Why the threshold is met or not, where consent was refused");
  fields.Add(app, "--if-version", "Only if this is still its version",
             "version");
}

void AddAfter(const Commands& commands, CLI::App& group) {
  const auto show = std::make_shared<StepFlags>();
  AddStep(commands, group,
          {"show",
           "The child, the concern, who was asked, what was said. An agency "
           "sees what it was asked and its own words",
           "  seawall --as police triage show C-01J…"},
          "contact", show, Show);
  const auto sign = std::make_shared<StepFlags>();
  CLI::App& sign_off = AddStep(
      commands, group,
      {"sign-off", "Sign a decision off, as a manager who did not make it",
       "  seawall --as hub --person p-7/manager triage sign-off C-01J…"},
      "contact", sign, [](Session& session, const StepFlags& flags) {
        return Send<SignOffResponse>(session, kSignOff, flags,
                                     SignOffRequest());
      });
  sign->fields.Add(sign_off, "--comment", "What the manager says to it");
  const auto agree = std::make_shared<StepFlags>();
  CLI::App& agreed = AddStep(
      commands, group,
      {"agree",
       "Agree, as an agency that was asked, to a decision below the threshold",
       "  seawall --as police triage agree C-01J…"},
      "contact", agree, [](Session& session, const StepFlags& flags) {
        return Send<AgreeDecisionResponse>(session, kAgreeDecision, flags,
                                           AgreeDecisionRequest());
      });
  agree->fields.Add(agreed, "--comment", "What it says to it");
  agree->fields.Add(agreed, "--agency",
                    "Who agrees, where the hub writes it down");
}

}  // namespace

void AddTriage(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"triage", "What several agencies know of a contact, and the decision",
       "  seawall --as hub triage open C-01J… --agency police --question "
       "\"…\"\n"
       "  seawall --as police triage contribute C-01J… --information \"…\"\n"
       "  seawall --as hub triage show C-01J…"},
      nullptr);
  AddOpen(commands, group);
  AddContribute(commands, group);
  AddDecide(commands, group);
  AddAfter(commands, group);
}

void AddEscalation(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"escalation", "Professional disagreement with a decision",
       "  seawall --as police escalation raise C-01J… --rationale \"…\"\n"
       "  seawall --as hub escalation answer C-01J… --outcome upheld "
       "--rationale \"…\""},
      nullptr);
  const auto raise = std::make_shared<StepFlags>();
  CLI::App& raised = AddStep(
      commands, group,
      {"raise", "Disagree with a decision about a contact or an episode",
       "  seawall --as police escalation raise C-01J… --rationale \"…\"\n"
       "  seawall --as hospital escalation raise E-01J… --step 5 --rationale "
       "- < why.txt"},
      "subject", raise, Raise);
  raise->fields.Add(raised, "--step",
                    "Number of the step disputed; default: the decision");
  raise->fields
      .Add(raised, "--rationale",
           "What you disagree with, and why; - reads it from "
           "standard input")
      ->required();
  const auto answer = std::make_shared<StepFlags>();
  CLI::App& answered = AddStep(
      commands, group,
      {"answer",
       "Answer an escalation at its stage; unresolved takes it to the next",
       "  seawall --as hub escalation answer C-01J… --outcome upheld "
       "--rationale \"…\""},
      "subject", answer, Answer);
  answer->fields.Add(answered, "escalation",
                     "Which; default: the one that is open", "escalation_id");
  answer->fields
      .Add(answered, "--outcome", WordList(*EscalationOutcome_descriptor()))
      ->required();
  answer->fields
      .Add(answered, "--rationale", "Why; - reads it from standard input")
      ->required();
  for (const auto& [app, flags] :
       {std::pair(&raised, raise), std::pair(&answered, answer)})
    MayRepeat(
        app->add_option("--person-involved", flags->people,
                        "Who spoke, as agency/person/role; once for each"));
}

}  // namespace seawall::cli
