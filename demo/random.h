// Random: seeded numbers, the same on every machine and with every library, so
// that the demo's year is the same year each time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace seawall::demo {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64. Source: Steele, Lea and Flood, Fast splittable pseudorandom
  // number generators, 2014.
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 … bound - 1; bound >= 1.
  int Below(int bound) {
    return static_cast<int>(Next() % static_cast<std::uint64_t>(bound));
  }
  // Both included.
  int Between(int least, int most) { return least + Below(most - least + 1); }
  bool Percent(int percent) { return Below(100) < percent; }
  // 0 < share <= 1.
  double Share() {
    return static_cast<double>((Next() >> 11) + 1) / (1ull << 53);
  }

  template <class List>
  const auto& Of(const List& list) {
    return list[Below(static_cast<int>(std::size(list)))];
  }
  template <class List>
  void Shuffle(List& list) {
    for (std::size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[Below(static_cast<int>(i))]);
    }
  }
  // The place of one weight, each with its share of the sum (> 0).
  template <class Weights>
  int Weighted(const Weights& weights) {
    int left =
        Below(std::accumulate(std::begin(weights), std::end(weights), 0));
    int place = 0;
    for (const int weight : weights) {
      if (left < weight) break;
      left -= weight;
      ++place;
    }
    return place;
  }

 private:
  std::uint64_t state_;
};

// So many of so many, chosen as they come: asked as often as there are, it says
// yes exactly so many times.
class Quota {
 public:
  Quota(int wanted, int of) : wanted_(wanted), left_(of) {}
  bool Next(Random& random) {
    const bool chosen = left_ > 0 && random.Below(left_) < wanted_;
    --left_;
    wanted_ -= chosen;
    return chosen;
  }

 private:
  int wanted_;
  int left_;
};

}  // namespace seawall::demo
