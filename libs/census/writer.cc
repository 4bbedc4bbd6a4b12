#include "libs/census/writer.h"

#include <initializer_list>
#include <string_view>

namespace seawall::census {
namespace {

using enum Column;
using enum Table;

// The first census that says Sex instead of GenderCurrent.
constexpr int kFirstYearOfSex = 2025;

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20;
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (!control || c == '\n' || c == '\t')
      escaped += c;
  }
  return escaped;
}

// Columns that tie rows together or stand in lists of their own; ReferralNFA
// stands behind the lists of its episode.
bool IsNoLeaf(Table table, Column column) {
  return column == kCINdetailsID || column == kAssessmentID ||
         column == kCPPID || column == kAssessmentFactors ||
         column == kReferralNFA || column == kDisability ||
         (column == kLAchildID && table != kChildIdentifiers);
}

// The rows of a table that say the same as `row` in these columns.
std::vector<const Row*> Of(const ChildRecord& child, Table table,
                           const Row& row,
                           std::initializer_list<Column> columns) {
  std::vector<const Row*> found;
  for (const Row& one : child.rows(table)) {
    bool same = true;
    for (const Column column : columns)
      same = same && one.Text(column) == row.Text(column);
    if (same) found.push_back(&one);
  }
  return found;
}

// The form of the schema, where the value has one.
std::string Formed(const Row& row, Column column) {
  if (column != kDateTime)
    if (const auto date = row.On(column)) return FormatDate(*date);
  if (column == kReferralNFA || column == kICPCnotRequired) {
    if (row.IsTrue(column)) return "1";
    if (row.IsFalse(column)) return "0";
  }
  return row.Text(column);
}

// U is what is not recorded, too.
std::string ToSex(const std::string& gender) {
  if (gender == "1") return "M";
  if (gender == "2") return "F";
  return gender.empty() || gender == "0" || gender == "9" ? "U" : gender;
}

// 0 is not recorded, as of the unborn; 9 is indeterminate.
std::string ToGender(const std::string& sex, bool unborn) {
  if (sex == "M") return "1";
  if (sex == "F") return "2";
  if (sex.empty()) return "0";
  return sex == "U" ? (unborn ? "0" : "9") : sex;
}

}  // namespace

XmlWriter::XmlWriter(std::ostream& out, int year, const Row& header)
    : out_(out), year_(year) {
  out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  Open("Message");
  Open("Header");
  Open("CollectionDetails");
  for (const Column column : {kCollection, kYear, kReferenceDate})
    Leaf(header, column);
  Close();
  Open("Source");
  for (const Column column :
       {kSourceLevel, kLEA, kSoftwareCode, kRelease, kSerialNo, kDateTime})
    Leaf(header, column);
  Close();
  Close();
  Open("Children");
}

void XmlWriter::Child(const ChildRecord& child) {
  const auto all = [&](Table table) {
    Rows rows;
    for (const Row& row : child.rows(table)) rows.push_back(&row);
    return rows;
  };
  Open("Child");
  Blocks("ChildIdentifiers", all(kChildIdentifiers));
  Open("ChildCharacteristics");
  for (const Row* row : all(kChildCharacteristics)) Leaves(*row);
  List("Disabilities", "Disability", kDisability, all(kDisabilities));
  Close();
  for (const Row* episode : all(kCINdetails)) Episode(child, *episode);
  Close();
}

void XmlWriter::Finish() {
  while (!open_.empty()) Close();
}

void XmlWriter::Episode(const ChildRecord& child, const Row& episode) {
  const auto of_episode = [&](Table table) {
    return Of(child, table, episode, {kCINdetailsID});
  };
  Open("CINdetails");
  Leaves(episode);
  for (const Row* row : of_episode(kAssessments)) Assessment(child, *row);
  Blocks("CINPlanDates", of_episode(kCINplanDates));
  Blocks("Section47", of_episode(kSection47));
  Leaf(episode, kReferralNFA);
  for (const Row* row : of_episode(kChildProtectionPlans)) Plan(child, *row);
  Blocks("PreProceedingsandFGDM", of_episode(kPreProceedings));
  Close();
}

void XmlWriter::Assessment(const ChildRecord& child, const Row& assessment) {
  Open("Assessments");
  Leaves(assessment);
  List("FactorsIdentifiedAtAssessment", "AssessmentFactors", kAssessmentFactor,
       Of(child, kAssessmentFactorsList, assessment,
          {kCINdetailsID, kAssessmentID}));
  Close();
}

void XmlWriter::Plan(const ChildRecord& child, const Row& plan) {
  Open("ChildProtectionPlans");
  Leaves(plan);
  List("Reviews", "CPPreviewDate", kCPPreviewDate,
       Of(child, kReviews, plan, {kCPPID}));
  Close();
}

void XmlWriter::Blocks(const char* name, const Rows& rows) {
  for (const Row* row : rows) {
    Open(name);
    Leaves(*row);
    Close();
  }
}

void XmlWriter::List(const char* name, const char* element, Column column,
                     const Rows& rows) {
  if (rows.empty()) return;
  Open(name);
  for (const Row* row : rows) Element(element, Formed(*row, column));
  Close();
}

void XmlWriter::Leaves(const Row& row) {
  for (const Column column : ColumnsOf(row.table())) {
    if (column == kGenderCurrent) Sex(row);
    const bool is_sex = column == kGenderCurrent || column == kSex;
    if (!is_sex && !IsNoLeaf(row.table(), column)) Leaf(row, column);
  }
}

void XmlWriter::Sex(const Row& row) {
  const std::string& text = row.Text(row.Has(kSex) ? kSex : kGenderCurrent);
  const bool unborn =
      !row.Has(kPersonBirthDate) && row.Has(kExpectedPersonBirthDate);
  if (year_ >= kFirstYearOfSex)
    Element("Sex", ToSex(text));
  else
    Element("GenderCurrent", ToGender(text, unborn));
}

void XmlWriter::Leaf(const Row& row, Column column) {
  Element(std::string(Name(column)), Formed(row, column));
}

void XmlWriter::Element(const std::string& name, const std::string& text) {
  if (text.empty()) return;
  Line("<" + name + ">" + Escaped(text) + "</" + name + ">");
}

void XmlWriter::Open(const char* name) {
  Line(std::string("<") + name + ">");
  open_.push_back(name);
}

void XmlWriter::Close() {
  const char* name = open_.back();
  open_.pop_back();
  Line(std::string("</") + name + ">");
}

void XmlWriter::Line(const std::string& text) {
  out_ << std::string(2 * open_.size(), ' ') << text << '\n';
}

}  // namespace seawall::census
