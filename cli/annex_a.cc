#include "cli/annex_a.h"

#include <algorithm>

namespace seawall::cli {
namespace {

using referrals::v1::CensusAssessment;
using referrals::v1::CensusChild;
using referrals::v1::CensusEpisode;
using referrals::v1::CensusPlan;
using referrals::v1::CensusSection47;
using referrals::v1::ChildRecord;
using Cells = std::vector<std::string>;

constexpr int kMonthsShown = 6;
constexpr int kMonthsCounted = 12;

Cells WithChild(Cells more) {
  Cells all = {"Child Unique ID", "Gender", "Ethnicity", "Date of Birth",
               "Age of Child (Years)"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// The groups of the census's source codes.
std::string SourceGroup(const std::string& code) {
  if (code.size() == 2 && code[0] == '1' && code != "10")
    return "a) Individual";
  if (code == "2A") return "b) Schools";
  if (code == "2B") return "c) Education Services";
  if (code.starts_with("3")) return "d) Health services";
  if (code == "4") return "e) Housing";
  if (code.starts_with("5")) return "f) LA services";
  if (code == "6") return "g) Police";
  if (code == "7") return "h) Other legal agency";
  if (code == "8") return "i) Other";
  if (code == "9") return "j) Anonymous";
  return "k) Unknown";
}

std::string YesNo(bool yes) { return yes ? "Yes" : "No"; }

std::string Age(const std::string& birth, Date on) {
  const auto born = ParseDate(birth);
  if (!born || *born > on) return "";
  return std::to_string(AgeOn(*born, on));
}

// Days are ISO 8601, as the service gives them: their order as text is theirs
// in time.
class Lists {
 public:
  Lists(const ChildRecord& record, const AnnexAPeriod& period)
      : record_(record),
        day_(period.end),
        end_(FormatDate(period.end)),
        start_(FormatDate(period.start)) {}

  AnnexARows Rows() {
    Contacts();
    for (const auto& span : record_.early_help())
      if (Until(span.start_date(), span.end_date()))
        Add(2, {span.start_date(), Ended(span.end_date()), ""});
    for (int i = 0; i < child().episodes_size(); ++i)
      Episode(child().episodes(i),
              i < record_.teams_size() ? record_.teams(i) : "");
    return std::move(rows_);
  }

 private:
  const CensusChild& child() const { return record_.child(); }

  void Add(int list, Cells more) {
    Cells cells = {child().la_child_id(), child().sex(), child().ethnicity(),
                   child().date_of_birth(), Age(child().date_of_birth(), day_)};
    cells.insert(cells.end(), more.begin(), more.end());
    rows_[static_cast<std::size_t>(list - 1)].push_back(std::move(cells));
  }

  // In the period; an empty day is not.
  bool Recent(const std::string& date) const {
    return date >= start_ && date <= end_;
  }
  // Begun by the last day, and not over before the first.
  bool Until(const std::string& start, const std::string& over) const {
    return !start.empty() && start <= end_ && (over.empty() || over >= start_);
  }
  // What came after the last day is not known on it.
  std::string Ended(const std::string& date) const {
    return date > end_ ? "" : date;
  }

  // How many of these days lie in the twelve months before `day`, that day
  // left out.
  static int Before(const std::string& day, const Cells& days) {
    const auto parsed = ParseDate(day);
    if (!parsed) return 0;
    const std::string since = FormatDate(AddMonths(*parsed, -kMonthsCounted));
    return static_cast<int>(std::count_if(
        days.begin(), days.end(),
        [&](const std::string& one) { return one > since && one < day; }));
  }
  template <class Of>
  Cells AllDays(Of of) const {
    Cells days;
    for (const CensusEpisode& episode : child().episodes()) of(episode, days);
    return days;
  }

  void Contacts() {
    for (const auto& contact : record_.contacts())
      if (Recent(contact.received_date()))
        Add(1, {contact.received_date(), SourceGroup(contact.source())});
  }

  void Episode(const CensusEpisode& episode, const std::string& team) {
    if (Recent(episode.referral_date())) {
      const Cells referrals = AllDays([](const auto& one, Cells& days) {
        days.push_back(one.referral_date());
      });
      Add(3, {episode.referral_date(), SourceGroup(episode.source()),
              YesNo(episode.no_further_action()),
              std::to_string(Before(episode.referral_date(), referrals)), team,
              ""});
    }
    for (const CensusAssessment& one : episode.assessments())
      if (Until(one.start_date(), one.authorisation_date()))
        Assessment(one, team);
    for (const CensusSection47& one : episode.enquiries())
      if (Recent(one.start_date())) Enquiry(episode, one, team);
    if (Until(episode.referral_date(), episode.closure_date()) &&
        !episode.no_further_action())
      InNeed(episode, team);
    for (const CensusPlan& one : episode.protection_plans())
      if (Until(one.start_date(), one.end_date())) Plan(one, team);
  }

  void Assessment(const CensusAssessment& one, const std::string& team) {
    // Whether it found a need for social care is not known before its outcome.
    const bool over = !Ended(one.authorisation_date()).empty();
    const std::string needs =
        !over || one.outcome().empty()
            ? ""
            : YesNo(!one.outcome().starts_with("NO_FURTHER_ACTION"));
    Add(4, {Disabled(), one.start_date(), YesNo(Seen(one.child_seen_date())),
            Ended(one.authorisation_date()), needs, team, ""});
  }
  bool Seen(const std::string& date) const {
    return !date.empty() && date <= end_;
  }
  std::string Disabled() const {
    const auto& all = child().disabilities();
    if (all.empty()) return "";
    return YesNo(std::any_of(all.begin(), all.end(),
                             [](const auto& code) { return code != "NONE"; }));
  }

  void Enquiry(const CensusEpisode& episode, const CensusSection47& one,
               const std::string& team) {
    const Cells enquiries = AllDays([](const auto& episode, Cells& days) {
      for (const auto& each : episode.enquiries())
        days.push_back(each.start_date());
    });
    const Cells conferences = AllDays([](const auto& episode, Cells& days) {
      for (const auto& each : episode.enquiries())
        if (!each.conference_date().empty())
          days.push_back(each.conference_date());
      if (!episode.conference_date().empty())
        days.push_back(episode.conference_date());
    });
    const std::string held = Ended(one.conference_date());
    const auto& plans = episode.protection_plans();
    const bool plan = std::any_of(
        plans.begin(), plans.end(),
        [&](const CensusPlan& each) { return each.start_date() == held; });
    Add(5, {Disabled(), one.start_date(), YesNo(one.conference_not_required()),
            held, held.empty() ? "" : YesNo(plan),
            std::to_string(Before(one.start_date(), enquiries)),
            std::to_string(
                Before(held.empty() ? one.start_date() : held, conferences)),
            team, ""});
  }

  // What is open counts from the most to the least: a plan for protection, one
  // for a child in need, an assessment. Whether a child is looked after (a) is
  // not known here.
  std::string Status(const CensusEpisode& episode) const {
    const auto open = [&](const auto& all) {
      return std::any_of(all.begin(), all.end(), [&](const auto& one) {
        return one.start_date() <= end_ && Ended(one.end_date()).empty();
      });
    };
    if (!Ended(episode.closure_date()).empty()) return "e) Closed";
    if (open(episode.protection_plans())) return "b) Child protection plan";
    if (open(episode.child_in_need_plans())) return "c) Child in need plan";
    const auto& all = episode.assessments();
    const bool assessed =
        std::any_of(all.begin(), all.end(), [&](const CensusAssessment& one) {
          return one.start_date() <= end_ &&
                 Ended(one.authorisation_date()).empty();
        });
    return assessed ? "d) Open assessment" : "";
  }
  std::string LastSeen(const CensusEpisode& episode) const {
    std::string last;
    for (const auto& one : episode.assessments())
      last = std::max(last, Ended(one.child_seen_date()));
    for (const auto& one : episode.protection_plans())
      last = std::max(last, Ended(one.last_visit_date()));
    return last;
  }
  void InNeed(const CensusEpisode& episode, const std::string& team) {
    const std::string closed = Ended(episode.closure_date());
    Add(6, {Disabled(), episode.referral_date(), episode.primary_need(),
            LastSeen(episode), closed,
            closed.empty() ? "" : episode.closure_reason(), Status(episode),
            team, ""});
  }

  void Plan(const CensusPlan& one, const std::string& team) {
    std::string review;
    for (const std::string& date : one.review_dates())
      review = std::max(review, Ended(date));
    const std::string visit = Ended(one.last_visit_date());
    Add(7, {Disabled(), one.start_date(), one.initial_category(),
            one.latest_category(), visit,
            visit.empty() ? "" : YesNo(one.seen_alone()), review,
            Ended(one.end_date()), "", std::to_string(one.previous_plans()),
            team, ""});
  }

  const ChildRecord& record_;
  const Date day_;
  const std::string end_;
  const std::string start_;
  AnnexARows rows_;
};

}  // namespace

const std::array<AnnexAList, kAnnexALists>& AnnexALists() {
  static const std::array<AnnexAList, kAnnexALists> lists = {{
      {"list-1-contacts.csv", WithChild({"Date of Contact", "Contact Source"})},
      {"list-2-early-help.csv",
       WithChild({"Assessment Start Date", "Assessment Completion Date",
                  "Organisation Completing Assessment"})},
      {"list-3-referrals.csv",
       WithChild({"Date of Referral", "Referral Source", "Referral NFA?",
                  "Number of Referrals in Last 12 Months", "Allocated Team",
                  "Allocated Worker"})},
      {"list-4-assessments.csv",
       WithChild({"Does the Child Have a Disability",
                  "Continuous Assessment Start Date",
                  "Child Seen During Continuous Assessment",
                  "Continuous Assessment Date of Authorisation",
                  "Was the Child Assessed as Requiring LA Children's Social "
                  "Care Support?",
                  "Allocated Team", "Allocated Worker"})},
      {"list-5-section-47.csv",
       WithChild({"Does the Child Have a Disability",
                  "Strategy Discussion Initiating Section 47 Enquiry Start "
                  "Date",
                  "Was an Initial Child Protection Conference Deemed "
                  "Unnecessary?",
                  "Date of Initial Child Protection Conference",
                  "Did the Initial Child Protection Conference Result in a "
                  "Child Protection Plan",
                  "Number of Section 47 Enquiries in the Last 12 Months",
                  "Number of ICPCs in the Last 12 Months", "Allocated Team",
                  "Allocated Worker"})},
      {"list-6-children-in-need.csv",
       WithChild({"Does the Child Have a Disability", "CIN Start Date",
                  "Primary Need Code", "Date Child Was Last Seen",
                  "CIN Closure Date", "Reason for Closure", "Case Status",
                  "Allocated Team", "Allocated Worker"})},
      {"list-7-child-protection.csv",
       WithChild(
           {"Does the Child Have a Disability",
            "Child Protection Plan Start Date", "Initial Category of Abuse",
            "Latest Category of Abuse", "Date of the Last Statutory Visit",
            "Was the Child Seen Alone?", "Date of Latest Review Conference",
            "Child Protection Plan End Date",
            "Subject to Emergency Protection Order or Protected Under "
            "Police Powers in Last Six Months",
            "Number of Previous Child Protection Plans", "Allocated Team",
            "Allocated Worker"})},
  }};
  return lists;
}

AnnexAPeriod SixMonthsTo(Date day) {
  return {AddMonths(day, -kMonthsShown), day};
}

Date KnownFrom(const AnnexAPeriod& period) {
  return AddMonths(period.start, -kMonthsCounted);
}

AnnexARows AnnexARowsOf(const ChildRecord& record, const AnnexAPeriod& period) {
  return Lists(record, period).Rows();
}

}  // namespace seawall::cli
