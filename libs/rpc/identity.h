// Identity: what the transport and the metadata say about a caller, before the
// register has been asked.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

#include "libs/base/error.h"

namespace seawall::rpc {

// What a peer's name is made of; views into it.
struct Peer {
  std::string_view uri;
  // As PEM; empty where the transport gave none.
  std::string_view certificate;
};

// The name of the client: the one URI name of its certificate, and behind a
// line end the certificate. UNKNOWN_CALLER (kUnauthenticated) where there is no
// URI name, more than one, or one that is not printable.
Result<std::string> PeerName(const grpc::CallbackServerContext& context);
Peer PeerOf(std::string_view name);

// The serial number of the peer's certificate, in plain form; empty where there
// is no certificate that can be read.
std::string SerialOf(const Peer& peer);
// A serial number as people write it (any case, colons, leading zeros) in plain
// form: upper-case hex digits. Empty where it is none.
std::string PlainSerial(std::string_view text);

// The metadata `seawall-person`, empty if absent: an id and a role, printable,
// at most 64 characters, with one slash between ("p-1041/social-worker").
// PERSON_REQUIRED (kInvalidArgument) for any other form.
Result<std::string> Person(const grpc::CallbackServerContext& context);
Error PersonRequired();

// The trace id of the metadata `traceparent` (W3C trace context), or empty.
std::string TraceId(const grpc::CallbackServerContext& context);

// How long the caller waits, as we count it: 20 ms less for the way back; 30 s
// where it did not say, never more than five minutes. DEADLINE_TOO_SHORT where
// under 100 ms are left.
Result<std::chrono::steady_clock::time_point> Deadline(
    const grpc::CallbackServerContext& context);
std::chrono::steady_clock::time_point DefaultDeadline();
Error DeadlineTooShort();

}  // namespace seawall::rpc
