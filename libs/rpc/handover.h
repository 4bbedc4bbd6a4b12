// Handover: tells ThreadSanitizer of the order that gRPC keeps among threads.
// It cannot see it, because Debian builds gRPC without it; elsewhere this is
// nothing. Only for what passes from one thread to another through gRPC alone:
// what a mutex of ours orders needs no word.
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace seawall::rpc {

// Before gRPC may call back about `what`.
inline void HandOver([[maybe_unused]] void* what) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(what);
#endif
}

// First thing when it calls back.
inline void TakeOver([[maybe_unused]] void* what) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(what);
#endif
}

}  // namespace seawall::rpc
