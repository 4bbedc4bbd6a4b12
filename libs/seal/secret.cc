#include "libs/seal/secret.h"

#include <absl/strings/ascii.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace seawall::seal {
namespace {

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

}  // namespace

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

}  // namespace seawall::seal
