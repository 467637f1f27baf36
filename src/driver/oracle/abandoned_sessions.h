/// Sessions whose client library did not come back in time, kept until it does.
///
/// Why      What a stuck call reads and writes must stay; how much of that there may be must have a bound.
/// Life     One per driver. What is still stuck when it dies is left to the process: a stuck thread cannot be ended.
/// Threads  All methods from any thread.
/// Not here Deciding that a call is stuck (physical_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "driver/oracle/physical_session.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace majed::driver::oracle {

class AbandonedSessions {
public:
    /// With so many stuck, no new session is opened: each holds a thread and a session of the client library.
    static constexpr std::size_t most = 32;

    AbandonedSessions() = default;
    ~AbandonedSessions();
    AbandonedSessions(const AbandonedSessions&) = delete;
    AbandonedSessions& operator=(const AbandonedSessions&) = delete;

    /// Takes a stuck session; it cleans up and leaves by itself when its call comes back.
    void take(std::unique_ptr<PhysicalSession> session);
    /// Frees those that have left, and says how many are still stuck.
    [[nodiscard]] std::size_t collect();

private:
    Mutex mutex_;
    std::vector<std::unique_ptr<PhysicalSession>> stuck_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::driver::oracle
