#include "tests/support/tempdir.h"

#include <stdlib.h>

#include <cstdio>
#include <fstream>

namespace seawall::support {

TemporaryFolder::TemporaryFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "seawall-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    std::perror("cannot make a temporary folder");
    std::abort();
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::Write(const std::string& name,
                                   const std::string& text) const {
  const std::string path = File(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string ReadFile(const std::string& path) {
  std::string text;
  // Not a stream: those throw where a process vanishes while /proc is read.
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, file)) {
    text.append(part, got);
  }
  std::fclose(file);
  return text;
}

}  // namespace seawall::support
