// Sealing of what identifies people, and keyed look-ups over it. A stolen
// database file names no child.
//
// Sealed text is "<key id>.<base64 of nonce and XChaCha20-Poly1305
// ciphertext>"; the associated data (table, area, row id) binds it to its
// place. Look-ups go through keyed BLAKE2b of a normalised value: "<key
// id>.<hex>". An id that a sender chose is sealed to "=<sealed text>", equal
// for equal ids, so that it is found by and opened again. All keys are derived
// from one 32-byte secret file. Several secrets may be given: the first seals,
// all of them open and look up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/error.h"

namespace seawall::seal {

// Thread-safe after construction. The key is wiped at destruction.
class Sealer {
 public:
  // Files of 64 hex digits, readable by their owner alone (KEY_UNREADABLE,
  // KEY_EXPOSED).
  static Result<Sealer> Load(const std::vector<std::string>& files);
  // From bytes, for tests.
  static Sealer FromSecret(std::string_view secret32);

  std::string Seal(std::string_view plain, std::string_view place) const;
  // SEAL_BROKEN (kInternal): changed, or moved to another row. SEAL_KEY_MISSING
  // (kInternal): sealed by a key that was not given.
  Result<std::string> Open(std::string_view sealed,
                           std::string_view place) const;

  // Keyed hash of a normalised value; `kind` keeps "nhs_number" and "upn"
  // apart. With the sealing key's id.
  std::string Hash(std::string_view kind, std::string_view normalised) const;
  // The hash under every key, newest first: what to look for while keys are
  // being changed.
  std::vector<std::string> Hashes(std::string_view kind,
                                  std::string_view normalised) const;

  // For ids that senders choose (references, event ids, persons), as people put
  // NHS numbers into them. Equal ids of a kind have equal texts under one key.
  // What is empty stays empty.
  std::string SealId(std::string_view kind, std::string_view id) const;
  // The texts under every key, newest first: what to look for.
  std::vector<std::string> SealIds(std::string_view kind,
                                   std::string_view id) const;
  // A text that SealId did not make is the id itself. SEAL_BROKEN (kInternal).
  Result<std::string> OpenId(std::string_view kind,
                             std::string_view text) const;
  // The same id's text under the newest key; SEAL_BROKEN (kInternal).
  Result<std::string> RenewId(std::string_view kind,
                              std::string_view text) const;

  // The ids of the keys, the newest first. An id says nothing of its key.
  std::vector<std::string> key_ids() const;

  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

 private:
  struct Key;
  enum class Use { kText, kId };
  Sealer();
  Result<std::string> OpenWith(Use use, std::string_view sealed,
                               std::string_view place) const;
  std::vector<Key> keys_;
};

// Where a sealed text lies: Place("contacts", area, id).
std::string Place(std::string_view table, std::string_view area,
                  std::string_view row);

}  // namespace seawall::seal
