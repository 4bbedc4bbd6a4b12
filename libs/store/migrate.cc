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
    sql << "insert into schema_migrations(version, name, applied_micros) "
           "values(:version, :name, :applied)",
        soci::use(migration.version), soci::use(migration.name),
        soci::use(applied);
  });
}

Result<void> ApplyInside(Migrator& migrator, const Migration& migration) {
  soci::session& sql = migrator.session().sql();
  TRY_VOID(migrator.Run(kCreate));
  TRY(const std::string applied, AppliedName(sql, migration.version));
  if (applied == migration.name) return {};
  if (!applied.empty()) {
    return Error{Code::kFailedPrecondition, "MIGRATION_CHANGED",
                 "another release made this store: its schema " +
                     std::to_string(migration.version) + " is " + applied +
                     " there and " + migration.name +
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
