#include "libs/census/cutter.h"

#include <algorithm>

namespace seawall::census {
namespace {

constexpr std::size_t kPart = 1 << 16;
// More than any child of a return needs, and less than hurts.
constexpr std::size_t kLongestCut = 64 << 20;
constexpr std::size_t kDeepest = 100;
constexpr int kEnd = -1;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// "Child" of `Child a="b"/`.
std::string NameOf(std::string_view tag) {
  std::size_t end = 0;
  while (end < tag.size() && !IsSpace(tag[end]) && tag[end] != '/') ++end;
  return std::string(tag.substr(0, end));
}

// What a declaration gives as its encoding, or nothing.
std::string Declared(std::string_view declaration) {
  const auto key = declaration.find("encoding");
  if (key == std::string_view::npos) return "";
  const auto open = declaration.find_first_of("\"'", key);
  if (open == std::string_view::npos) return "";
  const auto close = declaration.find(declaration[open], open + 1);
  if (close == std::string_view::npos) return "";
  return std::string(declaration.substr(open + 1, close - open - 1));
}

}  // namespace

Error Cutter::Unreadable(int line, const std::string& what) {
  return Error{Code::kInvalidArgument, "CENSUS_UNREADABLE",
               "line " + std::to_string(line) + ": " + what};
}

Error Cutter::Wrong(int line, const std::string& what) const {
  return Unreadable(line,
                    what + " (byte " + std::to_string(before_ + at_) + ")");
}

int Cutter::Get() {
  if (at_ == buffer_.size()) {
    before_ += buffer_.size();
    at_ = 0;
    buffer_.resize(kPart);
    in_.read(buffer_.data(), kPart);
    buffer_.resize(static_cast<std::size_t>(in_.gcount()));
    if (buffer_.empty()) return kEnd;
    progress_(buffer_.size());
  }
  const char c = buffer_[at_++];
  if (c == '\n') ++line_;
  return static_cast<unsigned char>(c);
}

Result<void> Cutter::CheckBeginning() {
  const int first = Get();
  if (first == kEnd) return Wrong(1, "the file is empty");
  if (first == 0xFE || first == 0xFF || first == 0)
    return Wrong(1, "the file is not in UTF-8");
  if (first == 0xEF) {  // the byte order mark of UTF-8
    Get();
    Get();
    return {};
  }
  --at_;
  if (first == '\n') --line_;
  return {};
}

Result<void> Cutter::Keep(std::string_view text) {
  if (cut_depth_ == 0) return {};
  if (cut_.text.size() + text.size() > kLongestCut)
    return Wrong(cut_.line, "<" + cut_.name + "> is too long");
  cut_.text += text;
  return {};
}

Result<std::string> Cutter::Through(std::string text, std::string_view end) {
  while (!text.ends_with(end)) {
    const int c = Get();
    if (c == kEnd || text.size() > kLongestCut)
      return Wrong(markup_line_, "no " + std::string(end) + " follows");
    text += static_cast<char>(c);
  }
  return text;
}

// Quotes may hold a ">".
Result<std::string> Cutter::Tag(std::string text) {
  char quote = text.back() == '"' || text.back() == '\'' ? text.back() : '\0';
  while (quote != '\0' || text.back() != '>') {
    const int c = Get();
    if (c == kEnd || text.size() > kLongestCut)
      return Wrong(markup_line_, "a tag has no end");
    if (c == '<') return Wrong(line_, "a \"<\" within a tag");
    text += static_cast<char>(c);
    if (quote == '\0' && (c == '"' || c == '\''))
      quote = static_cast<char>(c);
    else if (c == quote)
      quote = '\0';
  }
  return text;
}

Result<std::string> Cutter::Markup() {
  markup_line_ = line_;
  const int first = Get();
  if (first == kEnd) return Wrong(markup_line_, "the file ends within a tag");
  std::string text(1, static_cast<char>(first));
  if (first == '?') return Through(text, "?>");
  if (first != '!') return Tag(text);
  while (text.size() < 3) {
    const int c = Get();
    if (c == kEnd) return Wrong(markup_line_, "the file ends within a tag");
    text += static_cast<char>(c);
  }
  if (text == "!--") {
    // Not yet the end: "<!-->".
    TRY(std::string comment, Through(text + ' ', "-->"));
    return "!--" + comment.substr(4);
  }
  if (text == "![C") return Through(text, "]]>");
  return Wrong(markup_line_, "a document type has no place in a return");
}

Result<void> Cutter::Begin(const std::string& tag,
                           const std::vector<std::string_view>& names,
                           const Other& other) {
  const bool empty = tag.ends_with("/>");
  const std::string name =
      NameOf(std::string_view(tag).substr(0, tag.size() - (empty ? 2 : 1)));
  if (name.empty()) return Wrong(markup_line_, "a tag has no name");
  if (open_.size() == kDeepest)
    return Wrong(markup_line_, "elements lie within each other too deep");
  open_.push_back({name, markup_line_});
  const bool wanted =
      std::find(names.begin(), names.end(), name) != names.end();
  if (cut_depth_ == 0 && wanted) {
    cut_ = {name, "", markup_line_};
    cut_depth_ = open_.size();
  } else if (cut_depth_ == 0) {
    std::vector<std::string> path;
    for (const Open& element : open_) path.push_back(element.name);
    other(path, markup_line_);
  }
  TRY_VOID(Keep("<" + tag));
  if (empty) {
    done_ = cut_depth_ == open_.size();
    open_.pop_back();
  }
  return {};
}

Result<void> Cutter::End(const std::string& tag) {
  const std::string name =
      NameOf(std::string_view(tag).substr(1, tag.size() - 2));
  if (open_.empty())
    return Wrong(markup_line_, "</" + name + "> closes nothing");
  if (open_.back().name != name)
    return Wrong(markup_line_,
                 "</" + name + "> where </" + open_.back().name + "> of line " +
                     std::to_string(open_.back().line) + " was expected");
  TRY_VOID(Keep("<" + tag));
  done_ = cut_depth_ == open_.size();
  open_.pop_back();
  return {};
}

Result<void> Cutter::Run(const std::vector<std::string_view>& names,
                         const Other& other,
                         const std::function<Result<void>(const Cut&)>& cut) {
  TRY_VOID(CheckBeginning());
  for (int c = Get(); c != kEnd; c = Get()) {
    if (c != '<') {
      if (open_.empty() && !IsSpace(static_cast<char>(c)))
        return Wrong(line_, "text outside of the first element: no XML");
      const char text = static_cast<char>(c);
      TRY_VOID(Keep({&text, 1}));
      continue;
    }
    TRY(const std::string markup, Markup());
    if (markup.front() == '/') {
      TRY_VOID(End(markup));
    } else if (markup.front() == '!' || markup.front() == '?') {
      if (markup.starts_with("?xml ") && !Declared(markup).empty())
        encoding_ = Declared(markup);
      TRY_VOID(Keep("<" + markup));
    } else {
      TRY_VOID(Begin(markup, names, other));
    }
    if (!done_) continue;
    done_ = false;
    cut_depth_ = 0;
    TRY_VOID(cut(cut_));
  }
  if (!open_.empty())
    return Wrong(line_, "the file ends before </" + open_.back().name +
                            "> of line " + std::to_string(open_.back().line));
  return {};
}

}  // namespace seawall::census
