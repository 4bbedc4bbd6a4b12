// The terminal behind a file descriptor.
#pragma once

namespace seawall::cli {

// Its columns; 80 where it does not say, 0 where it is no terminal.
int TerminalWidth(int descriptor);

}  // namespace seawall::cli
