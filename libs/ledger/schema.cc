#include "libs/ledger/batch.h"
#include "libs/store/derived.h"

namespace seawall::ledger {

using store::Type;

const store::Table kJournal = {"journal",
                               {{"area", Type::kText},
                                {"position", Type::kInteger},
                                {"kind", Type::kText},
                                {"body", Type::kText},
                                {"happened_time", Type::kInteger},
                                {"recorded_time", Type::kInteger},
                                {"hash", Type::kText}}};

const store::Table kAccessLog = {"access_log",
                                 {{"area", Type::kText},
                                  {"entry", Type::kInteger},
                                  {"recorded_time", Type::kInteger},
                                  {"agency", Type::kText},
                                  {"system", Type::kText},
                                  {"role", Type::kText},
                                  {"person", Type::kText},
                                  {"action", Type::kText},
                                  {"subjects", Type::kText},
                                  {"purpose", Type::kText},
                                  {"lawful_basis", Type::kText},
                                  {"outcome", Type::kText},
                                  {"hash", Type::kText}}};

const store::Table kAccessSubjects = {"access_subjects",
                                      {{"area", Type::kText},
                                       {"subject", Type::kText},
                                       {"entry", Type::kInteger}}};

// The marker /*clustered*/ asks SQLite to keep rows in the primary key's tree.
std::vector<store::Migration> Ledger::Migrations() {
  return {{1, "ledger", R"sql(
create table heads (
  area text not null primary key,
  journal_id text not null,
  position bigint not null,
  journal_hash text not null,
  access_entries bigint not null,
  recorded_time bigint not null,
  access_hash text not null
);
create table journal (
  area text not null,
  position bigint not null,
  kind text not null,
  body text not null,
  happened_time bigint not null,
  recorded_time bigint not null,
  hash text not null,
  primary key (area, position)
) /*clustered*/;
-- Not clustered: an answer's key is anywhere in the tree, and SQLite would write
-- and split a page of long rows for each.
create table answers (
  area text not null,
  request text not null,
  request_hash text not null,
  answer text not null,
  subjects text not null,
  recorded_time bigint not null,
  primary key (area, request)
);
create index answers_by_time on answers (recorded_time);
create table access_log (
  area text not null,
  entry bigint not null,
  recorded_time bigint not null,
  agency text not null,
  system text not null,
  role text not null,
  person text not null,
  action text not null,
  subjects text not null,
  purpose text not null,
  lawful_basis text not null,
  outcome text not null,
  hash text not null,
  primary key (area, entry)
) /*clustered*/;
create table access_subjects (
  area text not null,
  subject text not null,
  entry bigint not null,
  primary key (area, subject, entry)
) /*clustered*/;
)sql"},
          // Verifying goes by entry.
          {2, "access subjects by entry", R"sql(
create index access_subjects_by_entry on access_subjects (area, entry);
)sql"},
          {3, "derived", store::kCreateDerived},
          // Of every key that sealed here. Ids say nothing of a key.
          {4, "seal keys", R"sql(
create table seal_keys (
  key_id text not null primary key
);
)sql"}};
}

std::vector<const store::Table*> Ledger::Tables() {
  return {&kJournal, &kAnswers.table, &kAccessLog, &kAccessSubjects};
}

}  // namespace seawall::ledger
