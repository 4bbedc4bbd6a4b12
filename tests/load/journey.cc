// A child's journey under load: whole journeys by many people at once,
// worklists over ten thousand open contacts, and a census of many children.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "libs/base/civil.h"
#include "libs/census/writer.h"
#include "seawall/referrals/v1/journey.pb.h"
#include "tests/load/sections.h"
#include "tests/support/tempdir.h"
#include "tests/system/forms.h"

namespace seawall::load {
namespace {

namespace pb = ::seawall::referrals::v1;
using google::protobuf::Message;
using store::Engine;
using Seconds = std::chrono::duration<double>;

constexpr char kReferrals[] = "seawall.referrals.v1.ReferralsService/";
constexpr char kJourneys[] = "seawall.referrals.v1.JourneyService/";
constexpr int kWrites = 12;
constexpr int kWorklist = 10'000;

// One person who takes one child after the other from contact to closure.
struct Lane {
  rpc::Client* agency = nullptr;
  rpc::Client* hub = nullptr;
  std::int64_t child = 0;
  int write = 0;
  std::string contact, episode;
  std::unique_ptr<Message> response;
  std::unique_ptr<Form> form = std::make_unique<Form>();
};

void SayWhy(pb::Voice& voice, std::string& rationale) {
  voice.set_kind(pb::VOICE_KIND_OWN_WORDS);
  voice.set_text("Invented: I want it to stop.");
  rationale = "Invented: the family works with the plan and it holds.";
}

void StepDown(pb::StepDown& said) {
  for (const char* agency : {"police", "hospital", "school", "housing"}) {
    pb::AgencyView& view = *said.add_agency_views();
    view.set_agency(agency);
    view.set_view("Invented: agrees.");
    view.set_agrees(true);
  }
  said.set_evidence_of_sustained_change("Invented: six calm months.");
  said.set_contingency("Invented: the school rings the front door.");
}

pb::RecordStepRequest StepOf(const Lane& lane) {
  pb::RecordStepRequest request;
  request.set_episode_id(lane.episode);
  SayWhy(*request.mutable_voice(), *request.mutable_rationale());
  switch (lane.write) {
    case 3:
      request.mutable_start_assessment();
      break;
    case 4:
      request.mutable_see_child();
      break;
    case 5: {
      auto& said = *request.mutable_hold_strategy_discussion();
      said.set_begins_section_47(true);
      for (const char* who : {"council", "police", "health", "school"}) {
        said.add_present(who);
      }
      break;
    }
    case 6:
      request.mutable_send_minutes()->add_agencies("police");
      break;
    case 7:
      request.mutable_complete_section_47()->set_outcome("NO_FURTHER_ACTION");
      break;
    case 8:
      request.mutable_authorise_assessment()->set_outcome("EARLY_HELP");
      request.mutable_authorise_assessment()->add_factors("3A");
      break;
    case 9:
      request.mutable_start_early_help();
      break;
    default:
      StepDown(*request.mutable_end_early_help()->mutable_step_down());
  }
  return request;
}

class Journeys {
 public:
  Journeys(const support::Stack& stack, int lanes, int connections) {
    for (int i = 0; i < connections; i++) {
      agencies_.push_back(Must(
          "connecting", rpc::Client::Connect(Agencies(
                            stack, connections)[static_cast<std::size_t>(i)])));
      hubs_.push_back(stack.As(support::kHub, support::kPerson));
    }
    lanes_.resize(static_cast<std::size_t>(lanes));
    for (std::size_t i = 0; i < lanes_.size(); i++) {
      lanes_[i].agency = agencies_[i % agencies_.size()].get();
      lanes_[i].hub = hubs_[i % hubs_.size()].get();
      lanes_[i].write = kWrites;
    }
  }

  Measured Run(Span span) {
    return ClosedLoop(static_cast<int>(lanes_.size()), span,
                      load::Begin([this](int lane, Finished finished) {
                        Next(lanes_[static_cast<std::size_t>(lane)],
                             std::move(finished));
                      }));
  }
  std::int64_t closed() const { return closed_; }

 private:
  template <class Response, class Request>
  void Call(Lane& lane, rpc::Client& client, const std::string& method,
            Request request, Finished finished) {
    request.set_area(support::kArea);
    request.set_request_id("j-" + std::to_string(lane.child) + "-" +
                           std::to_string(lane.write));
    lane.response = std::make_unique<Response>();
    client.CallAsync(
        method, request, lane.response.get(),
        [this, &lane, finished = std::move(finished)](Result<void> done) {
          if (!done && !told_.exchange(true)) {
            std::fprintf(stderr, "%s\n", support::Say(done.error()).c_str());
          }
          Done(lane, done.has_value());
          finished(done.has_value());
        });
  }

  void Done(Lane& lane, bool ok) {
    if (!ok) {
      lane.write = kWrites;  // begins with another child
      return;
    }
    if (lane.write == 0) {
      lane.contact = static_cast<pb::SubmitContactResponse&>(*lane.response)
                         .receipts(0)
                         .contact_id();
    } else if (lane.write == 2) {
      lane.episode = static_cast<pb::DecideTriageResponse&>(*lane.response)
                         .receipt()
                         .episode_id();
    } else if (lane.write == kWrites - 1) {
      closed_++;
    }
    lane.write++;
  }

  void Next(Lane& lane, Finished finished) {
    if (lane.write >= kWrites) {
      lane.write = 0;
      lane.child = next_++;
    }
    switch (lane.write) {
      case 0: {
        pb::SubmitContactRequest request =
            lane.form->About(lane.child, "journey");
        return Call<pb::SubmitContactResponse>(
            lane, *lane.agency, std::string(kReferrals) + "SubmitContact",
            std::move(request), std::move(finished));
      }
      case 1: {
        pb::OpenTriageRequest request;
        request.set_contact_id(lane.contact);
        request.add_agencies("hospital");
        request.set_question("Invented: what do you know?");
        return Call<pb::OpenTriageResponse>(
            lane, *lane.hub, std::string(kJourneys) + "OpenTriage",
            std::move(request), std::move(finished));
      }
      case 2: {
        pb::DecideTriageRequest request;
        request.set_contact_id(lane.contact);
        request.set_level_of_need(4);
        request.set_decision(pb::DECISION_REFERRAL);
        SayWhy(*request.mutable_voice(), *request.mutable_rationale());
        request.set_considered("Invented: all there is.");
        request.set_history("Invented: none.");
        return Call<pb::DecideTriageResponse>(
            lane, *lane.hub, std::string(kJourneys) + "DecideTriage",
            std::move(request), std::move(finished));
      }
      case kWrites - 1: {
        pb::CloseEpisodeRequest request;
        request.set_episode_id(lane.episode);
        request.set_team("ASSESSMENT");
        SayWhy(*request.mutable_voice(), *request.mutable_rationale());
        StepDown(*request.mutable_step_down());
        request.set_reason("RC7");
        return Call<pb::CloseEpisodeResponse>(
            lane, *lane.hub, std::string(kReferrals) + "CloseEpisode",
            std::move(request), std::move(finished));
      }
      default:
        return Call<pb::RecordStepResponse>(
            lane, *lane.hub, std::string(kJourneys) + "RecordStep",
            StepOf(lane), std::move(finished));
    }
  }

  std::vector<std::unique_ptr<rpc::Client>> agencies_, hubs_;
  std::vector<Lane> lanes_;
  std::atomic<std::int64_t> next_{0}, closed_{0};
  std::atomic<bool> told_{false};
};

void AddJourneys(const Plan& plan, Engine engine, Report& report) {
  const auto stack = StartStack(engine, BenchPostgres());
  Numbers numbers{50'000'000};
  Pusher pusher(Agencies(*stack, plan.connections), numbers, "floor");
  Journeys journeys(*stack, 64, plan.connections);
  std::vector<Measured> writes, intake;
  for (int round = 0; round < plan.rounds; round++) {
    intake.push_back(pusher.Unary(64, plan.span));
    writes.push_back(journeys.Run(plan.span));
  }
  const Measured median = Median(writes);
  Row row = RowOf("writes of journeys", NameOf(engine), 64, median);
  SetFloor(row, "SubmitContact", Median(intake));
  char text[64];
  std::snprintf(text, sizeof text, "%.0f journeys/s of %d writes",
                median.rate / kWrites, kWrites);
  row.finding = text;
  report.Add(std::move(row));
  // On a busy machine a short round ends before the first journey does.
  for (int more = 0; journeys.closed() == 0 && more < 20; more++) {
    (void)journeys.Run(plan.span);
  }
  if (journeys.closed() == 0) {
    Die("journeys", Error{Code::kInternal, "NONE", "none came to its end"});
  }
}

void AddWorklist(const Plan& plan, Engine engine, Report& report) {
  const auto stack = StartStack(engine, BenchPostgres());
  Numbers numbers{0};
  Pusher pusher(Agencies(*stack, plan.connections), numbers, "open");
  while (pusher.answered() < kWorklist) {
    (void)pusher.Bulk(
        256, {std::chrono::milliseconds(0), std::chrono::milliseconds(300)});
  }
  const auto hub = stack->As(support::kHub, support::kPerson);
  const Measured page =
      ClosedLoop(1, plan.span, Do([&](int) {
                   pb::ListContactsRequest request;
                   request.set_area(support::kArea);
                   request.mutable_purpose()->set_purpose("safeguarding");
                   request.mutable_purpose()->set_lawful_basis("public_task");
                   request.set_worklist(pb::WORKLIST_OPEN);
                   pb::ListContactsResponse response;
                   return hub->Call(std::string(kReferrals) + "ListContacts",
                                    request, response)
                              .has_value() &&
                          response.contacts_size() == 50;
                 }));
  Row row =
      RowOf("first page of 10,000 open contacts", NameOf(engine), 1, page);
  row.target = "p99 < 20 ms";
  row.met = page.p99_ms < 20 && page.failed == 0;
  report.Add(std::move(row));
}

// ---- the census ----

// An invented return: every child with an assessment, every third with an
// enquiry, a conference and a plan.
void WriteCensus(const std::string& path, std::int64_t children) {
  using census::Column;
  using census::Table;
  std::ofstream out(path);
  census::Row header(Table::kHeader, 0);
  header.Set(Column::kCollection, "CIN");
  header.Set(Column::kYear, "2018");
  header.Set(Column::kReferenceDate, "2018-03-31");
  header.Set(Column::kLEA, "890");
  census::XmlWriter writer(out, 2018, header);
  for (std::int64_t i = 0; i < children; i++) {
    const Date referred = *ParseDate("2017-04-03") + std::chrono::days(i % 200);
    census::ChildRecord child;
    const auto row = [&](Table table) -> census::Row& {
      census::Row& one = child.Add(table);
      one.Set(Column::kLAchildID, "TEST" + std::to_string(i));
      one.Set(Column::kCINdetailsID, "1");
      return one;
    };
    census::Row& self = row(Table::kChildIdentifiers);
    self.Set(Column::kPersonBirthDate,
             *ParseDate("2005-01-01") + std::chrono::days(i % 4000));
    self.Set(Column::kGenderCurrent, i % 2 ? "1" : "2");
    row(Table::kChildCharacteristics).Set(Column::kEthnicity, "WBRI");
    census::Row& details = row(Table::kCINdetails);
    details.Set(Column::kCINreferralDate, referred);
    details.Set(Column::kReferralSource, "2A");
    details.Set(Column::kPrimaryNeedCode, "N1");
    details.Set(Column::kReferralNFA, "0");
    census::Row& assessment = row(Table::kAssessments);
    assessment.Set(Column::kAssessmentID, "1");
    assessment.Set(Column::kAssessmentActualStartDate, referred);
    assessment.Set(Column::kAssessmentAuthorisationDate,
                   referred + std::chrono::days(30));
    census::Row& factor = row(Table::kAssessmentFactorsList);
    factor.Set(Column::kAssessmentID, "1");
    factor.Set(Column::kAssessmentFactor, "3A");
    if (i % 3 == 0) {
      const Date conference = referred + std::chrono::days(14);
      census::Row& enquiry = row(Table::kSection47);
      enquiry.Set(Column::kS47ActualStartDate, referred);
      enquiry.Set(Column::kDateOfInitialCPC, conference);
      enquiry.Set(Column::kICPCnotRequired, "0");
      census::Row& protection = row(Table::kChildProtectionPlans);
      protection.Set(Column::kCPPID, "1");
      protection.Set(Column::kCPPstartDate, conference);
      protection.Set(Column::kInitialCategoryOfAbuse, "NEG");
      protection.Set(Column::kLatestCategoryOfAbuse, "NEG");
      protection.Set(Column::kNumberOfPreviousCPP, "0");
    }
    writer.Child(child);
  }
  writer.Finish();
}

// A command to its end: how long it took, and its memory at most.
struct Ran {
  Seconds time{0};
  double megabytes = 0;
};

Ran RunCensus(std::vector<std::string> words, const std::string& output) {
  const auto start = std::chrono::steady_clock::now();
  auto process =
      Must("starting the client", support::Process::Start({words, {}, output}));
  Ran ran;
  for (;;) {
    std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) {
        ran.megabytes = std::max(ran.megabytes,
                                 std::strtod(line.c_str() + 6, nullptr) / 1024);
      }
    }
    if (const auto ending = process.Wait(std::chrono::milliseconds(50))) {
      ran.time = std::chrono::steady_clock::now() - start;
      // 1: there were findings.
      if (ending->code != 0 && ending->code != 1) {
        std::ifstream said(output);
        Die("census",
            Error{Code::kInternal, "FAILED",
                  "exit " + std::to_string(ending->code) + ": " +
                      std::string(std::istreambuf_iterator<char>(said), {})});
      }
      return ran;
    }
  }
}

void AddCensus(const Plan& plan, Engine engine, Report& report) {
  const std::int64_t children = plan.contacts / 10;
  const support::TemporaryFolder folder;
  const std::string file = folder.File("census.xml");
  WriteCensus(file, children);
  const auto stack = StartStack(engine, BenchPostgres());
  const rpc::ClientSettings caller = stack->SettingsOf("frontdoor/import/hub");
  const std::string cli = Program("cli/seawall-cli");
  const auto add = [&](const char* name, const Ran& ran,
                       const std::string& engine_name) {
    Row row{name, engine_name};
    row.rate = static_cast<double>(children) / ran.time.count();
    char text[96];
    std::snprintf(text, sizeof text, "%lld children in %.1f s, client %.0f MB",
                  static_cast<long long>(children), ran.time.count(),
                  ran.megabytes);
    row.finding = text;
    report.Add(std::move(row));
  };
  add("census check (children)",
      RunCensus({cli, "census", "check", file}, folder.File("check.txt")), "");
  add("census import (children)",
      RunCensus({cli, "--address=" + stack->address(),
                 "--certificate=" + caller.certificate, "--key=" + caller.key,
                 "--ca=" + caller.ca, "--area=" + std::string(support::kArea),
                 "census", "import", file},
                folder.File("import.txt")),
      NameOf(engine));
  if (stack->Number("select count(*) from episodes") != children) {
    Die("census import",
        Error{Code::kInternal, "LOST", "children are missing"});
  }
}

}  // namespace

void Journey(const Plan& plan, Report& report) {
  for (const Engine engine : plan.stores) {
    AddJourneys(plan, engine, report);
    AddWorklist(plan, engine, report);
    AddCensus(plan, engine, report);
  }
}

}  // namespace seawall::load
