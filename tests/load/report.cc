#include "tests/load/report.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/table.h"
#include "tests/support/process.h"

namespace seawall::load {
namespace {

constexpr char kBegin[] = "<!-- measured: written by ./seawall bench -->";
constexpr char kEnd[] = "<!-- end of measured -->";

std::string Number(double value, int places) {
  if (value == 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

// 12345 is "12,345", and a seventh is "0.1".
std::string Count(double value) {
  std::string text = Number(value, value < 10 ? 1 : 0);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::vector<std::string> Titles() {
  return {"what",  "store",   "in flight", "rate/s",  "p50 ms", "p99 ms",
          "floor", "floor/s", "ratio",     "finding", "target", "met"};
}

std::vector<std::string> Cells(const Row& row) {
  return {row.name,
          row.store,
          row.in_flight ? std::to_string(row.in_flight) : "",
          Count(row.rate),
          Number(row.p50_ms, 2),
          Number(row.p99_ms, 2),
          row.floor_name,
          Count(row.floor),
          Number(row.ratio, row.ratio < 10 ? 2 : 0),
          row.finding,
          row.target,
          row.met ? (*row.met ? "yes" : "NO") : ""};
}

std::string MarkdownLine(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string Lines(const std::vector<Row>& rows) {
  std::string text = MarkdownLine(Titles());
  text += "|---|---|--:|--:|--:|--:|---|--:|--:|---|---|---|\n";
  for (const Row& row : rows) text += MarkdownLine(Cells(row));
  return text;
}

// The value of `key` in a file of lines such as /proc/cpuinfo.
std::string Entry(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto value = line.find_first_not_of(": \t", key.size());
    return value == line.npos ? "" : line.substr(value);
  }
  return {};
}

// The first words that a program says of its version.
std::string Version(const std::vector<std::string>& command) {
  const auto said = support::RunToEnd({.words = command});
  if (!said) return "not found";
  std::string line = said->substr(0, said->find('\n'));
  return line;
}

Error CannotWrite(const std::string& path) {
  return Error{Code::kInternal, "FILE_UNWRITABLE", "cannot write " + path};
}

}  // namespace

Measured Median(std::vector<Measured> runs) {
  if (runs.empty()) return {};
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.rate < b.rate; });
  return runs[runs.size() / 2];
}

Row RowOf(const std::string& name, const std::string& store, int in_flight,
          const Measured& measured) {
  Row row{name, store, in_flight};
  row.rate = measured.rate;
  row.p50_ms = measured.p50_ms;
  row.p99_ms = measured.p99_ms;
  if (measured.failed > 0)
    row.finding = std::to_string(measured.failed) + " failed";
  return row;
}

void SetFloor(Row& row, const std::string& name, const Measured& floor) {
  row.floor_name = name;
  row.floor = floor.rate;
  row.ratio = floor.rate > 0 ? row.rate / floor.rate : 0;
}

void Report::Print(std::ostream& out, int width) const {
  std::vector<cli::Column> columns;
  for (const std::string& title : Titles()) {
    const bool text = title == "what" || title == "store" || title == "floor" ||
                      title == "finding" || title == "target" || title == "met";
    columns.push_back({title, !text, text && title != "met"});
  }
  cli::Table table(std::move(columns));
  for (const Row& row : rows_) table.Add(Cells(row));
  table.Print(out, width);
}

Result<void> Report::WriteJson(const std::string& path) const {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : rows_) {
    nlohmann::ordered_json one = {
        {"name", row.name},           {"store", row.store},
        {"in_flight", row.in_flight}, {"rate", row.rate},
        {"p50_ms", row.p50_ms},       {"p99_ms", row.p99_ms},
        {"floor", row.floor},         {"floor_name", row.floor_name},
        {"ratio", row.ratio},         {"finding", row.finding},
        {"target", row.target}};
    if (row.met) one["met"] = *row.met;
    rows.push_back(std::move(one));
  }
  std::ofstream out(path, std::ios::trunc);
  out << rows.dump(1) << "\n";
  out.close();
  return out ? Result<void>() : CannotWrite(path);
}

Result<void> Report::WriteMarkdown(const std::string& path) const {
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto begin = text.find(kBegin), end = text.find(kEnd);
  if (begin == text.npos || end == text.npos || end < begin) {
    return Error{Code::kFailedPrecondition, "MARKERS_MISSING",
                 path + " lacks the two comments between which the table goes"};
  }
  std::string measured = std::string(kBegin) + "\n\n";
  for (const auto& [name, value] : Machine())
    measured += "- " + name + ": " + value + "\n";
  measured += "\n" + Lines(rows_) + "\n";
  text.replace(begin, end - begin, measured);
  std::ofstream out(path, std::ios::trunc);
  out << text;
  out.close();
  return out ? Result<void>() : CannotWrite(path);
}

std::vector<std::pair<std::string, std::string>> Machine() {
  utsname system{};
  ::uname(&system);
  const std::string memory = Entry("/proc/meminfo", "MemTotal");
  const long long gib = (std::atoll(memory.c_str()) + 524'288) / 1'048'576;
  const int pq = PQlibVersion();
  return {
      {"processor", std::to_string(std::thread::hardware_concurrency()) +
                        " cores, " + Entry("/proc/cpuinfo", "model name")},
      {"memory", std::to_string(gib) + " GiB"},
      {"kernel", std::string(system.sysname) + " " + system.release},
      {"gRPC", grpc::Version()},
      {"protobuf",
       google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
      {"SQLite", sqlite3_libversion()},
      {"PostgreSQL",
       std::to_string(pq / 10000) + "." + std::to_string(pq % 10000)},
      {"Redis", Version({"redis-server", "--version"})},
  };
}

}  // namespace seawall::load
