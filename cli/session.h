// Session: one run of a command: its settings, the console it writes to, and
// the server it asks.
//
// A command fills in what is its own; area, purpose and request id come from
// the settings. Connects when first asked.
#pragma once

#include <google/protobuf/message.h>

#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "cli/remote.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/ids.h"

namespace seawall::cli {

// The global flags.
struct Settings {
  std::string address = "127.0.0.1:7401";
  std::string certificate;
  std::string key;
  std::string ca;
  std::string as;  // takes certificate and key from the folder `pki`
  std::string pki;
  std::string server_name;
  std::string person;
  std::string area;
  std::string purpose = "safeguarding";
  std::string lawful_basis = "public_task";
  std::string request_id;
  int timeout_seconds = 10;
  bool json = false;
};

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  int out_width = 0;  // columns of the terminal; 0 = none
  int err_width = 0;
};

// What a program is given.
struct World {
  Console console;
  const Clock& clock;
  IdSource& ids;
  Connect connect;
};

class Session {
 public:
  using Message = google::protobuf::Message;

  Session(const World& world, Settings settings)
      : world_(world), settings_(std::move(settings)) {}

  const Settings& settings() const { return settings_; }
  const Console& console() const { return world_.console; }
  std::ostream& out() const { return world_.console.out; }
  const Clock& clock() const { return world_.clock; }
  bool json() const { return settings_.json; }

  // Sends the request, with area, purpose and request id filled in where it has
  // such fields and they are empty.
  template <class Response, class Request>
  Result<Response> Ask(const char* method, Request request) {
    TRY_VOID(Fill(request));
    TRY(Remote * remote, Lane(0));
    Response response;
    const Result<void> answered = remote->Call(method, request, response);
    if (!answered) return Explain(answered.error(), method);
    return response;
  }
  // All pages of an answer as one: `add` puts what a further page brings to the
  // first one.
  template <class Response, class Request, class Add>
  Result<Response> AskAll(const char* method, Request request, Add add) {
    TRY(Response all, Ask<Response>(method, request));
    while (!all.next_page_token().empty()) {
      request.set_page_token(all.next_page_token());
      TRY(Response page, Ask<Response>(method, request));
      all.set_next_page_token(page.next_page_token());
      add(std::move(page), all);
    }
    all.set_more(0);
    return all;
  }
  Result<void> Fill(Message& request) const;

  // The error, with the server's address where nobody answered there, and the
  // service's name where another one answers than has the method.
  Error Explain(Error error, const std::string& method = "");

  // The n-th connection to the server. Valid as long as the session.
  Result<Remote*> Lane(int n);

  // One line of JSON.
  void Print(const Message& message) const;
  // What a text flag says: itself, or with "-" what is on standard input, so
  // that details of a child need not stand on a command line.
  std::string Text(const std::string& flag_value) const;

 private:
  Result<rpc::ClientSettings> ClientSettings(int lane) const;
  std::string WhoAnswers(const std::string& method);

  const World& world_;
  Settings settings_;
  std::vector<std::unique_ptr<Remote>> lanes_;
};

}  // namespace seawall::cli
