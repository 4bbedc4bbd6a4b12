#include "libs/rpc/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace seawall::rpc {
namespace {

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using FilePointer = std::unique_ptr<BIO, decltype(&BIO_free)>;

Error Unreadable(const char* what, const std::string& path) {
  return Error{Code::kInvalidArgument, "CERTIFICATE_UNREADABLE",
               std::string("cannot read the ") + what + ": " + path};
}

FilePointer OpenFile(const std::string& path) {
  return {BIO_new_file(path.c_str(), "r"), &BIO_free};
}

Result<X509Pointer> ReadCertificate(const std::string& path) {
  const FilePointer file = OpenFile(path);
  X509Pointer certificate(
      file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr,
      &X509_free);
  if (!certificate) return Unreadable("certificate", path);
  return certificate;
}

Result<KeyPointer> ReadKey(const std::string& path) {
  const FilePointer file = OpenFile(path);
  KeyPointer key(
      file ? PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr)
           : nullptr,
      &EVP_PKEY_free);
  if (!key) return Unreadable("key", path);
  return key;
}

Result<std::string> ReadText(const char* what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) return Unreadable(what, path);
  return text.str();
}

}  // namespace

void RequireTls13() {
  // grpc has no setting for it and reads this once. The suite named needs a
  // shared secret that nobody has, so TLS 1.2 finds none in common; the suites
  // of TLS 1.3 are not governed by it.
  ::setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-PSK-CHACHA20-POLY1305", 1);
}

Result<void> CheckFiles(const TlsFiles& files) {
  TRY(const auto certificate, ReadCertificate(files.certificate));
  TRY(const auto key, ReadKey(files.key));
  TRY_VOID(ReadCertificate(files.ca));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Error{Code::kInvalidArgument, "CERTIFICATE_MISMATCH",
                 "the key does not belong to the certificate: " + files.key};
  }
  return {};
}

std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files,
                                                   unsigned refresh_seconds) {
  auto provider =
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          files.key, files.certificate, files.ca, refresh_seconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

Result<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(
    const TlsFiles& files) {
  grpc::SslCredentialsOptions options;
  TRY(options.pem_root_certs, ReadText("CA", files.ca));
  if (!files.certificate.empty()) {
    TRY(options.pem_cert_chain, ReadText("certificate", files.certificate));
    TRY(options.pem_private_key, ReadText("key", files.key));
  }
  return grpc::SslCredentials(options);
}

Result<std::string> DnsName(const std::string& certificate_file) {
  TRY(const auto certificate, ReadCertificate(certificate_file));
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
          certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); i++) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const ASN1_STRING* text = name->d.dNSName;
    return std::string(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
        static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return std::string();
}

}  // namespace seawall::rpc
