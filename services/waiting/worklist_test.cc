// The worklist's order, as it is kept and read page by page.
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

class Worklist : public ServiceTest {
 protected:
  std::vector<WaitingReferral> Next(const std::string& after, std::size_t size,
                                    const std::string& provider = "hospital") {
    store::Reader reader = database_->Read().value();
    return NextWaiting(*store::RecordsOf(reader, kArea), kSlt, provider, after,
                       size)
        .value();
  }

  // References in the order of the list, read in pages of two.
  std::vector<std::string> Order() {
    std::vector<std::string> order;
    std::string after;
    for (;;) {
      const auto rows = Next(after, 2);
      for (const WaitingReferral& row : rows) {
        order.push_back(
            sealer_.OpenId("reference", row.referral.reference).value());
        after = row.place;
      }
      if (rows.size() < 2) return order;
    }
  }

  void Prioritise(const std::string& reference, int likelihood, int impact) {
    auto request = About(reference, "2024-01-05");
    request.mutable_priority()->set_likelihood(likelihood);
    request.mutable_priority()->set_impact(impact);
    ASSERT_TRUE(Push(request));
  }

  int Expedite(const std::string& reference) {
    auto request = About(reference, "2024-01-06");
    request.mutable_expedition()->set_goes_first(true);
    request.mutable_expedition()->set_rationale("Test: worse");
    return Push(request).value().event();
  }

  void TakeBack(const std::string& reference, int event) {
    auto request = About(reference, "2024-01-07");
    request.mutable_correction()->set_event(event);
    request.mutable_correction()->set_rationale("Test: another child");
    ASSERT_TRUE(Push(request));
  }

  void RegisterFive() {
    for (int day = 1; day <= 5; ++day) {
      Register("c-" + std::to_string(day), "2023-12-0" + std::to_string(day));
    }
  }
};

using Strings = std::vector<std::string>;

TEST_P(Worklist, PagesFollowTheOrderAsItChanges) {
  RegisterFive();
  EXPECT_EQ(Order(), (Strings{"c-1", "c-2", "c-3", "c-4", "c-5"}));
  Prioritise("c-4", 2, 4);
  Prioritise("c-3", 5, 3);
  EXPECT_EQ(Order(), (Strings{"c-3", "c-4", "c-1", "c-2", "c-5"}));
  const int expedited = Expedite("c-5");
  EXPECT_EQ(Order(), (Strings{"c-5", "c-3", "c-4", "c-1", "c-2"}));
  TakeBack("c-5", expedited);
  EXPECT_EQ(Order(), (Strings{"c-3", "c-4", "c-1", "c-2", "c-5"}));
  ASSERT_TRUE(Remove("c-4", "2024-01-08"));
  EXPECT_EQ(Order(), (Strings{"c-3", "c-1", "c-2", "c-5"}));
}

TEST_P(Worklist, APageHoldsEveryEventOfItsChildrenAndNobodyElses) {
  RegisterFive();
  Prioritise("c-1", 1, 1);
  const auto rows = Next("", 1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].referral.reference, store_.SealReference("c-1"));
  EXPECT_EQ(rows[0].history.all().size(), 2u);
  EXPECT_TRUE(Next("", 9, "lancashire-hospital").empty());
}

TEST_P(Worklist, WhoWaitedBeforeThereWerePlacesGetsTheSamePlace) {
  RegisterFive();
  Prioritise("c-2", 2, 4);
  Prioritise("c-3", 5, 5);
  Prioritise("c-3", 1, 1);
  TakeBack("c-4", Expedite("c-4"));
  Expedite("c-5");
  const Strings order = Order();
  for (const store::Migration& migration : Migrations()) {
    if (migration.version != 300) continue;
    const std::size_t from = migration.sql.find("update waiting");
    const std::string update =
        migration.sql.substr(from, migration.sql.find(';', from) - from);
    soci::session& sql = database_->writer().sql();
    ASSERT_TRUE(store::Try([&] {
      sql << "update waiting set place = ''";
      sql << update;
    }));
  }
  EXPECT_EQ(Order(), order);
  EXPECT_EQ(Next("", 1)[0].place.rfind("0/004/2023-12-05/W", 0), 0u);
}

INSTANTIATE_TEST_SUITE_P(Engines, Worklist, support::BothEngines(),
                         support::EngineName);

TEST_P(Worklist, AFamilyIsAnsweredWithTheOneReaderThatIsFree) {
  Register("a", "2023-08-01");
  std::vector<store::Reader> taken;
  while (auto reader = database_->Read()) taken.push_back(*std::move(reader));
  taken.pop_back();
  pb::GetMyWaitRequest request;
  *request.mutable_about() = About("a", "").about();
  const auto mine =
      Read<pb::GetMyWaitResponse>(Provider(), "GetMyWait", request);
  ASSERT_TRUE(mine) << mine.error().reason;
  EXPECT_EQ(mine->weeks_waited(), 23);
}

}  // namespace
}  // namespace seawall::waiting
