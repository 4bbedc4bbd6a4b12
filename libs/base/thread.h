// Threads that `top -H` and a debugger show by name. Used wherever one is
// started.
#pragma once

#include <pthread.h>

#include <thread>
#include <utility>

namespace seawall {

// `name` has at most 15 characters.
template <class Function>
std::thread NamedThread(const char* name, Function function) {
  return std::thread([name, function = std::move(function)]() mutable {
    pthread_setname_np(pthread_self(), name);
    function();
  });
}

}  // namespace seawall
