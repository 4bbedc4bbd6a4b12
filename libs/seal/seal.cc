#include "libs/seal/seal.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace seawall::seal {
namespace {

constexpr std::size_t kSecretBytes = 32;
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

Error SealBroken(std::string_view why) {
  return {Code::kInternal, "SEAL_BROKEN",
          "a sealed value cannot be opened (" + std::string(why) +
              "); check the key files and the store's integrity"};
}

Error Unreadable(const std::string& file, const std::string& why) {
  return {Code::kFailedPrecondition, "KEY_UNREADABLE",
          "key file " + file + " cannot be used: " + why};
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& file)
      : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  const int number_;
};

// Checks the file that was opened, not its name: that could be exchanged.
Result<void> CheckHidden(const Descriptor& descriptor,
                         const std::string& file) {
  struct stat status = {};
  if (::fstat(descriptor.number(), &status) != 0) {
    return Unreadable(file, std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return Unreadable(file, "it is no file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return Error{Code::kFailedPrecondition, "KEY_EXPOSED",
               "key file " + file +
                   " can be used by others than its owner; run chmod 600 on "
                   "it, and consider the key known"};
}

Result<std::unique_ptr<Secret>> ReadSecret(const std::string& file) {
  const Descriptor descriptor(file);
  if (descriptor.number() < 0) return Unreadable(file, std::strerror(errno));
  TRY_VOID(CheckHidden(descriptor, file));
  std::array<char, 2 * kSecretBytes + 2> text{};
  const ssize_t got = ::read(descriptor.number(), text.data(), text.size());
  const absl::string_view digits = absl::StripTrailingAsciiWhitespace(
      {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
  auto secret = std::make_unique<Secret>();
  std::size_t length = 0;
  const bool valid =
      digits.size() == 2 * kSecretBytes &&
      sodium_hex2bin(secret->data(), kSecretBytes, digits.data(), digits.size(),
                     nullptr, &length, nullptr) == 0 &&
      length == kSecretBytes;
  sodium_memzero(text.data(), text.size());
  if (!valid) {
    return Unreadable(file,
                      "it must hold 64 hex digits and nothing else; make one "
                      "with openssl rand -hex 32");
  }
  return secret;
}

// Before anything of libsodium: it chooses the fastest code for this machine.
// Nonces come from ChaCha20 in this process, keyed by the kernel once, and not
// from a system call each.
void StartSodium() {
  static const bool started = [] {
    randombytes_set_implementation(&randombytes_internal_implementation);
    return sodium_init() >= 0;
  }();
  if (!started) std::abort();
}

}  // namespace

struct Sealer::Key {
  std::string id;
  std::unique_ptr<Secret> sealing = std::make_unique<Secret>();
  std::unique_ptr<Secret> looking_up = std::make_unique<Secret>();

  explicit Key(const Secret& secret) {
    Derive(*sealing, kSealing, secret);
    Derive(*looking_up, kLookingUp, secret);
    Secret naming;
    Derive(naming, kNaming, secret);
    id = Hex({reinterpret_cast<const char*>(naming.data()), kIdBytes});
  }

  static void Derive(Secret& key, std::uint64_t purpose, const Secret& secret) {
    crypto_kdf_derive_from_key(key.data(), kSecretBytes, purpose, kContext,
                               secret.data());
  }

  std::string Hash(std::string_view kind, std::string_view normalised) const;
};

Sealer::Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::Load(const std::vector<std::string>& files) {
  StartSodium();
  if (files.empty()) return Unreadable("(none)", "no key file is given");
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

std::string Sealer::Seal(std::string_view plain, std::string_view place) const {
  const Key& key = keys_.front();
  std::string box(kNonceBytes + plain.size() + kTagBytes, '\0');
  randombytes_buf(box.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(box) + kNonceBytes, nullptr, Bytes(plain), plain.size(),
      Bytes(place), place.size(), nullptr, Bytes(box), key.sealing->data());
  return key.id + '.' + absl::Base64Escape(box);
}

Result<std::string> Sealer::Open(std::string_view sealed,
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
            key.sealing->data()) == 0) {
      return plain;
    }
  }
  return SealBroken(known ? "it was changed or moved" : "its key is not given");
}

std::string Sealer::Key::Hash(std::string_view kind,
                              std::string_view normalised) const {
  std::string hash(kHashBytes, '\0');
  crypto_generichash_state state;
  crypto_generichash_init(&state, looking_up->data(), kSecretBytes, kHashBytes);
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  const std::uint64_t length = kind.size();
  crypto_generichash_update(
      &state, reinterpret_cast<const unsigned char*>(&length), sizeof length);
  crypto_generichash_update(&state, Bytes(kind), kind.size());
  crypto_generichash_update(&state, Bytes(normalised), normalised.size());
  crypto_generichash_final(&state, Bytes(hash), kHashBytes);
  return id + '.' + Hex(hash);
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

std::string Place(std::string_view table, std::string_view area,
                  std::string_view row) {
  std::string place;
  place.reserve(table.size() + area.size() + row.size() + 2);
  place.append(table).append("/").append(area).append("/").append(row);
  return place;
}

}  // namespace seawall::seal
