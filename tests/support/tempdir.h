// A folder for one test, removed with all in it when the object goes.
#pragma once

#include <filesystem>
#include <string>

namespace seawall::support {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  std::string path() const { return path_.string(); }
  // The path of `name` in it.
  std::string File(const std::string& name) const {
    return (path_ / name).string();
  }
  // Writes a file into it, and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

// All of a file; empty if there is none.
std::string ReadFile(const std::string& path);

}  // namespace seawall::support
