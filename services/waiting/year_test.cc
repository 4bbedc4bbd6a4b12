// A generated year: on every day of it the counters' histogram, the lists of
// the dashboard and a scan of the records say the same.
#include <random>

#include "services/waiting/gauges.h"
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

const std::vector<int> kThresholds = {1, 4, 18};

// What is compared of one list on one day.
struct Seen {
  std::int64_t waiting = 0, total_days = 0;
  std::vector<std::int64_t> over;
  bool operator==(const Seen&) const = default;
};
Seen Of(const Stock& stock) {
  return {stock.waiting, stock.total_days, stock.over};
}

class YearTest : public ServiceTest {
 protected:
  // One random event of that day, or of one shortly before it. What the rules
  // refuse is refused here too.
  void Happen(Date today) {
    const Date day = today - days(Below(4) == 0 ? Below(20) : 0);
    const std::string text = FormatDate(day);
    const std::string service = Below(2) ? "slt" : "camhs";
    switch (Below(6)) {
      case 0:
      case 1: {
        auto request = Referral("r-" + std::to_string(references_.size()), text,
                                service, "Child" + std::to_string(Below(200)));
        if (Below(5) == 0) {
          request.mutable_referral()->set_original_start_date(
              FormatDate(day - days(Below(300))));
        }
        if (Push(request))
          references_.push_back({service, request.about().reference()});
        return;
      }
      case 2:
        return Change(
            [&](pb::Event& request) {
              pb::Appointment& appointment = *request.mutable_appointment();
              appointment.set_attendance(
                  static_cast<pb::Attendance>(1 + Below(4)));
              if (appointment.attendance() == pb::ATTENDANCE_ATTENDED &&
                  Below(2)) {
                appointment.set_opens("treatment");
              }
            },
            text);
      case 3:
        return Change(
            [&](pb::Event& request) {
              pb::Removal& removal = *request.mutable_removal();
              removal.set_outcome(static_cast<pb::Outcome>(3 + Below(4)));
              removal.set_reason("MOVED_AWAY");
              removal.set_clinician("c-1");
              removal.set_risk_review("Test");
              removal.set_gp_told(true);
              removal.set_referrer_told(true);
            },
            text);
      case 4:
        return Change(
            [&](pb::Event& request) {
              request.mutable_contact()->set_kind("UPDATE");
            },
            text);
      default:
        return Change(
            [&](pb::Event& request) {
              request.mutable_correction()->set_event(1 + Below(4));
              request.mutable_correction()->set_rationale("Test");
            },
            text);
    }
  }

  template <class Alter>
  void Change(Alter alter, const std::string& day) {
    if (references_.empty()) return;
    const auto& [service, reference] = references_[static_cast<std::size_t>(
        Below(static_cast<int>(references_.size())))];
    auto request = About(reference, day, service);
    alter(request);
    (void)Push(request);
  }

  int Below(int bound) {
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
  }

  // Every referral's events, folded.
  Seen Scanned(const std::string& service, Date day) {
    Histogram histogram;
    store::Reader reader = database_->Read(true).value();
    EXPECT_TRUE(ScanEvents(
        *store::RecordsOf(reader, kArea), service,
        std::numeric_limits<std::int64_t>::max(), [&](const History& events) {
          for (const Wait& wait : WaitsOf(events)) {
            if (wait.clock != kFirstContact || !wait.WaitingOn(day)) continue;
            ++histogram[wait.start];
          }
        }));
    return Of(StockOf(histogram, day, kThresholds));
  }

  Seen FromLists(const std::string& service, Date day) {
    store::Reader reader = database_->Read(true).value();
    std::int64_t position = 0;
    auto pictures =
        lists_
            .Ask(reader, {kArea, kFirstContact, day, MonthEndBefore(day)},
                 position)
            .value();
    EXPECT_EQ(pictures[service].balance.residual(), 0) << FormatDate(day);
    return Of(StockOf(pictures[service].waiting, day, kThresholds));
  }

  std::mt19937 random_;
  std::vector<std::pair<std::string, std::string>> references_;
  Lists lists_;
};
INSTANTIATE_TEST_SUITE_P(Engines, YearTest,
                         testing::Values(store::Engine::kSqlite),
                         support::EngineName);

TEST_P(YearTest, HistogramListsAndRecordsAgreeOnEveryDay) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  random_.seed(seed);
  const Date first = ParseDate("2023-09-01").value();
  const int year = 366;  // with a leap day and both nights of clock changes
  for (int i = 0; i < year; ++i) {
    const Date today = first + days(i);
    clock_.Set(StartOfDay(today) + std::chrono::hours(20));
    for (int events = Below(5); events > 0; --events) Happen(today);
    while (projector_->Step(kArea).value()) {
    }
    auto counted =
        ReadHistograms(catalogue_, kArea, today, *projector_).value();
    for (const std::string service : {"slt", "camhs"}) {
      const Seen scanned = Scanned(service, today);
      ASSERT_EQ(Of(StockOf(counted[service], today, kThresholds)), scanned)
          << service << ' ' << FormatDate(today) << " seed " << seed;
      ASSERT_EQ(FromLists(service, today), scanned)
          << service << ' ' << FormatDate(today) << " seed " << seed;
    }
  }
  // The same of every past day, as known at the end.
  for (int i = 0; i < year; i += 3) {
    const Date day = first + days(i);
    ASSERT_EQ(FromLists("slt", day), Scanned("slt", day))
        << FormatDate(day) << " seed " << seed;
  }
  const counters::Drift drift = Drift();
  EXPECT_EQ(drift.drift, 0) << drift.differences[0].counter << " seed " << seed;
  EXPECT_GT(references_.size(), 100u);
}

}  // namespace
}  // namespace seawall::waiting
