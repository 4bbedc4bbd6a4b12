#include "demo/hub_work.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "cli/methods.h"
#include "cli/progress.h"
#include "demo/step_forms.h"

namespace seawall::demo {
namespace {

namespace pb = referrals::v1;

constexpr std::size_t kInFlight = 64;

// A contact of the plan, and the form's answer.
struct Place {
  const PlannedForm* form = nullptr;
  std::size_t contact = 0;
  const pb::SubmitContactResponse* answer = nullptr;

  const PlannedContact& planned() const { return form->contacts[contact]; }
};

// One thing to do: decide the contact, take a step of its pathway, or close it.
struct Deed {
  enum class Kind { kDecide, kStep, kClose };
  Instant at;
  Kind kind = Kind::kDecide;
  Place place;
  // Of referrals.
  const Pathway* pathway = nullptr;
  std::size_t step = 0;
};

// What is to be done about one child, in its order.
using Chain = std::vector<Deed>;

class Chains {
 public:
  explicit Chains(const HubWork& work) {
    for (const Pathway& pathway : work.pathways) {
      pathways_[{&FormOf(work.plan, pathway), pathway.contact}] = &pathway;
    }
    Add(work.plan.history, work.history);
    Add(work.plan.year, work.year);
  }

  std::vector<Chain> Make() {
    std::vector<Chain> chains;
    for (auto& [child, chain] : by_child_) {
      std::stable_sort(
          chain.begin(), chain.end(),
          [](const Deed& a, const Deed& b) { return a.at < b.at; });
      chains.push_back(std::move(chain));
    }
    return chains;
  }

 private:
  void Add(const std::vector<PlannedForm>& forms, const Pushed& pushed) {
    for (std::size_t i = 0; i < forms.size(); ++i) {
      for (std::size_t j = 0; j < forms[i].contacts.size(); ++j) {
        Add({&forms[i], j, &pushed.answers[i]});
      }
    }
  }

  // Steps and closure at the end of their days, after whatever was decided.
  void Add(const Place& place) {
    const PlannedContact& contact = place.planned();
    if (!contact.decided) return;
    Chain& chain = by_child_[contact.child];
    const auto found = pathways_.find({place.form, place.contact});
    const Pathway* pathway = found != pathways_.end() ? found->second : nullptr;
    chain.push_back({*contact.decided, Deed::Kind::kDecide, place, pathway});
    if (pathway == nullptr) return;
    for (std::size_t i = 0; i < pathway->steps.size(); ++i) {
      chain.push_back({EndOfDay(pathway->steps[i].date), Deed::Kind::kStep,
                       place, pathway, i});
    }
    if (pathway->closed) {
      chain.push_back(
          {EndOfDay(*pathway->closed), Deed::Kind::kClose, place, pathway});
    }
  }

  std::map<std::pair<const PlannedForm*, std::size_t>, const Pathway*>
      pathways_;
  std::map<int, Chain> by_child_;
};

std::int64_t SizeOf(const std::vector<Chain>& chains) {
  std::int64_t deeds = 0;
  for (const Chain& chain : chains) deeds += std::ssize(chain);
  return deeds;
}

// Runs chains with so many calls in flight; the next deed of a chain is sent
// when the one before is answered.
class ChainRunner {
 public:
  ChainRunner(rpc::Client& hub, const std::vector<Chain>& chains,
              cli::Progress& progress)
      : hub_(hub), chains_(chains), progress_(progress) {}

  Result<HubDone> Run() {
    for (std::size_t i = 0; i < kInFlight; ++i) StartChain();
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return running_ == 0; });
    if (error_) return *error_;
    done_.seconds = std::max(progress_.elapsed().count(), 0.001);
    return done_;
  }

 private:
  // One chain under way.
  struct Runner {
    const Chain* chain = nullptr;
    std::size_t at = 0;
    // Episodes that its referrals opened.
    std::map<const Pathway*, std::string> episodes = {};
    pb::DecideContactResponse decided = {};
    pb::RecordStepResponse recorded = {};
    pb::CloseEpisodeResponse closed = {};

    const Deed& deed() const { return (*chain)[at]; }
  };
  using Shared = std::shared_ptr<Runner>;

  void StartChain() {
    auto runner = std::make_shared<Runner>();
    {
      const std::lock_guard lock(mutex_);
      if (next_ == chains_.size() || error_) return;
      runner->chain = &chains_[next_++];
      ++running_;
    }
    Send(runner);
  }

  void Send(const Shared& runner) {
    const Deed& deed = runner->deed();
    const PlannedForm& form = *deed.place.form;
    const auto done = [this, runner](Result<void> result) {
      Done(runner, std::move(result));
    };
    switch (deed.kind) {
      case Deed::Kind::kDecide: {
        const auto& receipt =
            deed.place.answer->receipts(static_cast<int>(deed.place.contact));
        hub_.CallAsync(
            cli::kDecideContact,
            DecideRequest(form, deed.place.contact, receipt.contact_id()),
            &runner->decided, done);
        return;
      }
      case Deed::Kind::kStep:
        hub_.CallAsync(cli::kRecordStep,
                       StepRequest(form, *deed.pathway, deed.step,
                                   runner->episodes[deed.pathway]),
                       &runner->recorded, done);
        return;
      case Deed::Kind::kClose:
        hub_.CallAsync(
            cli::kCloseEpisode,
            CloseRequest(form, *deed.pathway, runner->episodes[deed.pathway]),
            &runner->closed, done);
    }
  }

  void Done(const Shared& runner, Result<void> result) {
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      if (!result && !error_) error_ = Named(runner->deed(), result.error());
      if (result) Note(*runner);
      more = !error_ && ++runner->at < runner->chain->size();
    }
    if (more) return Send(runner);
    StartChain();
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) idle_.notify_all();
  }

  static Error Named(const Deed& deed, Error error) {
    std::string where = deed.place.form->request_id;
    if (deed.kind == Deed::Kind::kStep) {
      where += " step " + std::to_string(deed.step) + " of " +
               FormatDate(deed.pathway->steps[deed.step].date);
    }
    error.message = where + ": " + error.message;
    return error;
  }

  void Note(Runner& runner) {
    const Deed& deed = runner.deed();
    progress_.Add();
    if (deed.kind == Deed::Kind::kClose) {
      ++done_.closures;
    } else if (deed.kind == Deed::Kind::kStep) {
      ++done_.steps;
    } else {
      NoteDecision(runner, deed);
    }
  }

  void NoteDecision(Runner& runner, const Deed& deed) {
    ++done_.decisions;
    done_.surprises +=
        runner.decided.re_referral() != deed.place.planned().re_referral ||
        runner.decided.changed_episode_ids_size() > 0;
    if (deed.pathway != nullptr) {
      runner.episodes[deed.pathway] = runner.decided.episode_id();
    }
    runner.decided.Clear();
  }

  rpc::Client& hub_;
  const std::vector<Chain>& chains_;
  cli::Progress& progress_;

  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t next_ = 0;        // guarded by mutex_
  int running_ = 0;             // guarded by mutex_
  HubDone done_;                // guarded by mutex_
  std::optional<Error> error_;  // guarded by mutex_
};

}  // namespace

Result<HubDone> DoHubWork(rpc::Client& hub, const HubWork& work,
                          const Screen& screen) {
  const std::vector<Chain> chains = Chains(work).Make();
  cli::Progress progress(screen.err, screen.err_width, "the hub's work",
                         SizeOf(chains));
  return ChainRunner(hub, chains, progress).Run();
}

}  // namespace seawall::demo
