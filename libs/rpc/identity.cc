#include "libs/rpc/identity.h"

#include <grpc/grpc_security_constants.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace seawall::rpc {
namespace {

constexpr std::chrono::milliseconds kShortest{100};
constexpr std::chrono::milliseconds kShaved{20};
constexpr std::chrono::seconds kUnsaid{30};
constexpr std::chrono::minutes kLongest{5};
constexpr std::size_t kPersonSize = 64;
constexpr std::size_t kTraceParentSize = 55;
constexpr std::size_t kTraceIdStart = 3;
constexpr std::size_t kTraceIdSize = 32;

std::string_view Metadata(const grpc::CallbackServerContext& context,
                          const char* key) {
  const auto& all = context.client_metadata();
  const auto found = all.find(key);
  if (found == all.end()) return {};
  return {found->second.data(), found->second.size()};
}

bool IsPrintable(char c) { return c > ' ' && c < 0x7f; }

bool IsPerson(std::string_view text) {
  if (text.size() > kPersonSize) return false;
  if (!std::all_of(text.begin(), text.end(), IsPrintable)) return false;
  const auto slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 &&
         slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos;
}

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

Result<std::string> PeerName(const grpc::CallbackServerContext& context) {
  const auto names =
      context.auth_context()->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (names.size() != 1 ||
      !std::all_of(names[0].begin(), names[0].end(), IsPrintable)) {
    return Error{Code::kUnauthenticated, "UNKNOWN_CALLER",
                 "the client certificate must hold exactly one URI name"};
  }
  std::string name(names[0].data(), names[0].size());
  for (const auto& pem : context.auth_context()->FindPropertyValues(
           GRPC_X509_PEM_CERT_PROPERTY_NAME)) {
    name.append("\n").append(pem.data(), pem.size());
  }
  return name;
}

Peer PeerOf(std::string_view name) {
  const auto end = name.find('\n');
  if (end == std::string_view::npos) return {name, {}};
  return {name.substr(0, end), name.substr(end + 1)};
}

std::string SerialOf(const Peer& peer) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(
      BIO_new_mem_buf(peer.certificate.data(),
                      static_cast<int>(peer.certificate.size())),
      &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr), &X509_free);
  if (!certificate) return {};
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr),
      &BN_free);
  if (!number) return {};
  const std::unique_ptr<char, void (*)(char*)> digits(
      BN_bn2hex(number.get()), [](char* text) { OPENSSL_free(text); });
  return digits ? PlainSerial(digits.get()) : std::string();
}

std::string PlainSerial(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == ':') continue;
    if (!std::isxdigit(static_cast<unsigned char>(c))) return {};
    if (plain.empty() && c == '0') continue;
    plain.push_back(
        static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return plain;
}

Result<std::string> Person(const grpc::CallbackServerContext& context) {
  const std::string_view person = Metadata(context, "seawall-person");
  if (!person.empty() && !IsPerson(person)) return PersonRequired();
  return std::string(person);
}

Error PersonRequired() {
  return Error{Code::kInvalidArgument,
               "PERSON_REQUIRED",
               "metadata seawall-person must be an id and a role such as "
               "p-1041/social-worker, at most 64 printable characters",
               {{"metadata.seawall-person", "missing or malformed"}}};
}

std::string TraceId(const grpc::CallbackServerContext& context) {
  const std::string_view parent = Metadata(context, "traceparent");
  if (parent.size() != kTraceParentSize) return {};
  const auto id = parent.substr(kTraceIdStart, kTraceIdSize);
  if (!std::all_of(id.begin(), id.end(), IsHex)) return {};
  return std::string(id);
}

std::chrono::steady_clock::time_point DefaultDeadline() {
  return std::chrono::steady_clock::now() + kUnsaid;
}

Error DeadlineTooShort() {
  return Error{Code::kDeadlineExceeded, "DEADLINE_TOO_SHORT",
               "too little time was left to begin; give at least 100 ms"};
}

Result<std::chrono::steady_clock::time_point> Deadline(
    const grpc::CallbackServerContext& context) {
  // On the monotonic clock: a wall clock that is set must not end calls.
  const gpr_timespec deadline =
      gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
    return DefaultDeadline();
  }
  const gpr_timespec left =
      gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
  const auto millis = gpr_time_to_millis(left);
  if (millis < kShortest.count()) return DeadlineTooShort();
  const auto bound = std::min<std::chrono::milliseconds>(
      std::chrono::milliseconds(millis) - kShaved, kLongest);
  return std::chrono::steady_clock::now() + bound;
}

}  // namespace seawall::rpc
