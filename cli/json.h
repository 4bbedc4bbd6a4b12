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

// One document, in whatever encoding people keep it (text_input.h). USAGE.
Result<nlohmann::json> ReadJson(const std::string& path);

// MALFORMED (kInvalidArgument) with the path of every field that is unknown or
// of another type, what was given, and what fits.
//
// What systems write for what they do not have is absent: an empty text where a
// word, a number, a time or a list belongs. "3" is 3, and a number may stand
// for a text. With `left_out`, times that cannot be read go there and not into
// the message.
Result<void> FromJson(const nlohmann::json& json,
                      google::protobuf::Message& message,
                      std::vector<FieldError>* left_out = nullptr);

// The fields of `json` that do not fit `type`; empty = all fit.
std::vector<FieldError> Misfits(const nlohmann::json& json,
                                const google::protobuf::Descriptor& type);

}  // namespace seawall::cli
