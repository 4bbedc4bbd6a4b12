// seawall contacts: the hub's work, and the referrer's own view.
#include <seawall/referrals/v1/referrals.pb.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/describe.h"
#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/methods.h"
#include "cli/participants.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/values.h"
#include "cli/voice.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT: every name below is of the contract

// Shows an answer as it stands, in either form.
Result<int> Show(Session& session, const google::protobuf::Message& message) {
  if (session.json())
    session.Print(message);
  else
    Describe(message, session.out());
  return kDone;
}

// ---- reading ----------------------------------------------------------------

struct ListFlags {
  std::string worklist = "open";
  std::string agency;
  std::string priority;
  std::string route;
  int limit = 50;
  bool all = false;
};

Result<ListContactsRequest> ToRequest(const ListFlags& flags) {
  ListContactsRequest request;
  TRY(const Worklist worklist,
      ParseWord<Worklist>("--worklist", flags.worklist));
  TRY(const Priority priority,
      ParseWord<Priority>("--priority", flags.priority));
  TRY(const Route route, ParseWord<Route>("--route", flags.route));
  request.set_worklist(worklist);
  request.set_priority(priority);
  request.set_route(route);
  request.set_agency(flags.agency);
  request.set_page_size(flags.all ? 500 : flags.limit);
  return request;
}

Table ContactTable() {
  return Table({{"contact"},
                {"due"},
                {"priority"},
                {"state"},
                {"route"},
                {"agency", false, true},
                {"source"},
                {"need"},
                {"quality"},
                {"child", false, true}});
}

void AddRow(const ContactSummary& contact, Table& table) {
  const std::string due = DueTime(contact.decision_due_time());
  table.Add(
      {contact.contact_id(), due + (contact.overdue() ? " OVERDUE" : ""),
       Word(contact.priority()),
       Word(contact.state()) +
           (contact.triage_decision_required() ? ", triage decision" : "") +
           (contact.has_added_time() ? ", news" : ""),
       Word(contact.route()), contact.agency(), contact.source(),
       contact.primary_need(), Word(contact.quality_band()),
       contact.child_name()});
}

Result<int> List(Session& session, const ListFlags& flags) {
  TRY(ListContactsRequest request, ToRequest(flags));
  Table table = ContactTable();
  std::string more;
  do {
    TRY(const ListContactsResponse page,
        session.Ask<ListContactsResponse>(kListContacts, request));
    for (const ContactSummary& contact : page.contacts()) {
      if (session.json()) session.Print(contact);
      AddRow(contact, table);
    }
    more = page.next_page_token();
    request.set_page_token(more);
  } while (flags.all && !more.empty());
  if (session.json()) return kDone;
  table.Print(session.out(), session.console().out_width);
  session.out() << Counted(table.size(), "contact")
                << (more.empty() ? "" : "; there are more: add --all") << ".\n";
  return kDone;
}

void AddRow(const EarlierContact& contact, Table& table) {
  std::string matched;
  for (const std::string& on : contact.matched_on())
    matched += (matched.empty() ? "" : ", ") + Spaced(on);
  std::string episode = contact.episode_id();
  if (!contact.referral_date().empty())
    episode += " " + contact.referral_date() + " to " +
               (contact.closed_date().empty() ? "now" : contact.closed_date());
  table.Add(
      {contact.contact_id(), LondonTime(contact.received_time()),
       Word(contact.match()), matched, contact.source(), contact.primary_need(),
       contact.decision() == DECISION_UNSPECIFIED ? Word(contact.state())
                                                  : Word(contact.decision()),
       episode});
}

template <class Contacts>
void PrintEarlier(Session& session, const Contacts& contacts) {
  Table table({{"contact"},
               {"received"},
               {"match"},
               {"on", false, true},
               {"source"},
               {"need"},
               {"outcome"},
               {"episode", false, true}});
  for (const EarlierContact& contact : contacts) AddRow(contact, table);
  table.Print(session.out(), session.console().out_width);
}

Result<int> Get(Session& session, const std::string& id) {
  GetContactRequest request;
  request.set_contact_id(id);
  TRY(const GetContactResponse response,
      session.AskAll<GetContactResponse>(
          kGetContact, request, [](GetContactResponse page, auto& all) {
            all.mutable_look_back()->MergeFrom(page.look_back());
          }));
  if (session.json()) return Show(session, response);
  Describe(response.contact(), session.out());
  session.out() << "\nLook-back: "
                << Counted(response.contacts_in_12_months(), "contact")
                << " and "
                << Counted(response.referrals_in_12_months(), "referral")
                << " in the 12 months before.\n";
  PrintEarlier(session, response.look_back());
  return kDone;
}

Result<int> Find(Session& session, FindContactsRequest request) {
  if (!request.date_of_birth().empty()) {
    const auto day = ReadDay(request.date_of_birth());
    if (!day) return Usage("--date-of-birth " + day.error());
    request.set_date_of_birth(FormatDate(*day));
  }
  TRY(const FindContactsResponse response,
      session.AskAll<FindContactsResponse>(
          kFindContacts, request, [](FindContactsResponse page, auto& all) {
            all.mutable_contacts()->MergeFrom(page.contacts());
          }));
  if (session.json()) {
    for (const EarlierContact& contact : response.contacts())
      session.Print(contact);
    return kDone;
  }
  PrintEarlier(session, response.contacts());
  session.out() << Counted(response.contacts_size(), "contact") << ".\n";
  return kDone;
}

Result<int> Mine(Session& session, const std::string& id) {
  GetMyContactRequest request;
  request.set_contact_id(id);
  TRY(const GetMyContactResponse response,
      session.Ask<GetMyContactResponse>(kGetMyContact, request));
  if (session.json()) return Show(session, response);
  return Show(session, response.contact());
}

// ---- changing ---------------------------------------------------------------

struct DecideFlags {
  DecideContactRequest request;
  std::string decision;
  std::string decided_time;
};

Result<int> Decide(Session& session, const DecideFlags& flags) {
  DecideContactRequest request = flags.request;
  TRY(const Decision decision,
      ParseWord<Decision>("--decision", flags.decision));
  request.set_decision(decision);
  request.set_rationale(session.Text(request.rationale()));
  if (!flags.decided_time.empty()) {
    TRY(const Instant decided, ParseTime("--decided-time", flags.decided_time));
    *request.mutable_decided_time() = ToTimestamp(decided);
  }
  TRY(const DecideContactResponse response,
      session.Ask<DecideContactResponse>(kDecideContact, request));
  return Show(session, response);
}

Result<int> Return(Session& session, ReturnContactRequest request,
                   const std::vector<std::string>& missing) {
  request.set_question(session.Text(request.question()));
  for (const std::string& field : missing) request.add_missing_fields(field);
  TRY(const ReturnContactResponse response,
      session.Ask<ReturnContactResponse>(kReturnContact, request));
  return Show(session, response);
}

Result<int> AnswerQuestion(Session& session, AnswerReturnRequest request) {
  request.set_answer(session.Text(request.answer()));
  TRY(const AnswerReturnResponse response,
      session.Ask<AnswerReturnResponse>(kAnswerReturn, request));
  return Show(session, response);
}

Result<int> Confirm(Session& session, ConfirmContactRequest request) {
  request.set_text(session.Text(request.text()));
  TRY(const ConfirmContactResponse response,
      session.Ask<ConfirmContactResponse>(kConfirmContact, request));
  return Show(session, response);
}

Result<int> Acknowledge(Session& session, const std::string& id) {
  AcknowledgeOutcomeRequest request;
  request.set_contact_id(id);
  TRY(const AcknowledgeOutcomeResponse response,
      session.Ask<AcknowledgeOutcomeResponse>(kAcknowledgeOutcome, request));
  return Show(session, response);
}

Result<int> Correct(Session& session, CorrectChildRequest request,
                    const std::vector<std::string>& empty) {
  for (const std::string& field : empty) request.add_empty(field);
  std::string& born = *request.mutable_child()->mutable_date_of_birth();
  if (!born.empty()) {
    const auto day = ReadDay(born);
    if (!day) return Usage("--date-of-birth " + day.error());
    born = FormatDate(*day);
  }
  request.set_rationale(session.Text(request.rationale()));
  TRY(const CorrectChildResponse response,
      session.Ask<CorrectChildResponse>(kCorrectChild, request));
  return Show(session, response);
}

Result<int> Add(Session& session, AddToContactRequest request) {
  request.set_text(session.Text(request.text()));
  TRY(const AddToContactResponse response,
      session.Ask<AddToContactResponse>(kAddToContact, request));
  return Show(session, response);
}

template <class Response, class Request>
Result<int> AskWithReason(Session& session, const char* method,
                          Request request) {
  request.set_reason(session.Text(request.reason()));
  TRY(const Response response, session.Ask<Response>(method, request));
  return Show(session, response);
}

Result<int> Same(Session& session, ConfirmSameChildRequest request,
                 bool different) {
  request.set_same(!different);
  TRY(const ConfirmSameChildResponse response,
      session.Ask<ConfirmSameChildResponse>(kConfirmSameChild, request));
  if (session.json()) return Show(session, response);
  session.out() << "Recorded: "
                << (different ? "different children" : "the same child")
                << ". Referrals whose re-referral mark changed: "
                << response.changed_episode_ids_size() << ".\n";
  Describe(response, session.out(), 2);
  return kDone;
}

// Beside the fields: the child's voice, and who thinks what.
struct CloseFlags {
  FieldFlags fields;
  VoiceFlags voice;
  std::vector<std::string> views;
  std::vector<std::string> objections;
  bool no_further_action = false;
};

Result<void> AddViews(const Session& session, const std::string& flag,
                      const std::vector<std::string>& said, bool agrees,
                      CloseEpisodeRequest& request) {
  for (const std::string& one : said) {
    TRY(const auto pair, ParsePair(flag, one));
    AgencyView& view = *request.mutable_step_down()->add_agency_views();
    view.set_agency(pair.first);
    view.set_view(session.Text(pair.second));
    view.set_agrees(agrees);
  }
  return {};
}

Result<int> Close(Session& session, const CloseFlags& flags) {
  CloseEpisodeRequest request;
  TRY_VOID(flags.fields.Apply(session, request));
  if (flags.voice.given()) {
    TRY(*request.mutable_voice(), ToVoice(session, flags.voice));
  }
  TRY_VOID(AddViews(session, "--view", flags.views, true, request));
  TRY_VOID(AddViews(session, "--objection", flags.objections, false, request));
  request.set_no_further_action(flags.no_further_action);
  TRY(const CloseEpisodeResponse response,
      session.Ask<CloseEpisodeResponse>(kCloseEpisode, request));
  return Show(session, response);
}

// ---- flags ------------------------------------------------------------------

CLI::Option* TextFlag(CLI::App& app, const std::string& name,
                      std::function<void(const std::string&)> set,
                      const std::string& help) {
  return app.add_option_function<std::string>(name, std::move(set), help);
}

CLI::Option* IdArgument(CLI::App& app,
                        std::function<void(const std::string&)> set,
                        const std::string& name = "contact") {
  return TextFlag(app, name, std::move(set), "Its id")
      ->required()
      ->type_name("ID");
}

void AddVersion(CLI::App& app, std::function<void(std::int64_t)> set) {
  app.add_option_function<std::int64_t>(
      "--if-version", std::move(set),
      "Only if this is still its version; default: whatever it is");
}

void AddList(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"list", "A worklist, sorted by due time",
       "  seawall --as hub contacts list --worklist overdue\n"
       "  seawall --as hub contacts list --agency police --priority red --all"},
      [flags](Session& session) { return List(session, *flags); });
  app.add_option("--worklist", flags->worklist,
                 WordList(*Worklist_descriptor()))
      ->capture_default_str();
  app.add_option("--agency", flags->agency, "Only contacts of this agency");
  app.add_option("--priority", flags->priority,
                 WordList(*Priority_descriptor()));
  app.add_option("--route", flags->route, WordList(*Route_descriptor()));
  app.add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  app.add_flag("--all", flags->all, "Every page");
}

void AddGet(const Commands& commands, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  CLI::App& app =
      AddCommand(commands, group,
                 {"get", "One contact as the hub sees it, with the look-back",
                  "  seawall --as hub contacts get C-01J…"},
                 [id](Session& session) { return Get(session, *id); });
  app.add_option("contact", *id, "Its id")->required();
}

void AddFind(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<FindContactsRequest>();
  CLI::App& app = AddCommand(
      commands, group,
      {"find", "Contacts of a child by identifiers; the search is logged",
       "  seawall --as hub contacts find --nhs-number 9990000018\n"
       "  seawall --as hub contacts find --family-name Test-Harbour "
       "--date-of-birth 2012-05-01"},
      [request](Session& session) { return Find(session, *request); });
  const auto add = [&app, request](const char* flag, auto set,
                                   const char* help) {
    TextFlag(
        app, flag,
        [request, set](const std::string& text) {
          ((*request).*set)(std::string(text));
        },
        help);
  };
  using Set = void (FindContactsRequest::*)(std::string &&);
  add("--nhs-number", static_cast<Set>(&FindContactsRequest::set_nhs_number),
      "10 digits");
  add("--upn", static_cast<Set>(&FindContactsRequest::set_upn),
      "Unique pupil number");
  add("--family-name", static_cast<Set>(&FindContactsRequest::set_family_name),
      "With --date-of-birth");
  add("--given-name", static_cast<Set>(&FindContactsRequest::set_given_name),
      "Narrows the search");
  add("--date-of-birth",
      static_cast<Set>(&FindContactsRequest::set_date_of_birth),
      "2012-05-01, or day first: 01/05/2012");
}

// A command about a contact that takes nothing but why.
template <class Response, class Request>
void AddWithReason(const Commands& commands, CLI::App& group,
                   const CommandHelp& text, const char* method) {
  const auto request = std::make_shared<Request>();
  CLI::App& app =
      AddCommand(commands, group, text, [request, method](Session& session) {
        return AskWithReason<Response>(session, method, *request);
      });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  TextFlag(
      app, "--reason",
      [request](const auto& reason) { request->set_reason(reason); },
      "Why, in words; - reads it from standard input")
      ->required();
  if constexpr (requires { request->set_version(1); }) {
    AddVersion(app, [request](std::int64_t n) { request->set_version(n); });
  }
}

void AddWithdrawals(const Commands& commands, CLI::App& group) {
  AddWithReason<WithdrawContactResponse, WithdrawContactRequest>(
      commands, group,
      {"withdraw", "Withdraw your own contact, while nobody has decided it",
       "  seawall --as police contacts withdraw C-01J… --reason \"It was about "
       "another child\""},
      kWithdrawContact);
  AddWithReason<MarkRecordedInErrorResponse, MarkRecordedInErrorRequest>(
      commands, group,
      {"in-error", "Say that a contact was recorded in error",
       "  seawall --as hub contacts in-error C-01J… --reason \"Pushed twice, "
       "see C-01K…\""},
      kMarkRecordedInError);
  AddWithReason<ReinstateContactResponse, ReinstateContactRequest>(
      commands, group,
      {"reinstate", "Take a withdrawal, or that it was in error, back",
       "  seawall --as hub contacts reinstate C-01J… --reason \"It was the "
       "right child\""},
      kReinstateContact);
}

void AddCorrect(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<CorrectChildRequest>();
  const auto empty = std::make_shared<std::vector<std::string>>();
  CLI::App& app = AddCommand(
      commands, group,
      {"correct",
       "Correct what a contact says of its child: a number traced later, a "
       "mended name",
       "  seawall --as police contacts correct C-01J… --nhs-number "
       "\"943 476 5919\" --rationale \"Traced\"\n"
       "  seawall contacts correct C-01J… --empty nhs_number --rationale \"It "
       "is the brother's\"\n"
       "  seawall contacts correct C-01J… --undo 2 --rationale \"It was "
       "right\""},
      [request, empty](Session& session) {
        return Correct(session, *request, *empty);
      });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  Child& child = *request->mutable_child();
  const auto field = [&](const char* flag, std::string* to, const char* help) {
    app.add_option(flag, *to, help);
  };
  field("--given-name", child.mutable_given_name(), "As it should read");
  field("--family-name", child.mutable_family_name(), "As it should read");
  field("--date-of-birth", child.mutable_date_of_birth(),
        "2014-03-04, or 04/03/2014");
  field("--nhs-number", child.mutable_nhs_number(), "Ten digits");
  field("--upn", child.mutable_upn(), "Thirteen characters");
  field("--former-upn", child.mutable_former_upn(), "The UPN of before");
  app.add_option("--empty", *empty,
                 "Fields that become empty, such as nhs_number");
  app.add_option_function<int>(
      "--undo", [request](const int& number) { request->set_undoes(number); },
      "Number of a correction to take back, as `contacts get` shows it");
  TextFlag(
      app, "--rationale",
      [request](const auto& text) { request->set_rationale(text); },
      "Why; - reads it from standard input")
      ->required();
}

void AddAdd(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<AddToContactRequest>();
  CLI::App& app = AddCommand(
      commands, group,
      {"add", "Add to your own contact what you have learned since",
       "  seawall --as police contacts add C-01J… --text \"…\"\n"
       "  seawall --as police contacts add C-01J… --text - < news.txt"},
      [request](Session& session) { return Add(session, *request); });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  TextFlag(
      app, "--text", [request](const auto& text) { request->set_text(text); },
      "What is added; - reads it from standard input")
      ->required();
}

void AddMine(const Commands& commands, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  CLI::App& app =
      AddCommand(commands, group,
                 {"mine", "Your own contact and its outcome, as its referrer",
                  "  seawall --as police contacts mine C-01J…"},
                 [id](Session& session) { return Mine(session, *id); });
  app.add_option("contact", *id, "Its id")->required();
}

void AddDecide(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<DecideFlags>();
  DecideContactRequest& request = flags->request;
  CLI::App& app = AddCommand(
      commands, group,
      {"decide", "Decide what becomes of a contact",
       "  seawall --as hub contacts decide C-01J… --decision referral "
       "--rationale \"…\"\n"
       "  seawall --as hub contacts decide C-01J… --decision early-help "
       "--correct --rationale - < why.txt"},
      [flags](Session& session) { return Decide(session, *flags); });
  IdArgument(app, [&request](const auto& id) { request.set_contact_id(id); });
  app.add_option("--decision", flags->decision,
                 WordList(*Decision_descriptor()))
      ->required();
  TextFlag(
      app, "--rationale",
      [&request](const auto& text) { request.set_rationale(text); },
      "Why; - reads it from standard input")
      ->required();
  app.add_flag_callback(
      "--correct", [&request] { request.set_corrects(true); },
      "Correct a decision already made");
  TextFlag(
      app, "--triage-decision",
      [&request](const auto& text) { request.set_triage_decision(text); },
      "The named triage decision, where one is required");
  TextFlag(
      app, "--threshold-decision",
      [&request](const auto& text) { request.set_threshold_decision(text); },
      "Why the threshold is met or not, where consent was refused");
  TextFlag(
      app, "--episode",
      [&request](const auto& id) { request.set_episode_id(id); },
      "Episode it joins; default: the child's open one");
  app.add_option("--decided-time", flags->decided_time,
                 "When it was decided (systems registered to import only)");
  AddVersion(app, [&request](std::int64_t n) { request.set_version(n); });
}

void AddReturn(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<ReturnContactRequest>();
  const auto missing = std::make_shared<std::vector<std::string>>();
  CLI::App& app = AddCommand(
      commands, group,
      {"return", "Ask the referrer a question; the contact stays open",
       "  seawall --as hub contacts return C-01J… --question \"Was consent "
       "sought?\" --missing form.consent"},
      [request, missing](Session& session) {
        return Return(session, *request, *missing);
      });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  TextFlag(
      app, "--question",
      [request](const auto& text) { request->set_question(text); },
      "What is asked; - reads it from standard input")
      ->required();
  app.add_option("--missing", *missing, "Paths of fields such as form.consent");
  AddVersion(app, [request](std::int64_t n) { request->set_version(n); });
}

void AddAnswer(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<AnswerReturnRequest>();
  CLI::App& app = AddCommand(
      commands, group,
      {"answer", "Answer the hub's question about your contact",
       "  seawall --as police contacts answer C-01J… --answer \"…\""},
      [request](Session& session) {
        return AnswerQuestion(session, *request);
      });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  TextFlag(
      app, "--answer",
      [request](const auto& text) { request->set_answer(text); },
      "The answer; - reads it from standard input")
      ->required();
}

void AddConfirm(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<ConfirmContactRequest>();
  CLI::App& app = AddCommand(
      commands, group,
      {"confirm", "Confirm a telephone contact in writing",
       "  seawall --as police contacts confirm C-01J… --text \"…\""},
      [request](Session& session) { return Confirm(session, *request); });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  TextFlag(
      app, "--text", [request](const auto& text) { request->set_text(text); },
      "Your own wording; - reads it from standard input")
      ->required();
}

void AddAcknowledge(const Commands& commands, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  CLI::App& app =
      AddCommand(commands, group,
                 {"acknowledge", "Say that you have read the outcome",
                  "  seawall --as police contacts acknowledge C-01J…"},
                 [id](Session& session) { return Acknowledge(session, *id); });
  app.add_option("contact", *id, "Its id")->required();
}

void AddSame(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<ConfirmSameChildRequest>();
  const auto different = std::make_shared<bool>(false);
  CLI::App& app = AddCommand(
      commands, group,
      {"same", "Say that two contacts are about the same child, or are not",
       "  seawall --as hub contacts same C-01J… C-01K…\n"
       "  seawall --as hub contacts same C-01J… C-01K… --not"},
      [request, different](Session& session) {
        return Same(session, *request, *different);
      });
  IdArgument(app, [request](const auto& id) { request->set_contact_id(id); });
  IdArgument(
      app, [request](const auto& id) { request->set_other_contact_id(id); },
      "other");
  app.add_flag("--not", *different, "They are different children: twins, say");
}

}  // namespace

void AddContacts(const Commands& commands) {
  CLI::App& group =
      AddCommand(commands, commands.program,
                 {"contacts", "Worklists, single contacts, decisions",
                  "  seawall --as hub contacts list\n"
                  "  seawall --as police contacts mine C-01J…"},
                 nullptr);
  AddList(commands, group);
  AddGet(commands, group);
  AddFind(commands, group);
  AddDecide(commands, group);
  AddReturn(commands, group);
  AddAnswer(commands, group);
  AddConfirm(commands, group);
  AddMine(commands, group);
  AddAcknowledge(commands, group);
  AddAdd(commands, group);
  AddCorrect(commands, group);
  AddWithdrawals(commands, group);
  AddSame(commands, group);
}

void AddEpisodes(const Commands& commands) {
  CLI::App& group =
      AddCommand(commands, commands.program,
                 {"episodes", "Episodes that referrals opened",
                  "  seawall --as hub episodes close E-01J… --reason RC2"},
                 nullptr);
  const auto flags = std::make_shared<CloseFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"close",
       "Close the episode that a referral opened, on what closing rests on",
       "  seawall --as hub episodes close E-01J… --reason RC7 --rationale "
       "\"…\" --view police=\"…\" --evidence \"…\" --contingency \"…\" --voice "
       "own-words --voice-text \"…\"\n"
       "  seawall --as hub episodes close E-01J… --reason RC2 --closed-date "
       "2018-03-12"},
      [flags](Session& session) { return Close(session, *flags); });
  FieldFlags& fields = flags->fields;
  fields.Add(app, "episode", "Its id", "episode_id")->required();
  fields.Add(app, "--reason", "Closure reason of the census, RC1 to RC9")
      ->required();
  fields.Add(app, "--closed-date", "YYYY-MM-DD; default: today");
  fields.Add(app, "--team", "Code of the team that closes it");
  fields.Add(app, "--rationale", "Why; - reads it from standard input");
  AddVoiceFlags(app, flags->voice);
  MayRepeat(app.add_option("--view", flags->views,
                           "What an agency that agrees says, as agency=text; "
                           "once for each"));
  MayRepeat(app.add_option("--objection", flags->objections,
                           "What an agency that does not agree says; so too"));
  fields.Add(app, "--evidence", "Evidence of sustained change",
             "step_down.evidence_of_sustained_change");
  fields.Add(app, "--contingency",
             "What happens, and who is told, if it gets worse again",
             "step_down.contingency");
  app.add_flag("--no-further-action", flags->no_further_action,
               "The referral itself ended so: nothing followed it");
  fields.Add(app, "--if-version", "Only if this is still its version",
             "version");
}

}  // namespace seawall::cli
