#include "libs/census/writer.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Table;

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

}  // namespace

Writer::Writer(std::ostream& out, const Row& header) : out_(out) {
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

void Writer::Child(const ChildRecord& child) {
  Open("Child");
  Open("ChildIdentifiers");
  for (const Row& row : child.rows(kChildIdentifiers)) Leaves(row);
  Close();
  Open("ChildCharacteristics");
  for (const Row& row : child.rows(kChildCharacteristics)) Leaves(row);
  std::vector<const Row*> disabilities;
  for (const Row& row : child.rows(kDisabilities)) disabilities.push_back(&row);
  List("Disabilities", kDisability, disabilities);
  Close();
  for (const Row& episode : child.rows(kCINdetails)) Episode(child, episode);
  Close();
}

void Writer::Finish() {
  while (!open_.empty()) Close();
}

void Writer::Episode(const ChildRecord& child, const Row& episode) {
  Open("CINdetails");
  Leaves(episode);
  const auto of_episode = [&](Table table) {
    return Of(child, table, episode, {kCINdetailsID});
  };
  for (const Row* row : of_episode(kAssessments)) Assessment(child, *row);
  for (const Row* row : of_episode(kCINplanDates)) {
    Open("CINPlanDates");
    Leaves(*row);
    Close();
  }
  for (const Row* row : of_episode(kSection47)) {
    Open("Section47");
    Leaves(*row);
    Close();
  }
  Leaf(episode, kReferralNFA);
  for (const Row* row : of_episode(kChildProtectionPlans)) Plan(child, *row);
  for (const Row* row : of_episode(kPreProceedings)) {
    Open("PreProceedingsandFGDM");
    Leaves(*row);
    Close();
  }
  Close();
}

void Writer::Assessment(const ChildRecord& child, const Row& assessment) {
  Open("Assessments");
  Leaves(assessment);
  const auto factors = Of(child, kAssessmentFactorsList, assessment,
                          {kCINdetailsID, kAssessmentID});
  if (!factors.empty()) {
    Open("FactorsIdentifiedAtAssessment");
    for (const Row* factor : factors)
      Line("<AssessmentFactors>" + Escaped(factor->Text(kAssessmentFactor)) +
           "</AssessmentFactors>");
    Close();
  }
  Close();
}

void Writer::Plan(const ChildRecord& child, const Row& plan) {
  Open("ChildProtectionPlans");
  Leaves(plan);
  List("Reviews", kCPPreviewDate, Of(child, kReviews, plan, {kCPPID}));
  Close();
}

void Writer::List(const char* name, Column column,
                  const std::vector<const Row*>& rows) {
  if (rows.empty()) return;
  Open(name);
  for (const Row* row : rows) Leaf(*row, column);
  Close();
}

void Writer::Leaves(const Row& row) {
  for (const Column column : ColumnsOf(row.table()))
    if (!IsNoLeaf(row.table(), column)) Leaf(row, column);
}

void Writer::Leaf(const Row& row, Column column) {
  if (!row.Has(column)) return;
  const std::string name(Name(column));
  Line("<" + name + ">" + Escaped(row.Text(column)) + "</" + name + ">");
}

void Writer::Open(const char* name) {
  Line(std::string("<") + name + ">");
  open_.push_back(name);
}

void Writer::Close() {
  const char* name = open_.back();
  open_.pop_back();
  Line(std::string("</") + name + ">");
}

void Writer::Line(const std::string& text) {
  out_ << std::string(2 * open_.size(), ' ') << text << '\n';
}

}  // namespace seawall::census
