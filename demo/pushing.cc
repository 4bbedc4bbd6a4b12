#include "demo/pushing.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/progress.h"

namespace seawall::demo {
namespace {

namespace pb = referrals::v1;
using cli::PushAnswer;
using cli::PushItem;

constexpr std::size_t kInFlight = 64;

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

// What is to be done about one child, in its order.
struct Step {
  std::size_t form = 0;
  std::size_t contact = 0;
  bool closes = false;
  Instant at;
};

using Chains = std::vector<std::vector<Step>>;

Chains MakeChains(const std::vector<PlannedForm>& forms) {
  std::map<int, std::vector<Step>> by_child;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    for (std::size_t j = 0; j < forms[i].contacts.size(); ++j) {
      const PlannedContact& contact = forms[i].contacts[j];
      if (!contact.decided) continue;
      auto& steps = by_child[contact.child];
      steps.push_back({i, j, false, *contact.decided});
      if (contact.closed) {
        steps.push_back({i, j, true, EndOfDay(*contact.closed)});
      }
    }
  }
  Chains chains;
  for (auto& [child, steps] : by_child) {
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.at < b.at; });
    chains.push_back(std::move(steps));
  }
  return chains;
}

// Runs chains with so many calls in flight; the next step of a chain is sent
// when the one before is answered.
class ChainRunner {
 public:
  ChainRunner(rpc::Client& hub, const std::vector<PlannedForm>& forms,
              const Pushed& pushed, cli::Progress& progress)
      : hub_(hub),
        forms_(forms),
        pushed_(pushed),
        progress_(progress),
        chains_(MakeChains(forms)) {}

  Result<Decided> Run() {
    for (std::size_t i = 0; i < kInFlight; ++i) StartChain();
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return running_ == 0; });
    if (error_) return *error_;
    decided_.seconds = Seconds(progress_);
    return decided_;
  }

 private:
  // One chain under way.
  struct Runner {
    const std::vector<Step>* steps = nullptr;
    std::size_t at = 0;
    // Episodes that its referrals opened, by form and contact.
    std::map<std::pair<std::size_t, std::size_t>, std::string> episodes = {};
    pb::DecideContactResponse decided = {};
    pb::CloseEpisodeResponse closed = {};
  };
  using Shared = std::shared_ptr<Runner>;

  void StartChain() {
    auto runner = std::make_shared<Runner>();
    {
      const std::lock_guard lock(mutex_);
      if (next_ == chains_.size() || error_) return;
      runner->steps = &chains_[next_++];
      ++running_;
    }
    Send(runner);
  }

  void Send(const Shared& runner) {
    const Step& step = (*runner->steps)[runner->at];
    const auto done = [this, runner](Result<void> result) {
      Done(runner, std::move(result));
    };
    const PlannedForm& form = forms_[step.form];
    if (step.closes) {
      runner->closed.Clear();
      hub_.CallAsync(cli::kCloseEpisode,
                     CloseRequest(form, step.contact,
                                  runner->episodes[{step.form, step.contact}]),
                     &runner->closed, done);
      return;
    }
    runner->decided.Clear();
    const auto& receipts = pushed_.answers[step.form].receipts();
    hub_.CallAsync(
        cli::kDecideContact,
        DecideRequest(form, step.contact,
                      receipts[static_cast<int>(step.contact)].contact_id()),
        &runner->decided, done);
  }

  void Done(const Shared& runner, Result<void> result) {
    const Step& step = (*runner->steps)[runner->at];
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      if (!result && !error_) {
        error_ = Named(forms_[step.form].request_id, result.error());
      }
      if (result) Note(*runner, step);
      more = !error_ && ++runner->at < runner->steps->size();
    }
    if (more) return Send(runner);
    StartChain();
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) idle_.notify_all();
  }

  void Note(Runner& runner, const Step& step) {
    progress_.Add();
    if (step.closes) {
      ++decided_.closures;
      return;
    }
    ++decided_.decisions;
    const PlannedContact& contact = forms_[step.form].contacts[step.contact];
    decided_.re_referrals += runner.decided.re_referral();
    decided_.surprises += runner.decided.re_referral() != contact.re_referral ||
                          runner.decided.changed_episode_ids_size() > 0;
    runner.episodes[{step.form, step.contact}] = runner.decided.episode_id();
  }

  rpc::Client& hub_;
  const std::vector<PlannedForm>& forms_;
  const Pushed& pushed_;
  cli::Progress& progress_;
  const Chains chains_;

  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t next_ = 0;        // guarded by mutex_
  int running_ = 0;             // guarded by mutex_
  Decided decided_;             // guarded by mutex_
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

Result<Decided> DecideForms(rpc::Client& hub, const std::string& label,
                            const std::vector<PlannedForm>& forms,
                            const Pushed& pushed, const Screen& screen) {
  std::int64_t steps = 0;
  for (const PlannedForm& form : forms) {
    for (const PlannedContact& contact : form.contacts) {
      steps += contact.decided.has_value() + contact.closed.has_value();
    }
  }
  cli::Progress progress(screen.err, screen.err_width, label, steps);
  return ChainRunner(hub, forms, pushed, progress).Run();
}

}  // namespace seawall::demo
