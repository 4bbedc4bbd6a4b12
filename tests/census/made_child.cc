#include "tests/census/made_child.h"

#include <algorithm>

#include "libs/base/identifiers.h"

namespace seawall::support {
namespace {

using census::ChildRecord;
using census::Row;
using census::Table;
using std::chrono::days;
using enum census::Column;
using enum census::Table;

}  // namespace

Date MadeChild::Between(Date from, Date to) {
  if (to <= from) return from;
  return from + days(Pick(static_cast<int>((to - from).count()) + 1));
}

Date MadeChild::Workday(Date day) const {
  while (!basis_.calendar.IsWorkingDay(day)) day += days(1);
  return day;
}

// Any code of the set that may be used in the return's year.
std::string MadeChild::Code(const char* set) {
  const auto codes = basis_.codes.Codes(set);
  for (;;) {
    const std::string& code =
        codes[static_cast<std::size_t>(Pick(static_cast<int>(codes.size())))];
    if (basis_.codes.Valid(set, code, basis_.period.reference_date))
      return code;
  }
}

std::string MadeChild::Written(Date day) {
  const std::string text = FormatDate(day);
  switch (Pick(12)) {
    case 0:
      Has("a time behind a day");
      return text + "T00:00:00";
    case 1:
      return text + "T09:30:00";
    case 2:
      return text.substr(8) + "/" + text.substr(5, 2) + "/" + text.substr(0, 4);
    default:
      return text;
  }
}

Row& MadeChild::Add(Table table) {
  Row& row = record_.Add(table);
  if (episode_ > 0) row.Set(kCINdetailsID, std::to_string(episode_));
  return row;
}

ChildRecord MadeChild::Make(int number) {
  record_ = {};
  traits_.clear();
  episode_ = assessment_ = plan_ = 0;
  all_nfa_ = true;
  unborn_ = Chance(5);
  Identifiers(number);
  Episodes();
  episode_ = 0;
  Characteristics();
  return std::move(record_);
}

std::string MadeChild::Upn(int number) {
  const std::string digits = std::to_string(10'000'000 + number);
  for (char letter = 'A'; letter <= 'Z'; letter++) {
    const std::string upn = letter + std::string("890") + digits + "0";
    if (ParseUpn(upn).ok) return upn;
  }
  return "";
}

void MadeChild::Identifiers(int number) {
  const Date end = basis_.period.reference_date;
  Row& row = Add(kChildIdentifiers);
  const std::string id = "TEST" + std::to_string(number);
  row.Set(kLAchildID, id);
  Date born = Between(end - days(17 * 365), end - days(1));
  if (Chance(3)) born = Date(std::chrono::year(2016) / 2 / 29);
  if (unborn_) {
    Has("unborn");
    born = Between(end - days(29), end + days(200));
    Set(row, kExpectedPersonBirthDate, born);
  } else {
    Set(row, kPersonBirthDate, born);
  }
  earliest_ = born - days(270);
  const char* sexes = basis_.year >= 2025 ? "MF" : "12";
  std::string sex(1, unborn_ ? '0' : sexes[Pick(2)]);
  if (basis_.year >= 2025 && (unborn_ || Chance(1))) sex = "U";
  if (basis_.year < 2025 && !unborn_ && Chance(2)) sex = Chance(50) ? "0" : "9";
  if (sex == "0" || sex == "9" || sex == "U") Has("sex not known");
  row.Set(basis_.year >= 2025 ? kSex : kGenderCurrent, sex);
  if (!unborn_ && Chance(60)) {
    row.Set(kUPN, Upn(number));
    if (Chance(10)) row.Set(kFormerUPN, Upn(number + 5'000'000));
  } else {
    row.Set(kUPNunknown, unborn_ ? "UN1" : "UN" + std::to_string(2 + Pick(4)));
  }
}

void MadeChild::Characteristics() {
  Add(kChildCharacteristics).Set(kEthnicity, Code("ethnicity"));
  if (unborn_ || (all_nfa_ && Chance(50))) return;
  std::set<std::string> codes;
  for (int n = 1 + Pick(3); n > 0; n--) codes.insert(Code("disability"));
  if (codes.count("NONE") != 0) codes = {"NONE"};
  for (const std::string& code : codes)
    Add(kDisabilities).Set(kDisability, code);
}

// One after the other, the last one open more often than not; those of the
// years before that the return still tells of were open when it began.
void MadeChild::Episodes() {
  const Date start = basis_.period.start, end = basis_.period.reference_date;
  const Date first = std::max(earliest_, start - days(Chance(25) ? 900 : 20));
  Date day = Between(first, std::max(first, end - days(40)));
  if (Chance(4)) {
    Has("two referrals of one day");
    day = std::max(day, start);
    Nfa(day);
    Nfa(day);
    day += days(Pick(60));
  }
  for (int n = 1 + (Chance(40) ? 1 + Pick(3) : 0); n > 0 && day <= end; n--) {
    if (day >= start && Chance(20)) {
      Nfa(day);
      day += days(Pick(3) == 0 ? 0 : Pick(60));
      continue;
    }
    const bool open = n == 1 && Chance(70);
    const Date closed = Between(std::max(day, start), end);
    Acted(day, open ? std::nullopt : std::optional(closed));
    day = closed + days(Pick(3) == 0 ? 0 : Pick(60));
    if (open) return;
  }
  if (episode_ == 0) Nfa(std::max(day, start));
  if (episode_ > 1) Has("several episodes");
}

Row& MadeChild::Referral(Date day, bool nfa) {
  episode_++;
  assessment_ = 0;
  all_nfa_ = all_nfa_ && nfa;
  Row& row = Add(kCINdetails);
  Set(row, kCINreferralDate, day);
  row.Set(kReferralSource, Code("source"));
  if (!nfa || Chance(60)) row.Set(kPrimaryNeedCode, Code("need"));
  const char* words[] = {"0", "1", "false", "true"};
  row.Set(kReferralNFA, words[(Chance(10) ? 2 : 0) + (nfa ? 1 : 0)]);
  return row;
}

void MadeChild::Nfa(Date day) {
  // The last working day before the year counts in it.
  if (day == basis_.period.start && Chance(50)) {
    do day -= days(1);
    while (!basis_.calendar.IsWorkingDay(day));
  }
  Row& row = Referral(day, true);
  Has("no further action");
  if (Chance(20)) Close(row, day + days(Pick(5)), "RC7");
}

void MadeChild::Close(Row& episode, Date day, const std::string& reason) {
  Set(episode, kCINclosureDate, day);
  episode.Set(kReasonForClosure, reason);
}

void MadeChild::Acted(Date referred, std::optional<Date> closed) {
  const Date start = basis_.period.start, end = basis_.period.reference_date;
  Row& episode = Referral(referred, false);
  const Date until = closed.value_or(end);
  const bool nothing = closed && Chance(25);
  if (closed) {
    const char* reasons[] = {"RC1", "RC3", "RC4", "RC5", "RC6", "RC7", "RC7"};
    std::string reason = reasons[Pick(7)];
    if (nothing) reason = basis_.year > 2022 && Chance(40) ? "RC9" : "RC8";
    if (Chance(3)) {
      reason = "RC2";
      Row& child = const_cast<Row&>(record_.rows(kChildIdentifiers).front());
      Set(child, kPersonDeathDate, *closed);
    }
    Close(episode, *closed, reason);
  }
  if (Chance(90) || nothing)
    Assessments(referred, until, closed.has_value(), nothing);
  if (basis_.year >= 2027 && Chance(10)) {
    Row& row = Add(kPreProceedings);
    Set(row, kPPStartDate, Between(std::max(referred, start), until));
    row.Set(kPPOutcome, "A");
    Has("pre-proceedings");
  }
  if (nothing) return;
  // A plan that goes on from the year before has its conference in that year's
  // return.
  if (referred < start - days(20) && Chance(40)) {
    Has("a plan of the year before");
    ProtectionPlan(Between(referred, start - days(1)), until,
                   closed.has_value());
    return;
  }
  if (Chance(10) && until >= start) {
    Has("transfer in");
    const Date moved = Between(std::max(referred, start), until);
    Set(episode, kDateOfInitialCPC, moved);
    if (Chance(50)) {
      Row& enquiry = Add(kSection47);
      Set(enquiry, kS47ActualStartDate, Between(referred, moved));
      enquiry.Set(kICPCnotRequired, "1");
    }
    if (moved < until) ProtectionPlan(moved, until, closed.has_value());
    return;
  }
  if (Chance(50)) Enquiries(referred, until, closed.has_value());
  if (plan_ == 0 && Chance(30)) {
    Date day = Between(referred, until);
    for (int n = 1 + Pick(2); n > 0 && day <= until; n--) {
      NeedPlan(day, until, closed.has_value() || n > 1);
      const auto over = record_.rows(kCINplanDates).back().On(kCINPlanEndDate);
      if (!over) break;
      day = *over + days(1 + Pick(30));
    }
  }
}

void MadeChild::Assessments(Date from, Date until, bool closed,
                            bool nothing_follows) {
  const Date start = basis_.period.start;
  Date day = Between(from, std::min(until, from + days(10)));
  // What was authorised before the year is in the return of before.
  if (day < start - days(60)) day = Between(start - days(60), start);
  for (int n = 1 + Pick(3); n > 0 && day <= until; n--) {
    const std::string id = std::to_string(++assessment_);
    Row& row = Add(kAssessments);
    row.Set(kAssessmentID, id);
    Set(row, kAssessmentActualStartDate, day);
    const bool open = !closed && n == 1 && until - day < days(50);
    if (open && Chance(50)) return;
    const Date authorised =
        Between(std::max(day, start), std::min(until, day + days(60)));
    if (Chance(50)) {
      Set(row, kAssessmentInternalReviewDate, Between(day, authorised));
    }
    Set(row, kAssessmentAuthorisationDate, authorised);
    if (authorised == day) Has("begun and over on one day");
    Factors(row, id, nothing_follows && assessment_ == 1 && n == 1);
    day = authorised + days(1 + Pick(40));
  }
}

void MadeChild::Factors(Row& assessment, const std::string& id, bool none) {
  std::set<std::string> codes;
  for (int n = 1 + Pick(4); n > 0; n--) codes.insert(Code("factor"));
  codes.erase("21");
  if (basis_.year < 2025 && Chance(3)) codes.insert("18A");
  if ((none && Chance(40)) || codes.empty()) codes = {none ? "21" : "3A"};
  std::string all;
  for (const std::string& code : codes) {
    Row& row = Add(kAssessmentFactorsList);
    row.Set(kAssessmentID, id);
    row.Set(kAssessmentFactor, code);
    all += (all.empty() ? "" : ",") + code;
  }
  assessment.Set(kAssessmentFactors, all);
}

void MadeChild::Enquiries(Date from, Date until, bool closed) {
  const Date start = basis_.period.start;
  Date day = Between(from, until);
  if (day < start - days(20)) day = Between(start - days(20), until);
  day = std::max(day, from);
  for (int n = 1 + Pick(3); n > 0 && day <= until; n--) {
    Row& row = Add(kSection47);
    Set(row, kS47ActualStartDate, day);
    if (Chance(40))
      Set(row, kInitialCPCtarget, basis_.calendar.AddWorkingDays(day, 15));
    const Date conference = Workday(std::max(start, day + days(Pick(25))));
    if (Chance(55) && conference <= until) {
      Has("conference");
      Set(row, kDateOfInitialCPC, conference);
      row.Set(kICPCnotRequired, "0");
      day = conference + days(1);
      if (Chance(70) && conference < until && plan_ < 3) {
        day = ProtectionPlan(conference, until, closed) + days(Pick(20));
      }
      continue;
    }
    const bool open = !closed && n == 1 && until - day < days(18);
    row.Set(kICPCnotRequired, open ? "0" : Chance(80) ? "1" : "true");
    Has(open ? "open enquiry" : "enquiry without conference");
    day += days(Pick(30));
  }
}

// The day on which something may follow it.
Date MadeChild::ProtectionPlan(Date start, Date until, bool closed) {
  const std::string id = std::to_string(++plan_);
  Row& row = Add(kChildProtectionPlans);
  row.Set(kCPPID, id);
  Set(row, kCPPstartDate, start);
  const std::string category = Code("abuse_category");
  row.Set(kInitialCategoryOfAbuse, category);
  row.Set(kLatestCategoryOfAbuse,
          Chance(70) ? category : Code("abuse_category"));
  row.Set(kNumberOfPreviousCPP, std::to_string(Pick(3)));
  // Now and then the closure is told and the end of the plan is not.
  const bool ends = closed ? !Chance(3) : Chance(40);
  const Date earliest = std::max(basis_.period.start, start + days(1));
  const Date end = ends ? Between(earliest, until) : until;
  if (ends && end > start) Set(row, kCPPendDate, end);
  for (Date day = start + days(60 + Pick(40)); day <= end;
       day += days(90 + Pick(90))) {
    Has("reviews");
    Row& review = Add(kReviews);
    review.Set(kCPPID, id);
    Set(review, kCPPreviewDate, day);
  }
  if (!ends) return until + days(1);
  if (end > start && Chance(40)) {
    Row& review = Add(kReviews);
    review.Set(kCPPID, id);
    Set(review, kCPPreviewDate, end);
    Has("the review that ends a plan");
  }
  if (Chance(50)) {
    Has("step down");
    NeedPlan(end, until, closed);
    return until + days(1);
  }
  return end + days(1);
}

void MadeChild::NeedPlan(Date start, Date until, bool closed) {
  Row& row = Add(kCINplanDates);
  Set(row, kCINPlanStartDate, start);
  Has("child in need plan");
  if (!closed && Chance(70)) return;
  if (closed && Chance(3)) return;
  const Date earliest = std::max(start, basis_.period.start);
  const Date end = Between(earliest, until);
  // One that begins and ends on one day is asked about.
  if (end > start) Set(row, kCINPlanEndDate, end);
}

}  // namespace seawall::support
