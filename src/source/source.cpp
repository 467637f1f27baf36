// SPDX-License-Identifier: Apache-2.0
#include "source/source.h"

#include "core/mutex.h"
#include "source/attendant.h"
#include "source/health_connection.h"

#include <atomic>
#include <span>
#include <utility>
#include <vector>

namespace majed::source {

namespace {

constexpr std::chrono::milliseconds catalog_patience = std::chrono::seconds(30);

catalog::RelationKind kind_of(driver::ObjectKind kind) {
    switch (kind) {
        case driver::ObjectKind::table:
            return catalog::RelationKind::table;
        case driver::ObjectKind::view:
            return catalog::RelationKind::view;
        case driver::ObjectKind::virtual_table:
            return catalog::RelationKind::virtual_table;
        case driver::ObjectKind::shadow:
            return catalog::RelationKind::shadow;
        case driver::ObjectKind::internal:
            return catalog::RelationKind::internal;
        case driver::ObjectKind::partitioned_table:
            return catalog::RelationKind::partitioned_table;
        case driver::ObjectKind::foreign_table:
            return catalog::RelationKind::foreign_table;
        case driver::ObjectKind::materialized_view:
            return catalog::RelationKind::materialized_view;
    }
    return catalog::RelationKind::internal;
}

catalog::Relation to_relation(driver::ObjectDescription object) {
    catalog::Relation relation;
    relation.name = std::move(object.name);
    relation.schema = std::move(object.schema);
    relation.facts = std::move(object.facts);
    relation.kind = kind_of(object.kind);
    for (driver::ColumnDescription& column : object.columns) {
        relation.columns.push_back({std::move(column.name), std::move(column.declared_type), column.not_null,
                                    column.hidden, column.generation, std::move(column.collation)});
    }
    relation.indexes = std::move(object.indexes);
    relation.rowid_column = object.rowid_column;
    relation.without_rowid = object.without_rowid;
    relation.definition = std::move(object.definition);
    return relation;
}

Source::Catalog to_catalog(driver::SchemaDescription schema) {
    std::vector<catalog::Relation> relations;
    relations.reserve(schema.objects.size());
    for (driver::ObjectDescription& object : schema.objects) {
        relations.push_back(to_relation(std::move(object)));
    }
    if (schema.server) {
        return std::make_shared<const catalog::Snapshot>(std::move(relations), std::move(*schema.server),
                                                         schema.version);
    }
    return std::make_shared<const catalog::Snapshot>(std::move(relations), schema.version);
}

/// The file of a SQLite source has one writer: a pool of one is its gate, first come, first served.
pool::PoolOptions writer_gate(pool::PoolOptions options) {
    options.min = 0;
    options.max = 1;
    options.max_opening = 1;
    options.writes = true;
    return options;
}

PoolUse use_of(const pool::PoolStats& stats) {
    return {.in_use = stats.lent,
            .idle = stats.idle + stats.pinging,
            .opening = stats.opening,
            .waiting = stats.waiting,
            .max = stats.max};
}

std::vector<HealthMeasure> judged(std::vector<driver::Measure> measures,
                                  const std::optional<ProtectionNotice>& notice) {
    std::vector<HealthMeasure> judged;
    judged.reserve(measures.size());
    for (driver::Measure& measure : measures) {
        const HealthLevel level = measure.worry.empty() ? HealthLevel::pass : HealthLevel::warn;
        judged.push_back({std::move(measure.name), measure.value, std::move(measure.unit), level,
                          std::move(measure.worry)});
    }
    if (notice) {
        judged.push_back({"exposedTables", static_cast<double>(notice->exposed_tables), "tables",
                          notice->level, notice->text});
    }
    return judged;
}

}  // namespace

class Source::State {
public:
    using ProtectionObserver = std::function<void(const ProtectionNotice&)>;

    State(SourceOptions options, std::unique_ptr<driver::Driver> driver,
          std::unique_ptr<pool::CircuitBreaker> breaker, ProtectionObserver protection_observer)
        : options_(std::move(options)),
          protection_observer_(std::move(protection_observer)),
          driver_(std::move(driver)),
          breaker_(std::move(breaker)),
          attendant_(*driver_, driver_->governs() ? BetweenWorks::stays_open : BetweenWorks::is_closed) {}

    Result<void> start(pool::ConnectionPool::Observer observer) {
        observer_ = std::move(observer);
        if (driver_->is_file() && options_.access == driver::Access::read_only) {
            return {};
        }
        pool::PoolOptions options = driver_->is_file() ? writer_gate(options_.pool) : options_.pool;
        if (driver_->governs()) options.min = 0;  // Those that are kept ready are users' sessions.
        MAJED_TRY_ASSIGN(connections_, pool::ConnectionPool::start(options, connection_opener(), observer_));
        return {};
    }

    [[nodiscard]] const SourceOptions& options() const noexcept { return options_; }
    [[nodiscard]] driver::Driver& driver() noexcept { return *driver_; }
    [[nodiscard]] pool::CircuitBreaker& breaker() noexcept { return *breaker_; }

    [[nodiscard]] Catalog known_catalog() const {
        const Lock lock(mutex_);
        return catalog_;
    }

    Result<Catalog> refresh_catalog(std::chrono::milliseconds patience) {
        Catalog fresh;
        const Deadline deadline = deadline_after(patience);
        const auto read = [&](driver::Connection& connection) -> Result<void> {
            MAJED_TRY_ASSIGN(driver::SchemaDescription schema, driver_->read_schema(connection, deadline));
            fresh = to_catalog(std::move(schema));
            return {};
        };
        MAJED_TRY(attended(deadline, read));
        const Lock lock(mutex_);
        catalog_ = fresh;
        outdated_ = false;
        return fresh;
    }

    void notice(const ProtectionNotice& notice) {
        {
            const Lock lock(mutex_);
            if (protection_ == notice) return;
            protection_ = notice;
        }
        if (protection_observer_) protection_observer_(notice);
    }

    [[nodiscard]] std::optional<ProtectionNotice> protection() const {
        const Lock lock(mutex_);
        return protection_;
    }

    [[nodiscard]] bool take_outdated() noexcept { return outdated_.exchange(false); }

    void install_guard(std::shared_ptr<const driver::GuardSet> guard) {
        {
            const Lock lock(mutex_);
            guard_ = std::move(guard);
        }
        const Lock one_at_a_time(install_mutex_);
        if (sessions() != nullptr) {
            sessions()->renew();
            if (pool::ConnectionPool* const writers = this->writers()) {
                writers->renew();
            }
            return;
        }
        // The first sessions can be opened now that there is something to open them under.
        auto started = pool::ConnectionPool::start(options_.pool, session_opener(Wanted::reader), observer_);
        if (started) {
            const Lock lock(mutex_);
            sessions_ = std::move(*started);
        }
        if (!takes_writes()) {
            return;
        }
        auto writers =
            pool::ConnectionPool::start(writers_options(), session_opener(Wanted::writer), observer_);
        if (writers) {
            const Lock lock(mutex_);
            writers_ = std::move(*writers);
        }
    }

    [[nodiscard]] pool::PoolOptions writers_options() const {
        if (driver_->is_file()) {
            return writer_gate(options_.pool);
        }
        pool::PoolOptions options = options_.pool;
        options.min = 0;
        options.writes = true;
        return options;
    }

    [[nodiscard]] bool takes_writes() const noexcept {
        return options_.access == driver::Access::read_write && driver_->governs_writes();
    }

    Result<SessionLease> lease(Deadline deadline, const boost::source_location& where) {
        return lease_from(sessions(), deadline, where);
    }

    Result<SessionLease> lease_to_write(Deadline deadline, const boost::source_location& where) {
        if (!takes_writes()) {
            return Error{.code = ErrorCode::unsupported,
                         .message = "source " + options_.name + " takes no writes",
                         .failure = FailureClass::read_only};
        }
        return lease_from(writers(), deadline, where);
    }

    Result<SessionLease> lease_from(pool::ConnectionPool* sessions, Deadline deadline,
                                    const boost::source_location& where) {
        if (sessions == nullptr) {
            return Error{ErrorCode::internal, "no guard is installed"};
        }
        MAJED_TRY_ASSIGN(pool::CircuitBreaker::Permit permit, breaker_->admit());
        MAJED_TRY_ASSIGN(pool::Lease lease, borrow(*sessions, permit, {deadline, "statement", where}));
        const bool timed = options_.breaker.slow_call_duration.count() > 0;
        return SessionLease(std::move(permit), std::move(lease), timed);
    }

    Result<ConnectionLease> connection(Deadline deadline, const boost::source_location& where) {
        if (connections_ == nullptr) {
            return Error{.code = ErrorCode::unsupported,
                         .message = "source " + options_.name + " is read only",
                         .failure = FailureClass::read_only};
        }
        MAJED_TRY_ASSIGN(pool::CircuitBreaker::Permit permit, breaker_->admit());
        MAJED_TRY_ASSIGN(pool::Lease lease, borrow(*connections_, permit, {deadline, "own work", where}));
        return ConnectionLease(std::move(permit), std::move(lease));
    }

    Result<std::chrono::nanoseconds> probe(Deadline deadline) {
        const auto began = SteadyClock::now();
        MAJED_TRY(
            attended(deadline, [&](driver::Connection& connection) { return connection.ping(deadline); }));
        return SteadyClock::now() - began;
    }

    [[nodiscard]] pool::PoolStats pool_stats() const {
        const pool::ConnectionPool* const users = sessions();
        const pool::ConnectionPool* const main =
            users != nullptr || driver_->is_file() ? users : connections_.get();
        return main == nullptr ? pool::PoolStats{} : main->stats();
    }

    WatchedSource watched(const HealthOptions& health) {
        const auto connection = std::make_shared<HealthConnection>(
            [this](Deadline deadline) -> Result<std::unique_ptr<driver::Lendable>> {
                MAJED_TRY_ASSIGN(auto opened, driver_->open(deadline));
                return std::unique_ptr<driver::Lendable>(std::move(opened));
            });
        WatchedSource watched;
        watched.name = options_.name;
        watched.make = std::string(driver_->name());
        watched.requirement = options_.required ? Requirement::required : Requirement::optional;
        watched.options = health;
        watched.check = [this, connection](CheckKind kind, Deadline deadline) {
            auto answered = connection->check(kind, deadline);
            if (!answered && answered.error().failure == FailureClass::lost) {
                outdate_sessions();
            }
            if (answered) look_for_changes(deadline);
            return answered;
        };
        watched.interrupt = [connection] { connection->interrupt(); };
        watched.pool = [this] { return use_of(pool_stats()); };
        watched.measures = [this] { return judged(driver_->measures(), protection()); };
        watched.breaker = breaker_.get();
        return watched;
    }

    std::size_t drain(Deadline deadline) {
        std::size_t forced = 0;
        if (pool::ConnectionPool* const sessions = this->sessions()) {
            forced += sessions->drain(deadline);
        }
        if (pool::ConnectionPool* const writers = this->writers()) {
            forced += writers->drain(deadline);
        }
        if (connections_ != nullptr) {
            forced += connections_->drain(deadline);
        }
        attendant_.interrupt();
        return forced;
    }

private:
    struct Wish {
        Deadline deadline;
        std::string_view purpose;
        boost::source_location where;
    };

    [[nodiscard]] pool::ConnectionPool* sessions() const {
        const Lock lock(mutex_);
        return sessions_.get();
    }

    [[nodiscard]] pool::ConnectionPool* writers() const {
        const Lock lock(mutex_);
        return writers_.get();
    }

    /// A session of a file that was replaced goes on answering from what is no more there, and one in constant use is
    /// never asked whether it is. Sessions of a server learn it by use.
    void outdate_sessions() {
        if (!driver_->is_file()) {
            return;
        }
        if (pool::ConnectionPool* const sessions = this->sessions()) {
            sessions->renew();
        }
        if (pool::ConnectionPool* const writers = this->writers()) {
            writers->renew();
        }
        attendant_.renew();
    }

    /// The schema of a server changes without a word to its sessions. Not to know for a while harms nothing: what was
    /// decided holds for the names it was decided for, and a write looks by itself at what it would drag along.
    void look_for_changes(Deadline deadline) {
        const Catalog known = known_catalog();
        if (!driver_->governs() || driver_->is_file() || known == nullptr || !known->schema_version()) {
            return;
        }
        static_cast<void>(attendant_.attend(deadline, [&](driver::Connection& connection) -> Result<void> {
            MAJED_TRY_ASSIGN(const auto version, driver_->schema_version(connection, deadline));
            if (version && version != known->schema_version()) outdated_ = true;
            return {};
        }));
    }

    Result<pool::Lease> borrow(pool::ConnectionPool& pool, pool::CircuitBreaker::Permit& permit, Wish wish) {
        const auto began = SteadyClock::now();
        auto lease = pool.acquire(wish.deadline, wish.purpose, wish.where);
        if (lease) {
            return lease;
        }
        permit.failed(lease.error(), SteadyClock::now() - began);
        return out_of_reach(std::move(lease).error());
    }

    /// The caller named a source: it is there, though its file may not be.
    [[nodiscard]] Error out_of_reach(Error error) const {
        if (error.code == ErrorCode::not_found) {
            error.code = ErrorCode::unavailable;
        }
        if (error.code == ErrorCode::unavailable) {
            error.message = "source " + options_.name + ": " + error.message;
        }
        return error;
    }

    /// Own work counts for the breaker as users' work does, and is turned away as theirs is.
    Result<void> attended(Deadline deadline, const Attendant::Work& work) {
        MAJED_TRY_ASSIGN(pool::CircuitBreaker::Permit permit, breaker_->admit());
        const auto began = SteadyClock::now();
        auto done = attendant_.attend(deadline, work);
        const auto took = SteadyClock::now() - began;
        if (done) {
            permit.succeeded(took);
            return {};
        }
        permit.failed(done.error(), took);
        return out_of_reach(std::move(done).error());
    }

    /// Nobody's permit stands behind filling a pool, so it asks whether connections may be opened at all.
    [[nodiscard]] Result<void> may_open() const {
        if (breaker_->opening_allowed()) {
            return {};
        }
        // Of no class: the database was not asked, so nothing was learnt about it.
        return Error{ErrorCode::unavailable, "it is not asked while its breaker is open"};
    }

    pool::ConnectionPool::Open connection_opener() {
        return [this](Deadline deadline) -> Result<std::unique_ptr<driver::Lendable>> {
            MAJED_TRY(may_open());
            MAJED_TRY_ASSIGN(auto opened, driver_->open(deadline));
            return std::unique_ptr<driver::Lendable>(std::move(opened));
        };
    }

    enum class Wanted { reader, writer };

    pool::ConnectionPool::Open session_opener(Wanted wanted) {
        return [this, wanted](Deadline deadline) -> Result<std::unique_ptr<driver::Lendable>> {
            MAJED_TRY(may_open());
            std::shared_ptr<const driver::GuardSet> guard;
            {
                const Lock lock(mutex_);
                guard = guard_;
            }
            auto opened = wanted == Wanted::writer ? driver_->open_writing_session(std::move(guard), deadline)
                                                   : driver_->open_session(std::move(guard), deadline);
            if (!opened) {
                return std::move(opened).error();
            }
            return std::unique_ptr<driver::Lendable>(std::move(*opened));
        };
    }

    const SourceOptions options_;
    const ProtectionObserver protection_observer_;
    pool::ConnectionPool::Observer observer_;
    const std::unique_ptr<driver::Driver> driver_;
    const std::unique_ptr<pool::CircuitBreaker> breaker_;
    Attendant attendant_;
    std::atomic<bool> outdated_{false};  ///< The database has another schema than the catalogue says.
    Mutex install_mutex_;
    mutable Mutex mutex_;
    std::shared_ptr<const catalog::Snapshot> catalog_ MAJED_GUARDED_BY(mutex_);
    std::shared_ptr<const driver::GuardSet> guard_ MAJED_GUARDED_BY(mutex_);
    std::optional<ProtectionNotice> protection_ MAJED_GUARDED_BY(mutex_);
    /// Pools last: their threads use everything above. Made once, never replaced.
    std::unique_ptr<pool::ConnectionPool> sessions_ MAJED_GUARDED_BY(mutex_);
    std::unique_ptr<pool::ConnectionPool> writers_ MAJED_GUARDED_BY(mutex_);
    std::unique_ptr<pool::ConnectionPool> connections_;
};

Source::Source(std::unique_ptr<State> state) : state_(std::move(state)) {}

Source::~Source() = default;

Result<std::unique_ptr<Source>> Source::start(SourceOptions options, std::unique_ptr<driver::Driver> driver,
                                              SourceObserver observer) {
    MAJED_TRY(pool::check(options.pool));
    options.pool.start = pool::StartMode::background;
    const BreakerMode mode = options.breaker_mode;
    MAJED_TRY_ASSIGN(auto breaker, pool::CircuitBreaker::create(options.breaker,
                                                                {.on_event = std::move(observer.breaker)}));
    if (mode == BreakerMode::forced_open) {
        breaker->force_open("by configuration");
    } else if (mode == BreakerMode::disabled) {
        breaker->disable("by configuration");
    }
    auto state = std::make_unique<State>(std::move(options), std::move(driver), std::move(breaker),
                                         std::move(observer.protection));
    MAJED_TRY(state->start(std::move(observer.pool)));
    return std::unique_ptr<Source>(new Source(std::move(state)));
}

const SourceOptions& Source::options() const noexcept {
    return state_->options();
}

std::string_view Source::engine() const noexcept {
    return state_->driver().name();
}

bool Source::governs() const noexcept {
    return state_->driver().governs();
}

Result<Source::Catalog> Source::catalog(std::chrono::milliseconds patience) {
    if (Catalog known = state_->known_catalog()) {
        return known;
    }
    return state_->refresh_catalog(patience);
}

Source::Catalog Source::known_catalog() const {
    return state_->known_catalog();
}

Result<Source::Catalog> Source::refresh_catalog() {
    return state_->refresh_catalog(catalog_patience);
}

void Source::notice(const ProtectionNotice& notice) {
    state_->notice(notice);
}

std::optional<ProtectionNotice> Source::protection() const {
    return state_->protection();
}

bool Source::take_outdated() noexcept {
    return state_->take_outdated();
}

void Source::install_guard(std::shared_ptr<const driver::GuardSet> guard) {
    state_->install_guard(std::move(guard));
}

Result<SessionLease> Source::lease(Deadline deadline, const boost::source_location& where) {
    return state_->lease(deadline, where);
}

bool Source::takes_writes() const noexcept {
    return state_->takes_writes();
}

Result<SessionLease> Source::lease_to_write(Deadline deadline, const boost::source_location& where) {
    return state_->lease_to_write(deadline, where);
}

Result<ConnectionLease> Source::connection(Deadline deadline, const boost::source_location& where) {
    return state_->connection(deadline, where);
}

Result<std::chrono::nanoseconds> Source::probe(Deadline deadline) {
    return state_->probe(deadline);
}

pool::PoolStats Source::pool_stats() const {
    return state_->pool_stats();
}

pool::CircuitBreaker& Source::breaker() noexcept {
    return state_->breaker();
}

WatchedSource Source::watched(const HealthOptions& health) {
    return state_->watched(health);
}

std::size_t Source::drain(Deadline deadline) {
    return state_->drain(deadline);
}

}  // namespace majed::source
