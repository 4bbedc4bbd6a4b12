// Waiting files: what happened to children who wait, as CSV with a row an
// event, or as JSON lines.
//
// CSV: the first row names the columns. `event` says what happened: referral,
// acceptance, rejection, offer, appointment, unavailability, priority, block,
// contact, call, expedition, removal, correction. `referral_id`, `service`,
// `reference`, `event_id` and `happened_date` say to whom and when. Every other
// column is a field of the event by its path, such as `child.nhs_number` or
// `attendance`; an empty cell is absent; several values stand apart by blanks.
// JSON: an Event a line.
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

// Not thread-safe.
class WaitingFile {
 public:
  // `in` must outlive it; `run` is a request id of the whole push, or empty.
  WaitingFile(std::istream& in, std::string name, WaitingFormat format,
              std::string run);

  // The next event, or an item whose `unreadable` says what is wrong with it;
  // nothing at the end. MALFORMED, with the column, never the value.
  std::optional<EventItem> Next();
  // Whether more can be read without waiting for whoever writes it.
  bool More() const { return in_.rdbuf()->in_avail() > 0; }

 private:
  std::optional<EventItem> NextRow();
  std::optional<EventItem> NextLine();
  Result<void> Read(const std::vector<std::string>& row,
                    waiting::v1::Event& event) const;
  EventItem Finish(int line, Result<void> read, waiting::v1::Event event) const;

  std::istream& in_;
  const std::string name_;
  const WaitingFormat format_;
  const std::string run_;
  CsvRows rows_;
  std::vector<std::string> columns_;
  int line_ = 0;
};

}  // namespace seawall::cli
