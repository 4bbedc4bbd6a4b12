#include "cli/chronology.h"

#include <seawall/common/v1/options.pb.h>

#include "cli/methods.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using referrals::v1::ChronologyEntry;
using referrals::v1::ContactForm;
using referrals::v1::Said;

void Print(const std::string& label, const std::string& text,
           std::ostream& out) {
  if (!text.empty())
    out << "            " << Spaced(label) << ": " << Plain(text) << '\n';
}

// What somebody wrote: the fields of a request that are marked as such, however
// deep.
void PrintWords(const Message& message, std::ostream& out) {
  std::vector<const FieldDescriptor*> fields;
  const auto& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool many = field->is_repeated();
    const int size = many ? reflection.FieldSize(message, field) : 1;
    const bool words = field->options().GetExtension(common::v1::identifies);
    for (int i = 0; i < size; ++i) {
      if (field->message_type() != nullptr)
        PrintWords(many ? reflection.GetRepeatedMessage(message, field, i)
                        : reflection.GetMessage(message, field),
                   out);
      else if (words && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
        Print(field->name(),
              many ? reflection.GetRepeatedString(message, field, i)
                   : reflection.GetString(message, field),
              out);
    }
  }
}

// Of a contact the concern, not who the child is.
void PrintContact(const ContactForm& form, std::ostream& out) {
  Print("source", form.source(), out);
  PrintWords(form.concern(), out);
}

// As an agency sees it, or as it was decided; empty where nobody says.
std::string Level(const Said& said) {
  const int level = said.has_contribute() ? said.contribute().level_of_need()
                    : said.has_decide_triage()
                        ? said.decide_triage().level_of_need()
                        : said.contact().concern().level_of_need();
  return level == 0 ? "" : std::to_string(level);
}

std::string Outcome(const ChronologyEntry& entry) {
  std::string text = entry.outcome();
  for (const std::string& code : entry.codes())
    text += (text.empty() ? "" : ", ") + code;
  if (const std::string voice = Word(entry.voice()); !voice.empty())
    text += (text.empty() ? "" : "; ") + std::string("voice: ") + voice;
  return text;
}

std::string Place(const ChronologyEntry& entry) {
  std::string place = entry.subject_id();
  if (entry.step() > 0) place += " step " + std::to_string(entry.step());
  if (!entry.thing_id().empty()) place += ", " + entry.thing_id();
  return place;
}

void PrintEntry(const ChronologyEntry& entry, std::ostream& out) {
  const std::string day =
      entry.happened_date().empty() ? "          " : entry.happened_date();
  out << Plain(day) << "  " << (entry.is_void() ? "VOID: " : "")
      << Plain(Spaced(entry.what()));
  if (const std::string outcome = Outcome(entry); !outcome.empty())
    out << ": " << Plain(outcome);
  out << "\n            by "
      << Plain(entry.recorded_by().empty() ? entry.agency()
                                           : entry.recorded_by());
  if (!entry.team().empty()) out << ", team " << Plain(entry.team());
  out << " [" << Plain(Place(entry)) << "]\n";
  Print("level of need", Level(entry.said()), out);
  if (entry.said().has_contact())
    PrintContact(entry.said().contact(), out);
  else
    PrintWords(entry.said(), out);
}

}  // namespace

Result<referrals::v1::GetChronologyResponse> AskChronology(
    Session& session, const std::string& subject) {
  using referrals::v1::GetChronologyResponse;
  referrals::v1::GetChronologyRequest request;
  request.set_subject_id(subject);
  return session.AskAll<GetChronologyResponse>(
      kGetChronology, request, [](GetChronologyResponse page, auto& all) {
        // Each page is older than the one before.
        page.mutable_entries()->MergeFrom(all.entries());
        *all.mutable_entries() = std::move(*page.mutable_entries());
      });
}

void PrintTimeLine(const Entries& entries, std::ostream& out) {
  for (const ChronologyEntry& entry : entries) PrintEntry(entry, out);
}

}  // namespace seawall::cli
