#include "libs/seal/seal.h"

#include <absl/strings/escaping.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "libs/seal/secret.h"

namespace seawall::seal {
namespace {

constexpr std::size_t kNonceBytes =
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHashBytes = 16;
constexpr std::size_t kIdBytes = 4;

// Purposes of the keys derived from one secret.
constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "seawall1";
constexpr std::uint64_t kSealing = 1;
constexpr std::uint64_t kLookingUp = 2;
constexpr std::uint64_t kNaming = 3;
constexpr std::uint64_t kSealingIds = 4;

// What an id's sealed text begins with.
constexpr char kIdMark = '=';

static_assert(crypto_kdf_KEYBYTES == kSecretBytes);

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Debian's absl has a string_view of its own.
absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(View(bytes));
}

// Only the one form that Seal writes: base64 with other unused bits, or with
// spaces in it, has been changed.
bool Decode(std::string_view text, std::string& bytes) {
  return absl::Base64Unescape(View(text), &bytes) &&
         absl::Base64Escape(View(bytes)) == text;
}

Error SealBroken(std::string_view why) {
  return {Code::kInternal, "SEAL_BROKEN",
          "a sealed value cannot be opened (" + std::string(why) +
              "); check the key files and the store's integrity"};
}

// Keyed BLAKE2b of `size` bytes.
std::string KeyedHash(const Secret& key, std::size_t size,
                      std::string_view kind, std::string_view text) {
  std::string hash(size, '\0');
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), kSecretBytes, size);
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  const std::uint64_t length = kind.size();
  crypto_generichash_update(
      &state, reinterpret_cast<const unsigned char*>(&length), sizeof length);
  crypto_generichash_update(&state, Bytes(kind), kind.size());
  crypto_generichash_update(&state, Bytes(text), text.size());
  crypto_generichash_final(&state, Bytes(hash), size);
  return hash;
}

}  // namespace

struct Sealer::Key {
  std::string id;
  std::unique_ptr<Secret> sealing = std::make_unique<Secret>();
  std::unique_ptr<Secret> looking_up = std::make_unique<Secret>();
  std::unique_ptr<Secret> sealing_ids = std::make_unique<Secret>();

  explicit Key(const Secret& secret) {
    Derive(*sealing, kSealing, secret);
    Derive(*looking_up, kLookingUp, secret);
    Derive(*sealing_ids, kSealingIds, secret);
    Secret naming;
    Derive(naming, kNaming, secret);
    id = Hex({reinterpret_cast<const char*>(naming.data()), kIdBytes});
  }

  static void Derive(Secret& key, std::uint64_t purpose, const Secret& secret) {
    crypto_kdf_derive_from_key(key.data(), kSecretBytes, purpose, kContext,
                               secret.data());
  }

  const Secret& Of(Use use) const {
    return use == Use::kId ? *sealing_ids : *sealing;
  }
  // "<key id>.<base64 of nonce and ciphertext>".
  std::string Seal(Use use, std::string nonce, std::string_view plain,
                   std::string_view place) const;
  std::string Hash(std::string_view kind, std::string_view normalised) const;
  std::string SealId(std::string_view kind, std::string_view plain) const;
};

Sealer::Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::Load(const std::vector<std::string>& files) {
  StartSodium();
  if (files.empty()) {
    return Error{Code::kFailedPrecondition, "KEY_UNREADABLE",
                 "no key file is given"};
  }
  Sealer sealer;
  for (const std::string& file : files) {
    TRY(const auto secret, ReadSecret(file));
    sealer.keys_.emplace_back(*secret);
  }
  return sealer;
}

Sealer Sealer::FromSecret(std::string_view secret32) {
  StartSodium();
  Secret secret;
  std::memcpy(secret.data(), secret32.data(),
              std::min(secret32.size(), kSecretBytes));
  Sealer sealer;
  sealer.keys_.emplace_back(secret);
  return sealer;
}

std::string Sealer::Key::Seal(Use use, std::string nonce,
                              std::string_view plain,
                              std::string_view place) const {
  std::string box = std::move(nonce);
  box.resize(kNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(box) + kNonceBytes, nullptr, Bytes(plain), plain.size(),
      Bytes(place), place.size(), nullptr, Bytes(box), Of(use).data());
  return id + '.' + absl::Base64Escape(box);
}

std::string Sealer::Seal(std::string_view plain, std::string_view place) const {
  const Key& key = keys_.front();
  std::string nonce(kNonceBytes, '\0');
  randombytes_buf(nonce.data(), kNonceBytes);
  return key.Seal(Use::kText, std::move(nonce), plain, place);
}

Result<std::string> Sealer::OpenWith(Use use, std::string_view sealed,
                                     std::string_view place) const {
  const std::size_t dot = sealed.find('.');
  if (dot == std::string_view::npos) return SealBroken("it has no key id");
  const std::string_view id = sealed.substr(0, dot);
  std::string box;
  if (!Decode(sealed.substr(dot + 1), box) ||
      box.size() < kNonceBytes + kTagBytes) {
    return SealBroken("it is cut or garbled");
  }
  bool known = false;
  std::string plain(box.size() - kNonceBytes - kTagBytes, '\0');
  // Ids are short: two keys may share one.
  for (const Key& key : keys_) {
    if (key.id != id) continue;
    known = true;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            Bytes(plain), nullptr, nullptr, Bytes(box) + kNonceBytes,
            box.size() - kNonceBytes, Bytes(place), place.size(), Bytes(box),
            key.Of(use).data()) == 0) {
      return plain;
    }
  }
  if (known) return SealBroken("it was changed or moved");
  Error error = SealBroken("its key is not given");
  error.reason = "SEAL_KEY_MISSING";
  return error;
}

Result<std::string> Sealer::Open(std::string_view sealed,
                                 std::string_view place) const {
  return OpenWith(Use::kText, sealed, place);
}

std::string Sealer::Key::Hash(std::string_view kind,
                              std::string_view normalised) const {
  return id + '.' + Hex(KeyedHash(*looking_up, kHashBytes, kind, normalised));
}

// The nonce is a keyed hash of the id: another id has another nonce, and the
// same id the same text.
std::string Sealer::Key::SealId(std::string_view kind,
                                std::string_view plain) const {
  return kIdMark + Seal(Use::kId,
                        KeyedHash(*looking_up, kNonceBytes, kind, plain), plain,
                        kind);
}

std::string Sealer::Hash(std::string_view kind,
                         std::string_view normalised) const {
  return keys_.front().Hash(kind, normalised);
}

std::vector<std::string> Sealer::Hashes(std::string_view kind,
                                        std::string_view normalised) const {
  std::vector<std::string> hashes;
  for (const Key& key : keys_) hashes.push_back(key.Hash(kind, normalised));
  return hashes;
}

std::vector<std::string> Sealer::key_ids() const {
  std::vector<std::string> ids;
  for (const Key& key : keys_) ids.push_back(key.id);
  return ids;
}

std::string Sealer::SealId(std::string_view kind, std::string_view id) const {
  return id.empty() ? std::string() : keys_.front().SealId(kind, id);
}

std::vector<std::string> Sealer::SealIds(std::string_view kind,
                                         std::string_view id) const {
  if (id.empty()) return {std::string()};
  std::vector<std::string> texts;
  for (const Key& key : keys_) texts.push_back(key.SealId(kind, id));
  return texts;
}

Result<std::string> Sealer::OpenId(std::string_view kind,
                                   std::string_view text) const {
  if (!text.starts_with(kIdMark)) return std::string(text);
  return OpenWith(Use::kId, text.substr(1), kind);
}

Result<std::string> Sealer::RenewId(std::string_view kind,
                                    std::string_view text) const {
  if (!text.starts_with(kIdMark) ||
      text.substr(1).starts_with(keys_.front().id + '.')) {
    return std::string(text);
  }
  TRY(const std::string id, OpenId(kind, text));
  return SealId(kind, id);
}

std::string Place(std::string_view table, std::string_view area,
                  std::string_view row) {
  std::string place;
  place.reserve(table.size() + area.size() + row.size() + 2);
  place.append(table).append("/").append(area).append("/").append(row);
  return place;
}

}  // namespace seawall::seal
