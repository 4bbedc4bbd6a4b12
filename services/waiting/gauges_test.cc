#include "services/waiting/gauges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using testing::HasSubstr;

class GaugesTest : public ServiceTest {
 protected:
  // The catalogue, with the paper list of one service.
  Catalogue OnPaper(const std::string& id) {
    std::ifstream in("data/waiting_services.json");
    auto json = nlohmann::json::parse(in);
    for (auto& service : json["services"]) {
      if (service["id"] == id) service["has_list"] = false;
    }
    std::ofstream(folder_.File("services.json")) << json;
    return Catalogue::Load(folder_.File("services.json")).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, GaugesTest,
                         testing::Values(store::Engine::kSqlite),
                         support::EngineName);

TEST_P(GaugesTest, AListOnPaperIsUnknownAndNeverZero) {
  ASSERT_FALSE(Register("a", "2024-01-02", "camhs").empty());
  while (projector_->Step(area_).value()) {
  }
  const Catalogue paper = OnPaper(kSlt);
  metrics::Registry metrics;
  Gauges gauges(paper, definitions_, metrics, clock_);
  const auto is_told = [&] {
    const std::string text = metrics.Text();
    for (const char* name : {"children", "longest_days", "average_days",
                             "overdue_duties", "balance_residual"}) {
      EXPECT_THAT(text, HasSubstr(std::string("seawall_waiting_") + name +
                                  "{service=\"slt\"} Nan\n"));
    }
    EXPECT_THAT(text, HasSubstr("seawall_waiting_over_threshold{service=\"slt\""
                                ",weeks=\"18\"} Nan\n"));
  };
  is_told();
  gauges.Publish(area_, *projector_);
  is_told();
  EXPECT_THAT(metrics.Text(),
              HasSubstr("seawall_waiting_children{service=\"camhs\"} 1\n"));
}

}  // namespace
}  // namespace seawall::waiting
