// Census returns come out as they went in: children that a check finds nothing
// wrong with, of every year, are imported into an empty store and exported.
// What comes out is what went in, but for what the report said is not kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "cli/census_child.h"
#include "cli/census_year.h"
#include "libs/census/check.h"
#include "libs/census/writer.h"
#include "libs/census/xml.h"
#include "services/referrals/test_service.h"
#include "tests/census/made_child.h"

namespace seawall::referrals {
namespace {

using census::ChildRecord;
using census::Column;
using census::Row;
using census::Table;
using enum census::Column;
using enum census::Table;

// ---- a child as text that two files of one content share ----

std::string Value(const Row& row, Column column) {
  if (column == kReferralNFA || column == kICPCnotRequired)
    return row.IsTrue(column) ? "1" : "0";
  const auto day = row.On(column);
  return day ? FormatDate(*day) : row.Text(column);
}

std::string Line(const Row& row) {
  std::string line(Name(row.table()));
  for (const Column column : census::ColumnsOf(row.table())) {
    const bool ties =
        column == kCINdetailsID || column == kAssessmentID ||
        column == kCPPID || column == kAssessmentFactors ||
        (column == kLAchildID && row.table() != kChildIdentifiers);
    if (ties || Value(row, column).empty()) continue;
    line += " " + std::string(Name(column)) + "=" + Value(row, column);
  }
  return line;
}

// The rows of a table that belong to `row`, as sorted text.
std::string Within(const ChildRecord& child, Table table, const Row& row,
                   Column tie) {
  std::multiset<std::string> lines;
  for (const Row& one : child.rows(table))
    if (one.Text(kCINdetailsID) == row.Text(kCINdetailsID) &&
        one.Text(tie) == row.Text(tie))
      lines.insert(Line(one));
  std::string text;
  for (const std::string& line : lines) text += "\n    " + line;
  return text;
}

std::string Text(const ChildRecord& child) {
  std::multiset<std::string> parts;
  for (const Table table :
       {kChildIdentifiers, kChildCharacteristics, kDisabilities})
    for (const Row& row : child.rows(table)) parts.insert(Line(row));
  for (const Row& episode : child.rows(kCINdetails)) {
    std::multiset<std::string> lines;
    for (const Table table : {kAssessments, kCINplanDates, kSection47,
                              kChildProtectionPlans, kPreProceedings})
      for (const Row& row : child.rows(table)) {
        if (row.Text(kCINdetailsID) != episode.Text(kCINdetailsID)) continue;
        std::string line = Line(row);
        if (table == kAssessments)
          line += Within(child, kAssessmentFactorsList, row, kAssessmentID);
        if (table == kChildProtectionPlans)
          line += Within(child, kReviews, row, kCPPID);
        lines.insert(line);
      }
    std::string part = Line(episode);
    for (const std::string& line : lines) part += "\n  " + line;
    parts.insert(part);
  }
  std::string text;
  for (const std::string& part : parts) text += part + "\n";
  return text;
}

// ---- what was told ----

// Takes what a path such as `episodes[0].enquiries[1].conference_date` names
// out of the message.
void Clear(google::protobuf::Message& message, const std::string& path) {
  const auto dot = path.find('.');
  std::string name = path.substr(0, dot);
  int index = -1;
  if (const auto open = name.find('['); open != std::string::npos) {
    index = std::stoi(name.substr(open + 1));
    name = name.substr(0, open);
  }
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  ASSERT_NE(field, nullptr) << path;
  const auto* reflection = message.GetReflection();
  if (dot == std::string::npos) return reflection->ClearField(&message, field);
  Clear(*reflection->MutableRepeatedMessage(&message, field, index),
        path.substr(dot + 1));
}

std::map<std::string, ChildRecord> ReadAll(std::istream& xml) {
  std::map<std::string, ChildRecord> children;
  EXPECT_TRUE(census::ReadXml(
      xml,
      {.header = [](const Row&) {},
       .child = [&](const ChildRecord& one) { children[one.id()] = one; },
       .unknown = [](const std::string& path, int) { ADD_FAILURE() << path; },
       .progress = [](std::size_t) {}}));
  return children;
}

// The child as a return of the year has it.
ChildRecord Written(const pb::CensusChild& child, int year) {
  std::stringstream xml;
  census::XmlWriter writer(xml, year, Row(kHeader, 0));
  writer.Child(cli::ToRecord(child));
  writer.Finish();
  return ReadAll(xml).begin()->second;
}

class RoundTrip : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    clock_.Advance(StartOfDay(*ParseDate("2027-06-01")) - clock_.Now());
  }

  // Children by id, as the export of that year writes them.
  std::map<std::string, ChildRecord> Export(int year) {
    const cli::CensusYear period(year);
    std::stringstream xml;
    census::XmlWriter writer(xml, year, Row(kHeader, 0));
    pb::ListChildrenRequest request;
    request.set_start_date(FormatDate(period.start));
    request.set_end_date(FormatDate(period.end));
    request.set_page_size(100);
    do {
      auto page = Read<pb::ListChildrenResponse>(Hub(), "ListChildren", request)
                      .value();
      for (pb::ChildRecord& record : *page.mutable_children()) {
        cli::Narrow(period, *record.mutable_child());
        if (record.child().episodes().empty()) continue;
        writer.Child(cli::ToRecord(record.child()));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    writer.Finish();
    return ReadAll(xml);
  }

  Result<pb::ImportChildResponse> Import(const pb::CensusChild& child,
                                         int year) {
    pb::ImportChildRequest request;
    *request.mutable_child() = child;
    request.set_reference_date(FormatDate(cli::CensusYear(year).end));
    return Write<pb::ImportChildResponse>(Hub(), "ImportChild", request);
  }

  void Try(int year);
};

unsigned Seed() {
  const char* given = std::getenv("SEAWALL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::atoi(given))
                          : std::random_device{}();
}

void RoundTrip::Try(int year) {
  const unsigned seed = Seed();
  SCOPED_TRACE("SEAWALL_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const int wanted = std::getenv("SEAWALL_LONG") != nullptr ? 1000 : 100;
  const int rules = std::clamp(year, census::kFirstYear, census::kLastYear);
  const census::Basis basis{rules, census::PeriodOfYear(year), codes_,
                            calendar_};
  support::MadeChild made(basis, random);
  Row header(kHeader, 0);
  header.Set(kReferenceDate, basis.period.reference_date);

  std::map<std::string, std::string> sent;
  std::map<std::string, int> traits, found;
  int tries = 0;
  for (int number = 0; static_cast<int>(sent.size()) < wanted; number++) {
    ASSERT_LT(++tries, 6 * wanted)
        << testing::PrintToString(found) << " of what is made is not clean";
    const ChildRecord record = made.Make(number);
    census::Checker checker(rules, codes_, calendar_);
    checker.Header(header);
    const auto findings = checker.Child(record);
    for (const auto& finding : findings)
      found[std::string(finding.rule->number)]++;
    if (!findings.empty()) continue;
    for (const std::string& trait : made.traits()) traits[trait]++;

    const cli::Carried carried = cli::ToCensusChild(record);
    for (const std::string& path : carried.not_kept)
      EXPECT_THAT(path, testing::HasSubstr("/PreProceedings["));
    const auto report = Import(carried.child, year).value();
    EXPECT_EQ(report.refused_size(), 0) << report.DebugString() << Text(record);
    pb::CensusChild kept = carried.child;
    for (const pb::Warning& warning : report.warnings())
      if (warning.reason() == "NOT_KEPT") Clear(kept, warning.field());
    const bool whole =
        carried.not_kept.empty() &&
        kept.SerializeAsString() == carried.child.SerializeAsString();
    sent[record.id()] = whole ? Text(record) : Text(Written(kept, year));
    if (number % 10 != 0) continue;
    const auto again = Import(carried.child, year).value();
    EXPECT_EQ(again.taken(), 0) << again.DebugString() << Text(record);
    EXPECT_EQ(again.refused_size(), 0);
  }
  const auto got = Export(year);
  for (const auto& [id, text] : sent) {
    const auto there = got.find(id);
    ASSERT_NE(there, got.end()) << text;
    ASSERT_EQ(Text(there->second), text);
  }
  EXPECT_EQ(got.size(), sent.size());
  EXPECT_EQ(Drift().drift, 0);
  // The breadth of whole returns.
  if (wanted >= 1000) {
    EXPECT_GE(traits.size(), 16u) << testing::PrintToString(traits);
  }
}

TEST_P(RoundTrip, Of2017To2018) { Try(2018); }
TEST_P(RoundTrip, Of2018To2019) { Try(2019); }
TEST_P(RoundTrip, Of2019To2020) { Try(2020); }
TEST_P(RoundTrip, Of2020To2021) { Try(2021); }
TEST_P(RoundTrip, Of2021To2022) { Try(2022); }
TEST_P(RoundTrip, Of2022To2023) { Try(2023); }
TEST_P(RoundTrip, Of2023To2024) { Try(2024); }
TEST_P(RoundTrip, Of2024To2025) { Try(2025); }
TEST_P(RoundTrip, Of2025To2026) { Try(2026); }
TEST_P(RoundTrip, Of2026To2027) { Try(2027); }

INSTANTIATE_TEST_SUITE_P(Sqlite, RoundTrip,
                         testing::Values(store::Engine::kSqlite));

}  // namespace
}  // namespace seawall::referrals
