// OutputFile: a file with details of children that the client writes: whole or
// not at all, and read by its owner alone.
//
// It lies beside its place under another name until it is kept; what is not
// kept is removed. One thread.
#pragma once

#include <fstream>
#include <string>

#include "libs/base/error.h"

namespace seawall::cli {

class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // USAGE where it cannot be written; so for the other.
  Result<void> Open();
  std::ostream& stream() { return stream_; }
  Result<void> Keep();

 private:
  std::string part() const { return path_ + ".part"; }

  std::string path_;
  std::ofstream stream_;
  bool open_ = false;
};

}  // namespace seawall::cli
