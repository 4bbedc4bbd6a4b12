#include "cli/text_input.h"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "libs/base/text.h"

namespace seawall::cli {
namespace {

using namespace std::literals;

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMark = 4;  // bytes that tell the encoding
constexpr unsigned kHalfUnit = 8;
constexpr char kNeverInUtf8 = '\xff';

unsigned Byte(char c) { return static_cast<unsigned char>(c); }

void Append(std::string& text, unsigned code) {
  char bytes[U8_MAX_LENGTH];
  int length = 0;
  U8_APPEND_UNSAFE(bytes, length, code);  // a lone half stays unreadable
  text.append(bytes, length);
}

// What Word's users type is there; the rest are signs of MS-DOS's or the Mac's
// encodings, or have no meaning at all.
constexpr std::string_view kNobodyWrites =
    "\x81\x82\x83\x84\x86\x87\x88\x89\x8b\x8d\x8f\x90\x98\x9b\x9d";

bool IsLetter(char c) { return (c | ' ') >= 'a' && (c | ' ') <= 'z'; }

// RENÉ’S in Windows-1252 is UTF-8 by accident, of letters that no Latin word
// has: a capital with an accent, and behind it an apostrophe or a fixed space.
bool IsUtf8ByAccident(std::string_view text) {
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (Byte(text[i]) < 0x80) continue;
    const bool pair = Byte(text[i]) >= 0xc6 && Byte(text[i]) <= 0xdf &&
                      (text[i + 1] == '\x92' || text[i + 1] == '\xa0');
    if (!pair || i == 0 || !IsLetter(text[i - 1])) return false;
    any = true;
    ++i;
  }
  return any;
}

bool IsOuter(UChar32 c) {
  return c == 0 || c == 0x1a || c == 0xfeff || c == 0x200b || c == 0x2060 ||
         (c > 0 && u_isUWhiteSpace(c));
}

}  // namespace

TextInput::TextInput(std::istream& bytes) : bytes_(*bytes.rdbuf()) {}

// What is there; waits only where nothing is. Empty at the end.
std::string TextInput::TakeBytes() {
  if (bytes_.sgetc() == traits_type::eof()) return "";
  const auto there = std::clamp<std::streamsize>(bytes_.in_avail(), 1, kChunk);
  std::string taken(there, '\0');
  taken.resize(bytes_.sgetn(taken.data(), there));
  return taken;
}

void TextInput::Begin(std::string& bytes) {
  begun_ = true;
  while (bytes.size() < kMark) {
    const std::string more = TakeBytes();
    if (more.empty()) break;
    bytes += more;
  }
  const auto begins = [&](std::string_view mark, Encoding encoding) {
    if (!bytes.starts_with(mark)) return false;
    encoding_ = encoding;
    bytes.erase(0, mark.size());
    return true;
  };
  if (begins("\xef\xbb\xbf", Encoding::kUtf8) ||
      begins("\xff\xfe", Encoding::kUtf16Little) ||
      begins("\xfe\xff", Encoding::kUtf16Big) || bytes.size() < kMark) {
    return;
  }
  const auto empty = [&](int at) { return bytes[at] == '\0'; };
  if (!empty(0) && empty(1) && !empty(2) && empty(3))
    encoding_ = Encoding::kUtf16Little;
  if (empty(0) && !empty(1) && empty(2) && !empty(3))
    encoding_ = Encoding::kUtf16Big;
}

void TextInput::ConvertUnit(unsigned unit) {
  if (leading_ != 0 && U16_IS_TRAIL(unit)) {
    Append(text_, U16_GET_SUPPLEMENTARY(leading_, unit));
    leading_ = 0;
    return;
  }
  if (leading_ != 0) Append(text_, leading_);
  leading_ = U16_IS_LEAD(unit) ? unit : 0;
  if (leading_ == 0) Append(text_, unit);
}

void TextInput::Convert(std::string_view bytes) {
  if (encoding_ == Encoding::kNotSaid || encoding_ == Encoding::kUtf8) {
    text_ += bytes;
    return;
  }
  for (const char byte : bytes) {
    odd_ += byte;
    if (odd_.size() < 2) continue;
    const bool little = encoding_ == Encoding::kUtf16Little;
    ConvertUnit((Byte(odd_[little]) << kHalfUnit) | Byte(odd_[!little]));
    odd_.clear();
  }
}

// Adds to what is ahead; false at the end.
bool TextInput::Fill() {
  text_.erase(0, gptr() - eback());
  const std::size_t before = text_.size();
  while (text_.size() == before) {
    std::string bytes = TakeBytes();
    if (!begun_) Begin(bytes);
    if (bytes.empty() && odd_.empty() && leading_ == 0) break;
    if (bytes.empty()) {  // cut off within a character
      text_ += kNeverInUtf8;
      odd_.clear();
      leading_ = 0;
    }
    Convert(bytes);
  }
  setg(text_.data(), text_.data(), text_.data() + text_.size());
  return text_.size() > before;
}

TextInput::int_type TextInput::underflow() {
  if (gptr() == egptr() && !Fill()) return traits_type::eof();
  return traits_type::to_int_type(*gptr());
}

std::string_view TextInput::Ahead(std::size_t most) {
  while (static_cast<std::size_t>(egptr() - gptr()) < most && Fill()) {
  }
  return std::string_view(gptr(), egptr()).substr(0, most);
}

std::string LooksLike(std::string_view beginning) {
  constexpr std::pair<std::string_view, const char*> kKinds[] = {
      {"PK\x03\x04", "an Excel workbook (.xlsx) or another zip file"},
      {"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"},
      {"%PDF", "a PDF"},
      {"{\\rtf", "a document of Word (.rtf)"},
      {"\x1f\x8b", "a compressed file (.gz)"},
      {"SQLite format 3", "a database"},
      {"<", "XML or a web page"},
      {"{", "JSON"},
      {"[", "JSON"}};
  const std::string_view text = Trimmed(beginning);
  for (const auto& [begins, name] : kKinds)
    if (text.starts_with(begins)) return name;
  return "";
}

Utf8 MakeUtf8(std::string& text) {
  if (IsUtf8(text) && !IsUtf8ByAccident(text)) return Utf8::kWas;
  if (text.find_first_of(kNobodyWrites) != std::string::npos)
    return Utf8::kUnreadable;
  // A character of Windows-1252 takes up to three bytes.
  std::string converted(3 * text.size() + 1, '\0');
  UErrorCode failed = U_ZERO_ERROR;
  const auto length =
      ucnv_convert("UTF-8", "windows-1252", converted.data(),
                   static_cast<int>(converted.size()), text.data(),
                   static_cast<int>(text.size()), &failed);
  if (U_FAILURE(failed)) return Utf8::kUnreadable;
  converted.resize(length);
  text = std::move(converted);
  return Utf8::kFromWindows1252;
}

std::string_view Trimmed(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const int length = static_cast<int>(text.size());
  int begin = 0, end = length;
  for (int at = 0; at < length; begin = at) {
    UChar32 c = 0;
    U8_NEXT(bytes, at, length, c);
    if (!IsOuter(c)) break;
  }
  for (int at = length; at > begin; end = at) {
    UChar32 c = 0;
    U8_PREV(bytes, 0, at, c);
    if (!IsOuter(c)) break;
  }
  return text.substr(begin, std::max(0, end - begin));
}

}  // namespace seawall::cli
