#include "libs/store/derived.h"

namespace seawall::store {
namespace {

Result<bool> IsMade(Session& writer, const Derivation& derivation) {
  return Try([&] {
    int made = 0;
    writer.sql() << "select count(*) from derived where name = :name and rules "
                    "= :rules",
        soci::use(derivation.name), soci::use(derivation.rules),
        soci::into(made);
    return made != 0;
  });
}

Result<void> Note(Session& writer, const Derivation& derivation) {
  TRY_VOID(writer.Begin());
  const auto noted = Try([&] {
    writer.sql() << "delete from derived where name = :name",
        soci::use(derivation.name);
    writer.sql() << "insert into derived (name, rules) values (:name, :rules)",
        soci::use(derivation.name), soci::use(derivation.rules);
  });
  if (!noted) {
    writer.Rollback();
    return noted;
  }
  return writer.Commit();
}

}  // namespace

const char kCreateDerived[] = R"sql(
create table derived (
  name text not null primary key,
  rules text not null
))sql";

Result<void> Derive(Session& writer, const std::vector<Derivation>& all) {
  for (const Derivation& one : all) {
    TRY(const bool made, IsMade(writer, one));
    if (made) continue;
    TRY_VOID(one.make(writer));
    TRY_VOID(Note(writer, one));
  }
  return {};
}

}  // namespace seawall::store
