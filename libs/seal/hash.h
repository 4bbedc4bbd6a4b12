// Ids made from content: the same content has the same id, on any machine.
#pragma once

#include <string>
#include <string_view>

namespace seawall::seal {

// 32 hex digits of a hash over it.
std::string HexHash(std::string_view content);

}  // namespace seawall::seal
