// Any message for people: its set fields, one a line, nested ones indented.
#pragma once

#include <google/protobuf/message.h>

#include <ostream>

namespace seawall::cli {

// Enum values as words, instants as civil time in London, everything safe to
// print. Fields that are not set are left out.
void Describe(const google::protobuf::Message& message, std::ostream& out,
              int indent = 0);

}  // namespace seawall::cli
