// The keyed hash of a request: what tells a repeat from another request under
// the same id.
//
// Taken over the method and all set fields but `request_id`, in the order of
// their numbers, by reflection: protobuf's bytes are not canonical. Fields that
// this release does not know are left out.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "libs/seal/seal.h"

namespace seawall::rpc {

std::string RequestHash(const seal::Sealer& sealer, const std::string& method,
                        const google::protobuf::Message& request);
// Under every key, newest first: a repeat may come after the keys were changed.
std::vector<std::string> RequestHashes(
    const seal::Sealer& sealer, const std::string& method,
    const google::protobuf::Message& request);

// The text that is hashed; for tests.
std::string Canonical(const google::protobuf::Message& request);

}  // namespace seawall::rpc
