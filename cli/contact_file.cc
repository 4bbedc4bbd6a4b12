#include "cli/contact_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/errors.h"
#include "cli/json.h"
#include "libs/base/text.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

using nlohmann::json;
using referrals::v1::SubmitContactRequest;

constexpr char kStandardInput[] = "-";
constexpr std::size_t kBeginning = 4096;

bool IsBlank(const std::string& text) { return Trimmed(text).empty(); }

bool IsLines(const std::string& path) {
  return path.ends_with(".jsonl") || path.ends_with(".ndjson");
}

// Takes the id out of the object under either of protobuf's two names. A number
// is one too.
std::string TakeRequestId(json& object) {
  for (const char* key : {"request_id", "requestId"}) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (!found->is_string() && !found->is_number_integer()) continue;
    std::string text =
        found->is_string() ? found->get<std::string>() : found->dump();
    object.erase(key);
    return text;
  }
  return "";
}

int LineAt(const std::string& text, std::size_t byte) {
  const auto end = text.begin() + std::min(byte, text.size());
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

Error Malformed(std::string message) {
  return Error{Code::kInvalidArgument, "MALFORMED", std::move(message)};
}

std::string NoForm(const std::string& beginning) {
  if (beginning.starts_with("[")) return "is a JSON list; write a form a line";
  const std::string kind = LooksLike(beginning);
  return kind.empty() || kind == "JSON" ? "is no JSON"
                                        : "is no JSON; it looks like " + kind;
}

// Counts the lines that hold something.
std::int64_t CountLines(std::istream& in) {
  std::int64_t count = 0;
  for (std::string line; std::getline(in, line);) count += !IsBlank(line);
  return count;
}

bool IsObject(std::string line) {
  MakeUtf8(line);
  return json::accept(Trimmed(line));
}

// Whether the first line that holds something is an object by itself.
bool BeginsWithObject(std::istream& in) {
  std::string line;
  while (std::getline(in, line) && IsBlank(line)) {
  }
  return IsObject(line);
}

}  // namespace

std::string DerivedRequestId(const json& content) {
  return "F-" + seal::HexHash(content.dump(-1, ' ', false,
                                           json::error_handler_t::replace));
}

Result<SubmitContactRequest> ToRequest(const json& object,
                                       const std::string& area,
                                       std::vector<FieldError>& left_out) {
  if (!object.is_object()) return Malformed("is not a JSON object");
  json content = object;
  std::string request_id = TakeRequestId(content);
  SubmitContactRequest request;
  if (content.contains("form"))
    TRY_VOID(FromJson(content, request, &left_out));
  else
    TRY_VOID(FromJson(content, *request.mutable_form(), &left_out));
  if (request.area().empty()) request.set_area(area);
  if (request_id.empty()) request_id = DerivedRequestId(content);
  request.set_request_id(request_id);
  return request;
}

ContactFiles::ContactFiles(std::vector<std::string> paths, std::string area,
                           std::istream& in)
    : paths_(std::move(paths)), area_(std::move(area)), in_(in) {}

Result<void> ContactFiles::Check() const {
  for (const std::string& path : paths_) {
    if (path == kStandardInput) continue;
    std::ifstream file(path);
    TextInput text(file);
    const std::string_view beginning = Trimmed(text.Ahead(kBeginning));
    if (!file || beginning.empty()) return NotReadable(path);
    if (!beginning.starts_with("{"))
      return Usage(path + " " + NoForm(std::string(beginning)));
  }
  return {};
}

std::optional<std::int64_t> ContactFiles::CountForms() const {
  std::int64_t count = 0;
  for (const std::string& path : paths_) {
    if (path == kStandardInput) return std::nullopt;
    const auto read = [&path](auto use) {
      std::ifstream file(path);
      TextInput text(file);
      std::istream in(&text);
      return use(in);
    };
    const bool lines = IsLines(path) || read(BeginsWithObject);
    count += lines ? read(CountLines) : 1;
  }
  return count;
}

void ContactFiles::SetInput(std::istream& bytes) {
  text_ = std::make_unique<TextInput>(bytes);
  current_ = std::make_unique<std::istream>(text_.get());
}

bool ContactFiles::OpenNext() {
  if (next_path_ == paths_.size()) return false;
  name_ = paths_[next_path_++];
  line_ = 0;
  first_.reset();
  if (name_ == kStandardInput) {
    SetInput(in_);
    name_ = "standard input";
  } else {
    file_ = std::make_unique<std::ifstream>(name_);
    SetInput(*file_);
  }
  Begin();
  return true;
}

// One line that is JSON by itself makes JSON lines; anything else is one
// document over several lines.
void ContactFiles::Begin() {
  std::string line;
  while (std::getline(*current_, line)) {
    ++line_;
    if (!IsBlank(line)) break;
  }
  if (!IsBlank(line)) first_ = line;
  lines_ = IsLines(name_) || IsObject(line);
}

PushItem ContactFiles::Read(std::string text, int line) const {
  PushItem item{.where = name_ + ":" + std::to_string(line)};
  if (!text_->says_encoding() && MakeUtf8(text) == Utf8::kFromWindows1252)
    item.notes.push_back(FromWindows1252(""));
  if (!IsUtf8(text)) {
    item.unreadable =
        Malformed("is neither UTF-8 nor Windows-1252; save it as UTF-8");
    return item;
  }
  json object;
  try {
    object = json::parse(Trimmed(text));
  } catch (const json::parse_error& error) {
    item.where =
        name_ + ":" + std::to_string(line + LineAt(text, error.byte) - 1);
    item.unreadable = Malformed(NoForm(text) + " from character " +
                                std::to_string(error.byte) + " on");
    return item;
  }
  std::vector<FieldError> left_out;
  auto request = ToRequest(object, area_, left_out);
  if (request)
    item.request = *std::move(request);
  else
    item.unreadable = std::move(request).error();
  for (const FieldError& field : left_out) item.notes.push_back(LeftOut(field));
  return item;
}

PushItem ContactFiles::ReadWhole() {
  const int line = line_;
  std::string text = *std::exchange(first_, std::nullopt) + "\n";
  text.append(std::istreambuf_iterator<char>(*current_), {});
  current_.reset();
  return Read(text, line);
}

std::optional<PushItem> ContactFiles::Next() {
  while (current_ != nullptr || OpenNext()) {
    if (first_ && !lines_) return ReadWhole();
    if (first_) return Read(*std::exchange(first_, std::nullopt), line_);
    std::string line;
    while (std::getline(*current_, line)) {
      ++line_;
      if (!IsBlank(line)) return Read(line, line_);
    }
    current_.reset();
  }
  return std::nullopt;
}

}  // namespace seawall::cli
