// Waiting files: what happened to children who wait, as CSV with a row an
// event, or as JSON lines.
//
// CSV (csv_rows.h): the first row names the columns. `event` says what
// happened: referral, acceptance, rejection, offer, appointment,
// unavailability, priority, block, contact, call, expedition, removal,
// correction. `referral_id`, `service`, `reference`, `event_id` and
// `happened_date` or `happened_time` say to whom and when. Every other column
// is a field of the event by its path, such as `child.nhs_number` or
// `attendance`; an empty cell is absent; several values stand apart by blanks.
// JSON: an Event a line.
//
// A word of a fixed list is whole, or its row is refused. A time or a day of
// the event that cannot be read is left out where the other says when it
// happened.
//
// An event without an event id gets one made of its content, so that the same
// row again changes nothing, in whatever file; of what does not say when it
// happened, and so happens now, of content and run. Only a referral of a known
// day needs none: its reference and that day are known.
#pragma once

#include <seawall/waiting/v1/waiting.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/csv_rows.h"
#include "cli/event_push.h"

namespace seawall::cli {

enum class WaitingFormat { kCsv, kJsonLines };

// What a file held. Rows are lines in JSON.
struct FileTally {
  std::int64_t rows = 0;
  std::int64_t blank = 0;  // passed over
  std::int64_t items = 0;  // given as an event or as unreadable
};

// Not thread-safe.
class WaitingFile {
 public:
  // `in` must outlive it; `run` is a request id of the whole push, or empty.
  WaitingFile(std::istream& in, std::string name, WaitingFormat format,
              std::string run);

  // Before Next. USAGE for a file that is empty or not what is expected, with
  // what it looks like and what to do.
  Result<void> Open();
  // The next event, or an item whose `unreadable` says what is wrong with it;
  // nothing at the end. MALFORMED, with the columns or fields.
  std::optional<EventItem> Next();
  // Whether more can be read without waiting for whoever writes it.
  bool More() { return rows_.HasMore(); }
  const FileTally& tally() const { return tally_; }

 private:
  // What is wrong with a row, what of it was left out, and what is told.
  struct Findings {
    std::vector<FieldError> misfits;
    std::vector<FieldError> left_out;
    std::vector<Note> notes;
  };

  Result<void> OpenTable();
  Error NoHeader(const CsvRow& first);
  std::optional<EventItem> NextRow();
  std::optional<EventItem> NextLine();
  std::string NameOf(std::size_t cell) const;
  void Read(const CsvRow& row, waiting::v1::Event& to, Findings& found) const;
  void ReadCells(const CsvRow& row, google::protobuf::Message& event,
                 waiting::v1::Event& to, Findings& found) const;
  EventItem Finish(int line, waiting::v1::Event event, Findings found);

  TextInput in_;
  std::istream lines_{&in_};
  const std::string name_;
  const WaitingFormat format_;
  const std::string run_;
  CsvRows rows_;
  std::vector<std::string> columns_;  // an unnamed one is empty
  std::size_t event_column_ = 0;
  int line_ = 0;
  FileTally tally_;
};

}  // namespace seawall::cli
