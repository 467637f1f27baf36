/// When a running statement must stop: its deadline passed, or somebody cancelled it.
///
/// Why      SQLite asks every few hundred steps of its program, and while it waits for a lock.
/// Life     Installed once per connection; outlives it. `begin` opens a new run.
/// Threads  `cancel` from any thread; the rest as the connection.
/// Not here Row and byte limits: governed_session.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"

#include <atomic>

struct sqlite3;

namespace majed::driver::sqlite {

class RunControl {
public:
    RunControl() = default;
    RunControl(const RunControl&) = delete;
    RunControl& operator=(const RunControl&) = delete;
    ~RunControl() = default;

    void install(sqlite3* database);

    /// Forgets earlier cancellations: they were meant for an earlier run.
    void begin(Deadline deadline) noexcept;
    void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

    [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    /// Cancelled, or past the deadline now.
    [[nodiscard]] bool must_stop() const noexcept;
    /// What to tell the caller once must_stop() was true.
    [[nodiscard]] Error stop_error(int native) const;

private:
    static int on_progress(void* self);
    static int on_busy(void* self, int attempts);

    std::atomic<bool> cancelled_{false};
    Deadline deadline_ = Deadline::max();
};

}  // namespace majed::driver::sqlite
