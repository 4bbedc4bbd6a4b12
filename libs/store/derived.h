// Rows that are made of other rows by rules, such as the keys a child is found
// by. A store says by which rules they were made; where a release has others,
// they are made anew before the service serves.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/store/database.h"

namespace seawall::store {

struct Derivation {
  std::string name;
  // Changes whenever `make` would make other rows of the same ones.
  std::string rules;
  // Makes all rows anew, in transactions of its own; may run again after it was
  // cut off.
  std::function<Result<void>(Session& writer)> make;
};

// Runs those whose rules are not the store's, and notes the new ones. Before
// the writer's thread starts; no process with other rules may write meanwhile.
Result<void> Derive(Session& writer, const std::vector<Derivation>& all);

// Table `derived`, which names the rules; one of the ledger's migrations.
extern const char kCreateDerived[];

}  // namespace seawall::store
