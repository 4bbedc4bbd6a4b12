// The fuzz target with every compiler: the seeds, each cut off at every byte,
// and mutations of them by chance of a seed that is printed.
//
// With SEAWALL_CORPUS=folder it only writes the seeds there as bytes, for
// libFuzzer.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "seawall/referrals/v1/referrals.pb.h"
#include "tests/support/tempdir.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size);

namespace seawall {
namespace {

namespace fs = std::filesystem;

void Feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                         bytes.size());
}

// By name, from text format.
std::map<std::string, std::string> Seeds() {
  const char* root = std::getenv("SEAWALL_ROOT");
  std::map<std::string, std::string> seeds;
  for (const auto& entry : fs::directory_iterator(fs::path(root ? root : ".") /
                                                  "tests/fuzz/seeds")) {
    referrals::v1::SubmitContactRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        support::ReadFile(entry.path()), &request))
        << entry.path();
    seeds[entry.path().stem()] = request.SerializeAsString();
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}
  std::string Mutate(std::string bytes, const std::string& other) {
    for (std::size_t times = 1 + Below(4); times > 0; times--)
      Once(bytes, other);
    return bytes;
  }

 private:
  std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  void Once(std::string& bytes, const std::string& other) {
    if (bytes.empty()) return;
    const std::size_t at = Below(bytes.size());
    switch (Below(5)) {
      case 0:
        bytes[at] = static_cast<char>(Below(256));
        return;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
        return;
      case 2:
        bytes.erase(at, 1 + Below(8));
        return;
      case 3:
        bytes.insert(at, 1 + Below(8), static_cast<char>(Below(256)));
        return;
      default:
        bytes.replace(at, 1 + Below(16), other, Below(other.size()),
                      1 + Below(16));
    }
  }
  std::mt19937 random_;
};

TEST(SubmitFuzz, SeedsAreReadWithoutHarm) {
  const auto seeds = Seeds();
  ASSERT_GE(seeds.size(), 5u);
  const char* corpus = std::getenv("SEAWALL_CORPUS");
  for (const auto& [name, bytes] : seeds) {
    if (corpus) {
      std::ofstream(fs::path(corpus) / name, std::ios::binary) << bytes;
      continue;
    }
    Feed(bytes);
    for (std::size_t size = 0; size < bytes.size(); size++)
      Feed(bytes.substr(0, size));
  }
}

TEST(SubmitFuzz, MutationsAreReadWithoutHarm) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  Mutator mutator(seed);
  std::vector<std::string> seeds;
  for (const auto& [name, bytes] : Seeds()) seeds.push_back(bytes);
  for (int i = 0; i < 100'000; i++) {
    const std::string& bytes =
        seeds[static_cast<std::size_t>(i) % seeds.size()];
    Feed(mutator.Mutate(bytes,
                        seeds[static_cast<std::size_t>(i) / 7 % seeds.size()]));
  }
}

}  // namespace
}  // namespace seawall
