// The census tables: what one child's part of a children in need census holds,
// as plain rows under the census's own table and column names.
//
// A row keeps each value as the text it was given and, for columns that hold a
// day, the day as well; nothing is refused here, wrong values are for the rules
// to find. An absent value, an empty text and a missing column are the same.
// Whoever has a child's records fills a ChildRecord: the reader of census XML,
// the reader of JSON rows, or a service that asks the same rules before it
// writes. Not thread-safe; never throws but for memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::census {

#define SEAWALL_CENSUS_TABLES(X) \
  X(Header)                      \
  X(ChildIdentifiers)            \
  X(ChildCharacteristics)        \
  X(Disabilities)                \
  X(CINdetails)                  \
  X(Assessments)                 \
  X(AssessmentFactorsList)       \
  X(CINplanDates)                \
  X(Section47)                   \
  X(ChildProtectionPlans)        \
  X(Reviews)                     \
  X(PreProceedings)

// In the order of the census's schema.
#define SEAWALL_CENSUS_COLUMNS(X) \
  X(Collection)                   \
  X(Year)                         \
  X(ReferenceDate)                \
  X(SourceLevel)                  \
  X(LEA)                          \
  X(SoftwareCode)                 \
  X(Release)                      \
  X(SerialNo)                     \
  X(DateTime)                     \
  X(LAchildID)                    \
  X(UPN)                          \
  X(FormerUPN)                    \
  X(UPNunknown)                   \
  X(PersonBirthDate)              \
  X(ExpectedPersonBirthDate)      \
  X(GenderCurrent)                \
  X(Sex)                          \
  X(PersonDeathDate)              \
  X(Ethnicity)                    \
  X(Disability)                   \
  X(CINdetailsID)                 \
  X(CINreferralDate)              \
  X(ReferralSource)               \
  X(PrimaryNeedCode)              \
  X(CINclosureDate)               \
  X(ReasonForClosure)             \
  X(DateOfInitialCPC)             \
  X(AssessmentID)                 \
  X(AssessmentActualStartDate)    \
  X(AssessmentInternalReviewDate) \
  X(AssessmentAuthorisationDate)  \
  X(AssessmentFactors)            \
  X(AssessmentFactor)             \
  X(CINPlanStartDate)             \
  X(CINPlanEndDate)               \
  X(S47ActualStartDate)           \
  X(InitialCPCtarget)             \
  X(ICPCnotRequired)              \
  X(ReferralNFA)                  \
  X(CPPID)                        \
  X(CPPstartDate)                 \
  X(CPPendDate)                   \
  X(InitialCategoryOfAbuse)       \
  X(LatestCategoryOfAbuse)        \
  X(NumberOfPreviousCPP)          \
  X(CPPreviewDate)                \
  X(PPStartDate)                  \
  X(LBPSentDate)                  \
  X(FGDMMeetingOffer)             \
  X(FGDMMeetingFac)               \
  X(InitialPPMeetingDate)         \
  X(ReviewMeetingsCount)          \
  X(StepDecisionDate)             \
  X(PPOutcome)                    \
  X(CourtAppDate)                 \
  X(LetterInitCPDate)

#define SEAWALL_CENSUS_ENUMERATOR(name) k##name,
enum class Table : std::uint8_t {
  SEAWALL_CENSUS_TABLES(SEAWALL_CENSUS_ENUMERATOR)
};
enum class Column : std::uint8_t {
  SEAWALL_CENSUS_COLUMNS(SEAWALL_CENSUS_ENUMERATOR)
};
#undef SEAWALL_CENSUS_ENUMERATOR

inline constexpr std::size_t kTables =
    static_cast<std::size_t>(Table::kPreProceedings) + 1;

// The census's own names; nothing for a name that it does not have.
std::string_view Name(Table table);
std::string_view Name(Column column);
std::optional<Table> FindTable(std::string_view name);
std::optional<Column> FindColumn(std::string_view name);

// The columns of a table, ids first, the others in the order of the schema.
std::span<const Column> ColumnsOf(Table table);

// Whether the column holds a day.
bool IsDate(Column column);

// "2022-03-31", the same with a time of day behind "T" or a space, "31/03/2022"
// or "31-03-2022"; nothing for any other form and for days that do not exist.
std::optional<Date> ParseCensusDate(std::string_view text);

class Row {
 public:
  Row(Table table, std::size_t number) : table_(table), number_(number) {}

  Table table() const { return table_; }
  // Its place in its table, from 0.
  std::size_t number() const { return number_; }

  // An empty text removes the value.
  void Set(Column column, std::string text);
  void Set(Column column, Date date);

  // Empty when absent.
  const std::string& Text(Column column) const;
  bool Has(Column column) const { return !Text(column).empty(); }
  // The day of a column that holds one; nothing when absent or no day.
  std::optional<Date> On(Column column) const;
  // Both spellings, in any case: 1 and true, 0 and false.
  bool IsTrue(Column column) const;
  bool IsFalse(Column column) const;

 private:
  struct Value {
    Column column;
    std::string text;
    std::optional<Date> date;
  };

  Table table_;
  std::size_t number_;
  std::vector<Value> values_;
};

// All rows of one child. Rows of different tables belong to one episode when
// their CINdetailsID is the same, and to one child protection plan when their
// CPPID is.
class ChildRecord {
 public:
  // A new row at the end of the table, numbered by its place in this record;
  // valid until the next row of the table is added.
  Row& Add(Table table);
  // The same with a place of the caller's own: where it stood in a file.
  Row& Add(Table table, std::size_t number);

  const std::vector<Row>& rows(Table table) const {
    return tables_[static_cast<std::size_t>(table)];
  }
  // LAchildID of the first row that has one; empty for a record without.
  const std::string& id() const;

 private:
  std::array<std::vector<Row>, kTables> tables_;
};

}  // namespace seawall::census
