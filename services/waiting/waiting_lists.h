// WaitingLists: all parts of the waiting service, built on a Server.
#pragma once

#include <memory>

#include "libs/base/ids.h"
#include "services/waiting/gauges.h"
#include "services/waiting/handler.h"

namespace seawall::waiting {

// Declares the flags of Settings with their help.
void Declare(config::Options& options, Settings& settings);

class WaitingLists {
 public:
  // Loads the catalogue from the server's data folder.
  static Result<std::unique_ptr<WaitingLists>> Make(rpc::Server& server,
                                                    const Settings& settings);
  // What the server runs. This must outlive it.
  rpc::Domain domain();

 private:
  WaitingLists(rpc::Server& server, const Settings& settings,
               Catalogue catalogue);

  Catalogue catalogue_;
  RandomIds ids_;
  counters::Definitions definitions_;
  Store store_;
  Forecaster forecaster_;
  Waiting waiting_;
  Gauges gauges_;
};

}  // namespace seawall::waiting
