// A referral with a long history: read page by page, and each write folds it
// once. On both stores.
#include "services/waiting/scenes.h"
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

class LongTest : public ServiceTest {
 protected:
  // Events of one referral, of many kinds; registered first.
  void Fill(int events) {
    Register("a", "2022-01-01", "camhs");
    std::vector<pb::Event> some;
    for (int i = 1; i < events; ++i) {
      auto event = About("a",
                         FormatDate(ParseDate("2022-01-02").value() +
                                    std::chrono::days(i * 700 / events)),
                         "camhs");
      event.mutable_about()->set_event_id("e-" + std::to_string(i));
      if (i % 3 == 0) {
        event.mutable_contact()->set_kind("UPDATE");
        event.mutable_contact()->set_note("Test note " + std::to_string(i));
      } else if (i % 3 == 1) {
        event.mutable_appointment()->set_attendance(
            pb::ATTENDANCE_COULD_NOT_ATTEND);
      } else {
        event.mutable_priority()->set_likelihood(1 + i % 5);
        event.mutable_priority()->set_impact(3);
      }
      some.push_back(event);
      if (some.size() < kMostEvents && i + 1 < events) continue;
      const auto started = std::chrono::steady_clock::now();
      ASSERT_TRUE(PushAll(some));
      slowest_ = std::max(slowest_, std::chrono::steady_clock::now() - started);
      some.clear();
    }
  }

  // As if letters had been sent until the referral has so many events.
  void Lengthen(const std::string& id, int events) {
    store::Session& writer = database_->writer();
    ASSERT_TRUE(writer.Begin());
    writer.sql()
        << "with recursive n(i) as (select 2 union all select i + 1 from n "
           "where i < :events) insert into events select e.area, "
           "e.referral_id, n.i, '', 'FAMILY_CONTACTED', e.happened_time, "
           "e.recorded_time, e.position, 0, e.recorded_by, '', '', 'UPDATE', "
           "'', '', 0, 0, 0, '' from n join events e on e.referral_id = :id "
           "and e.number = 1",
        soci::use(events), soci::use(id);
    ASSERT_TRUE(writer.Commit());
  }

  std::chrono::steady_clock::duration slowest_{};
};
INSTANTIATE_TEST_SUITE_P(Engines, LongTest, support::BothEngines(),
                         support::EngineName);

TEST_P(LongTest, EveryEventIsOnOnePageWhateverItsSize) {
  Fill(50);
  store::Reader reader = database_->Read().value();
  const auto records = store::RecordsOf(reader, kArea);
  const std::string id = store_.ByReference(*records, "hospital", "camhs", "a")
                             .value()
                             .referral_id;
  for (const int size : {1, 7, 49, 50, 51}) {
    std::vector<int> numbers;
    int before = 0;
    do {
      const auto page = store_.Newest(*records, id, before, size).value();
      std::vector<int> of_page;
      for (const EventRow& row : page) of_page.push_back(row.number);
      numbers.insert(numbers.begin(), of_page.begin(), of_page.end());
      before = numbers.front();
    } while (before > 1);
    ASSERT_EQ(numbers.size(), 50u) << size;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(numbers[i], i + 1);
  }
}

TEST_P(LongTest, ManyOfLongHistoriesAreSentFewerAtATime) {
  const std::string a = Register("a", "2022-01-01", "camhs");
  const std::string b = Register("b", "2022-01-01", "camhs");
  const auto blocked = [](const std::string& name) {
    auto event = About(name, "2024-01-05", "camhs");
    event.mutable_block()->set_by("SLT");
    return event;
  };
  Lengthen(a, kMostHistory / 2);
  Lengthen(b, kMostHistory / 2 - 1);
  auto removal = About("a", "2024-01-06", "camhs");
  removal.mutable_removal()->set_outcome(pb::OUTCOME_WITHDRAWN);
  removal.mutable_removal()->set_reason("FAMILY_DECLINED");
  EXPECT_EQ(Said(PushAll({blocked("b"), removal}).value()),
            (std::vector<std::string>{"OK", "OK"}));
  const long long before = Count("events");
  const Error error = PushAll({blocked("a"), blocked("b")}).error();
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(error.reason, "TOO_MUCH_HISTORY");
  EXPECT_EQ(error.fields.at(0).path, "events");
  EXPECT_EQ(Count("events"), before);
  EXPECT_TRUE(Say(a, b, true)) << "one alone is always taken";
}

TEST_P(LongTest, AReferralThatIsFullIsStillLeftAndMended) {
  const std::string id = Register("a", "2022-01-01", "camhs");
  Lengthen(id, kMostOfReferral - 1);
  auto letter = About("a", "2024-01-05", "camhs");
  letter.mutable_contact()->set_kind("UPDATE");
  EXPECT_TRUE(Push(letter));
  EXPECT_EQ(Push(letter).error().reason, "REFERRAL_FULL");
  auto correction = About("a", "2024-01-05", "camhs");
  correction.mutable_correction()->set_event(kMostOfReferral);
  correction.mutable_correction()->set_rationale("Test: sent twice");
  EXPECT_TRUE(Push(correction));
  auto removal = About("a", "2024-01-06", "camhs");
  removal.mutable_removal()->set_outcome(pb::OUTCOME_WITHDRAWN);
  removal.mutable_removal()->set_reason("FAMILY_DECLINED");
  const auto removed = Push(removal);
  EXPECT_TRUE(removed) << removed.error().reason;
  EXPECT_TRUE(Push(Referral("a", "2024-01-07", "camhs"))) << "referred again";
}

// Times are printed and not judged: `--gtest_also_run_disabled_tests`.
TEST_P(LongTest, DISABLED_Measure) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const auto say = [](const char* what, auto time) {
    std::cout << what << " " << Milliseconds(time).count() << " ms\n";
  };
  Fill(5001);
  say("a push of 100", slowest_);
  auto one = About("a", "2024-01-05", "camhs");
  one.mutable_block()->set_by("SLT");
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(Push(one));
  say("one more event", std::chrono::steady_clock::now() - started);
  const auto read = std::chrono::steady_clock::now();
  store::Reader reader = database_->Read().value();
  const auto records = store::RecordsOf(reader, kArea);
  const std::string id = store_.ByReference(*records, "hospital", "camhs", "a")
                             .value()
                             .referral_id;
  const History history = store_.Events(*records, id).value();
  say("its events read", std::chrono::steady_clock::now() - read);
  const auto folded = std::chrono::steady_clock::now();
  EXPECT_EQ(WaitsOf(history).size(), 1u);
  EXPECT_FALSE(DutyDays(*catalogue_.Find("camhs"), history).empty());
  say("folded", std::chrono::steady_clock::now() - folded);
  const auto page = std::chrono::steady_clock::now();
  EXPECT_EQ(store_.Newest(*records, id, 0, 1000)->size(), 1000u);
  say("a page", std::chrono::steady_clock::now() - page);
}

}  // namespace
}  // namespace seawall::waiting
