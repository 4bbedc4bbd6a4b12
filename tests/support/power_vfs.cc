#include "tests/support/power_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace seawall::support {
namespace {

constexpr std::size_t kSector = 512;
constexpr const char* kName = "seawall-power";

// A change of a file that no sync has made sure of.
struct Change {
  sqlite3_int64 offset = 0;
  std::string bytes;   // what was written; empty = cut at `offset`
  std::string before;  // what lay there
  sqlite3_int64 size_before = 0;
};

// What the disk may forget, by file. Kept when a file is closed.
struct Power {
  std::mutex mutex;
  std::map<std::string, std::vector<Change>> unsynced;  // guarded by mutex
  int operations_left = 0;                              // guarded by mutex
  std::mt19937_64 chance;                               // guarded by mutex
  std::atomic<Disk> disk = Disk::kWorks;
  sqlite3_vfs* real = nullptr;
};

Power power;

// sqlite3 allocates szOsFile bytes: this, and the real file behind it.
struct File {
  sqlite3_file base;
  std::vector<Change>* unsynced;  // null for files without a name
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Of(file)->real(); }
const sqlite3_io_methods* Methods(sqlite3_file* file) {
  return Real(file)->pMethods;
}

void WriteAt(int descriptor, const std::string& bytes, sqlite3_int64 offset) {
  if (::pwrite(descriptor, bytes.data(), bytes.size(), offset) !=
      static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
}

void Resize(int descriptor, sqlite3_int64 size) {
  if (::ftruncate(descriptor, size) != 0) std::abort();
}

void Revert(int descriptor, const std::vector<Change>& changes) {
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    WriteAt(descriptor, change->before, change->offset);
    Resize(descriptor, change->size_before);
  }
}

void Tear(int descriptor, const Change& change) {
  for (std::size_t at = 0; at < change.bytes.size(); at += kSector) {
    if (power.chance() % 2 == 0) continue;
    WriteAt(descriptor, change.bytes.substr(at, kSector),
            change.offset + static_cast<sqlite3_int64>(at));
  }
}

// A quarter is dropped, a quarter torn, half kept.
void MaybeKeep(int descriptor, const Change& change) {
  const auto fate = power.chance() % 4;
  if (fate == 0) return;
  if (change.bytes.empty()) {
    Resize(descriptor, change.offset);
  } else if (fate == 1) {
    Tear(descriptor, change);
  } else {
    WriteAt(descriptor, change.bytes, change.offset);
  }
}

[[noreturn]] void Cut() {
  for (const auto& [path, changes] : power.unsynced) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) continue;
    Revert(descriptor, changes);
    for (const Change& change : changes) MaybeKeep(descriptor, change);
  }
  ::_exit(kPowerCut);
}

void CountOperation() {
  if (power.operations_left > 0 && --power.operations_left == 0) Cut();
}

void Remember(sqlite3_file* file, Change change) {
  const std::lock_guard lock(power.mutex);
  CountOperation();
  if (Of(file)->unsynced == nullptr) return;
  Methods(file)->xFileSize(Real(file), &change.size_before);
  const sqlite3_int64 end =
      change.bytes.empty()
          ? change.size_before
          : change.offset + static_cast<sqlite3_int64>(change.bytes.size());
  const sqlite3_int64 old = std::min(end, change.size_before) - change.offset;
  if (old > 0) {
    change.before.resize(old);
    Methods(file)->xRead(Real(file), change.before.data(),
                         static_cast<int>(old), change.offset);
  }
  Of(file)->unsynced->push_back(std::move(change));
}

int Write(sqlite3_file* file, const void* bytes, int size,
          sqlite3_int64 offset) {
  if (power.disk == Disk::kFull) return SQLITE_FULL;
  Remember(file, {.offset = offset,
                  .bytes = std::string(static_cast<const char*>(bytes), size)});
  return Methods(file)->xWrite(Real(file), bytes, size, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Remember(file, {.offset = size});
  return Methods(file)->xTruncate(Real(file), size);
}

int Sync(sqlite3_file* file, int) {
  if (power.disk == Disk::kCannotSync) return SQLITE_IOERR_FSYNC;
  const std::lock_guard lock(power.mutex);
  CountOperation();
  if (Of(file)->unsynced != nullptr) Of(file)->unsynced->clear();
  return SQLITE_OK;
}

int Close(sqlite3_file* file) { return Methods(file)->xClose(Real(file)); }
int Read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return Methods(file)->xRead(Real(file), bytes, size, offset);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Methods(file)->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) {
  return Methods(file)->xLock(Real(file), level);
}
int Unlock(sqlite3_file* file, int level) {
  return Methods(file)->xUnlock(Real(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Methods(file)->xCheckReservedLock(Real(file), held);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Methods(file)->xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) {
  return Methods(file)->xSectorSize(Real(file));
}
int DeviceCharacteristics(sqlite3_file* file) {
  return Methods(file)->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend,
           void volatile** memory) {
  return Methods(file)->xShmMap(Real(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  return Methods(file)->xShmLock(Real(file), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) { Methods(file)->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) {
  return Methods(file)->xShmUnmap(Real(file), remove);
}

// Version 2: without memory mapping, past which writes would slip.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  file->pMethods = nullptr;
  const int code =
      power.real->xOpen(power.real, name, Real(file), flags, out_flags);
  if (code != SQLITE_OK) return code;
  file->pMethods = &kMethods;
  const std::lock_guard lock(power.mutex);
  Of(file)->unsynced = name == nullptr ? nullptr : &power.unsynced[name];
  return SQLITE_OK;
}

int Delete(sqlite3_vfs*, const char* name, int sync) {
  const std::lock_guard lock(power.mutex);
  power.unsynced[name].clear();
  return power.real->xDelete(power.real, name, sync);
}

}  // namespace

const char* RegisterPowerVfs() {
  static sqlite3_vfs vfs;
  power.real = sqlite3_vfs_find(nullptr);
  vfs = *power.real;
  vfs.zName = kName;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + power.real->szOsFile;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  sqlite3_vfs_register(&vfs, 0);
  return kName;
}

void CutPowerAt(int operation, std::uint64_t seed) {
  const std::lock_guard lock(power.mutex);
  power.operations_left = operation;
  power.chance.seed(seed);
}

void SetDisk(Disk disk) { power.disk = disk; }

}  // namespace seawall::support
