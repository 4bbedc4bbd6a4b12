#include "libs/store/errors.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>

#include "libs/store/database.h"

namespace seawall::store {
namespace {

constexpr std::chrono::milliseconds kRetry{200};

Error Refused(const std::string& detail) {
  return {Code::kAborted, "STORE_REFUSED",
          "the store refused the change (" + detail +
              "); read the record again, then repeat the request"};
}

Error Full(const std::string& detail) {
  return {.code = Code::kResourceExhausted,
          .reason = "STORE_FULL",
          .message = "the store's disk is full (" + detail +
                     "); nothing was stored, make room and try again",
          .retry_after = std::chrono::seconds(1)};
}

Error Slow(const std::string& detail) {
  return {Code::kDeadlineExceeded, "STORE_SLOW",
          "the store took too long (" + detail + "); ask for less at a time"};
}

Error TooLarge(const std::string& detail) {
  return {Code::kInvalidArgument, "STORE_LIMIT",
          "a value is larger than the store takes (" + detail +
              "); nothing was stored, shorten the request's texts"};
}

// The server lives and could not do it: of memory, of its disk, a fault.
Error Failed(const std::string& detail) {
  return {.code = Code::kResourceExhausted,
          .reason = "STORE_FAILED",
          .message = "the store could not do this (" + detail +
                     "); nothing was stored, try again",
          .retry_after = std::chrono::seconds(1)};
}

// A mistake in our SQL. The first line of the engine's text names tables and
// columns, never values: those are bound, and lie in later lines.
Error Misused(const std::string& detail) {
  return {Code::kInternal, "STORE_MISUSED",
          "a statement does not fit the store (" +
              detail.substr(0, detail.find('\n')) + "); report this"};
}

}  // namespace

Error Unavailable(std::string_view detail) {
  return {.code = Code::kUnavailable,
          .reason = "STORE_UNAVAILABLE",
          .message = "the store cannot be used (" + std::string(detail) +
                     "); try again",
          .retry_after = kRetry};
}

Error FromSqlite(int code) {
  const std::string detail = "sqlite " + std::to_string(code);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Full(detail);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return Refused(detail);
    case SQLITE_TOOBIG:
      return TooLarge(detail);
    case SQLITE_NOMEM:
      return Failed(detail);
    case SQLITE_INTERRUPT:
      return Slow(detail);
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
    case SQLITE_READONLY:
      return Misused(detail);
    default:
      return Unavailable(detail);
  }
}

// Classes: https://www.postgresql.org/docs/15/errcodes-appendix.html
Error FromSqlState(std::string_view state) {
  const std::string detail = "postgresql " + std::string(state);
  if (state.empty() || state[0] == ' ' || state[0] == '\0') {
    return Unavailable("connection lost");
  }
  const std::string_view kind = state.substr(0, 2);
  // 08: the connection; 57P: the server ends, starts or recovers; 53300: it
  // takes no more connections. All else is the answer of a server that lives.
  if (kind == "08" || state.starts_with("57P") || state == "53300") {
    return Unavailable(detail);
  }
  if (state == "53100") return Full(detail);
  if (state == "57014") return Slow(detail);
  if (state == "25006") return Misused(detail);
  // 22: a value that cannot be stored; 40: a conflict with another writer.
  if (kind == "22" || kind == "23" || kind == "40") return Refused(detail);
  if (kind == "42") return Misused(detail);
  if (kind == "54") return TooLarge(detail);
  return Failed(detail);
}

Error FromException(const std::exception& exception) {
  if (auto* sqlite =
          dynamic_cast<const soci::sqlite3_soci_error*>(&exception)) {
    if (sqlite->result() == SQLITE_ERROR) {
      return Misused(sqlite->get_error_message());
    }
    return FromSqlite(sqlite->result());
  }
  if (auto* postgres =
          dynamic_cast<const soci::postgresql_soci_error*>(&exception)) {
    const std::string state = postgres->sqlstate();
    if (state.starts_with("42")) {
      return Misused(postgres->get_error_message());
    }
    return FromSqlState(state);
  }
  if (dynamic_cast<const soci::soci_error*>(&exception) != nullptr) {
    return Misused("a value has another type than its column, or is missing");
  }
  return Unavailable("unexpected failure");
}

}  // namespace seawall::store
