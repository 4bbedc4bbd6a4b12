#include "services/waiting/catalogue.h"

#include <algorithm>

#include "libs/base/json_file.h"

namespace seawall::waiting {
namespace {

using nlohmann::json;

constexpr char kReason[] = "CATALOGUE_UNREADABLE";

template <class T>
bool Contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Promise ReadPromise(const json& from) {
  Promise promise;
  promise.id = from.at("id");
  promise.clock = from.at("clock");
  promise.threshold_weeks = from.at("threshold_weeks");
  promise.at_most = from.at("at_most");
  promise.by = ParseDate(from.value("by_date", ""));
  promise.owner = from.at("owner");
  promise.said = from.at("said");
  return promise;
}

Duties ReadDuties(const json& from) {
  Duties duties;
  duties.acceptance_letter_days = from.value("acceptance_letter_days", 0);
  duties.update_months = from.value("update_months", 0);
  duties.risk_call_after_weeks = from.value("risk_call_after_weeks", 0);
  duties.risk_call_every_days = from.value("risk_call_every_days", 0);
  duties.urgent_answer_hours = from.value("urgent_answer_hours", 0);
  duties.expedite_review_days = from.value("expedite_review_days", 0);
  duties.contact_weeks = from.value("contact_weeks", std::vector<int>());
  return duties;
}

Service ReadService(const json& from, const std::vector<int>& thresholds) {
  Service service;
  service.id = from.at("id");
  service.name = from.at("name");
  service.clock = from.at("clock");
  service.next_clocks = from.value("next_clocks", std::vector<std::string>());
  service.providers = from.at("providers");
  service.band_schemes = from.at("band_schemes");
  service.threshold_weeks = from.value("threshold_weeks", thresholds);
  service.target_weeks = from.value("target_weeks", 18);
  service.adjusted_mode = from.value("adjusted_mode", "");
  service.has_list = from.value("has_list", true);
  service.upper_age = from.value("upper_age", 0);
  if (from.contains("duties")) service.duties = ReadDuties(from["duties"]);
  for (const json& promise : from.value("promises", json::array())) {
    service.promises.push_back(ReadPromise(promise));
  }
  return service;
}

}  // namespace

bool Service::Provides(const std::string& agency) const {
  return Contains(providers, agency);
}

bool Service::HasClock(const std::string& one) const {
  return one == clock || Contains(next_clocks, one);
}

Result<Catalogue> Catalogue::Load(const std::string& path) {
  TRY(const json file, ReadJsonFile(path, kReason));
  const auto bad = [&](const std::string& what) {
    return Error{Code::kFailedPrecondition, kReason, path + ": " + what};
  };
  Catalogue catalogue;
  try {
    catalogue.version_ = file.at("version");
    catalogue.threshold_weeks_ =
        file.at("threshold_weeks").get<std::vector<int>>();
    for (const json& one : file.at("band_schemes")) {
      catalogue.schemes_.push_back(
          {one.at("id"), one.at("version"),
           one.at("least_days").get<std::vector<int>>()});
    }
    for (const json& one : file.at("risk_matrix")) {
      catalogue.risks_.push_back(
          {one.at("least_score"), one.at("band"), one.at("order")});
    }
    file.at("codes").get_to(catalogue.codes_);
    for (const json& one : file.at("services")) {
      catalogue.services_.push_back(
          ReadService(one, catalogue.threshold_weeks_));
    }
  } catch (const json::exception&) {
    return bad("a field is missing or of another type");
  }
  if (catalogue.services_.empty() || catalogue.risks_.empty()) {
    return bad("services and risk_matrix need at least one entry");
  }
  for (const BandScheme& scheme : catalogue.schemes_) {
    if (scheme.least_days.empty() || scheme.least_days.front() != 0 ||
        !std::is_sorted(scheme.least_days.begin(), scheme.least_days.end())) {
      return bad("scheme " + scheme.id + " must rise from 0");
    }
  }
  for (const Service& service : catalogue.services_) {
    for (const std::string& scheme : service.band_schemes) {
      if (!catalogue.Scheme(scheme)) return bad("unknown scheme " + scheme);
    }
    for (const Promise& promise : service.promises) {
      if (!service.HasClock(promise.clock)) {
        return bad("promise " + promise.id + " is of no clock of its service");
      }
    }
    if (!service.adjusted_mode.empty() &&
        service.adjusted_mode != "scotland-camhs") {
      return bad("unknown mode " + service.adjusted_mode);
    }
  }
  return catalogue;
}

const Service* Catalogue::Find(const std::string& id) const {
  for (const Service& service : services_) {
    if (service.id == id) return &service;
  }
  return nullptr;
}

const BandScheme* Catalogue::Scheme(const std::string& id) const {
  for (const BandScheme& scheme : schemes_) {
    if (scheme.id == id) return &scheme;
  }
  return nullptr;
}

std::vector<std::string> Catalogue::Providers() const {
  std::set<std::string> providers;
  for (const Service& service : services_)
    providers.insert(service.providers.begin(), service.providers.end());
  return {providers.begin(), providers.end()};
}

std::vector<std::string> Catalogue::Clocks() const {
  std::vector<std::string> clocks;
  for (const Service& service : services_) {
    if (!Contains(clocks, service.clock)) clocks.push_back(service.clock);
    for (const std::string& clock : service.next_clocks) {
      if (!Contains(clocks, clock)) clocks.push_back(clock);
    }
  }
  return clocks;
}

const Risk& Catalogue::RiskOf(int likelihood, int impact) const {
  const int score = likelihood * impact;
  for (const Risk& risk : risks_) {
    if (score > 0 && score >= risk.least_score) return risk;
  }
  return risks_.back();
}

const Risk* Catalogue::RiskNamed(const std::string& band) const {
  for (const Risk& risk : risks_) {
    if (risk.band == band) return &risk;
  }
  return nullptr;
}

bool Catalogue::Knows(const std::string& set, const std::string& code) const {
  const auto found = codes_.find(set);
  return found != codes_.end() && Contains(found->second, code);
}

}  // namespace seawall::waiting
