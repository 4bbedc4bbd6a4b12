// Contact files: forms as JSON, one object a file, or JSON lines, from files or
// from standard input.
//
// An object is a ContactForm in protobuf's JSON mapping, with an optional
// `request_id` beside its fields; or a whole SubmitContactRequest. Without a
// request id one is made from the content, so that pushing a file twice stores
// it once. Read item by item: a file may be larger than memory. UTF-8, UTF-16
// or Windows-1252 (text_input.h).
#pragma once

#include <seawall/referrals/v1/referrals.pb.h>

#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/push.h"
#include "cli/text_input.h"
#include "libs/base/error.h"

namespace seawall::cli {

// The id of a form that brings none: "F-" and 32 hex digits of a hash over its
// content. Blanks, line breaks and the order of fields do not change it.
std::string DerivedRequestId(const nlohmann::json& content);

// One object as a request, and in `left_out` its times that cannot be read: no
// concern bounces for one. MALFORMED with field paths.
Result<referrals::v1::SubmitContactRequest> ToRequest(
    const nlohmann::json& object, const std::string& area,
    std::vector<FieldError>& left_out);

// Not thread-safe.
class ContactFiles {
 public:
  // `in` is read where a path is "-".
  ContactFiles(std::vector<std::string> paths, std::string area,
               std::istream& in);

  // USAGE for a file that cannot be read or is no JSON, with what it looks
  // like, before anything is sent.
  Result<void> Check() const;
  // Forms in all files; absent when standard input is one of them.
  std::optional<std::int64_t> CountForms() const;
  // The next form, or an item whose `unreadable` says what is wrong with it;
  // nothing at the end.
  std::optional<PushItem> Next();

 private:
  bool OpenNext();
  void Begin();
  void SetInput(std::istream& bytes);
  PushItem Read(std::string text, int line) const;
  PushItem ReadWhole();

  std::vector<std::string> paths_;
  std::string area_;
  std::istream& in_;
  std::size_t next_path_ = 0;
  std::unique_ptr<std::istream> file_;
  std::unique_ptr<TextInput> text_;
  std::unique_ptr<std::istream> current_;  // null between files
  std::string name_;
  int line_ = 0;
  // What was read to tell lines from one document.
  std::optional<std::string> first_;
  bool lines_ = false;
};

}  // namespace seawall::cli
