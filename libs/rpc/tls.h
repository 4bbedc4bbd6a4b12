// TLS: the credentials of both sides. Mutual, TLS 1.3, and on the server taken
// over from their files while it runs.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "libs/base/error.h"

namespace seawall::rpc {

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;
};

// Before grpc is used for the first time in the process: no TLS below 1.3.
void RequireTls13();

// The files can be read and the key belongs to the certificate.
// CERTIFICATE_UNREADABLE, CERTIFICATE_MISMATCH (kInvalidArgument).
Result<void> CheckFiles(const TlsFiles& files);

// Reads the files again every `refresh_seconds`.
std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files,
                                                   unsigned refresh_seconds);
// Read once. CERTIFICATE_UNREADABLE.
Result<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(
    const TlsFiles& files);

// A name that the certificate is valid for; empty if it holds none.
Result<std::string> DnsName(const std::string& certificate_file);

}  // namespace seawall::rpc
