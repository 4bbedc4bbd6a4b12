#include "libs/log/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "libs/base/civil.h"
#include "libs/base/clock.h"

namespace seawall::log {
namespace {

using Json = nlohmann::ordered_json;
using Level = spdlog::level::level_enum;

// The process has one standard error, so it has one log. Changed by Open
// alone, which runs before the first thread.
struct State {
  std::string service;
  spdlog::logger logger{"seawall",
                        std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  State() { logger.set_pattern("%v"); }
};

State& TheLog() {
  static State state;
  return state;
}

Level LevelOf(const std::string& name) {
  if (name == "debug") return Level::debug;
  if (name == "warn") return Level::warn;
  if (name == "error") return Level::err;
  return Level::info;
}

const char* NameOf(Level level) {
  if (level == Level::err) return "error";
  return level == Level::warn ? "warn" : "info";
}

Json ToJson(const Value& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

// Broken UTF-8 is replaced, since a line that cannot be read is a line lost.
std::string Line(Level level, std::string_view message,
                 std::initializer_list<Field> fields) {
  Json line = {{"time", FormatInstant(SystemClock().Now())},
               {"level", NameOf(level)},
               {"service", TheLog().service},
               {"message", message}};
  for (const auto& field : fields) {
    // emplace keeps the four above, whatever a field is called.
    line.emplace(std::string(field.name), ToJson(field.value));
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Write(Level level, std::string_view message,
           std::initializer_list<Field> fields) {
  auto& logger = TheLog().logger;
  if (!logger.should_log(level)) return;
  logger.log(level, spdlog::string_view_t(Line(level, message, fields)));
}

}  // namespace

void Info(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::info, message, fields);
}

void Warn(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::warn, message, fields);
}

void Fail(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::err, message, fields);
}

void Open(const std::string& service, const std::string& level) {
  TheLog().service = service;
  TheLog().logger.set_level(LevelOf(level));
}

void Close() { TheLog().logger.flush(); }

}  // namespace seawall::log
