#include <absl/strings/escaping.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <sodium.h>

#include <algorithm>

#include "libs/base/clock.h"
#include "libs/store/engines.h"

namespace seawall::store {
namespace {

constexpr const char* kCreate =
    "create table if not exists schema_migrations("
    "version bigint not null primary key,"
    "name text not null,"
    "applied_micros bigint not null)";

// The name it is applied under: its own, and a hash of its statements without
// their comments, so that a changed one is another.
std::string FullName(const Migration& migration) {
  std::string statements;
  for (absl::string_view line : absl::StrSplit(migration.sql, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && !absl::StartsWith(line, "--")) {
      absl::StrAppend(&statements, line, "\n");
    }
  }
  std::string hash(8, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(statements.data()),
                     statements.size(), nullptr, 0);
  return migration.name + " " + absl::BytesToHexString(hash);
}

// The name under which a version was applied; empty = not yet.
Result<std::string> AppliedName(soci::session& sql, int version) {
  return Try([&] {
    std::string name;
    soci::indicator found = soci::i_null;
    sql << "select name from schema_migrations where version = :version",
        soci::use(version), soci::into(name, found);
    return name;
  });
}

Result<void> Note(soci::session& sql, const Migration& migration) {
  return Try([&] {
    const long long applied = ToMicros(SystemClock().Now());
    const std::string name = FullName(migration);
    sql << "insert into schema_migrations(version, name, applied_micros) "
           "values(:version, :name, :applied)",
        soci::use(migration.version), soci::use(name), soci::use(applied);
  });
}

Result<void> ApplyInside(Migrator& migrator, const Migration& migration) {
  soci::session& sql = migrator.session().sql();
  TRY_VOID(migrator.Run(kCreate));
  TRY(const std::string applied, AppliedName(sql, migration.version));
  const std::string name = FullName(migration);
  if (applied == name) return {};
  if (!applied.empty()) {
    return Error{Code::kFailedPrecondition, "MIGRATION_CHANGED",
                 "another release made this store: its schema " +
                     std::to_string(migration.version) + " is " + applied +
                     " there and " + name +
                     " here; start with an empty store, or with that release"};
  }
  TRY_VOID(migrator.Run(migration.sql));
  return Note(sql, migration);
}

Result<void> Apply(Migrator& migrator, const Migration& migration) {
  TRY_VOID(migrator.BeginAlone());
  auto applied = ApplyInside(migrator, migration);
  if (!applied) {
    migrator.session().Rollback();
    applied.error().message = "migration " + std::to_string(migration.version) +
                              " " + migration.name + ": " +
                              applied.error().message;
    return applied;
  }
  return migrator.session().Commit();
}

}  // namespace

Result<void> ApplyMigrations(Migrator& migrator,
                             const std::vector<Migration>& migrations) {
  std::vector<const Migration*> ordered;
  for (const Migration& migration : migrations) ordered.push_back(&migration);
  std::ranges::sort(ordered, {}, &Migration::version);
  for (const Migration* migration : ordered) {
    TRY_VOID(Apply(migrator, *migration));
  }
  return {};
}

}  // namespace seawall::store
