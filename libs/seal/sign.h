// Signatures that anybody can check: Ed25519 (RFC 8032).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libs/base/error.h"

namespace seawall::seal {

// Thread-safe after construction. The key is wiped at destruction.
class Signer {
 public:
  // A file of 64 hex digits (the seed), readable by its owner alone
  // (KEY_UNREADABLE, KEY_EXPOSED).
  static Result<Signer> Load(const std::string& file);

  // 128 hex digits.
  std::string Sign(std::string_view text) const;
  // 64 hex digits: what others check with.
  const std::string& public_key() const { return public_key_; }

  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;
  ~Signer();

 private:
  struct Key;
  Signer();
  std::unique_ptr<Key> key_;
  std::string public_key_;
};

// Whether the holder of the key made the signature over the text. False for
// what is not hex of the right length.
bool Verifies(std::string_view public_key, std::string_view text,
              std::string_view signature);

}  // namespace seawall::seal
