#include "services/waiting/details.h"

#include <google/protobuf/text_format.h>

#include <algorithm>

#include "libs/base/identifiers.h"

namespace seawall::waiting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kChild[] = "referral.child.";
constexpr char kRoutes[] = "referral.routes.";
constexpr char kFlags[] = "referral.flags";

// The values of a field as texts, in order of themselves.
std::vector<std::string> ValuesOf(const Message& message,
                                  const FieldDescriptor* field) {
  std::vector<std::string> values;
  const int count = field->is_repeated()
                        ? message.GetReflection()->FieldSize(message, field)
                        : 1;
  for (int i = 0; i < count; ++i) {
    values.emplace_back();
    google::protobuf::TextFormat::PrintFieldValueToString(
        message, field, field->is_repeated() ? i : -1, &values.back());
  }
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

std::vector<std::string> Merge(const pb::Referral& stated,
                               pb::Referral& details) {
  std::vector<std::string> changed;
  const pb::Child& child = stated.child();
  const auto* names = pb::Child::descriptor();
  for (int i = 0; i < names->field_count(); ++i) {
    const FieldDescriptor* field = names->field(i);
    const auto* reflection = child.GetReflection();
    const std::string value = reflection->GetString(child, field);
    pb::Child* to = details.mutable_child();
    const std::string there = reflection->GetString(*to, field);
    const bool is_number = field->number() == pb::Child::kNhsNumberFieldNumber;
    // A number is the same however it is written.
    const bool same =
        value == there || (is_number && BareCode(value) == BareCode(there));
    if (value.empty() || same) continue;
    reflection->SetString(to, field, value);
    changed.push_back(kChild + field->name());
  }
  const pb::ContactRoutes& routes = stated.routes();
  pb::ContactRoutes& to = *details.mutable_routes();
  if (!routes.safe_route().empty() && routes.safe_route() != to.safe_route()) {
    to.set_safe_route(routes.safe_route());
    changed.push_back(std::string(kRoutes) + "safe_route");
  }
  if (to.never().find(routes.never()) == std::string::npos) {
    const bool says_more = routes.never().find(to.never()) != std::string::npos;
    to.set_never(says_more ? routes.never()
                           : to.never() + "; " + routes.never());
    changed.push_back(std::string(kRoutes) + "never");
  }
  if (routes.young_person_alone() && !to.young_person_alone()) {
    to.set_young_person_alone(true);
    changed.push_back(std::string(kRoutes) + "young_person_alone");
  }
  auto& flags = *details.mutable_flags();
  const int before = flags.size();
  for (const std::string& flag : stated.flags()) {
    if (std::find(flags.begin(), flags.end(), flag) == flags.end())
      *flags.Add() = flag;
  }
  if (flags.size() > before) changed.push_back(kFlags);
  std::sort(flags.begin(), flags.end());
  return changed;
}

std::vector<std::string> Differences(const Message& one, const Message& other,
                                     const std::string& path) {
  std::vector<std::string> differ;
  const auto* type = one.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const std::string name =
        path.empty() ? field->name() : path + "." + field->name();
    const auto* reflection = one.GetReflection();
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      if (ValuesOf(one, field) != ValuesOf(other, field))
        differ.push_back(name);
      continue;
    }
    // Another kind of event is one difference, by the name of the new one.
    const bool has = reflection->HasField(one, field);
    if (field->containing_oneof() &&
        has != reflection->HasField(other, field)) {
      if (has) differ.push_back(name);
      continue;
    }
    const auto inside = Differences(reflection->GetMessage(one, field),
                                    reflection->GetMessage(other, field), name);
    differ.insert(differ.end(), inside.begin(), inside.end());
  }
  return differ;
}

bool IsDetail(const std::string& path) {
  return path.rfind(kChild, 0) == 0 || path.rfind(kRoutes, 0) == 0 ||
         path == kFlags;
}

std::string TextOf(const pb::Event& said) {
  switch (said.event_case()) {
    case pb::Event::kRejection:
      return said.rejection().reason();
    case pb::Event::kContact:
      return said.contact().note();
    case pb::Event::kCall:
      return said.call().note();
    case pb::Event::kExpedition:
      return said.expedition().rationale();
    case pb::Event::kRemoval:
      return said.removal().risk_review();
    case pb::Event::kSameChild:
      return said.same_child().rationale();
    case pb::Event::kCorrection:
      return said.correction().rationale();
    default:
      return "";
  }
}

}  // namespace seawall::waiting
