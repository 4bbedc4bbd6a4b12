// Taking steps: what every step of a contact or an episode has in common,
// whoever asks for it. Runs inside a unit of work: reads the subject, works out
// what stands, and writes the row, the event with the difference it makes, and
// the clocks, together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/referrals/child_store.h"
#include "services/referrals/pathway.h"
#include "services/referrals/step_store.h"
#include "services/referrals/tally.h"

namespace seawall::referrals {

// A subject as it stands.
struct Scene {
  ContactRow contact;  // the subject, or the one that opened the episode
  std::optional<EpisodeRow> episode;
  Journey journey;

  const std::string& id() const { return journey.subject_id; }
};

// What a step came to.
struct Taken {
  Step step;
  std::vector<ClockState> changed;  // started or stopped by it
  std::vector<Broken> findings;
};

class Steps {
 public:
  Steps(const Store& store, const Children& children,
        const seal::Sealer& sealer, const CodeSets& codes,
        const Calendar& calendar, const ClockRules& clocks)
      : store_(store),
        children_(children),
        rows_(sealer),
        codes_(codes),
        calendar_(calendar),
        clocks_(clocks) {}

  const StepStore& rows() const { return rows_; }
  const ClockRules& clocks() const { return clocks_; }

  // In a unit: it is going to ask for the steps of a contact or an episode.
  void Foresee(const Records& records, const std::string& id) const;
  // A contact or an episode by its id. CONTACT_NOT_FOUND, EPISODE_NOT_FOUND.
  Result<Scene> Load(const Records& records, const std::string& id) const;
  Result<Scene> Load(const Records& records, const ContactRow& contact) const;
  Result<Scene> Load(const Records& records, const EpisodeRow& episode) const;
  Result<Scene> Load(const Records& records, const EpisodeRow& episode,
                     ContactRow contact) const;
  // All episodes of the child, withdrawn ones not, by date of referral.
  Result<std::vector<Scene>> Child(const Records& records,
                                   const ContactRow& contact) const;
  Result<std::vector<Scene>> Child(const Records& records,
                                   const std::vector<Member>& contacts) const;
  // From rows that were read already.
  static Scene SceneOf(const ContactRow& contact,
                       const std::optional<EpisodeRow>& episode,
                       std::vector<StepRow> rows);
  std::vector<ClockState> ClocksOf(const Scene& scene) const;

  // What a child is judged by on that day; opens the sealed form for the date
  // of birth, which goes nowhere.
  Result<Ground> GroundOf(const Records& records, const ContactRow& contact,
                          Date today) const;

  // Takes the step: numbered, recorded, counted, stored. The scene becomes what
  // stands after it. `child`: all episodes of the child, so that no rule is
  // broken that was not before; RULE_BROKEN. Empty = not checked.
  Result<Taken> Take(ledger::Unit& unit, Scene& scene, Step step,
                     const pb::Said& said, const std::vector<Scene>& child,
                     const Ground* ground) const;
  // Closes the episode with a step that Complete has seen.
  Result<Taken> Close(ledger::Unit& unit, Scene& scene, Step step,
                      const pb::Said& said, const std::vector<Scene>& child,
                      const Ground* ground) const;
  // Whether the step could be taken, nothing changed.
  Result<void> Try(const Scene& scene, const std::vector<Scene>& child,
                   const Ground& ground, Step step) const;
  // Takes step `number` back. STEP_NOT_FOUND, STEP_VOID, STEP_NEEDED,
  // RULE_BROKEN.
  Result<Taken> Void(ledger::Unit& unit, Scene& scene, int number, Step step,
                     const pb::Said& said, const std::vector<Scene>& child,
                     const Ground& ground) const;

  // What a referral starts to count, for its event; sets its clocks.
  Result<Tally> Opened(ledger::Unit& unit, const ContactRow& contact,
                       const EpisodeRow& episode) const;
  // … and stops counting when it is withdrawn. EPISODE_HAS_STEPS.
  Result<Tally> Withdrawn(ledger::Unit& unit, const EpisodeRow& episode) const;
  // What is no longer counted of a contact's steps when it is withdrawn, and
  // what is again when it is reinstated, for its event; sets its clocks.
  Result<Tally> ContactWithdrawn(ledger::Unit& unit,
                                 const ContactRow& contact) const;
  Result<Tally> ContactReinstated(ledger::Unit& unit,
                                  const ContactRow& contact) const;
  // Records at each closure of the child whether a referral within 12 months
  // of it came after.
  Result<void> MarkReturns(ledger::Unit& unit, const ContactRow& contact) const;

 private:
  Result<Taken> Settle(ledger::Unit& unit, Scene& scene, Journey after,
                       Step step, const pb::Said& said) const;
  Result<void> SetClocks(ledger::Unit& unit, const Scene& scene,
                         const std::vector<ClockState>& clocks) const;
  Result<void> Bump(Records& records, Scene& scene) const;

  const Store& store_;
  const Children& children_;
  const StepStore rows_;
  const CodeSets& codes_;
  const Calendar& calendar_;
  const ClockRules& clocks_;
};

}  // namespace seawall::referrals
