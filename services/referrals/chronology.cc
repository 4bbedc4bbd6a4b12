// What is read of a child's journey: its chronology, a triage, what is due, and
// children as the census and the inspectors' lists ask for them.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include "services/referrals/journey_handler.h"

namespace seawall::referrals {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;
constexpr int kMostChildren = 100;
constexpr int kMostEntries = 1000;
// A child's details are put together from so many of its contacts, the newest.
constexpr std::size_t kMostSaid = 100;

Error BadPage(const char* field, const char* what) {
  return Error{Code::kInvalidArgument,
               "BAD_PAGE",
               "page_size is not below 0; give back next_page_token as it was",
               {{field, what}}};
}

Result<int> PageSize(int asked, int otherwise, int largest) {
  if (asked < 0) return BadPage("page_size", "negative");
  return asked == 0 ? otherwise : std::min(asked, largest);
}

std::string Lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

Result<void> ShowStep(const seal::Sealer& sealer, const StepRow& row,
                      pb::ChronologyEntry& entry) {
  const Step& step = row;
  entry.set_subject_id(step.subject_id);
  entry.set_step(step.number);
  entry.set_kind(static_cast<pb::StepKind>(step.kind));
  entry.set_what(Lower(Name(step.kind)));
  entry.set_happened_date(FormatDate(step.date));
  Set(entry.mutable_recorded_time(), row.recorded_time);
  TRY(*entry.mutable_recorded_by(), ledger::OpenBy(sealer, step.recorded_by));
  entry.set_agency(step.agency);
  entry.set_team(step.team);
  entry.set_thing_id(step.thing_id);
  entry.set_outcome(step.outcome);
  for (const std::string& code : step.codes) entry.add_codes(code);
  entry.set_voice(static_cast<pb::VoiceKind>(step.voice));
  entry.set_is_void(step.is_void);
  return {};
}

void ShowReceived(const ContactRow& contact, pb::ChronologyEntry& entry) {
  entry.set_subject_id(contact.contact_id);
  entry.set_what("contact_received");
  entry.set_happened_date(contact.received_date);
  Set(entry.mutable_recorded_time(), contact.recorded_time);
  entry.set_recorded_by(contact.recorded_by);
  entry.set_agency(contact.agency);
  if (IsWithdrawn(contact.state)) {
    entry.set_outcome(std::string(Name(contact.state)));
  }
}

// ---- pages of what is due ----

std::string Token(const ClockRow& row) {
  return std::to_string(row.due_time) + "/" + row.subject_id + "/" + row.clock +
         "/" + row.thing_id + "/" + std::to_string(row.started_time);
}

Result<ClockRow> ParseToken(const std::string& token) {
  ClockRow row;
  if (token.empty()) return row;
  const std::vector<std::string> parts = absl::StrSplit(token, '/');
  if (parts.size() != 5 || !absl::SimpleAtoi(parts[0], &row.due_time) ||
      !absl::SimpleAtoi(parts[4], &row.started_time)) {
    return BadPage("page_token", "not one of ours");
  }
  row.subject_id = parts[1];
  row.clock = parts[2];
  row.thing_id = parts[3];
  return row;
}

// ---- children as the census names things ----

std::string Text(const std::optional<Date>& date) {
  return date ? FormatDate(*date) : "";
}

void ShowEpisode(const Journey& journey, pb::CensusEpisode& to) {
  to.set_referral_date(Text(journey.referral_date));
  to.set_source(journey.source);
  to.set_primary_need(journey.need);
  if (journey.closing) {
    if (journey.closing->no_further_action) {
      to.set_no_further_action(true);
      to.set_no_further_action_date(FormatDate(journey.closing->date));
    }
    if (!journey.closing->reason.empty()) {
      to.set_closure_date(FormatDate(journey.closing->date));
      to.set_closure_reason(journey.closing->reason);
    }
  }
  for (const Conference& one : journey.conferences) {
    if (one.enquiry_id.empty()) to.set_conference_date(FormatDate(one.date));
  }
  for (const Assessment& one : journey.assessments) {
    pb::CensusAssessment& line = *to.add_assessments();
    line.set_start_date(FormatDate(one.start));
    line.set_review_date(Text(one.reviewed));
    line.set_authorisation_date(Text(one.authorised));
    line.set_child_seen_date(Text(one.seen));
    line.set_outcome(one.outcome);
    for (const std::string& factor : one.factors) line.add_factors(factor);
  }
  for (const Span& one : journey.child_in_need_plans) {
    pb::CensusSpan& line = *to.add_child_in_need_plans();
    line.set_start_date(FormatDate(one.start));
    line.set_end_date(Text(one.end));
  }
  for (const ProtectionPlan& one : journey.protection_plans) {
    pb::CensusPlan& line = *to.add_protection_plans();
    line.set_start_date(FormatDate(one.start));
    line.set_end_date(Text(one.end));
    line.set_initial_category(one.initial_category);
    line.set_latest_category(one.latest_category);
    line.set_previous_plans(one.previous);
    line.set_last_visit_date(Text(one.last_visit));
    line.set_seen_alone(one.last_seen_alone);
    for (const Date& review : one.reviews) {
      line.add_review_dates(FormatDate(review));
    }
  }
}

void ShowEnquiries(const Journey& journey, const ClockRule* conference,
                   const Calendar& calendar, pb::CensusEpisode& to) {
  for (const Enquiry& one : journey.enquiries) {
    pb::CensusSection47& line = *to.add_enquiries();
    line.set_start_date(FormatDate(one.start));
    line.set_conference_date(Text(one.conference));
    line.set_conference_not_required(one.completed && !one.ConferenceCalled());
    if (line.conference_not_required()) {
      line.set_completed_date(Text(one.completed));
    }
    if (one.from_census) {
      line.set_conference_target_date(Text(one.target));
    } else if (conference != nullptr && !line.conference_not_required()) {
      const Instant due = Due(*conference, StartOfDay(one.start), calendar);
      line.set_conference_target_date(FormatDate(DueDate(due)));
    }
  }
}

std::string DayOf(const Member& contact) {
  return FormatDate(CivilDate(FromMicros(contact.received_time)));
}

bool Overlaps(const EpisodeRow& episode, const std::string& start,
              const std::string& end) {
  return episode.referral_date <= end &&
         (episode.closed_date.empty() || episode.closed_date >= start);
}

}  // namespace

void ShowChild(const pb::Child& child, pb::CensusChild& to) {
  to.set_la_child_id(child.la_child_id());
  // As it was understood, where it was.
  const Identifier upn = ParseUpn(child.upn());
  to.set_upn(upn.ok ? upn.normalised : child.upn());
  to.set_former_upn(child.former_upn());
  to.set_upn_unknown(child.upn_unknown());
  to.set_date_of_death(child.date_of_death());
  to.set_date_of_birth(child.date_of_birth());
  to.set_expected_date_of_birth(child.expected_date_of_birth());
  to.set_sex(child.sex());
  to.set_ethnicity(child.ethnicity());
  *to.mutable_disabilities() = child.disabilities();
}

namespace {

// What a census asks of a child; Child and CensusChild have the same names.
constexpr const char* kDetails[] = {
    "la_child_id",   "upn",           "former_upn",
    "upn_unknown",   "date_of_birth", "expected_date_of_birth",
    "date_of_death", "sex",           "ethnicity"};
// What is said until something is known.
constexpr std::pair<const char*, const char*> kUntil[] = {
    {"date_of_birth", "expected_date_of_birth"}, {"upn", "upn_unknown"}};

std::string Get(const google::protobuf::Message& child,
                const std::string& name) {
  return child.GetReflection()->GetString(
      child, child.GetDescriptor()->FindFieldByName(name));
}

void Put(const std::string& name, const std::string& value,
         google::protobuf::Message& child) {
  child.GetReflection()->SetString(
      &child, child.GetDescriptor()->FindFieldByName(name), value);
}

bool SaysNothing(const std::string& name, const std::string& value) {
  return value.empty() || (name == "sex" && value == "U") ||
         (name == "ethnicity" && value == "NOBT");
}

}  // namespace

void FillIn(const google::protobuf::Message& from,
            google::protobuf::Message& to) {
  for (const auto& [known, until] : kUntil) {
    if (!Get(to, known).empty()) continue;
    if (!Get(from, known).empty()) Put(until, "", to);
    if (Get(to, until).empty()) Put(until, Get(from, until), to);
  }
  for (const char* name : kDetails) {
    const bool is_until = std::any_of(
        std::begin(kUntil), std::end(kUntil),
        [&](const auto& pair) { return pair.second == std::string(name); });
    const std::string given = Get(from, name);
    if (is_until || given.empty() || !SaysNothing(name, Get(to, name)))
      continue;
    if (Get(to, name).empty() || !SaysNothing(name, given))
      Put(name, given, to);
  }
  const auto* reflection = to.GetReflection();
  const auto* disabilities =
      to.GetDescriptor()->FindFieldByName("disabilities");
  const auto* given = from.GetDescriptor()->FindFieldByName("disabilities");
  if (reflection->FieldSize(to, disabilities) > 0) return;
  for (int i = 0; i < from.GetReflection()->FieldSize(from, given); i++) {
    reflection->AddString(
        &to, disabilities,
        from.GetReflection()->GetRepeatedString(from, given, i));
  }
}

void Supplement(const google::protobuf::Message& from,
                google::protobuf::Message& to) {
  FillIn(from, to);
  for (const auto& [known, until] : kUntil) {
    const std::string later = Get(from, until);
    if (Get(to, known).empty() && !later.empty()) Put(until, later, to);
  }
}

std::vector<std::string> Differing(const pb::CensusChild& one,
                                   const pb::CensusChild& other) {
  std::vector<std::string> names;
  for (const char* name : kDetails) {
    if (Get(one, name) != Get(other, name)) names.push_back(name);
  }
  const auto sorted = [](const pb::CensusChild& child) {
    std::vector<std::string> codes(child.disabilities().begin(),
                                   child.disabilities().end());
    std::sort(codes.begin(), codes.end());
    return codes;
  };
  if (sorted(one) != sorted(other)) names.push_back("disabilities");
  return names;
}

void ShowClock(const std::string& subject, const ClockState& clock, Instant now,
               pb::Clock& to) {
  to.set_clock(clock.clock);
  to.set_subject_id(subject);
  to.set_thing_id(clock.thing);
  to.set_started_date(FormatDate(CivilDate(clock.started)));
  Set(to.mutable_due_time(), clock.due);
  if (clock.stopped) {
    to.set_stopped_date(FormatDate(CivilDate(*clock.stopped)));
    to.set_in_time(clock.in_time());
  } else {
    to.set_overdue(clock.due <= now);
  }
}

void Journeys::Show(const Scene& scene, const Taken& taken,
                    pb::StepReceipt& receipt) const {
  receipt.set_subject_id(scene.id());
  receipt.set_version(scene.episode ? scene.episode->version
                                    : scene.contact.version);
  receipt.set_step(taken.step.number);
  receipt.set_thing_id(taken.step.thing_id);
  if (scene.episode) receipt.set_episode_id(scene.id());
  const Instant now = parts_.clock.Now();
  for (const ClockState& clock : taken.changed) {
    ShowClock(scene.id(), clock, now, *receipt.add_clocks());
  }
  for (const Broken& broken : taken.findings) {
    pb::Finding& finding = *receipt.add_findings();
    finding.set_rule(broken.rule);
    finding.set_description(broken.words);
  }
}

Result<pb::GetTriageResponse> Journeys::GetTriage(
    Reading& reading, const pb::GetTriageRequest& request) {
  const Records& records = reading.Records();
  const Call& call = reading.call();
  const std::string& agency = call.caller.agency;
  // Who escalated what a referral led to knows the episode alone.
  const auto subject = steps_.Load(records, request.contact_id());
  if (!subject && subject.error().code == Code::kNotFound) return NoContact();
  if (!subject) return subject.error();
  TRY(const Scene scene, steps_.Load(records, subject->contact));
  TRY(const std::vector<EpisodeRow> episodes,
      store_.EpisodesOf(records, {scene.contact}));
  std::vector<Scene> scenes = {scene};
  for (const EpisodeRow& episode : episodes) {
    TRY(Scene one, steps_.Load(records, episode));
    scenes.push_back(std::move(one));
  }
  const bool hub = call.caller.role == rpc::Role::kHub;
  const bool asked = hub || WasAsked(scene, agency);
  std::set<std::string> raised;
  for (const Scene& one : scenes) {
    for (const Escalation& escalation : one.journey.escalations) {
      if (escalation.agency == agency) raised.insert(escalation.id);
    }
  }
  if (!asked && raised.empty()) return NoContact();
  if (!scene.journey.triage && raised.empty()) {
    return Error{Code::kFailedPrecondition, "NO_TRIAGE",
                 "no triage was opened for this contact"};
  }
  pb::GetTriageResponse response;
  response.set_contact_id(scene.id());
  if (asked) TRY_VOID(ShowTriage(reading, scene, response));
  // An agency sees what it was asked, its own, and what it was answered.
  for (const Scene& one : scenes) {
    TRY(const std::vector<StepRow> rows, steps_.rows().Of(records, one.id()));
    for (const StepRow& row : rows) {
      const bool of_triage =
          one.id() == scene.id() && asked &&
          (hub || row.agency == agency || row.kind == StepKind::kTriageOpened);
      if (!of_triage && raised.count(row.thing_id) == 0) continue;
      reading.Shows(one.id());
      pb::ChronologyEntry& entry = *response.add_steps();
      TRY_VOID(ShowStep(parts_.sealer, row, entry));
      TRY(*entry.mutable_said(),
          steps_.rows().Open(reading.grant(), reading.Records(), row));
    }
  }
  return response;
}

// The child, the concern, the question's due time and what was decided.
Result<void> Journeys::ShowTriage(Reading& reading, const Scene& scene,
                                  pb::GetTriageResponse& response) const {
  reading.Shows(scene.id());
  for (const ClockState& clock : steps_.ClocksOf(scene)) {
    if (clock.clock.starts_with("triage_")) {
      Set(response.mutable_due_time(), clock.due);
    }
  }
  TRY(pb::SealedContact details,
      store_.Details(reading.grant(), reading.Records(), scene.id()));
  if (details.form().children_size() > 0) {
    *response.mutable_child() = details.form().children(0);
  }
  *response.mutable_concern() = details.form().concern();
  if (!scene.journey.triage) return {};
  response.set_decision(
      static_cast<pb::Decision>(scene.journey.triage->decision));
  for (const std::string& agency : scene.journey.triage->awaiting) {
    response.add_awaiting_agreement(agency);
  }
  return {};
}

// An entry before it is opened: enough to put it in order.
struct Journeys::Dated {
  enum What { kReceived, kDecided, kStep };
  std::string date;
  long long time = 0;  // when it was received or recorded
  std::string subject_id;
  int what = kReceived;
  int number = 0;  // of the decision or step

  auto operator<=>(const Dated&) const = default;
  std::string Token() const {
    return absl::StrCat(date, "/", time, "/", subject_id, "/", what, "/",
                        number);
  }
};

// What a chronology is made of.
struct Journeys::Story {
  std::vector<Member> contacts;
  std::vector<EpisodeRow> episodes;
  std::map<std::string, std::vector<DecisionRow>> decisions;  // by contact
  std::map<std::string, std::vector<StepRow>> steps;          // by subject
};

Result<Journeys::Story> Journeys::Read(const Records& records,
                                       const ContactRow& contact) const {
  Story story;
  TRY(story.contacts, parts_.children.SameChild(records, contact));
  std::vector<std::string> subjects = IdsOf(story.contacts), decided;
  TRY(story.decisions, store_.DecisionsOf(records, subjects));
  for (const auto& [contact, rows] : story.decisions) {
    decided.push_back(contact);
  }
  TRY(story.episodes, store_.Episodes(records, decided));
  for (const auto& one : story.episodes) subjects.push_back(one.episode_id);
  TRY(story.steps, steps_.rows().OfMany(records, subjects));
  return story;
}

std::vector<Journeys::Dated> Journeys::InOrder(const Story& story) {
  std::vector<Dated> dated;
  for (const Member& one : story.contacts) {
    dated.push_back(
        {DayOf(one), one.received_time, one.contact_id, Dated::kReceived});
  }
  for (const auto& [contact, rows] : story.decisions) {
    for (const DecisionRow& row : rows) {
      dated.push_back({row.decided_date, row.recorded_time, contact,
                       Dated::kDecided, static_cast<int>(row.number)});
    }
  }
  for (const auto& [subject, rows] : story.steps) {
    for (const StepRow& row : rows) {
      dated.push_back({FormatDate(row.date), row.recorded_time, subject,
                       Dated::kStep, row.number});
    }
  }
  std::sort(dated.begin(), dated.end());
  return dated;
}

// The page that ends where the one before began, or with the newest entry.
Result<std::vector<Journeys::Dated>> Journeys::PageOf(
    std::vector<Dated> all, const pb::GetChronologyRequest& request,
    pb::GetChronologyResponse& response) {
  TRY(const int size,
      PageSize(request.page_size(), kMostEntries, kMostEntries));
  auto end = all.end();
  if (!request.page_token().empty()) {
    const std::vector<std::string> parts =
        absl::StrSplit(request.page_token(), '/');
    Dated before;
    if (parts.size() != 5 || !absl::SimpleAtoi(parts[1], &before.time) ||
        !absl::SimpleAtoi(parts[3], &before.what) ||
        !absl::SimpleAtoi(parts[4], &before.number)) {
      return BadPage("page_token", "not one of ours");
    }
    before.date = parts[0];
    before.subject_id = parts[2];
    end = std::lower_bound(all.begin(), all.end(), before);
  }
  const auto begin = end - std::min<std::ptrdiff_t>(size, end - all.begin());
  response.set_more(static_cast<int>(begin - all.begin()));
  if (begin != all.begin()) response.set_next_page_token(begin->Token());
  return std::vector<Dated>(begin, end);
}

Result<pb::GetChronologyResponse> Journeys::GetChronology(
    Reading& reading, const pb::GetChronologyRequest& request) {
  const Records& records = reading.Records();
  TRY(const Scene subject, steps_.Load(records, request.subject_id()));
  TRY(const Story story, Read(records, subject.contact));
  pb::GetChronologyResponse response;
  TRY(const std::vector<Dated> page, PageOf(InOrder(story), request, response));
  if (request.page_token().empty()) {
    TRY_VOID(ShowClocks(reading, story, response));
  }
  TRY_VOID(ShowEntries(reading, story, page, response));
  return response;
}

// A contact without steps has no clock of its journey.
Result<void> Journeys::ShowClocks(Reading& reading, const Story& story,
                                  pb::GetChronologyResponse& response) const {
  std::vector<std::string> ids;
  for (const Member& one : story.contacts) {
    if (story.steps.count(one.contact_id)) ids.push_back(one.contact_id);
  }
  const std::size_t with_steps = ids.size();
  for (const EpisodeRow& one : story.episodes) ids.push_back(one.contact_id);
  TRY(const std::vector<ContactRow> rows,
      store_.Contacts(reading.Records(), ids));
  std::map<std::string, const ContactRow*> contacts;
  for (const ContactRow& row : rows) contacts[row.contact_id] = &row;
  const Instant now = parts_.clock.Now();
  const auto show = [&](const std::string& contact, const EpisodeRow* episode) {
    if (!contacts.count(contact)) return;
    const auto steps =
        story.steps.find(episode ? episode->episode_id : contact);
    const Scene scene = Steps::SceneOf(
        *contacts[contact], episode ? std::optional(*episode) : std::nullopt,
        steps == story.steps.end() ? std::vector<StepRow>() : steps->second);
    for (const ClockState& clock : steps_.ClocksOf(scene)) {
      ShowClock(scene.id(), clock, now, *response.add_clocks());
    }
  };
  for (std::size_t i = 0; i < with_steps; i++) show(ids[i], nullptr);
  for (const EpisodeRow& one : story.episodes) show(one.contact_id, &one);
  return {};
}

Result<void> Journeys::ShowEntries(Reading& reading, const Story& story,
                                   const std::vector<Dated>& page,
                                   pb::GetChronologyResponse& response) const {
  std::vector<std::string> received;
  for (const Dated& one : page) {
    if (one.what == Dated::kReceived) received.push_back(one.subject_id);
  }
  TRY(const std::vector<ContactRow> rows,
      store_.Contacts(reading.Records(), received));
  TRY(auto details, store_.Details(reading.grant(), reading.Records(), rows));
  std::map<std::string, const ContactRow*> contacts;
  for (const ContactRow& row : rows) contacts[row.contact_id] = &row;
  std::set<std::string> shown;
  for (const Dated& one : page) {
    const std::string& id = one.subject_id;
    if (shown.insert(id).second) {
      reading.Shows(id);
      if (!id.starts_with("E-")) response.add_contact_ids(id);
    }
    pb::ChronologyEntry& entry = *response.add_entries();
    if (one.what == Dated::kReceived) {
      ShowReceived(*contacts.at(id), entry);
      *entry.mutable_said()->mutable_contact() =
          std::move(*details[id].mutable_form());
      continue;
    }
    const auto number = static_cast<std::size_t>(one.number) - 1;
    if (one.what == Dated::kDecided) {
      TRY_VOID(
          ShowDecided(reading, id, story.decisions.at(id).at(number), entry));
      continue;
    }
    const StepRow& row = story.steps.at(id).at(number);
    TRY_VOID(ShowStep(parts_.sealer, row, entry));
    TRY(*entry.mutable_said(),
        steps_.rows().Open(reading.grant(), reading.Records(), row));
  }
  return {};
}

Result<void> Journeys::ShowDecided(Reading& reading, const std::string& contact,
                                   const DecisionRow& decision,
                                   pb::ChronologyEntry& entry) const {
  entry.set_subject_id(contact);
  entry.set_what(decision.number == 1 ? "contact_decided"
                                      : "decision_corrected");
  entry.set_happened_date(decision.decided_date);
  Set(entry.mutable_recorded_time(), decision.recorded_time);
  TRY(*entry.mutable_recorded_by(),
      ledger::OpenBy(parts_.sealer, decision.decided_by));
  entry.set_outcome(std::string(Name(decision.decision)));
  entry.set_thing_id(decision.episode_id);
  TRY(const pb::SealedDecision sealed,
      store_.Open(reading.grant(), reading.Records(), decision));
  pb::DecisionRecord& said = *entry.mutable_said()->mutable_decision();
  said.set_rationale(sealed.rationale());
  said.set_threshold_decision(sealed.threshold_decision());
  said.set_triage_decision(sealed.triage_decision());
  return {};
}

Result<pb::ListDueResponse> Journeys::ListDue(
    Reading& reading, const pb::ListDueRequest& request) {
  const Call& call = reading.call();
  const Instant now = parts_.clock.Now();
  DueQuery query;
  TRY(const int size,
      PageSize(request.page_size(), kDefaultPage, kLargestPage));
  TRY(query.after, ParseToken(request.page_token()));
  if (!request.clock().empty() && !steps_.clocks().Find(request.clock())) {
    return Error{Code::kInvalidArgument,
                 "CODE_UNKNOWN",
                 "there is no such clock",
                 {{"clock", "none of data/clocks.json"}}};
  }
  query.clock = request.clock();
  query.limit = size + 1;
  if (call.caller.role != rpc::Role::kHub) query.agency = call.caller.agency;
  if (request.overdue_only()) query.due_by = ToMicros(now);
  TRY(std::vector<ClockRow> rows, steps_.rows().Due(reading.Records(), query));
  pb::ListDueResponse response;
  if (static_cast<int>(rows.size()) > size) {
    rows.resize(static_cast<std::size_t>(size));
    response.set_next_page_token(Token(rows.back()));
  }
  for (const ClockRow& row : rows) {
    reading.Shows(row.subject_id);
    ShowClock(row.subject_id,
              {row.clock, row.thing_id, FromMicros(row.started_time),
               FromMicros(row.due_time)},
              now, *response.add_clocks());
  }
  return response;
}

// What the contacts say of the child, the one asked about before the others,
// the newest of those first.
Result<void> Journeys::ShowSaid(Reading& reading,
                                const std::vector<Member>& contacts,
                                pb::CensusChild& to) const {
  for (std::size_t i = 0; i < std::min(contacts.size(), kMostSaid); i++) {
    TRY(const pb::SealedContact details,
        store_.Details(reading.grant(), reading.Records(),
                       contacts[i].contact_id));
    if (details.form().children_size() == 0) continue;
    pb::CensusChild said;
    ShowChild(details.form().children(0), said);
    FillIn(said, to);
  }
  return {};
}

// A code that was none of its day counts as not known. It is shown as it came
// if it was one of another day; else as the census says that it is not known,
// 10 and N0, or not at all where the census does not ask.
Result<void> Journeys::ShowCodes(Reading& reading, const Scene& scene,
                                 pb::CensusEpisode& to) const {
  using namespace std::chrono_literals;
  constexpr Date kSourceAskedFrom = Date(2013y / std::chrono::April / 1);
  constexpr char kNotKnown[] = "unknown";
  if (to.source() != kNotKnown && to.primary_need() != kNotKnown) return {};
  TRY(const pb::SealedContact details,
      store_.Details(reading.grant(), reading.Records(),
                     scene.contact.contact_id));
  const pb::ContactForm& form = details.form();
  const auto shown = [&](const char* set, const std::string& known,
                         const std::string& came, const char* otherwise) {
    if (known != kNotKnown) return known;
    return parts_.codes.Find(set, came) != nullptr ? came
                                                   : std::string(otherwise);
  };
  const bool asked = *scene.journey.referral_date >= kSourceAskedFrom;
  to.set_source(shown("source", to.source(), form.source(), asked ? "10" : ""));
  to.set_primary_need(shown("need", to.primary_need(),
                            form.concern().primary_need(),
                            to.no_further_action() ? "" : "N0"));
  return {};
}

Result<pb::ListChildrenResponse> Journeys::ListChildren(
    Reading& reading, const pb::ListChildrenRequest& request) {
  const Records& records = reading.Records();
  const std::string& start = request.start_date();
  const std::string& end = request.end_date();
  if (!ParseDate(start) || !ParseDate(end) || start > end) {
    return Error{
        Code::kInvalidArgument,
        "BAD_PERIOD",
        "give the first and the last day of the period",
        {{"start_date", "or end_date: no day, or the wrong way round"}}};
  }
  TRY(const int size,
      PageSize(request.page_size(), kDefaultPage, kMostChildren));
  TRY(const std::vector<std::string> ids,
      store_.ContactsOfPeriod(records,
                              {start, end, request.page_token(), size + 1}));
  pb::ListChildrenResponse response;
  // Contacts of children that were looked at on this page.
  std::set<std::string> known;
  for (std::size_t i = 0; i < ids.size(); i++) {
    if (static_cast<int>(i) == size) {
      response.set_next_page_token(ids[i - 1]);
      break;
    }
    if (known.count(ids[i])) continue;
    TRY(const ContactRow self, store_.Contact(records, ids[i]));
    TRY(const std::vector<Member> contacts,
        parts_.children.SameChild(records, self));
    for (const Member& one : contacts) known.insert(one.contact_id);
    TRY(const std::vector<Scene> child, steps_.Child(records, contacts));
    // The child stands where its first contact of the period does.
    std::set<std::string> of_period;
    for (const Member& one : contacts) {
      const std::string day = DayOf(one);
      if (day >= start && day <= end) of_period.insert(one.contact_id);
    }
    for (const Scene& scene : child) {
      if (Overlaps(*scene.episode, start, end)) {
        of_period.insert(scene.episode->contact_id);
      }
    }
    if (of_period.empty() || *of_period.begin() < self.contact_id) continue;
    pb::ChildRecord& record = *response.add_children();
    TRY_VOID(ShowSaid(reading, contacts, *record.mutable_child()));
    std::vector<std::string> lines;
    for (const Member& one : contacts) {
      reading.Shows(one.contact_id);
      const std::string day = DayOf(one);
      if (day >= start && day <= end) lines.push_back(one.contact_id);
    }
    TRY(const std::vector<ContactRow> rows, store_.Contacts(records, lines));
    for (const ContactRow& contact : rows) {
      pb::ContactLine& line = *record.add_contacts();
      line.set_contact_id(contact.contact_id);
      line.set_received_date(contact.received_date);
      line.set_source(contact.source);
      line.set_decision(static_cast<pb::Decision>(contact.decision));
    }
    const ClockRule* conference = steps_.clocks().Find("conference");
    for (const Scene& scene : child) {
      if (!Overlaps(*scene.episode, start, end)) continue;
      pb::CensusEpisode& episode = *record.mutable_child()->add_episodes();
      ShowEpisode(scene.journey, episode);
      TRY_VOID(ShowCodes(reading, scene, episode));
      ShowEnquiries(scene.journey, conference, parts_.calendar, episode);
      record.add_episode_ids(scene.id());
      std::string team;
      for (const Step& step : scene.journey.steps) {
        if (!step.team.empty()) team = step.team;
      }
      record.add_teams(team);
      for (const Span& one : scene.journey.early_help) {
        pb::CensusSpan& line = *record.add_early_help();
        line.set_start_date(FormatDate(one.start));
        line.set_end_date(Text(one.end));
      }
    }
    if (record.child().la_child_id().empty()) {
      // At most 20 characters, letters and digits.
      record.mutable_child()->set_la_child_id(
          self.contact_id.substr(self.contact_id.size() - 20));
    }
  }
  return response;
}

}  // namespace seawall::referrals
