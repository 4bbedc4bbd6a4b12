#include "cli/waiting_file.h"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/json.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using waiting::v1::About;
using waiting::v1::Event;

constexpr char kEvent[] = "event";
// A correction's own `event`, which in a file names what happened.
constexpr char kCorrects[] = "corrects";

Error Malformed(std::string message) {
  return Error{Code::kInvalidArgument, "MALFORMED", std::move(message)};
}

// The event of that name, made empty; null for an unknown one.
Message* EventNamed(Event& event, const std::string& name) {
  const auto* events = Event::descriptor()->FindOneofByName(kEvent);
  for (int i = 0; i < events->field_count(); ++i) {
    if (events->field(i)->name() != name) continue;
    return event.GetReflection()->MutableMessage(&event, events->field(i));
  }
  return nullptr;
}

bool IsDated(const Event& event) {
  return event.about().has_happened_time() ||
         !event.about().happened_date().empty();
}

bool IsAbout(const std::string& column) {
  return About::descriptor()->FindFieldByName(column) != nullptr;
}

bool IsMany(const Message& event, const std::string& column) {
  const auto* field = event.GetDescriptor()->FindFieldByName(column);
  return field && field->is_repeated();
}

Result<void> SetColumn(Message& event, const std::string& column,
                       const std::string& value) {
  if (!IsMany(event, column)) return SetField(event, column, value, column);
  std::istringstream words(value);
  for (std::string word; words >> word;) {
    TRY_VOID(SetField(event, column, word, column));
  }
  return {};
}

}  // namespace

WaitingFile::WaitingFile(std::istream& in, std::string name,
                         WaitingFormat format, std::string run)
    : in_(in),
      name_(std::move(name)),
      format_(format),
      run_(std::move(run)),
      rows_(in) {}

std::optional<EventItem> WaitingFile::Next() {
  return format_ == WaitingFormat::kCsv ? NextRow() : NextLine();
}

EventItem WaitingFile::Finish(int line, Result<void> read, Event event) const {
  EventItem item{.where = name_ + ":" + std::to_string(line)};
  if (!read) {
    item.unreadable = Malformed(read.error().message);
    return item;
  }
  const bool dated = IsDated(event);
  if (event.about().event_id().empty()) {
    const std::string content = event.SerializeAsString();
    event.mutable_about()->set_event_id(
        "E-" + seal::HexHash(dated ? content : run_ + '\0' + content));
  }
  item.event = std::move(event);
  return item;
}

std::optional<EventItem> WaitingFile::NextRow() {
  if (columns_.empty()) {
    auto header = rows_.Next();
    if (!header) return std::nullopt;
    columns_ = *std::move(header);
  }
  const auto row = rows_.Next();
  if (!row) return std::nullopt;
  Event event;
  Result<void> read = Read(*row, event);
  if (rows_.in_quotes() ||
      (rows_.without_end() && row->size() < columns_.size())) {
    read = Malformed("the file ends in this row; is it whole?");
  }
  return Finish(rows_.line(), std::move(read), std::move(event));
}

Result<void> WaitingFile::Read(const std::vector<std::string>& row,
                               Event& to) const {
  if (row.size() > columns_.size()) {
    return Malformed("the row has more cells than the file has columns");
  }
  const auto place = std::find(columns_.begin(), columns_.end(), kEvent);
  const auto at = static_cast<std::size_t>(place - columns_.begin());
  Message* event = at < row.size() ? EventNamed(to, row[at]) : nullptr;
  if (!event) {
    return Malformed("the column event says what happened, such as referral");
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string& column = columns_[i];
    if (i == at || row[i].empty()) continue;
    if (IsAbout(column)) {
      TRY_VOID(SetField(*to.mutable_about(), column, row[i], column));
    } else if (column == kCorrects) {
      TRY_VOID(SetField(*event, kEvent, row[i], column));
    } else {
      TRY_VOID(SetColumn(*event, column, row[i]));
    }
  }
  return {};
}

std::optional<EventItem> WaitingFile::NextLine() {
  std::string text;
  do {
    if (!std::getline(in_, text)) return std::nullopt;
    ++line_;
  } while (text.find_first_not_of(" \t\r") == std::string::npos);
  Event event;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  Result<void> read = json.is_discarded() ? Malformed("is no JSON object")
                                          : FromJson(json, event);
  return Finish(line_, std::move(read), std::move(event));
}

}  // namespace seawall::cli
