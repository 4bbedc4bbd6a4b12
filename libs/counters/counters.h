// Counters: one hash of exact integers per (service, area, definitions version,
// journal), fed from the journal behind the commits, holding its own fence: the
// journal position up to which it has counted.
//
// A page of increments (from, to] is applied only if the fence equals `from`,
// in one atomic write of absolute values; so retries, several projectors and a
// store that came back older cannot count twice. The fence holds the journal's
// hash there too, so that a history of the same length is not gone on with.
// Holds no personal data. Implementations: Redis (counters/redis.h) and memory
// (counters/memory.h); both pass counters/contract.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/error.h"

namespace seawall::counters {

// Counter name -> change. Names are ours: `contacts|2017-06|source=6`.
using Increments = std::unordered_map<std::string, std::int64_t>;

// sw:{<service>:<area>}:<definitions version>:<journal id>
struct Key {
  std::string service;
  std::string area;
  int definitions_version = 1;
  std::string journal_id;
  std::string ToString() const;
};

// How far a journal was counted: its position, and the chained hash of the
// event there. A position alone (in tests) is a history without hashes.
struct Point {
  Point(std::int64_t position = 0, std::string hash = {})  // NOLINT: implicit
      : position(position), hash(position == 0 ? "" : std::move(hash)) {}
  bool operator==(const Point&) const = default;

  // "412:9f2c…", "0" for the beginning; and back, nothing for any other text.
  std::string ToString() const;
  static std::optional<Point> Parse(std::string_view text);

  std::int64_t position;
  std::string hash;
};

// The most names a page may hold: a Lua script can hand at most about 8,000
// values to one command.
inline constexpr std::size_t kMostNames = 3500;

// COUNTERS_PAGE_TOO_LARGE (kInternal): the caller did not split.
Error PageTooLarge(std::size_t names);

// Values are exact up to 2^53 (9,007,199,254,740,992) either way.
// Thread-safe. A value or fence that is none is COUNTERS_GARBLED (kInternal).
// Every call is bounded by the implementation's timeout and fails
// with COUNTERS_UNAVAILABLE (kUnavailable).
class Counters {
 public:
  virtual ~Counters() = default;

  // Applies the page if the fence is at `from`. Returns the fence afterwards:
  // `to` if applied, where it really is if not. At most 3,500 names a page (the
  // projector splits); an empty page still moves the fence.
  virtual Result<Point> Apply(const Key& key, const Point& from,
                              const Point& to, const Increments& page) = 0;

  // The fence, 0 for a hash that is not there.
  virtual Result<Point> Fence(const Key& key) = 0;

  // The fence and the values of `names` in their order (0 where absent), read
  // at one moment.
  struct Values {
    Point fence;
    std::vector<std::int64_t> values;
  };
  virtual Result<Values> Get(const Key& key,
                             const std::vector<std::string>& names) = 0;

  // Everything, read at one moment. For verifying only.
  struct All {
    Point fence;
    std::map<std::string, std::int64_t> values;
  };
  virtual Result<All> GetAll(const Key& key) = 0;

  virtual Result<void> Delete(const Key& key) = 0;
};

}  // namespace seawall::counters
