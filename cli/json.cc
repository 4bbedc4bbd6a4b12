#include "cli/json.h"

#include <google/protobuf/util/json_util.h>

#include "cli/text.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::json;

constexpr char kTimestamp[] = "google.protobuf.Timestamp";

const FieldDescriptor* FindField(const Descriptor& type,
                                 const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr ? field : type.FindFieldByCamelcaseName(name);
}

std::string UnknownField(const Descriptor& type, const std::string& name) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i)
    names.push_back(type.field(i)->name());
  const std::string nearest = Nearest(name, names);
  return nearest.empty() ? "there is no such field"
                         : "there is no such field; " + nearest + " is meant?";
}

std::string EnumNames(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i)
    names += (i > 0 ? ", " : "") + type.value(i)->name();
  return names;
}

std::string EnumMisfit(const json& value, const EnumDescriptor& type) {
  if (value.is_number_integer()) return "";
  if (value.is_string() &&
      type.FindValueByName(value.get<std::string>()) != nullptr)
    return "";
  return "is not one of " + EnumNames(type);
}

std::string IntegerMisfit(const json& value, bool narrow) {
  if (!value.is_number_integer()) return "is not a whole number";
  if (!narrow) return "";
  const auto number = value.get<std::int64_t>();
  return number == static_cast<std::int32_t>(number) ? "" : "is out of range";
}

std::string TimeMisfit(const json& value) {
  if (value.is_string() && ParseInstant(value.get<std::string>())) return "";
  return "is not a time such as 2018-03-29T09:30:00Z";
}

std::string ScalarMisfit(const json& value, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return value.is_string() ? "" : "is not a text";
    case FieldDescriptor::CPPTYPE_BOOL:
      return value.is_boolean() ? "" : "is neither true nor false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumMisfit(value, *field.enum_type());
    case FieldDescriptor::CPPTYPE_INT32:
      return IntegerMisfit(value, true);
    case FieldDescriptor::CPPTYPE_INT64:
      return IntegerMisfit(value, false);
    default:
      return "";  // protobuf itself refuses what does not fit
  }
}

void Walk(const json& object, const Descriptor& type, const std::string& path,
          std::vector<FieldError>& misfits);

void WalkValue(const json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>& misfits) {
  if (value.is_null()) return;
  std::string misfit;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
    misfit = ScalarMisfit(value, field);
  else if (field.message_type()->full_name() == kTimestamp)
    misfit = TimeMisfit(value);
  else if (value.is_object())
    return Walk(value, *field.message_type(), path, misfits);
  else
    misfit = "is not an object";
  if (!misfit.empty()) misfits.push_back({path, misfit});
}

void WalkField(const json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>& misfits) {
  if (!field.is_repeated() || value.is_null())
    return WalkValue(value, field, path, misfits);
  if (!value.is_array()) return misfits.push_back({path, "is not a list"});
  for (std::size_t i = 0; i < value.size(); ++i)
    WalkValue(value[i], field, path + "[" + std::to_string(i) + "]", misfits);
}

void Walk(const json& object, const Descriptor& type, const std::string& path,
          std::vector<FieldError>& misfits) {
  for (const auto& [name, value] : object.items()) {
    const std::string below = path.empty() ? name : path + "." + name;
    if (const FieldDescriptor* field = FindField(type, name))
      WalkField(value, *field, below, misfits);
    else
      misfits.push_back({below, UnknownField(type, name)});
  }
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
}

std::vector<FieldError> Misfits(const json& json, const Descriptor& type) {
  std::vector<FieldError> misfits;
  Walk(json, type, "", misfits);
  return misfits;
}

Result<void> FromJson(const json& json, google::protobuf::Message& message) {
  if (!json.is_object())
    return Error{Code::kInvalidArgument, "MALFORMED", "is not a JSON object"};
  Error error{Code::kInvalidArgument, "MALFORMED",
              "the JSON does not fit the message; correct the fields named",
              Misfits(json, *message.GetDescriptor())};
  if (!error.fields.empty()) return error;
  if (google::protobuf::util::JsonStringToMessage(json.dump(), &message).ok())
    return {};
  error.message = "cannot be read as " + message.GetDescriptor()->full_name();
  return error;
}

}  // namespace seawall::cli
