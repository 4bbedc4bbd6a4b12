#include "libs/seal/sign.h"

#include <absl/strings/escaping.h>

#include "libs/seal/secret.h"

namespace seawall::seal {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hex(const unsigned char* bytes, std::size_t size) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes), size});
}

// Whether the text is hex of exactly so many bytes.
template <std::size_t kSize>
bool FromHex(std::string_view text, std::array<unsigned char, kSize>& bytes) {
  std::size_t length = 0;
  const char* end = nullptr;
  return text.size() == 2 * kSize &&
         sodium_hex2bin(bytes.data(), kSize, text.data(), text.size(), nullptr,
                        &length, &end) == 0 &&
         length == kSize && end == text.data() + text.size();
}

}  // namespace

// libsodium's form of a key: the seed, then the public key.
struct Signer::Key {
  Key() { sodium_mlock(bytes.data(), bytes.size()); }
  ~Key() { sodium_munlock(bytes.data(), bytes.size()); }  // wipes
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> bytes{};
};

Signer::Signer() : key_(std::make_unique<Key>()) {}
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;
Signer::~Signer() = default;

Result<Signer> Signer::Load(const std::string& file) {
  static_assert(crypto_sign_SEEDBYTES == kSecretBytes);
  StartSodium();
  TRY(const auto seed, ReadSecret(file));
  Signer signer;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  crypto_sign_seed_keypair(open.data(), signer.key_->bytes.data(),
                           seed->data());
  signer.public_key_ = Hex(open.data(), open.size());
  return signer;
}

std::string Signer::Sign(std::string_view text) const {
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, Bytes(text), text.size(),
                       key_->bytes.data());
  return Hex(signature.data(), signature.size());
}

bool Verifies(std::string_view public_key, std::string_view text,
              std::string_view signature) {
  StartSodium();
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
  std::array<unsigned char, crypto_sign_BYTES> signed_with{};
  return FromHex(public_key, key) && FromHex(signature, signed_with) &&
         crypto_sign_verify_detached(signed_with.data(), Bytes(text),
                                     text.size(), key.data()) == 0;
}

}  // namespace seawall::seal
