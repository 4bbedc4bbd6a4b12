// The counters under load, and everything with many contacts stored.
#include <seawall/common/v1/figures.pb.h>
#include <seawall/common/v1/operations.pb.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include "cli/progress.h"
#include "cli/terminal.h"
#include "libs/base/civil.h"
#include "tests/load/sections.h"
#include "tests/support/eventually.h"
#include "tests/system/forms.h"

namespace seawall::load {
namespace {

namespace common = ::seawall::common::v1;
using store::Engine;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr char kFigures[] = "seawall.common.v1.FiguresService/GetFigures";
constexpr char kRebuild[] =
    "seawall.common.v1.OperationsService/RebuildCounters";
constexpr char kVerify[] = "seawall.common.v1.OperationsService/VerifyCounters";
constexpr std::chrono::milliseconds kLongCall{600'000};

common::GetFiguresRequest FiguresOf(const std::string& start,
                                    const std::string& end,
                                    common::FigureSource source) {
  common::GetFiguresRequest request;
  request.set_area(support::kArea);
  request.set_start_date(start);
  request.set_end_date(end);
  request.set_source(source);
  return request;
}

std::unique_ptr<rpc::Client> LongCaller(const support::Stack& stack,
                                        const char* caller) {
  rpc::ClientSettings settings = stack.SettingsOf(caller);
  settings.timeout = kLongCall;
  return Must("connecting", rpc::Client::Connect(settings));
}

// ---- behind ----

// Compares what was acknowledged with what the figure of contacts says.
class Watch {
 public:
  Watch(const support::Stack& stack, const Pusher& pusher)
      : ops_(stack.As(support::kOps)), pusher_(pusher) {
    const std::string today = FormatDate(CivilDate(SystemClock().Now()));
    request_ = FiguresOf(today.substr(0, 8) + "01", today,
                         common::FIGURE_SOURCE_COUNTERS);
    request_.add_measures("contacts");
  }

  // Since when the figure has been too low; and asks again.
  Seconds Look() {
    const auto now = Clock::now();
    const std::int64_t answered = pusher_.answered();
    known_.push_back({now, answered});
    common::GetFiguresResponse response;
    Must("figures", ops_->Call(kFigures, request_, response));
    counted_ = response.figures(0).numerator();
    while (!known_.empty() && known_.front().answered <= counted_)
      known_.pop_front();
    return known_.empty() ? Seconds(0) : Clock::now() - known_.front().time;
  }
  bool Level() const { return counted_ >= pusher_.answered(); }

 private:
  struct Known {
    Clock::time_point time;
    std::int64_t answered;
  };
  const std::unique_ptr<rpc::Client> ops_;
  const Pusher& pusher_;
  common::GetFiguresRequest request_;
  std::deque<Known> known_;
  std::int64_t counted_ = 0;
};

struct Lag {
  Seconds worst{0};
  Seconds level_after{0};
  Measured intake;
};

Lag MeasureLag(const support::Stack& stack, const Plan& plan) {
  Numbers numbers{0};
  Pusher pusher(Agencies(stack, plan.connections), numbers, "lag");
  Watch watch(stack, pusher);
  Lag lag;
  std::atomic<bool> loaded{true};
  std::thread watching([&] {
    while (loaded) {
      lag.worst = std::max(lag.worst, watch.Look());
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  lag.intake = pusher.Unary(64, {plan.span.warm_up, 2 * plan.span.time});
  const auto ended = Clock::now();
  loaded = false;
  watching.join();
  support::Eventually([&] {
    watch.Look();
    return watch.Level();
  });
  lag.level_after = Clock::now() - ended;
  return lag;
}

// ---- many ----

// A year in the middle of what was loaded.
constexpr char kYearStart[] = "2017-04-01";
constexpr char kYearEnd[] = "2018-03-31";
const Date kFirstDay = Date(std::chrono::year(2015) / 4 / 1);
constexpr std::int64_t kYears = 6;

Instant PastTime(std::int64_t number, std::int64_t of) {
  const std::chrono::microseconds span = std::chrono::hours(24 * 365 * kYears);
  return Instant(kFirstDay) + span / of * number;
}

// Those of numbers [from, contacts).
void Load(const support::Stack& stack, std::int64_t from,
          std::int64_t contacts) {
  constexpr int kStreams = 4;
  constexpr const char* kImporters[] = {
      "police/import/referrer", "school/import/referrer",
      "hospital/import/referrer", "housing/import/referrer"};
  cli::Progress progress(std::cerr, cli::TerminalWidth(STDERR_FILENO),
                         "storing contacts", contacts - from);
  std::atomic<std::int64_t> next{from}, stored{from};
  std::vector<std::thread> threads;
  for (int i = 0; i < kStreams; i++) {
    threads.emplace_back([&, i] {
      const auto client = stack.As(kImporters[i]);
      const auto bulk = client->OpenBulk(
          support::kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
          [&](const google::protobuf::Message& message) {
            if (static_cast<const pb::SubmitContactsResponse&>(message)
                    .has_error())
              return;
            stored++;
            progress.Add();
          });
      Form form;
      pb::SubmitContactsRequest item;
      for (std::int64_t at; (at = next++) < contacts;) {
        auto& request = form.Past(at, "many", PastTime(at, contacts));
        item.mutable_contact()->Swap(&request);
        const bool written = bulk->Write(item);
        item.mutable_contact()->Swap(&request);
        if (!written) break;
      }
      Must("storing contacts", bulk->Finish());
    });
  }
  for (std::thread& thread : threads) thread.join();
  progress.Clear();
  if (stored < contacts) {
    Die("storing contacts",
        Error{Code::kInternal, "NOT_ALL", "some were refused"});
  }
}

Measured YearOf(const support::Stack& stack, common::FigureSource source,
                Span span) {
  const auto board = LongCaller(stack, support::kBoard);
  const auto request = FiguresOf(kYearStart, kYearEnd, source);
  common::GetFiguresResponse response;
  return ClosedLoop(1, span, Do([&](int) {
                      response.Clear();
                      const auto answered =
                          board->Call(kFigures, request, response);
                      if (!answered) Die("figures", answered.error());
                      return response.figures_size() > 0 &&
                             response.figures(0).source() == source;
                    }));
}

double ResidentMegabytes(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

void AddFigures(const Plan& plan, const support::Stack& stack,
                const std::string& store, Report& report) {
  const Measured counters =
      YearOf(stack, common::FIGURE_SOURCE_COUNTERS, plan.span);
  // Each takes long: one warms up, the others are measured.
  const Measured records =
      YearOf(stack, common::FIGURE_SOURCE_RECORDS,
             {std::chrono::milliseconds(0), std::chrono::seconds(20)});
  Row from_counters =
      RowOf("figures of a year, from counters", store, 1, counters);
  from_counters.floor_name = "the same from records (p50)";
  from_counters.floor = records.rate;
  from_counters.ratio =
      counters.p50_ms > 0 ? records.p50_ms / counters.p50_ms : 0;
  from_counters.target = "p99 < 5 ms, >= 100 times faster than records";
  from_counters.met = counters.p99_ms < 5 && from_counters.ratio >= 100;
  report.Add(std::move(from_counters));
  report.Add(RowOf("figures of a year, from records", store, 1, records));
}

void AddRebuild(support::Stack& stack, const std::string& store,
                Report& report) {
  const auto ops = LongCaller(stack, support::kOps);
  common::RebuildCountersRequest request;
  request.set_area(support::kArea);
  common::RebuildCountersResponse response;
  Must("flushing Redis", stack.redis().Flush());
  Must("rebuilding", ops->Call(kRebuild, request, response));
  Row row{"rebuild from an empty Redis (events)", store};
  row.rate = static_cast<double>(response.events()) / response.seconds();
  row.target = ">= 100,000/s";
  row.met = row.rate >= 100'000;
  report.Add(std::move(row));
}

void AddDrift(const support::Stack& stack, const std::string& store,
              Report& report) {
  const auto ops = LongCaller(stack, support::kOps);
  common::VerifyCountersRequest request;
  request.set_area(support::kArea);
  common::VerifyCountersResponse response;
  Must("verifying", ops->Call(kVerify, request, response));
  Row row{"counters against records", store};
  row.finding = "drift " + std::to_string(response.drift()) + " over " +
                std::to_string(response.counters_compared()) + " counters";
  row.target = "0";
  row.met = response.drift() == 0;
  report.Add(std::move(row));
}

// ---- look-ups, one at a time ----

constexpr int kLooks = 300;
constexpr char kFind[] = "seawall.referrals.v1.ReferralsService/FindContacts";

struct Looks {
  Measured get, find, decide;
};

// Asks kLooks times; `ask` says whether it was answered.
Measured Time(const std::function<bool(std::size_t)>& ask) {
  std::vector<float> times;
  Measured measured;
  for (std::size_t i = 0; i < kLooks; i++) {
    const auto begun = Clock::now();
    if (!ask(i)) measured.failed++;
    times.push_back(
        std::chrono::duration<float, std::milli>(Clock::now() - begun).count());
  }
  measured.p50_ms = Percentile(times, 0.5);
  measured.p99_ms = Percentile(times, 0.99);
  measured.done = kLooks;
  return measured;
}

// Of contacts that were stored last, each of another child.
Looks MeasureLooks(const support::Stack& stack, const std::string& run) {
  const auto police = stack.As(support::kPolice);
  const auto hub = stack.As(support::kHub, support::kPerson);
  Form form;
  std::vector<std::string> ids;
  std::vector<pb::Child> children;
  for (int i = 0; i < kLooks; i++) {
    // Other children in each run.
    const auto& request =
        form.About(700'000'000 + (run == "few" ? 0 : kLooks) + i, run);
    pb::SubmitContactResponse response;
    Must("pushing", police->Call(support::kSubmit, request, response));
    ids.push_back(response.receipts(0).contact_id());
    children.push_back(request.form().children(0));
  }
  const auto fill = [](auto& request) {
    request.set_area(support::kArea);
    request.mutable_purpose()->set_purpose("safeguarding");
    request.mutable_purpose()->set_lawful_basis("public_task");
  };
  Looks looks;
  looks.get = Time([&](std::size_t i) {
    pb::GetContactRequest request;
    pb::GetContactResponse response;
    fill(request);
    request.set_contact_id(ids[i]);
    return hub->Call(support::kGet, request, response).has_value();
  });
  looks.find = Time([&](std::size_t i) {
    pb::FindContactsRequest request;
    pb::FindContactsResponse response;
    fill(request);
    request.set_nhs_number(children[i].nhs_number());
    request.set_family_name(children[i].family_name());
    request.set_given_name(children[i].given_name());
    request.set_date_of_birth(children[i].date_of_birth());
    return hub->Call(kFind, request, response).has_value() &&
           response.contacts_size() > 0;
  });
  looks.decide = Time([&](std::size_t i) {
    pb::DecideContactRequest request;
    pb::DecideContactResponse response;
    request.set_area(support::kArea);
    request.set_request_id(run + "-decide-" + std::to_string(i));
    request.set_contact_id(ids[i]);
    request.set_decision(pb::DECISION_INFORMATION_AND_ADVICE);
    request.set_rationale("Invented: help from the school is enough.");
    request.set_triage_decision("Invented: a third report from that address.");
    return hub->Call(support::kDecide, request, response).has_value();
  });
  return looks;
}

void AddLook(const std::string& name, const std::string& store,
             const Measured& many, const Measured& few, Report& report) {
  Row row = RowOf(name + " with many stored", store, 1, many);
  row.floor_name = "with 10,000 stored (p50)";
  row.floor = few.p50_ms;
  row.ratio = few.p50_ms > 0 ? many.p50_ms / few.p50_ms : 0;
  row.target = "<= 1.5 x of few";
  row.met = row.ratio <= 1.5 && many.failed == 0;
  report.Add(std::move(row));
}

// How long it takes, and how many runs of keys are left then.
void AddMerging(const support::Stack& stack, const std::string& store,
                Report& report) {
  const std::string runs = "select count(distinct run) from contact_keys";
  const std::int64_t before = stack.Number(runs);
  const auto begun = Clock::now();
  std::int64_t left = before;
  // Until nothing moves any more.
  const std::string moved =
      "select coalesce(sum(merged * 1000003 + moved_hash % 1000003), 0) from "
      "contact_key_levels";
  std::int64_t last = -1;
  support::Eventually(
      [&] {
        std::this_thread::sleep_for(std::chrono::seconds(2));
        return last == std::exchange(last, stack.Number(moved));
      },
      std::chrono::minutes(15));
  left = stack.Number(runs);
  Row row{"keys of contacts merged", store};
  char text[96];
  std::snprintf(text, sizeof text, "%lld runs became %lld in %.0f s",
                static_cast<long long>(before), static_cast<long long>(left),
                Seconds(Clock::now() - begun).count());
  row.finding = text;
  report.Add(std::move(row));
}

// Full and empty in turn.
void AddIntake(const Plan& plan, const support::Stack& full, Engine engine,
               Report& report) {
  const auto empty = StartStack(engine, BenchPostgres());
  Numbers numbers{plan.contacts};
  Pusher into_full(Agencies(full, plan.connections), numbers, "full");
  Pusher into_empty(Agencies(*empty, plan.connections), numbers, "empty");
  std::vector<Measured> with_many, with_none;
  for (int round = 0; round < plan.rounds; round++) {
    with_none.push_back(into_empty.Unary(64, plan.span));
    with_many.push_back(into_full.Unary(64, plan.span));
  }
  Row row = RowOf("SubmitContact with many stored", NameOf(engine), 64,
                  Median(with_many));
  SetFloor(row, "SubmitContact on an empty store", Median(with_none));
  row.target = ">= 0.85 of empty";
  row.met = row.ratio >= 0.85;
  report.Add(std::move(row));
}

void AddMemory(support::Stack& stack, const std::string& store,
               Report& report) {
  const double megabytes = ResidentMegabytes(stack.service().pid());
  char text[32];
  std::snprintf(text, sizeof text, "%.0f MB", megabytes);
  Row row{"resident memory of the service then", store};
  row.finding = text;
  row.target = "< 150 MB";
  row.met = megabytes < 150;
  report.Add(std::move(row));
}

}  // namespace

void CountersBehind(const Plan& plan, Report& report) {
  for (const Engine engine : plan.stores) {
    const auto stack = StartStack(engine, BenchPostgres());
    const Lag lag = MeasureLag(*stack, plan);
    Row row = RowOf("counters behind under full load", NameOf(engine), 64,
                    lag.intake);
    char text[64];
    std::snprintf(text, sizeof text, "%.2f s at worst, level %.2f s after",
                  lag.worst.count(), lag.level_after.count());
    row.finding = text;
    row.target = "<= 1 s, level within 2 s";
    row.met = lag.worst.count() <= 1 && lag.level_after.count() <= 2;
    report.Add(std::move(row));
  }
}

void Many(const Plan& plan, Report& report) {
  for (const Engine engine : plan.stores) {
    const std::string store = NameOf(engine);
    const auto stack = StartStack(engine, BenchPostgres());
    const std::int64_t few = std::min<std::int64_t>(10'000, plan.contacts);
    Load(*stack, 0, few);
    const Looks with_few = MeasureLooks(*stack, "few");
    Load(*stack, few, plan.contacts);
    Row stored{"contacts stored", store};
    stored.finding = std::to_string(plan.contacts);
    report.Add(std::move(stored));
    AddRebuild(*stack, store, report);
    AddFigures(plan, *stack, store, report);
    // While keys are still being merged.
    AddIntake(plan, *stack, engine, report);
    AddMerging(*stack, store, report);
    const Looks with_many = MeasureLooks(*stack, "many");
    AddLook("GetContact", store, with_many.get, with_few.get, report);
    AddLook("FindContacts", store, with_many.find, with_few.find, report);
    AddLook("DecideContact", store, with_many.decide, with_few.decide, report);
    AddMemory(*stack, store, report);
    AddDrift(*stack, store, report);
  }
}

}  // namespace seawall::load
