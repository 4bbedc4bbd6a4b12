// Keys: the texts of a request by which something is found: every field called
// `reference`, `service` or `…_id`. They are indexed, and go to other
// systems, so they are bounded at the door; what people write is not.
//
// No keys: what identifies a person (kept as given, and found by a hash of it),
// and area and request_id, which have bounds of their own. Lists are left to
// those who take their items one by one. The request's own times are looked at
// here too, so that no handler meets one that cannot be; those of a form come
// back as warnings.
#pragma once

#include <google/protobuf/message.h>

#include <vector>

#include "libs/base/error.h"

namespace seawall::rpc {

inline constexpr std::size_t kMostKeyCharacters = 200;

class Keys {
 public:
  Keys() = default;
  explicit Keys(const google::protobuf::Descriptor& message);

  // Each at most 200 characters (TEXT_TOO_LONG) and none with a NUL, which no
  // store knows (MALFORMED); times of the years 1 to 9999 (MALFORMED); all
  // kInvalidArgument, with the field's path.
  Result<void> Check(const google::protobuf::Message& message) const;

 private:
  // From the message down to the text.
  using Path = std::vector<const google::protobuf::FieldDescriptor*>;
  void Add(const google::protobuf::Descriptor& message, Path& above);

  std::vector<Path> paths_;
  std::vector<const google::protobuf::FieldDescriptor*> times_;
};

}  // namespace seawall::rpc
