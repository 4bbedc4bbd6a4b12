// Reading: the hub's view with the look-back, worklists, the referrer's view.
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include "libs/base/text.h"
#include "services/referrals/handler.h"

namespace seawall::referrals {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;

void ShowQuality(const ContactRow& row, pb::Quality& quality) {
  quality.set_rubric_version(static_cast<int>(row.rubric_version));
  quality.set_score(static_cast<int>(row.quality_score));
  quality.set_maximum(static_cast<int>(row.quality_maximum));
  quality.set_band(static_cast<pb::QualityBand>(row.quality_band));
  for (absl::string_view criterion :
       absl::StrSplit(row.failed_criteria, ' ', absl::SkipEmpty())) {
    quality.add_failed_criteria(criterion.data(), criterion.size());
  }
}

bool Overdue(const ContactRow& row, Instant now) {
  return IsOpen(row.state) && row.due_time <= ToMicros(now);
}

bool Holds(const Date earlier, const Date later) {
  return earlier > AddMonths(later, -12) && earlier <= later;
}

Error BadPage(const char* field, const char* what) {
  return Error{Code::kInvalidArgument,
               "BAD_PAGE",
               "page_size is not below 0; give back next_page_token as it was",
               {{field, what}}};
}

struct Page {
  long long due = std::numeric_limits<long long>::min();
  std::string id;
};

// "<due time>/<contact id>": where the page before ended.
Result<Page> ParsePage(const std::string& token) {
  Page page;
  if (token.empty()) return page;
  const std::vector<std::string> parts = absl::StrSplit(token, '/');
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &page.due)) {
    return BadPage("page_token", "not one of ours");
  }
  page.id = parts[1];
  return page;
}

Result<int> PageSize(int asked, int otherwise, int largest) {
  if (asked < 0) return BadPage("page_size", "negative");
  return asked == 0 ? otherwise : std::min(asked, largest);
}

void ShowEpisodes(const std::vector<const EpisodeRow*>& episodes,
                  pb::EarlierContact& earlier) {
  for (const EpisodeRow* episode : episodes) {
    earlier.set_episode_id(episode->episode_id);
    earlier.set_referral_date(episode->referral_date);
    earlier.set_closed_date(episode->closed_date);
  }
}

pb::EarlierContact ToEarlier(const Related& related, const ContactRow& row) {
  pb::EarlierContact earlier;
  earlier.set_contact_id(row.contact_id);
  earlier.set_match(related.match);
  for (const std::string& on : related.matched_on) earlier.add_matched_on(on);
  for (const std::string& on : related.differs_on) earlier.add_differs_on(on);
  Set(earlier.mutable_received_time(), row.received_time);
  earlier.set_source(row.source);
  earlier.set_primary_need(row.need);
  earlier.set_state(static_cast<pb::State>(row.state));
  earlier.set_decision(static_cast<pb::Decision>(row.decision));
  earlier.set_episode_id(row.episode_id);
  return earlier;
}

constexpr int kMostRelated = 1000;

// "<match>/<received time>/<contact id>": the last one of a page.
std::string TokenOf(const Related& related) {
  return std::to_string(related.match) + "/" +
         std::to_string(related.received_time) + "/" + related.contact_id;
}

// The page asked for, out of all, which are in order.
struct RelatedPage {
  std::vector<Related> related;
  std::string next;
  int more = 0;
};

Result<RelatedPage> PageOf(std::vector<Related> all, int size,
                           const std::string& token) {
  TRY(const std::size_t most, PageSize(size, kMostRelated, kMostRelated));
  auto begin = all.begin();
  if (!token.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(token, '/');
    Related last;
    int match = 0;
    if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &match) ||
        !absl::SimpleAtoi(parts[1], &last.received_time)) {
      return BadPage("page_token", "not one of ours");
    }
    last.match = static_cast<pb::Match>(match);
    last.contact_id = parts[2];
    begin = std::upper_bound(all.begin(), all.end(), last, ComesBefore);
  }
  RelatedPage page;
  const auto left = static_cast<std::size_t>(all.end() - begin);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, left));
  page.more = static_cast<int>(all.end() - end);
  page.related.assign(std::make_move_iterator(begin),
                      std::make_move_iterator(end));
  if (page.more > 0) page.next = TokenOf(page.related.back());
  return page;
}

// Names nothing of what was given but its shape.
Result<void> CheckBirthDate(const std::string& text) {
  if (Blank(text) || ParseDate(text)) return {};
  const bool day_first = text.find('/') != std::string::npos ||
                         text.find('.') != std::string::npos ||
                         text.find('-') < 3;
  return Error{Code::kInvalidArgument,
               "DATE_IMPOSSIBLE",
               "the date of birth cannot be read; give it as YYYY-MM-DD",
               {{"date_of_birth",
                 day_first ? "looks like day, month, year; give YYYY-MM-DD"
                           : "not a day YYYY-MM-DD"}}};
}

// What the search goes by: a number that checks out, or name and birth date.
Result<void> CheckFindBy(const pb::FindContactsRequest& request,
                         const Understood& read) {
  TRY_VOID(CheckBirthDate(request.date_of_birth()));
  if (!child::KeysOf(read.identity.child).empty()) return {};
  Error error{Code::kInvalidArgument, "NOTHING_TO_FIND_BY",
              "give an NHS number or UPN that checks out, or a name with a "
              "date of birth"};
  const auto say = [&](const char* field, const std::string& given,
                       const std::string& wrong) {
    if (Blank(given)) error.fields.push_back({field, "missing"});
    if (!Blank(given) && !wrong.empty()) {
      error.fields.push_back({field, wrong});
    }
  };
  const auto warned = [&](const std::string& field) {
    for (const pb::Warning& warning : read.warnings) {
      if (warning.field() == "form.children[0]." + field) {
        return warning.description();
      }
    }
    return std::string();
  };
  say("nhs_number", request.nhs_number(), "given, but does not check out");
  say("upn", request.upn(), "given, but does not check out");
  say("family_name", request.family_name(), "");
  say("date_of_birth", request.date_of_birth(), warned("date_of_birth"));
  return error;
}

}  // namespace

// Shows a page of related contacts, with the episodes they led to.
Result<void> Referrals::ShowRelated(
    Reading& reading, const std::vector<Related>& related,
    google::protobuf::RepeatedPtrField<pb::EarlierContact>& to) const {
  const Records& records = reading.Records();
  std::vector<std::string> ids;
  for (const Related& one : related) ids.push_back(one.contact_id);
  TRY(const std::vector<ContactRow> contacts, store_.Contacts(records, ids));
  TRY(const std::vector<EpisodeRow> episodes,
      store_.EpisodesOf(records, contacts));
  std::map<std::string, const ContactRow*> by_id;
  for (const ContactRow& row : contacts) by_id[row.contact_id] = &row;
  std::map<std::string, std::vector<const EpisodeRow*>> by_contact, by_episode;
  for (const EpisodeRow& episode : episodes) {
    by_contact[episode.contact_id].push_back(&episode);
    by_episode[episode.episode_id].push_back(&episode);
  }
  for (const Related& one : related) {
    const auto row = by_id.find(one.contact_id);
    if (row == by_id.end()) continue;
    reading.Shows(one.contact_id);
    pb::EarlierContact& earlier = *to.Add();
    earlier = ToEarlier(one, *row->second);
    ShowEpisodes(by_contact[one.contact_id], earlier);
    ShowEpisodes(by_episode[earlier.episode_id()], earlier);
  }
  return {};
}

Result<pb::GetContactResponse> Referrals::GetContact(
    Reading& reading, const pb::GetContactRequest& request) {
  const Records& records = reading.Records();
  TRY(const ContactRow row, store_.Contact(records, request.contact_id()));
  reading.Shows(row.contact_id);
  pb::GetContactResponse response;
  TRY_VOID(Show(reading, row, *response.mutable_contact()));

  TRY(Around around, parts_.children.LookAround(records, row));
  TRY(const RelatedPage page,
      PageOf(std::move(around.look_back), request.page_size(),
             request.page_token()));
  TRY_VOID(ShowRelated(reading, page.related, *response.mutable_look_back()));
  response.set_next_page_token(page.next);
  response.set_more(page.more);

  TRY(const std::vector<EpisodeRow> own,
      store_.Episodes(records, IdsOf(around.child)));
  const Date day = ParseDate(row.received_date).value_or(Date{});
  const long long begin =
      ToMicros(StartOfDay(AddMonths(day, -12) + std::chrono::days(1)));
  int contacts_before = 0, referrals_before = 0;
  for (const Member& one : around.child) {
    contacts_before += one.contact_id != row.contact_id &&
                       one.received_time <= row.received_time &&
                       one.received_time >= begin;
  }
  for (const EpisodeRow& episode : own) {
    referrals_before +=
        episode.contact_id != row.contact_id &&
        Holds(ParseDate(episode.referral_date).value_or(Date{}), day);
  }
  response.set_contacts_in_12_months(contacts_before);
  response.set_referrals_in_12_months(referrals_before);
  TRY(const bool triage, TriageDecisionRequired(records, row));
  response.mutable_contact()->set_triage_decision_required(
      triage && !IsWithdrawn(row.state));
  return response;
}

Result<void> Referrals::Show(Reading& reading, const ContactRow& row,
                             pb::Contact& contact) const {
  const Records& records = reading.Records();
  contact.set_contact_id(row.contact_id);
  contact.set_version(row.version);
  contact.set_state(static_cast<pb::State>(row.state));
  contact.set_priority(static_cast<pb::Priority>(row.priority));
  contact.set_route(static_cast<pb::Route>(row.route));
  ShowQuality(row, *contact.mutable_quality());
  contact.set_agency(row.agency);
  contact.set_recorded_by(row.recorded_by);
  Set(contact.mutable_received_time(), row.received_time);
  Set(contact.mutable_recorded_time(), row.recorded_time);
  Set(contact.mutable_decision_due_time(), row.due_time);
  contact.set_overdue(Overdue(row, parts_.clock.Now()));
  if (const auto due = ParseDate(row.confirmation_due_date)) {
    Set(contact.mutable_confirmation_due_time(), EndOfDay(*due));
  }
  if (row.confirmed_time != 0) {
    Set(contact.mutable_confirmed_time(), row.confirmed_time);
  }
  if (row.acknowledged_time != 0) {
    Set(contact.mutable_acknowledged_time(), row.acknowledged_time);
  }
  TRY(pb::SealedContact details,
      store_.Details(reading.grant(), records, row.contact_id));
  *contact.mutable_form() = std::move(*details.mutable_form());
  contact.mutable_warnings()->Swap(details.mutable_warnings());

  TRY(const std::vector<DecisionRow> decisions,
      store_.Decisions(records, row.contact_id));
  for (const DecisionRow& decision : decisions) {
    TRY(const pb::SealedDecision sealed,
        store_.Open(reading.grant(), records, decision));
    pb::DecisionRecord& record = *contact.add_decisions();
    record.set_decision(static_cast<pb::Decision>(decision.decision));
    record.set_rationale(sealed.rationale());
    record.set_threshold_decision(sealed.threshold_decision());
    record.set_triage_decision(sealed.triage_decision());
    TRY(*record.mutable_decided_by(),
        ledger::OpenBy(parts_.sealer, decision.decided_by));
    Set(record.mutable_decided_time(), decision.decided_time);
    Set(record.mutable_recorded_time(), decision.recorded_time);
    record.set_episode_id(decision.episode_id);
    if (decision.decision == Decision::kReferral) {
      const auto episode = store_.Episode(records, decision.episode_id);
      record.set_re_referral(episode && episode->re_referral != 0);
    }
  }
  return ShowNotes(reading, row, contact);
}

Result<void> Referrals::ShowNotes(Reading& reading, const ContactRow& row,
                                  pb::Contact& contact) const {
  TRY(const std::vector<NoteRow> notes,
      store_.Notes(reading.Records(), row.contact_id));
  for (const NoteRow& note : notes) {
    TRY(const pb::SealedNote sealed,
        store_.Open(reading.grant(), reading.Records(), note));
    auto& returns = *contact.mutable_returns();
    auto& withdrawals = *contact.mutable_withdrawals();
    const auto state = Named<State>(note.kind);
    if (note.kind == "RETURN") {
      pb::ReturnRecord& record = *returns.Add();
      record.set_question(sealed.text());
      *record.mutable_missing_fields() = sealed.missing_fields();
      Set(record.mutable_returned_time(), note.noted_time);
    } else if (note.kind == "ANSWER" && !returns.empty()) {
      pb::ReturnRecord& record = *returns.Mutable(returns.size() - 1);
      record.set_answer(sealed.text());
      Set(record.mutable_answered_time(), note.noted_time);
    } else if (note.kind == "CONFIRMATION") {
      contact.set_confirmation(sealed.text());
    } else if (note.kind == "ADDITION") {
      pb::Addition& addition = *contact.add_additions();
      addition.set_text(sealed.text());
      Set(addition.mutable_added_time(), note.noted_time);
    } else if (IsWithdrawn(state)) {
      pb::Withdrawal& withdrawal = *withdrawals.Add();
      withdrawal.set_state(static_cast<pb::State>(state));
      withdrawal.set_reason(sealed.text());
      TRY(*withdrawal.mutable_withdrawn_by(),
          ledger::OpenBy(parts_.sealer, sealed.noted_by()));
      Set(withdrawal.mutable_withdrawn_time(), note.noted_time);
    } else if (note.kind == "REINSTATED" && !withdrawals.empty()) {
      pb::Withdrawal& withdrawal = *withdrawals.Mutable(withdrawals.size() - 1);
      withdrawal.set_reinstated_reason(sealed.text());
      TRY(*withdrawal.mutable_reinstated_by(),
          ledger::OpenBy(parts_.sealer, sealed.noted_by()));
      Set(withdrawal.mutable_reinstated_time(), note.noted_time);
    } else if (note.kind == "CORRECTION") {
      pb::ChildCorrection& correction = *contact.add_corrections();
      correction = sealed.correction();
      TRY(*correction.mutable_corrected_by(),
          ledger::OpenBy(parts_.sealer, sealed.correction().corrected_by()));
      correction.set_number(static_cast<int>(note.number));
    }
  }
  return {};
}

Result<pb::FindContactsResponse> Referrals::FindContacts(
    Reading& reading, const pb::FindContactsRequest& request) {
  pb::ContactForm form;
  pb::Child& child = *form.add_children();
  child.set_nhs_number(request.nhs_number());
  child.set_upn(request.upn());
  child.set_family_name(request.family_name());
  child.set_given_name(request.given_name());
  child.set_date_of_birth(request.date_of_birth());
  Understood understood;
  understood.form.add_children();
  const Date today = CivilDate(parts_.clock.Now());
  if (auto read =
          ReadForm(form, parts_.codes, today,
                   parts_.settings.allow_test_numbers ? TestNumbers::kAllow
                                                      : TestNumbers::kRefuse)) {
    understood = std::move(read->front());
  }
  TRY_VOID(CheckFindBy(request, understood));
  const Records& records = reading.Records();
  TRY(std::vector<Related> related,
      parts_.children.FindBy(records, understood.identity));
  TRY(const RelatedPage page,
      PageOf(std::move(related), request.page_size(), request.page_token()));
  pb::FindContactsResponse response;
  TRY_VOID(ShowRelated(reading, page.related, *response.mutable_contacts()));
  response.set_next_page_token(page.next);
  response.set_more(page.more);
  return response;
}

Result<pb::ListContactsResponse> Referrals::ListContacts(
    Reading& reading, const pb::ListContactsRequest& request) {
  const Instant now = parts_.clock.Now();
  TRY(const int size,
      PageSize(request.page_size(), kDefaultPage, kLargestPage));
  TRY(const Page page, ParsePage(request.page_token()));
  const WorklistQuery query{
      .worklist = request.worklist(),
      .agency = request.agency(),
      .priority = static_cast<Priority>(request.priority()),
      .route = static_cast<Route>(request.route()),
      .now = now,
      .after_due = page.due,
      .after_id = page.id,
      .limit = size + 1};
  TRY(std::vector<ContactRow> rows, store_.List(reading.Records(), query));
  pb::ListContactsResponse response;
  if (static_cast<int>(rows.size()) > size) {
    rows.resize(size);
    response.set_next_page_token(std::to_string(rows.back().due_time) + "/" +
                                 rows.back().contact_id);
  }
  TRY(const auto details,
      store_.Details(reading.grant(), reading.Records(), rows));
  for (const ContactRow& row : rows) {
    reading.Shows(row.contact_id);
    pb::ContactSummary& summary = *response.add_contacts();
    summary.set_contact_id(row.contact_id);
    summary.set_version(row.version);
    summary.set_state(static_cast<pb::State>(row.state));
    summary.set_priority(static_cast<pb::Priority>(row.priority));
    summary.set_route(static_cast<pb::Route>(row.route));
    summary.set_agency(row.agency);
    summary.set_source(row.source);
    summary.set_primary_need(row.need);
    Set(summary.mutable_received_time(), row.received_time);
    Set(summary.mutable_decision_due_time(), row.due_time);
    summary.set_overdue(Overdue(row, now));
    summary.set_quality_band(static_cast<pb::QualityBand>(row.quality_band));
    summary.set_triage_decision_required(
        row.police != 0 && row.under_one != 0 && !IsWithdrawn(row.state));
    if (row.added_time != 0) {
      Set(summary.mutable_added_time(), row.added_time);
    }
    const auto found = details.find(row.contact_id);
    if (found != details.end() && found->second.form().children_size() > 0) {
      const pb::Child& child = found->second.form().children(0);
      const bool both =
          !child.given_name().empty() && !child.family_name().empty();
      summary.set_child_name(child.given_name() + (both ? " " : "") +
                             child.family_name());
    }
  }
  return response;
}

Result<pb::GetMyContactResponse> Referrals::GetMyContact(
    Reading& reading, const pb::GetMyContactRequest& request) {
  const Records& records = reading.Records();
  TRY(const ContactRow row, Own(records, reading.call(), request.contact_id()));
  reading.Shows(row.contact_id);
  pb::Contact whole;
  TRY_VOID(Show(reading, row, whole));
  pb::GetMyContactResponse response;
  pb::MyContact& mine = *response.mutable_contact();
  mine.set_contact_id(whole.contact_id());
  mine.set_state(whole.state());
  *mine.mutable_received_time() = whole.received_time();
  *mine.mutable_decision_due_time() = whole.decision_due_time();
  mine.mutable_form()->Swap(whole.mutable_form());
  mine.mutable_quality()->Swap(whole.mutable_quality());
  mine.mutable_warnings()->Swap(whole.mutable_warnings());
  mine.mutable_returns()->Swap(whole.mutable_returns());
  mine.mutable_additions()->Swap(whole.mutable_additions());
  if (row.decision != Decision::kUnspecified) {
    mine.set_outcome(static_cast<pb::Decision>(row.decision));
    Set(mine.mutable_decided_time(), row.decided_time);
  }
  if (whole.has_acknowledged_time()) {
    *mine.mutable_acknowledged_time() = whole.acknowledged_time();
  }
  if (whole.has_confirmation_due_time()) {
    *mine.mutable_confirmation_due_time() = whole.confirmation_due_time();
  }
  if (whole.has_confirmed_time()) {
    *mine.mutable_confirmed_time() = whole.confirmed_time();
  }
  return response;
}

}  // namespace seawall::referrals
