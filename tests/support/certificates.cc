#include "tests/support/certificates.h"

#include <filesystem>

#include "tests/support/process.h"

namespace seawall::support {
namespace {

constexpr const char* kDomain = "spiffe://seawall.local/";

Result<void> OpenSsl(std::vector<std::string> words) {
  words.insert(words.begin(), "openssl");
  TRY_VOID(RunToEnd({.words = std::move(words)}));
  return {};
}

// The extensions of a certificate: what it names, and what it is good for.
std::string Extensions(const Wanted& wanted) {
  std::string names = "URI:" + wanted.uri;
  if (wanted.server) names += ",DNS:localhost,IP:127.0.0.1";
  return "subjectAltName=" + names +
         "\nbasicConstraints=critical,CA:FALSE\n"
         "keyUsage=critical,digitalSignature\n"
         "extendedKeyUsage=clientAuth,serverAuth\n";
}

}  // namespace

std::string AgencyUri(const std::string& agency, const std::string& system,
                      const std::string& role) {
  return kDomain + ("agency/" + agency) + "/" + system + "/" + role;
}

std::string ServiceUri(const std::string& service) {
  return kDomain + ("service/" + service);
}

Result<Authority> Authority::Make(const std::string& name) {
  Authority authority;
  TRY_VOID(OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-sha256", "-days",
                    "30", "-subj", "/CN=" + name, "-keyout",
                    authority.folder_->File("ca.key"), "-out",
                    authority.folder_->File("ca.crt")}));
  return authority;
}

Result<Certificate> Authority::Issue(const Wanted& wanted) {
  const std::string name = std::to_string(++issued_);
  const Certificate certificate{folder_->File(name + ".crt"),
                                folder_->File(name + ".key")};
  TRY_VOID(Renew(certificate, wanted));
  return certificate;
}

Result<void> Authority::Renew(const Certificate& certificate,
                              const Wanted& wanted) {
  const std::string key = folder_->File("new.key");
  const std::string request = folder_->File("new.csr");
  const std::string fresh = folder_->File("new.crt");
  TRY_VOID(OpenSsl({"req", "-new", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=Test-Certificate", "-keyout", key, "-out", request}));
  TRY_VOID(OpenSsl({"x509", "-req", "-sha256", "-in", request, "-CA",
                    folder_->File("ca.crt"), "-CAkey", folder_->File("ca.key"),
                    "-CAcreateserial", "-days", wanted.expired ? "-1" : "7",
                    "-extfile", folder_->Write("new.ext", Extensions(wanted)),
                    "-out", fresh}));
  // Renamed, so that nobody reads half a file.
  std::filesystem::rename(key, certificate.key_file);
  std::filesystem::rename(fresh, certificate.certificate_file);
  return {};
}

}  // namespace seawall::support
