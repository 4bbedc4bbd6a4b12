#include "cli/waiting_child.h"

#include <seawall/waiting/v1/waiting.pb.h>

#include <CLI/CLI.hpp>

#include "cli/describe.h"
#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace waiting::v1;  // NOLINT: every name below is of the contract

Result<int> Show(Session& session, const About& about) {
  if (about.referral_id().empty() &&
      (about.service().empty() || about.reference().empty())) {
    return Usage("name the referral: --id, or --service and --reference");
  }
  GetReferralRequest request;
  *request.mutable_about() = about;
  TRY(GetReferralResponse referral,
      session.AskAll<GetReferralResponse>(
          kGetReferral, request, [](GetReferralResponse page, auto& all) {
            // Each page is older than the one before.
            page.mutable_events()->MergeFrom(all.events());
            *all.mutable_events() = std::move(*page.mutable_events());
          }));
  if (session.json()) {
    session.Print(referral);
    return kDone;
  }
  Table events({{"event", true},
                {"happened"},
                {"kind"},
                {"detail", false, true},
                {"by", false, true},
                {"text", false, true}});
  for (const EventShown& one : referral.events()) {
    events.Add({std::to_string(one.number()), LondonTime(one.happened_time()),
                (one.is_void() ? "VOID " : "") + one.kind(), one.detail(),
                one.recorded_by(), one.text()});
  }
  referral.clear_events();
  Describe(referral, session.out());
  events.Print(session.out(), session.console().out_width);
  return kDone;
}

Result<int> Same(Session& session, ConfirmSameChildRequest request,
                 bool different) {
  SameChild& said = *request.mutable_same_child();
  said.set_same(!different);
  said.set_rationale(session.Text(said.rationale()));
  TRY(const ConfirmSameChildResponse response,
      session.Ask<ConfirmSameChildResponse>(kConfirmSameReferral, request));
  if (session.json()) {
    session.Print(response);
  } else {
    session.out() << "Recorded: "
                  << (different ? "different children" : "the same child")
                  << ".\n";
    Describe(response.receipt(), session.out(), 2);
  }
  return kDone;
}

Result<int> Candidates(Session& session) {
  Table table({{"referral"},
               {"service"},
               {"provider"},
               {"other"},
               {"service"},
               {"provider"},
               {"agrees", false, true},
               {"differs", false, true}});
  ListSameChildCandidatesRequest request;
  do {
    TRY(const auto page, session.Ask<ListSameChildCandidatesResponse>(
                             kListSameChildCandidates, request));
    for (const SameChildCandidate& one : page.candidates()) {
      if (session.json()) session.Print(one);
      table.Add({one.referral_id(), one.service(), one.provider(),
                 one.other_referral_id(), one.other_service(),
                 one.other_provider(), Joined(one.agrees()),
                 Joined(one.differs())});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (!session.json()) {
    table.Print(session.out(), session.console().out_width);
    session.out() << Counted(static_cast<std::int64_t>(table.size()), "pair")
                  << ".\n";
  }
  return kDone;
}

Result<int> Answer(Session& session, AnswerTransferRequest request) {
  TransferAnswer& said = *request.mutable_transfer_answer();
  said.set_rationale(session.Text(said.rationale()));
  TRY(const AnswerTransferResponse response,
      session.Ask<AnswerTransferResponse>(kAnswerTransfer, request));
  if (session.json()) {
    session.Print(response);
  } else {
    session.out() << (said.given()
                          ? "Given: the child has left the one list for the "
                            "other.\n"
                          : "Refused: the referral has a wait of its own.\n");
    Describe(response.receipt(), session.out(), 2);
  }
  return kDone;
}

Result<int> Transfers(Session& session) {
  Table table({{"referral"},
               {"service"},
               {"provider"},
               {"asked"},
               {"from"},
               {"service"},
               {"provider"},
               {"same child"}});
  ListTransfersRequest request;
  do {
    TRY(const auto page,
        session.Ask<ListTransfersResponse>(kListTransfers, request));
    for (const OpenTransfer& one : page.transfers()) {
      if (session.json()) session.Print(one);
      table.Add({one.referral_id(), one.service(), one.provider(),
                 one.asked_date(), one.transferred_from(), one.from_service(),
                 one.from_provider(),
                 one.from_provider().empty() ? ""
                 : one.same_child()          ? "yes"
                                             : "no"});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (!session.json()) {
    table.Print(session.out(), session.console().out_width);
    session.out() << Counted(static_cast<std::int64_t>(table.size()),
                             "open transfer")
                  << ".\n";
  }
  return kDone;
}

void AddAnswer(const Commands& commands, CLI::App& group, bool given) {
  const auto request = std::make_shared<AnswerTransferRequest>();
  request->mutable_transfer_answer()->set_given(given);
  const CommandHelp help =
      given
          ? CommandHelp{"give",
                        "Give a transfer: the child leaves your list for the "
                        "one that asks, which keeps the older start",
                        "  seawall --as hospital --person p-7/manager waiting "
                        "give W-01J… --rationale \"Agreed with the team\"\n"
                        "  seawall --as hub waiting give W-01J… --day "
                        "2024-01-08 --rationale \"The hospital telephoned\""}
          : CommandHelp{"refuse",
                        "Refuse a transfer: the child stays on your list, and "
                        "the referral that asks waits by itself",
                        "  seawall --as hospital --person p-7/manager waiting "
                        "refuse W-01J… --rationale \"The child stays with "
                        "us\"\n"
                        "  seawall --as hub waiting refuse W-01J… --rationale "
                        "\"No such child there\""};
  CLI::App& app = AddCommand(
      commands, group, help,
      [request](Session& session) { return Answer(session, *request); });
  app.add_option_function<std::string>(
         "referral",
         [request](const auto& id) {
           request->mutable_about()->set_referral_id(id);
         },
         "The referral that asks, as `waiting transfers` lists it")
      ->required();
  app.add_option_function<std::string>(
      "--day",
      [request](const auto& day) {
        request->mutable_about()->set_happened_date(day);
      },
      "The day from which it holds; default: today");
  app.add_option_function<std::string>(
         "--rationale",
         [request](const auto& text) {
           request->mutable_transfer_answer()->set_rationale(text);
         },
         "Why; - is standard input")
      ->required();
}

void AddShow(const Commands& commands, CLI::App& group) {
  const auto about = std::make_shared<About>();
  CLI::App& app = AddCommand(
      commands, group,
      {"show", "A referral with everything that happened to it",
       "  seawall --as hospital --person p-7/nurse waiting show --service slt "
       "--reference T-1001\n"
       "  seawall --as hub waiting show --id W-01J…"},
      [about](Session& session) { return Show(session, *about); });
  app.add_option_function<std::string>(
      "--id", [about](const auto& id) { about->set_referral_id(id); },
      "Our id of it");
  app.add_option_function<std::string>(
      "--service", [about](const auto& id) { about->set_service(id); },
      "With --reference, in place of --id");
  app.add_option_function<std::string>(
      "--reference", [about](const auto& id) { about->set_reference(id); },
      "Your name for it");
}

void AddSame(const Commands& commands, CLI::App& group) {
  const auto request = std::make_shared<ConfirmSameChildRequest>();
  const auto different = std::make_shared<bool>(false);
  CLI::App& app = AddCommand(
      commands, group,
      {"same",
       "Say that two referrals are of the same child, or are not; two open "
       "waits for the same become one, with the older start",
       "  seawall --as hub waiting same W-01J… W-01K… --rationale \"The mother "
       "was asked\"\n"
       "  seawall --as hub waiting same W-01J… W-01K… --not --rationale "
       "\"Twins\""},
      [request, different](Session& session) {
        return Same(session, *request, *different);
      });
  app.add_option_function<std::string>(
         "referral",
         [request](const auto& id) {
           request->mutable_about()->set_referral_id(id);
         },
         "One")
      ->required();
  app.add_option_function<std::string>(
         "other",
         [request](const auto& id) {
           request->mutable_same_child()->set_other_referral_id(id);
         },
         "And the other")
      ->required();
  app.add_flag("--not", *different, "They are different children: twins, say");
  app.add_option_function<std::string>(
         "--rationale",
         [request](const auto& text) {
           request->mutable_same_child()->set_rationale(text);
         },
         "Why; - is standard input")
      ->required();
}

}  // namespace

void AddWaitingChild(const Commands& commands, CLI::App& group) {
  AddShow(commands, group);
  AddSame(commands, group);
  AddCommand(commands, group,
             {"candidates",
              "Pairs of referrals that may be of the same child, and of which "
              "nobody has said so or not",
              "  seawall --as hub waiting candidates"},
             [](Session& session) { return Candidates(session); });
  AddCommand(commands, group,
             {"transfers",
              "Transfers that were asked for and not answered: all to the hub, "
              "to a provider those that it asks for or that ask for its own",
              "  seawall --as hub waiting transfers\n"
              "  seawall --as hospital --person p-7/manager waiting transfers"},
             [](Session& session) { return Transfers(session); });
  AddAnswer(commands, group, /*given=*/true);
  AddAnswer(commands, group, /*given=*/false);
}

}  // namespace seawall::cli
