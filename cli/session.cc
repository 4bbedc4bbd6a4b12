#include "cli/session.h"

#include <seawall/common/v1/operations.pb.h>
#include <seawall/common/v1/purpose.pb.h>

#include <iterator>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/methods.h"

namespace seawall::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The text field of that name if the message has one and it is empty.
const FieldDescriptor* EmptyField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr ||
      !message.GetReflection()->GetString(message, field).empty())
    return nullptr;
  return field;
}

void SetText(Message& message, const FieldDescriptor* field,
             const std::string& text) {
  message.GetReflection()->SetString(&message, field, text);
}

Error Missing(const std::string& flag, const std::string& variable) {
  return Usage(flag + " is missing; give it or set " + variable);
}

}  // namespace

Result<void> Session::Fill(Message& request) const {
  if (const auto* area = EmptyField(request, "area")) {
    if (settings_.area.empty()) return Missing("--area", "SEAWALL_AREA");
    SetText(request, area, settings_.area);
  }
  if (const auto* id = EmptyField(request, "request_id"))
    SetText(request, id,
            settings_.request_id.empty() ? world_.ids.New("R")
                                         : settings_.request_id);
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("purpose");
  if (field == nullptr) return {};
  common::v1::Purpose purpose;
  purpose.set_purpose(settings_.purpose);
  purpose.set_lawful_basis(settings_.lawful_basis);
  request.GetReflection()->MutableMessage(&request, field)->CopyFrom(purpose);
  return {};
}

Result<rpc::ClientSettings> Session::ClientSettings(int lane) const {
  rpc::ClientSettings client{.address = settings_.address,
                             .certificate = settings_.certificate,
                             .key = settings_.key,
                             .ca = settings_.ca};
  client.server_name = settings_.server_name;
  client.person = settings_.person;
  client.timeout = std::chrono::seconds(settings_.timeout_seconds);
  client.wait_for_ready = false;
  client.connection = lane;
  if (!settings_.as.empty()) {
    if (settings_.pki.empty()) return Missing("--pki for --as", "SEAWALL_PKI");
    client.certificate = settings_.pki + "/" + settings_.as + ".crt";
    client.key = settings_.pki + "/" + settings_.as + ".key";
    if (client.ca.empty()) client.ca = settings_.pki + "/ca.crt";
  }
  if (client.certificate.empty())
    return Missing("--certificate or --as NAME", "SEAWALL_CERTIFICATE");
  if (client.key.empty()) return Missing("--key", "SEAWALL_KEY");
  if (client.ca.empty()) return Missing("--ca", "SEAWALL_CA");
  return client;
}

Error Session::Explain(Error error, const std::string& method) {
  if (error.reason == "STATUS_UNAVAILABLE")
    error.message = "no server answers at " + settings_.address + " (" +
                    error.message + ")";
  if (error.reason == kNotThere) error.message = WhoAnswers(method);
  return error;
}

// "seawall.waiting.v1.WaitingService/…" is of the service `waiting`.
std::string Session::WhoAnswers(const std::string& method) {
  const std::size_t package = method.find('.') + 1;
  const std::string wanted =
      method.substr(package, method.find('.', package) - package);
  common::v1::WhoAmIRequest request;
  request.set_area(settings_.area);
  common::v1::WhoAmIResponse who;
  const auto lane = Lane(0);
  const bool known = lane && (*lane)->Call(kWhoAmI, request, who);
  return "the server at " + settings_.address +
         (known && !who.service().empty()
              ? " is seawall-" + who.service() + " and"
              : "") +
         " does not know this command" +
         (wanted.empty() ? "" : "; it is for seawall-" + wanted);
}

Result<Remote*> Session::Lane(int n) {
  while (static_cast<int>(lanes_.size()) <= n) {
    TRY(const rpc::ClientSettings client,
        ClientSettings(static_cast<int>(lanes_.size())));
    auto remote = world_.connect(client);
    if (!remote && !IsTransient(remote.error()))
      return Usage(remote.error().message);  // a file that cannot be read
    if (!remote) return std::move(remote).error();
    lanes_.push_back(*std::move(remote));
  }
  return lanes_[n].get();
}

void Session::Print(const Message& message) const {
  out() << ToJson(message) << '\n';
}

std::string Session::Text(const std::string& flag_value) const {
  if (flag_value != "-") return flag_value;
  std::string text(std::istreambuf_iterator<char>(world_.console.in), {});
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

}  // namespace seawall::cli
