#include "tests/load/pusher.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/ports.h"
#include "tests/system/forms.h"

namespace seawall::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kCallers[] = {
    "police/push/referrer", "school/push/referrer", "hospital/push/referrer",
    "housing/push/referrer"};

constexpr std::chrono::seconds kPatience{10};

// The unanswered items of one stream: when each was sent.
class Sent {
 public:
  explicit Sent(std::size_t limit) : limit_(limit) {}

  // Waits until there is room; false if there is none for long.
  bool Add() {
    std::unique_lock lock(mutex_);
    if (!room_.wait_for(lock, kPatience,
                        [this] { return times_.size() < limit_; }))
      return false;
    times_.push_back(Clock::now());
    return true;
  }
  Clock::time_point Remove() {
    const std::lock_guard lock(mutex_);
    const auto time = times_.front();
    times_.pop_front();
    room_.notify_one();
    return time;
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Clock::time_point> times_;  // guarded by mutex_
};

// What one stream saw.
struct StreamResult {
  std::vector<float> took_ms;
  std::int64_t failed = 0;
};

}  // namespace

void Die(const std::string& what, const Error& error) {
  std::fprintf(stderr, "%s: %s: %s\n", what.c_str(), error.reason.c_str(),
               error.message.c_str());
  std::exit(1);
}

std::string Program(const std::string& name) {
  const char* build = std::getenv("SEAWALL_BUILD");
  const std::string folder = build ? build : ".seawall/build/release";
  return folder + "/" + name;
}

std::vector<rpc::ClientSettings> Agencies(const support::Stack& stack,
                                          int connections) {
  std::vector<rpc::ClientSettings> all;
  for (int i = 0; i < connections; i++) {
    all.push_back(stack.SettingsOf(kCallers[i]));
    all.back().wait_for_ready = false;
  }
  return all;
}

Result<std::unique_ptr<Echo>> Echo::Start() {
  const int port = support::FreePort();
  const auto& own = support::CertificateOf("service/referrals");
  TRY(support::Process process,
      support::Process::Start(
          {.words = {Program("tests/load/seawall-echo"),
                     "127.0.0.1:" + std::to_string(port), own.certificate_file,
                     own.key_file,
                     support::StackAuthority().certificate_file()}}));
  if (!support::Eventually([port] { return support::Listens(port); })) {
    return Error{Code::kUnavailable, "NOT_STARTED", "the echo does not listen"};
  }
  return std::unique_ptr<Echo>(new Echo(std::move(process), port));
}

std::vector<rpc::ClientSettings> Echo::Settings(int connections) const {
  std::vector<rpc::ClientSettings> all;
  for (int i = 0; i < connections; i++) {
    const auto& certificate = support::CertificateOf(kCallers[i]);
    rpc::ClientSettings settings;
    settings.address = "127.0.0.1:" + std::to_string(port_);
    settings.certificate = certificate.certificate_file;
    settings.key = certificate.key_file;
    settings.ca = support::StackAuthority().certificate_file();
    settings.server_name = "localhost";
    settings.wait_for_ready = false;
    settings.connection = 10'000 + i;
    all.push_back(std::move(settings));
  }
  return all;
}

// ---- pushing ----

struct Pusher::Lane {
  Form form;
  pb::SubmitContactResponse response;
  std::vector<std::string> ids;
};

Pusher::Pusher(const std::vector<rpc::ClientSettings>& connections,
               Numbers& numbers, std::string run)
    : numbers_(numbers), run_(std::move(run)) {
  for (const auto& settings : connections)
    clients_.push_back(Must("connecting", rpc::Client::Connect(settings)));
}

Pusher::~Pusher() = default;

void Pusher::Reserve(int lanes) {
  while (lanes_.size() < static_cast<std::size_t>(lanes))
    lanes_.push_back(std::make_unique<Lane>());
}

void Pusher::Begin(int number, Finished finished) {
  Lane& lane = *lanes_[static_cast<std::size_t>(number)];
  const auto& request = lane.form.About(++numbers_, run_);
  lane.response.Clear();
  rpc::Client& client =
      *clients_[static_cast<std::size_t>(number) % clients_.size()];
  client.CallAsync(
      support::kSubmit, request, &lane.response,
      [this, &lane, finished = std::move(finished)](Result<void> answered) {
        if (answered) answered_++;
        if (answered && keep_)
          lane.ids.push_back(lane.response.receipts(0).contact_id());
        finished(answered.has_value());
      });
}

Measured Pusher::Unary(int in_flight, Span span) {
  Reserve(in_flight);
  return ClosedLoop(in_flight, span,
                    load::Begin([this](int lane, Finished finished) {
                      Begin(lane, std::move(finished));
                    }));
}

Measured Pusher::Open(double rate, Span span) {
  // Lanes come round again only when they have long been answered.
  const int lanes = static_cast<int>(rate) * 2 + 64;
  Reserve(lanes);
  return OpenLoop(rate, lanes, span,
                  load::Begin([this](int lane, Finished finished) {
                    Begin(lane, std::move(finished));
                  }));
}

std::vector<std::string> Pusher::TakeIds() {
  std::vector<std::string> ids;
  for (const auto& lane : lanes_) {
    ids.insert(ids.end(), lane->ids.begin(), lane->ids.end());
    lane->ids.clear();
  }
  return ids;
}

Measured Pusher::Bulk(int in_flight, Span span) {
  const auto from = Clock::now() + span.warm_up, until = from + span.time;
  std::vector<StreamResult> results(clients_.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients_.size(); i++) {
    threads.emplace_back([&, i] {
      StreamResult& result = results[i];
      Sent sent(static_cast<std::size_t>(in_flight) / clients_.size());
      const auto bulk = clients_[i]->OpenBulk(
          support::kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
          [&](const google::protobuf::Message& message) {
            const auto now = Clock::now();
            const auto begun = sent.Remove();
            if (static_cast<const pb::SubmitContactsResponse&>(message)
                    .has_error()) {
              result.failed++;
              return;
            }
            answered_++;
            if (now < from || now >= until) return;
            result.took_ms.push_back(
                std::chrono::duration<float, std::milli>(now - begun).count());
          });
      Form form;
      pb::SubmitContactsRequest item;
      while (Clock::now() < until && sent.Add()) {
        auto& request = form.About(++numbers_, run_);
        item.mutable_contact()->Swap(&request);
        const bool written = bulk->Write(item);
        item.mutable_contact()->Swap(&request);
        if (!written) break;
      }
      if (!bulk->Finish()) result.failed++;
    });
  }
  for (std::thread& thread : threads) thread.join();
  Measured measured;
  std::vector<float> all;
  for (const StreamResult& result : results) {
    all.insert(all.end(), result.took_ms.begin(), result.took_ms.end());
    measured.failed += result.failed;
  }
  measured.done = static_cast<std::int64_t>(all.size());
  measured.rate = static_cast<double>(all.size()) /
                  std::chrono::duration<double>(span.time).count();
  measured.p50_ms = Percentile(all, 0.5);
  measured.p99_ms = Percentile(all, 0.99);
  return measured;
}

}  // namespace seawall::load
