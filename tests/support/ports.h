// Ports of this machine for servers that tests start.
#pragma once

namespace seawall::support {

// A TCP port of 127.0.0.1 that was free a moment ago.
int FreePort();

// Whether something listens on that port of 127.0.0.1.
bool Listens(int port);

}  // namespace seawall::support
