// A referral with a long history: read page by page, and each write folds it
// once. On both stores.
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

  std::chrono::steady_clock::duration slowest_{};
};
INSTANTIATE_TEST_SUITE_P(Engines, LongTest, support::BothEngines(),
                         support::EngineName);

TEST_P(LongTest, EveryEventIsOnOnePageWhateverItsSize) {
  Fill(50);
  store::Reader reader = database_->Read().value();
  const std::string id =
      store_.ByReference(reader.sql(), kArea, "hospital", "camhs", "a")
          .value()
          .referral_id;
  for (const int size : {1, 7, 49, 50, 51}) {
    std::vector<int> numbers;
    int before = 0;
    do {
      const auto page =
          store_.Newest(reader.sql(), kArea, id, before, size).value();
      std::vector<int> of_page;
      for (const EventRow& row : page) of_page.push_back(row.event.number);
      numbers.insert(numbers.begin(), of_page.begin(), of_page.end());
      before = numbers.front();
    } while (before > 1);
    ASSERT_EQ(numbers.size(), 50u) << size;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(numbers[i], i + 1);
  }
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
  const std::string id =
      store_.ByReference(reader.sql(), kArea, "hospital", "camhs", "a")
          .value()
          .referral_id;
  const History history = store_.Events(reader.sql(), kArea, id).value();
  say("its events read", std::chrono::steady_clock::now() - read);
  const auto folded = std::chrono::steady_clock::now();
  EXPECT_EQ(WaitsOf(history).size(), 1u);
  EXPECT_FALSE(DutyDays(*catalogue_.Find("camhs"), history).empty());
  say("folded", std::chrono::steady_clock::now() - folded);
  const auto page = std::chrono::steady_clock::now();
  EXPECT_EQ(store_.Newest(reader.sql(), kArea, id, 0, 1000)->size(), 1000u);
  say("a page", std::chrono::steady_clock::now() - page);
}

}  // namespace
}  // namespace seawall::waiting
