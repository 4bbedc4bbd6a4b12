#include "libs/rpc/keys.h"

#include <seawall/common/v1/options.pb.h>

#include <algorithm>

namespace seawall::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsKey(const FieldDescriptor& field) {
  const std::string_view name = field.name();
  return field.type() == FieldDescriptor::TYPE_STRING && name != "request_id" &&
         !field.options().GetExtension(common::v1::identifies) &&
         (name == "reference" || name == "service" || name.ends_with("_id"));
}

std::size_t CharactersOf(const std::string& utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

template <class Path>
std::string NameOf(const Path& path) {
  std::string name;
  for (const FieldDescriptor* field : path)
    name += (name.empty() ? "" : ".") + field->name();
  return name;
}

Result<void> CheckText(const std::string& text, const auto& path) {
  if (text.find('\0') != std::string::npos) {
    const char* why = "must hold no NUL";
    return Error{
        Code::kInvalidArgument, "MALFORMED", why, {{NameOf(path), why}}};
  }
  if (text.size() <= kMostKeyCharacters) return {};
  const std::size_t characters = CharactersOf(text);
  if (characters <= kMostKeyCharacters) return {};
  return Error{
      Code::kInvalidArgument,
      "TEXT_TOO_LONG",
      "an id or reference is too long, and will be whenever it is "
      "sent; at most 200 characters",
      {{NameOf(path), std::to_string(characters) + " characters; at most " +
                          std::to_string(kMostKeyCharacters)}}};
}

}  // namespace

Keys::Keys(const Descriptor& message) {
  Path above;
  Add(message, above);
}

void Keys::Add(const Descriptor& message, Path& above) {
  for (int i = 0; i < message.field_count(); i++) {
    const FieldDescriptor* field = message.field(i);
    if (field->is_repeated()) continue;
    const bool again = std::any_of(
        above.begin(), above.end(), [&](const FieldDescriptor* one) {
          return one->message_type() == field->message_type();
        });
    above.push_back(field);
    if (field->message_type() && !again) Add(*field->message_type(), above);
    if (IsKey(*field)) paths_.push_back(above);
    above.pop_back();
  }
}

Result<void> Keys::Check(const Message& message) const {
  std::string scratch;
  for (const Path& path : paths_) {
    const Message* in = &message;
    for (const FieldDescriptor* field : path) {
      const auto* reflection = in->GetReflection();
      if (field == path.back()) {
        TRY_VOID(CheckText(reflection->GetStringReference(*in, field, &scratch),
                           path));
      } else if (reflection->HasField(*in, field)) {
        in = &reflection->GetMessage(*in, field);
      } else {
        break;
      }
    }
  }
  return {};
}

}  // namespace seawall::rpc
