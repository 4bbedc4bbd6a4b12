// A row: a struct whose members are the columns of a table, listed once.
//
//   struct EpisodeRow {
//     std::string episode_id;
//     std::string contact_id;
//     long long version = 1;
//   };
//   inline const auto kEpisodes =
//       store::Listed<&EpisodeRow::episode_id, &EpisodeRow::contact_id,
//                     &EpisodeRow::version>("episodes");
//
// A column is called as its member is; an Instant or a Date also without its
// `_time` or `_date`. The area is no member: Records has it, and every table
// begins with it. From the list come all statements (records.h), and the check
// of the schema at a start. A member that is not listed does not compile
// (Listed), or stops the start (TableFor). A struct is the row of one table.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/civil.h"
#include "libs/store/database.h"

namespace seawall::store {

// What a statement is given. A list is for `in ?`.
using Value = std::variant<long long, std::string, std::vector<std::string>,
                           std::vector<long long>>;
// Single values of one type, as a list.
Value ListOf(const std::vector<Value>& values);

// ---- how a member lies in a column ----

// Instants are microseconds, days ISO text (empty where there is none), enums
// their names, several words are separated by blanks.
template <class T>
concept Number = std::is_integral_v<T>;
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  { Name(value) } -> std::convertible_to<std::string_view>;
  FromName(std::string_view(), value);
};

std::string JoinWords(const std::vector<std::string>& words);
std::string JoinWords(const std::set<std::string>& words);
std::vector<std::string> SplitWords(const std::string& text);

template <class T>
constexpr Type TypeOf() {
  return Number<T> || std::same_as<T, Instant> ? Type::kInteger : Type::kText;
}

template <class T>
auto ToCell(const T& value) {
  if constexpr (Number<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::same_as<T, Instant>) {
    return static_cast<std::int64_t>(ToMicros(value));
  } else if constexpr (std::same_as<T, Date>) {
    return FormatDate(value);
  } else if constexpr (std::same_as<T, std::optional<Date>>) {
    return value ? FormatDate(*value) : std::string();
  } else if constexpr (NamedEnum<T>) {
    return std::string_view(Name(value));
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    return std::string_view(value);
  } else {
    return JoinWords(value);
  }
}

template <class T>
void FromCell(long long number, T& value) {
  if constexpr (std::same_as<T, Instant>) {
    value = FromMicros(number);
  } else {
    value = static_cast<T>(number);
  }
}
// Takes the text away.
template <class T>
void FromCell(std::string& text, T& value) {
  if constexpr (std::same_as<T, Date>) {
    value = ParseDate(text).value_or(Date());
  } else if constexpr (std::same_as<T, std::optional<Date>>) {
    value = ParseDate(text);
  } else if constexpr (NamedEnum<T>) {
    FromName(text, value);
  } else if constexpr (std::same_as<T, std::string>) {
    value.swap(text);
  } else {
    std::vector<std::string> words = SplitWords(text);
    value = T(std::make_move_iterator(words.begin()),
              std::make_move_iterator(words.end()));
  }
}

template <class T>
Value ToValue(const T& value) {
  if constexpr (TypeOf<T>() == Type::kInteger) {
    return static_cast<long long>(ToCell(value));
  } else {
    return std::string(ToCell(value));
  }
}

// ---- what a member is called ----

namespace internal {

template <class Pointer>
struct MemberOf;
template <class Row_, class T>
struct MemberOf<T Row_::*> {
  using Row = Row_;
  using Type = T;
};

// The compiler says it: `… Member = &seawall::referrals::EpisodeRow::state]`.
template <auto Member>
constexpr std::string_view SpelledName() {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("Member = ") + 9);
  name = name.substr(0, name.find_first_of(";]"));
  return name.substr(name.rfind(':') + 1);
}

struct Anything {
  template <class T>
  operator T() const;
};
template <class Row, std::size_t... Is>
constexpr bool TakesMembers(std::index_sequence<Is...>) {
  return requires { Row{(static_cast<void>(Is), Anything())...}; };
}
// How many members a struct has.
template <class Row, std::size_t N = 0>
constexpr std::size_t CountMembers() {
  if constexpr (!TakesMembers<Row>(std::make_index_sequence<N + 1>())) {
    return N;
  } else {
    return CountMembers<Row, N + 1>();
  }
}

}  // namespace internal

template <auto Member>
using RowOf = typename internal::MemberOf<decltype(Member)>::Row;
template <auto Member>
using MemberType = typename internal::MemberOf<decltype(Member)>::Type;

template <auto Member>
std::string ColumnName() {
  using T = MemberType<Member>;
  std::string name(internal::SpelledName<Member>());
  constexpr bool time = std::same_as<T, Instant>;
  constexpr bool day =
      std::same_as<T, Date> || std::same_as<T, std::optional<Date>>;
  const std::string ending = time ? "_time" : day ? "_date" : "";
  if (!name.ends_with(ending)) name += ending;
  return name;
}

// ---- tables ----

// A value as it was fetched: one of both.
struct Fetched {
  std::string* text = nullptr;
  long long number = 0;
};

// A member and its column.
template <class Row>
struct Field {
  Column column;
  void (*put)(const Row& row, Rows& rows);
  Value (*value)(const Row& row);
  void (*take)(Row& row, const Fetched& value);
};

template <class Row, auto Member>
Field<Row> FieldOf() {
  using T = MemberType<Member>;
  static const std::string name = ColumnName<Member>();
  return {{name.c_str(), TypeOf<T>()},
          [](const Row& row, Rows& rows) { rows.Add(ToCell(row.*Member)); },
          [](const Row& row) { return ToValue(row.*Member); },
          [](Row& row, const Fetched& value) {
            if constexpr (TypeOf<T>() == Type::kInteger) {
              FromCell(value.number, row.*Member);
            } else {
              FromCell(*value.text, row.*Member);
            }
          }};
}

// Some columns of a row, as a select gives them: each an expression.
template <class Row>
struct Picked {
  std::vector<Field<Row>> fields;
  std::vector<std::string> expressions;
  // Some were left out, such as long ones that nobody asked for.
  bool without = false;

  template <auto Member>
  Picked With(std::string expression) && {
    fields.push_back(FieldOf<Row, Member>());
    expressions.push_back(std::move(expression));
    return std::move(*this);
  }
  // … but for these.
  template <auto... Members>
  Picked Without() && {
    const std::set<std::string> names = {ColumnName<Members>()...};
    without = true;
    for (std::size_t i = fields.size(); i-- > 0;) {
      if (!names.contains(fields[i].column.name)) continue;
      const auto at = static_cast<std::ptrdiff_t>(i);
      fields.erase(fields.begin() + at);
      expressions.erase(expressions.begin() + at);
    }
    return std::move(*this);
  }
};

template <class Row>
struct TableOf {
  // A struct's table, with the area.
  Table table;
  std::vector<Field<Row>> fields;
  // How many of the first ones, after the area, are its key.
  std::size_t keys = 1;
  // All of its columns, where nothing else has columns of those names.
  Picked<Row> whole = {};

  bool Has(const char* column) const {
    return column != nullptr &&
           std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
             return std::string_view(field.column.name) == column;
           });
  }
  // Adds a row as it is inserted.
  void Put(const std::string& area, const Row& row, Rows& to) const {
    to.Add(area);
    for (const Field<Row>& field : fields) field.put(row, to);
  }
  // As these columns are set where the key is given; none: as rows are deleted.
  template <auto... Members>
  Table Change() const {
    Table change{table.name, {table.columns[0]}};
    change.kind =
        sizeof...(Members) > 0 ? Table::Kind::kUpdate : Table::Kind::kDelete;
    change.keys = keys + 1;
    change.changes = &table;
    for (std::size_t i = 0; i < keys; i++) {
      change.columns.push_back(fields[i].column);
    }
    (change.columns.push_back(FieldOf<Row, Members>().column), ...);
    return change;
  }

  // All of its columns, where `from` calls the table so.
  Picked<Row> As(const std::string& alias) const {
    Picked<Row> picked{fields, {}, false};
    for (const Field<Row>& field : fields) {
      picked.expressions.push_back(alias + "." + field.column.name);
    }
    return picked;
  }
};

// A row that has members of another (its base), or some that are no columns,
// which follow from the others.
template <class Row, auto... Members>
TableOf<Row> TableFor(const char* name, std::size_t keys = 1) {
  TableOf<Row> table{{name, {{"area", Type::kText}}}, {}, keys};
  (table.fields.push_back(FieldOf<Row, Members>()), ...);
  for (const Field<Row>& field : table.fields) {
    table.table.columns.push_back(field.column);
    table.whole.expressions.emplace_back(field.column.name);
  }
  table.whole.fields = table.fields;
  return table;
}

template <auto First, auto... More>
TableOf<RowOf<First>> Listed(const char* name, std::size_t keys = 1) {
  using Row = RowOf<First>;
  static_assert(internal::CountMembers<Row>() == 1 + sizeof...(More),
                "every member of a row is a column");
  return TableFor<Row, First, More...>(name, keys);
}

// Some of them.
template <auto First, auto... More>
Picked<RowOf<First>> Only(const std::string& alias) {
  using Row = RowOf<First>;
  return {{FieldOf<Row, First>(), FieldOf<Row, More>()...},
          {alias + "." + ColumnName<First>(),
           (alias + "." + ColumnName<More>())...}};
}

// ---- conditions ----

// A condition over the columns of a row; `?` for each value. A store may write
// one itself, such as that of an index, which must be there word for word.
template <class Row>
struct Where {
  std::string text;
  std::vector<Value> values = {};
  // Which rows alone it can be so for: those that have one of these values in
  // the column. Null: any.
  const char* column = nullptr;
  std::vector<Value> among = {};
  // The same, asked of a row that is here. Null: only the store can tell.
  std::function<bool(const Row&)> holds = {};
};

namespace internal {

// Of a row and one that it derives from, the row.
template <class One, class Other>
using Lower = std::conditional_t<std::derived_from<One, Other>, One, Other>;

// `Both` says whether both must hold, or one.
template <bool Both, class One, class Other>
Where<Lower<One, Other>> Joined(Where<One> one, Where<Other> other) {
  using Row = Lower<One, Other>;
  one.text = "(" + one.text + (Both ? " and " : " or ") + other.text + ")";
  one.values.insert(one.values.end(), other.values.begin(), other.values.end());
  Where<Row> joined{std::move(one.text), std::move(one.values)};
  if (one.holds && other.holds) {
    joined.holds = [first = std::move(one.holds),
                    second = std::move(other.holds)](const Row& row) {
      return Both ? first(row) && second(row) : first(row) || second(row);
    };
  }
  return joined;
}

template <auto Member>
const char* Named() {
  static const std::string name = ColumnName<Member>();
  return name.c_str();
}

// `Compare` compares cells, as the store does: texts by their bytes.
template <auto Member, class Compare>
Where<RowOf<Member>> Compared(const char* sign, const MemberType<Member>& value,
                              Compare compare) {
  Where<RowOf<Member>> where{ColumnName<Member>() + sign + "?",
                             {ToValue(value)}};
  where.holds = [value, compare](const RowOf<Member>& row) {
    return compare(ToCell(row.*Member), ToCell(value));
  };
  return where;
}

}  // namespace internal

template <class One, class Other>
concept OfOneRow =
    std::derived_from<One, Other> || std::derived_from<Other, One>;

template <class One, OfOneRow<One> Other>
auto operator&&(Where<One> one, Where<Other> other) {
  const char* const column = one.column ? one.column : other.column;
  std::vector<Value> among = one.column ? one.among : other.among;
  auto both = internal::Joined<true>(std::move(one), std::move(other));
  both.column = column;
  both.among = std::move(among);
  return both;
}
template <class One, OfOneRow<One> Other>
auto operator||(Where<One> one, Where<Other> other) {
  return internal::Joined<false>(std::move(one), std::move(other));
}
template <class Row>
Where<Row> operator!(Where<Row> one) {
  Where<Row> other{"not (" + one.text + ")", std::move(one.values)};
  if (one.holds) other.holds = std::not_fn(std::move(one.holds));
  return other;
}

template <auto Member>
auto Is(const MemberType<Member>& value) {
  auto where = internal::Compared<Member>(" = ", value, std::equal_to<>());
  where.column = internal::Named<Member>();
  where.among = {ToValue(value)};
  return where;
}
template <auto Member>
auto IsNot(const MemberType<Member>& value) {
  return internal::Compared<Member>(" <> ", value, std::not_equal_to<>());
}
template <auto Member>
auto Below(const MemberType<Member>& value) {
  return internal::Compared<Member>(" < ", value, std::less<>());
}
template <auto Member>
auto AtMost(const MemberType<Member>& value) {
  return internal::Compared<Member>(" <= ", value, std::less_equal<>());
}
template <auto Member>
auto Above(const MemberType<Member>& value) {
  return internal::Compared<Member>(" > ", value, std::greater<>());
}
template <auto Member>
auto AtLeast(const MemberType<Member>& value) {
  return internal::Compared<Member>(" >= ", value, std::greater_equal<>());
}
template <auto Member>
using ListOfValues =
    std::conditional_t<TypeOf<MemberType<Member>>() == Type::kText,
                       std::vector<std::string>, std::vector<long long>>;
// However many they are, the statement is the same.
template <auto Member>
Where<RowOf<Member>> OneOf(const ListOfValues<Member>& values) {
  using Cell = typename ListOfValues<Member>::value_type;
  Where<RowOf<Member>> where{ColumnName<Member>() + " in ?",
                             {values},
                             internal::Named<Member>(),
                             {values.begin(), values.end()}};
  where.holds = [among = std::set<Cell>(values.begin(), values.end())](
                    const RowOf<Member>& row) {
    return among.contains(Cell(ToCell(row.*Member)));
  };
  return where;
}
// What comes after a row in the order of these columns.
template <auto First, auto... More>
Where<RowOf<First>> After(const MemberType<First>& first,
                          const MemberType<More>&... more) {
  std::string names = ColumnName<First>(), marks = "?";
  ((names += ", " + ColumnName<More>(), marks += ", ?"), ...);
  return {"(" + names + ") > (" + marks + ")",
          {ToValue(first), ToValue(more)...}};
}

// The order of an answer, and how many rows at most; 0 = all.
template <class Row>
struct Order {
  std::string text;
  int limit = 0;
  bool (*before)(const Row& one, const Row& other) = nullptr;
};
namespace internal {
template <class Row, auto... Members>
bool Before(const Row& one, const Row& other) {
  return std::tuple(ToCell(one.*Members)...) <
         std::tuple(ToCell(other.*Members)...);
}
}  // namespace internal
template <auto First, auto... More>
Order<RowOf<First>> By(int limit = 0) {
  std::string names = ColumnName<First>();
  ((names += ", " + ColumnName<More>()), ...);
  return {names, limit, &internal::Before<RowOf<First>, First, More...>};
}
template <auto First, auto... More>
Order<RowOf<First>> Newest(int limit = 0) {
  std::string names = ColumnName<First>() + " desc";
  ((names += ", " + ColumnName<More>() + " desc"), ...);
  return {names, limit, [](const RowOf<First>& one, const RowOf<First>& other) {
            return internal::Before<RowOf<First>, First, More...>(other, one);
          }};
}

}  // namespace seawall::store
