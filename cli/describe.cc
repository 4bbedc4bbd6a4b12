#include "cli/describe.h"

#include <algorithm>
#include <string>
#include <vector>

#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

std::string Time(const Message& message, const std::string& name) {
  Timestamp time;
  time.CopyFrom(message);
  return name.ends_with("due_time") ? DueTime(time) : LondonTime(time);
}

bool IsTime(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         field.message_type()->full_name() ==
             Timestamp::descriptor()->full_name();
}

bool IsNested(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsTime(field);
}

// One scalar; `index` is used for repeated fields alone.
std::string Scalar(const Message& message, const FieldDescriptor& field,
                   int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection.GetRepeatedString(message, &field, index)
                  : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Word(many ? *reflection.GetRepeatedEnum(message, &field, index)
                       : *reflection.GetEnum(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return Count(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return Count(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Time(reflection.GetMessage(message, &field), field.name());
    default:
      return "";
  }
}

std::string Value(const Message& message, const FieldDescriptor& field) {
  if (!field.is_repeated()) return Plain(Scalar(message, field, 0));
  std::string list;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i)
    list += (i > 0 ? ", " : "") + Plain(Scalar(message, field, i));
  return list;
}

void DescribeNested(const Message& message, const FieldDescriptor& field,
                    std::ostream& out, int indent) {
  const Reflection& reflection = *message.GetReflection();
  const std::string lead(indent, ' ');
  if (!field.is_repeated()) {
    out << lead << Spaced(field.name()) << '\n';
    return Describe(reflection.GetMessage(message, &field), out, indent + 2);
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    out << lead << Spaced(field.name()) << " " << i + 1 << '\n';
    Describe(reflection.GetRepeatedMessage(message, &field, i), out,
             indent + 2);
  }
}

}  // namespace

void Describe(const Message& message, std::ostream& out, int indent) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::size_t width = 0;
  for (const FieldDescriptor* field : fields)
    if (!IsNested(*field)) width = std::max(width, field->name().size());
  for (const FieldDescriptor* field : fields) {
    if (IsNested(*field)) {
      DescribeNested(message, *field, out, indent);
      continue;
    }
    const std::string name = Spaced(field->name());
    out << std::string(indent, ' ') << name
        << std::string(width + 2 - name.size(), ' ') << Value(message, *field)
        << '\n';
  }
}

}  // namespace seawall::cli
