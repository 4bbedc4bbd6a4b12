// One child with very many contacts: what it costs to read and to decide, one
// call at a time. Whoever may push can make such a child.
#include <seawall/referrals/v1/journey.pb.h>

#include "tests/load/sections.h"
#include "tests/system/forms.h"

namespace seawall::load {
namespace {

constexpr int kContacts = 5000;
constexpr int kOnAForm = 20;
constexpr int kCalls = 40;
constexpr double kMostMs = 100;

constexpr char kSubmit[] =
    "seawall.referrals.v1.ReferralsService/SubmitContact";
constexpr char kGet[] = "seawall.referrals.v1.ReferralsService/GetContact";
constexpr char kDecide[] =
    "seawall.referrals.v1.ReferralsService/DecideContact";
constexpr char kChronology[] =
    "seawall.referrals.v1.JourneyService/GetChronology";

// The ids of the contacts, the newest last.
std::vector<std::string> PushChild(const support::Stack& stack) {
  const auto police = stack.As(support::kPolice);
  std::vector<std::string> ids;
  for (int i = 0; i < kContacts; i += kOnAForm) {
    Form form;
    pb::SubmitContactRequest request = form.About(7, "one-child");
    request.set_request_id("one-child-" + std::to_string(i));
    const pb::Child child = request.form().children(0);
    for (int k = 1; k < kOnAForm; k++) {
      *request.mutable_form()->add_children() = child;
    }
    pb::SubmitContactResponse response;
    Must("pushing", police->Call(kSubmit, request, response));
    for (const auto& one : response.receipts()) ids.push_back(one.contact_id());
  }
  return ids;
}

// Each call of a purpose where it shows a person.
template <class Response, class Request>
Row Time(const std::string& name, const char* engine, rpc::Client& client,
         const char* method, std::vector<Request> requests) {
  std::vector<float> times;
  for (Request& request : requests) {
    request.set_area(support::kArea);
    if constexpr (requires { request.mutable_purpose(); }) {
      request.mutable_purpose()->set_purpose("safeguarding");
      request.mutable_purpose()->set_lawful_basis("public_task");
    }
    Response response;
    const auto begun = std::chrono::steady_clock::now();
    Must(name.c_str(), client.Call(method, request, response));
    const auto took = std::chrono::steady_clock::now() - begun;
    times.push_back(std::chrono::duration<float, std::milli>(took).count());
  }
  Row row;
  row.name = name;
  row.store = engine;
  row.in_flight = 1;
  row.p50_ms = Percentile(times, 0.5);
  row.p99_ms = Percentile(times, 0.99);
  row.target = "< 100 ms";
  row.met = row.p99_ms < kMostMs;
  return row;
}

}  // namespace

void OneChild(const Plan& plan, Report& report) {
  for (const store::Engine engine : plan.stores) {
    const auto stack = StartStack(engine, BenchPostgres());
    const std::vector<std::string> ids = PushChild(*stack);
    const auto hub = stack->As(support::kHub, support::kPerson);
    std::vector<pb::GetContactRequest> gets(kCalls);
    std::vector<pb::GetChronologyRequest> chronologies(kCalls);
    std::vector<pb::DecideContactRequest> decisions(kCalls);
    for (int i = 0; i < kCalls; i++) {
      const std::string& id = ids[ids.size() - 1 - static_cast<std::size_t>(i)];
      gets[i].set_contact_id(id);
      chronologies[i].set_subject_id(id);
      decisions[i].set_contact_id(id);
      decisions[i].set_request_id("one-child-decided-" + std::to_string(i));
      decisions[i].set_decision(i == 0 ? pb::DECISION_REFERRAL
                                       : pb::DECISION_JOINS_OPEN_EPISODE);
      decisions[i].set_rationale("Test rationale");
      decisions[i].set_triage_decision("Test triage decision");
    }
    const std::string of = "of a child with 5,000 contacts";
    report.Add(Time<pb::GetContactResponse>("GetContact " + of, NameOf(engine),
                                            *hub, kGet, gets));
    report.Add(Time<pb::DecideContactResponse>(
        "DecideContact " + of, NameOf(engine), *hub, kDecide, decisions));
    report.Add(Time<pb::GetChronologyResponse>("GetChronology " + of,
                                               NameOf(engine), *hub,
                                               kChronology, chronologies));
  }
}

}  // namespace seawall::load
