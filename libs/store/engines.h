// The engines behind Database::Open. For libs/store alone.
#pragma once

#include <memory>
#include <string>

#include "libs/base/error.h"
#include "libs/store/database.h"

namespace seawall::store {

// `place` is the address without its `sqlite:` or `postgres:`.
Result<std::unique_ptr<Database>> OpenSqlite(const std::string& place,
                                             const DatabaseSettings& settings);
Result<std::unique_ptr<Database>> OpenPostgres(
    const std::string& place, const DatabaseSettings& settings);

// Refuses rows with a value too few, or of another type than its column
// (STORE_MISUSED): both engines would misread them differently.
Result<void> CheckShape(const Rows& rows);

// What migrating needs from an engine.
class Migrator {
 public:
  virtual ~Migrator() = default;
  // Begins a transaction that no other process can be in at the same time.
  virtual Result<void> BeginAlone() = 0;
  // Runs any number of statements.
  virtual Result<void> Run(const std::string& statements) = 0;
  virtual Session& session() = 0;
};

// Applies what is not yet in schema_migrations, each in a transaction of its
// own. MIGRATION_CHANGED (kFailedPrecondition) if an applied version now has
// another name.
Result<void> ApplyMigrations(Migrator& migrator,
                             const std::vector<Migration>& migrations);

}  // namespace seawall::store
