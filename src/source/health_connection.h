/// The connection over which a source's health is asked: one, its own, not of the pool.
///
/// Why      When every session is lent the database is busy, not down; only a connection beside the pool can tell.
/// Life     Opened by the first check, kept between checks, closed after a failure. Outlived by what `open` uses.
/// Threads  `check` by one thread at a time; `interrupt` from any.
/// Not here When to check (health_monitor.h), whether to (the breaker, by health_watch.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/lendable.h"
#include "source/health_watch.h"

#include <chrono>
#include <functional>
#include <memory>

namespace majed::source {

class HealthConnection {
public:
    using Open = std::function<Result<std::unique_ptr<driver::Lendable>>(Deadline)>;

    explicit HealthConnection(Open open);
    HealthConnection(const HealthConnection&) = delete;
    HealthConnection& operator=(const HealthConnection&) = delete;
    ~HealthConnection() = default;

    /// How long a ping took. A probe comes in by a new connection. Errors: unavailable, timeout, as opening; cancelled
    /// after `interrupt`.
    [[nodiscard]] Result<std::chrono::nanoseconds> check(CheckKind kind, Deadline deadline);

    /// Ends the check under way, and all to come.
    void interrupt() noexcept;

private:
    [[nodiscard]] Result<driver::Lendable*> connected(CheckKind kind, Deadline deadline);
    void close() noexcept;

    const Open open_;
    Mutex mutex_;
    bool ended_ MAJED_GUARDED_BY(mutex_) = false;
    /// Replaced only by the checking thread, which may therefore use it without the lock.
    std::unique_ptr<driver::Lendable> connection_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::source
