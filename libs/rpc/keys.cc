#include "libs/rpc/keys.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>
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

bool IsTime(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}

bool CanBe(const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
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
    if (above.empty() && IsTime(*field)) times_.push_back(field);
    above.push_back(field);
    if (field->message_type() && !again) Add(*field->message_type(), above);
    if (IsKey(*field)) paths_.push_back(above);
    above.pop_back();
  }
}

Result<void> Keys::Check(const Message& message) const {
  for (const FieldDescriptor* field : times_) {
    const auto* reflection = message.GetReflection();
    if (!reflection->HasField(message, field)) continue;
    const auto& time = static_cast<const google::protobuf::Timestamp&>(
        reflection->GetMessage(message, field));
    if (CanBe(time)) continue;
    const char* why = "no time of the years 1 to 9999";
    return Error{
        Code::kInvalidArgument, "MALFORMED", why, {{field->name(), why}}};
  }
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
