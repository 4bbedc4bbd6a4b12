#include "libs/census/rows.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace seawall::census {
namespace {

using Json = nlohmann::json;

Error Unreadable(const std::string& where) {
  return Error{Code::kInvalidArgument, "CENSUS_UNREADABLE",
               where + "; give {\"table\": [{\"column\": value}]}"};
}

std::string Number(const Json& value) {
  const double number = value.get<double>();
  const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
  return whole ? std::to_string(static_cast<std::int64_t>(number))
               : value.dump();
}

std::string Text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return Number(value);
  std::string list;
  if (value.is_array())
    for (const Json& item : value)
      list += (list.empty() ? "" : ",") + Text(item);
  return list;
}

class Reader {
 public:
  Result<void> ReadTable(const std::string& name, const Json& rows) {
    const auto table = FindTable(name);
    if (!table) {
      Unknown("table " + name);
      return {};
    }
    if (!rows.is_array()) return Unreadable(name + " is no list");
    for (std::size_t number = 0; number < rows.size(); ++number) {
      if (!rows[number].is_object())
        return Unreadable(name + " row " + std::to_string(number) +
                          " is no object");
      ReadRow(*table, number, rows[number]);
    }
    return {};
  }

  RowsReturn Take() { return std::move(return_); }

 private:
  void ReadRow(Table table, std::size_t number, const Json& json) {
    Row row(table, number);
    for (const auto& [name, value] : json.items()) {
      if (const auto column = FindColumn(name))
        row.Set(*column, Text(value));
      else
        Unknown("column " + name + " of " + std::string(Name(table)));
    }
    if (table == Table::kHeader)
      return_.headers.push_back(std::move(row));
    else
      Child(row.Text(Column::kLAchildID)).Add(table, number) = std::move(row);
  }

  ChildRecord& Child(const std::string& id) {
    const auto [at, is_new] = places_.emplace(id, return_.children.size());
    if (is_new) return_.children.emplace_back();
    return return_.children[at->second];
  }

  void Unknown(const std::string& what) {
    auto& unknown = return_.unknown;
    if (std::find(unknown.begin(), unknown.end(), what) == unknown.end())
      unknown.push_back(what);
  }

  RowsReturn return_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Result<RowsReturn> ReadRows(const Json& json) {
  if (!json.is_object()) return Unreadable("the file holds no object");
  Reader reader;
  for (const auto& [name, rows] : json.items())
    TRY_VOID(reader.ReadTable(name, rows));
  return reader.Take();
}

}  // namespace seawall::census
