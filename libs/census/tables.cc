#include "libs/census/tables.h"

#include <algorithm>

namespace seawall::census {
namespace {

#define SEAWALL_CENSUS_NAME(name) std::string_view(#name),
constexpr std::array kTableNames = {SEAWALL_CENSUS_TABLES(SEAWALL_CENSUS_NAME)};
constexpr std::array kColumnNames = {
    SEAWALL_CENSUS_COLUMNS(SEAWALL_CENSUS_NAME)};
#undef SEAWALL_CENSUS_NAME
static_assert(kTableNames.size() == kTables);

template <class Enum, std::size_t n>
std::optional<Enum> Find(const std::array<std::string_view, n>& names,
                         std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool Same(std::string_view text, std::string_view lower) {
  return std::equal(
      text.begin(), text.end(), lower.begin(), lower.end(),
      [](char given, char expected) {
        return given == expected ||
               (given >= 'A' && given <= 'Z' && given - 'A' + 'a' == expected);
      });
}

// "31/03/2022" as "2022-03-31".
std::string Turned(std::string_view text) {
  return std::string(text.substr(6, 4)) + "-" + std::string(text.substr(3, 2)) +
         "-" + std::string(text.substr(0, 2));
}

const std::string kAbsent;

using enum Column;

constexpr Column kHeaderColumns[] = {kCollection,  kYear,     kReferenceDate,
                                     kSourceLevel, kLEA,      kSoftwareCode,
                                     kRelease,     kSerialNo, kDateTime};
constexpr Column kChildIdentifiersColumns[] = {
    kLAchildID,       kUPN,
    kFormerUPN,       kUPNunknown,
    kPersonBirthDate, kExpectedPersonBirthDate,
    kGenderCurrent,   kSex,
    kPersonDeathDate};
constexpr Column kChildCharacteristicsColumns[] = {kLAchildID, kEthnicity,
                                                   kDisability};
constexpr Column kDisabilitiesColumns[] = {kLAchildID, kDisability};
constexpr Column kCINdetailsColumns[] = {
    kLAchildID,        kCINdetailsID,     kCINreferralDate,
    kReferralSource,   kPrimaryNeedCode,  kCINclosureDate,
    kReasonForClosure, kDateOfInitialCPC, kReferralNFA};
constexpr Column kAssessmentsColumns[] = {kLAchildID,
                                          kCINdetailsID,
                                          kAssessmentID,
                                          kAssessmentActualStartDate,
                                          kAssessmentInternalReviewDate,
                                          kAssessmentAuthorisationDate,
                                          kAssessmentFactors};
constexpr Column kAssessmentFactorsListColumns[] = {
    kLAchildID, kCINdetailsID, kAssessmentID, kAssessmentFactor};
constexpr Column kCINplanDatesColumns[] = {kLAchildID, kCINdetailsID,
                                           kCINPlanStartDate, kCINPlanEndDate};
constexpr Column kSection47Columns[] = {kLAchildID,          kCINdetailsID,
                                        kS47ActualStartDate, kInitialCPCtarget,
                                        kDateOfInitialCPC,   kICPCnotRequired};
constexpr Column kChildProtectionPlansColumns[] = {kLAchildID,
                                                   kCINdetailsID,
                                                   kCPPID,
                                                   kCPPstartDate,
                                                   kCPPendDate,
                                                   kInitialCategoryOfAbuse,
                                                   kLatestCategoryOfAbuse,
                                                   kNumberOfPreviousCPP};
constexpr Column kReviewsColumns[] = {kLAchildID, kCINdetailsID, kCPPID,
                                      kCPPreviewDate};
constexpr Column kPreProceedingsColumns[] = {kLAchildID,
                                             kCINdetailsID,
                                             kPPStartDate,
                                             kLBPSentDate,
                                             kFGDMMeetingOffer,
                                             kFGDMMeetingFac,
                                             kInitialPPMeetingDate,
                                             kReviewMeetingsCount,
                                             kStepDecisionDate,
                                             kPPOutcome,
                                             kCourtAppDate,
                                             kLetterInitCPDate};

#define SEAWALL_CENSUS_COLUMNS_OF(name) \
  std::span<const Column>(k##name##Columns),
constexpr std::array kColumnsOf = {
    SEAWALL_CENSUS_TABLES(SEAWALL_CENSUS_COLUMNS_OF)};
#undef SEAWALL_CENSUS_COLUMNS_OF

}  // namespace

std::span<const Column> ColumnsOf(Table table) {
  return kColumnsOf[static_cast<std::size_t>(table)];
}

std::string_view Name(Table table) {
  return kTableNames[static_cast<std::size_t>(table)];
}

std::string_view Name(Column column) {
  return kColumnNames[static_cast<std::size_t>(column)];
}

std::optional<Table> FindTable(std::string_view name) {
  return Find<Table>(kTableNames, name);
}

std::optional<Column> FindColumn(std::string_view name) {
  return Find<Column>(kColumnNames, name);
}

bool IsDate(Column column) {
  const std::string_view name = Name(column);
  return name.ends_with("Date") || column == Column::kDateOfInitialCPC ||
         column == Column::kInitialCPCtarget;
}

std::optional<Date> ParseCensusDate(std::string_view text) {
  if (text.size() > 10 && (text[10] == 'T' || text[10] == ' '))
    text = text.substr(0, 10);
  if (text.size() == 10 && (text[2] == '/' || text[2] == '-') &&
      text[5] == text[2])
    return ParseDate(Turned(text));
  return ParseDate(text);
}

void Row::Set(Column column, std::string text) {
  std::erase_if(values_, [&](const Value& v) { return v.column == column; });
  if (text.empty()) return;
  const auto date = IsDate(column) ? ParseCensusDate(text) : std::nullopt;
  values_.push_back({column, std::move(text), date});
}

void Row::Set(Column column, Date date) { Set(column, FormatDate(date)); }

const std::string& Row::Text(Column column) const {
  for (const Value& value : values_)
    if (value.column == column) return value.text;
  return kAbsent;
}

std::optional<Date> Row::On(Column column) const {
  for (const Value& value : values_)
    if (value.column == column) return value.date;
  return std::nullopt;
}

bool Row::IsTrue(Column column) const {
  return Text(column) == "1" || Same(Text(column), "true");
}

bool Row::IsFalse(Column column) const {
  return Text(column) == "0" || Same(Text(column), "false");
}

Row& ChildRecord::Add(Table table) { return Add(table, rows(table).size()); }

Row& ChildRecord::Add(Table table, std::size_t number) {
  return tables_[static_cast<std::size_t>(table)].emplace_back(table, number);
}

const std::string& ChildRecord::id() const {
  for (const auto& table : tables_)
    for (const Row& row : table)
      if (row.Has(Column::kLAchildID)) return row.Text(Column::kLAchildID);
  return kAbsent;
}

}  // namespace seawall::census
