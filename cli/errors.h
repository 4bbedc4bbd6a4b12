// Errors as the client shows them, and the exit codes it ends with.
#pragma once

#include <ostream>
#include <string>

#include "libs/base/error.h"

namespace seawall::cli {

// Documented in --help: scripts depend on them.
enum Exit {
  kDone = 0,
  kRefused = 1,      // by the server, or not all was as it should be
  kUsage = 2,        // flags, files or settings are wrong; nothing was sent
  kUnreachable = 3,  // no answer; the same command may be repeated
};

// The reason of a method that the server does not have: it is another service.
inline constexpr char kNotThere[] = "STATUS_UNIMPLEMENTED";

// The command or a file given to it is wrong: reason USAGE.
Error Usage(std::string message);
// A file that was named and cannot be read, or has nothing in it.
Error NotReadable(const std::string& path);

int ExitCode(const Error& error);

// Whether the same request may succeed when sent again.
bool IsTransient(const Error& error);

// "REASON field.path: message. Next: what to do", one line; further fields
// follow on lines of their own.
std::string ErrorText(const Error& error);

// {"code":…,"reason":…,"message":…,"fields":[…]} on one line.
std::string ErrorJson(const Error& error);

}  // namespace seawall::cli
