#include "libs/rpc/shares.h"

namespace seawall::rpc {

std::optional<Shares::Share> Shares::Take(const std::string& agency,
                                          std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  Held& held = held_[agency];
  const bool fits = held.calls < bounds_.calls &&
                    held.bytes + bytes <= bounds_.bytes &&
                    all_bytes_ + bytes <= bounds_.all_bytes;
  if (!fits && held.calls > 0) return std::nullopt;
  held.calls++;
  held.bytes += bytes;
  all_bytes_ += bytes;
  return std::optional<Share>(std::in_place, *this, agency, bytes);
}

void Shares::GiveBack(const std::string& agency, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  Held& held = held_[agency];
  held.calls--;
  held.bytes -= bytes;
  all_bytes_ -= bytes;
  if (held.calls == 0) held_.erase(agency);
}

}  // namespace seawall::rpc
