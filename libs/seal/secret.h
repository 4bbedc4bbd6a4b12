// What libs/seal's own files share: secrets in memory and in files.
#pragma once

#include <sodium.h>

#include <array>
#include <memory>
#include <string>

#include "libs/base/error.h"

namespace seawall::seal {

inline constexpr std::size_t kSecretBytes = 32;

// Bytes that are never swapped out and are wiped when they go.
class Secret {
 public:
  Secret() { sodium_mlock(bytes_.data(), bytes_.size()); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { sodium_munlock(bytes_.data(), bytes_.size()); }  // wipes

  unsigned char* data() { return bytes_.data(); }
  const unsigned char* data() const { return bytes_.data(); }

 private:
  std::array<unsigned char, kSecretBytes> bytes_{};
};

// Before anything of libsodium.
void StartSodium();

// KEY_UNREADABLE, KEY_EXPOSED (kFailedPrecondition).
Result<std::unique_ptr<Secret>> ReadSecret(const std::string& file);

}  // namespace seawall::seal
