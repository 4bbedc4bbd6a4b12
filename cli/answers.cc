#include "cli/answers.h"

#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using referrals::v1::ContactReceipt;
using referrals::v1::Quality;
using referrals::v1::SubmitContactResponse;

// More receipts than this are shown as totals.
constexpr std::size_t kListed = 20;

std::string QualityText(const Quality& quality) {
  if (quality.maximum() == 0) return Word(quality.band());
  return Word(quality.band()) + " " + std::to_string(quality.score()) + "/" +
         std::to_string(quality.maximum());
}

std::string FailedCriteria(const Quality& quality) {
  std::string list;
  for (const std::string& criterion : quality.failed_criteria())
    list += (list.empty() ? "" : ", ") + criterion;
  return list;
}

// `children[0].nhs_number` and `children[7].nhs_number` are the same finding.
std::string WithoutIndex(const std::string& path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

}  // namespace

Answers::Answers(const Console& console, bool json, bool all)
    : console_(console),
      json_(json),
      all_(all),
      receipts_({{"contact"},
                 {"child", true},
                 {"priority"},
                 {"route"},
                 {"quality"},
                 {"not met", false, true},
                 {"decision due"},
                 {"from", false, true}}),
      details_({{"where"}, {"field"}, {"reason"}, {"warning", false, true}}) {}

void Answers::Add(const PushItem& item, const PushAnswer& answer) {
  if (!answer) {
    ++refused_;
    console_.err << item.where << ": " << ErrorText(answer.error()) << '\n';
  } else {
    ++stored_;
    AddReceipts(item, *answer);
    AddWarnings(item, *answer);
  }
  if (json_) AddJson(item, answer);
}

void Answers::AddJson(const PushItem& item, const PushAnswer& answer) {
  console_.out << "{\"where\":" << nlohmann::json(item.where).dump()
               << ",\"request_id\":"
               << nlohmann::json(item.request.request_id()).dump();
  console_.out << (answer ? ",\"response\":" + ToJson(*answer)
                          : ",\"error\":" + ErrorJson(answer.error()))
               << (item.notes.empty() ? ""
                                      : ",\"notes\":" + NotesJson(item.notes))
               << "}\n";
}

void Answers::AddReceipts(const PushItem& item,
                          const SubmitContactResponse& response) {
  for (const ContactReceipt& receipt : response.receipts()) {
    ++contacts_;
    ++totals_[{"priority", Word(receipt.priority())}];
    ++totals_[{"route", Word(receipt.route())}];
    ++totals_[{"quality", Word(receipt.quality().band())}];
    if (json_ || (!all_ && receipts_.size() > kListed)) continue;
    receipts_.Add({receipt.contact_id(), std::to_string(receipt.child() + 1),
                   Word(receipt.priority()), Word(receipt.route()),
                   QualityText(receipt.quality()),
                   FailedCriteria(receipt.quality()),
                   DueTime(receipt.decision_due_time()), item.where});
  }
}

void Answers::AddWarning(const std::string& where, const Note& note) {
  ++warnings_;
  ++warned_[note.reason + " " + WithoutIndex(note.path)];
  if (json_ || (!all_ && details_.size() > kListed)) return;
  details_.Add({where, note.path, note.reason, note.description});
}

void Answers::AddWarnings(const PushItem& item,
                          const SubmitContactResponse& response) {
  for (const Note& note : item.notes) AddWarning(item.where, note);
  for (const auto& warning : response.warnings())
    AddWarning(item.where,
               {warning.reason(), warning.field(), warning.description()});
}

void Answers::PrintTotals() const {
  Table table({{"of the contacts"}, {""}, {"count", true}});
  for (const auto& [key, count] : totals_)
    table.Add({key.first, key.second.empty() ? "not said" : key.second,
               Count(count)});
  for (const auto& [warning, count] : warned_)
    table.Add({"warning", warning, Count(count)});
  table.Print(console_.out, console_.out_width);
}

void Answers::Summarise() const {
  if (json_) return;
  if (!all_ && (receipts_.size() > kListed || details_.size() > kListed)) {
    PrintTotals();
  } else {
    receipts_.Print(console_.out, console_.out_width);
    if (!details_.empty()) console_.out << '\n';
    details_.Print(console_.out, console_.out_width);
  }
  if (contacts_ > 0) console_.out << '\n';
  console_.out << Counted(contacts_, "contact") << " stored from "
               << Counted(stored_, "form") << "; "
               << Counted(warnings_, "warning") << "; "
               << Counted(refused_, "form") << " refused.\n";
}

}  // namespace seawall::cli
