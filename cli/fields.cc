#include "cli/fields.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/errors.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Error NoField(const Descriptor& type, const std::string& name,
              const std::string& flag) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i)
    names.push_back(type.field(i)->name());
  const std::string nearest = Nearest(name, names);
  const std::string list = FieldList(type);
  return Usage(flag + ": there is no field " + name +
               (nearest.empty() ? "" : "; " + nearest + " is meant?") +
               (list.empty() ? "; there are none" : "; there are: " + list));
}

template <class Number>
Result<Number> WholeNumber(const std::string& text, const std::string& flag) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end)
    return Usage(flag + " is a whole number");
  return number;
}

Result<bool> YesOrNo(const std::string& text, const std::string& flag) {
  if (text == "yes" || text == "true" || text == "1") return true;
  if (text == "no" || text == "false" || text == "0") return false;
  return Usage(flag + " is yes or no");
}

Result<void> SetScalar(Message& message, const FieldDescriptor& field,
                       const std::string& value, const std::string& flag) {
  const Reflection& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      many ? reflection.AddString(&message, &field, value)
           : reflection.SetString(&message, &field, value);
      return {};
    case FieldDescriptor::CPPTYPE_BOOL: {
      TRY(const bool yes, YesOrNo(value, flag));
      reflection.SetBool(&message, &field, yes);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      TRY(const auto number, WholeNumber<std::int32_t>(value, flag));
      reflection.SetInt32(&message, &field, number);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      TRY(const auto number, WholeNumber<std::int64_t>(value, flag));
      reflection.SetInt64(&message, &field, number);
      return {};
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      TRY(const int number, WordValue(*field.enum_type(), flag, value));
      reflection.SetEnumValue(&message, &field, number);
      return {};
    }
    default:
      return Usage(
          flag + " has fields of its own: " + FieldList(*field.message_type()));
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

Result<void> SetField(Message& message, std::string_view path,
                      const std::string& value, const std::string& flag) {
  const auto dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return NoField(*message.GetDescriptor(), name, flag);
  if (dot != std::string_view::npos) {
    if (field->message_type() == nullptr)
      return Usage(flag + ": " + name + " has no fields of its own");
    const std::string_view rest = path.substr(dot + 1);
    return SetField(Inner(message, *field, rest), rest, value, flag);
  }
  if (HasAlready(message, path)) return Usage(flag + " is set twice");
  return SetScalar(message, *field, value, flag);
}

std::string FieldList(const Descriptor& type) {
  std::string list;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    list += (list.empty() ? "" : ", ") + field.name();
    if (field.message_type() != nullptr)
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
