#include "cli/waiting_file.h"

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/values.h"
#include "libs/base/text.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using waiting::v1::About;
using waiting::v1::Event;

constexpr char kEvent[] = "event";
// A correction's own `event`, which in a file names what happened.
constexpr char kCorrects[] = "corrects";
constexpr char kHappenedDate[] = "happened_date";
// Codes that are written in lower case.
constexpr std::string_view kLowerCase[] = {"service", "opens"};
constexpr std::size_t kBeginning = 16;
constexpr std::size_t kLongestBeginning = 64 * 1024;
constexpr int kRowsLookedAt = 5;  // for names of columns that come late

Error NotExpected(const std::string& file, const std::string& what) {
  return Usage(Plain(file) + " " + what);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// "Happened Date" is happened_date.
std::string ColumnName(const std::string& cell) {
  std::string name = Lower(cell);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; },
      '_');
  return name;
}

const google::protobuf::OneofDescriptor& Events() {
  return *Event::descriptor()->FindOneofByName(kEvent);
}

std::string EventNames() {
  std::string names;
  for (int i = 0; i < Events().field_count(); ++i)
    names += (i > 0 ? ", " : "") + Events().field(i)->name();
  return names;
}

const google::protobuf::FieldDescriptor* EventNamed(const std::string& word) {
  const std::string name = Lower(word);
  for (int i = 0; i < Events().field_count(); ++i)
    if (Events().field(i)->name() == name) return Events().field(i);
  return nullptr;
}

void AddPaths(const Descriptor& type, const std::string& before,
              std::vector<std::string>& paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.message_type() != nullptr && !IsTime(field))
      AddPaths(*field.message_type(), before + field.name() + ".", paths);
    else
      paths.push_back(before + field.name());
  }
}

// What a column may be called.
const std::vector<std::string>& KnownColumns() {
  static const std::vector<std::string> known = [] {
    std::vector<std::string> paths = {kEvent, kCorrects};
    AddPaths(*About::descriptor(), "", paths);
    for (int i = 0; i < Events().field_count(); ++i)
      AddPaths(*Events().field(i)->message_type(), "", paths);
    return paths;
  }();
  return known;
}

bool IsKnown(const std::string& column) {
  const auto& known = KnownColumns();
  return std::find(known.begin(), known.end(), column) != known.end();
}

bool IsDated(const Event& event) {
  return event.about().has_happened_time() ||
         !event.about().happened_date().empty();
}

bool IsAbout(const std::string& column) {
  return About::descriptor()->FindFieldByName(column) != nullptr;
}

// Whether the event happened is known by one of two fields; either may lack.
bool SaysWhen(const std::string& path) {
  return path.find("happened_") != std::string::npos;
}

std::vector<std::string> Words(const std::string& cell) {
  std::vector<std::string> words(1);
  for (const char c : cell) {
    if (c != ' ' && c != ',' && c != ';' && c != '\n' && c != '\t')
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::optional<std::string> PutCell(Message& message, const std::string& path,
                                   const std::string& cell) {
  const auto* field = FieldAt(*message.GetDescriptor(), path);
  if (field == nullptr) return " is no column of this event";
  if (field->is_repeated()) {
    for (const std::string& word : Words(cell))
      if (auto misfit = PutField(message, path, word, Words::kWhole))
        return misfit;
    return {};
  }
  if (path == kHappenedDate)
    if (const auto day = ReadDay(cell); !day) return " " + day.error();
  const bool lower = std::count(std::begin(kLowerCase), std::end(kLowerCase),
                                std::string_view(path)) > 0;
  return PutField(message, path, lower ? Lower(cell) : cell, Words::kWhole);
}

// Behind the name of a field: " is yes or no", ": there is no such".
std::string WithoutLead(const std::string& misfit) {
  return misfit.substr(misfit.find_first_not_of(": "));
}

std::string Beginning(TextInput& in) {
  std::size_t most = kBeginning;
  while (most < kLongestBeginning && Trimmed(in.Ahead(most)).empty() &&
         in.Ahead(most).size() == most)
    most *= 2;
  return std::string(Trimmed(in.Ahead(most)));
}

}  // namespace

WaitingFile::WaitingFile(std::istream& in, std::string name,
                         WaitingFormat format, std::string run)
    : in_(in),
      name_(std::move(name)),
      format_(format),
      run_(std::move(run)),
      rows_(in_) {}

Result<void> WaitingFile::Open() {
  const std::string beginning = Beginning(in_);
  if (beginning.empty()) return NotExpected(name_, "is empty");
  const std::string kind = LooksLike(beginning);
  const bool json = kind == "JSON";
  if (format_ == WaitingFormat::kCsv && json)
    return NotExpected(name_,
                       "looks like JSON and not like CSV; `seawall waiting "
                       "events` takes JSON lines");
  if (!kind.empty() && !json)
    return NotExpected(name_, "looks like " + kind +
                                  (format_ == WaitingFormat::kCsv
                                       ? "; save it as CSV UTF-8"
                                       : " and not like JSON lines"));
  if (format_ == WaitingFormat::kCsv) return OpenTable();
  if (beginning.starts_with("["))
    return NotExpected(name_, "is one JSON list; write an event a line");
  if (beginning.starts_with("{\n") || beginning.starts_with("{\r"))
    return NotExpected(name_,
                       "is JSON over several lines; write an event a line");
  if (!json)
    return NotExpected(name_,
                       "is no JSON lines; `seawall waiting import` takes CSV");
  return {};
}

// The first row has no column `event`: why may that be?
Error WaitingFile::NoHeader(const CsvRow& first) {
  const auto& cells = first.cells;
  const auto known = [](const std::string& cell) {
    return IsKnown(ColumnName(cell));
  };
  if (std::any_of(cells.begin(), cells.end(), EventNamed) &&
      std::none_of(cells.begin(), cells.end(), known))
    return NotExpected(name_,
                       "begins with an event and not with the names of its "
                       "columns; put a row such as "
                       "event,service,reference,happened_date above it");
  for (int i = 0; i < kRowsLookedAt; ++i) {
    const auto row = rows_.Next();
    if (!row) break;
    for (const std::string& cell : row->cells)
      if (ColumnName(cell) == kEvent)
        return NotExpected(name_, "names its columns in line " +
                                      std::to_string(row->line) +
                                      "; take out what is above it");
  }
  if (cells.size() == 1)
    return NotExpected(name_,
                       "has one column, which is not called event; are its "
                       "columns divided by commas, semicolons or tabs?");
  std::vector<std::string> names;
  for (const std::string& cell : cells) names.push_back(ColumnName(cell));
  const std::string nearest = Nearest(kEvent, names);
  return NotExpected(
      name_, "has " +
                 Counted(static_cast<std::int64_t>(cells.size()), "column") +
                 " and none is called event" +
                 (nearest.empty() ? "" : "; is it " + Plain(nearest) + "?") +
                 "; see `seawall waiting import --help`");
}

Result<void> WaitingFile::OpenTable() {
  const auto first = rows_.Next();
  if (!first) return NotExpected(name_, "is empty");
  for (const std::string& cell : first->cells)
    columns_.push_back(ColumnName(cell));
  const auto at = std::find(columns_.begin(), columns_.end(), kEvent);
  if (at == columns_.end()) return NoHeader(*first);
  event_column_ = static_cast<std::size_t>(at - columns_.begin());
  for (const std::string& column : columns_) {
    if (column.empty()) continue;
    if (!IsKnown(column)) {
      const std::string nearest = Nearest(column, KnownColumns());
      return NotExpected(
          name_, "has a column " + Plain(column) + ", which is no field; " +
                     (nearest.empty() ? "see `seawall waiting import --help`"
                                      : nearest + " is meant?"));
    }
    if (std::count(columns_.begin(), columns_.end(), column) > 1)
      return NotExpected(name_, "has two columns " + Plain(column));
  }
  rows_.Expect(columns_.size(), [at = event_column_](const auto& cells) {
    return at < cells.size() && EventNamed(cells[at]) != nullptr;
  });
  return {};
}

std::optional<EventItem> WaitingFile::Next() {
  return format_ == WaitingFormat::kCsv ? NextRow() : NextLine();
}

EventItem WaitingFile::Finish(int line, Event event, Findings found) {
  ++tally_.items;
  EventItem item{.where = name_ + ":" + std::to_string(line)};
  if (!IsDated(event)) {
    // Without them it would have happened now.
    for (FieldError& field : found.left_out)
      found.misfits.push_back(std::move(field));
    found.left_out.clear();
  }
  if (!found.misfits.empty()) {
    const bool one = found.misfits.size() == 1;
    item.unreadable =
        Error{Code::kInvalidArgument, "MALFORMED",
              one ? found.misfits[0].description
                  : "several fields do not fit; correct those named",
              std::move(found.misfits)};
    return item;
  }
  const bool dated = IsDated(event);
  if (event.about().event_id().empty()) {
    const std::string content = event.SerializeAsString();
    event.mutable_about()->set_event_id(
        "E-" + seal::HexHash(dated ? content : run_ + '\0' + content));
  }
  item.event = std::move(event);
  item.notes = std::move(found.notes);
  for (const FieldError& field : found.left_out)
    item.notes.push_back(LeftOut(field));
  return item;
}

std::optional<EventItem> WaitingFile::NextRow() {
  const auto row = rows_.Next();
  tally_.rows = rows_.rows() - 1;  // less the names of the columns
  tally_.blank = rows_.blank();
  if (!row) return std::nullopt;
  Event event;
  Findings found;
  if (row->windows_1252)
    found.notes.push_back(FromWindows1252(NameOf(*row->windows_1252)));
  Read(*row, event, found);
  return Finish(row->line, std::move(event), std::move(found));
}

std::string WaitingFile::NameOf(std::size_t cell) const {
  return cell < columns_.size() && !columns_[cell].empty()
             ? columns_[cell]
             : "cell " + std::to_string(cell + 1);
}

void WaitingFile::Read(const CsvRow& row, Event& to, Findings& found) const {
  const auto misfit = [&](const std::string& column, const std::string& why) {
    found.misfits.push_back({column, why});
  };
  if (!row.fault.empty())
    return misfit(row.fault_cell ? NameOf(*row.fault_cell) : "row", row.fault);
  for (std::size_t i = 0; i < row.cells.size(); ++i)
    if (!row.cells[i].empty() && (i >= columns_.size() || columns_[i].empty()))
      return misfit(NameOf(i), "holds a value, and its column has no name");
  const std::string word =
      event_column_ < row.cells.size() ? row.cells[event_column_] : "";
  const auto* event = EventNamed(word);
  if (event == nullptr)
    return misfit(kEvent, ColumnName(word) == kEvent
                              ? "names the columns once more"
                              : "says what happened: " + EventNames());
  ReadCells(row, *to.GetReflection()->MutableMessage(&to, event), to, found);
}

void WaitingFile::ReadCells(const CsvRow& row, Message& event, Event& to,
                            Findings& found) const {
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string& column = columns_[i < columns_.size() ? i : 0];
    if (i == event_column_ || row.cells[i].empty()) continue;
    const bool about = IsAbout(column);
    const auto wrong =
        PutCell(about ? *to.mutable_about() : event,
                column == kCorrects ? kEvent : column, row.cells[i]);
    if (!wrong) continue;
    (about && SaysWhen(column) ? found.left_out : found.misfits)
        .push_back({column, WithoutLead(*wrong)});
  }
}

std::optional<EventItem> WaitingFile::NextLine() {
  std::string text;
  while (true) {
    if (!std::getline(lines_, text)) return std::nullopt;
    ++line_;
    ++tally_.rows;
    if (!Trimmed(text).empty()) break;
    ++tally_.blank;
  }
  Event event;
  Findings found;
  const Utf8 was = in_.says_encoding() ? Utf8::kWas : MakeUtf8(text);
  if (was == Utf8::kFromWindows1252)
    found.notes.push_back(FromWindows1252("line"));
  const auto json = nlohmann::json::parse(Trimmed(text), nullptr, false);
  if (!IsUtf8(text)) {
    found.misfits = {{"line", "is neither UTF-8 nor Windows-1252"}};
  } else if (json.is_discarded()) {
    found.misfits = {{"line", "is no JSON object"}};
  } else if (const auto read = FromJson(json, event, &found.left_out); !read) {
    found.misfits = read.error().fields;
    if (found.misfits.empty()) found.misfits = {{"line", read.error().message}};
  }
  return Finish(line_, std::move(event), std::move(found));
}

}  // namespace seawall::cli
