// Pushing: the plan's forms over the bulk stream, each agency under its own
// certificate, all agencies at once.
//
// Everything goes through the API. What the server refuses ends the push with
// its reason.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "cli/push.h"
#include "demo/forms.h"
#include "demo/plan.h"
#include "demo/stack.h"

namespace seawall::demo {

// Where progress is drawn.
struct Screen {
  std::ostream& out;
  std::ostream& err;
  int err_width = 0;  // columns; 0 = no terminal
};

// Connections of the seven agencies, each with the certificate of its system
// of that name.
class Agencies {
 public:
  static Result<Agencies> Connect(const Stack& stack,
                                  const std::string& system);
  cli::Remote& of(const std::string& agency) { return *remotes_.at(agency); }

 private:
  std::map<std::string, std::unique_ptr<cli::Remote>> remotes_;
};

struct PushJob {
  std::string label;
  const People& people;
  const std::vector<PlannedForm>& forms;
  Received received = Received::kAsPlanned;
  // Called after each answer with its place in `forms`; may be empty.
  std::function<void(std::size_t form)> answered = {};
};

struct Pushed {
  // The answer of each form, in their order.
  std::vector<referrals::v1::SubmitContactResponse> answers;
  int contacts = 0;
  double seconds = 0;
};

Result<Pushed> PushForms(Agencies& agencies, const PushJob& job,
                         const Screen& screen);

}  // namespace seawall::demo
