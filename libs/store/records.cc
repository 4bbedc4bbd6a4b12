#include "libs/store/records.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <deque>
#include <map>

#include "libs/store/scan.h"

namespace seawall::store {
namespace {

constexpr std::string_view kIn = "in ?";
constexpr std::string_view kEach = "each ? as ";
constexpr std::string_view kNested = "nested [";

bool IsPostgres(soci::session& sql) {
  return sql.get_backend_name() == "postgresql";
}

// ["a","b\"c"]. Written here, not by the JSON library: it is most of what a
// look-up of thousands costs.
std::string JsonArray(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) {
    text += text.size() > 1 ? ",\"" : "\"";
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < ' ') {
        absl::StrAppend(&text, "\\u", absl::Hex(c, absl::kZeroPad4));
        continue;
      }
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + ']';
}

// {"a","b\"c"}
std::string ArrayLiteral(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const std::string& value : values) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

// A statement as SOCI takes it.
struct Statement {
  std::string text;
  std::vector<Bind> binds;
};

// Lists are one value, however many they hold: an array, or JSON.
Bind ToBind(soci::session& sql, const Value& value) {
  if (const auto* number = std::get_if<long long>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    return IsPostgres(sql) ? ArrayLiteral(*texts) : JsonArray(*texts);
  }
  const auto& numbers = std::get<std::vector<long long>>(value);
  const std::string list = absl::StrJoin(numbers, ",");
  return IsPostgres(sql) ? "{" + list + "}" : "[" + list + "]";
}

// `name(column)` of a table of values.
std::string EachOf(bool postgres, bool numbers, const std::string& mark,
                   std::string_view called) {
  const std::string type = numbers ? "bigint[])" : "text[])";
  if (postgres) {
    return "unnest(cast(" + mark + " as " + type + ") " + std::string(called);
  }
  const std::size_t open = called.find('(');
  return "(select value as " +
         std::string(called.substr(open + 1, called.size() - open - 2)) +
         " from json_each(" + mark + ")) " +
         std::string(called.substr(0, open));
}

// PostgreSQL would rather read all of a table than look something up in it for
// each row of another, unless it has no choice. SQLite keeps to the order of a
// cross join.
std::string WithNested(std::string text, bool postgres) {
  const std::size_t begin = text.find(kNested);
  if (begin == text.npos) return text;
  const std::size_t columns = begin + kNested.size();
  const std::size_t end = text.find(']', columns);
  const std::string inner = text.substr(columns, end - columns);
  const std::string after = WithNested(text.substr(end + 1), postgres);
  if (postgres) {
    return text.substr(0, begin) + "lateral (select " + inner + " offset 0)" +
           after;
  }
  const std::size_t name = after.find_first_not_of(' ');
  const std::size_t rest = after.find_first_of(" )", name);
  return text.substr(0, begin) + inner.substr(inner.find(" from ") + 6) +
         (rest == after.npos ? "" : after.substr(rest));
}

// Each `?` becomes a placeholder of its own.
Statement Rendered(soci::session& sql, std::string_view text,
                   const std::vector<Value>& values) {
  const bool postgres = IsPostgres(sql);
  Statement statement;
  std::size_t at = 0;
  for (std::size_t mark; (mark = text.find('?', at)) != text.npos;) {
    const Value& value = values.at(statement.binds.size());
    const std::string name = ":v" + std::to_string(statement.binds.size());
    const bool numbers = std::holds_alternative<std::vector<long long>>(value);
    const bool texts = std::holds_alternative<std::vector<std::string>>(value);
    statement.binds.push_back(ToBind(sql, value));
    std::string_view before = text.substr(at, mark + 1 - at);
    at = mark + 1;
    if (before.ends_with(kIn) && (texts || numbers)) {
      before.remove_suffix(kIn.size());
      statement.text += before;
      statement.text += postgres
                            ? "= any(cast(" + name +
                                  (numbers ? " as bigint[]))" : " as text[]))")
                            : "in (select value from json_each(" + name + "))";
    } else if (text.substr(mark + 1 - std::min(mark + 1, kEach.size() - 4))
                   .starts_with(kEach)) {
      before.remove_suffix(kEach.size() - 4);
      const std::size_t end = text.find(')', mark);
      const std::size_t begin = mark + 5;  // "? as "
      statement.text += before;
      statement.text +=
          EachOf(postgres, numbers, name, text.substr(begin, end + 1 - begin));
      at = end + 1;
    } else {
      before.remove_suffix(1);
      statement.text += before;
      statement.text += name;
    }
  }
  statement.text += text.substr(at);
  return statement;
}

void Use(soci::statement& statement, const std::vector<Bind>& binds) {
  for (const Bind& bind : binds) {
    std::visit([&](const auto& value) { statement.exchange(soci::use(value)); },
               bind);
  }
}

using Take = std::function<void(std::vector<Fetched>&)>;

// Row by row, for few of them.
void FetchFew(soci::session& sql, const Statement& query,
              const std::vector<Type>& types, const Take& take) {
  std::deque<std::string> texts;
  std::deque<long long> numbers;
  std::vector<Fetched> row(types.size());
  std::vector<long long*> number_of(types.size());
  soci::statement statement(sql);
  for (std::size_t i = 0; i < types.size(); i++) {
    if (types[i] == Type::kText) {
      row[i].text = &texts.emplace_back();
      statement.exchange(soci::into(*row[i].text));
    } else {
      number_of[i] = &numbers.emplace_back();
      statement.exchange(soci::into(*number_of[i]));
    }
  }
  Use(statement, query.binds);
  statement.alloc();
  statement.prepare(query.text, soci::details::st_one_time_query);
  statement.define_and_bind();
  if (!statement.execute(true)) return;
  do {
    for (std::size_t i = 0; i < types.size(); i++) {
      if (number_of[i] != nullptr) row[i].number = *number_of[i];
    }
    take(row);
  } while (statement.fetch());
}

// Many together, a column in one go. Answers how many there were.
std::size_t FetchMany(soci::session& sql, const Statement& query,
                      const std::vector<Type>& types, const Take& take) {
  std::deque<std::vector<std::string>> texts;
  std::deque<std::vector<long long>> numbers;
  std::vector<std::vector<std::string>*> text_of(types.size());
  std::vector<std::vector<long long>*> number_of(types.size());
  soci::statement statement(sql);
  for (std::size_t i = 0; i < types.size(); i++) {
    if (types[i] == Type::kText) {
      text_of[i] = &texts.emplace_back(kMany);
      statement.exchange(soci::into(*text_of[i]));
    } else {
      number_of[i] = &numbers.emplace_back(kMany);
      statement.exchange(soci::into(*number_of[i]));
    }
  }
  Use(statement, query.binds);
  statement.alloc();
  statement.prepare(query.text, soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute();
  std::vector<Fetched> row(types.size());
  std::size_t total = 0;
  while (statement.fetch()) {
    const std::size_t rows =
        texts.empty() ? numbers.front().size() : texts.front().size();
    total += rows;
    for (std::size_t at = 0; at < rows; at++) {
      for (std::size_t i = 0; i < types.size(); i++) {
        if (text_of[i] != nullptr) {
          row[i].text = &(*text_of[i])[at];
        } else {
          row[i].number = (*number_of[i])[at];
        }
      }
      take(row);
    }
    for (auto& column : texts) column.resize(kMany);
    for (auto& column : numbers) column.resize(kMany);
  }
  return total;
}

struct Present {
  std::string type;
  bool must_be_given = false;
};

std::map<std::string, Present> ColumnsOf(soci::session& sql,
                                         const std::string& table) {
  std::map<std::string, Present> columns;
  const std::string query =
      IsPostgres(sql)
          ? "select attname::text, format_type(atttypid, atttypmod), case when "
            "attnotnull and not atthasdef then 1 else 0 end::bigint from "
            "pg_attribute where attrelid = to_regclass(:name) and attnum > 0 "
            "and not attisdropped"
          : "select name, lower(type), \"notnull\" and dflt_value is null from "
            "pragma_table_info(:name)";
  Scan<std::string, std::string, long long>(
      sql, query, {table},
      [&](const std::string& name, const std::string& type, long long must) {
        columns[name] = {type, must != 0};
      });
  return columns;
}

class ReaderRecords : public Records {
 public:
  ReaderRecords(Reader& reader, std::string area)
      : Records(std::move(area)), reader_(reader) {}

 protected:
  Result<soci::session*> ForQuery(const Asked&) const override {
    return &reader_.sql();
  }
  // Nobody has one that is not const.
  Result<soci::session*> ForChange() override { std::abort(); }
  Rows& Staged(const Table&) override { std::abort(); }
  Result<void> Settle(const Table&) override { std::abort(); }

 private:
  Reader& reader_;
};

}  // namespace

Value ListOf(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  std::vector<long long> numbers;
  for (const Value& value : values) {
    if (const auto* number = std::get_if<long long>(&value)) {
      numbers.push_back(*number);
    } else {
      texts.push_back(std::get<std::string>(value));
    }
  }
  if (texts.empty()) return numbers;
  return texts;
}

std::string JoinWords(const std::vector<std::string>& words) {
  return absl::StrJoin(words, " ");
}
std::string JoinWords(const std::set<std::string>& words) {
  return absl::StrJoin(words, " ");
}
std::vector<std::string> SplitWords(const std::string& text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

Result<void> Records::Select(const Asked& asked, const Columns& columns,
                             const From& from, const Take& take) const {
  TRY(soci::session * sql, ForQuery(asked));
  return Try([&] {
    const Statement query =
        Rendered(*sql,
                 WithNested("select " + columns.names + " " + from.text,
                            IsPostgres(*sql)),
                 from.values);
    if (from.expected != kAll && from.expected < kMany) {
      return FetchFew(*sql, query, columns.types, take);
    }
    if (from.expected != kAll || !IsPostgres(*sql)) {
      FetchMany(*sql, query, columns.types, take);
      return;
    }
    internal::Cursor cursor(*sql, query.text, query.binds);
    while (FetchMany(*sql, {cursor.Next(kMany), {}}, columns.types, take) ==
           kMany) {
    }
    cursor.Close();
  });
}

Result<void> Records::Change(const std::string& text,
                             const std::vector<Value>& values) {
  TRY(soci::session * sql, ForChange());
  return Try([&] {
    const Statement change = Rendered(*sql, text, values);
    soci::statement statement(*sql);
    Use(statement, change.binds);
    statement.alloc();
    statement.prepare(change.text, soci::details::st_one_time_query);
    statement.define_and_bind();
    statement.execute(true);
  });
}

Result<void> Records::ChangeAll(const std::string& change,
                                std::vector<Value> set,
                                const std::string& where,
                                const std::vector<Value>& values,
                                const std::string& then) {
  set.emplace_back(area_);
  set.insert(set.end(), values.begin(), values.end());
  return Change(change + OfArea(where) + then, set);
}

Result<void> Records::SetAll(const Table& table, std::size_t keys,
                             const Set& set, const std::string& where,
                             const std::vector<Value>& values) {
  const std::string name = table.name;
  std::vector<std::string> order;  // the rest of the key
  std::size_t set_keys = 0;
  for (std::size_t i = 0; i <= keys; i++) {
    const char* const column = table.columns[i].name;
    if (set.contains(column)) {
      set_keys++;
    } else {
      order.emplace_back(column);
    }
  }
  std::vector<std::string> changed;
  std::vector<Value> bound;
  for (const auto& [column, value] : set) {
    changed.push_back(column + " = ?");
    bound.push_back(value);
  }
  if (set_keys < set.size()) {
    return ChangeAll("update " + name + " set " + absl::StrJoin(changed, ", "),
                     bound, where, values);
  }
  // Of all columns that the store has: those of a newer release go along.
  TRY(soci::session * sql, ForChange());
  TRY(const auto columns, Try([&] { return ColumnsOf(*sql, name); }));
  std::vector<std::string> to, from;
  for (const auto& [column, present] : columns) {
    to.push_back(column);
    from.push_back(!set.contains(column)    ? column
                   : present.type == "text" ? "cast(? as text)"
                                            : "cast(? as bigint)");
  }
  // Rows that have the new key stay.
  const std::string elsewhere =
      absl::StrCat(where.empty() ? "" : "(" + where + ") and ", "not (",
                   absl::StrJoin(changed, " and "), ")");
  std::vector<Value> where_values = values;
  where_values.insert(where_values.end(), bound.begin(), bound.end());
  TRY_VOID(ChangeAll(
      absl::StrCat("insert into ", name, " (", absl::StrJoin(to, ", "),
                   ") select ", absl::StrJoin(from, ", "), " from ", name),
      bound, elsewhere, where_values,
      " order by " + absl::StrJoin(order, ", ")));
  return ChangeAll("delete from " + name, {}, elsewhere, where_values);
}

std::unique_ptr<const Records> RecordsOf(Reader& reader, std::string area) {
  return std::make_unique<ReaderRecords>(reader, std::move(area));
}

// A change goes as soon as it is made, so what was inserted came before it.
Result<void> SessionRecords::Flush() {
  std::stable_partition(staged_.begin(), staged_.end(), [](const Rows& rows) {
    return rows.table().kind == Table::Kind::kInsert;
  });
  TRY_VOID(session_.SendAll(staged_));
  for (Rows& rows : staged_) rows.Clear();
  return {};
}

Result<soci::session*> SessionRecords::ForQuery(const Asked&) const {
  // What was inserted is to be seen.
  TRY_VOID(const_cast<SessionRecords*>(this)->Flush());
  return &session_.sql();
}

Result<soci::session*> SessionRecords::ForChange() { return ForQuery({}); }

Result<void> SessionRecords::Settle(const Table&) { return Flush(); }

Rows& SessionRecords::Staged(const Table& table) {
  for (Rows& rows : staged_) {
    if (&rows.table() == &table) return rows;
  }
  return staged_.emplace_back(table);
}

// ---- the schema ----

namespace {

Error Misfit(const Table& table, const std::string& name,
             const std::string& what) {
  return {Code::kFailedPrecondition, "STORE_SCHEMA",
          "column " + name + " of table " + table.name + " " + what +
              "; this release does not fit the store: start the release that "
              "made it, or put the schema right"};
}

}  // namespace

Result<void> CheckSchema(Session& writer,
                         const std::vector<const Table*>& tables) {
  for (const Table* table : tables) {
    TRY(auto columns,
        Try([&] { return ColumnsOf(writer.sql(), table->name); }));
    for (const Column& column : table->columns) {
      const auto found = columns.find(column.name);
      if (found == columns.end()) {
        return Misfit(*table, column.name, "is missing");
      }
      const bool text = column.type == Type::kText;
      if (found->second.type != (text ? "text" : "bigint")) {
        return Misfit(
            *table, column.name,
            "is " + found->second.type + ", not " + (text ? "text" : "bigint"));
      }
      columns.erase(found);
    }
    for (const auto& [name, column] : columns) {
      if (!column.must_be_given) continue;
      return Misfit(*table, name, "is not known here and must have a value");
    }
  }
  return {};
}

}  // namespace seawall::store
