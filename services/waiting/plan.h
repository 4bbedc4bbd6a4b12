// A plan: what an event asks to be written, worked out before anything is.
#pragma once

#include "services/waiting/scenes.h"

namespace seawall::waiting {

struct Waiting::Plan {
  // Null: a new referral.
  Scene* scene = nullptr;
  Event event;
  // The referral that a person says to be of the same child, or not.
  Scene* other = nullptr;
  // Of a referral that asks for a transfer: from which.
  std::string asked_from;
  // The referral that asked for a transfer which this event gives.
  Scene* given = nullptr;
  // A transfer: the list that is left, and how.
  Scene* left = nullptr;
  Event leaving;
  // What is said of it; `already_recorded`: then nothing is written.
  pb::EventReceipt receipt;
};

inline void Warn(pb::EventReceipt& receipt, const char* reason,
                 const std::string& description,
                 const std::string& field = "") {
  pb::Warning& warning = *receipt.add_warnings();
  warning.set_reason(reason);
  warning.set_description(description);
  warning.set_field(field);
}

}  // namespace seawall::waiting
