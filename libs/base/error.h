// Error and Result: how everything in Seawall says that it did not work.
//
// An Error has a code (what kind of failure, the gRPC canonical codes that are
// used here), a stable UPPER_SNAKE reason for machines (listed in
// tests/golden/reasons.txt), a sentence for people that says what to do next,
// and field paths. It never holds personal data. Exceptions of libraries are
// caught where the library is called; there are none of our own.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace seawall {

// Values are those of grpc::StatusCode.
enum class Code {
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

// One wrong field: its path in the request and what is wrong with it.
struct FieldError {
  std::string path;
  std::string description;
};

struct [[nodiscard]] Error {
  Code code = Code::kInternal;
  std::string reason;
  std::string message;
  std::vector<FieldError> fields = {};
  // For kResourceExhausted and kUnavailable: when to try again; zero = not
  // said.
  std::chrono::milliseconds retry_after{0};
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error)
      : tl::expected<T, Error>(tl::unexpect, std::move(error)) {
  }  // NOLINT: return Error{…} reads well
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using tl::expected<void, Error>::expected;
  Result() = default;
  Result(Error error)
      : tl::expected<void, Error>(tl::unexpect, std::move(error)) {}  // NOLINT
};

}  // namespace seawall

#define SEAWALL_JOIN_(a, b) a##b
#define SEAWALL_JOIN(a, b) SEAWALL_JOIN_(a, b)
#define SEAWALL_TRY_(temporary, declaration, ...)                        \
  auto temporary = (__VA_ARGS__);                                        \
  if (!temporary) return ::seawall::Error(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// TRY(const Contact contact, Parse(request)); leaves the function with the
// error if there is one.
#define TRY(declaration, ...) \
  SEAWALL_TRY_(SEAWALL_JOIN(try_, __COUNTER__), declaration, __VA_ARGS__)

// TRY_VOID(Insert(…)); the same for a Result<void>, or where the value is not
// needed.
#define TRY_VOID(...)                                                        \
  do {                                                                       \
    auto try_result = (__VA_ARGS__);                                         \
    if (!try_result) return ::seawall::Error(std::move(try_result).error()); \
  } while (false)
