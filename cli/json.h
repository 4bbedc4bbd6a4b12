// Protobuf messages as JSON text and back, in protobuf's own JSON mapping with
// the proto's field names.
//
// What is wrong with a text is said by field path and never by value: it may
// hold details of a child.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/error.h"

namespace seawall::cli {

// One line, fields with default values included.
std::string ToJson(const google::protobuf::Message& message);

// MALFORMED (kInvalidArgument) with the path of every field that is unknown or
// of another type, and what was probably meant.
Result<void> FromJson(const nlohmann::json& json,
                      google::protobuf::Message& message);

// The fields of `json` that do not fit `type`; empty = all fit.
std::vector<FieldError> Misfits(const nlohmann::json& json,
                                const google::protobuf::Descriptor& type);

}  // namespace seawall::cli
