// Settings of the waiting service: the server's, and its own.
#pragma once

#include "libs/rpc/server.h"

namespace seawall::waiting {

struct Settings {
  rpc::ServerSettings server;
  // NHS numbers of the range 900 to 999 name nobody: demos and tests only.
  bool allow_test_numbers = false;
};

}  // namespace seawall::waiting
