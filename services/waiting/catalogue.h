// The catalogue: the services that children wait for, as data: their clocks,
// thresholds, bands, promises, duties to the family, and providers.
// data/waiting_services.json. Loaded once at start; any thread after that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"

namespace seawall::waiting {

// How a wait is put into bands: the least days of each, the last one open.
struct BandScheme {
  std::string id;
  int version = 1;
  std::vector<int> least_days;
};

// What a partnership said would be so, of one clock of one service.
struct Promise {
  std::string id;
  std::string clock;
  int threshold_weeks = 0;
  // At most so many wait longer than the threshold; 0 = nobody.
  int at_most = 0;
  std::optional<Date> by;  // absent: undated
  std::string owner;
  std::string said;  // where and how it was published
};

// What is due to a family that waits, in days; 0 = nothing.
struct Duties {
  int acceptance_letter_days = 0;  // from acceptance
  int update_months = 0;           // from the last contact
  int risk_call_after_weeks = 0;
  int risk_call_every_days = 0;
  int urgent_answer_hours = 0;
  int expedite_review_days = 0;  // from the call that asks for it
  // Contact at these weeks, whatever else was said.
  std::vector<int> contact_weeks;
};

struct Service {
  std::string id;
  std::string name;
  std::string clock;
  std::vector<std::string> next_clocks;
  std::vector<std::string> providers;
  std::vector<std::string> band_schemes;
  std::vector<int> threshold_weeks;
  int target_weeks = 18;
  // Empty: its waits are never adjusted.
  std::string adjusted_mode;
  // False: its list is kept on paper, so its waits are unknown and never 0.
  bool has_list = true;
  // From this age the next service is prepared; nobody is removed for it.
  int upper_age = 0;
  Duties duties;
  std::vector<Promise> promises;

  bool Provides(const std::string& agency) const;
  bool HasClock(const std::string& clock) const;
};

// One cell of the risk matrix.
struct Risk {
  int least_score = 0;  // likelihood x impact
  std::string band;
  int order = 0;  // 1 = first
};

class Catalogue {
 public:
  Catalogue() = default;
  // CATALOGUE_UNREADABLE (kFailedPrecondition) names what is wrong.
  static Result<Catalogue> Load(const std::string& path);

  int version() const { return version_; }
  const std::vector<Service>& services() const { return services_; }
  const std::vector<int>& threshold_weeks() const { return threshold_weeks_; }
  // Null for an unknown id.
  const Service* Find(const std::string& id) const;
  const BandScheme* Scheme(const std::string& id) const;
  // Every provider of some service.
  std::vector<std::string> Providers() const;
  // Every clock that some service has.
  std::vector<std::string> Clocks() const;
  // The band of a score; the last one where it is not known.
  const Risk& RiskOf(int likelihood, int impact) const;
  const Risk* RiskNamed(const std::string& band) const;
  // Codes that a kind of event may carry: `blocked_by`, `removal`, `contact`.
  bool Knows(const std::string& set, const std::string& code) const;
  const std::map<std::string, std::vector<std::string>>& codes() const {
    return codes_;
  }

 private:
  int version_ = 0;
  std::vector<int> threshold_weeks_;
  std::vector<Service> services_;
  std::vector<BandScheme> schemes_;
  std::vector<Risk> risks_;
  std::map<std::string, std::vector<std::string>> codes_;
};

}  // namespace seawall::waiting
