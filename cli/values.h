// Values: what people and spreadsheets write for a yes or no, a number, a day
// and a time, and nothing that would have to be guessed.
//
// Days are read day first, as in Britain: 03/02/2019, 3.2.2019, 03-Feb-2019,
// 3 February 2019; or year first, 2019-02-03. A time behind a day may stand.
// Times without a zone are civil times of Europe/London. Pure functions; outer
// white space must be gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "libs/base/civil.h"

namespace seawall::cli {

// TRUE, True, yes, Y, 1 and their opposites, in any case.
std::optional<bool> ReadYesNo(std::string_view text);

// 3, and 3.0 as programs write it that know no whole numbers.
std::optional<std::int64_t> ReadWholeNumber(std::string_view text);

// Or what was given in its stead: "has a year of two digits".
template <class T>
using ReadAs = tl::expected<T, std::string>;

// The civil day in London of a time with a zone.
ReadAs<Date> ReadDay(std::string_view text);
ReadAs<Instant> ReadTime(std::string_view text);

}  // namespace seawall::cli
