// A SQLite VFS on which the power can go out.
//
// What was written since a file's last sync is, at the cut, kept, dropped or
// torn at 512-byte sectors, by chance of a seed; then the process ends. It
// shows what killing a process never shows: that acknowledged rows were synced.
// Only the bytes of a write can be torn, not their neighbours, as SQLite
// assumes of disks (SQLITE_IOCAP_POWERSAFE_OVERWRITE). A sync reaches no real
// disk.
//
// One to a process: the process that uses it is forked for it.
#pragma once

#include <cstdint>

namespace seawall::support {

// What a process on which the power went out ends with.
constexpr int kPowerCut = 42;

// Registers the VFS and returns its name, for DatabaseSettings::sqlite_vfs.
const char* RegisterPowerVfs();

// From now on: the power goes out at the given write, truncation or sync.
void CutPowerAt(int operation, std::uint64_t seed);

// What happens to the disk meanwhile.
enum class Disk {
  kWorks,
  kFull,        // writes fail with SQLITE_FULL
  kCannotSync,  // syncs fail with SQLITE_IOERR_FSYNC
};
void SetDisk(Disk disk);

}  // namespace seawall::support
