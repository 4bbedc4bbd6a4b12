// Authority: a certificate authority of a test, made by the openssl command.
// Each certificate has exactly one URI name and a P-256 key.
#pragma once

#include <string>

#include "libs/base/error.h"
#include "tests/support/tempdir.h"

namespace seawall::support {

struct Certificate {
  std::string certificate_file;
  std::string key_file;
};

struct Wanted {
  // `spiffe://seawall.local/agency/test-police/records/pusher`
  std::string uri;
  // Also good for localhost and 127.0.0.1.
  bool server = false;
  // Ended yesterday.
  bool expired = false;
};

std::string AgencyUri(const std::string& agency, const std::string& system,
                      const std::string& role);
std::string ServiceUri(const std::string& service);

// For one thread at a time.
class Authority {
 public:
  // Two authorities of the same name still do not trust each other.
  static Result<Authority> Make(const std::string& name = "Test-Authority");

  std::string certificate_file() const { return folder_->File("ca.crt"); }

  Result<Certificate> Issue(const Wanted& wanted);
  // Issues again under the same file names: a certificate being rotated.
  Result<void> Renew(const Certificate& certificate, const Wanted& wanted);

 private:
  Authority() : folder_(std::make_unique<TemporaryFolder>()) {}

  std::unique_ptr<TemporaryFolder> folder_;
  int issued_ = 0;
};

}  // namespace seawall::support
