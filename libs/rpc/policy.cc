#include "libs/rpc/policy.h"

#include <seawall/common/v1/purpose.pb.h>

namespace seawall::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
namespace common = seawall::common::v1;

Error Refused(const char* reason, const std::string& method,
              const std::string& why) {
  return Error{Code::kFailedPrecondition, reason, method + " " + why};
}

Error Mismatch(const Rule& rule, const std::string& why) {
  return Refused("METHOD_MISMATCH", rule.name, why);
}

Result<void> ReadPolicy(Rule& rule) {
  const auto& policy = rule.method->options().GetExtension(common::policy);
  for (const int role : policy.roles()) {
    if (role != common::ROLE_UNSPECIFIED)
      rule.roles.push_back(static_cast<Role>(role));
  }
  if (rule.roles.empty()) {
    return Refused("METHOD_WITHOUT_ROLES", rule.name,
                   "has no roles in its proto: nobody could call it");
  }
  if (policy.effect() == common::EFFECT_UNSPECIFIED) {
    return Refused("METHOD_WITHOUT_EFFECT", rule.name,
                   "does not say in its proto what it does to records");
  }
  rule.effect = static_cast<Effect>(policy.effect());
  rule.person_required = policy.person_required();
  rule.logged = policy.logged();
  return {};
}

Result<const FieldDescriptor*> TextField(const Rule& rule,
                                         const Descriptor& message,
                                         const std::string& name) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  if (!field || field->is_repeated() ||
      field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return Mismatch(rule, "has no text field " + name + " in its request");
  }
  return field;
}

// What the Gate reads out of every request of this method.
Result<void> ReadFields(Rule& rule, const Descriptor& request) {
  TRY(rule.area, TextField(rule, request, "area"));
  rule.keys = Keys(request);
  if (rule.effect == Effect::kWrite) {
    TRY(rule.request_id, TextField(rule, request, "request_id"));
  }
  if (rule.effect == Effect::kReadPerson) {
    rule.purpose = request.FindFieldByName("purpose");
    if (!rule.purpose ||
        rule.purpose->message_type() != common::Purpose::descriptor()) {
      return Mismatch(rule, "shows a person but its request has no purpose");
    }
  }
  return {};
}

// Which kind of handler the effect and the shape of the method call for.
bool FitsEffect(const Rule& rule) {
  const Methods::Method& binding = rule.binding;
  if (rule.method->server_streaming()) return bool(binding.follow);
  switch (rule.effect) {
    case Effect::kWrite:
      return bool(binding.prepare);
    case Effect::kReadPerson:
      return bool(binding.read);
    case Effect::kRead:
      return binding.read || binding.ask;
  }
  return false;
}

Result<void> Bind(Rule& rule, const Methods& methods) {
  const auto found = methods.all().find(rule.name);
  if (found == methods.all().end()) {
    return Refused("METHOD_NOT_BOUND", rule.name, "is bound to no handler");
  }
  rule.binding = found->second;
  if (rule.binding.request->GetDescriptor() != rule.method->input_type()) {
    return Mismatch(rule, "is bound to a handler of another request");
  }
  if (rule.method->client_streaming()) {
    if (!rule.method->server_streaming() || rule.binding.bulk_of.empty())
      return Mismatch(rule, "is a client stream but not bound as bulk");
    return {};  // its fields are those of the unary method
  }
  if (!FitsEffect(rule)) {
    return Mismatch(rule, "is bound to a handler that does not fit its effect");
  }
  return ReadFields(rule, *rule.method->input_type());
}

Result<void> JoinBulk(Rule& rule, const Rules& rules) {
  const auto unary = rules.find(rule.binding.bulk_of);
  if (unary == rules.end() || !unary->second->binding.prepare) {
    return Mismatch(rule, "carries requests of a method that is no write");
  }
  rule.unary = unary->second.get();
  rule.item = rule.method->input_type()->FindFieldByNumber(1);
  if (!rule.item ||
      rule.item->message_type() != rule.unary->method->input_type()) {
    return Mismatch(rule, "does not hold the unary request in field 1");
  }
  return {};
}

Result<std::unique_ptr<Rule>> MakeRule(const MethodDescriptor& method,
                                       const Methods& methods) {
  auto rule = std::make_unique<Rule>();
  rule->name = method.service()->full_name() + "/" + method.name();
  rule->method = &method;
  TRY_VOID(ReadPolicy(*rule));
  TRY_VOID(Bind(*rule, methods));
  return rule;
}

}  // namespace

bool Rule::Allows(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Result<Rules> MakeRules(const std::vector<const ServiceDescriptor*>& services,
                        const Methods& methods) {
  if (!methods.doubles().empty()) {
    return Refused("METHOD_BOUND_TWICE", methods.doubles()[0],
                   "is bound to two handlers");
  }
  Rules rules;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); i++) {
      TRY(auto rule, MakeRule(*service->method(i), methods));
      rule->index = rules.size();
      std::string name = rule->name;
      rules.emplace(std::move(name), std::move(rule));
    }
  }
  for (const auto& [name, binding] : methods.all()) {
    if (!rules.contains(name)) {
      return Refused("METHOD_UNKNOWN", name,
                     "is bound but stands in no proto of this server");
    }
  }
  for (auto& [name, rule] : rules) {
    if (!rule->binding.bulk_of.empty()) TRY_VOID(JoinBulk(*rule, rules));
  }
  return rules;
}

}  // namespace seawall::rpc
