// FrontDoor: all parts of the referrals service, built on a Server.
#pragma once

#include <memory>

#include "libs/base/ids.h"
#include "services/referrals/gauges.h"
#include "services/referrals/journey_handler.h"
#include "services/referrals/measures.h"

namespace seawall::referrals {

// Declares the flags of Settings with their help.
void Declare(config::Options& options, Settings& settings);

class FrontDoor {
 public:
  // Loads code sets, rubric and routing from the server's data folder.
  static Result<std::unique_ptr<FrontDoor>> Make(rpc::Server& server,
                                                 const Settings& settings);
  // What the server runs. This must outlive it.
  rpc::Domain domain();

 private:
  FrontDoor(rpc::Server& server, const Settings& settings, CodeSets codes,
            rules::Rubric rubric, rules::PoliceRouting routing,
            ClockRules clocks);

  CodeSets codes_;
  ClockRules clocks_;
  RandomIds ids_;
  counters::Definitions definitions_;
  Store store_;
  Children children_;
  Steps steps_;
  Parts parts_;
  Referrals referrals_;
  Journeys journeys_;
  Gauges gauges_;
};

}  // namespace seawall::referrals
