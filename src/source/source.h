/// A named database that is queried through the gateway: driver, pool, breaker, catalogue and guard behind one face.
///
/// Why      A statement names a source; everything about reaching it is behind this.
/// Life     Built by app/ from the configuration, whether its database is there or not; outlives the gateway and all
///          leases.
/// Threads  All methods may be called from any thread. A lease belongs to one thread at a time.
/// Not here Policies' meaning (policy/), the SQL of guards (rewrite/): a source is told its GuardSet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/deadline.h"
#include "core/result.h"
#include "driver/driver.h"
#include "driver/guard.h"
#include "driver/session.h"
#include "pool/breaker_options.h"
#include "pool/circuit_breaker.h"
#include "pool/connection_pool.h"
#include "pool/pool_options.h"
#include "source/health_watch.h"

#include <boost/assert/source_location.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::source {

struct SourceLimits {
    std::uint64_t max_rows = 10000;
    std::uint64_t max_bytes = 64ULL * 1024 * 1024;
    std::chrono::milliseconds statement_timeout{30000};
};

/// What an operator has decided about a breaker.
enum class BreakerMode {
    automatic,
    forced_open,  ///< Lets nothing through: the database is under maintenance.
    disabled,     ///< Lets everything through, uncounted.
};

/// Who makes the rules hold for a source.
enum class Enforcement {
    rewrite,  ///< The gateway, in the text of each statement.
    native,   ///< The database's own policies, which are told who asks. PostgreSQL, Oracle.
};

/// What its operator should know of how a source's rules can be got around.
struct ProtectionNotice {
    HealthLevel level = HealthLevel::pass;
    std::size_t exposed_tables = 0;  ///< Protected tables that the gateway's login reads past the rules.
    std::string text = {};           ///< Empty when there is nothing to say.
    friend bool operator==(const ProtectionNotice&, const ProtectionNotice&) = default;
};

struct SourceOptions {
    std::string name;
    std::string location = {};  ///< To show: the URL, which holds no secret.
    bool required = false;      ///< The gateway is not ready to answer without it.
    driver::Access access = driver::Access::read_only;
    bool takes_ddl = false;  ///< Administrators may change its schema, as gateway/administration.h says.
    Enforcement enforcement = Enforcement::rewrite;
    pool::PoolOptions pool = {};
    pool::BreakerOptions breaker = {};
    BreakerMode breaker_mode = BreakerMode::automatic;
    SourceLimits limits = {};
};

/// Who is told what happens to a source; called without a lock, in order. Must not wait for the source.
struct SourceObserver {
    std::function<void(const pool::BreakerEvent&)> breaker = {};
    std::function<void(const pool::PoolEvent&)> pool = {};
    std::function<void(const ProtectionNotice&)> protection = {};  ///< When it changes.
};

/// Sole right to one session, and leave from the breaker to use it. Gives both back, and says how it went.
class SessionLease {
public:
    /// Errors: as driver::Session::run.
    [[nodiscard]] Result<driver::RunSummary> run(const driver::AuthorizedStatement& statement,
                                                 const driver::Parameters& parameters,
                                                 const Attributes& identity, const driver::RunLimits& limits,
                                                 driver::RowSink& sink);
    /// Errors: as driver::Session::prepare.
    [[nodiscard]] Result<void> prepare(const driver::AuthorizedStatement& statement);
    /// Makes what runs end with `cancelled` soon. Any thread, while the lease lives.
    void interrupt() noexcept;

private:
    friend class Source;
    SessionLease(pool::CircuitBreaker::Permit permit, pool::Lease lease, bool timed) noexcept;
    template <class T>
    void learn(const Result<T>& outcome, std::chrono::nanoseconds took) noexcept;

    pool::CircuitBreaker::Permit permit_;
    pool::Lease lease_;  ///< After the permit: a session comes back before its breaker hears of another call.
    bool timed_;         ///< The breaker judges how long calls take.
};

/// The same for a connection that runs the program's own statements.
class ConnectionLease {
public:
    [[nodiscard]] driver::Connection& operator*() const noexcept;
    [[nodiscard]] driver::Connection* operator->() const noexcept;
    /// Must be called with every error of the connection: pool and breaker learn from it.
    void failed(const Error& error) noexcept;
    /// The work is done, and went well.
    void succeeded() noexcept;
    /// The connection is closed when given back, with whatever the work left in it.
    void discard() noexcept;

private:
    friend class Source;
    ConnectionLease(pool::CircuitBreaker::Permit permit, pool::Lease lease) noexcept;

    pool::CircuitBreaker::Permit permit_;
    pool::Lease lease_;
    SteadyClock::time_point began_ = SteadyClock::now();
};

class Source {
public:
    using Catalog = std::shared_ptr<const catalog::Snapshot>;

    /// Never waits for the database: what cannot be reached now is tried again when it is needed.
    /// Errors: invalid_argument (options that make no sense).
    [[nodiscard]] static Result<std::unique_ptr<Source>> start(SourceOptions options,
                                                               std::unique_ptr<driver::Driver> driver,
                                                               SourceObserver observer = {});
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source();

    [[nodiscard]] const SourceOptions& options() const noexcept;
    /// `sqlite`, `postgresql`, `oracle`.
    [[nodiscard]] std::string_view engine() const noexcept;
    /// Whether users' statements can run here.
    [[nodiscard]] bool governs() const noexcept;

    /// The catalogue as last read, or read now where it never was, which takes no longer than `patience`.
    /// Errors: unavailable, timeout.
    [[nodiscard]] Result<Catalog> catalog(std::chrono::milliseconds patience = std::chrono::seconds(30));
    /// The catalogue as last read; nullptr where it never was.
    [[nodiscard]] Catalog known_catalog() const;
    /// Reads it again. Errors: unavailable, timeout.
    [[nodiscard]] Result<Catalog> refresh_catalog();

    /// True once after the database was seen to have another schema than the catalogue says (watched(), PostgreSQL): who is
    /// told reads it again.
    [[nodiscard]] bool take_outdated() noexcept;

    /// Shown by its health from now on, and told to the observer when it says something new.
    void notice(const ProtectionNotice& notice);
    /// As told last; nullopt: nobody looked yet.
    [[nodiscard]] std::optional<ProtectionNotice> protection() const;

    /// From now on sessions are opened with `guard`; those of older guards are never lent again.
    void install_guard(std::shared_ptr<const driver::GuardSet> guard);

    /// A session whose guard is the installed one. FIFO among waiters.
    /// Errors: unavailable (also: the breaker is open, with retry_after), pool_timeout, overloaded, unsupported
    /// (users' statements cannot run here), internal (no guard installed).
    /// The caller's place is what a leak report names.
    [[nodiscard]] Result<SessionLease> lease(Deadline deadline,
                                             const boost::source_location& where = BOOST_CURRENT_LOCATION);

    /// Whether users' writes can run here: the make of database takes them, and the source is not read only.
    [[nodiscard]] bool takes_writes() const noexcept;

    /// A session whose guard is the installed one and whose statements may write. On SQLite there is one at a time.
    /// Errors: as lease; unsupported (it takes no writes).
    [[nodiscard]] Result<SessionLease> lease_to_write(
        Deadline deadline, const boost::source_location& where = BOOST_CURRENT_LOCATION);

    /// A connection for the program's own statements. On SQLite it is the only writer: others wait, in order.
    /// Errors: as lease; unsupported (SQLite, read_only).
    [[nodiscard]] Result<ConnectionLease> connection(
        Deadline deadline, const boost::source_location& where = BOOST_CURRENT_LOCATION);

    /// Asks the database over a connection of the source's own, with leave of the breaker. How long it took.
    /// Errors: unavailable, timeout.
    [[nodiscard]] Result<std::chrono::nanoseconds> probe(Deadline deadline);

    [[nodiscard]] pool::PoolStats pool_stats() const;
    /// For a HealthMonitor, which the source must outlive. Checks go over a connection beside the pool.
    [[nodiscard]] WatchedSource watched(const HealthOptions& health);
    [[nodiscard]] pool::CircuitBreaker& breaker() noexcept;

    /// Lends nothing more, waits for what is lent, then interrupts it. The number of leases that had to be forced.
    std::size_t drain(Deadline deadline);

private:
    class State;
    explicit Source(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace majed::source
