#include "demo/pushing.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "cli/errors.h"
#include "cli/progress.h"

namespace seawall::demo {
namespace {

namespace pb = referrals::v1;
using cli::PushAnswer;
using cli::PushItem;

double Seconds(const cli::Progress& progress) {
  return std::max(progress.elapsed().count(), 0.001);
}

Error Named(const std::string& request_id, Error error) {
  error.message = request_id + ": " + error.message;
  return error;
}

// One push: the forms of every agency, and their answers.
class FormPush {
 public:
  FormPush(Agencies& agencies, const PushJob& job, cli::Progress& progress)
      : agencies_(agencies), job_(job), progress_(progress) {
    pushed_.answers.resize(job.forms.size());
    for (std::size_t i = 0; i < job.forms.size(); ++i) {
      by_agency_[job.forms[i].agency].push_back(i);
    }
  }

  Result<Pushed> Run() {
    std::vector<std::thread> threads;
    for (const auto& [agency, forms] : by_agency_) {
      threads.emplace_back([this, &agency, &forms] {
        if (auto done = PushAgency(agency, forms); !done) Fail(done.error());
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (error_) return *error_;
    pushed_.seconds = Seconds(progress_);
    return std::move(pushed_);
  }

 private:
  Result<void> PushAgency(const std::string& agency,
                          const std::vector<std::size_t>& forms) {
    std::size_t at = 0;
    cli::PushPlan plan;
    plan.next = [&]() -> std::optional<PushItem> {
      if (at == forms.size() || failed()) return std::nullopt;
      const std::size_t place = forms[at++];
      return PushItem{.where = std::to_string(place),
                      .request = SubmitRequest(job_.people, job_.forms[place],
                                               job_.received)};
    };
    plan.answered = [&](const PushItem& item, const PushAnswer& answer) {
      Answered(item, answer);
    };
    plan.first_patience = plan.patience;
    return cli::Push({&agencies_.of(agency)}, plan);
  }

  void Answered(const PushItem& item, const PushAnswer& answer) {
    if (!answer) return Fail(Named(item.request.request_id(), answer.error()));
    const std::size_t place = std::stoul(item.where);
    const std::lock_guard lock(mutex_);
    pushed_.answers[place] = *answer;
    pushed_.contacts += answer->receipts_size();
    progress_.Add(answer->receipts_size());
    if (job_.answered) job_.answered(place);
  }

  void Fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  bool failed() {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }

  Agencies& agencies_;
  const PushJob& job_;
  cli::Progress& progress_;
  std::map<std::string, std::vector<std::size_t>> by_agency_;
  std::mutex mutex_;
  Pushed pushed_;               // guarded by mutex_
  std::optional<Error> error_;  // guarded by mutex_
};

std::int64_t ContactsOf(const std::vector<PlannedForm>& forms) {
  std::int64_t contacts = 0;
  for (const PlannedForm& form : forms) contacts += std::ssize(form.contacts);
  return contacts;
}

}  // namespace

Result<Agencies> Agencies::Connect(const Stack& stack,
                                   const std::string& system) {
  Agencies agencies;
  for (const char* agency : kAgencies) {
    rpc::ClientSettings settings =
        stack.As(std::string(agency) + "-" + system + "-referrer");
    // cli::Push goes on after a break by itself.
    settings.wait_for_ready = false;
    TRY(agencies.remotes_[agency], cli::ConnectRemote(settings));
  }
  return agencies;
}

Result<Pushed> PushForms(Agencies& agencies, const PushJob& job,
                         const Screen& screen) {
  cli::Progress progress(screen.err, screen.err_width, job.label,
                         ContactsOf(job.forms));
  return FormPush(agencies, job, progress).Run();
}

}  // namespace seawall::demo
