#include "services/referrals/handler.h"

#include <absl/strings/str_join.h>
#include <google/protobuf/util/time_util.h>

#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

using google::protobuf::util::TimeUtil;

constexpr char kPoliceSource[] = "6";
constexpr char kPoliceGroup[] = "police";

std::string Known(const CodeSets& codes, const char* set,
                  const std::string& code, Date on) {
  return codes.Valid(set, code, on) ? code : kUnknown;
}

void SetQuality(pb::Quality& to, const rules::Score& score) {
  to.set_rubric_version(score.version);
  to.set_score(score.score);
  to.set_maximum(score.maximum);
  to.set_band(static_cast<pb::QualityBand>(score.band));
  for (const std::string& criterion : score.failed) {
    to.add_failed_criteria(criterion);
  }
}

}  // namespace

void Set(google::protobuf::Timestamp* to, Instant instant) {
  *to = TimeUtil::MicrosecondsToTimestamp(ToMicros(instant));
}

void Set(google::protobuf::Timestamp* to, long long micros) {
  *to = TimeUtil::MicrosecondsToTimestamp(micros);
}

Instant ToInstant(const google::protobuf::Timestamp& time) {
  return FromMicros(TimeUtil::TimestampToMicroseconds(time));
}

Result<void> CheckVersion(const ContactRow& row, long long version) {
  if (version == 0 || version == row.version) return {};
  return Error{Code::kAborted,
               "VERSION_CHANGED",
               "somebody changed the contact since you read it; read it again",
               {{"version", "is " + std::to_string(row.version) + " now"}}};
}

Referrals::Referrals(Parts parts)
    : parts_(std::move(parts)), store_(parts_.store) {}

const google::protobuf::ServiceDescriptor& Referrals::descriptor() const {
  return *pb::SubmitContactRequest::descriptor()->file()->service(0);
}

void Referrals::Bind(rpc::Methods& methods) {
  const std::string in = descriptor().full_name() + "/";
  const std::string service = descriptor().full_name() + "/";
  methods.Write(service + "SubmitContact", this, &Referrals::SubmitContact);
  methods.Bulk<pb::SubmitContactsRequest>(service + "SubmitContacts",
                                          service + "SubmitContact");
  methods.Write(service + "DecideContact", this, &Referrals::DecideContact);
  methods.Write(service + "CloseEpisode", this, &Referrals::CloseEpisode);
  methods.Write(service + "ConfirmSameChild", this,
                &Referrals::ConfirmSameChild);
  methods.Write(service + "CorrectChild", this, &Referrals::CorrectChild);
  methods.Write(service + "ReturnContact", this, &Referrals::ReturnContact);
  methods.Write(service + "AnswerReturn", this, &Referrals::AnswerReturn);
  methods.Write(service + "ConfirmContact", this, &Referrals::ConfirmContact);
  methods.Write(service + "AcknowledgeOutcome", this,
                &Referrals::AcknowledgeOutcome);
  methods.Write(service + "AddToContact", this, &Referrals::AddToContact);
  methods.Write(service + "WithdrawContact", this, &Referrals::WithdrawContact);
  methods.Write(service + "MarkRecordedInError", this,
                &Referrals::MarkRecordedInError);
  methods.Write(service + "ReinstateContact", this,
                &Referrals::ReinstateContact);
  methods.Read(service + "GetContact", this, &Referrals::GetContact);
  methods.Read(service + "FindContacts", this, &Referrals::FindContacts);
  methods.Read(service + "ListContacts", this, &Referrals::ListContacts);
  methods.Read(service + "GetMyContact", this, &Referrals::GetMyContact);
}

// One child's contact, ready to be staged.
struct Referrals::Prepared {
  ContactRow row;
  std::vector<KeyHash> keys;
  std::string sealed;
  std::string event;  // a ContactReceived, serialized
  pb::ContactReceipt receipt;
};

// Agencies speak for themselves; the hub writes down what any agency said.
Result<std::shared_ptr<const rpc::Agency>> Referrals::Attributed(
    const Call& call, const pb::ContactForm& form,
    std::vector<pb::Warning>& warnings) const {
  const std::string& named = form.referrer().agency();
  const bool own = named.empty() || named == call.caller.agency;
  if (!own && call.caller.role != rpc::Role::kHub) {
    return Error{Code::kPermissionDenied,
                 "WRITES_AS_OTHER",
                 "a certificate pushes for its own agency alone; leave "
                 "form.referrer.agency out",
                 {{"form.referrer.agency", "another agency"}}};
  }
  auto agency = parts_.agencies.Find(own ? call.caller.agency : named);
  if (agency) return agency;
  pb::Warning warning;
  warning.set_field("form.referrer.agency");
  warning.set_reason("CODE_UNKNOWN");
  warning.set_description("not in the register; counted as unknown");
  warnings.push_back(std::move(warning));
  rpc::Agency unknown;
  unknown.id = unknown.group = kUnknown;
  return std::make_shared<const rpc::Agency>(std::move(unknown));
}

Result<rpc::Work<pb::SubmitContactResponse>> Referrals::SubmitContact(
    const Call& call, const pb::SubmitContactRequest& request) {
  if (request.form().children_size() > parts_.settings.children_limit) {
    return Error{Code::kInvalidArgument,
                 "TOO_MANY_CHILDREN",
                 "one form is about one family; push the others apart",
                 {{"form.children", "too many"}}};
  }
  std::vector<pb::Warning> warnings;
  TRY(const auto agency, Attributed(call, request.form(), warnings));
  const Circumstances known{parts_.clock.Now(), call.caller.may_backdate,
                            call.caller.role == rpc::Role::kHub};
  const Instant received = ReceivedTime(request.form(), known, warnings);
  TRY(std::vector<Understood> understood,
      ReadForm(request.form(), parts_.codes, CivilDate(received),
               parts_.settings.allow_test_numbers ? TestNumbers::kAllow
                                                  : TestNumbers::kRefuse));
  pb::SubmitContactResponse response;
  std::vector<Prepared> prepared;
  for (Understood& contact : understood) {
    contact.warnings.insert(contact.warnings.begin(), warnings.begin(),
                            warnings.end());
    // A warning about the whole form is given back once.
    std::set<std::string> said;
    for (const pb::Warning& warning : response.warnings()) {
      said.insert(warning.field());
    }
    for (const pb::Warning& warning : contact.warnings) {
      if (!said.count(warning.field())) *response.add_warnings() = warning;
    }
    const int child = static_cast<int>(prepared.size());
    prepared.push_back(Prepare(call, std::move(contact), received, *agency));
    prepared.back().receipt.set_child(child);
    *response.add_receipts() = prepared.back().receipt;
  }
  return rpc::Work<pb::SubmitContactResponse>(
      [this, prepared = std::move(prepared), response = std::move(response),
       received](ledger::Unit& unit) -> Result<pb::SubmitContactResponse> {
        for (const Prepared& contact : prepared) {
          const std::int64_t position =
              unit.Record({pb::ContactReceived::descriptor()->full_name(),
                           contact.event, received});
          ContactRow row = contact.row;
          row.position = position;
          row.recorded_time = ToMicros(unit.now());
          parts_.children.Insert(unit, row, contact.keys);
          store_.Insert(unit.Records(), row, contact.sealed);
          unit.Touched(contact.row.contact_id);
        }
        return response;
      });
}

Understood Referrals::Understand(pb::ContactForm form, Instant received) const {
  // A child that has no concern is still a child.
  form.mutable_concern()->set_text(".");
  Understood understood;
  *understood.form.add_children() = form.children(0);
  if (auto read =
          ReadForm(form, parts_.codes, CivilDate(received),
                   parts_.settings.allow_test_numbers ? TestNumbers::kAllow
                                                      : TestNumbers::kRefuse)) {
    understood = std::move(read->front());
  }
  return understood;
}

Understood Referrals::Understand(pb::Child child, Instant received) const {
  const std::string la_child_id = child.la_child_id();
  pb::ContactForm form;
  *form.add_children() = std::move(child);
  Understood understood = Understand(std::move(form), received);
  understood.identity.child.la_child_id = BareCode(la_child_id);
  return understood;
}

Understood Referrals::Understand(const pb::SealedContact& details,
                                 Instant received) const {
  pb::ContactForm form = details.form();
  if (form.children().empty()) form.add_children();
  for (const pb::HouseholdMember& sibling : details.siblings()) {
    *form.add_household() = sibling;
  }
  return Understand(std::move(form), received);
}

// In slices: what is made anew is all of the store.
Result<void> Referrals::MakeKeysAnew(store::Session& writer) const {
  TRY(const std::vector<std::string> areas, ledger::ReadAreas(writer));
  for (const std::string& area : areas) {
    store::SessionRecords records(writer, area);
    std::string after;
    do {
      TRY_VOID(writer.Begin());
      const auto last = MakeKeysAnew(records, after);
      if (!last) {
        writer.Rollback();
        return last.error();
      }
      TRY_VOID(writer.Commit());
      after = *last;
    } while (!after.empty());
  }
  return {};
}

Result<std::string> Referrals::MakeKeysAnew(store::SessionRecords& records,
                                            const std::string& after) const {
  constexpr int kASlice = 500;
  TRY(std::vector<ContactRow> rows,
      store_.ContactsAfter(records, after, kASlice));
  for (ContactRow& row : rows) {
    TRY(const pb::SealedContact details,
        store_.Details(records, row.contact_id));
    TRY_VOID(parts_.children.Redescribe(
        records, Understand(details, FromMicros(row.received_time)).identity,
        row));
  }
  TRY_VOID(records.Flush());
  return rows.size() < kASlice ? std::string() : rows.back().contact_id;
}

Result<ContactRow> Referrals::Admit(ledger::Unit& unit, const Call& call,
                                    const pb::ContactForm& form,
                                    Instant received) const {
  std::vector<pb::Warning> warnings;
  TRY(const auto agency, Attributed(call, form, warnings));
  Understood understood = Understand(form.children(0), received);
  understood.facts.source = form.source();
  understood.facts.need = form.concern().primary_need();
  understood.facts.channel = static_cast<Channel>(form.channel());
  understood.form = form;
  Prepared contact = Prepare(call, std::move(understood), received, *agency);
  unit.Records().Fresh(contact.row.contact_id);
  contact.row.position =
      unit.Record({pb::ContactReceived::descriptor()->full_name(),
                   contact.event, received});
  contact.row.recorded_time = ToMicros(unit.now());
  parts_.children.Insert(unit, contact.row, contact.keys);
  store_.Insert(unit.Records(), contact.row, contact.sealed);
  unit.Touched(contact.row.contact_id);
  return std::move(contact.row);
}

Referrals::Prepared Referrals::Prepare(const Call& call, Understood understood,
                                       Instant received,
                                       const rpc::Agency& agency) const {
  Facts& facts = understood.facts;
  facts.from_police =
      agency.group == kPoliceGroup || facts.source == kPoliceSource;
  const Date day = CivilDate(received);
  const ClockRules& clocks = parts_.steps.clocks();
  const Instant due = Due(*clocks.Find("decision"), received, parts_.calendar);
  const rules::Score score = rules::ScoreOf(facts, parts_.rubric);
  Prepared prepared;
  ContactRow& row = prepared.row;
  row.contact_id = parts_.ids.New("C");
  row.route = rules::RouteOf(facts, parts_.routing);
  row.priority = rules::PriorityOf(facts);
  row.channel = facts.channel;
  row.agency = agency.id;
  row.agency_group = agency.group;
  row.recorded_by = call.caller.agency;
  row.source = Known(parts_.codes, "source", facts.source, day);
  row.need = Known(parts_.codes, "need", facts.need, day);
  row.level = facts.level;
  row.consent = facts.consent;
  row.under_one = rules::IsUnder(facts, parts_.routing.child_under_years, day);
  row.police = facts.from_police || facts.police_report;
  row.age_band = rules::AgeBand(facts, day);
  if (row.age_band.empty()) row.age_band = kUnknown;
  row.quality_band = score.band;
  row.quality_score = score.score;
  row.quality_maximum = score.maximum;
  row.rubric_version = score.version;
  row.failed_criteria = absl::StrJoin(score.failed, " ");
  row.received_time = ToMicros(received);
  row.received_date = FormatDate(day);
  row.due_time = ToMicros(due);
  row.due_date = FormatDate(DueDate(due));

  pb::ContactReceipt& receipt = prepared.receipt;
  // Who holds no certificate cannot confirm.
  if (row.channel == Channel::kPhone && agency.kind != "public" &&
      agency.id != kUnknown) {
    const Instant confirm =
        Due(*clocks.Find("confirmation"), received, parts_.calendar);
    row.confirmation_due_date = FormatDate(DueDate(confirm));
    Set(receipt.mutable_confirmation_due_time(), confirm);
  }
  receipt.set_contact_id(row.contact_id);
  Set(receipt.mutable_received_time(), received);
  Set(receipt.mutable_decision_due_time(), due);
  receipt.set_priority(static_cast<pb::Priority>(row.priority));
  receipt.set_route(static_cast<pb::Route>(row.route));
  SetQuality(*receipt.mutable_quality(), score);

  prepared.keys = parts_.children.KeysOf(understood.identity);
  parts_.children.Describe(call.area, understood.identity, prepared.keys, row);
  pb::SealedContact details;
  for (const pb::Warning& warning : understood.warnings) {
    *details.add_warnings() = warning;
  }
  for (pb::HouseholdMember& sibling : understood.siblings) {
    *details.add_siblings() = std::move(sibling);
  }
  *details.mutable_form() = std::move(understood.form);
  prepared.sealed = store_.SealDetails(call.area, row.contact_id, details);
  pb::ContactReceived event;
  event.set_contact_id(row.contact_id);
  *event.mutable_dimensions() = DimensionsOf(row);
  event.set_confirmation_due_date(row.confirmation_due_date);
  prepared.event = event.SerializeAsString();
  return prepared;
}

}  // namespace seawall::referrals
