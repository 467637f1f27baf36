/// Opens connections to one database.
///
/// Why      source/ and pool/ know no make of database: app/ chooses the driver by the URL's scheme.
/// Life     One per source; outlives its connections.
/// Threads  All methods may be called from any thread.
/// Not here How many connections there are (pool/), whether to try at all (the breaker in pool/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "core/secret.h"
#include "driver/connection.h"
#include "driver/guard.h"
#include "driver/schema_description.h"
#include "driver/session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::driver {

enum class Access { read_only, read_write };

/// Where a database is and how to enter it. Each driver reads the URL of its own scheme.
struct Target {
    std::string
        url;  ///< `sqlite:FILE`, `postgresql://host:port/db?sslmode=...`, `oracle://host:port/service`.
    std::string user = {};
    Secret password = {};
    Access access = Access::read_only;
    std::string application = "majed";  ///< Shown by the database as the program's name.
    std::size_t cached_statements = 64;
};

/// Something about the place a database is in that its operator should know: free disk, size of a log.
struct Measure {
    std::string name;  ///< `walSize`
    double value = 0;
    std::string unit;        ///< `bytes`
    std::string worry = {};  ///< Why it should worry somebody; empty when it should not.
};

class Driver {
public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;

    /// `sqlite`, `postgresql`, `oracle`.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Whether users' statements can run here: whether `open_session` is offered.
    [[nodiscard]] virtual bool governs() const noexcept { return false; }

    /// Whether it takes one writer at a time, and is a file that may be replaced under its readers: SQLite.
    [[nodiscard]] virtual bool is_file() const noexcept { return false; }

    /// A new connection, ready to use. Errors: unavailable (lost, refused_login, exhausted; or the client library is
    /// not there, with a hint), not_found (no such file), timeout.
    [[nodiscard]] virtual Result<std::unique_ptr<Connection>> open(Deadline deadline) = 0;

    /// A new connection that runs users' statements under `guard`. Errors: as open; unsupported where this make of
    /// database cannot be queried by users yet.
    [[nodiscard]] virtual Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const GuardSet> guard,
                                                                        Deadline deadline) = 0;

    /// As open_session, but its statements may be writes. Errors: as open_session; unsupported where this make of
    /// database cannot be written to by users yet, or is opened for reading only.
    [[nodiscard]] virtual Result<std::unique_ptr<Session>> open_writing_session(
        // NOLINTNEXTLINE(performance-unnecessary-value-param): those who offer it keep it.
        std::shared_ptr<const GuardSet> guard, Deadline deadline) {
        static_cast<void>(guard);
        static_cast<void>(deadline);
        return Error{ErrorCode::unsupported, "users' writes are not offered on this make of database"};
    }
    /// Whether users' writes can run here: whether `open_writing_session` is offered.
    [[nodiscard]] virtual bool governs_writes() const noexcept { return false; }

    /// Looked up without asking the database; quick.
    [[nodiscard]] virtual std::vector<Measure> measures() const { return {}; }

    /// Reads what exists in the database. Errors: unavailable, timeout.
    [[nodiscard]] virtual Result<SchemaDescription> read_schema(Connection& connection,
                                                                Deadline deadline) = 0;

    /// The version that `read_schema` would give now, for less work; nullopt where it is not worth asking, because sessions
    /// notice a change themselves or nothing counts changes. Errors: unavailable, timeout.
    [[nodiscard]] virtual Result<std::optional<std::int64_t>> schema_version(Connection& connection,
                                                                             Deadline deadline) {
        static_cast<void>(connection);
        static_cast<void>(deadline);
        return std::optional<std::int64_t>();
    }
};

}  // namespace majed::driver
