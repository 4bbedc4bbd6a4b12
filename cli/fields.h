// Fields of a message by their paths, and flags that set them.
//
// A path is `rationale`, `step_down.contingency`, `factors`. Setting a repeated
// field adds to it. A name inside a repeated message belongs to its last
// element, or begins a new one where that has it already: `absences.agency`
// twice makes two.
#pragma once

#include <google/protobuf/message.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace seawall::cli {

// Whether a beginning of a word is enough: where a person types and looks.
enum class Words { kBeginnings, kWhole };

// Sets the field, or says what is wrong in words that go on behind a name: "is
// yes or no". A day or a time is read as people write it (values.h); a day that
// cannot be read is kept as it was given where the field is a text.
std::optional<std::string> PutField(google::protobuf::Message& message,
                                    std::string_view path,
                                    const std::string& value, Words words);

// Whether a field holds a civil day, as a text.
bool IsDay(const google::protobuf::FieldDescriptor& field);
bool IsTime(const google::protobuf::FieldDescriptor& field);

// The field that a path leads to; null where there is none.
const google::protobuf::FieldDescriptor* FieldAt(
    const google::protobuf::Descriptor& type, std::string_view path);

// USAGE, naming `flag`: for a name that is no field, with those there are; for
// a value that does not fit; for one that is set already.
Result<void> SetField(google::protobuf::Message& message, std::string_view path,
                      const std::string& value, const std::string& flag);

// The fields of a message as one line: "factors…, outcome, step_down.…".
std::string FieldList(const google::protobuf::Descriptor& type);

// For options that may be given again and again, one value each time.
CLI::Option* MayRepeat(CLI::Option* option);

// Flags whose values go into the fields of a request once all are known.
class FieldFlags {
 public:
  // `path` empty: as the flag, `--happened-date` for happened_date. A name
  // without dashes is an argument. Given once, unless told otherwise with
  // MayRepeat.
  CLI::Option* Add(CLI::App& app, const std::string& flag,
                   const std::string& help, const std::string& path = "");
  // A value of "-" is read from standard input.
  Result<void> Apply(const Session& session,
                     google::protobuf::Message& message) const;

 private:
  struct Flag {
    std::string name;
    std::string path;
    std::vector<std::string> values = {};
  };
  std::deque<Flag> flags_;  // CLI11 keeps pointers to the values
};

}  // namespace seawall::cli
