#include <fstream>

#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

// `in_time_assessment` is documented as `in_time_<clock>`.
std::string Pattern(const std::string& id, const ClockRules& clocks,
                    const rules::Rubric& rubric) {
  for (const char* family : {"in_time_", "open_", "overdue_"}) {
    for (const std::string& clock : clocks.JourneyNames()) {
      if (id == family + clock) return std::string(family) + "<clock>";
    }
  }
  for (const rules::Criterion& criterion : rubric.criteria) {
    if (id == "quality_failed_" + criterion.id) {
      return "quality_failed_<criterion>";
    }
  }
  return id;
}

class MeasuresTest : public ServiceTest {};

TEST_P(MeasuresTest, EveryFigureIsDefinedInTheDocuments) {
  std::ifstream file("docs/measures.md");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(text.empty());
  for (const counters::Measure& measure : definitions_.measures) {
    const std::string name = Pattern(measure.id, clocks_, rubric_);
    EXPECT_NE(text.find('`' + name + '`'), std::string::npos) << name;
  }
}

TEST_P(MeasuresTest, EveryFigureSaysWhatItIsAndWhereItComesFrom) {
  for (const counters::Measure& measure : definitions_.measures) {
    EXPECT_TRUE(measure.definition.ends_with(".")) << measure.id;
    EXPECT_FALSE(measure.source.empty()) << measure.id;
    EXPECT_FALSE(measure.numerator.empty()) << measure.id;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, MeasuresTest, support::BothEngines(),
                         support::EngineName);

}  // namespace
}  // namespace seawall::referrals
