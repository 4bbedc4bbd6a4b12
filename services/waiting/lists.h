// Lists: who waited at the end of any day, as known at any time, in memory.
//
// The records keep each change of a wait as a row that is added or taken away
// from a journal position on; a list is a sum over those rows. They are read
// once, then only what is new, at each question. The pictures asked for last
// are kept and brought up to date row by row, so that the live dashboard costs
// what changed since. About 32 bytes a change. Thread-safe; whoever asks first
// waits for the reading. Nothing is lost when it goes: it holds no record.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "libs/store/records.h"
#include "services/waiting/dashboard.h"

namespace seawall::waiting {

// One service's list of a day, beside another day before it.
struct Picture {
  Histogram waiting;
  Histogram waiting_before;
  // First contacts in between: as many days before the census as they waited.
  Histogram seen;
  Balance balance;
};

struct Question {
  std::string area;
  std::string clock = kFirstContact;
  Date census;
  Date before;
  // As known at this journal position; nothing = at the newest.
  std::optional<std::int64_t> position = {};
};

class Lists {
 public:
  // The error is the store's. `position` becomes what the answer was made from.
  Result<std::map<std::string, Picture>> Ask(store::Reader& reader,
                                             const Question& question,
                                             std::int64_t& position);

 private:
  struct Row {
    std::int64_t position;
    Date joined, start, left;
    std::uint16_t service;
    std::uint8_t clock;
    std::int8_t by;
    Outcome outcome;
  };
  // Counts by day, close together.
  class Days {
   public:
    void Add(Date day, std::int64_t by);
    Histogram ToHistogram() const;

   private:
    Date first_;
    std::vector<std::int64_t> counts_;
  };
  struct Sketch {
    Days waiting, waiting_before, seen;
    Balance balance;
    // False: nothing was ever pushed of this clock.
    bool known = false;
  };
  struct Kept {
    Question question;
    std::vector<Sketch> services;
    std::int64_t asked = 0;  // when last, as a number that rises
  };
  struct Area {
    std::int64_t position = 0;
    std::vector<Row> rows;
    std::vector<std::string> services;
    std::vector<std::string> clocks;
    std::vector<Kept> kept;
  };

  Result<void> CatchUp(store::Reader& reader, const std::string& name,
                       Area& area);
  // Those up to a position.
  Result<void> ReadRows(const store::Records& records, std::int64_t to,
                        Area& area);
  static void Add(const Row& row, const Area& area, Kept& kept);
  static std::map<std::string, Picture> ToPictures(const Area& area,
                                                   const Kept& kept);

  std::mutex mutex_;
  std::map<std::string, Area> areas_;  // guarded by mutex_
  std::int64_t asked_ = 0;             // guarded by mutex_
};

}  // namespace seawall::waiting
