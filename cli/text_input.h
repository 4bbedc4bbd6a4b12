// TextInput: the text of a file that people made, as UTF-8.
//
// UTF-16, with a byte-order mark or plainly so without one, is converted, and
// the mark is left out. Other bytes come through as they are: which of them are
// no UTF-8 is found where a text ends, so that one name in another encoding
// costs no more than itself (MakeUtf8).
//
// Reads no further than what is there: a file may be larger than memory, and a
// pipe may pause. Not thread-safe.
#pragma once

#include <istream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace seawall::cli {

// For an std::istream or by itself.
class TextInput : public std::streambuf {
 public:
  // `bytes` must outlive it. Nothing is read before the first character is.
  explicit TextInput(std::istream& bytes);

  // The file says by its first bytes that it is UTF-8 or UTF-16.
  bool says_encoding() const { return encoding_ != Encoding::kNotSaid; }
  // How the text goes on, up to `most` bytes; what is looked at is not taken.
  std::string_view Ahead(std::size_t most);
  // Whether more can be read without waiting for whoever writes it.
  bool HasMore() { return in_avail() > 0; }

 private:
  enum class Encoding { kNotSaid, kUtf8, kUtf16Little, kUtf16Big };

  int_type underflow() override;
  std::streamsize showmanyc() override { return bytes_.in_avail(); }
  bool Fill();
  std::string TakeBytes();
  void Begin(std::string& bytes);
  void Convert(std::string_view bytes);
  void ConvertUnit(unsigned unit);

  std::streambuf& bytes_;
  Encoding encoding_ = Encoding::kNotSaid;
  bool begun_ = false;
  std::string text_;      // what the stream reads from
  std::string odd_;       // of UTF-16: half of a unit
  unsigned leading_ = 0;  // of UTF-16: the first of a pair
};

// A guess at what begins like this and is no text of ours, in words: "an Excel
// workbook (.xlsx) or another zip file"; empty = nothing known.
std::string LooksLike(std::string_view beginning);

enum class Utf8 { kWas, kFromWindows1252, kUnreadable };

// Makes UTF-8 of a text that is Windows-1252 and nothing else. Left as it is
// where it holds what Windows-1252 does not have or nobody writes: that is the
// mark of a third encoding, in which other letters would be wrong as well.
Utf8 MakeUtf8(std::string& text);

// Without outer white space of any kind, marks without width, and what old
// programs put behind the end of a file (NUL, Ctrl-Z).
std::string_view Trimmed(std::string_view text);

}  // namespace seawall::cli
