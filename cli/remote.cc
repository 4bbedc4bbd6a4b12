#include "cli/remote.h"

namespace seawall::cli {
namespace {

class ClientRemote : public Remote {
 public:
  explicit ClientRemote(std::unique_ptr<rpc::Client> client)
      : client_(std::move(client)) {}

  Result<void> Call(const std::string& method, const Message& request,
                    Message& response) override {
    return client_->Call(method, request, response);
  }
  std::unique_ptr<Bulk> OpenBulk(
      const std::string& method, const Message& reply_prototype,
      std::function<void(const Message& reply)> reply) override {
    return client_->OpenBulk(method, reply_prototype, std::move(reply));
  }
  Result<void> Healthy() override { return client_->Healthy(); }

 private:
  std::unique_ptr<rpc::Client> client_;
};

}  // namespace

Result<std::unique_ptr<Remote>> ConnectRemote(
    const rpc::ClientSettings& settings) {
  TRY(std::unique_ptr<rpc::Client> client, rpc::Client::Connect(settings));
  return std::unique_ptr<Remote>(
      std::make_unique<ClientRemote>(std::move(client)));
}

}  // namespace seawall::cli
