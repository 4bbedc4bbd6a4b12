// Cutter: the elements of one name, cut one after the other from a stream of
// XML, each as its own text. For libs/census/xml.cc.
//
// Knows comments, CDATA, processing instructions and quoted attributes, and
// that every element ends as it began; it looks no closer. Memory is that of
// one such element.
#pragma once

#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/error.h"

namespace seawall::census {

struct Cut {
  std::string name;
  std::string text;  // from its "<" to its last ">"
  int line = 1;      // on which it begins
};

class Cutter {
 public:
  // `progress` is told the bytes of each part that was read.
  Cutter(std::istream& in, std::function<void(std::size_t)> progress)
      : in_(in), progress_(std::move(progress)) {}

  // Names to cut out at any depth; `other` is told every other element, by the
  // names of those around it and its own, and its line.
  using Other = std::function<void(const std::vector<std::string>&, int)>;
  Result<void> Run(const std::vector<std::string_view>& names,
                   const Other& other,
                   const std::function<Result<void>(const Cut&)>& cut);

  // What the XML declaration says; "UTF-8" without one.
  const std::string& encoding() const { return encoding_; }

  static Error Unreadable(int line, const std::string& what);

 private:
  struct Open {
    std::string name;
    int line;
  };

  int Get();
  Error Wrong(int line, const std::string& what) const;
  Result<void> CheckBeginning();
  // The rest of one "<…>" behind its "<".
  Result<std::string> Markup();
  Result<std::string> Through(std::string text, std::string_view end);
  Result<std::string> Tag(std::string text);
  Result<void> Begin(const std::string& tag,
                     const std::vector<std::string_view>& names,
                     const Other& other);
  Result<void> End(const std::string& tag);
  Result<void> Keep(std::string_view text);

  std::istream& in_;
  std::function<void(std::size_t)> progress_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t before_ = 0;  // bytes before the buffer
  int line_ = 1;
  int markup_line_ = 1;
  std::vector<Open> open_;
  Cut cut_;
  std::size_t cut_depth_ = 0;  // of open_ when the cut began; 0 = not cutting
  bool done_ = false;          // a cut is complete
  std::string encoding_ = "UTF-8";
};

}  // namespace seawall::census
