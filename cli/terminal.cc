#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace seawall::cli {

int TerminalWidth(int descriptor) {
  if (isatty(descriptor) == 0) return 0;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace seawall::cli
