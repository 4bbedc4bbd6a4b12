// Log: one JSON object a line on standard error, over spdlog. Fixed lower-case
// messages, fields beside them; no message is built from data, no field holds
// personal data. A log line is never the audit record; the journal is.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "libs/base/error.h"

namespace seawall::log {

using Value = std::variant<std::string, std::int64_t, double, bool>;
struct Field {
  std::string_view name;
  Value value;
};

// {"time":"2026-11-21T10:00:00.123456Z","level":"info","service":"referrals","message":"serving","port":7401}
void Info(std::string_view message, std::initializer_list<Field> fields = {});
void Warn(std::string_view message, std::initializer_list<Field> fields = {});
void Fail(std::string_view message, std::initializer_list<Field> fields = {});

// Once at start. Level: debug, info, warn, error.
void Open(const std::string& service, const std::string& level = "info");
// At the end: what is buffered is written.
void Close();

}  // namespace seawall::log
