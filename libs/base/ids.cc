#include "libs/base/ids.h"

#include <cstring>
#include <random>

namespace seawall {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

using Bits = unsigned __int128;

std::string Encode(std::string_view prefix, Bits bits) {
  std::string id(prefix);
  if (!prefix.empty()) id += '-';
  for (int shift = 125; shift >= 0; shift -= 5) {
    id += kCrockford[static_cast<std::size_t>(bits >> shift) & 31];
  }
  return id;
}

void Fill(std::array<std::uint8_t, 10>& bytes) {
  // libstdc++'s device is getrandom or the processor's generator. Opening one
  // costs more than asking it.
  thread_local std::random_device device;
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    const std::uint32_t word = device();
    std::memcpy(&bytes[at], &word, std::min(bytes.size() - at, sizeof word));
  }
}

// False when all bits were ones.
bool Increment(std::array<std::uint8_t, 10>& bytes) {
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (++*byte != 0) return true;
  }
  return false;
}

}  // namespace

std::string RandomIds::New(std::string_view prefix) {
  const std::int64_t now = ToMicros(clock_.Now()) / 1000;
  std::lock_guard lock(mutex_);
  if (now > millis_) {
    millis_ = now;
    Fill(random_);
  } else if (!Increment(random_)) {
    ++millis_;
  }
  Bits bits = static_cast<std::uint64_t>(millis_) & 0xFFFFFFFFFFFF;
  for (const auto byte : random_) bits = bits << 8 | byte;
  return Encode(prefix, bits);
}

std::string SequentialIds::New(std::string_view prefix) {
  std::lock_guard lock(mutex_);
  return Encode(prefix, ++last_);
}

}  // namespace seawall
