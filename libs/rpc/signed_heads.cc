#include "libs/rpc/signed_heads.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>

#include "libs/log/log.h"

namespace seawall::rpc {
namespace {

namespace pb = common::v1;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageToJsonString;

// As the contract says it (SignedHead).
std::string SignedText(const pb::SignedHead& head) {
  return absl::StrCat("seawall access head 1\n", head.service(), "\n",
                      head.area(), "\n", head.entries(), "\n", head.hash(),
                      "\n", head.signed_time().seconds(), "\n");
}

bool Lists(const Agency* agency, const std::string& key) {
  return agency &&
         std::find(agency->signing_keys.begin(), agency->signing_keys.end(),
                   key) != agency->signing_keys.end();
}

}  // namespace

SignedHeads::SignedHeads(Parts parts)
    : parts_(std::move(parts)),
      intact_(parts_.metrics.MakeGauge(
          "seawall_access_log_intact",
          "Do the access logs go on from the heads that were signed last? "
          "0 = one of them was changed")) {
  intact_.Set(1);
  ReadFile();
}

// A head that does not verify is not one of ours.
void SignedHeads::ReadFile() {
  std::ifstream in(parts_.file);
  for (std::string line; std::getline(in, line);) {
    pb::SignedHead head;
    if (!JsonStringToMessage(line, &head).ok()) continue;
    if (WhyNot(head.area(), head).empty()) newest_[head.area()] = head;
  }
}

void SignedHeads::WriteFile() const {
  const std::string made = absl::StrCat(parts_.file, ".", ::getpid());
  {
    std::ofstream out(made, std::ios::trunc);
    for (const auto& [area, head] : newest_) {
      std::string line;
      if (MessageToJsonString(head, &line).ok()) out << line << "\n";
    }
    if (out.flush() && std::rename(made.c_str(), parts_.file.c_str()) == 0)
      return;
  }
  std::remove(made.c_str());
  log::Warn("signed heads not kept for the next start; see signed-heads");
}

void SignedHeads::BeginAnew() {
  std::lock_guard lock(mutex_);
  newest_.clear();
  WriteFile();
  log::Warn("signed heads begin anew, as a backup was put back");
}

Result<void> SignedHeads::CheckKey() const {
  const auto own = parts_.agencies.Find(parts_.service);
  if (Lists(own.get(), parts_.signer.public_key())) return {};
  return Error{Code::kFailedPrecondition, "SIGNING_KEY_UNKNOWN",
               "the register of agencies does not list our public key; add \"" +
                   parts_.signer.public_key() +
                   "\" to the \"signing_keys\" of the agency '" +
                   parts_.service + "'"};
}

void SignedHeads::SignAll() {
  const auto areas = [&]() -> Result<std::vector<std::string>> {
    TRY(store::Reader reader, parts_.database.Read());
    return ledger::ReadAreas(reader);
  }();
  if (!areas) return;  // readiness says so
  if (const auto known = CheckKey(); !known) {
    log::Warn("heads of the access log not signed",
              {{"reason", known.error().reason}});
    return;
  }
  // A log that was deleted with its head is no area any more.
  std::set<std::string> all(areas->begin(), areas->end());
  {
    std::lock_guard lock(mutex_);
    for (const auto& [area, head] : newest_) all.insert(area);
  }
  for (const std::string& area : all) {
    if (const auto done = SignOne(area); !done) {
      log::Warn("head of the access log not signed",
                {{"area", area}, {"reason", done.error().reason}});
    }
  }
}

Result<void> SignedHeads::SignOne(const std::string& area) {
  const std::optional<pb::SignedHead> last = Newest(area);
  ledger::Remembered head;
  {
    TRY(store::Reader reader, parts_.database.Read());
    TRY(const ledger::Head now, ledger::ReadHead(reader, area));
    head = {now.access_entries, now.access_hash};
    if (last && last->entries() == head.entry && last->hash() == head.hash)
      return {};
    if (last && last->entries() > 0) {
      TRY(const std::string there,
          ledger::AccessHash(reader, area, last->entries()));
      if (there != last->hash()) {
        intact_.Set(0);
        return Error{Code::kInternal, "ACCESS_LOG_CHANGED",
                     "the access log does not go on from the head that was "
                     "signed last"};
      }
    }
  }
  const pb::SignedHead made = Sign(area, head);
  // The fields as the contract names them: the line is a head to compare with.
  log::Info("signed head of the access log",
            {{"area", made.area()},
             {"entries", made.entries()},
             {"hash", made.hash()},
             {"signedTime",
              google::protobuf::util::TimeUtil::ToString(made.signed_time())},
             {"publicKey", made.public_key()},
             {"signature", made.signature()}});
  std::lock_guard lock(mutex_);
  newest_[area] = made;
  WriteFile();
  return {};
}

std::optional<pb::SignedHead> SignedHeads::Newest(
    const std::string& area) const {
  std::lock_guard lock(mutex_);
  const auto found = newest_.find(area);
  if (found == newest_.end()) return std::nullopt;
  return found->second;
}

pb::SignedHead SignedHeads::Sign(const std::string& area,
                                 const ledger::Remembered& head) const {
  pb::SignedHead made;
  made.set_service(parts_.service);
  made.set_area(area);
  made.set_entries(head.entry);
  made.set_hash(head.hash);
  made.mutable_signed_time()->set_seconds(ToMicros(parts_.clock.Now()) /
                                          1'000'000);
  made.set_public_key(parts_.signer.public_key());
  made.set_signature(parts_.signer.Sign(SignedText(made)));
  return made;
}

std::string SignedHeads::WhyNot(const std::string& area,
                                const pb::SignedHead& head) const {
  if (head.service() != parts_.service) return "it is of another service";
  if (head.area() != area) return "it is of another area";
  const auto own = parts_.agencies.Find(parts_.service);
  if (!Lists(own.get(), head.public_key()))
    return "the register does not list its public key";
  if (!seal::Verifies(head.public_key(), SignedText(head), head.signature()))
    return "its signature does not fit it";
  return {};
}

}  // namespace seawall::rpc
