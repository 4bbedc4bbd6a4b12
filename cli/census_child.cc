#include "cli/census_child.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace seawall::cli {
namespace {

using census::ChildRecord;
using census::Column;
using census::Row;
using census::Table;
using referrals::v1::CensusChild;
using referrals::v1::CensusEpisode;
using enum census::Column;
using enum census::Table;

// ---- from the census --------------------------------------------------------

// Columns that only tie rows together, or repeat what other rows say.
bool IsTie(Table table, Column column) {
  return column == kCINdetailsID || column == kAssessmentID ||
         column == kCPPID || column == kAssessmentFactors ||
         (column == kLAchildID && table != kChildIdentifiers) ||
         (column == kDisability && table == kChildCharacteristics);
}

// One row whose columns are taken one by one; what is left over is told when
// it goes.
class Taking {
 public:
  Taking(const Row& row, std::string path, std::vector<std::string>& not_kept)
      : row_(row), path_(std::move(path)), not_kept_(not_kept) {}
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  ~Taking() {
    for (const Column column : census::ColumnsOf(row_.table())) {
      const bool taken =
          std::find(taken_.begin(), taken_.end(), column) != taken_.end();
      if (!taken && row_.Has(column) && !IsTie(row_.table(), column))
        not_kept_.push_back(path_ + "/" + std::string(Name(column)));
    }
  }

  const std::string& Text(Column column) {
    taken_.push_back(column);
    return row_.Text(column);
  }
  // A text that says neither yes nor no is left over.
  bool Yes(Column column) {
    if (row_.IsTrue(column) || row_.IsFalse(column)) taken_.push_back(column);
    return row_.IsTrue(column);
  }
  int Number(Column column) {
    const std::string& text = row_.Text(column);
    int number = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return 0;
    taken_.push_back(column);
    return number;
  }

 private:
  const Row& row_;
  std::string path_;
  std::vector<std::string>& not_kept_;
  std::vector<Column> taken_;
};

class Carrier {
 public:
  explicit Carrier(const ChildRecord& record) : record_(record) {}

  Carried Carry() {
    Identifiers();
    Characteristics();
    int number = 0;
    for (const Row& row : record_.rows(kCINdetails)) Episode(row, ++number);
    return std::move(carried_);
  }

 private:
  Taking Take(const Row& row, const std::string& path) {
    return Taking(row, path, carried_.not_kept);
  }

  // Of a block that is there once, every row after the first is left over.
  void Identifiers() {
    bool first = true;
    for (const Row& row : record_.rows(kChildIdentifiers)) {
      Taking from = Take(row, "ChildIdentifiers");
      if (!std::exchange(first, false)) continue;
      CensusChild& child = carried_.child;
      child.set_la_child_id(from.Text(kLAchildID));
      child.set_upn(from.Text(kUPN));
      child.set_former_upn(from.Text(kFormerUPN));
      child.set_upn_unknown(from.Text(kUPNunknown));
      child.set_date_of_birth(from.Text(kPersonBirthDate));
      child.set_expected_date_of_birth(from.Text(kExpectedPersonBirthDate));
      child.set_sex(from.Text(row.Has(kSex) ? kSex : kGenderCurrent));
      child.set_date_of_death(from.Text(kPersonDeathDate));
    }
  }

  void Characteristics() {
    bool first = true;
    for (const Row& row : record_.rows(kChildCharacteristics)) {
      Taking from = Take(row, "ChildCharacteristics");
      if (std::exchange(first, false))
        carried_.child.set_ethnicity(from.Text(kEthnicity));
    }
    for (const Row& row : record_.rows(kDisabilities))
      carried_.child.add_disabilities(row.Text(kDisability));
  }

  void Episode(const Row& row, int number) {
    path_ = "CINdetails[" + std::to_string(number) + "]";
    id_ = row.Text(kCINdetailsID);
    Taking from = Take(row, path_);
    CensusEpisode& to = *carried_.child.add_episodes();
    to.set_referral_date(from.Text(kCINreferralDate));
    to.set_source(from.Text(kReferralSource));
    to.set_primary_need(from.Text(kPrimaryNeedCode));
    to.set_closure_date(from.Text(kCINclosureDate));
    to.set_closure_reason(from.Text(kReasonForClosure));
    to.set_conference_date(from.Text(kDateOfInitialCPC));
    to.set_no_further_action(from.Yes(kReferralNFA));
    Each(kAssessments, [&](const Row& r, const std::string& path) {
      Assessment(r, path, to);
    });
    Each(kCINplanDates, [&](const Row& r, const std::string& path) {
      Taking span = Take(r, path);
      auto& plan = *to.add_child_in_need_plans();
      plan.set_start_date(span.Text(kCINPlanStartDate));
      plan.set_end_date(span.Text(kCINPlanEndDate));
    });
    Each(kSection47,
         [&](const Row& r, const std::string& path) { Enquiry(r, path, to); });
    Each(kChildProtectionPlans,
         [&](const Row& r, const std::string& path) { Plan(r, path, to); });
    Each(kPreProceedings,
         [&](const Row& r, const std::string& path) { Take(r, path); });
  }

  // The rows of a table that belong to the episode.
  template <class Visit>
  void Each(Table table, Visit visit) {
    int number = 0;
    for (const Row& row : record_.rows(table)) {
      if (row.Text(kCINdetailsID) != id_) continue;
      visit(row, path_ + "/" + std::string(Name(table)) + "[" +
                     std::to_string(++number) + "]");
    }
  }

  void Assessment(const Row& row, const std::string& path, CensusEpisode& to) {
    Taking from = Take(row, path);
    auto& assessment = *to.add_assessments();
    assessment.set_start_date(from.Text(kAssessmentActualStartDate));
    assessment.set_review_date(from.Text(kAssessmentInternalReviewDate));
    assessment.set_authorisation_date(from.Text(kAssessmentAuthorisationDate));
    for (const Row& factor : record_.rows(kAssessmentFactorsList))
      if (factor.Text(kCINdetailsID) == id_ &&
          factor.Text(kAssessmentID) == row.Text(kAssessmentID) &&
          factor.Has(kAssessmentFactor))
        assessment.add_factors(factor.Text(kAssessmentFactor));
  }

  void Enquiry(const Row& row, const std::string& path, CensusEpisode& to) {
    Taking from = Take(row, path);
    auto& enquiry = *to.add_enquiries();
    enquiry.set_start_date(from.Text(kS47ActualStartDate));
    enquiry.set_conference_target_date(from.Text(kInitialCPCtarget));
    enquiry.set_conference_date(from.Text(kDateOfInitialCPC));
    enquiry.set_conference_not_required(from.Yes(kICPCnotRequired));
  }

  void Plan(const Row& row, const std::string& path, CensusEpisode& to) {
    Taking from = Take(row, path);
    auto& plan = *to.add_protection_plans();
    plan.set_start_date(from.Text(kCPPstartDate));
    plan.set_end_date(from.Text(kCPPendDate));
    plan.set_initial_category(from.Text(kInitialCategoryOfAbuse));
    plan.set_latest_category(from.Text(kLatestCategoryOfAbuse));
    plan.set_previous_plans(from.Number(kNumberOfPreviousCPP));
    for (const Row& review : record_.rows(kReviews))
      if (review.Text(kCPPID) == row.Text(kCPPID) && review.Has(kCPPreviewDate))
        plan.add_review_dates(review.Text(kCPPreviewDate));
  }

  const ChildRecord& record_;
  Carried carried_;
  std::string path_;  // of the episode at hand
  std::string id_;    // its CINdetailsID
};

// ---- to the census ----------------------------------------------------------

class Recorder {
 public:
  explicit Recorder(const CensusChild& child) : child_(child) {}

  ChildRecord Record() {
    Identifiers();
    Add(kChildCharacteristics)
        .Set(kEthnicity,
             child_.ethnicity().empty() ? "NOBT" : child_.ethnicity());
    for (const std::string& disability : child_.disabilities())
      Add(kDisabilities).Set(kDisability, disability);
    for (const CensusEpisode& episode : child_.episodes()) Episode(episode);
    return std::move(record_);
  }

 private:
  Row& Add(Table table) {
    Row& row = record_.Add(table);
    row.Set(kLAchildID, child_.la_child_id());
    if (episode_ > 0) row.Set(kCINdetailsID, std::to_string(episode_));
    return row;
  }

  void Identifiers() {
    Row& row = Add(kChildIdentifiers);
    row.Set(kUPN, child_.upn());
    row.Set(kFormerUPN, child_.former_upn());
    row.Set(kUPNunknown, child_.upn_unknown());
    row.Set(kPersonBirthDate, child_.date_of_birth());
    row.Set(kExpectedPersonBirthDate, child_.expected_date_of_birth());
    row.Set(kPersonDeathDate, child_.date_of_death());
    row.Set(kSex, child_.sex());
  }

  void Episode(const CensusEpisode& from) {
    ++episode_;
    Row& row = Add(kCINdetails);
    row.Set(kCINreferralDate, from.referral_date());
    row.Set(kReferralSource, from.source());
    row.Set(kPrimaryNeedCode, from.primary_need());
    row.Set(kCINclosureDate, from.closure_date());
    row.Set(kReasonForClosure, from.closure_reason());
    row.Set(kDateOfInitialCPC, from.conference_date());
    row.Set(kReferralNFA, YesNo(from.no_further_action()));
    int number = 0;
    for (const auto& assessment : from.assessments())
      Assessment(assessment, std::to_string(++number));
    for (const auto& span : from.child_in_need_plans()) {
      Row& plan = Add(kCINplanDates);
      plan.Set(kCINPlanStartDate, span.start_date());
      plan.Set(kCINPlanEndDate, span.end_date());
    }
    for (const auto& enquiry : from.enquiries()) Enquiry(enquiry);
    for (const auto& plan : from.protection_plans()) Plan(plan);
  }

  static std::string YesNo(bool yes) { return yes ? "1" : "0"; }

  void Assessment(const referrals::v1::CensusAssessment& from,
                  const std::string& id) {
    Row& row = Add(kAssessments);
    row.Set(kAssessmentID, id);
    row.Set(kAssessmentActualStartDate, from.start_date());
    row.Set(kAssessmentInternalReviewDate, from.review_date());
    row.Set(kAssessmentAuthorisationDate, from.authorisation_date());
    std::string all;
    for (const std::string& factor : from.factors()) {
      Row& one = Add(kAssessmentFactorsList);
      one.Set(kAssessmentID, id);
      one.Set(kAssessmentFactor, factor);
      all += (all.empty() ? "" : ",") + factor;
    }
    row.Set(kAssessmentFactors, all);
  }

  void Enquiry(const referrals::v1::CensusSection47& from) {
    Row& row = Add(kSection47);
    row.Set(kS47ActualStartDate, from.start_date());
    row.Set(kInitialCPCtarget, from.conference_target_date());
    row.Set(kDateOfInitialCPC, from.conference_date());
    row.Set(kICPCnotRequired, YesNo(from.conference_not_required()));
  }

  void Plan(const referrals::v1::CensusPlan& from) {
    const std::string id = std::to_string(++plan_);
    Row& row = Add(kChildProtectionPlans);
    row.Set(kCPPID, id);
    row.Set(kCPPstartDate, from.start_date());
    row.Set(kCPPendDate, from.end_date());
    row.Set(kInitialCategoryOfAbuse, from.initial_category());
    row.Set(kLatestCategoryOfAbuse, from.latest_category());
    row.Set(kNumberOfPreviousCPP, std::to_string(from.previous_plans()));
    for (const std::string& date : from.review_dates()) {
      Row& review = Add(kReviews);
      review.Set(kCPPID, id);
      review.Set(kCPPreviewDate, date);
    }
  }

  const CensusChild& child_;
  ChildRecord record_;
  int episode_ = 0;
  int plan_ = 0;
};

}  // namespace

Carried ToCensusChild(const ChildRecord& record) {
  return Carrier(record).Carry();
}

ChildRecord ToRecord(const CensusChild& child) {
  return Recorder(child).Record();
}

}  // namespace seawall::cli
