#include "cli/fields.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/errors.h"
#include "cli/text.h"
#include "cli/values.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What is wrong with a value; nothing where it was set.
using Misfit = std::optional<std::string>;

constexpr char kTimestamp[] = "google.protobuf.Timestamp";

std::string NoField(const Descriptor& type, const std::string& name) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i)
    names.push_back(type.field(i)->name());
  const std::string nearest = Nearest(name, names);
  const std::string list = FieldList(type);
  return ": there is no field " + name +
         (nearest.empty() ? "" : "; " + nearest + " is meant?") +
         (list.empty() ? "; there are none" : "; there are: " + list);
}

Misfit PutNumber(Message& message, const FieldDescriptor& field,
                 const std::string& value) {
  const bool narrow = field.cpp_type() == FieldDescriptor::CPPTYPE_INT32;
  const auto number = ReadWholeNumber(value);
  if (!number || (narrow && *number != static_cast<std::int32_t>(*number)))
    return " is a whole number";
  const Reflection& reflection = *message.GetReflection();
  if (narrow)
    reflection.SetInt32(&message, &field, static_cast<std::int32_t>(*number));
  else
    reflection.SetInt64(&message, &field, *number);
  return {};
}

Misfit PutWord(Message& message, const FieldDescriptor& field,
               const std::string& value, Words words) {
  std::optional<int> number = WholeWord(*field.enum_type(), value);
  if (!number && words == Words::kBeginnings) {
    if (const auto begun = WordValue(*field.enum_type(), "", value))
      number = *begun;
  }
  if (!number)
    return " does not know \"" + value +
           "\"; it is one of: " + WordList(*field.enum_type());
  message.GetReflection()->SetEnumValue(&message, &field, *number);
  return {};
}

Misfit PutTime(Message& message, const FieldDescriptor& field,
               const std::string& value) {
  const auto time = ReadTime(value);
  if (!time) return " " + time.error();
  message.GetReflection()
      ->MutableMessage(&message, &field)
      ->CopyFrom(ToTimestamp(*time));
  return {};
}

void PutText(Message& message, const FieldDescriptor& field,
             const std::string& value) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.AddString(&message, &field, value);
  const auto day = IsDay(field) ? ReadDay(value) : ReadAs<Date>();
  reflection.SetString(&message, &field,
                       IsDay(field) && day ? FormatDate(*day) : value);
}

Misfit PutScalar(Message& message, const FieldDescriptor& field,
                 const std::string& value, Words words) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      PutText(message, field, value);
      return {};
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto yes = ReadYesNo(value);
      if (!yes) return " is yes or no";
      message.GetReflection()->SetBool(&message, &field, *yes);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return PutNumber(message, field, value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutWord(message, field, value, words);
    default:
      if (IsTime(field)) return PutTime(message, field, value);
      return " has fields of its own: " + FieldList(*field.message_type());
  }
}

// Whether the message has something where a value for `path` would go.
bool HasAlready(const Message& message, std::string_view path) {
  const auto dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(
      std::string(path.substr(0, dot)));
  if (field == nullptr || field->is_repeated()) return false;
  if (!message.GetReflection()->HasField(message, field)) return false;
  return dot == std::string_view::npos ||
         HasAlready(message.GetReflection()->GetMessage(message, field),
                    path.substr(dot + 1));
}

Message& Inner(Message& message, const FieldDescriptor& field,
               std::string_view rest) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) return *reflection.MutableMessage(&message, &field);
  const int size = reflection.FieldSize(message, &field);
  if (size > 0) {
    Message& last =
        *reflection.MutableRepeatedMessage(&message, &field, size - 1);
    if (!HasAlready(last, rest)) return last;
  }
  return *reflection.AddMessage(&message, &field);
}

}  // namespace

bool IsDay(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         (field.name().ends_with("_date") ||
          field.name().find("date_of_") != std::string::npos);
}

bool IsTime(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         field.message_type()->full_name() == kTimestamp;
}

const FieldDescriptor* FieldAt(const Descriptor& type, std::string_view path) {
  const auto dot = path.find('.');
  const auto* field = type.FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr || dot == std::string_view::npos) return field;
  if (field->message_type() == nullptr || IsTime(*field)) return nullptr;
  return FieldAt(*field->message_type(), path.substr(dot + 1));
}

std::optional<std::string> PutField(Message& message, std::string_view path,
                                    const std::string& value, Words words) {
  const auto dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return NoField(*message.GetDescriptor(), name);
  if (dot != std::string_view::npos) {
    if (field->message_type() == nullptr)
      return ": " + name + " has no fields of its own";
    const std::string_view rest = path.substr(dot + 1);
    return PutField(Inner(message, *field, rest), rest, value, words);
  }
  if (HasAlready(message, path)) return " is set twice";
  return PutScalar(message, *field, value, words);
}

Result<void> SetField(Message& message, std::string_view path,
                      const std::string& value, const std::string& flag) {
  if (const auto misfit = PutField(message, path, value, Words::kBeginnings))
    return Usage(flag + *misfit);
  return {};
}

std::string FieldList(const Descriptor& type) {
  std::string list;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    list += (list.empty() ? "" : ", ") + field.name();
    if (field.message_type() != nullptr && !IsTime(field))
      list += ".{" + FieldList(*field.message_type()) + "}";
    if (field.is_repeated()) list += "…";
  }
  return list;
}

CLI::Option* MayRepeat(CLI::Option* option) {
  return option->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false);
}

CLI::Option* FieldFlags::Add(CLI::App& app, const std::string& flag,
                             const std::string& help, const std::string& path) {
  Flag& added = flags_.emplace_back(Flag{flag, path});
  if (path.empty()) {
    added.path = flag.substr(flag.find_first_not_of('-'));
    std::replace(added.path.begin(), added.path.end(), '-', '_');
  }
  CLI::Option* option = app.add_option(flag, added.values, help);
  const bool argument = !flag.starts_with("-");
  if (argument)
    option->expected(0, 1)->type_name("ID");
  else
    option->expected(1);
  return option;
}

Result<void> FieldFlags::Apply(const Session& session, Message& message) const {
  for (const Flag& flag : flags_)
    for (const std::string& value : flag.values)
      TRY_VOID(SetField(message, flag.path, session.Text(value), flag.name));
  return {};
}

}  // namespace seawall::cli
