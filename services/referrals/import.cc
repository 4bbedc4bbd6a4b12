// Taking a child of a children in need census: what is new is recorded, what is
// there stays, what breaks a rule is left out and reported.
//
// A return is judged as a whole, by the rules of its own year: what is clean in
// a check is taken. Where something is not, each episode is looked at by
// itself, and in it each thing and then each step, so that what breaks a rule
// costs as little as it can, and never a later episode.
#include <algorithm>
#include <numeric>

#include "services/referrals/census_steps.h"
#include "services/referrals/events.h"
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {
namespace {

// What the records say of a code that is none of its set.
constexpr char kUnknownCode[] = "unknown";
constexpr char kBecause[] = "From a children in need census.";
constexpr char kOtherwise[] = "what is there says otherwise, and stays";

// Codes that the records know as unknown; the form keeps them as they came.
void WarnOfCodes(const FileEpisode& episode, const CodeSets& codes,
                 pb::ImportChildResponse& report) {
  const auto check = [&](const char* set, const std::string& code,
                         const char* field) {
    if (code.empty() || codes.Valid(set, code, episode.referred)) return;
    Warn(episode.path + field, "CODE_UNKNOWN",
         "no code of that day: it counts as not known", report);
  };
  check("source", episode.source, ".source");
  check("need", episode.need, ".primary_need");
}

void WarnOfOtherCodes(const FileEpisode& episode, const Journey& journey,
                      pb::ImportChildResponse& report) {
  const auto check = [&](const std::string& given, const std::string& there,
                         const char* field) {
    if (given.empty() || there == kUnknownCode || there == given) return;
    Warn(episode.path + field, "KEPT_AS_IT_WAS", kOtherwise, report);
  };
  check(episode.source, journey.source, ".source");
  check(episode.need, journey.need, ".primary_need");
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
  // Older years code 0 not recorded, 1 male, 2 female, 9 indeterminate.
  const std::string& sex = from.sex();
  child.set_sex(sex == "1"   ? "M"
                : sex == "2" ? "F"
                : sex == "9" ? "U"
                : sex == "0" ? ""
                             : sex);
  child.set_ethnicity(from.ethnicity());
  *child.mutable_disabilities() = from.disabilities();
  return child;
}

// An episode of the file beside what the records have of it.
struct Intake {
  FileEpisode file;  // what is new
  std::optional<Scene> scene;
  Journey is;            // as the records have it, or the referral alone
  bool refused = false;  // as a whole

  bool is_new() const { return !scene; }
  // … with these of the file.
  Journey With(const std::vector<Thing>& things,
               const std::optional<Incoming>& closure) const {
    FileEpisode taken{.things = things, .closure = closure};
    std::vector<Step> steps = is.steps;
    for (Incoming& one : StepsInOrder(taken)) {
      one.step.number = static_cast<int>(steps.size()) + 1;
      steps.push_back(std::move(one.step));
    }
    return Fold({is.subject_id, is.referral_date, is.source, is.need},
                std::move(steps));
  }
  Journey Whole() const { return With(file.things, file.closure); }
};

// Leaves out what breaks a rule.
class Sieve {
 public:
  Sieve(std::vector<Intake>& intakes, std::vector<Journey> others,
        const Ground& ground, const census::Period& period,
        pb::ImportChildResponse& report)
      : intakes_(intakes),
        around_(std::move(others)),
        ground_(ground),
        period_(period),
        report_(report) {}

  void Run() {
    std::vector<Journey> before = around_, after = around_;
    for (const Intake& one : intakes_) {
      if (!one.is_new()) before.push_back(one.is);
      after.push_back(one.Whole());
    }
    if (NewlyBroken(before, after, ground_, period_).empty()) return;
    for (Intake* one : InTurn()) Look(*one);
  }

 private:
  // The episode that is open now comes first, for it must not be lost; then
  // those that are over, by their referral; last those that are open though
  // another was referred after them: they are at fault.
  std::vector<Intake*> InTurn() {
    std::vector<std::pair<int, Intake*>> turns;
    for (Intake& one : intakes_) {
      const bool open = !one.Whole().closing;
      turns.emplace_back(!open ? 1 : IsLast(one) ? 0 : 2, &one);
    }
    std::stable_sort(
        turns.begin(), turns.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Intake*> order;
    for (const auto& [turn, one] : turns) order.push_back(one);
    return order;
  }

  // Whether no other episode of the child was referred after it.
  bool IsLast(const Intake& one) const {
    const auto later = [&](Date other) { return other > one.file.referred; };
    return std::none_of(intakes_.begin(), intakes_.end(),
                        [&](const Intake& other) {
                          return later(other.file.referred);
                        }) &&
           std::none_of(around_.begin(), around_.end(),
                        [&](const Journey& other) {
                          return later(*other.referral_date);
                        });
  }

  std::vector<Broken> Breaks(const Intake& one, const Journey& journey) const {
    std::vector<Journey> before = around_, after = around_;
    if (!one.is_new()) before.push_back(one.is);
    after.push_back(journey);
    return NewlyBroken(before, after, ground_, period_);
  }

  void Look(Intake& one) {
    Journey whole = one.Whole();
    const bool closes = whole.closing.has_value();
    if (Breaks(one, whole).empty()) {
      around_.push_back(std::move(whole));
      return;
    }
    const std::optional<Incoming> closure = one.file.closure;
    const std::vector<Thing> things = std::exchange(one.file.things, {});
    one.file.closure.reset();
    Begin(one, closure);
    if (one.refused) return;
    for (const Thing& thing : things) LookAt(thing, one);
    if (closure && !one.file.closure) Close(one, *closure);
    // Others are judged beside what the file says: a closure that is left out
    // bars no later episode.
    around_.push_back(closes && !one.Whole().closing
                          ? one.With(one.file.things, closure)
                          : one.Whole());
  }

  // The referral, and its closure where that comes first: kept open the episode
  // would bar those after it. The last one is closed at the end, if it may be:
  // an open episode is seen and closed, one that is missing is not.
  void Begin(Intake& one, const std::optional<Incoming>& closure) {
    const std::vector<Broken> open = Breaks(one, one.is);
    if (closure && (!IsLast(one) || !open.empty())) {
      const std::vector<Broken> closed = Breaks(one, one.With({}, closure));
      if (closed.empty()) {
        one.file.closure = closure;
        return;
      }
      one.refused = one.is_new();
      if (one.refused) {
        Refuse(one.file.path, Refusal(closed), report_);
      }
      return;
    }
    if (open.empty() || !one.is_new()) return;
    one.refused = true;
    Refuse(one.file.path, Refusal(open), report_);
  }

  bool Take(const Thing& thing, Intake& one, std::optional<Error>& refused) {
    std::vector<Thing> with = one.file.things;
    with.push_back(thing);
    const std::vector<Broken> broken =
        Breaks(one, one.With(with, one.file.closure));
    if (broken.empty() || IsExcused(thing, with, broken, one)) {
      one.file.things = std::move(with);
      return true;
    }
    refused = Refusal(broken);
    return false;
  }

  // Nothing stops an enquiry but that it began before its referral, or that the
  // episode closed without one.
  bool IsExcused(const Thing& thing, const std::vector<Thing>& with,
                 const std::vector<Broken>& broken, const Intake& one) const {
    if (MayRefuse(thing.steps.front().step.kind) ||
        thing.since < one.file.referred) {
      return false;
    }
    if (!one.file.closure) return true;
    const auto open = Breaks(one, one.With(with, std::nullopt));
    return std::all_of(broken.begin(), broken.end(), [&](const Broken& rule) {
      return std::any_of(open.begin(), open.end(), [&](const Broken& other) {
        return other.rule == rule.rule;
      });
    });
  }

  // The thing whole, or what may be of it.
  void LookAt(const Thing& thing, Intake& one) {
    std::optional<Error> refused;
    if (Take(thing, one, refused)) return;
    Thing taken{.steps = {}, .since = thing.since};
    bool begun = true;
    for (const Incoming& step : thing.steps) {
      if (!begun) {
        Refuse(step.field,
               Error{Code::kFailedPrecondition, "START_LEFT_OUT",
                     "what it belongs to was left out"},
               report_);
        continue;
      }
      Thing more = taken;
      more.steps.push_back(step);
      if (!taken.steps.empty()) one.file.things.pop_back();
      if (Take(more, one, refused)) {
        taken = std::move(more);
        continue;
      }
      Refuse(step.field, *refused, report_);
      if (!taken.steps.empty()) one.file.things.push_back(taken);
      begun = !taken.steps.empty() || Begins(step.step.kind) == nullptr;
    }
  }

  void Close(Intake& one, const Incoming& closure) {
    const std::vector<Broken> broken =
        Breaks(one, one.With(one.file.things, closure));
    if (broken.empty()) {
      one.file.closure = closure;
    } else {
      Refuse(closure.field, Refusal(broken), report_);
    }
  }

  std::vector<Intake>& intakes_;
  std::vector<Journey> around_;  // what has been judged so far
  const Ground& ground_;
  const census::Period& period_;
  pb::ImportChildResponse& report_;
};

// The year whose return tells of the child, as its header says, or that of the
// last day it names.
census::Period PeriodOf(const pb::ImportChildRequest& request, Date today) {
  if (const auto end = census::ParseCensusDate(request.reference_date())) {
    return census::PeriodEnding(*end);
  }
  return census::PeriodOfYear(
      CensusYear(std::min(today, LastDay(request.child()).value_or(today))));
}

}  // namespace

// One child on its way in, inside a unit.
struct Journeys::Import {
  ledger::Unit& unit;
  const Call& call;
  const pb::ImportChildRequest& request;
  const CensusBasis basis;
  pb::ImportChildResponse report = {};
  // A contact of the child, once there is one.
  std::optional<ContactRow> contact = {};
  // It has the council's id, but another day of birth or forename.
  bool otherwise_told = false;

  const pb::CensusChild& from() const { return request.child(); }
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
        CensusBasis basis{parts_.codes, CivilDate(unit.clock())};
        if (census::ParseCensusDate(request.reference_date())) {
          basis.period = PeriodOf(request, basis.today);
        }
        Import import{unit, call, request, basis};
        TRY_VOID(FindChild(import));
        TRY_VOID(ImportEpisodes(import));
        return std::move(import.report);
      });
}

Result<void> Journeys::FindChild(Import& import) const {
  TRY(const std::vector<Related> known,
      parts_.children.FindBy(
          import.unit.Records(),
          referrals_.Understand(ToChild(import.from()), import.unit.clock())
              .identity));
  auto found = std::find_if(known.begin(), known.end(), [](const Related& one) {
    return one.match == pb::MATCH_SAME_CHILD;
  });
  // The council's own id stays a child's when its birth is corrected.
  if (found == known.end()) {
    found = std::find_if(known.begin(), known.end(), [](const Related& one) {
      return one.matched_on.count("la_child_id") != 0;
    });
    import.otherwise_told = found != known.end();
  }
  if (found == known.end()) return {};
  TRY(import.contact, store_.Contact(import.unit.Records(), found->contact_id));
  return {};
}

// What the file's episodes are judged by: the child as the file tells of it.
Result<Ground> Journeys::GroundOf(const Import& import) const {
  Ground ground{parts_.codes, parts_.calendar, import.basis.today};
  if (import.contact) {
    TRY(const Births births,
        store_.BirthsOf(import.unit.Records(), import.contact->contact_id));
    ground.birth_date = births.birth_date;
    ground.expected_birth_date = births.expected_birth_date;
    ground.death_date = births.death_date;
  }
  const auto told = [](const std::string& text, std::optional<Date>& day) {
    if (const auto given = census::ParseCensusDate(text)) day = given;
  };
  const pb::CensusChild& from = import.from();
  if (!from.date_of_birth().empty()) ground.expected_birth_date.reset();
  told(from.date_of_birth(), ground.birth_date);
  told(from.expected_date_of_birth(), ground.expected_birth_date);
  told(from.date_of_death(), ground.death_date);
  return ground;
}

Result<void> Journeys::ImportEpisodes(Import& import) const {
  std::vector<Scene> child;
  if (import.contact) {
    TRY(child, steps_.Child(import.unit.Records(), *import.contact));
    TRY_VOID(Complement(import, child));
  }
  std::vector<Intake> intakes;
  for (int i = 0; i < import.from().episodes_size(); i++) {
    const pb::CensusEpisode& from = import.from().episodes(i);
    const std::string path = "episodes[" + std::to_string(i) + "]";
    const auto referred = census::ParseCensusDate(from.referral_date());
    if (!referred || *referred > import.basis.today) {
      Refuse(path,
             Error{Code::kInvalidArgument, "8600",
                   "the referral has no day, or one to come"},
             import.report);
      continue;
    }
    intakes.push_back(
        {ReadEpisode(from, path, *referred, import.basis, import.report)});
  }
  std::stable_sort(intakes.begin(), intakes.end(),
                   [](const Intake& a, const Intake& b) {
                     return a.file.referred < b.file.referred;
                   });
  // Two referrals of one day are two: each episode of the file is the one of
  // that day that is most like it, and none is two of them.
  for (Intake& intake : intakes) {
    Scene* best = nullptr;
    for (Scene& scene : child) {
      if (scene.journey.referral_date != intake.file.referred) continue;
      if (best == nullptr || Likeness(intake.file, scene.journey) >
                                 Likeness(intake.file, best->journey)) {
        best = &scene;
      }
    }
    if (best != nullptr) {
      intake.is = best->journey;
      intake.scene = std::move(*best);
      child.erase(child.begin() + (best - child.data()));
      import.report.set_already_there(import.report.already_there() + 1);
      WarnOfOtherCodes(intake.file, intake.is, import.report);
    } else {
      intake.is = Fold({"new " + intake.file.path, intake.file.referred,
                        intake.file.source, intake.file.need},
                       {});
    }
    WarnOfCodes(intake.file, parts_.codes, import.report);
    LeaveWhatIsThere(
        intake.is,
        [this](StepKind begins) { return parts_.ids.New(Begins(begins)); },
        intake.file, import.report);
  }
  std::vector<Journey> others;
  for (const Scene& scene : child) others.push_back(scene.journey);
  TRY(const Ground ground, GroundOf(import));
  Sieve(intakes, std::move(others), ground,
        PeriodOf(import.request, import.basis.today), import.report)
      .Run();
  for (Intake& intake : intakes) {
    if (intake.refused) continue;
    if (intake.is_new()) {
      TRY(intake.scene, ImportReferral(import, intake.file));
    }
    TRY_VOID(ImportSteps(import, *intake.scene, StepsInOrder(intake.file)));
  }
  return {};
}

// Makes the contact and decides it a referral on its day.
Result<Scene> Journeys::ImportReferral(Import& import,
                                       const FileEpisode& from) const {
  const Instant day = StartOfDay(from.referred);
  pb::ContactForm form;
  *form.add_children() = ToChild(import.from());
  form.set_source(from.source);
  form.set_channel(pb::CHANNEL_SYSTEM);
  form.mutable_concern()->set_primary_need(from.need);
  TRY(ContactRow contact,
      referrals_.Admit(import.unit, import.call, form, day));
  if (import.otherwise_told) {
    pb::SameChildConfirmed event;
    event.set_contact_id(contact.contact_id);
    event.set_other_contact_id(import.contact->contact_id);
    event.set_same(true);
    TRY_VOID(parts_.children.Say(
        import.unit.Records(), contact.contact_id, import.contact->contact_id,
        import.unit.Record(event, import.unit.clock()), true));
  }
  pb::DecideContactRequest decision;
  decision.set_area(import.unit.area());
  decision.set_contact_id(contact.contact_id);
  decision.set_decision(pb::DECISION_REFERRAL);
  decision.set_rationale(kBecause);
  decision.set_triage_decision(kBecause);
  Set(decision.mutable_decided_time(), day);
  TRY(const pb::DecideContactResponse decided,
      referrals_.Decide(import.unit, import.call, decision,
                        DecidedBy::kImport));
  import.contact = std::move(contact);
  import.report.set_taken(import.report.taken() + 1);
  return steps_.Load(import.unit.Records(), decided.episode_id());
}

Result<void> Journeys::ImportSteps(Import& import, Scene& scene,
                                   std::vector<Incoming> steps) const {
  for (Incoming& incoming : steps) {
    Step& step = incoming.step;
    step.agency = import.unit.actor().agency;
    step.recorded_by = import.unit.By();
    step.happened = StartOfDay(step.date);
    import.report.set_taken(import.report.taken() + 1);
    if (step.kind != StepKind::kEpisodeClosed) {
      TRY_VOID(
          steps_.Take(import.unit, scene, std::move(step), {}, {}, nullptr));
      continue;
    }
    TRY_VOID(
        steps_.Close(import.unit, scene, std::move(step), {}, {}, nullptr));
    TRY_VOID(steps_.MarkReturns(import.unit, scene.contact));
  }
  return {};
}

// What the file says of a child who was known: what nobody had said becomes
// known, as a correction of what the contacts behind its episodes said; what
// was said otherwise stays, and the report tells both.
Result<void> Journeys::Complement(Import& import,
                                  const std::vector<Scene>& child) const {
  std::map<std::string, ContactRow> contacts;
  contacts.emplace(import.contact->contact_id, *import.contact);
  for (const Scene& scene : child) {
    contacts.emplace(scene.contact.contact_id, scene.contact);
  }
  pb::CensusChild there, given;
  for (const auto& [id, contact] : contacts) {
    TRY(const pb::Child said, store_.ChildOf(import.unit.Records(), id));
    pb::CensusChild shown;
    ShowChild(said, shown);
    FillIn(shown, there);
  }
  ShowChild(ToChild(import.from()), given);
  pb::CensusChild after = there;
  Supplement(given, after);
  const std::vector<std::string> filled = Differing(there, after);
  pb::CensusChild all = after;
  all.MergeFrom(given);
  if (given.disabilities_size() > 0) {
    *all.mutable_disabilities() = given.disabilities();
  }
  for (const std::string& name : filled) {
    Warn("child." + name, "CHILD_CORRECTED",
         "recorded; nobody had said it before", import.report);
  }
  for (const std::string& name : Differing(after, all)) {
    Warn("child." + name, "KEPT_AS_IT_WAS", kOtherwise, import.report);
  }
  if (filled.empty()) return {};
  for (const auto& [id, contact] : contacts) {
    TRY_VOID(Correct(import, contact));
  }
  return {};
}

Result<void> Journeys::Correct(Import& import, ContactRow contact) const {
  TRY(pb::Child child,
      store_.ChildOf(import.unit.Records(), contact.contact_id));
  Supplement(ToChild(import.from()), child);
  pb::ChildCorrection correction;
  correction.set_rationale(kBecause);
  TRY(const Mended mended,
      referrals_.Mend(import.unit, contact, child, std::move(correction)));
  if (mended.fields.empty()) return {};
  import.unit.Touched(contact.contact_id);
  return store_.Save(import.unit.Records(), contact);
}

}  // namespace seawall::referrals
