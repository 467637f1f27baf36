/// Keeps every other run away from one database for as long as it lives, and dies with its process.
///
/// Why      A lock that outlives a killed process must be taken away by hand at the worst moment: so no lock is a row.
/// Life     Released by its destructor, and by the end of its process.
/// Threads  One.
/// Not here What is done under it (run_session.h).
///
/// SQLite: flock on `FILE-migrating`. PostgreSQL: an advisory lock of the working session. Oracle: a table locked by a
/// second session, because each change of the schema ends the working session's transaction, and its locks with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "driver/driver.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace majed::migrate {

class RunLock {
public:
    RunLock() = default;
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    virtual ~RunLock() = default;
    /// It is held still. Errors: unavailable (it is lost: nothing more may run).
    [[nodiscard]] virtual Result<void> check(Deadline deadline) = 0;
};

/// How long to wait for another run, and whom to tell that we do.
struct LockWait {
    Deadline deadline = Deadline::max();
    std::function<void()> waiting = {};  ///< Called once, before the first pause.
};

/// Pauses between two attempts, each longer than the one before, and ends at the deadline.
class Patience {
public:
    explicit Patience(const LockWait& wait) : wait_(wait) {}
    /// Errors: timeout.
    [[nodiscard]] Result<void> pause();

private:
    const LockWait& wait_;
    std::chrono::milliseconds next_{2};
    bool told_ = false;
};

/// Makes `file-migrating`, readable for its owner alone. Only who holds the lock deletes it, and who gets the lock of a
/// file looks whether it is still the one of that name: so no two hold it. Errors: timeout, unavailable.
[[nodiscard]] Result<std::unique_ptr<RunLock>> lock_file_beside(const std::string& file,
                                                                const LockWait& wait);

/// On `working`, which outlives the lock. No transaction is open while it waits: CREATE INDEX CONCURRENTLY of the run
/// that has the lock waits for those. Errors: timeout, unsupported (a transaction pooler lies between), and the driver's.
[[nodiscard]] Result<std::unique_ptr<RunLock>> lock_advisory(driver::Connection& working,
                                                             std::string_view schema, const LockWait& wait);

/// With a connection of its own. Makes the table `schema_migrations_lock` when it is not there.
/// Errors: timeout, and the driver's.
[[nodiscard]] Result<std::unique_ptr<RunLock>> lock_table_aside(driver::Driver& connections,
                                                                const LockWait& wait);

}  // namespace majed::migrate
