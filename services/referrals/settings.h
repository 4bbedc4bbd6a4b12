// Settings of the referrals service: the server's, and the front door's own.
#pragma once

#include "libs/rpc/server.h"

namespace seawall::referrals {

struct Settings {
  rpc::ServerSettings server;
  // Children on one form.
  int children_limit = 20;
  // A triage decision is signed off by another person than who made it.
  bool sign_off_by_another = true;
  // NHS numbers of the range 900 to 999 name nobody: demos and tests only.
  bool allow_test_numbers = false;
};

}  // namespace seawall::referrals
