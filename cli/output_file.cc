#include "cli/output_file.h"

#include <filesystem>

#include "cli/errors.h"

namespace seawall::cli {

namespace fs = std::filesystem;

OutputFile::~OutputFile() {
  if (!open_) return;
  stream_.close();
  std::error_code ignored;
  fs::remove(part(), ignored);
}

Result<void> OutputFile::Open() {
  stream_.open(part(), std::ios::binary | std::ios::trunc);
  if (!stream_) return Usage(path_ + " cannot be written");
  open_ = true;
  std::error_code failed;
  fs::permissions(part(), fs::perms::owner_read | fs::perms::owner_write,
                  failed);
  if (failed) return Usage(path_ + " cannot be made private");
  return {};
}

Result<void> OutputFile::Keep() {
  stream_.close();
  if (!stream_) return Usage(path_ + " could not be written to its end");
  std::error_code failed;
  fs::rename(part(), path_, failed);
  if (failed) return Usage(path_ + " cannot be written");
  open_ = false;
  return {};
}

}  // namespace seawall::cli
