#include "services/referrals/census_steps.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace seawall::referrals {
namespace {

using Report = pb::ImportChildResponse;

constexpr char kImported[] = "IMPORTED";
constexpr char kOtherwise[] = "what is there says otherwise, and stays";
constexpr char kStartLeftOut[] = "START_LEFT_OUT";

std::string Item(const char* name, int i) {
  return std::string(name) + "[" + std::to_string(i) + "]";
}

void NotKept(const std::string& field, const char* words, Report& report) {
  Warn(field, "NOT_KEPT", words, report);
}

class Reader {
 public:
  Reader(const pb::CensusEpisode& from, FileEpisode& to,
         const CensusBasis& basis, Report& report)
      : from_(from), to_(to), basis_(basis), report_(report) {}

  void Read() {
    closed_ = On("closure_date", from_.closure_date());
    Closure();
    for (int i = 0; i < from_.assessments_size(); i++) Assessment(i);
    for (int i = 0; i < from_.enquiries_size(); i++) Enquiry(i);
    TransferIn();
    for (int i = 0; i < from_.protection_plans_size(); i++) Plan(i);
    for (int i = 0; i < from_.child_in_need_plans_size(); i++) InNeed(i);
    std::stable_sort(
        to_.things.begin(), to_.things.end(),
        [](const Thing& a, const Thing& b) { return a.since < b.since; });
  }

 private:
  std::string Path(const std::string& field) const {
    return to_.path + "." + field;
  }

  // Nothing for a text that is none, and, refused, for one that is no day or
  // one to come.
  std::optional<Date> On(const std::string& field, const std::string& text) {
    if (text.empty()) return std::nullopt;
    const std::optional<Date> day = census::ParseCensusDate(text);
    const char* reason = !day                  ? "DATE_IMPOSSIBLE"
                         : *day > basis_.today ? "TIME_AHEAD"
                                               : nullptr;
    if (reason == nullptr) return day;
    Refuse(Path(field),
           Error{Code::kInvalidArgument, reason,
                 day ? "nothing is recorded ahead of its day" : "not a day"},
           report_);
    return std::nullopt;
  }

  static Incoming Make(StepKind kind, Date day, std::string field) {
    Incoming one{.step = {}, .field = std::move(field)};
    one.step.kind = kind;
    one.step.date = day;
    one.step.flags.insert(kImported);
    return one;
  }

  // Adds the step to the thing, if there is a day.
  Incoming* Add(Thing& thing, StepKind kind, const std::string& field,
                const std::string& text) {
    const auto day = On(field, text);
    if (!day) return nullptr;
    thing.steps.push_back(Make(kind, *day, Path(field)));
    return &thing.steps.back();
  }

  // Keeps what has a beginning that may be; tells of the rest.
  void Keep(const std::string& at, const std::string& start, Thing thing,
            std::optional<Error> refused = {}) {
    const bool begins =
        !thing.steps.empty() && thing.steps.front().field == Path(start);
    if (begins && !refused) {
      thing.since = thing.steps.front().step.date;
      to_.things.push_back(std::move(thing));
      return;
    }
    if (refused) Refuse(Path(start), *refused, report_);
    const bool told = std::any_of(
        report_.refused().begin(), report_.refused().end(),
        [&](const auto& one) { return one.field() == Path(start); });
    if (!told) {
      return NotKept(Path(at), "there is no day on which it began", report_);
    }
    for (const Incoming& one : thing.steps) {
      if (one.field == Path(start)) continue;
      Refuse(one.field,
             Error{Code::kFailedPrecondition, kStartLeftOut,
                   "what it belongs to was left out"},
             report_);
    }
  }

  void Assessment(int i) {
    const pb::CensusAssessment& from = from_.assessments(i);
    const std::string at = Item("assessments", i);
    Thing thing;
    Add(thing, StepKind::kAssessmentStarted, at + ".start_date",
        from.start_date());
    Add(thing, StepKind::kChildSeen, at + ".child_seen_date",
        from.child_seen_date());
    Add(thing, StepKind::kAssessmentReviewed, at + ".review_date",
        from.review_date());
    if (Incoming* one =
            Add(thing, StepKind::kAssessmentAuthorised,
                at + ".authorisation_date", from.authorisation_date())) {
      one->step.codes = Factors(from, at);
      one->step.outcome = from.outcome();
    } else if (!from.factors().empty()) {
      NotKept(Path(at + ".factors"),
              "factors are recorded when the assessment is authorised",
              report_);
    }
    Keep(at, at + ".start_date", std::move(thing));
  }

  std::vector<std::string> Factors(const pb::CensusAssessment& from,
                                   const std::string& at) {
    std::vector<std::string> factors;
    bool unknown = false;
    for (const std::string& code : from.factors()) {
      if (basis_.codes.Find("factor", code) != nullptr) {
        factors.push_back(code);
      } else {
        unknown = true;
      }
    }
    if (unknown) {
      NotKept(Path(at + ".factors"), "no code of the set is left out", report_);
    }
    return factors;
  }

  // The census has no day for the end of an enquiry. One without a conference
  // is counted as completed on the day it started, or on the first of the year
  // whose return still tells of it.
  Date CompletedWithout(Date start) const {
    if (!basis_.period) return start;
    const Date first = basis_.period->start;
    return std::max(start, closed_ ? std::min(first, *closed_) : first);
  }

  void Enquiry(int i) {
    const pb::CensusSection47& from = from_.enquiries(i);
    const std::string at = Item("enquiries", i);
    Thing thing;
    if (Incoming* one = Add(thing, StepKind::kStrategyDiscussionHeld,
                            at + ".start_date", from.start_date())) {
      one->step.flags.insert("SECTION_47");
      if (const auto target = On(at + ".conference_target_date",
                                 from.conference_target_date())) {
        one->step.about = FormatDate(*target);
      }
      Conference(from, at, one->step.date, thing);
    } else {
      Add(thing, StepKind::kConferenceHeld, at + ".conference_date",
          from.conference_date());
    }
    Keep(at, at + ".start_date", std::move(thing));
  }

  void Conference(const pb::CensusSection47& from, const std::string& at,
                  Date start, Thing& thing) {
    const std::string field = at + ".conference_not_required";
    const auto held = On(at + ".conference_date", from.conference_date());
    if (held && from.conference_not_required()) {
      NotKept(Path(field), "a conference was held", report_);
    }
    if (!held && !from.conference_not_required()) return;
    Incoming& completed = thing.steps.emplace_back(
        Make(StepKind::kSection47Completed,
             held ? *held : CompletedWithout(start), Path(field)));
    completed.step.outcome = held ? "CONFERENCE" : "OTHER";
    if (!held) return;
    Incoming& conference = thing.steps.emplace_back(
        Make(StepKind::kConferenceHeld, *held, Path(at + ".conference_date")));
    conference.step.outcome = OutcomeOn(*held);
  }

  void TransferIn() {
    Thing thing;
    if (Incoming* one = Add(thing, StepKind::kConferenceHeld, "conference_date",
                            from_.conference_date())) {
      one->step.flags.insert("TRANSFER_IN");
      one->step.outcome = OutcomeOn(one->step.date);
      Keep("conference_date", "conference_date", std::move(thing));
    }
  }

  // The census tells the outcome of a conference by the plan that follows.
  std::string OutcomeOn(Date day) const {
    for (const pb::CensusPlan& plan : from_.protection_plans()) {
      if (census::ParseCensusDate(plan.start_date()) == day) {
        return "PROTECTION_PLAN";
      }
    }
    return "OTHER";
  }

  void Plan(int i) {
    const pb::CensusPlan& from = from_.protection_plans(i);
    const std::string at = Item("protection_plans", i);
    Thing thing;
    std::optional<Error> refused;
    Incoming* start = Add(thing, StepKind::kProtectionPlanStarted,
                          at + ".start_date", from.start_date());
    if (start != nullptr) {
      start->step.outcome = from.initial_category();
      start->step.level = from.previous_plans();
      refused = UnlessCategory(from.initial_category());
    }
    Reviews(from, at, thing);
    Add(thing, StepKind::kProtectionPlanEnded, at + ".end_date",
        from.end_date());
    Keep(at, at + ".start_date", std::move(thing), std::move(refused));
  }

  std::optional<Error> UnlessCategory(const std::string& code) const {
    if (basis_.codes.Find("abuse_category", code) != nullptr) return {};
    return Error{Code::kInvalidArgument, "CODE_UNKNOWN",
                 "give a code of the set `abuse_category`"};
  }

  // The census does not say when the category changed: it is told with the last
  // review, or with the plan itself where there is none.
  void Reviews(const pb::CensusPlan& from, const std::string& at,
               Thing& thing) {
    Step* last = thing.steps.empty() ? nullptr : &thing.steps.front().step;
    std::vector<Incoming> reviews;
    for (int r = 0; r < from.review_dates_size(); r++) {
      const std::string field = at + "." + Item("review_dates", r);
      if (const auto day = On(field, from.review_dates(r))) {
        reviews.push_back(
            Make(StepKind::kProtectionPlanReviewed, *day, Path(field)));
      }
    }
    std::stable_sort(reviews.begin(), reviews.end(),
                     [](const Incoming& a, const Incoming& b) {
                       return a.step.date < b.step.date;
                     });
    const std::string& latest = from.latest_category();
    if (!latest.empty() && UnlessCategory(latest)) {
      NotKept(Path(at + ".latest_category"), "no code of the set", report_);
    } else if (!reviews.empty()) {
      reviews.back().step.outcome = latest;
    } else if (last != nullptr && !latest.empty() &&
               latest != from.initial_category()) {
      last->codes = {latest};
    }
    thing.steps.insert(thing.steps.end(), reviews.begin(), reviews.end());
  }

  void InNeed(int i) {
    const pb::CensusSpan& from = from_.child_in_need_plans(i);
    const std::string at = Item("child_in_need_plans", i);
    Thing thing;
    Add(thing, StepKind::kChildInNeedPlanStarted, at + ".start_date",
        from.start_date());
    Add(thing, StepKind::kChildInNeedPlanEnded, at + ".end_date",
        from.end_date());
    Keep(at, at + ".start_date", std::move(thing));
  }

  // A referral with no further action needs no day of closure: it was over when
  // that was decided.
  void Closure() {
    const bool nfa = from_.no_further_action();
    const std::string& reason = from_.closure_reason();
    if (!reason.empty() && from_.closure_date().empty()) {
      NotKept(Path("closure_reason"), "there is no day of closure", report_);
    }
    if (closed_ && !reason.empty() &&
        basis_.codes.Find("closure_reason", reason) == nullptr) {
      Refuse(Path("closure_date"),
             Error{Code::kInvalidArgument, "CODE_UNKNOWN",
                   "give a code of the set `closure_reason`"},
             report_);
      return;
    }
    if (!closed_ && !nfa) return;
    if (nfa && closed_ && reason.empty()) {
      NotKept(Path("closure_date"), "a closure has a reason", report_);
    }
    to_.closure = Make(StepKind::kEpisodeClosed,
                       closed_ ? *closed_ : CompletedWithout(to_.referred),
                       Path("closure_date"));
    if (closed_) to_.closure->step.outcome = reason;
    if (nfa) to_.closure->step.flags.insert("NFA");
  }

  const pb::CensusEpisode& from_;
  FileEpisode& to_;
  const CensusBasis& basis_;
  Report& report_;
  std::optional<Date> closed_;
};

// ---- what is there ----

bool IsOf(const Step& step, const std::string& thing) {
  return step.thing_id == thing || step.about == thing;
}

bool StandsOnceInAThing(StepKind kind) {
  return kind != StepKind::kProtectionPlanReviewed &&
         kind != StepKind::kChildSeen && kind != StepKind::kAssessmentReviewed;
}

// Whether the step that is there says what the file says.
bool Agrees(const Step& there, const Step& given) {
  const auto sorted = [](std::vector<std::string> codes) {
    std::sort(codes.begin(), codes.end());
    return codes;
  };
  // When an enquiry was completed no file says.
  const bool same_day = there.date == given.date ||
                        given.kind == StepKind::kSection47Completed ||
                        (given.Has("NFA") && given.outcome.empty());
  return same_day && there.Has("NFA") == given.Has("NFA") &&
         (given.outcome.empty() || there.outcome == given.outcome) &&
         (given.about.empty() || there.about == given.about ||
          given.kind == StepKind::kConferenceHeld) &&
         (given.codes.empty() || sorted(there.codes) == sorted(given.codes)) &&
         (given.kind != StepKind::kProtectionPlanStarted ||
          there.level == given.level);
}

class Leaving {
 public:
  Leaving(const Journey& journey, Report& report)
      : journey_(journey), report_(report) {}

  // The id of the thing that is there, if it is; what is new is left in it.
  std::optional<std::string> Leave(Thing& thing) {
    const Step* begun = Begun(thing);
    if (begun == nullptr) return std::nullopt;
    taken_.insert(begun);
    const std::string id = begun->thing_id;
    Told(*begun, thing.steps.front());
    std::set<const Step*> found = {begun};
    std::vector<Incoming> fresh;
    for (std::size_t i = 1; i < thing.steps.size(); i++) {
      Incoming& one = thing.steps[i];
      if (const Step* there = There(one.step, id, found)) {
        found.insert(there);
        Told(*there, one);
      } else {
        fresh.push_back(std::move(one));
      }
    }
    thing.steps = std::move(fresh);
    return id;
  }

  void Leave(std::optional<Incoming>& closure, const std::string& path) {
    if (!journey_.closing) return;
    for (const Step& step : journey_.steps) {
      if (step.number != journey_.closing->step) continue;
      if (closure) {
        Told(step, *closure);
      } else if (step.Has("NFA")) {
        Warn(path + ".no_further_action", "KEPT_AS_IT_WAS", kOtherwise,
             report_);
      }
    }
    closure.reset();
  }

 private:
  void Told(const Step& there, const Incoming& given) {
    report_.set_already_there(report_.already_there() + 1);
    if (!Agrees(there, given.step)) {
      Warn(given.field, "KEPT_AS_IT_WAS", kOtherwise, report_);
    }
  }

  // Of things that began on the day, the one that has most of the file's.
  const Step* Begun(const Thing& thing) const {
    const Step& begins = thing.steps.front().step;
    const Step* best = nullptr;
    int most = -1;
    for (const Step& step : journey_.steps) {
      const bool same =
          !step.is_void && step.kind == begins.kind &&
          step.date == begins.date &&
          step.Has("SECTION_47") == begins.Has("SECTION_47") &&
          (step.kind != StepKind::kConferenceHeld || step.about.empty());
      if (!same || taken_.count(&step) != 0) continue;
      int likeness = Agrees(step, begins);
      for (const Incoming& one : thing.steps) {
        const Step* there = There(one.step, step.thing_id, {});
        likeness += there != nullptr && Agrees(*there, one.step);
      }
      if (likeness > most) best = &step;
      most = std::max(most, likeness);
    }
    return best;
  }

  const Step* There(const Step& given, const std::string& thing,
                    const std::set<const Step*>& found) const {
    for (const Step& step : journey_.steps) {
      if (step.is_void || step.kind != given.kind || !IsOf(step, thing)) {
        continue;
      }
      if ((StandsOnceInAThing(step.kind) || step.date == given.date) &&
          found.count(&step) == 0) {
        return &step;
      }
    }
    return nullptr;
  }

  const Journey& journey_;
  Report& report_;
  std::set<const Step*> taken_;
};

// ---- the order of what happened on one day ----

bool Ends(StepKind kind) {
  return kind == StepKind::kAssessmentAuthorised ||
         kind == StepKind::kProtectionPlanEnded ||
         kind == StepKind::kChildInNeedPlanEnded;
}

int Rank(const Incoming& incoming, const Thing& thing) {
  const StepKind kind = incoming.step.kind;
  switch (kind) {
    case StepKind::kAssessmentStarted:
    case StepKind::kStrategyDiscussionHeld:
    case StepKind::kChildInNeedPlanStarted:
      return 30;
    case StepKind::kProtectionPlanStarted:
      return 60;  // with its conference, after it
    default:
      break;
  }
  const int within = Ends(kind)                              ? 4
                     : kind == StepKind::kConferenceHeld     ? 3
                     : kind == StepKind::kSection47Completed ? 2
                                                             : 1;
  if (incoming.step.date != thing.since) return within;
  return (kind == StepKind::kSection47Completed ||
                  kind == StepKind::kConferenceHeld
              ? 40
              : 70) +
         within;
}

}  // namespace

void Refuse(const std::string& field, const Error& error, Report& report) {
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

void Warn(const std::string& field, const char* reason, const char* words,
          Report& report) {
  pb::Warning& warning = *report.add_warnings();
  warning.set_field(field);
  warning.set_reason(reason);
  warning.set_description(words);
}

FileEpisode ReadEpisode(const pb::CensusEpisode& from, const std::string& path,
                        Date referred, const CensusBasis& basis,
                        Report& report) {
  FileEpisode episode{.path = path,
                      .referred = referred,
                      .source = from.source(),
                      .need = from.primary_need()};
  Reader(from, episode, basis, report).Read();
  return episode;
}

void LeaveWhatIsThere(
    const Journey& journey,
    const std::function<std::string(StepKind begins)>& next_id,
    FileEpisode& episode, Report& report) {
  Leaving leaving(journey, report);
  leaving.Leave(episode.closure, episode.path);
  for (Thing& thing : episode.things) {
    const StepKind begins = thing.steps.front().step.kind;
    const std::string id = leaving.Leave(thing).value_or(next_id(begins));
    for (Incoming& one : thing.steps) {
      // A conference of an enquiry is a thing of its own, about the enquiry.
      const bool is_about = one.step.kind == StepKind::kConferenceHeld &&
                            begins != StepKind::kConferenceHeld;
      one.step.thing_id = is_about ? next_id(one.step.kind) : id;
      if (is_about) one.step.about = id;
    }
  }
  std::erase_if(episode.things,
                [](const Thing& thing) { return thing.steps.empty(); });
}

int Likeness(const FileEpisode& episode, const Journey& journey) {
  const bool closed = episode.closure.has_value();
  int likeness = (episode.source == journey.source) +
                 (episode.need == journey.need) +
                 2 * (closed == journey.closing.has_value());
  if (closed && journey.closing) {
    likeness += 4 * (journey.closing->no_further_action ==
                     episode.closure->step.Has("NFA")) +
                4 * (journey.closing->date == episode.closure->step.date);
  }
  for (const Thing& thing : episode.things) {
    for (const Incoming& one : thing.steps) {
      likeness += std::any_of(
          journey.steps.begin(), journey.steps.end(), [&](const Step& step) {
            return !step.is_void && step.kind == one.step.kind &&
                   step.date == one.step.date;
          });
    }
  }
  return likeness;
}

std::vector<Incoming> StepsInOrder(const FileEpisode& episode) {
  struct Ranked {
    Date date;
    int rank;
    const Incoming* incoming;
  };
  std::vector<Ranked> ranked;
  for (const Thing& thing : episode.things) {
    for (const Incoming& one : thing.steps) {
      ranked.push_back({one.step.date, Rank(one, thing), &one});
    }
  }
  std::stable_sort(
      ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tuple(a.date, a.rank) < std::tuple(b.date, b.rank);
      });
  std::vector<Incoming> ordered;
  for (const Ranked& one : ranked) ordered.push_back(*one.incoming);
  if (episode.closure) ordered.push_back(*episode.closure);
  return ordered;
}

namespace {

void LastOf(const google::protobuf::Message& message,
            std::optional<Date>& last) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  const auto see = [&](const std::string& text) {
    const auto day = census::ParseCensusDate(text);
    if (day && (!last || *day > *last)) last = day;
  };
  for (const auto* field : fields) {
    using google::protobuf::FieldDescriptor;
    const bool text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool part = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (text && !field->is_repeated()) {
      see(reflection->GetString(message, field));
    }
    if (!field->is_repeated()) continue;
    for (int i = 0; i < reflection->FieldSize(message, field); i++) {
      if (text) see(reflection->GetRepeatedString(message, field, i));
      if (part) LastOf(reflection->GetRepeatedMessage(message, field, i), last);
    }
  }
}

}  // namespace

std::optional<Date> LastDay(const pb::CensusChild& child) {
  std::optional<Date> last;
  for (const pb::CensusEpisode& episode : child.episodes()) {
    LastOf(episode, last);
  }
  return last;
}

}  // namespace seawall::referrals
