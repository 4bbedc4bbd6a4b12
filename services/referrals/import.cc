// Taking a child of a children in need census: what is new is recorded, what is
// there stays, what breaks a rule is left out and reported.
#include <algorithm>
#include <numeric>

#include "services/referrals/events.h"
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {

// A step of the census on its way in.
struct Incoming {
  Step step;
  std::string field;
  // The thing of the file it begins, ends or is about.
  std::string thing;
  // A review that may be the one that ends the plan.
  bool is_last_review = false;
};

namespace {

constexpr char kImported[] = "IMPORTED";
// What the records say of a code that is none of its set.
constexpr char kUnknownCode[] = "unknown";
constexpr char kBecause[] = "From a children in need census.";

// The order of what happened on one day.
int Rank(const Incoming& incoming) {
  // Before the plan ends, which it may on that day.
  if (incoming.is_last_review) return 5;
  switch (incoming.step.kind) {
    case StepKind::kSection47Completed:
      return 4;
    case StepKind::kConferenceHeld:
      return 5;
    case StepKind::kProtectionPlanStarted:
      return 7;
    case StepKind::kAssessmentAuthorised:
    case StepKind::kProtectionPlanReviewed:
      return 8;
    case StepKind::kProtectionPlanEnded:
    case StepKind::kChildInNeedPlanEnded:
      // A plan of one kind may end on the day the other starts.
      return 6;
    case StepKind::kEpisodeClosed:
      return 10;
    default:
      return 1;
  }
}

class Reader {
 public:
  Reader(const pb::CensusEpisode& episode, std::string path)
      : episode_(episode), path_(std::move(path)) {}

  // The steps in the order in which they happened; days that are none are
  // refused.
  std::vector<Incoming> Read(
      google::protobuf::RepeatedPtrField<pb::ImportRefusal>& refused) {
    refused_ = &refused;
    for (int i = 0; i < episode_.assessments_size(); i++) Assessment(i);
    for (int i = 0; i < episode_.enquiries_size(); i++) Enquiry(i);
    if (Incoming* one = Add(StepKind::kConferenceHeld, "conference_date",
                            episode_.conference_date(), "transfer")) {
      one->step.flags.insert("TRANSFER_IN");
      one->step.outcome = OutcomeOn(episode_.conference_date());
    }
    for (int i = 0; i < episode_.protection_plans_size(); i++) Plan(i);
    for (int i = 0; i < episode_.child_in_need_plans_size(); i++) {
      const pb::CensusSpan& span = episode_.child_in_need_plans(i);
      const std::string at = Item("child_in_need_plans", i);
      Add(StepKind::kChildInNeedPlanStarted, at + ".start_date",
          span.start_date(), at);
      Add(StepKind::kChildInNeedPlanEnded, at + ".end_date", span.end_date(),
          at);
    }
    Closing();
    std::stable_sort(steps_.begin(), steps_.end(),
                     [](const Incoming& one, const Incoming& other) {
                       return std::tuple(one.step.date, Rank(one)) <
                              std::tuple(other.step.date, Rank(other));
                     });
    return std::move(steps_);
  }

 private:
  static std::string Item(const char* name, int i) {
    return std::string(name) + "[" + std::to_string(i) + "]";
  }

  // Null for a day that is missing or none.
  Incoming* Add(StepKind kind, const std::string& field,
                const std::string& text, const std::string& thing) {
    if (text.empty()) return nullptr;
    const std::optional<Date> date = census::ParseCensusDate(text);
    if (!date) {
      pb::ImportRefusal& refusal = *refused_->Add();
      refusal.set_field(path_ + "." + field);
      refusal.set_rule("DATE_IMPOSSIBLE");
      refusal.set_description("not a day");
      return nullptr;
    }
    Incoming& one = steps_.emplace_back();
    one.step.kind = kind;
    one.step.date = *date;
    one.step.flags.insert(kImported);
    one.field = path_ + "." + field;
    one.thing = thing;
    return &one;
  }

  void Assessment(int i) {
    const pb::CensusAssessment& from = episode_.assessments(i);
    const std::string at = Item("assessments", i);
    Add(StepKind::kAssessmentStarted, at + ".start_date", from.start_date(),
        at);
    Add(StepKind::kChildSeen, at + ".child_seen_date", from.child_seen_date(),
        at);
    Add(StepKind::kAssessmentReviewed, at + ".review_date", from.review_date(),
        at);
    if (Incoming* one =
            Add(StepKind::kAssessmentAuthorised, at + ".authorisation_date",
                from.authorisation_date(), at)) {
      one->step.codes = {from.factors().begin(), from.factors().end()};
      one->step.outcome = from.outcome();
    }
  }

  // The census has no day for the end of an enquiry: one without a conference
  // is counted as completed on the day it started.
  void Enquiry(int i) {
    const pb::CensusSection47& from = episode_.enquiries(i);
    const std::string at = Item("enquiries", i);
    if (Incoming* one = Add(StepKind::kStrategyDiscussionHeld,
                            at + ".start_date", from.start_date(), at)) {
      one->step.flags.insert("SECTION_47");
    }
    const bool held = !from.conference_date().empty();
    if (held || from.conference_not_required()) {
      if (Incoming* one = Add(
              StepKind::kSection47Completed, at + ".conference_not_required",
              held ? from.conference_date() : from.start_date(), at)) {
        one->step.outcome = held ? "CONFERENCE" : "OTHER";
      }
    }
    if (Incoming* one = Add(StepKind::kConferenceHeld, at + ".conference_date",
                            from.conference_date(), at)) {
      one->step.outcome = OutcomeOn(from.conference_date());
    }
  }

  void Plan(int i) {
    const pb::CensusPlan& from = episode_.protection_plans(i);
    const std::string at = Item("protection_plans", i);
    if (Incoming* one = Add(StepKind::kProtectionPlanStarted,
                            at + ".start_date", from.start_date(), at)) {
      one->step.outcome = from.initial_category();
      one->step.level = from.previous_plans();
    }
    for (int r = 0; r < from.review_dates_size(); r++) {
      Incoming* one =
          Add(StepKind::kProtectionPlanReviewed,
              at + "." + Item("review_dates", r), from.review_dates(r), at);
      if (one == nullptr) continue;
      one->is_last_review = from.review_dates(r) == from.end_date() &&
                            from.end_date() != from.start_date();
      // The census does not say at which review the category changed.
      if (r + 1 == from.review_dates_size()) {
        one->step.outcome = from.latest_category();
      }
    }
    Add(StepKind::kProtectionPlanEnded, at + ".end_date", from.end_date(), at);
  }

  void Closing() {
    const bool nfa = episode_.no_further_action();
    const std::string& date = episode_.closure_date().empty() && nfa
                                  ? episode_.referral_date()
                                  : episode_.closure_date();
    if (Incoming* one =
            Add(StepKind::kEpisodeClosed, "closure_date", date, "closing")) {
      one->step.outcome = episode_.closure_reason();
      if (nfa) one->step.flags.insert("NFA");
    }
  }

  // The census tells the outcome of a conference by the plan that follows.
  std::string OutcomeOn(const std::string& date) const {
    for (const pb::CensusPlan& plan : episode_.protection_plans()) {
      if (plan.start_date() == date) return "PROTECTION_PLAN";
    }
    return "OTHER";
  }

  const pb::CensusEpisode& episode_;
  const std::string path_;
  std::vector<Incoming> steps_;
  google::protobuf::RepeatedPtrField<pb::ImportRefusal>* refused_ = nullptr;
};

// The step of the same kind and day about the same thing, if it is there.
const Step* There(const Journey& journey, const Incoming& incoming,
                  const std::string& thing) {
  for (const Step& step : journey.steps) {
    if (step.is_void || step.kind != incoming.step.kind) continue;
    const bool begins = Begins(step.kind) != nullptr;
    if (step.date == incoming.step.date &&
        (begins || step.kind == StepKind::kEpisodeClosed ||
         step.thing_id == thing)) {
      return &step;
    }
  }
  return nullptr;
}

void Refuse(const std::string& field, const Error& error,
            pb::ImportChildResponse& report) {
  pb::ImportRefusal& refusal = *report.add_refused();
  refusal.set_field(field);
  const bool rule = error.reason == "RULE_BROKEN" && !error.fields.empty();
  refusal.set_rule(rule ? error.fields.front().description : error.reason);
  // The words alone: the number stands beside them.
  std::string_view words = error.message;
  const std::string number = refusal.rule() + ": ";
  if (rule && words.starts_with(number)) words.remove_prefix(number.size());
  refusal.set_description(std::string(words));
}

// What was given and is not in the records afterwards, though nothing refused
// it.
void Warn(const std::string& field, const char* reason, const char* words,
          pb::ImportChildResponse& report) {
  pb::Warning& warning = *report.add_warnings();
  warning.set_field(field);
  warning.set_reason(reason);
  warning.set_description(words);
}

void NotKept(const std::string& given, const std::string& field,
             const char* words, pb::ImportChildResponse& report) {
  if (!given.empty()) Warn(field, "NOT_KEPT", words, report);
}

void WarnOfEpisode(const pb::CensusEpisode& episode, const std::string& path,
                   pb::ImportChildResponse& report) {
  if (episode.closure_date().empty()) {
    NotKept(episode.closure_reason(), path + ".closure_reason",
            "there is no day of closure", report);
  }
  for (int i = 0; i < episode.assessments_size(); i++) {
    const pb::CensusAssessment& one = episode.assessments(i);
    if (!one.authorisation_date().empty() || one.factors().empty()) continue;
    Warn(path + ".assessments[" + std::to_string(i) + "].factors", "NOT_KEPT",
         "factors are recorded when the assessment is authorised", report);
  }
  for (int i = 0; i < episode.enquiries_size(); i++) {
    NotKept(
        episode.enquiries(i).conference_target_date(),
        path + ".enquiries[" + std::to_string(i) + "].conference_target_date",
        "worked out from the day on which the enquiry began", report);
  }
  for (int i = 0; i < episode.protection_plans_size(); i++) {
    const pb::CensusPlan& one = episode.protection_plans(i);
    if (!one.review_dates().empty() ||
        one.latest_category() == one.initial_category()) {
      continue;
    }
    NotKept(
        one.latest_category(),
        path + ".protection_plans[" + std::to_string(i) + "].latest_category",
        "a category changes at a review, and there is none", report);
  }
}

// Codes that the records know as unknown; the form keeps them as they came.
void WarnOfCodes(const pb::CensusEpisode& episode, const std::string& path,
                 const CodeSets& codes, Date day,
                 pb::ImportChildResponse& report) {
  const auto check = [&](const char* set, const std::string& code,
                         const char* field) {
    if (code.empty() || codes.Valid(set, code, day)) return;
    Warn(path + field, "CODE_UNKNOWN",
         "no code of that day: it counts as not known", report);
  };
  check("source", episode.source(), ".source");
  check("need", episode.primary_need(), ".primary_need");
}

// Whether the step that is there says what the file says.
bool Agrees(const Step& there, const Step& given) {
  const auto sorted = [](std::vector<std::string> codes) {
    std::sort(codes.begin(), codes.end());
    return codes;
  };
  return (given.outcome.empty() || there.outcome == given.outcome) &&
         (given.codes.empty() || sorted(there.codes) == sorted(given.codes)) &&
         (given.kind != StepKind::kProtectionPlanStarted ||
          there.level == given.level);
}

constexpr char kOtherwise[] = "what is there says otherwise, and stays";

// Whether no other episode of the file begins after it.
bool IsLast(const pb::CensusEpisode& one, const pb::CensusChild& child) {
  return std::none_of(child.episodes().begin(), child.episodes().end(),
                      [&](const pb::CensusEpisode& other) {
                        return other.referral_date() > one.referral_date();
                      });
}

pb::Child ToChild(const pb::CensusChild& from) {
  pb::Child child;
  child.set_la_child_id(from.la_child_id());
  child.set_upn(from.upn());
  child.set_former_upn(from.former_upn());
  child.set_upn_unknown(from.upn_unknown());
  const auto day = [](const std::string& text) {
    const auto date = census::ParseCensusDate(text);
    return date ? FormatDate(*date) : text;
  };
  child.set_date_of_birth(day(from.date_of_birth()));
  child.set_expected_date_of_birth(day(from.expected_date_of_birth()));
  child.set_date_of_death(day(from.date_of_death()));
  // Older years code 0 unborn, 1 male, 2 female, 9 indeterminate.
  const std::string& sex = from.sex();
  child.set_sex(sex == "1"                 ? "M"
                : sex == "2"               ? "F"
                : sex == "0" || sex == "9" ? "U"
                                           : sex);
  child.set_ethnicity(from.ethnicity());
  *child.mutable_disabilities() = from.disabilities();
  return child;
}

}  // namespace

// One child on its way in, inside a unit.
struct Journeys::Import {
  ledger::Unit& unit;
  soci::session& sql;
  const Call& call;
  const pb::CensusChild& from;
  pb::ImportChildResponse report = {};
  // A contact of the child, once there is one.
  std::optional<ContactRow> contact = {};
  // It has the council's id, but another day of birth or forename.
  bool otherwise_told = false;
};

Journeys::Writing<pb::ImportChildResponse> Journeys::ImportChild(
    const Call& call, const pb::ImportChildRequest& request) {
  if (!call.caller.may_backdate) {
    return Error{Code::kPermissionDenied, "IMPORT_NOT_ALLOWED",
                 "only systems that the register lets state times of the past "
                 "import"};
  }
  if (request.child().la_child_id().empty()) {
    return Error{Code::kInvalidArgument,
                 "CHILD_ID_REQUIRED",
                 "a child of the census has an id",
                 {{"child.la_child_id", "missing"}}};
  }
  return rpc::Work<pb::ImportChildResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::ImportChildResponse> {
        TRY(store::Session * session, unit.Direct());
        Import import{unit, session->sql(), call, request.child()};
        TRY(const std::vector<Related> known,
            parts_.children.FindBy(
                import.sql, unit.area(),
                referrals_.Understand(ToChild(request.child()), unit.now())
                    .identity));
        auto found =
            std::find_if(known.begin(), known.end(), [](const Related& one) {
              return one.match == pb::MATCH_SAME_CHILD;
            });
        // The council's own id stays a child's when its birth is corrected.
        if (found == known.end()) {
          found = std::find_if(known.begin(), known.end(), [](const auto& one) {
            return one.matched_on.count("la_child_id") != 0;
          });
          import.otherwise_told = found != known.end();
        }
        if (found != known.end()) {
          TRY(import.contact,
              store_.Contact(import.sql, unit.area(), found->contact_id));
        }
        std::vector<int> order(
            static_cast<std::size_t>(request.child().episodes_size()));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int one, int other) {
          return request.child().episodes(one).referral_date() <
                 request.child().episodes(other).referral_date();
        });
        const bool known_before = import.contact.has_value();
        for (const int i : order) TRY_VOID(ImportEpisode(import, i));
        if (known_before) TRY_VOID(CompareChild(import));
        return std::move(import.report);
      });
}

// A contact keeps what it said of the child: what a file says otherwise, or
// first, of a child who was known is not kept unless an episode came with it.
Result<void> Journeys::CompareChild(Import& import) const {
  TRY_VOID(import.unit.Direct());
  const std::string& area = import.unit.area();
  TRY(const std::vector<Member> contacts,
      parts_.children.SameChild(import.sql, area, *import.contact));
  pb::CensusChild given, there;
  ShowChild(ToChild(import.from), given);
  for (const Member& contact : contacts) {
    TRY(const pb::Child said,
        store_.ChildOf(import.sql, area, contact.contact_id));
    pb::CensusChild shown;
    ShowChild(said, shown);
    FillIn(shown, there);
  }
  const auto* descriptor = pb::CensusChild::descriptor();
  for (int i = 0; i < descriptor->field_count(); i++) {
    const auto* field = descriptor->field(i);
    if (field->is_repeated()) continue;
    const auto* reflection = given.GetReflection();
    const std::string is = reflection->GetString(given, field);
    const std::string was = reflection->GetString(there, field);
    if (is == was) continue;
    const std::string path = "child." + field->name();
    if (was.empty()) {
      NotKept(is, path, "the child was known before, without it",
              import.report);
    } else if (!is.empty()) {
      Warn(path, "KEPT_AS_IT_WAS", kOtherwise, import.report);
    }
  }
  return {};
}

Result<void> Journeys::ImportEpisode(Import& import, int i) const {
  const pb::CensusEpisode& from = import.from.episodes(i);
  const std::string path = "episodes[" + std::to_string(i) + "]";
  const std::string& area = import.unit.area();
  TRY_VOID(import.unit.Direct());  // the episode before
  const auto referred = census::ParseCensusDate(from.referral_date());
  if (!referred || *referred > CivilDate(import.unit.now())) {
    Refuse(path,
           Error{Code::kInvalidArgument, "8600",
                 "the referral has no day, or one to come"},
           import.report);
    return {};
  }
  std::vector<Scene> child;
  if (import.contact) {
    TRY(child, steps_.Child(import.sql, area, *import.contact));
  }
  const std::string day = FormatDate(*referred);
  auto found = std::find_if(
      child.begin(), child.end(),
      [&](const Scene& scene) { return scene.episode->referral_date == day; });
  if (found == child.end()) {
    TRY(const std::optional<Error> refused,
        ImportReferral(import, from, *referred, child));
    if (refused) {
      Refuse(path, *refused, import.report);
      return {};
    }
    import.report.set_taken(import.report.taken() + 1);
    TRY(child, steps_.Child(import.sql, area, *import.contact));
    found = std::find_if(child.begin(), child.end(), [&](const Scene& scene) {
      return scene.episode->referral_date == day;
    });
    if (found == child.end()) {
      return Error{Code::kInternal, "INTERNAL", "the episode is not there"};
    }
  } else {
    import.report.set_already_there(import.report.already_there() + 1);
    const auto other = [](const std::string& given, const std::string& there) {
      return !given.empty() && there != kUnknownCode && there != given;
    };
    if (other(from.source(), found->journey.source)) {
      Warn(path + ".source", "KEPT_AS_IT_WAS", kOtherwise, import.report);
    }
    if (other(from.primary_need(), found->journey.need)) {
      Warn(path + ".primary_need", "KEPT_AS_IT_WAS", kOtherwise, import.report);
    }
  }
  WarnOfCodes(from, path, parts_.codes, *referred, import.report);
  WarnOfEpisode(from, path, import.report);
  Scene scene = *found;
  TRY(const Ground ground, steps_.GroundOf(import.sql, area, scene.contact,
                                           CivilDate(import.unit.now())));
  std::map<std::string, std::string> things;  // of the file -> ours
  for (Incoming& incoming :
       Reader(from, path).Read(*import.report.mutable_refused())) {
    const Result<bool> taken =
        ImportStep(import, scene, child, ground, incoming, things);
    if (taken) {
      auto& report = import.report;
      if (*taken) {
        report.set_taken(report.taken() + 1);
      } else {
        report.set_already_there(report.already_there() + 1);
      }
    } else if (taken.error().code == Code::kUnavailable ||
               taken.error().code == Code::kInternal) {
      return taken.error();
    } else {
      Refuse(incoming.field, taken.error(), import.report);
    }
  }
  return {};
}

// Makes the contact and decides it a referral on its day. Answers what refuses
// it, if something does.
Result<std::optional<Error>> Journeys::ImportReferral(
    Import& import, const pb::CensusEpisode& from, Date referred,
    const std::vector<Scene>& child) const {
  Journey journey;
  journey.subject_id = "new";
  journey.referral_date = referred;
  journey.source = from.source();
  journey.need = from.primary_need();
  std::vector<Journey> before;
  for (const Scene& scene : child) before.push_back(scene.journey);
  // Everything else of the file is judged with this child's birth.
  Ground ground{parts_.codes, parts_.calendar, CivilDate(import.unit.now())};
  ground.birth_date = census::ParseCensusDate(import.from.date_of_birth());
  ground.expected_birth_date =
      census::ParseCensusDate(import.from.expected_date_of_birth());
  ground.death_date = census::ParseCensusDate(import.from.date_of_death());
  const auto judge = [&] {
    std::vector<Journey> after = before;
    after.push_back(journey);
    return NewlyBroken(before, after, ground, referred);
  };
  // Judged with its closure: it may lie before an episode that is there. The
  // child's last one is taken without, if that alone is wrong: an open episode
  // is seen and closed, one that is missing is not.
  if (const auto closed = census::ParseCensusDate(from.closure_date())) {
    journey.closing = Closing{.date = *closed, .reason = from.closure_reason()};
  }
  std::vector<Broken> broken = judge();
  if (!broken.empty() && journey.closing && IsLast(from, import.from)) {
    journey.closing.reset();
    broken = judge();
  }
  if (!broken.empty()) return std::optional<Error>(Refusal(broken));
  pb::ContactForm form;
  *form.add_children() = ToChild(import.from);
  form.set_source(from.source());
  form.set_channel(pb::CHANNEL_SYSTEM);
  form.mutable_concern()->set_primary_need(from.primary_need());
  TRY(ContactRow contact,
      referrals_.Admit(import.unit, import.call, form, StartOfDay(referred)));
  if (import.otherwise_told) {
    TRY_VOID(import.unit.Direct());  // the contact is there
    pb::SameChildConfirmed event;
    event.set_contact_id(contact.contact_id);
    event.set_other_contact_id(import.contact->contact_id);
    event.set_same(true);
    TRY_VOID(parts_.children.Say(import.sql, import.unit.area(),
                                 contact.contact_id, import.contact->contact_id,
                                 import.unit.Record(event, import.unit.now()),
                                 true));
  }
  pb::DecideContactRequest decision;
  decision.set_area(import.unit.area());
  decision.set_contact_id(contact.contact_id);
  decision.set_decision(pb::DECISION_REFERRAL);
  decision.set_rationale(kBecause);
  decision.set_triage_decision(kBecause);
  Set(decision.mutable_decided_time(), StartOfDay(referred));
  TRY_VOID(referrals_.Decide(import.unit, import.call, decision,
                             DecidedBy::kImport));
  import.contact = std::move(contact);
  return std::optional<Error>();
}

// True if taken, false if it was there.
Result<bool> Journeys::ImportStep(
    Import& import, Scene& scene, std::vector<Scene>& child,
    const Ground& ground, Incoming& incoming,
    std::map<std::string, std::string>& things) const {
  Step& step = incoming.step;
  const char* prefix = Begins(step.kind);
  const bool is_conference = step.kind == StepKind::kConferenceHeld;
  if (prefix == nullptr || is_conference) {
    const auto thing = things.find(incoming.thing);
    const bool needs =
        step.kind != StepKind::kEpisodeClosed && !step.Has("TRANSFER_IN");
    if (needs && thing == things.end()) {
      return Error{Code::kFailedPrecondition, "START_LEFT_OUT",
                   "what it belongs to was left out"};
    }
    if (needs) (is_conference ? step.about : step.thing_id) = thing->second;
  }
  if (const Step* there = There(scene.journey, incoming, step.thing_id)) {
    if (prefix != nullptr && !is_conference) {
      things[incoming.thing] = there->thing_id;
    }
    if (!Agrees(*there, step)) {
      Warn(incoming.field, "KEPT_AS_IT_WAS", kOtherwise, import.report);
    }
    return false;
  }
  step.agency = import.unit.actor().agency;
  step.recorded_by = By(import.unit.actor());
  step.happened = StartOfDay(step.date);
  TRY_VOID(Complete(scene.journey, ground, step));
  if (prefix != nullptr) step.thing_id = parts_.ids.New(prefix);
  const std::string thing = step.thing_id;
  const StepKind kind = step.kind;
  if (kind == StepKind::kEpisodeClosed) {
    TRY_VOID(steps_.Close(import.unit, import.sql, scene, std::move(step), {},
                          child, &ground));
    TRY_VOID(steps_.MarkReturns(import.unit, import.sql, scene.contact));
  } else {
    TRY_VOID(steps_.Take(import.unit, import.sql, scene, std::move(step), {},
                         child, &ground));
  }
  if (prefix != nullptr && !is_conference) things[incoming.thing] = thing;
  for (Scene& one : child) {
    if (one.id() == scene.id()) one = scene;
  }
  return true;
}

}  // namespace seawall::referrals
