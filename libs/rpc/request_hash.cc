#include "libs/rpc/request_hash.h"

#include <cstring>

namespace seawall::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void PutNumber(std::uint64_t number, std::string& out) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

// Lengths go first, so that no two different contents give the same text.
void PutText(const std::string& text, std::string& out) {
  PutNumber(text.size(), out);
  out += text;
}

void PutMessage(const Message& message, bool top, std::string& out);

template <class Number>
std::uint64_t Bits(Number number) {
  if constexpr (std::is_floating_point_v<Number>) {
    const double wide = number;
    std::uint64_t bits;
    std::memcpy(&bits, &wide, sizeof bits);
    return bits;
  } else {
    return static_cast<std::uint64_t>(number);
  }
}

// One value; `index` is -1 for a field that is not repeated.
void PutValue(const Message& message, const Reflection& reflection,
              const FieldDescriptor* field, int index, std::string& out) {
  const bool one = index < 0;
#define SEAWALL_NUMBER(Type)                                                 \
  PutNumber(Bits(one ? reflection.Get##Type(message, field)                  \
                     : reflection.GetRepeated##Type(message, field, index)), \
            out);                                                            \
  break
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      SEAWALL_NUMBER(Int32);
    case FieldDescriptor::CPPTYPE_INT64:
      SEAWALL_NUMBER(Int64);
    case FieldDescriptor::CPPTYPE_UINT32:
      SEAWALL_NUMBER(UInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      SEAWALL_NUMBER(UInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      SEAWALL_NUMBER(Double);
    case FieldDescriptor::CPPTYPE_FLOAT:
      SEAWALL_NUMBER(Float);
    case FieldDescriptor::CPPTYPE_BOOL:
      SEAWALL_NUMBER(Bool);
    case FieldDescriptor::CPPTYPE_ENUM:
      SEAWALL_NUMBER(EnumValue);
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      PutText(one ? reflection.GetStringReference(message, field, &scratch)
                  : reflection.GetRepeatedStringReference(message, field, index,
                                                          &scratch),
              out);
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // Its length goes before it when it is known.
      const std::size_t begin = out.size();
      PutNumber(0, out);
      PutMessage(one ? reflection.GetMessage(message, field)
                     : reflection.GetRepeatedMessage(message, field, index),
                 false, out);
      const std::uint64_t size = out.size() - begin - sizeof size;
      std::memcpy(out.data() + begin, &size, sizeof size);
      break;
    }
  }
#undef SEAWALL_NUMBER
}

// A map has no order of its own.
void PutMap(const Message& message, const Reflection& reflection,
            const FieldDescriptor* field, int size, std::string& out) {
  std::set<std::string> entries;
  for (int i = 0; i < size; i++) {
    std::string entry;
    PutValue(message, reflection, field, i, entry);
    entries.insert(std::move(entry));
  }
  for (const std::string& entry : entries) out += entry;
}

void PutMessage(const Message& message, bool top, std::string& out) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);  // set fields, by number
  for (const FieldDescriptor* field : fields) {
    if (top && field->name() == "request_id") continue;
    PutNumber(static_cast<std::uint64_t>(field->number()), out);
    if (!field->is_repeated()) {
      PutValue(message, reflection, field, -1, out);
      continue;
    }
    const int size = reflection.FieldSize(message, field);
    PutNumber(static_cast<std::uint64_t>(size), out);
    if (field->is_map()) {
      PutMap(message, reflection, field, size, out);
      continue;
    }
    for (int i = 0; i < size; i++) PutValue(message, reflection, field, i, out);
  }
}

}  // namespace

std::string Canonical(const Message& request) {
  std::string text;
  text.reserve(2 * request.ByteSizeLong() + 256);
  PutMessage(request, true, text);
  return text;
}

std::string RequestHash(const seal::Sealer& sealer, const std::string& method,
                        const Message& request) {
  return sealer.Hash("request", method + '\n' + Canonical(request));
}

std::vector<std::string> RequestHashes(const seal::Sealer& sealer,
                                       const std::string& method,
                                       const Message& request) {
  return sealer.Hashes("request", method + '\n' + Canonical(request));
}

}  // namespace seawall::rpc
