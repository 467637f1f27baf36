// SPDX-License-Identifier: Apache-2.0
#include "pool/fork_watch.h"

#include <atomic>

#include <pthread.h>

namespace majed::pool {
namespace {

/// Written by the handler that the system calls in a child, which can be given nothing but a global.
std::atomic<std::uint64_t> forks{0};

extern "C" void count_fork() {
    forks.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t fork_generation() noexcept {
    static const int registered = ::pthread_atfork(nullptr, nullptr, &count_fork);
    static_cast<void>(registered);
    return forks.load(std::memory_order_relaxed);
}

}  // namespace majed::pool
