#include "libs/config/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace seawall::config {
namespace {

using Values = std::vector<std::string>;

Error Refusal(const std::string& reason, const std::string& name,
              const std::string& what) {
  return Error{
      Code::kInvalidArgument, reason, name + " " + what, {{name, what}}};
}

Error BadValue(const std::string& name, const std::string& what) {
  return Refusal("SETTING_BAD", name, what);
}

// "queue-limit" is SEAWALL_QUEUE_LIMIT.
std::string Variable(const std::string& name) {
  std::string variable = "SEAWALL_" + name;
  for (char& c : variable) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return variable;
}

template <class Number>
std::optional<Number> WholeNumber(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

template <class Number>
Result<void> SetNumber(const std::string& name, const std::string& text,
                       Number least, Number most, Number& value) {
  const auto number = WholeNumber<Number>(text);
  if (!number || *number < least || *number > most) {
    return BadValue(name, "must be a whole number from " +
                              std::to_string(least) + " to " +
                              std::to_string(most));
  }
  value = *number;
  return {};
}

Result<void> SetBool(const std::string& name, const std::string& text,
                     bool& value) {
  static const std::map<std::string, bool> kWords = {
      {"true", true},   {"yes", true}, {"on", true},   {"1", true},
      {"false", false}, {"no", false}, {"off", false}, {"0", false}};
  const auto word = kWords.find(text);
  if (word == kWords.end()) return BadValue(name, "must be true or false");
  value = word->second;
  return {};
}

std::string FormatDuration(std::chrono::milliseconds value) {
  const auto count = value.count();
  if (count != 0 && count % 3'600'000 == 0) {
    return std::to_string(count / 3'600'000) + "h";
  }
  if (count != 0 && count % 60'000 == 0) {
    return std::to_string(count / 60'000) + "m";
  }
  if (count % 1000 == 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

std::string Join(const Values& values) {
  std::string joined;
  for (const auto& value : values) {
    if (!joined.empty()) joined += ',';
    joined += value;
  }
  return joined;
}

// "a,b" and "c" are three values; empty ones are dropped.
Values Split(const Values& given) {
  Values values;
  for (const auto& text : given) {
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      if (!part.empty()) values.push_back(part);
    }
  }
  return values;
}

}  // namespace

struct Options::State {
  // How one setting takes what was given for it.
  using Setter = std::function<Result<void>(const Values&)>;
  struct Setting {
    std::string name;
    CLI::Option* option = nullptr;
    Setter apply;
    std::function<bool()> is_empty;
  };

  State(const std::string& program, const std::string& about)
      : app(about, program) {
    // Refused by us, so that the message names the key and nothing else.
    app.allow_extras();
    app.get_formatter()->column_width(34);
    app.add_option("--config", config_path, "File of settings: name = value")
        ->envname("SEAWALL_CONFIG")
        ->type_name("PATH");
  }

  Setting& Add(const std::string& name, const std::string& type,
               const std::string& standard, const std::string& help);
  Setting* Find(const std::string& name);
  Result<std::map<std::string, Values>> ReadFile();
  Result<void> Collect(const CLI::ConfigItem& item,
                       std::map<std::string, Values>& values);
  Result<void> ParseFlags(int argc, const char* const* argv);
  Result<void> Apply(const std::map<std::string, Values>& file);
  Result<void> CheckRequired();

  CLI::App app;
  std::string config_path;
  std::deque<Setting> settings;  // a deque, so that references stay good
  std::vector<std::string> required;
};

Options::State::Setting& Options::State::Add(const std::string& name,
                                             const std::string& type,
                                             const std::string& standard,
                                             const std::string& help) {
  CLI::Option* option = app.add_option(
      "--" + name, [](const CLI::results_t&) { return true; }, help);
  option->envname(Variable(name))->type_name(type);
  if (!standard.empty()) option->default_str(standard);
  settings.push_back({.name = name, .option = option});
  return settings.back();
}

Options::State::Setting* Options::State::Find(const std::string& name) {
  const auto found = std::find_if(
      settings.begin(), settings.end(),
      [&](const Setting& setting) { return setting.name == name; });
  return found == settings.end() ? nullptr : &*found;
}

Result<void> Options::State::Collect(const CLI::ConfigItem& item,
                                     std::map<std::string, Values>& values) {
  if (!item.parents.empty() || Find(item.name) == nullptr) {
    return Refusal(
        "SETTING_UNKNOWN", item.fullname(),
        "in " + config_path + " is no setting; --help lists the settings");
  }
  if (!values.emplace(item.name, item.inputs).second) {
    return BadValue(item.name, "is there twice in " + config_path);
  }
  return {};
}

Result<std::map<std::string, Values>> Options::State::ReadFile() {
  std::map<std::string, Values> values;
  if (config_path.empty()) return values;
  const Error unreadable = BadValue(
      "config", "names " + config_path + ", which cannot be read as settings");
  // A folder opens as an empty file, which would hide the mistake.
  std::error_code ignored;
  if (std::filesystem::is_directory(config_path, ignored)) return unreadable;
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigBase().from_file(config_path);
  } catch (const CLI::Error&) {
    return unreadable;
  }
  for (const auto& item : items) TRY_VOID(Collect(item, values));
  return values;
}

Result<void> Options::State::ParseFlags(int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Error{Code::kInvalidArgument, "HELP", app.help()};
  } catch (const CLI::ParseError& error) {
    return Error{Code::kInvalidArgument, "SETTING_BAD", error.what()};
  }
  const auto unknown = app.remaining();
  if (unknown.empty()) return {};
  return Refusal("SETTING_UNKNOWN", unknown.front(),
                 "is no setting; --help lists the settings");
}

// CLI11 lets the file win over the environment, so it is not told of the file:
// what it found (flag, else environment) goes first, and the file fills in.
Result<void> Options::State::Apply(const std::map<std::string, Values>& file) {
  for (auto& setting : settings) {
    if (setting.option->count() > 0) {
      TRY_VOID(setting.apply(setting.option->results()));
    } else if (const auto given = file.find(setting.name);
               given != file.end()) {
      TRY_VOID(setting.apply(given->second));
    }
  }
  return {};
}

Result<void> Options::State::CheckRequired() {
  for (const auto& name : required) {
    const Setting* setting = Find(name);
    if (setting != nullptr && setting->is_empty()) {
      return Refusal("SETTING_MISSING", name,
                     "is needed: give --" + name + ", " + Variable(name) +
                         " or a line in the file of settings");
    }
  }
  return {};
}

namespace {

// Wraps what sets one value, so that two given values are refused.
template <class Set>
std::function<Result<void>(const Values&)> One(std::string name, Set set) {
  return [name = std::move(name), set](const Values& values) -> Result<void> {
    if (values.size() != 1) {
      return BadValue(name, "takes one value; put quotes around a text");
    }
    return set(values.front());
  };
}

bool NeverEmpty() { return false; }

}  // namespace

Options::Options(std::string program, std::string about)
    : state_(std::make_unique<State>(program, about)) {}

Options::~Options() = default;

void Options::Add(const std::string& name, std::string& value,
                  const std::string& help) {
  auto& setting = state_->Add(name, "TEXT", value, help);
  setting.apply = One(name, [&value](const std::string& text) -> Result<void> {
    value = text;
    return {};
  });
  setting.is_empty = [&value] { return value.empty(); };
}

void Options::Add(const std::string& name, int& value, int least, int most,
                  const std::string& help) {
  auto& setting = state_->Add(name, "NUMBER", std::to_string(value), help);
  setting.apply =
      One(name, [&value, name, least, most](const std::string& text) {
        return SetNumber(name, text, least, most, value);
      });
  setting.is_empty = NeverEmpty;
}

void Options::Add(const std::string& name, bool& value,
                  const std::string& help) {
  // A bare flag means true. CLI11 would take its default text instead, so that
  // text stands in the type's name.
  auto& setting = state_->Add(
      name, std::string("BOOL [") + (value ? "true" : "false") + "]", "", help);
  setting.option->expected(0, 1);
  setting.apply = [&value, name](const Values& values) -> Result<void> {
    const bool bare = values.empty() || values == Values{""};
    if (values.size() > 1) return BadValue(name, "must be true or false");
    return SetBool(name, bare ? "true" : values.front(), value);
  };
  setting.is_empty = NeverEmpty;
}

void Options::Add(const std::string& name, std::size_t& value,
                  std::size_t least, std::size_t most,
                  const std::string& help) {
  auto& setting = state_->Add(name, "NUMBER", std::to_string(value), help);
  setting.apply =
      One(name, [&value, name, least, most](const std::string& text) {
        return SetNumber(name, text, least, most, value);
      });
  setting.is_empty = NeverEmpty;
}

void Options::Add(const std::string& name, std::chrono::milliseconds& value,
                  const std::string& help) {
  auto& setting = state_->Add(name, "DURATION", FormatDuration(value), help);
  setting.apply =
      One(name, [&value, name](const std::string& text) -> Result<void> {
        const auto duration = ParseDuration(text);
        if (!duration) return BadValue(name, duration.error().message);
        value = *duration;
        return {};
      });
  setting.is_empty = NeverEmpty;
}

void Options::Add(const std::string& name, std::vector<std::string>& value,
                  const std::string& help) {
  auto& setting = state_->Add(name, "TEXT,…", Join(value), help);
  setting.option->take_all()->allow_extra_args(false);
  setting.apply = [&value](const Values& values) -> Result<void> {
    value = Split(values);
    return {};
  };
  setting.is_empty = [&value] { return value.empty(); };
}

void Options::Require(const std::string& name) {
  state_->required.push_back(name);
}

Result<void> Options::Parse(int argc, const char* const* argv) {
  TRY_VOID(state_->ParseFlags(argc, argv));
  TRY(const auto file, state_->ReadFile());
  TRY_VOID(state_->Apply(file));
  return state_->CheckRequired();
}

Result<std::chrono::milliseconds> ParseDuration(const std::string& text) {
  static const std::map<std::string, std::int64_t> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  const auto digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = kUnits.find(text.substr(digits));
  const auto count = WholeNumber<std::int64_t>(text.substr(0, digits));
  if (!count || digits > 9 || unit == kUnits.end()) {
    return Error{Code::kInvalidArgument, "SETTING_BAD",
                 "must be a duration such as 200ms, 5s, 2m or 1h"};
  }
  return std::chrono::milliseconds(*count * unit->second);
}

Result<std::string> ReadSecret(const std::string& name,
                               const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string secret(std::istreambuf_iterator<char>(file), {});
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) {
    secret.pop_back();
  }
  if (secret.empty()) {
    return BadValue(name,
                    "names " + path + ", which cannot be read or is empty");
  }
  return secret;
}

int Refuse(const Error& error) {
  const bool help = error.reason == "HELP";
  std::fprintf(help ? stdout : stderr, "%s%s\n",
               help ? "" : "error: ", error.message.c_str());
  return help ? 0 : 2;
}

}  // namespace seawall::config
