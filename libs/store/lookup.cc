#include "libs/store/lookup.h"

#include <absl/strings/str_cat.h>

namespace seawall::store {
namespace {

using Row = std::vector<std::string>;

std::string Joined(const std::vector<std::string>& names, const char* prefix,
                   const char* between) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += between;
    text += prefix + name;
  }
  return text;
}

// SQLite: one prepared statement, run for each key.
void OneByOne(soci::session& sql, const KeyedLookup& lookup,
              std::vector<Row>& found) {
  std::string where;
  for (const std::string& column : lookup.key_columns) {
    where += (where.empty() ? "" : " and ") + column + " = :" + column;
  }
  Row key(lookup.key_columns.size()), values(lookup.columns.size());
  soci::statement statement(sql);
  for (std::string& value : values) statement.exchange(soci::into(value));
  for (std::string& part : key) statement.exchange(soci::use(part));
  statement.alloc();
  statement.prepare("select " + Joined(lookup.columns, "", ", ") + " from " +
                    lookup.table + " where " + where);
  statement.define_and_bind();
  for (const Row& wanted : lookup.keys) {
    for (std::size_t i = 0; i < key.size(); i++) key[i] = wanted[i];
    if (!statement.execute(true)) continue;
    Row row = wanted;
    row.insert(row.end(), values.begin(), values.end());
    found.push_back(std::move(row));
  }
}

// PostgreSQL: all keys as arrays in one statement.
void AllAtOnce(soci::session& sql, const KeyedLookup& lookup,
               std::vector<Row>& found) {
  const std::size_t width = lookup.key_columns.size();
  std::vector<std::string> arrays;
  std::string unnest, join;
  for (std::size_t i = 0; i < width; i++) {
    std::vector<const std::string*> column;
    for (const Row& key : lookup.keys) column.push_back(&key[i]);
    arrays.push_back(ArrayLiteral(column));
    const std::string& name = lookup.key_columns[i];
    unnest += (i ? ", " : "") + ("cast(:" + name) + " as text[])";
    join += (i ? " and " : "") + ("t." + name) + " = k." + name;
  }
  soci::statement statement(sql);
  soci::row out;
  statement.exchange(soci::into(out));
  for (std::string& array : arrays) statement.exchange(soci::use(array));
  statement.alloc();
  statement.prepare("select distinct " +
                        Joined(lookup.key_columns, "t.", ", ") + ", " +
                        Joined(lookup.columns, "t.", ", ") + " from " +
                        lookup.table + " t join unnest(" + unnest + ") as k(" +
                        Joined(lookup.key_columns, "", ", ") + ") on " + join,
                    soci::details::st_one_time_query);
  statement.define_and_bind();
  if (!statement.execute(true)) return;
  do {
    Row row;
    for (std::size_t i = 0; i < out.size(); i++) {
      row.push_back(out.get<std::string>(i));
    }
    found.push_back(std::move(row));
  } while (statement.fetch());
}

Result<std::vector<Row>> Look(Engine engine, soci::session& sql,
                              const KeyedLookup& lookup) {
  return Try([&] {
    std::vector<Row> found;
    if (engine == Engine::kSqlite) {
      OneByOne(sql, lookup, found);
    } else {
      AllAtOnce(sql, lookup, found);
    }
    return found;
  });
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

}  // namespace

Among AmongTexts(soci::session& sql, const std::string& column,
                 const std::vector<std::string>& texts) {
  const bool sqlite = sql.get_backend_name() != "postgresql";
  return {column + (sqlite ? " in (select value from json_each(:among))"
                           : " = any(cast(:among as text[]))"),
          ListOf(sql, texts)};
}

std::string ListOf(soci::session& sql, const std::vector<std::string>& texts) {
  if (sql.get_backend_name() != "postgresql") return JsonArray(texts);
  std::vector<const std::string*> values;
  for (const std::string& text : texts) values.push_back(&text);
  return ArrayLiteral(values);
}

std::string ArrayLiteral(const std::vector<const std::string*>& values) {
  std::string text = "{";
  for (const std::string* value : values) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : *value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

Result<std::vector<std::vector<std::string>>> Lookup(
    Session& session, const KeyedLookup& lookup) {
  return Look(session.engine(), session.sql(), lookup);
}

Result<std::vector<std::vector<std::string>>> Lookup(
    Reader& reader, const KeyedLookup& lookup) {
  return Look(reader.engine(), reader.sql(), lookup);
}

}  // namespace seawall::store
