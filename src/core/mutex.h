/// std::mutex that Clang can check: what MAJED_GUARDED_BY(m) marks cannot be touched without m.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#if defined(__clang__)
#define MAJED_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define MAJED_THREAD_ATTRIBUTE(x)
#endif
#define MAJED_GUARDED_BY(m) MAJED_THREAD_ATTRIBUTE(guarded_by(m))
#define MAJED_REQUIRES(...) MAJED_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))

namespace majed {

class MAJED_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
public:
    void lock() MAJED_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() MAJED_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

/// Holds `mutex` for its own lifetime.
class MAJED_THREAD_ATTRIBUTE(scoped_lockable) Lock {
public:
    explicit Lock(Mutex& mutex) MAJED_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
        mutex_.lock();
    }
    ~Lock() MAJED_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    Mutex& mutex_;
};

}  // namespace majed
