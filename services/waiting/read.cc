// Reading: the worklist, one referral, and what a family may be told.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "libs/base/rounding.h"
#include "services/waiting/details.h"
#include "services/waiting/incoming.h"

namespace seawall::waiting {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;
constexpr int kEventsShown = 1000;
// Of one child, looked through for its other lists.
constexpr int kMostReferrals = 1000;
// Children looked at for a page: where a filter lets few through, the page is
// short, and the next one goes on from there.
constexpr std::size_t kLookedAt = 2000;
constexpr std::chrono::days kSeenLately{90};
constexpr std::size_t kFewest = 10;

Result<std::size_t> PageSize(int asked) {
  if (asked >= 0) {
    return static_cast<std::size_t>(asked == 0 ? kDefaultPage
                                               : std::min(asked, kLargestPage));
  }
  return Error{Code::kInvalidArgument,
               "BAD_PAGE",
               "page_size is 0 (for 50) to 500",
               {{"page_size", "negative"}}};
}

void ShowWords(const std::vector<std::string>& words,
               google::protobuf::RepeatedPtrField<std::string>* to) {
  *to = {words.begin(), words.end()};
}

std::string DetailOf(const Event& event) {
  std::string detail(Name(event.attendance));
  const auto add = [&](std::string_view more) {
    if (more.empty()) return;
    if (!detail.empty()) detail += ' ';
    detail += more;
  };
  add(Name(event.outcome));
  add(event.code);
  if (event.likelihood) {
    add(absl::StrCat(event.likelihood, "x", event.impact));
  }
  if (event.from) add("from " + FormatDate(*event.from));
  if (event.until) add("until " + FormatDate(*event.until));
  if (event.corrects) add(absl::StrCat("of event ", event.corrects));
  return detail;
}

// The number below which a page of events goes on; 0 = the newest.
Result<int> BeforeOf(const pb::GetReferralRequest& request) {
  int before = 0;
  const std::string& token = request.page_token();
  if (request.page_size() >= 0 &&
      (token.empty() || (absl::SimpleAtoi(token, &before) && before > 0))) {
    return before;
  }
  return Error{
      Code::kInvalidArgument,
      "BAD_PAGE",
      "page_size is 0 (for 1,000) to 1,000, and page_token one that a "
      "page named",
      {{request.page_size() < 0 ? "page_size" : "page_token", "is none"}}};
}

bool TellsFamily(const DutyState& duty) {
  return duty.duty == "acceptance_letter" || duty.duty == "update" ||
         duty.duty.rfind("contact_", 0) == 0;
}

// The shortest first.
std::vector<int> DaysWaited(const Histogram& histogram, Date census) {
  std::vector<int> waited;
  for (auto at = histogram.rbegin(); at != histogram.rend(); ++at) {
    waited.insert(waited.end(), static_cast<std::size_t>(at->second),
                  DaysBetween(at->first, census));
  }
  return waited;
}

// Half of all lie between the two, each by nearest rank; whole weeks.
void ShowRange(const std::vector<int>& sorted, pb::GetMyWaitResponse& to) {
  if (sorted.size() < kFewest) return;
  const auto weeks = [&](std::size_t quarters) {
    const std::size_t rank = (sorted.size() * quarters + 3) / 4;
    return Ratio(sorted[rank - 1], 7, 1, 0);
  };
  to.set_seen_from_weeks(weeks(1));
  to.set_seen_to_weeks(weeks(3));
}

}  // namespace

Result<ReferralRow> Waiting::Find(const Reading& reading,
                                  const pb::About& about) const {
  const rpc::Caller& caller = reading.call().caller;
  if (about.referral_id().empty()) {
    return store_.ByReference(reading.Records(), caller.agency, about.service(),
                              about.reference());
  }
  TRY(ReferralRow row, store_.Referral(reading.Records(), about.referral_id()));
  // Another provider's children are not there, but for the hub.
  if (row.provider == caller.agency || caller.role == rpc::Role::kHub) {
    return row;
  }
  return Error{Code::kNotFound, "REFERRAL_NOT_FOUND", "no such referral"};
}

Result<std::optional<Date>> Waiting::BirthDate(Reading& reading,
                                               const Service& service,
                                               const ReferralRow& row) const {
  // Only a service with an upper age has to know.
  if (service.upper_age == 0) return std::optional<Date>();
  TRY(const auto sealed, store_.Open(reading.grant(), reading.Records(), row));
  return ParseDate(sealed.child().date_of_birth());
}

// Services at which other referrals of the child wait: the provider's own, to
// the hub everybody's.
Result<std::set<std::string>> Waiting::AlsoWaitsFor(
    Reading& reading, const ReferralRow& row, const pb::Referral& details,
    const History& history) const {
  const store::Records& records = reading.Records();
  const child::Description described = Describe(parts_, details.child());
  const auto said = history.SaidOfOthers();
  const rpc::Caller& caller = reading.call().caller;
  const bool is_hub = caller.role == rpc::Role::kHub;
  TRY(const auto found,
      store_.OfChildren(
          records, store_.KeysOf(described).numbers,
          is_hub ? parts_.catalogue.Providers() : std::vector{caller.agency},
          kMostReferrals));
  std::set<std::string> ids;
  for (const auto& [key, id] : found) ids.insert(id);
  for (const auto& [id, same] : said) {
    if (same) ids.insert(id);
  }
  ids.erase(row.referral_id);
  TRY(const auto waiting, store_.WaitingAt(records, {ids.begin(), ids.end()}));
  ids.clear();
  for (const auto& [id, service] : waiting) ids.insert(id);
  TRY(const auto others, store_.Referrals(records, {ids.begin(), ids.end()}));
  std::set<std::string> services;
  for (const ReferralRow& other : others) {
    if (!is_hub && other.provider != caller.agency) continue;
    TRY(const auto opened, store_.Open(reading.grant(), records, other));
    const auto word = said.find(other.referral_id);
    const bool same =
        word != said.end()
            ? word->second
            : child::Compare(described, Describe(parts_, opened.child()))
                      .verdict == child::Verdict::kSame;
    if (same) services.insert(waiting.at(other.referral_id));
  }
  return services;
}

Result<bool> Waiting::ShowOnWorklist(Reading& reading, const Service& service,
                                     const pb::ListWaitingRequest& request,
                                     const WaitingReferral& row,
                                     pb::WaitingChild& child) const {
  const Instant now = parts_.clock.Now();
  const Date today = CivilDate(now);
  const std::vector<Wait> waits = WaitsOf(row.history);
  const Wait* open = OpenWait(waits);
  if (!open) return false;
  const Urgency urgency = UrgencyOf(row.history, parts_.catalogue, today);
  const bool may_come = urgency.blocked_by.empty() && !urgency.unavailable;
  if (request.for_cancelled_slot() && !may_come) return false;
  TRY(const auto born, BirthDate(reading, service, row.referral));
  const auto duties = DutiesOf(service, row.history, now, born);
  const bool overdue =
      std::any_of(duties.begin(), duties.end(),
                  [&](const DutyState& duty) { return duty.IsOverdue(now); });
  if (request.overdue_only() && !overdue) return false;
  child.set_referral_id(row.referral.referral_id);
  TRY(*child.mutable_reference(),
      parts_.store.Reference(reading.grant(), row.referral));
  child.set_clock(open->clock);
  child.set_start_date(FormatDate(open->start));
  child.set_days_waited(DaysBetween(open->start, today));
  child.set_risk(urgency.risk);
  child.set_expedited(urgency.expedited);
  child.set_blocked_by(urgency.blocked_by);
  ShowWords(row.referral.flags, child.mutable_flags());
  for (const DutyState& duty : duties) Show(duty, now, *child.add_duties());
  const Missed missed = MissedOf(row.history);
  child.set_missed_appointments(missed.IsPattern());
  child.set_repeated_cancellation(missed.IsCancelledOften());
  child.set_child_died(row.history.HasDied());
  TRY(const auto sealed,
      store_.Open(reading.grant(), reading.Records(), row.referral));
  *child.mutable_routes() = sealed.routes();
  TRY(const auto also,
      AlsoWaitsFor(reading, row.referral, sealed, row.history));
  for (const std::string& one : also) child.add_also_waits_for(one);
  return true;
}

Result<pb::ListWaitingResponse> Waiting::ListWaiting(
    Reading& reading, const pb::ListWaitingRequest& request) {
  TRY(const Service* service, FindService(parts_.catalogue, request.service()));
  TRY(const std::size_t size, PageSize(request.page_size()));
  pb::ListWaitingResponse response;
  std::string after = request.page_token();
  for (std::size_t looked_at = 0; looked_at < kLookedAt;) {
    // One more than a page: whether there is a next one.
    TRY(const auto rows,
        NextWaiting(reading.Records(), service->id,
                    reading.call().caller.agency, after, size + 1));
    for (const WaitingReferral& row : rows) {
      pb::WaitingChild child;
      TRY(const bool shown,
          ShowOnWorklist(reading, *service, request, row, child));
      if (shown && static_cast<std::size_t>(response.children_size()) == size) {
        response.set_next_page_token(after);
        return response;
      }
      after = row.place;
      if (!shown) continue;
      reading.Shows(child.referral_id());
      *response.add_children() = std::move(child);
    }
    if (rows.size() <= size) return response;
    looked_at += rows.size();
  }
  response.set_next_page_token(after);
  return response;
}

Result<void> Waiting::ShowEvents(Reading& reading, const ReferralRow& row,
                                 int before, int page_size,
                                 pb::GetReferralResponse& to) const {
  const store::Records& records = reading.Records();
  const int size =
      page_size == 0 ? kEventsShown : std::min(page_size, kEventsShown);
  TRY(auto rows, store_.Newest(records, row.referral_id, before, size));
  // Numbered without a gap, from 1.
  const int first = rows.empty() ? 1 : rows.front().number;
  const bool is_hub = reading.call().caller.role == rpc::Role::kHub;
  if (is_hub && before == 0) {
    TRY(const auto hidden, store_.Hidden(records, row.referral_id));
    rows.insert(rows.begin(), hidden.begin(), hidden.end());
  }
  for (const EventRow& one : rows) {
    pb::EventShown& shown = *to.add_events();
    shown.set_number(one.number);
    shown.set_kind(std::string(Name(one.kind)));
    Set(shown.mutable_happened_time(), one.happened);
    Set(shown.mutable_recorded_time(), one.recorded);
    // Who answered it may be the giver, or not: its own provider is not told.
    const bool is_told = is_hub || !one.AnswersTransfer();
    if (is_told) {
      TRY(*shown.mutable_recorded_by(),
          store_.RecordedBy(reading.grant(), one));
    }
    shown.set_detail(DetailOf(one));
    shown.set_is_void(one.is_void);
    TRY(const auto said, store_.Open(reading.grant(), records, one));
    if (is_told) shown.set_text(TextOf(said));
    shown.set_clinician(said.removal().clinician());
  }
  if (first == 1) return {};
  to.set_more(first - 1);
  to.set_next_page_token(std::to_string(first));
  return {};
}

Result<pb::GetReferralResponse> Waiting::GetReferral(
    Reading& reading, const pb::GetReferralRequest& request) {
  const store::Records& records = reading.Records();
  TRY(const int before, BeforeOf(request));
  TRY(const ReferralRow row, Find(reading, request.about()));
  TRY(const Service* service, FindService(parts_.catalogue, row.service));
  TRY(const History history, store_.Events(records, row.referral_id));
  TRY(auto sealed, store_.Open(reading.grant(), records, row));
  reading.Shows(row.referral_id);
  const std::vector<Wait> waits = WaitsOf(history);
  const Instant now = parts_.clock.Now();

  pb::GetReferralResponse response;
  response.set_referral_id(row.referral_id);
  response.set_service(row.service);
  response.set_provider(row.provider);
  TRY(*response.mutable_reference(),
      parts_.store.Reference(reading.grant(), row));
  for (const Wait& wait : waits) Show(wait, *response.add_waits());
  TRY_VOID(ShowEvents(reading, row, before, request.page_size(), response));
  const auto born = ParseDate(sealed.child().date_of_birth());
  for (const DutyState& duty : DutiesOf(*service, history, now, born)) {
    Show(duty, now, *response.add_duties());
  }
  response.set_child_died(history.HasDied());
  const Wait* open = OpenWait(waits);
  if (open && !service->adjusted_mode.empty()) {
    response.set_adjusted_days(
        AdjustScotlandCamhs(*open, history, CivilDate(now)).days);
  }
  response.set_goes_on_as(history.GoesOnAs());
  response.set_transfer_asked(history.LastTransfer().IsOpen());
  TRY(const auto also, AlsoWaitsFor(reading, row, sealed, history));
  for (const std::string& one : also) response.add_also_waits_for(one);
  ShowWords(row.flags, response.mutable_flags());
  *response.mutable_child() = std::move(*sealed.mutable_child());
  *response.mutable_routes() = std::move(*sealed.mutable_routes());
  return response;
}

Result<pb::ListSameChildCandidatesResponse> Waiting::ListSameChildCandidates(
    Reading& reading, const pb::ListSameChildCandidatesRequest& request) {
  TRY(const std::size_t size, PageSize(request.page_size()));
  const rpc::Caller& caller = reading.call().caller;
  const std::pair<std::string, std::string> after =
      absl::StrSplit(request.page_token(), absl::MaxSplits(' ', 1));
  // One more than a page: whether there is a next one.
  TRY(auto candidates,
      NextCandidates(reading.Records(),
                     caller.role == rpc::Role::kHub ? "" : caller.agency, after,
                     size + 1));
  pb::ListSameChildCandidatesResponse response;
  if (candidates.size() > size) {
    candidates.resize(size);
    const CandidateRow& last = candidates.back().pair;
    response.set_next_page_token(last.referral_id + " " + last.other_id);
  }
  for (const auto& [pair, one, other] : candidates) {
    pb::SameChildCandidate& to = *response.add_candidates();
    to.set_referral_id(pair.referral_id);
    to.set_service(one.service);
    to.set_provider(one.provider);
    to.set_other_referral_id(pair.other_id);
    to.set_other_service(other.service);
    to.set_other_provider(other.provider);
    ShowWords(pair.agrees, to.mutable_agrees());
    ShowWords(pair.differs, to.mutable_differs());
    reading.Shows(pair.referral_id);
    reading.Shows(pair.other_id);
  }
  return response;
}

Result<bool> Waiting::ShowTransfer(
    Reading& reading, const TransferRow& row,
    const std::map<std::string, ReferralRow>& referrals,
    pb::OpenTransfer& to) const {
  const rpc::Caller& caller = reading.call().caller;
  const bool is_hub = caller.role == rpc::Role::kHub;
  const auto asking = referrals.find(row.referral_id);
  const auto from = referrals.find(row.from_id);
  if (asking == referrals.end()) return false;
  const bool is_from = from != referrals.end() &&
                       (is_hub || from->second.provider == caller.agency);
  if (!is_hub && !is_from && asking->second.provider != caller.agency)
    return false;
  to.set_referral_id(row.referral_id);
  to.set_service(asking->second.service);
  to.set_provider(asking->second.provider);
  to.set_asked_date(FormatDate(row.asked));
  to.set_transferred_from(row.from_id);
  if (!is_from) return true;
  const auto describe =
      [&](const ReferralRow& one) -> Result<child::Description> {
    TRY(const auto opened,
        store_.Open(reading.grant(), reading.Records(), one));
    return Describe(parts_, opened.child());
  };
  TRY(const auto one, describe(asking->second));
  TRY(const auto other, describe(from->second));
  const auto likeness = child::Compare(one, other);
  to.set_from_service(from->second.service);
  to.set_from_provider(from->second.provider);
  to.set_same_child(likeness.verdict != child::Verdict::kNone &&
                    likeness.differs.empty());
  // Of another child than its own a provider is told nothing.
  return is_hub || to.same_child();
}

Result<pb::ListTransfersResponse> Waiting::ListTransfers(
    Reading& reading, const pb::ListTransfersRequest& request) {
  TRY(const std::size_t size, PageSize(request.page_size()));
  TRY(const auto rows,
      NextTransfers(reading.Records(), request.page_token(), kLookedAt));
  std::set<std::string> ids;
  for (const TransferRow& row : rows) {
    ids.insert(row.referral_id);
    if (!row.from_id.empty()) ids.insert(row.from_id);
  }
  TRY(auto found,
      store_.Referrals(reading.Records(), {ids.begin(), ids.end()}));
  std::map<std::string, ReferralRow> referrals;
  for (ReferralRow& one : found) referrals[one.referral_id] = std::move(one);
  pb::ListTransfersResponse response;
  for (const TransferRow& row : rows) {
    pb::OpenTransfer transfer;
    TRY(const bool shown, ShowTransfer(reading, row, referrals, transfer));
    if (shown) {
      reading.Shows(row.referral_id);
      *response.add_transfers() = std::move(transfer);
    }
    const bool is_last = &row == &rows.back();
    const bool is_full =
        static_cast<std::size_t>(response.transfers_size()) == size;
    if ((is_full && !is_last) || (is_last && rows.size() == kLookedAt)) {
      response.set_next_page_token(row.referral_id);
      break;
    }
  }
  return response;
}

Result<pb::GetMyWaitResponse> Waiting::GetMyWait(
    Reading& reading, const pb::GetMyWaitRequest& request) {
  const store::Records& records = reading.Records();
  TRY(ReferralRow row, Find(reading, request.about()));
  TRY(History history, store_.Events(records, row.referral_id));
  for (std::string on = history.GoesOnAs(); !on.empty();
       on = history.GoesOnAs()) {
    TRY(row, store_.Referral(records, on));
    TRY(history, store_.Events(records, on));
  }
  TRY(const Service* service, FindService(parts_.catalogue, row.service));
  TRY(auto sealed, store_.Open(reading.grant(), records, row));
  // Whoever asks is not known here: they say whom the answer is for.
  if (sealed.routes().young_person_alone() && !request.to_young_person()) {
    return Error{Code::kPermissionDenied, "YOUNG_PERSON_ALONE",
                 "nothing goes to parents; ask for the young person alone"};
  }
  sealed.mutable_routes()->clear_never();
  reading.Shows(row.referral_id);
  const std::vector<Wait> waits = WaitsOf(history);
  const Instant now = parts_.clock.Now();
  const Date today = CivilDate(now);

  pb::GetMyWaitResponse response;
  response.set_service_name(service->name);
  *response.mutable_routes() = std::move(*sealed.mutable_routes());
  const Wait* open = OpenWait(waits);
  if (!open) return response;
  response.set_clock(open->clock);
  response.set_waiting_since_date(FormatDate(open->start));
  response.set_weeks_waited(DaysBetween(open->start, today) / 7);
  // By the reader at hand: who holds one and waits for another holds up others.
  std::int64_t position = 0;
  TRY(auto pictures,
      lists_.Ask(reading.reader(),
                 {records.area(), open->clock, today, today - kSeenLately},
                 position));
  ShowRange(DaysWaited(pictures[row.service].seen, today), response);
  for (const DutyState& duty : DutiesOf(*service, history, now, std::nullopt)) {
    if (!TellsFamily(duty)) continue;
    // Due by the end of that civil day.
    response.set_next_update_by_date(
        FormatDate(CivilDate(duty.due - std::chrono::seconds(1))));
    break;
  }
  return response;
}

}  // namespace seawall::waiting
