#include "libs/rpc/policy.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

using google::protobuf::FileDescriptorProto;

// A service whose only method comes without a policy, or with the one given.
class Described {
 public:
  explicit Described(const std::string& policy_text,
                     bool with_request_id = true) {
    pool_.AllowUnknownDependencies();
    FileDescriptorProto file;
    file.set_name("test.proto");
    file.set_package("test");
    file.set_syntax("proto3");
    auto* request = file.add_message_type();
    request->set_name("ChangeRequest");
    AddText(*request, "area", 1);
    if (with_request_id) AddText(*request, "request_id", 2);
    file.add_message_type()->set_name("ChangeResponse");
    auto* service = file.add_service();
    service->set_name("ChangeService");
    auto* method = service->add_method();
    method->set_name("Change");
    method->set_input_type(".test.ChangeRequest");
    method->set_output_type(".test.ChangeResponse");
    auto& policy =
        *method->mutable_options()->MutableExtension(common::v1::policy);
    if (policy_text == "none") {
      method->clear_options();
    } else if (policy_text != "roles only") {
      policy.set_effect(common::v1::EFFECT_WRITE);
    }
    if (policy_text == "full" || policy_text == "roles only")
      policy_add(*method);
    descriptor_ = pool_.BuildFile(file)->service(0);
  }
  const google::protobuf::ServiceDescriptor* service() const {
    return descriptor_;
  }
  // A handler of the right request.
  Methods::Method Binding() {
    Methods::Method method;
    method.request =
        factory_.GetPrototype(descriptor_->method(0)->input_type());
    return method;
  }

 private:
  static void AddText(google::protobuf::DescriptorProto& message,
                      const char* name, int number) {
    auto* field = message.add_field();
    field->set_name(name);
    field->set_number(number);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  }
  static void policy_add(google::protobuf::MethodDescriptorProto& method) {
    method.mutable_options()
        ->MutableExtension(common::v1::policy)
        ->add_roles(common::v1::ROLE_HUB);
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::ServiceDescriptor* descriptor_ = nullptr;
};

// Binds the referrals service's methods, but for those left out.
std::string ReasonOfRules(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services,
    const Methods& methods) {
  const auto rules = MakeRules(services, methods);
  return rules ? "OK" : rules.error().reason;
}

TEST(Policy, EveryMethodOfOurProtosIsComplete) {
  FakeFrontDoor front_door;
  Methods methods;
  front_door.Bind(methods);
  const auto rules = MakeRules({&front_door.descriptor()}, methods);
  ASSERT_TRUE(rules) << rules.error().message;
  const Rule& get = *rules->at(kGet);
  EXPECT_EQ(get.effect, Effect::kReadPerson);
  EXPECT_TRUE(get.person_required);
  EXPECT_TRUE(get.Allows(Role::kHub));
  EXPECT_FALSE(get.Allows(Role::kReferrer));
  EXPECT_FALSE(get.Allows(Role::kUnspecified));
  EXPECT_EQ(rules->at(kSubmitMany)->unary, rules->at(kSubmit).get());
}

TEST(Policy, AMethodWithoutRolesIsRefused) {
  Methods methods;
  for (const char* policy : {"none", "effect only"}) {
    Described described(policy);
    EXPECT_EQ(ReasonOfRules({described.service()}, methods),
              "METHOD_WITHOUT_ROLES")
        << policy;
  }
}

TEST(Policy, AMethodWithoutEffectIsRefused) {
  Described described("roles only");
  Methods methods;
  EXPECT_EQ(ReasonOfRules({described.service()}, methods),
            "METHOD_WITHOUT_EFFECT");
}

TEST(Policy, AMethodThatNobodyHandlesIsRefused) {
  Described described("full");
  Methods methods;
  const auto rules = MakeRules({described.service()}, methods);
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().reason, "METHOD_NOT_BOUND");
  EXPECT_NE(rules.error().message.find("test.ChangeService/Change"),
            std::string::npos);
}

TEST(Policy, AMethodBoundTwiceOrUnknownIsRefused) {
  FakeFrontDoor front_door;
  Methods twice;
  front_door.Bind(twice);
  front_door.Bind(twice);
  EXPECT_EQ(ReasonOfRules({&front_door.descriptor()}, twice),
            "METHOD_BOUND_TWICE");
  Methods unknown;
  front_door.Bind(unknown);
  EXPECT_EQ(ReasonOfRules({}, unknown), "METHOD_UNKNOWN");
}

TEST(Policy, AHandlerOfAnotherRequestIsRefused) {
  Described described("full");
  struct Object {
    Result<Work<pb::SubmitContactResponse>> Submit(
        const Call&, const pb::SubmitContactRequest&) {
      return Work<pb::SubmitContactResponse>();
    }
  } object;
  Methods methods;
  methods.Write("test.ChangeService/Change", &object, &Object::Submit);
  EXPECT_EQ(ReasonOfRules({described.service()}, methods), "METHOD_MISMATCH");
}

TEST(Policy, AServerWithAMethodWithoutRolesDoesNotStart) {
  static Described described("none");
  class Open : public Service {
   public:
    const google::protobuf::ServiceDescriptor& descriptor() const override {
      return *described.service();
    }
    void Bind(Methods&) override {}
  } open;
  TestServer test;
  auto server = Server::Create("referrals", test.settings);
  ASSERT_TRUE(server);
  Domain domain;
  domain.services = {&open};
  const auto started = (*server)->Start(std::move(domain));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "METHOD_WITHOUT_ROLES");
  EXPECT_EQ((*server)->port(), 0);
}

}  // namespace
}  // namespace seawall::rpc
