#include "services/waiting/details.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "libs/base/identifiers.h"
#include "libs/child/names.h"

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

// Routes that are never to be used, one by one.
std::vector<std::string> RoutesOf(const std::string& never) {
  std::vector<std::string> routes;
  for (absl::string_view route : absl::StrSplit(never, ';')) {
    route = absl::StripAsciiWhitespace(route);
    if (!route.empty()) routes.emplace_back(route);
  }
  return routes;
}

// They add up: what one letter leaves out, an earlier one said.
bool AddRoutes(const std::string& stated, std::string& to) {
  std::vector<std::string> there = RoutesOf(to);
  const std::size_t before = there.size();
  for (const std::string& route : RoutesOf(stated)) {
    if (std::find(there.begin(), there.end(), route) != there.end()) continue;
    there.push_back(route);
    to += (to.empty() ? "" : "; ") + route;
  }
  return there.size() > before;
}

// "Baby" or "Rob" where Robert is known says no more of the child, and would
// let the next one under another name pass for it.
bool SaysLess(const FieldDescriptor* field, const std::string& value,
              const std::string& there) {
  const int number = field->number();
  if (there.empty() || (number != pb::Child::kGivenNameFieldNumber &&
                        number != pb::Child::kFamilyNameFieldNumber)) {
    return false;
  }
  const std::string folded = child::Fold(value), known = child::Fold(there);
  if (child::IsStandIn(value)) {
    return !child::IsStandIn(there) || folded.size() < known.size();
  }
  return known.size() > folded.size() && known.starts_with(folded) &&
         !child::IsStandIn(there);
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
    if (value.empty() || same || SaysLess(field, value, there)) continue;
    reflection->SetString(to, field, value);
    changed.push_back(kChild + field->name());
  }
  const pb::ContactRoutes& routes = stated.routes();
  pb::ContactRoutes& to = *details.mutable_routes();
  if (!routes.safe_route().empty() && routes.safe_route() != to.safe_route()) {
    to.set_safe_route(routes.safe_route());
    changed.push_back(std::string(kRoutes) + "safe_route");
  }
  if (AddRoutes(routes.never(), *to.mutable_never())) {
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
    case pb::Event::kReferral:
      return said.referral().transferred_from();
    case pb::Event::kTransferAnswer:
      return said.transfer_answer().rationale();
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
