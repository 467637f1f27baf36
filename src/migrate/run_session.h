/// One run's hold on a database: its lock, its working connection, the ledger as it is now.
///
/// Why      Up, down, baseline and repair begin the same way, and each migration must find a session without traces of
///          the one before.
/// Life     Opened for one call of the migrator, over what outlives that call.
/// Threads  One.
/// Not here What is run (transactional_run.h, stepwise_run.h), in which order (up_run.h, down_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "driver/driver.h"
#include "migrate/ledger.h"
#include "migrate/migration.h"
#include "migrate/migrator.h"
#include "migrate/picture.h"
#include "migrate/plan.h"
#include "migrate/run_lock.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// What every call of the migrator works with.
struct Surroundings {
    const std::vector<Migration>& migrations;
    driver::Driver& connections;
    const MigratorOptions& options;
    RunObserver& observer;
};

/// The ledger at one moment. Empty without a ledger.
struct KnownState {
    LedgerTables tables = {};
    std::vector<LedgerRow> rows = {};
    std::vector<MigrationStatus> statuses = {};

    [[nodiscard]] std::int64_t next_id() const noexcept;
    [[nodiscard]] const MigrationStatus* find(std::string_view key) const noexcept;
};

enum class Locking { none, exclusive };

class RunSession {
public:
    /// Errors: timeout (the lock), unavailable, unsupported (a pooler), and the driver's.
    [[nodiscard]] static Result<std::unique_ptr<RunSession>> open(const Surroundings& surroundings,
                                                                  Locking locking);
    RunSession(const RunSession&) = delete;
    RunSession& operator=(const RunSession&) = delete;
    ~RunSession() = default;

    [[nodiscard]] const Surroundings& surroundings() const noexcept { return surroundings_; }
    [[nodiscard]] Dialect dialect() const noexcept { return surroundings_.options.dialect; }
    [[nodiscard]] driver::Connection& connection() noexcept { return *connection_; }
    [[nodiscard]] Ledger& ledger() noexcept { return *ledger_; }

    /// For statements of our own, for those of a migration.
    [[nodiscard]] static Deadline own_deadline();
    [[nodiscard]] Deadline statement_deadline() const;

    /// Takes away what an earlier migration left in the session, and makes sure that the lock is held.
    [[nodiscard]] Result<void> renew();
    [[nodiscard]] Result<void> check_lock();
    /// Begins a transaction that writes, waiting for others as long as a run may. Errors: timeout, and the driver's.
    [[nodiscard]] Result<void> begin();
    /// Brings the open transaction back to the session's own role and settings, for the ledger and the picture.
    /// Errors: conflict (tables would now be made in another schema), and the driver's.
    [[nodiscard]] Result<void> come_back();
    /// For the rest of the open transaction: the session's own role, which may write the ledger.
    [[nodiscard]] Result<void> be_ourselves();
    /// SQLite: foreign keys are not enforced until `renew`. Before `begin`.
    [[nodiscard]] Result<void> stop_enforcing_keys();
    /// SQLite: every key refers to a row. Errors: conflict, naming the tables.
    [[nodiscard]] Result<void> check_keys();

    /// The ledger, and what plan.h makes of it.
    [[nodiscard]] Result<KnownState> look();
    /// Makes the ledger's tables where they are missing; leaves them outside a transaction on Oracle.
    [[nodiscard]] Result<void> ensure_ledger();
    [[nodiscard]] Result<SchemaPicture> take_picture();
    /// Takes and keeps a picture; its hash.
    [[nodiscard]] Result<std::string> renew_picture();

private:
    RunSession(const Surroundings& surroundings, LockWait wait)
        : surroundings_(surroundings), wait_(std::move(wait)) {}
    [[nodiscard]] Result<void> connect();
    [[nodiscard]] Result<void> lock();
    [[nodiscard]] Result<void> begin_sqlite();
    /// PostgreSQL: the current schema is the ledger's.
    [[nodiscard]] Result<void> check_schema();
    /// PostgreSQL, without a ledger here: there is none on the rest of the search path either.
    [[nodiscard]] Result<void> refuse_second_ledger();

    const Surroundings surroundings_;
    LockWait wait_;
    // The lock goes before the connection it may be held on.
    std::unique_ptr<driver::Connection> connection_;
    std::optional<Ledger> ledger_;
    std::unique_ptr<RunLock> lock_;
    std::string schema_;
    bool used_ = false;  ///< A migration ran in this session.
};

}  // namespace majed::migrate
