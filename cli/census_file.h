// CensusFiles: the children of census XML files, one after the other, for
// whoever takes them at a pace of its own.
//
// A thread reads ahead by a few children and no more: a file may be larger than
// memory. For one thread; what was not taken is let go with the object.
#pragma once

#include <condition_variable>
#include <deque>
#include <istream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/error.h"
#include "libs/census/tables.h"

namespace seawall::cli {

struct FileChild {
  std::string where;  // "return.xml, child 12"
  census::ChildRecord record;
  // Last day of the return's year, as its header says; empty where it does not.
  std::string reference_date;
  // The file told of another child with this council's id before (rule 8510):
  // born on another day, or of another sex.
  bool is_other_child = false;
  // Elements that the census does not have there: "Child/CINdetails/Colour".
  std::vector<std::string> unknown;
  // Bytes of all files read so far.
  std::int64_t bytes = 0;
};

class CensusFiles {
 public:
  explicit CensusFiles(std::vector<std::string> paths);
  ~CensusFiles();
  CensusFiles(const CensusFiles&) = delete;
  CensusFiles& operator=(const CensusFiles&) = delete;

  // Reads all files through once: USAGE with file, line and byte for one that
  // cannot be opened or is no census to its end, before any child is handed
  // out.
  Result<void> Check() const;
  // Bytes of all files.
  std::int64_t size() const;

  // Waits for the next child; nothing at the end, or where a file that was
  // changed since is no census.
  std::optional<FileChild> Next();
  // After the end: USAGE with file, line and byte where one is no census.
  Result<void> Ended();
  // After the end: unknown elements that belong to no child, with their file.
  std::vector<std::string> Outside();

 private:
  void ReadAll();
  Result<void> Read(const std::string& path);
  void Put(FileChild child);

  const std::vector<std::string> paths_;
  std::thread reader_;
  std::int64_t bytes_ = 0;  // the reader's own
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FileChild> ahead_;       // guarded by mutex_
  bool done_ = false;                 // guarded by mutex_
  bool stopped_ = false;              // guarded by mutex_: nobody takes more
  Result<void> ended_;                // guarded by mutex_
  std::vector<std::string> outside_;  // guarded by mutex_
};

}  // namespace seawall::cli
