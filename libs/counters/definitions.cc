#include "libs/counters/definitions.h"

#include "libs/counters/buckets.h"

namespace seawall::counters {

namespace {

// Builds `<family>|<bucket>|<group>=<value>` in a buffer that is kept, because
// counting one event does this about twenty times, and a rebuild counts a
// hundred thousand events a second.
void Add(Increments& increments, std::string_view family,
         std::string_view prefix, std::string_view bucket,
         std::string_view group, std::string_view value, std::int64_t by) {
  thread_local std::string name;
  name.assign(family).append(1, '|').append(prefix).append(bucket).append(1,
                                                                          '|');
  if (!group.empty()) name.append(group).append(1, '=').append(value);
  increments[name] += by;
}

// The day, its month and its reporting year.
void AddBuckets(Increments& increments, std::string_view family,
                std::string_view prefix, std::string_view day,
                std::string_view group, std::string_view value,
                std::int64_t by) {
  Add(increments, family, prefix, day, group, value, by);
  Add(increments, family, prefix, MonthBucket(day), group, value, by);
  Add(increments, family, prefix, YearBucket(day), group, value, by);
}

}  // namespace

void AddFlow(Increments& increments, std::string_view family,
             std::string_view day, std::int64_t by) {
  AddFlow(increments, family, day, {}, {}, by);
}

void AddFlow(Increments& increments, std::string_view family,
             std::string_view day, std::string_view group,
             std::string_view value, std::int64_t by) {
  AddBuckets(increments, family, {}, day, group, value, by);
}

void AddStock(Increments& increments, std::string_view family,
              std::string_view due_day, std::string_view group,
              std::string_view value, std::int64_t by) {
  AddBuckets(increments, family, "due=", due_day, group, value, by);
  Add(increments, family, {}, "total", group, value, by);
}

}  // namespace seawall::counters
