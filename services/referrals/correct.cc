// Correcting what a contact says of its child: a number traced later, a mended
// name, a birth. What was said before is kept with the correction, so that it
// can be undone; whom the contact is matched with changes at once.
#include "services/referrals/change.h"
#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kCorrection[] = "CORRECTION";

Error Invalid(const char* reason, const char* message, const char* field,
              const std::string& what) {
  return Error{Code::kInvalidArgument, reason, message, {{field, what}}};
}

const FieldDescriptor* FieldOf(const std::string& name) {
  return pb::Child::descriptor()->FindFieldByName(name);
}

// The fields of `from` named, all others empty.
pb::Child Only(const pb::Child& from, const std::vector<std::string>& fields) {
  pb::Child only = from;
  for (int i = 0; i < pb::Child::descriptor()->field_count(); i++) {
    const FieldDescriptor* field = pb::Child::descriptor()->field(i);
    if (std::find(fields.begin(), fields.end(), field->name()) ==
        fields.end()) {
      only.GetReflection()->ClearField(&only, field);
    }
  }
  return only;
}

std::vector<std::string> Differing(const pb::Child& one,
                                   const pb::Child& other) {
  std::vector<std::string> fields;
  for (int i = 0; i < pb::Child::descriptor()->field_count(); i++) {
    const std::string& name = pb::Child::descriptor()->field(i)->name();
    if (Only(one, {name}).SerializeAsString() !=
        Only(other, {name}).SerializeAsString()) {
      fields.push_back(name);
    }
  }
  return fields;
}

// Fields that `with` states replace those of `child`, lists whole; those named
// become what `with` has, be it nothing.
pb::Child Replace(pb::Child child, const pb::Child& with,
                  const std::vector<std::string>& named) {
  const auto* reflection = child.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  with.GetReflection()->ListFields(with, &fields);
  for (const std::string& name : named) {
    if (const FieldDescriptor* field = FieldOf(name)) fields.push_back(field);
  }
  for (const FieldDescriptor* field : fields) {
    reflection->ClearField(&child, field);
  }
  child.MergeFrom(with);
  return child;
}

}  // namespace

// What the child is after the correction that is asked for.
Result<pb::Child> Referrals::Corrected(
    const Records& records, const Call& call, const ContactRow& row,
    const pb::Child& child, const pb::CorrectChildRequest& request) const {
  std::vector<std::string> named;
  pb::Child with = request.child();
  if (request.undoes() != 0) {
    TRY(const std::vector<NoteRow> notes,
        store_.Notes(records, row.contact_id));
    const auto note =
        std::find_if(notes.begin(), notes.end(), [&](const NoteRow& one) {
          return one.number == request.undoes() && one.kind == kCorrection;
        });
    if (note == notes.end()) {
      return Invalid("CORRECTION_NOT_FOUND",
                     "the contact has no such correction", "undoes",
                     "number " + std::to_string(request.undoes()));
    }
    TRY(const pb::SealedNote sealed, store_.Open(records, *note));
    with = sealed.correction().before();
    named.assign(sealed.correction().fields().begin(),
                 sealed.correction().fields().end());
    return Replace(child, with, named);
  }
  for (const std::string& name : request.empty()) {
    if (FieldOf(name) == nullptr) {
      return Invalid("FIELD_UNKNOWN", "a child of a form has no such field",
                     "empty", name);
    }
    named.push_back(name);
  }
  // The council alone gives its ids.
  if (call.caller.role != rpc::Role::kHub) {
    with.clear_la_child_id();
    std::erase(named, "la_child_id");
  }
  return Replace(child, with, named);
}

Result<Mended> Referrals::Mend(ledger::Unit& unit, ContactRow& row,
                               const pb::Child& after,
                               pb::ChildCorrection correction) const {
  Records& records = unit.Records();
  Mended mended;
  TRY(pb::SealedContact details, store_.Details(records, row.contact_id));
  if (details.form().children_size() == 0) {
    details.mutable_form()->add_children();
  }
  pb::Child& child = *details.mutable_form()->mutable_children(0);
  mended.fields = Differing(child, after);
  if (mended.fields.empty()) return mended;
  *correction.mutable_before() = Only(child, mended.fields);
  *correction.mutable_after() = Only(after, mended.fields);
  for (const std::string& field : mended.fields) correction.add_fields(field);
  correction.set_corrected_by(unit.By());
  Set(correction.mutable_corrected_time(), unit.clock());

  TRY(const std::vector<Member> before,
      parts_.children.SameChild(records, row));
  TRY(const std::vector<EpisodeRow> episodes,
      store_.Episodes(records, IdsOf(before)));
  const Instant received = FromMicros(row.received_time);
  child = after;
  const Understood understood = Understand(details, received);
  mended.warnings = understood.warnings;
  row.under_one = rules::IsUnder(
      understood.facts, parts_.routing.child_under_years, CivilDate(received));
  Identity identity = understood.identity;
  // Matched on where the council says it; a census keeps what it said.
  if (std::find(mended.fields.begin(), mended.fields.end(), "la_child_id") !=
      mended.fields.end()) {
    identity.child.la_child_id = BareCode(after.la_child_id());
  }
  TRY_VOID(store_.Reseal(records, row.contact_id, details));
  TRY_VOID(parts_.children.Redescribe(records, identity, row));

  pb::ChildCorrected event;
  event.set_contact_id(row.contact_id);
  event.set_undoes(correction.undoes());
  *event.mutable_fields() = correction.fields();
  const auto position = unit.Record(event, unit.clock());
  pb::SealedNote note;
  *note.mutable_correction() = std::move(correction);
  TRY(mended.number, store_.Add(records,
                                {.contact_id = row.contact_id,
                                 .kind = kCorrection,
                                 .noted_time = ToMicros(unit.clock()),
                                 .position = position},
                                note));
  // The child that it is by now, and those that it linked before.
  TRY_VOID(RemarkChildOf(unit, row, mended.changed_episodes));
  TRY_VOID(
      RemarkEach(unit, episodes, {row.contact_id}, mended.changed_episodes));
  return mended;
}

Result<rpc::Work<pb::CorrectChildResponse>> Referrals::CorrectChild(
    const Call& call, const pb::CorrectChildRequest& request) {
  if (request.rationale().empty()) {
    return Invalid("RATIONALE_REQUIRED", "say why it is corrected", "rationale",
                   "missing");
  }
  return Changing<pb::CorrectChildResponse>(
      call, request.contact_id(),
      [this, call, request](
          Change& change, pb::CorrectChildResponse& response) -> Result<void> {
        ContactRow& row = change.row;
        TRY_VOID(CheckVersion(row, request.version()));
        TRY(const pb::Child child,
            store_.ChildOf(change.unit.Records(), row.contact_id));
        TRY(const pb::Child after,
            Corrected(change.unit.Records(), call, row, child, request));
        pb::ChildCorrection correction;
        correction.set_rationale(request.rationale());
        correction.set_undoes(request.undoes());
        TRY(const Mended mended,
            Mend(change.unit, row, after, std::move(correction)));
        if (mended.fields.empty()) {
          return Error{Code::kFailedPrecondition, "NOTHING_CORRECTED",
                       "the contact says so already"};
        }
        response.set_number(mended.number);
        for (const std::string& field : mended.fields) {
          response.add_fields(field);
        }
        for (pb::Warning warning : mended.warnings) {
          // "form.children[0].nhs_number" is "child.nhs_number" here.
          const std::string& path = warning.field();
          const std::size_t dot = path.find("].");
          if (dot == std::string::npos) continue;
          warning.set_field("child." + path.substr(dot + 2));
          *response.add_warnings() = std::move(warning);
        }
        for (const std::string& id : mended.changed_episodes) {
          response.add_changed_episode_ids(id);
        }
        return {};
      });
}

}  // namespace seawall::referrals
