// Settings: flag over environment over file, into one checked struct, over
// CLI11.
//
// `--queue-limit` is also SEAWALL_QUEUE_LIMIT and `queue-limit = …` in the file
// given by --config (or SEAWALL_CONFIG). An unknown key, a bad value or an
// unreadable secret is a refusal to start that names the key. Durations carry a
// unit ("5s", "200ms"). A list is given by commas, or by naming the flag again.
// In the file a text with spaces or commas stands in double quotes, and #
// starts a comment wherever it stands. An empty variable of the environment
// counts as not set; unknown ones are left alone, since other programs share
// it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/error.h"

namespace CLI {
class App;
}

namespace seawall::config {

class Options {
 public:
  Options(std::string program, std::string about);
  ~Options();

  // Each binds a variable that already holds its default.
  void Add(const std::string& name, std::string& value,
           const std::string& help);
  void Add(const std::string& name, int& value, int least, int most,
           const std::string& help);
  void Add(const std::string& name, bool& value, const std::string& help);
  void Add(const std::string& name, std::size_t& value, std::size_t least,
           std::size_t most, const std::string& help);
  void Add(const std::string& name, std::chrono::milliseconds& value,
           const std::string& help);
  void Add(const std::string& name, std::vector<std::string>& value,
           const std::string& help);
  // Refused when empty after parsing: SETTING_MISSING.
  void Require(const std::string& name);

  // SETTING_UNKNOWN, SETTING_BAD, SETTING_MISSING (kInvalidArgument); the
  // message is fit to print. `--help` gives the reason HELP with the help text
  // as message. After an error the variables may hold a mixture: do not start.
  Result<void> Parse(int argc, const char* const* argv);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "5s", "200ms", "2m", "1h"; at most nine digits. SETTING_BAD.
Result<std::chrono::milliseconds> ParseDuration(const std::string& text);

// The content of the file that the setting `name` points to, without the line
// end at its end. SETTING_BAD, naming the setting, when it cannot be read or is
// empty.
Result<std::string> ReadSecret(const std::string& name,
                               const std::string& path);

// Prints the error (or help) and returns the exit code: 0 for help, 2
// otherwise.
int Refuse(const Error& error);

}  // namespace seawall::config
