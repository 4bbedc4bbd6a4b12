#include "libs/rpc/reasons.h"

namespace seawall::rpc {

const std::vector<Reason>& Reasons() {
  static const std::vector<Reason> reasons = {
      {"ACCESS_LOG",
       "the access entry could not be written, so nothing was "
       "shown; try again"},
      {"AGENCY_SUSPENDED", "the register of agencies suspends the caller"},
      {"AREA_NOT_ALLOWED", "the area is not one of the caller's"},
      {"AREA_REQUIRED", "every request names exactly one area"},
      {"BAD_PAGE", "the page size or token cannot be used"},
      {"BAD_PERIOD", "the period is missing, turned round or no date"},
      {"BAD_POSITION", "the journal position lies outside the journal"},
      {"CANCELLED", "the caller went away before the call began"},
      {"CERTIFICATE_SUSPENDED",
       "the register of agencies suspends this certificate"},
      {"CLOCK_AHEAD",
       "the clock ran ahead; nothing is recorded until it is right"},
      {"COMMIT_UNKNOWN",
       "the store did not say whether it committed; repeat "
       "with the same request_id"},
      {"COUNTERS_BEHIND", "the counters did not get level in time"},
      {"COUNTERS_GARBLED", "another wrote into the store of the counters"},
      {"COUNTERS_OTHER_HISTORY", "the counters count another journal"},
      {"COUNTERS_UNAVAILABLE", "the store of the counters does not answer"},
      {"DEADLINE_TOO_SHORT", "too little time was left to begin"},
      {"INTERNAL", "a fault of the server, written to its log"},
      {"JOURNAL_CHANGED", "the journal is another one: stop and reconcile"},
      {"MALFORMED", "the bytes are no message of the method's type"},
      {"METADATA_TOO_LARGE", "the call's metadata have more than 8 KiB"},
      {"PERIOD_NOT_WHOLE",
       "such figures are of whole months, quarters and years that are over"},
      {"PERSON_REQUIRED", "metadata seawall-person is missing or malformed"},
      {"PURPOSE_REQUIRED", "purpose or lawful basis is missing or unknown"},
      {"QUEUE_FULL", "the service is at its limit; try again later"},
      {"REQUEST_ID_REQUIRED", "request_id is not 1 to 64 printable characters"},
      {"REQUEST_ID_REUSED", "the request_id was used with other content"},
      {"REQUEST_TOO_LARGE", "the request has more than 256 KiB"},
      {"ROLE_NOT_ALLOWED", "the certificate's role may not call this"},
      {"SEAL_BROKEN", "sealed details could not be opened"},
      {"SEAL_KEY_MISSING", "details are sealed by a key that was not given"},
      {"SOURCE_NOT_POSSIBLE", "figures cannot come from that source"},
      {"STOPPING", "the service is stopping; try again"},
      {"STORE_BUSY", "no reader came free in time"},
      {"STORE_FAILED", "the store could not do it; nothing was stored"},
      {"STORE_FULL", "the store has no room left"},
      {"STORE_LIMIT", "a value is larger than the store takes"},
      {"STORE_MISUSED", "a fault of the server in how it uses its store"},
      {"STORE_REFUSED", "the store refused the records"},
      {"STORE_SLOW", "the read took longer than a second"},
      {"STORE_UNAVAILABLE", "the store does not answer"},
      {"SYSTEM_SUSPENDED",
       "the register of agencies suspends this system of the agency"},
      {"TEXT_TOO_LONG", "an id or reference has more than 200 characters"},
      {"TIME_AHEAD", "the time lies in the future"},
      {"TOO_MANY_HEADS", "a request holds at most 500 signed heads"},
      {"UNKNOWN_AGENCY", "the register holds no such agency"},
      {"UNKNOWN_CALLER", "the certificate's name is not one of this system"},
      {"UNKNOWN_GROUP", "figures cannot be split that way"},
      {"UNKNOWN_MEASURE", "there is no such measure"},
      {"UNKNOWN_SYSTEM",
       "the register does not give the agency that system in that role"},
  };
  return reasons;
}

}  // namespace seawall::rpc
