#include "tests/system/stack.h"

#include <arpa/inet.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "libs/seal/sign.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"

namespace seawall::support {
namespace {

constexpr std::chrono::seconds kServesWithin{60};

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

template <class T>
T Must(Result<T> result) {
  if (!result) Die(result.error().reason + ": " + result.error().message);
  return *std::move(result);
}

std::string Variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::string Build() { return Variable("SEAWALL_BUILD", ".seawall/build/dev"); }

std::string UriOf(const std::string& caller) {
  const auto slash = caller.find('/');
  const auto second = caller.find('/', slash + 1);
  if (second == std::string::npos) return ServiceUri(caller.substr(slash + 1));
  return AgencyUri(caller.substr(0, slash),
                   caller.substr(slash + 1, second - slash - 1),
                   caller.substr(second + 1));
}

// Read-only, and leaves the write-ahead log as it is.
std::vector<std::vector<std::string>> SqliteRows(const std::string& file,
                                                 const std::string& query) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr))
    Die("cannot open " + file);
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(database, 5000);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, query.c_str(), -1, &statement, nullptr))
    Die(query + ": " + sqlite3_errmsg(database));
  std::vector<std::vector<std::string>> rows;
  int step = 0;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
    auto& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const auto* text = sqlite3_column_text(statement, i);
      row.push_back(text ? reinterpret_cast<const char*>(text) : "");
    }
  }
  if (step != SQLITE_DONE) Die(query + ": " + sqlite3_errmsg(database));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return rows;
}

std::vector<std::string> Split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, by);) parts.push_back(part);
  return parts;
}

std::string WordAfter(const std::string& text, const std::string& key) {
  const auto from = text.find(key);
  if (from == std::string::npos) return {};
  const auto start = from + key.size();
  return text.substr(start, text.find(' ', start) - start);
}

// `postgres:host=… port=… dbname=… user=…`
std::vector<std::vector<std::string>> PostgresRows(const std::string& address,
                                                   const std::string& query) {
  const std::string said = Must(RunToEnd(
      {.words = {"/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-A", "-t",
                 "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                 WordAfter(address, "port="), "-U", WordAfter(address, "user="),
                 "-d", WordAfter(address, "dbname="), "-c", query},
       .environment = {{"PGCONNECT_TIMEOUT", "5"}}}));
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : Split(said, '\n'))
    rows.push_back(Split(line, '|'));
  return rows;
}

std::string Get(int port, const std::string& path) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address),
                sizeof address) == 0) {
    const std::string ask =
        "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
    (void)!::write(socket, ask.data(), ask.size());
    char part[4096];
    for (ssize_t got; (got = ::read(socket, part, sizeof part)) > 0;)
      answer.append(part, static_cast<std::size_t>(got));
  }
  ::close(socket);
  return answer;
}

int NextConnection() {
  static std::atomic<int> last{0};
  return ++last;
}

constexpr char kSealKey[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

constexpr char kSigningKey[] =
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n";

}  // namespace

Authority& StackAuthority() {
  static Authority authority = Must(Authority::Make());
  return authority;
}

const Certificate& CertificateOf(const std::string& caller) {
  static std::mutex mutex;
  static std::map<std::string, Certificate> made;
  Authority& authority = StackAuthority();
  std::lock_guard lock(mutex);
  const auto found = made.find(caller);
  if (found != made.end()) return found->second;
  const Wanted wanted{UriOf(caller), caller.starts_with("service/")};
  return made.emplace(caller, Must(authority.Issue(wanted))).first->second;
}

bool LongRun() { return std::getenv("SEAWALL_LONG") != nullptr; }

Result<std::unique_ptr<Stack>> Stack::Start(StackSettings settings) {
  auto stack = std::unique_ptr<Stack>(new Stack(std::move(settings)));
  TRY_VOID(stack->Prepare());
  // Another process may take a port before the service does.
  for (int attempt = 0;; attempt++) {
    stack->port_ = FreePort();
    stack->metrics_port_ = FreePort();
    auto started = stack->RestartService();
    if (started) return stack;
    if (attempt == 2) return started.error();
  }
}

Result<void> Stack::Prepare() {
  if (settings_.beside) {
    redis_ = settings_.beside->redis_;
    database_ = settings_.beside->database_;
    seal_key_file_ = settings_.beside->seal_key_file_;
    signing_key_file_ = settings_.beside->signing_key_file_;
    agencies_file_ = settings_.beside->agencies_file_;
    settings_.redis = redis_ != nullptr;
    return {};
  }
  TRY_VOID(PrepareKeys());
  if (settings_.redis) {
    TRY(own_redis_, Redis::Start());
    redis_ = own_redis_.get();
  }
  return PrepareStores();
}

// The register as it is in the tree, with the key that this stack signs with.
Result<void> Stack::PrepareKeys() {
  const auto own = [&](const char* name, const char* text) {
    std::string file = folder_.Write(name, text);
    std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    return file;
  };
  seal_key_file_ = own("seal.key", kSealKey);
  signing_key_file_ = own("signing.key", kSigningKey);
  TRY(const seal::Signer signer, seal::Signer::Load(signing_key_file_));
  std::ifstream in(Variable("SEAWALL_ROOT", ".") + "/data/agencies.json");
  auto agencies = nlohmann::json::parse(in);
  for (auto& agency : agencies.at("agencies")) {
    if (agency.at("kind") == "service") {
      agency["signing_keys"] = {signer.public_key()};
    }
  }
  agencies_file_ = folder_.Write("agencies.json", agencies.dump());
  return {};
}

Result<void> Stack::PrepareStores() {
  if (settings_.engine == store::Engine::kPostgres) {
    Postgres& postgres =
        settings_.postgres ? *settings_.postgres : Postgres::Shared();
    TRY(database_, postgres.NewDatabase());
    return {};
  }
  const std::string folder = settings_.records_folder.empty()
                                 ? folder_.path()
                                 : settings_.records_folder;
  database_ = "sqlite:" + folder + "/" + settings_.service + ".db";
  return {};
}

std::vector<std::string> Stack::Words(
    const std::vector<std::string>& flags) const {
  const Certificate& own = CertificateOf("service/" + settings_.service);
  const std::string root = Variable("SEAWALL_ROOT", ".");
  std::vector<std::string> words = settings_.wrapper;
  words.insert(
      words.end(),
      {Build() + "/seawall-" + settings_.service, "--listen=" + address(),
       "--metrics-listen=127.0.0.1:" + std::to_string(metrics_port_),
       "--certificate=" + own.certificate_file, "--key=" + own.key_file,
       "--ca=" + StackAuthority().certificate_file(),
       "--agencies=" + agencies_file_, "--data=" + root + "/data",
       "--database=" + database_, "--seal-keys=" + seal_key_file_,
       "--signing-key=" + signing_key_file_, "--allow-test-numbers=true"});
  if (redis_)
    words.push_back("--redis=127.0.0.1:" + std::to_string(redis_->port()));
  words.insert(words.end(), settings_.flags.begin(), settings_.flags.end());
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

std::string Stack::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void Stack::KillService() {
  if (service_) service_->Kill();
  service_.reset();
}

Result<void> Stack::LaunchService(const std::vector<std::string>& flags) {
  KillService();
  TRY(Process process,
      Process::Start({.words = Words(flags), .output = log_file()}));
  service_.emplace(std::move(process));
  return {};
}

Result<void> Stack::AwaitService() {
  rpc::ClientSettings settings = SettingsOf(kOps);
  // Waits for the connection: grpc does not get on with connecting where calls
  // only fail one after another.
  settings.timeout = std::chrono::seconds(1);
  TRY(const auto client, rpc::Client::Connect(settings));
  Result<void> healthy;
  const bool serves = Eventually(
      [&] {
        healthy = client->Healthy();
        return healthy || !service_->Running();
      },
      kServesWithin);
  if (serves && service_->Running()) return {};
  return Error{Code::kUnavailable, "NOT_STARTED",
               "the service does not serve: " + healthy.error().message + "\n" +
                   LogTail()};
}

Result<void> Stack::RestartService(const std::vector<std::string>& flags) {
  TRY_VOID(LaunchService(flags));
  return AwaitService();
}

rpc::ClientSettings Stack::SettingsOf(const std::string& caller,
                                      const std::string& person) const {
  const Certificate& certificate = CertificateOf(caller);
  rpc::ClientSettings settings;
  settings.address = address();
  settings.certificate = certificate.certificate_file;
  settings.key = certificate.key_file;
  settings.ca = StackAuthority().certificate_file();
  settings.server_name = "localhost";
  settings.person = person;
  settings.connection = NextConnection();
  return settings;
}

std::unique_ptr<rpc::Client> Stack::As(const std::string& caller,
                                       const std::string& person) const {
  return Must(rpc::Client::Connect(SettingsOf(caller, person)));
}

std::vector<std::vector<std::string>> Stack::Rows(
    const std::string& query) const {
  if (database_.starts_with("sqlite:"))
    return SqliteRows(database_file(), query);
  return PostgresRows(database_, query);
}

std::int64_t Stack::Number(const std::string& query) const {
  const auto rows = Rows(query);
  if (rows.size() != 1 || rows[0].size() != 1) Die(query + ": not one number");
  return std::stoll(rows[0][0]);
}

std::string Stack::LogTail() const {
  constexpr std::size_t kTail = 2000;
  const std::string log = Log();
  return log.size() < kTail ? log : log.substr(log.size() - kTail);
}

std::string Stack::Metrics() const { return Get(metrics_port_, "/metrics"); }

std::optional<double> Stack::Metric(const std::string& series) const {
  const std::string text = Metrics();
  const std::string line = "\n" + series + " ";
  const auto found = text.find(line);
  if (found == std::string::npos) return std::nullopt;
  return std::strtod(text.c_str() + found + line.size(), nullptr);
}

}  // namespace seawall::support
