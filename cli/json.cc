#include "cli/json.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <set>

#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/text.h"
#include "cli/text_input.h"
#include "cli/values.h"
#include "cli/words.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::json;

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

// What was given, without saying it.
std::string Given(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return "is a text";
    case json::value_t::boolean:
      return "is true or false";
    case json::value_t::array:
      return "is a list";
    case json::value_t::object:
      return "is an object";
    default:
      return "is a number";
  }
}

std::string EnumMisfit(const json& value, const EnumDescriptor& type) {
  if (value.is_number_integer()) return "";
  if (value.is_string() &&
      type.FindValueByName(value.get<std::string>()) != nullptr)
    return "";
  return Given(value) + " and not one of " + EnumNames(type);
}

std::string IntegerMisfit(const json& value, bool narrow) {
  if (!value.is_number_integer())
    return Given(value) + " and not a whole number";
  if (!narrow) return "";
  const auto number = value.get<std::int64_t>();
  return number == static_cast<std::int32_t>(number) ? "" : "is out of range";
}

std::string TimeMisfit(const json& value) {
  constexpr char kSuch[] = " such as 2018-03-29T09:30:00Z";
  if (!value.is_string()) return Given(value) + " and not a time" + kSuch;
  const std::string text = value.get<std::string>();
  if (ParseInstant(text)) return "";
  if (ReadTime(text))
    return std::string(
               "is a time without its zone, or in another form; "
               "write it") +
           kSuch;
  return std::string("is a text and not a time") + kSuch;
}

std::string ScalarMisfit(const json& value, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return value.is_string() ? "" : Given(value) + " and not a text";
    case FieldDescriptor::CPPTYPE_BOOL:
      return value.is_boolean() ? ""
                                : Given(value) + " and neither true nor false";
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

// ---- what is meant by a value of another type -------------------------------

bool IsEmptyText(const json& value) {
  return value.is_string() &&
         Trimmed(value.get_ref<const std::string&>()).empty();
}

std::string TextOf(const json& value) {
  return std::string(Trimmed(value.get_ref<const std::string&>()));
}

std::optional<bool> YesNoOf(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return ReadYesNo(value.dump());
  return value.is_string() ? ReadYesNo(TextOf(value)) : std::nullopt;
}

// How people write that they do not know.
bool IsNotKnown(const std::string& text) {
  static const std::set<std::string> words = {
      "unknown", "not known", "n/k", "nk", "dk", "don't know", "?"};
  return words.count(absl::AsciiStrToLower(text)) != 0;
}

// A word of a fixed list, whatever its case, with or without the list's name;
// where the list has yes and no, also what true and false are.
void ReadAnswer(json& value, const EnumDescriptor& type) {
  if (value.is_number()) return;
  if (value.is_string()) {
    const std::string text = TextOf(value);
    std::optional<int> number = WholeWord(type, text);
    for (int i = 0; i < type.value_count() && !number; ++i) {
      const auto& one = *type.value(i);
      if (IsNotKnown(text) && absl::EndsWith(one.name(), "_NOT_KNOWN")) {
        number = one.number();
      }
    }
    if (number) {
      value = type.FindValueByNumber(*number)->name();
      return;
    }
  }
  const auto yes = YesNoOf(value);
  if (!yes) return;
  for (int i = 0; i < type.value_count(); ++i)
    if (Word(*type.value(i)) == (*yes ? "yes" : "no"))
      value = type.value(i)->name();
}

void ReadNumber(json& value) {
  if (value.is_string()) {
    if (const auto number = ReadWholeNumber(TextOf(value))) value = *number;
  } else if (value.is_number_float()) {
    if (const auto number = ReadWholeNumber(value.dump())) value = *number;
  }
}

void ReadScalar(json& value, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (value.is_number_integer()) value = value.dump();
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      if (const auto yes = YesNoOf(value)) value = *yes;
      return;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return ReadNumber(value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadAnswer(value, *field.enum_type());
    default:
      return;
  }
}

void Tidy(json& object, const Descriptor& type, const std::string& path,
          std::vector<FieldError>* left_out);

// False where there is nothing in it.
bool TidyValue(json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>* left_out) {
  const bool text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (value.is_null() || (IsEmptyText(value) && !text)) return false;
  if (IsTime(field)) {
    const std::string misfit = TimeMisfit(value);
    if (misfit.empty() || left_out == nullptr) return true;
    left_out->push_back({path, misfit});
    return false;
  }
  if (value.is_object() && field.message_type() != nullptr)
    Tidy(value, *field.message_type(), path, left_out);
  else
    ReadScalar(value, field);
  return true;
}

bool TidyField(json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>* left_out) {
  if (!field.is_repeated()) return TidyValue(value, field, path, left_out);
  if (value.is_null() || IsEmptyText(value)) return false;
  if (!value.is_array()) return true;
  json kept = json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string below = path + "[" + std::to_string(i) + "]";
    if (!IsEmptyText(value[i]) && TidyValue(value[i], field, below, left_out))
      kept.push_back(std::move(value[i]));
  }
  value = std::move(kept);
  return true;
}

void Tidy(json& object, const Descriptor& type, const std::string& path,
          std::vector<FieldError>* left_out) {
  for (auto member = object.begin(); member != object.end();) {
    const std::string below =
        path.empty() ? member.key() : path + "." + member.key();
    const FieldDescriptor* field = FindField(type, member.key());
    if (field == nullptr || TidyField(*member, *field, below, left_out))
      ++member;
    else
      member = object.erase(member);
  }
}

// ---- what does not fit ------------------------------------------------------

void Walk(const json& object, const Descriptor& type, const std::string& path,
          std::vector<FieldError>& misfits);

void WalkValue(const json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>& misfits) {
  if (value.is_null()) return;
  std::string misfit;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
    misfit = ScalarMisfit(value, field);
  else if (IsTime(field))
    misfit = TimeMisfit(value);
  else if (value.is_object())
    return Walk(value, *field.message_type(), path, misfits);
  else
    misfit = Given(value) + " and not an object";
  if (!misfit.empty()) misfits.push_back({path, misfit});
}

void WalkField(const json& value, const FieldDescriptor& field,
               const std::string& path, std::vector<FieldError>& misfits) {
  if (!field.is_repeated() || value.is_null())
    return WalkValue(value, field, path, misfits);
  if (!value.is_array())
    return misfits.push_back({path, Given(value) + " and not a list"});
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

Result<json> ReadJson(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Usage(path + " cannot be read");
  TextInput input(file);
  std::string text(std::istreambuf_iterator<char>(&input), {});
  if (!input.says_encoding()) MakeUtf8(text);
  auto read = json::parse(Trimmed(text), nullptr, false);
  if (!read.is_discarded()) return read;
  const std::string kind = LooksLike(text);
  return Usage(
      path + " is no JSON" +
      (kind.empty() || kind == "JSON" ? "" : "; it looks like " + kind));
}

Result<void> FromJson(const json& json, google::protobuf::Message& message,
                      std::vector<FieldError>* left_out) {
  if (!json.is_object())
    return Error{Code::kInvalidArgument, "MALFORMED", "is not a JSON object"};
  auto tidy = json;
  Tidy(tidy, *message.GetDescriptor(), "", left_out);
  Error error{Code::kInvalidArgument, "MALFORMED",
              "the JSON does not fit the message; correct the fields named",
              Misfits(tidy, *message.GetDescriptor())};
  if (!error.fields.empty()) return error;
  if (google::protobuf::util::JsonStringToMessage(tidy.dump(), &message).ok())
    return {};
  error.message = "cannot be read as " + message.GetDescriptor()->full_name();
  return error;
}

}  // namespace seawall::cli
