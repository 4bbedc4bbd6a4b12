// A crash in the middle of writing the append-only file: what is on disk ends
// anywhere. The counters must be exact again once the projector has gone on
// from the fence it finds. A wrong script, which a reasonable person might
// write, is put through the same and over-counts: so the test can fail.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "libs/counters/redis.h"
#include "tests/support/eventually.h"
#include "tests/support/redis.h"

namespace seawall::counters {
namespace {

constexpr std::int64_t kBeforeCrash = 6;
constexpr std::int64_t kAfterCrash = 9;
constexpr int kNames = 4;
// Bytes cut off the end; one page takes about 150.
const std::vector<std::uintmax_t> kTears = {1, 9, 25, 40, 75, 120, 160};

// One way of counting: position n adds 1 to each of `c0` … `c3`.
class Counting {
 public:
  explicit Counting(support::Redis& redis) : redis_(redis) {}
  virtual ~Counting() = default;
  virtual std::int64_t Fence() = 0;
  virtual void Apply(std::int64_t from, std::int64_t to) = 0;
  virtual std::int64_t Sum() = 0;

 protected:
  support::Redis& redis_;
};

class Ours : public Counting {
 public:
  explicit Ours(support::Redis& redis)
      : Counting(redis),
        counters_(RedisCounters::Make(
                      {.address = "127.0.0.1:" + std::to_string(redis.port())})
                      .value()) {}

  std::int64_t Fence() override {
    std::int64_t fence = -1;
    EXPECT_TRUE(support::Eventually([&] {
      const auto found = counters_->Fence(key_);
      if (found) fence = found->position;
      return found.has_value();
    }));
    return fence;
  }

  void Apply(std::int64_t from, std::int64_t to) override {
    Increments page;
    for (int i = 0; i < kNames; ++i) page["c" + std::to_string(i)] = to - from;
    EXPECT_TRUE(support::Eventually(
        [&] { return counters_->Apply(key_, from, to, page).has_value(); }));
  }

  std::int64_t Sum() override {
    std::int64_t sum = 0;
    EXPECT_TRUE(support::Eventually([&] {
      const auto all = counters_->GetAll(key_);
      if (!all) return false;
      for (const auto& [name, value] : all->values) sum += value;
      return true;
    }));
    return sum;
  }

 private:
  const Key key_{"test", "testshire", 1, "torn"};
  std::unique_ptr<RedisCounters> counters_;
};

// Atomic while Redis lives, since it is one script; but several writes, and a
// fence of its own.
class SeveralWrites : public Counting {
 public:
  using Counting::Counting;

  std::int64_t Fence() override { return Number({"GET", "{t}fence"}); }

  void Apply(std::int64_t from, std::int64_t to) override {
    static const std::string kScript =
        "if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then return 0 end "
        "for i = 0, 3 do redis.call('HINCRBY', KEYS[1], 'c' .. i, "
        "ARGV[2] - ARGV[1]) end redis.call('SET', KEYS[2], ARGV[2]) return 1";
    EXPECT_TRUE(redis_.Run({"EVAL", kScript, "2", "{t}counters", "{t}fence",
                            std::to_string(from), std::to_string(to)}));
  }

  std::int64_t Sum() override {
    std::int64_t sum = 0;
    for (int i = 0; i < kNames; ++i) {
      sum += Number({"HGET", "{t}counters", "c" + std::to_string(i)});
    }
    return sum;
  }

 private:
  std::int64_t Number(const std::vector<std::string>& command) {
    const auto text = redis_.Run(command);
    EXPECT_TRUE(text);
    return std::atoll(text.value_or("").c_str());
  }
};

void Project(Counting& counting, std::int64_t last) {
  for (std::int64_t fence = counting.Fence(); fence < last; ++fence) {
    counting.Apply(fence, fence + 1);
  }
}

void Tear(const support::Redis& redis, std::uintmax_t bytes) {
  const std::string file = redis.append_only_file();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - bytes);
}

// How many events too many (or too few) are counted in the end.
template <class Way>
std::int64_t ErrorAfterTear(std::uintmax_t tear, bool repair) {
  auto redis = support::Redis::Start().value();
  Way counting(*redis);
  Project(counting, kBeforeCrash);
  EXPECT_EQ(counting.Sum(), kBeforeCrash * kNames);
  redis->Kill();
  Tear(*redis, tear);
  EXPECT_TRUE(redis->Restart(repair));
  EXPECT_LT(counting.Fence(), kBeforeCrash) << "the tear lost nothing";
  Project(counting, kAfterCrash);
  // What was written behind the tear must be read back right as well.
  EXPECT_TRUE(redis->Restart(repair));
  Project(counting, kAfterCrash);
  EXPECT_EQ(counting.Fence(), kAfterCrash);
  return counting.Sum() - kAfterCrash * kNames;
}

TEST(TornAppendOnlyFile, RepairedFileIsCountedExactly) {
  for (const auto tear : kTears) {
    EXPECT_EQ(ErrorAfterTear<Ours>(tear, /*repair=*/true), 0) << tear;
  }
}

TEST(TornAppendOnlyFile, FileThatNobodyRepairedIsCountedExactly) {
  for (const auto tear : kTears) {
    EXPECT_EQ(ErrorAfterTear<Ours>(tear, /*repair=*/false), 0) << tear;
  }
}

TEST(TornAppendOnlyFile, ScriptOfSeveralWritesWouldOverCount) {
  std::int64_t error = 0;
  for (const auto tear : kTears) {
    if (tear > 75) continue;  // within the last block
    error += ErrorAfterTear<SeveralWrites>(tear, /*repair=*/false);
  }
  EXPECT_GT(error, 0);
}

}  // namespace
}  // namespace seawall::counters
