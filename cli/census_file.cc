#include "cli/census_file.h"

#include <filesystem>
#include <fstream>
#include <map>

#include "cli/errors.h"
#include "libs/census/xml.h"

namespace seawall::cli {
namespace {

constexpr std::size_t kAhead = 64;

// Who a child of a file is, beside the council's id: birth, or when it is
// expected, and sex; days however they are written.
std::vector<std::string> BornAs(const census::ChildRecord& child) {
  using enum census::Column;
  std::vector<std::string> born;
  for (const census::Row& row : child.rows(census::Table::kChildIdentifiers)) {
    for (const census::Column column :
         {kPersonBirthDate, kExpectedPersonBirthDate, kGenderCurrent, kSex}) {
      const auto day = row.On(column);
      born.push_back(day ? FormatDate(*day) : row.Text(column));
    }
  }
  return born;
}

std::string CouncilsId(const census::ChildRecord& child) {
  for (const census::Row& row : child.rows(census::Table::kChildIdentifiers))
    return row.Text(census::Column::kLAchildID);
  return "";
}

std::string ReferenceDate(const census::Row& header) {
  using enum census::Column;
  if (const auto day = header.On(kReferenceDate)) return FormatDate(*day);
  const auto day = ParseDate(header.Text(kYear) + "-03-31");
  return day ? FormatDate(*day) : "";
}

Error NoCensus(const std::string& path, const Error& error) {
  return Usage(path + " " + error.message);
}

}  // namespace

CensusFiles::CensusFiles(std::vector<std::string> paths)
    : paths_(std::move(paths)) {}

CensusFiles::~CensusFiles() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (reader_.joinable()) reader_.join();
}

Result<void> CensusFiles::Check() const {
  for (const std::string& path : paths_) {
    std::ifstream file(path, std::ios::binary);
    if (!file || file.peek() == std::ifstream::traits_type::eof())
      return NotReadable(path);
    const Result<void> read =
        census::ReadXml(file, {.header = [](const census::Row&) {},
                               .child = [](const census::ChildRecord&) {},
                               .unknown = [](const std::string&, int) {},
                               .progress = [](std::size_t) {}});
    if (!read) return NoCensus(path, read.error());
  }
  return {};
}

std::int64_t CensusFiles::size() const {
  std::int64_t all = 0;
  for (const std::string& path : paths_) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    if (!failed) all += static_cast<std::int64_t>(size);
  }
  return all;
}

std::optional<FileChild> CensusFiles::Next() {
  if (!reader_.joinable()) reader_ = std::thread([this] { ReadAll(); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_ || !ahead_.empty(); });
  if (ahead_.empty()) return std::nullopt;
  FileChild child = std::move(ahead_.front());
  ahead_.pop_front();
  changed_.notify_all();
  return child;
}

Result<void> CensusFiles::Ended() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::vector<std::string> CensusFiles::Outside() {
  const std::lock_guard lock(mutex_);
  return outside_;
}

void CensusFiles::ReadAll() {
  Result<void> read;
  for (const std::string& path : paths_) {
    read = Read(path);
    if (!read) break;
  }
  const std::lock_guard lock(mutex_);
  ended_ = std::move(read);
  done_ = true;
  changed_.notify_all();
}

// The reader of XML cannot be told to stop: what follows is passed over.
void CensusFiles::Put(FileChild child) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || ahead_.size() < kAhead; });
  if (!stopped_) ahead_.push_back(std::move(child));
  changed_.notify_all();
}

Result<void> CensusFiles::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> unknown;  // of the child at hand
  std::string reference_date;
  std::map<std::string, std::vector<std::string>>
      born_as;  // by the council's id
  int number = 0;
  const Result<void> read = census::ReadXml(
      file, {.header =
                 [&](const census::Row& header) {
                   reference_date = ReferenceDate(header);
                 },
             .child =
                 [&](const census::ChildRecord& record) {
                   const std::vector<std::string> born = BornAs(record);
                   const auto [first, is_new] =
                       born_as.emplace(CouncilsId(record), born);
                   Put({.where = path + ", child " + std::to_string(++number),
                        .record = record,
                        .reference_date = reference_date,
                        .is_other_child = !is_new && first->second != born,
                        .unknown = std::exchange(unknown, {}),
                        .bytes = bytes_});
                 },
             .unknown =
                 [&](const std::string& name, int line) {
                   if (name.starts_with("Child/"))
                     return unknown.push_back(name);
                   const std::lock_guard lock(mutex_);
                   outside_.push_back(path + ":" + std::to_string(line) + ": " +
                                      name);
                 },
             .progress =
                 [&](std::size_t bytes) {
                   bytes_ += static_cast<std::int64_t>(bytes);
                 }});
  return read ? read : NoCensus(path, read.error());
}

}  // namespace seawall::cli
