#include "services/waiting/catalogue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/waiting/wait.h"
#include "tests/support/tempdir.h"

namespace seawall::waiting {
namespace {

constexpr char kPath[] = "data/waiting_services.json";

TEST(Catalogue, HoldsTheEightServicesOfTheDashboard) {
  const Catalogue catalogue = Catalogue::Load(kPath).value();
  EXPECT_EQ(catalogue.services().size(), 8u);
  EXPECT_EQ(catalogue.threshold_weeks(), (std::vector<int>{18, 52, 78}));
  for (const Service& service : catalogue.services()) {
    EXPECT_EQ(service.clock, kFirstContact) << service.id;
    EXPECT_FALSE(service.providers.empty());
  }
  EXPECT_EQ(catalogue.Find("camhs")->adjusted_mode, kScotlandCamhs);
  EXPECT_EQ(catalogue.Find("nobody"), nullptr);
}

TEST(Catalogue, RiskMatrixOrdersByLikelihoodTimesImpact) {
  const Catalogue catalogue = Catalogue::Load(kPath).value();
  EXPECT_EQ(catalogue.RiskOf(5, 3).band, "RED");
  EXPECT_EQ(catalogue.RiskOf(3, 4).band, "AMBER");
  EXPECT_EQ(catalogue.RiskOf(2, 4).band, "AMBER");
  EXPECT_EQ(catalogue.RiskOf(3, 2).band, "GREEN");
  EXPECT_EQ(catalogue.RiskOf(0, 0).band, "UNKNOWN");
}

std::string Changed(const std::string& from, const std::string& to) {
  std::ifstream file(kPath);
  std::stringstream text;
  text << file.rdbuf();
  std::string all = text.str();
  const auto at = all.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return all.replace(at, from.size(), to);
}

TEST(Catalogue, WhatDoesNotFitIsRefusedByName) {
  support::TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    const auto loaded = Catalogue::Load(folder.Write("services.json", text));
    return loaded ? std::string() : loaded.error().reason;
  };
  EXPECT_EQ(refused("{}"), "CATALOGUE_UNREADABLE");
  EXPECT_EQ(refused(Changed("\"scotland-camhs\"", "\"mine\"")),
            "CATALOGUE_UNREADABLE");
  EXPECT_EQ(refused(Changed("[0, 8, 15, 29", "[1, 8, 15, 29")),
            "CATALOGUE_UNREADABLE");
  EXPECT_EQ(refused(Changed("[\"cyp-mh\"", "[\"other\"")),
            "CATALOGUE_UNREADABLE");
}

}  // namespace
}  // namespace seawall::waiting
