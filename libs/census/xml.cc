#include "libs/census/xml.h"

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "libs/base/text.h"
#include "libs/census/cutter.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Table;

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(
      text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

bool IsId(Column column) {
  return column == kCINdetailsID || column == kAssessmentID || column == kCPPID;
}

// The column that an element of this name fills in a row of this table.
std::optional<Column> LeafOf(Table table, std::string_view name) {
  const auto column = FindColumn(name);
  if (!column || IsId(*column)) return std::nullopt;
  if (*column == kLAchildID && table != kChildIdentifiers) return std::nullopt;
  const auto columns = ColumnsOf(table);
  const bool there =
      std::find(columns.begin(), columns.end(), *column) != columns.end();
  return there ? column : std::nullopt;
}

// Where rows of the file stand, and what is told of it.
struct Shared {
  const XmlListener& listener;
  std::array<std::size_t, kTables> rows = {};
};

// One cut element, taken apart.
class Part {
 public:
  Part(Shared& shared, const Cut& cut) : shared_(shared), cut_(cut) {}

  // False where the element is no name that `row` has a column for; then it is
  // the caller's.
  bool Leaf(pugi::xml_node node, Row& row) {
    const auto column = LeafOf(row.table(), node.name());
    if (!column) return false;
    if (row.Has(*column)) {
      Unknown(node);
    } else {
      row.Set(*column, Trimmed(node.child_value()));
      OnlyText(node);
    }
    return true;
  }

  void Unknown(pugi::xml_node node) {
    shared_.listener.unknown(Path(node), Line(node));
  }

  void Attributes(pugi::xml_node node) {
    for (const pugi::xml_attribute attribute : node.attributes())
      if (!std::string_view(attribute.name()).starts_with("xmlns"))
        shared_.listener.unknown(Path(node) + "/@" + attribute.name(),
                                 Line(node));
  }

  Row NewRow(Table table) {
    return Row(table, shared_.rows[static_cast<std::size_t>(table)]++);
  }

 private:
  void OnlyText(pugi::xml_node node) {
    Attributes(node);
    for (const pugi::xml_node inner : node.children())
      if (inner.type() == pugi::node_element) Unknown(inner);
  }

  static std::string Path(pugi::xml_node node) {
    const std::string path = node.path();
    return path.substr(1);
  }

  int Line(pugi::xml_node node) const {
    const auto offset = static_cast<std::size_t>(
        std::max<std::ptrdiff_t>(node.offset_debug(), 0));
    return cut_.line +
           static_cast<int>(std::count(
               cut_.text.begin(),
               cut_.text.begin() + static_cast<std::ptrdiff_t>(
                                       std::min(offset, cut_.text.size())),
               '\n'));
  }

  Shared& shared_;
  const Cut& cut_;
};

template <class Visit>
void EachElement(pugi::xml_node node, Visit visit) {
  for (const pugi::xml_node child : node.children())
    if (child.type() == pugi::node_element) visit(child);
}

Row ReadHeader(pugi::xml_node header, Part& part) {
  Row row = part.NewRow(kHeader);
  part.Attributes(header);
  EachElement(header, [&](pugi::xml_node group) {
    const std::string_view name = group.name();
    if (name != "CollectionDetails" && name != "Source")
      return part.Unknown(group);
    part.Attributes(group);
    EachElement(group, [&](pugi::xml_node node) {
      if (!part.Leaf(node, row)) part.Unknown(node);
    });
  });
  return row;
}

class ChildReader {
 public:
  ChildReader(pugi::xml_node child, Part& part)
      : part_(part),
        id_(Trimmed(child.child("ChildIdentifiers").child_value("LAchildID"))) {
    part.Attributes(child);
    EachElement(child, [&](pugi::xml_node node) {
      const std::string_view name = node.name();
      if (name == "ChildIdentifiers") return Block(kChildIdentifiers, node);
      if (name == "ChildCharacteristics") return Characteristics(node);
      if (name == "CINdetails") return Episode(node);
      part_.Unknown(node);
    });
  }

  ChildRecord Take() { return std::move(record_); }

 private:
  // Elements that no column of the row takes; true where one was known.
  using Nested = std::function<bool(pugi::xml_node, Row&)>;

  Row WithIds(Table table) {
    Row row = part_.NewRow(table);
    row.Set(kLAchildID, id_);
    const bool of_child = table == kChildIdentifiers ||
                          table == kChildCharacteristics ||
                          table == kDisabilities;
    if (!of_child) row.Set(kCINdetailsID, std::to_string(episode_));
    return row;
  }

  void Keep(Row row) {
    record_.Add(row.table(), row.number()) = std::move(row);
  }

  void Fill(Row& row, pugi::xml_node node, const Nested& nested) {
    part_.Attributes(node);
    EachElement(node, [&](pugi::xml_node element) {
      if (nested && nested(element, row)) return;
      if (!part_.Leaf(element, row)) part_.Unknown(element);
    });
  }

  void Block(Table table, pugi::xml_node node, const Nested& nested = {}) {
    Row row = WithIds(table);
    if (table == kChildIdentifiers) row.Set(kLAchildID, "");
    Fill(row, node, nested);
    Keep(std::move(row));
  }

  // A list of one element, each a row of its own.
  void List(Table table, pugi::xml_node node, std::string_view name,
            Column column, const std::function<void(Row&)>& ids = {}) {
    part_.Attributes(node);
    EachElement(node, [&](pugi::xml_node element) {
      if (element.name() != name) return part_.Unknown(element);
      Row row = WithIds(table);
      if (ids) ids(row);
      row.Set(column, Trimmed(element.child_value()));
      part_.Attributes(element);
      Keep(std::move(row));
    });
  }

  void Characteristics(pugi::xml_node node) {
    Block(kChildCharacteristics, node, [&](pugi::xml_node element, Row&) {
      if (std::string_view(element.name()) != "Disabilities") return false;
      List(kDisabilities, element, "Disability", kDisability);
      return true;
    });
  }

  void Episode(pugi::xml_node node) {
    ++episode_;
    assessment_ = 0;
    Block(kCINdetails, node, [&](pugi::xml_node element, Row&) {
      const std::string_view name = element.name();
      if (name == "Assessments")
        Assessment(element);
      else if (name == "CINPlanDates")
        Block(kCINplanDates, element);
      else if (name == "Section47")
        Block(kSection47, element);
      else if (name == "ChildProtectionPlans")
        Plan(element);
      else if (name == "PreProceedingsandFGDM")
        Block(kPreProceedings, element);
      else
        return false;
      return true;
    });
  }

  void Assessment(pugi::xml_node node) {
    const std::string id = std::to_string(++assessment_);
    std::string factors;
    Row row = WithIds(kAssessments);
    row.Set(kAssessmentID, id);
    Fill(row, node, [&](pugi::xml_node element, Row&) {
      if (std::string_view(element.name()) != "FactorsIdentifiedAtAssessment")
        return false;
      List(kAssessmentFactorsList, element, "AssessmentFactors",
           kAssessmentFactor,
           [&](Row& factor) { factor.Set(kAssessmentID, id); });
      for (const pugi::xml_node factor : element.children("AssessmentFactors"))
        factors += (factors.empty() ? "" : ",") + Trimmed(factor.child_value());
      return true;
    });
    if (!row.Has(kAssessmentFactors)) row.Set(kAssessmentFactors, factors);
    Keep(std::move(row));
  }

  void Plan(pugi::xml_node node) {
    const std::string id = std::to_string(++plan_);
    const auto set_id = [&](Row& row) { row.Set(kCPPID, id); };
    Row row = WithIds(kChildProtectionPlans);
    set_id(row);
    Fill(row, node, [&](pugi::xml_node element, Row&) {
      if (std::string_view(element.name()) != "Reviews") return false;
      List(kReviews, element, "CPPreviewDate", kCPPreviewDate, set_id);
      return true;
    });
    Keep(std::move(row));
  }

  Part& part_;
  std::string id_;
  int episode_ = 0;
  int assessment_ = 0;  // in the episode
  int plan_ = 0;        // of the child
  ChildRecord record_;
};

pugi::xml_encoding EncodingOf(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name == "iso-8859-1" || name == "windows-1252" ? pugi::encoding_latin1
                                                        : pugi::encoding_utf8;
}

int LineOfBrokenUtf8(const Cut& cut) {
  std::string_view rest = cut.text;
  int line = cut.line;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!IsUtf8(rest.substr(0, end))) break;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++line;
  }
  return line;
}

Result<void> TakeApart(const Cut& cut, const std::string& encoding,
                       Shared& shared) {
  pugi::xml_document document;
  const pugi::xml_encoding read_as = EncodingOf(encoding);
  if (read_as == pugi::encoding_utf8 && !IsUtf8(cut.text)) {
    return Cutter::Unreadable(
        LineOfBrokenUtf8(cut),
        "no UTF-8; save the file as UTF-8, or name its encoding in the first "
        "line: encoding=\"windows-1252\"");
  }
  const auto parsed = document.load_buffer(cut.text.data(), cut.text.size(),
                                           pugi::parse_default, read_as);
  if (!parsed) {
    const auto until = cut.text.begin() + parsed.offset;
    return Cutter::Unreadable(
        cut.line + static_cast<int>(std::count(cut.text.begin(), until, '\n')),
        parsed.description());
  }
  Part part(shared, cut);
  const pugi::xml_node root = document.document_element();
  if (cut.name == "Header")
    shared.listener.header(ReadHeader(root, part));
  else
    shared.listener.child(ChildReader(root, part).Take());
  return {};
}

bool IsFrame(const std::vector<std::string>& path) {
  return path == std::vector<std::string>{"Message"} ||
         path == std::vector<std::string>{"Message", "Children"};
}

std::string Joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& name : path) text += (text.empty() ? "" : "/") + name;
  return text;
}

}  // namespace

Result<void> ReadXml(std::istream& in, const XmlListener& listener) {
  Shared shared{listener};
  Cutter cutter(in, listener.progress);
  bool is_census = false;
  TRY_VOID(cutter.Run(
      {"Header", "Child"},
      [&](const std::vector<std::string>& path, int line) {
        is_census |= path.front() == "Message";
        if (!IsFrame(path)) listener.unknown(Joined(path), line);
      },
      [&](const Cut& cut) {
        return TakeApart(cut, cutter.encoding(), shared);
      }));
  if (!is_census)
    return Cutter::Unreadable(1, "no census: the first element is no Message");
  return {};
}

}  // namespace seawall::census
