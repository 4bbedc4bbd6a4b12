#include "demo/crash.h"

#include <seawall/common/v1/operations.pb.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "cli/methods.h"
#include "cli/text.h"
#include "demo/arrivals.h"
#include "demo/year.h"
#include "libs/base/ids.h"

namespace seawall::demo {
namespace {

using cli::Count;
using cli::Counted;
using std::chrono::days;

constexpr char kReplayed[] =
    R"(seawall_ledger_units_total{outcome="replayed"})";
constexpr std::size_t kReadBack = 100;

// What was answered until the server was started again.
class Acknowledged {
 public:
  explicit Acknowledged(std::size_t forms) : forms_(forms) {}

  void Add(std::size_t form) {
    const std::lock_guard lock(mutex_);
    if (frozen_) return;
    forms_[form] = true;
    ++count_;
    reached_.notify_all();
  }
  // False if it did not come to that.
  bool WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    return reached_.wait_for(lock, std::chrono::seconds(60),
                             [&] { return count_ >= count; });
  }
  void Freeze() {
    const std::lock_guard lock(mutex_);
    frozen_ = true;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  bool has(std::size_t form) const {
    const std::lock_guard lock(mutex_);
    return forms_[form];
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable reached_;
  std::vector<bool> forms_;
  std::size_t count_ = 0;
  bool frozen_ = false;
};

class CrashShow {
 public:
  explicit CrashShow(const CrashParts& parts)
      : parts_(parts),
        out_(parts.screen.out),
        today_(CivilDate(SystemClock().Now())),
        batch_(MakeBatch({.forms = parts.forms,
                          .seed = parts.seed,
                          .day = today_,
                          .name = NewName()})),
        acknowledged_(batch_.forms.size()) {}

  Result<bool> Show() {
    TRY(agencies_, Agencies::Connect(parts_.stack, "push"));
    // Counts by day are for operations; the board asks by month.
    TRY(ops_, rpc::Client::Connect(parts_.stack.As("ops-console-ops")));
    TRY_VOID(VerifyCounters(parts_.stack));
    TRY(const BothSides before, Today());
    before_ = before.counters.count("contacts");
    TRY_VOID(KillInTheMiddle());
    TRY_VOID(SendAgain());
    TRY_VOID(ShowOnce());
    TRY_VOID(ReadBack());
    TRY_VOID(ShowAccessLog());
    return checks_.all_met();
  }

 private:
  // Never used before: a second run pushes contacts of its own.
  static std::string NewName() {
    const SystemClock clock;
    return RandomIds(clock).New("today");
  }

  PushJob Job(const std::string& label) const {
    return {.label = label,
            .people = batch_.people,
            .forms = batch_.forms,
            .received = Received::kWhenPushed};
  }

  Result<BothSides> Today() {
    // Midnight may pass meanwhile.
    return AskBoth(*ops_, {.measures = {"contacts"},
                           .start = today_ - days(1),
                           .end = today_ + days(1)});
  }

  Result<void> KillInTheMiddle() {
    out_ << Count(parts_.forms)
         << " contacts of today, pushed by seven agencies at once:\n"
         << std::flush;
    PushJob job = Job("push");
    job.answered = [&](std::size_t form) { acknowledged_.Add(form); };
    // No bar: what happens meanwhile is told line by line.
    const Screen screen{out_, parts_.screen.err};
    auto pushing = std::async(
        std::launch::async, [&] { return PushForms(*agencies_, job, screen); });
    const Result<void> restarted = Restart();
    Result<Pushed> pushed = pushing.get();
    TRY_VOID(restarted);
    TRY(first_, std::move(pushed));
    TRY(const std::string metrics, parts_.stack.Metrics());
    replayed_ = SampleOf(metrics, kReplayed);
    const auto unanswered =
        parts_.forms - static_cast<std::int64_t>(acknowledged_.count());
    out_ << "  sent again     " << Counted(unanswered, "form")
         << " without an answer by then; "
         << Count(static_cast<std::int64_t>(replayed_))
         << " of them were stored already and got their first answer\n";
    return {};
  }

  Result<void> Restart() {
    const auto wanted = static_cast<std::size_t>(parts_.forms) * 2 / 5;
    if (!acknowledged_.WaitFor(wanted)) {
      return Error{Code::kDeadlineExceeded, "NOT_ANSWERED",
                   "the push did not get half way"};
    }
    TRY(const int killed, parts_.stack.KillService());
    // What was on its way to us is read by now or lost.
    acknowledged_.Freeze();
    const auto down = std::chrono::steady_clock::now();
    const auto answered = static_cast<std::int64_t>(acknowledged_.count());
    out_ << "  killed (-9)    process " << killed << ", "
         << checks_.Mark(Count(answered) + " acknowledged so far",
                         answered < parts_.forms)
         << '\n'
         << std::flush;
    TRY(const int started, parts_.stack.StartService());
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - down;
    out_ << "  started again  process " << started << ", serving after "
         << std::to_string(took.count()).substr(0, 4) << " s\n";
    return {};
  }

  // The first answer again, and no new contact: also for what was acknowledged
  // before the kill.
  Result<void> SendAgain() {
    TRY(const Pushed again, PushForms(*agencies_, Job("again"), parts_.screen));
    std::int64_t same = 0;
    std::size_t acknowledged = 0;
    for (std::size_t i = 0; i < batch_.forms.size(); ++i) {
      const bool equal = again.answers[i].SerializeAsString() ==
                         first_.answers[i].SerializeAsString();
      same += equal;
      acknowledged += equal && acknowledged_.has(i);
    }
    TRY(const std::string metrics, parts_.stack.Metrics());
    const double replays = SampleOf(metrics, kReplayed) - replayed_;
    out_ << "  all again      same request ids: "
         << checks_.Mark(Count(same) + " first answers", same == parts_.forms)
         << ", "
         << checks_.Mark(Count(static_cast<std::int64_t>(replays)) + " replays",
                         replays == parts_.forms)
         << ", of the acknowledged "
         << checks_.Mark(Count(static_cast<std::int64_t>(acknowledged)),
                         acknowledged == acknowledged_.count())
         << '\n';
    return {};
  }

  Result<void> ShowOnce() {
    TRY(const auto verified, VerifyCounters(parts_.stack));
    TRY(const BothSides after, Today());
    const auto once = [&](const Figures& side) {
      const std::int64_t stored = side.count("contacts") - before_;
      return checks_.Mark(Count(stored), stored == parts_.forms);
    };
    out_ << "  stored once    " << once(after.counters) << " in the counters, "
         << once(after.records) << " in the records, drift "
         << checks_.Mark(Count(verified.drift()), verified.drift() == 0)
         << '\n';
    TRY(const BothSides year, AskBoth(*ops_, {.measures = {"contacts"},
                                              .start = YearStart(),
                                              .end = YearEnd()}));
    const std::int64_t contacts = year.counters.count("contacts");
    out_ << "  the year       "
         << checks_.Mark(Count(contacts) + " contacts, as before",
                         contacts == parts_.year_contacts &&
                             year.records.count("contacts") == contacts)
         << '\n';
    return {};
  }

  // By the agency that sent it, of those acknowledged before the kill.
  Result<void> ReadBack() {
    std::int64_t asked = 0;
    std::int64_t there = 0;
    const std::size_t step =
        std::max<std::size_t>(1, batch_.forms.size() / (2 * kReadBack));
    for (std::size_t i = 0; i < batch_.forms.size(); i += step) {
      if (!acknowledged_.has(i)) continue;
      ++asked;
      TRY(const bool same, IsThere(i));
      there += same;
    }
    out_ << "  read back      "
         << checks_.Mark(Count(there) + " of " + Count(asked),
                         there == asked && asked > 0)
         << " acknowledged ones asked for by the agency that sent them\n";
    return {};
  }

  Result<bool> IsThere(std::size_t place) {
    const PlannedForm& form = batch_.forms[place];
    referrals::v1::GetMyContactRequest request;
    request.set_area(kArea);
    request.mutable_purpose()->set_purpose("safeguarding");
    request.mutable_purpose()->set_lawful_basis("public_task");
    request.set_contact_id(first_.answers[place].receipts(0).contact_id());
    referrals::v1::GetMyContactResponse response;
    TRY_VOID(
        agencies_->of(form.agency).Call(cli::kGetMyContact, request, response));
    const auto sent =
        SubmitRequest(batch_.people, form, Received::kWhenPushed).form();
    const auto& got = response.contact().form();
    return got.children_size() == 1 &&
           got.children(0).SerializeAsString() ==
               sent.children(0).SerializeAsString() &&
           got.concern().SerializeAsString() ==
               sent.concern().SerializeAsString();
  }

  Result<void> ShowAccessLog() {
    TRY(const auto ops,
        rpc::Client::Connect(parts_.stack.As("ops-console-ops")));
    common::v1::VerifyAccessLogRequest request;
    request.set_area(kArea);
    common::v1::VerifyAccessLogResponse response;
    TRY_VOID(ops->Call(cli::kVerifyAccessLog, request, response));
    out_ << "  access log     " << Count(response.entries())
         << " entries, their chain is "
         << checks_.Mark(response.intact() ? "intact" : "broken",
                         response.intact())
         << "\n\n";
    return {};
  }

  const CrashParts& parts_;
  std::ostream& out_;
  const Date today_;
  const Batch batch_;
  std::optional<Agencies> agencies_;
  std::unique_ptr<rpc::Client> ops_;
  std::int64_t before_ = 0;
  Acknowledged acknowledged_;
  Pushed first_;
  double replayed_ = 0;
  Checks checks_;
};

}  // namespace

Result<bool> ShowCrash(const CrashParts& parts) {
  return CrashShow(parts).Show();
}

}  // namespace seawall::demo
