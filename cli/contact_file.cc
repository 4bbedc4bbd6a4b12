#include "cli/contact_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/errors.h"
#include "cli/json.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

using nlohmann::json;
using referrals::v1::SubmitContactRequest;

constexpr char kStandardInput[] = "-";

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

bool IsLines(const std::string& path) {
  return path.ends_with(".jsonl") || path.ends_with(".ndjson");
}

// Takes the text out of the object under either of protobuf's two names.
std::string Take(json& object, const char* name, const char* camel_case) {
  for (const char* key : {name, camel_case}) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) continue;
    std::string text = found->get<std::string>();
    object.erase(key);
    return text;
  }
  return "";
}

int LineAt(const std::string& text, std::size_t byte) {
  const auto end = text.begin() + std::min(byte, text.size());
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

Error NoJson(std::size_t byte) {
  return Error{Code::kInvalidArgument, "MALFORMED",
               "is no JSON from character " + std::to_string(byte) + " on"};
}

// Counts the lines that hold something.
std::int64_t CountLines(std::istream& in) {
  std::int64_t count = 0;
  for (std::string line; std::getline(in, line);) count += !IsBlank(line);
  return count;
}

// Whether the first line that holds something is an object by itself.
bool BeginsWithObject(std::istream& in) {
  std::string line;
  while (std::getline(in, line) && IsBlank(line)) {
  }
  return json::accept(line);
}

}  // namespace

std::string DerivedRequestId(const json& content) {
  return "F-" + seal::HexHash(content.dump(-1, ' ', false,
                                           json::error_handler_t::replace));
}

Result<SubmitContactRequest> ToRequest(const json& object,
                                       const std::string& area) {
  if (!object.is_object())
    return Error{Code::kInvalidArgument, "MALFORMED", "is not a JSON object"};
  json content = object;
  std::string request_id = Take(content, "request_id", "requestId");
  SubmitContactRequest request;
  if (content.contains("form"))
    TRY_VOID(FromJson(content, request));
  else
    TRY_VOID(FromJson(content, *request.mutable_form()));
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
    if (!file || file.peek() == std::ifstream::traits_type::eof())
      return Usage(path + " cannot be read or is empty");
  }
  return {};
}

std::optional<std::int64_t> ContactFiles::CountForms() const {
  std::int64_t count = 0;
  for (const std::string& path : paths_) {
    if (path == kStandardInput) return std::nullopt;
    std::ifstream probe(path);
    const bool lines = IsLines(path) || BeginsWithObject(probe);
    std::ifstream file(path);
    count += lines ? CountLines(file) : 1;
  }
  return count;
}

bool ContactFiles::OpenNext() {
  if (next_path_ == paths_.size()) return false;
  name_ = paths_[next_path_++];
  line_ = 0;
  first_.reset();
  if (name_ == kStandardInput) {
    current_ = &in_;
    name_ = "standard input";
  } else {
    file_ = std::make_unique<std::ifstream>(name_);
    current_ = file_.get();
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
  lines_ = IsLines(name_) || json::accept(line);
}

PushItem ContactFiles::Read(const std::string& text, int line) const {
  PushItem item{.where = name_ + ":" + std::to_string(line)};
  json object;
  try {
    object = json::parse(text);
  } catch (const json::parse_error& error) {
    item.where =
        name_ + ":" + std::to_string(line + LineAt(text, error.byte) - 1);
    item.unreadable = NoJson(error.byte);
    return item;
  }
  auto request = ToRequest(object, area_);
  if (request)
    item.request = *std::move(request);
  else
    item.unreadable = std::move(request).error();
  return item;
}

PushItem ContactFiles::ReadWhole() {
  const int line = line_;
  std::string text = *std::exchange(first_, std::nullopt) + "\n";
  text.append(std::istreambuf_iterator<char>(*current_), {});
  current_ = nullptr;
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
    current_ = nullptr;
  }
  return std::nullopt;
}

}  // namespace seawall::cli
