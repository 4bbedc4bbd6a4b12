#include "tests/load/waiting_import.h"

#include <sqlite3.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "libs/base/civil.h"
#include "tests/load/pusher.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::load {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::chrono::minutes kLongest{30};

[[noreturn]] void Lost(const std::string& what) {
  Die("import", Error{Code::kInternal, "LOST", what});
}

// Answers how many rows it wrote.
std::int64_t WriteFile(const std::string& path, std::int64_t children,
                       bool mixed) {
  std::ofstream file(path);
  file << "event,service,reference,happened_date,child.nhs_number,"
          "child.given_name,"
          "child.family_name,child.date_of_birth,likelihood,impact,kind,"
          "attendance\n";
  const Date first = Date(std::chrono::year(2022) / 1 / 3);
  std::int64_t rows = 0;
  const auto row = [&](const char* event, std::int64_t child, int day,
                       const std::string& rest) {
    const Date date = first + std::chrono::days(child % 500 + day);
    file << event << ",slt,T-" << child << ',' << FormatDate(date) << rest
         << '\n';
    ++rows;
  };
  for (std::int64_t i = 0; i < children; ++i) {
    row("referral", i, 0,
        ',' + support::TestNhsNumber(static_cast<int>(i)) +
            ",Test-Robin,Test-Harbour" + std::to_string(i) + ",2018-05-01,,,,");
    if (!mixed) continue;
    row("priority", i, 3, ",,,,,3,4,,");
    row("contact", i, 9, ",,,,,,,ACCEPTANCE_LETTER,");
    if (i % 2) row("appointment", i, 90, ",,,,,,,,attended");
  }
  return rows;
}

double Import(const support::Stack& stack, const std::string& file,
              const std::string& said) {
  const rpc::ClientSettings caller =
      stack.SettingsOf("hospital/import/referrer");
  const auto start = std::chrono::steady_clock::now();
  support::Process process = Must(
      "starting the command line",
      support::Process::Start(
          {.words = {Program("cli/seawall-cli"), "--address=" + stack.address(),
                     "--certificate=" + caller.certificate,
                     "--key=" + caller.key, "--ca=" + caller.ca,
                     "--area=" + std::string(support::kArea), "waiting",
                     "import", file},
           .output = said}));
  const auto ending = process.Wait(kLongest);
  const Seconds took = std::chrono::steady_clock::now() - start;
  if (!ending || ending->code != 0) Lost("see " + said);
  return took.count();
}

class Sqlite {
 public:
  explicit Sqlite(const std::string& file) {
    if (sqlite3_open(file.c_str(), &handle_)) Lost("cannot open " + file);
  }
  Sqlite(const Sqlite&) = delete;
  ~Sqlite() { sqlite3_close(handle_); }

  void Run(const std::string& statement) {
    if (sqlite3_exec(handle_, statement.c_str(), nullptr, nullptr, nullptr))
      Lost(sqlite3_errmsg(handle_));
  }
  // The first column of every row.
  std::vector<std::string> Texts(const std::string& query) {
    std::vector<std::string> texts;
    const auto add = [](void* to, int, char** cells, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(cells[0]);
      return 0;
    };
    if (sqlite3_exec(handle_, query.c_str(), add, &texts, nullptr))
      Lost(sqlite3_errmsg(handle_));
    return texts;
  }

 private:
  sqlite3* handle_ = nullptr;
};

double CopyBySql(const std::string& from, const std::string& to) {
  Sqlite copy(to);
  copy.Run("pragma journal_mode=wal; pragma synchronous=full; attach '" + from +
           "' as source");
  for (const std::string& sql : copy.Texts(
           "select sql from source.sqlite_master where sql is not null and "
           "name not like 'sqlite%'")) {
    copy.Run(sql);
  }
  const auto start = std::chrono::steady_clock::now();
  copy.Run("begin immediate");
  for (const std::string& table : copy.Texts(
           "select name from source.sqlite_master where type = 'table' and "
           "name not like 'sqlite%'"))
    copy.Run("insert into main." + table + " select * from source." + table);
  copy.Run("commit");
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

// Into a schema of their own, with the same indexes.
double CopyByPostgres(const std::string& database) {
  const std::string name = database.substr(database.find("dbname=") + 7);
  const auto run =
      [name = name.substr(0, name.find(' '))](const std::string& statements) {
        return Must("copying by SQL",
                    support::Postgres::Shared().Run(statements, name));
      };
  std::string make = "create schema copied;", copy = "begin;";
  const std::string tables = run(
      "select table_name from information_schema.tables where table_schema = "
      "'public' order by table_name");
  std::istringstream lines(tables);
  for (std::string table; std::getline(lines, table);) {
    if (table.empty()) continue;
    make += "create table copied." + table + " (like public." + table +
            " including all);";
    copy +=
        "insert into copied." + table + " select * from public." + table + ";";
  }
  run(make);
  const auto start = std::chrono::steady_clock::now();
  run(copy + "commit");
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

ImportRates MeasureImport(store::Engine engine, std::int64_t children,
                          bool mixed) {
  const support::TemporaryFolder folder;
  const std::string file = folder.File("import.csv");
  const auto rows = static_cast<double>(WriteFile(file, children, mixed));
  support::StackSettings settings;
  settings.service = "waiting";
  settings.engine = engine;
  const auto stack =
      Must("starting the service", support::Stack::Start(settings));
  ImportRates rates;
  rates.first = rows / Import(*stack, file, folder.File("first.txt"));
  rates.again = rows / Import(*stack, file, folder.File("again.txt"));
  if (stack->Number("select count(*) from events") !=
      static_cast<std::int64_t>(rows)) {
    Lost("events are missing, or there twice");
  }
  rates.plain_sql =
      rows / (engine == store::Engine::kSqlite
                  ? CopyBySql(stack->database_file(), folder.File("copy.db"))
                  : CopyByPostgres(stack->database()));
  return rates;
}

}  // namespace seawall::load
