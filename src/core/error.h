/// The one error value of the program, and the closed list of what a caller can do about one.
///
/// Why      A door must answer the same failure the same way over HTTP, on the command line and in MCP.
/// Life     A value; copied and moved freely.
/// Threads  Immutable once made.
/// Not here Native codes of databases: the driver that saw one keeps it in `native_code`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace majed {

/// What the caller can DO about a failure. One row each in docs/reference/errors.md.
enum class ErrorCode : std::uint8_t {
    invalid_argument,  ///< The caller must change the request.
    parse_error,       ///< The SQL was not understood; `offset` says where.
    unauthenticated,   ///< Credentials are missing, wrong or expired.
    denied,            ///< A policy says no; never retried.
    not_found,         ///< It does not exist, or its existence is not the caller's to know.
    conflict,          ///< It exists already, or changed meanwhile.
    unsupported,       ///< Understood, but not offered (statement class, feature).
    in_doubt,          ///< A commit was sent and its outcome is unknown; a person decides.
    timeout,           ///< The statement's deadline passed.
    pool_timeout,      ///< No session became free in time.
    overloaded,        ///< A limit of ours is reached; retry later.
    unavailable,       ///< The database cannot be reached; retry later.
    too_large,         ///< Request or answer exceeds a size limit.
    rate_limited,      ///< Too many requests from this caller; retry later.
    cancelled,         ///< The caller, or an operator, stopped it.
    internal,          ///< A bug of ours; the request is refused and audited.
};

/// What a failure says about the database it came from: whether its session is lost, whether it is ill, whether a
/// retry can help. Drivers set it from native codes; pool and circuit breaker decide by it. The table of codes:
/// docs/reference/error-classes.md.
enum class FailureClass : std::uint8_t {
    none,           ///< Not a failure of a database: ours, or the caller's.
    lost,           ///< Cannot connect, or the connection is gone, or the server did not answer in time.
    refused_login,  ///< The server refuses our credentials: asking again may lock the account.
    exhausted,      ///< The server is out of memory, disk, processes or connections.
    timeout,  ///< Our deadline passed; the server stopped when told. The statement was slow, not the server.
    cancelled,   ///< Stopped at the caller's or an operator's wish.
    contention,  ///< Lock, deadlock, serialisation: the whole transaction may be tried again.
    user_error,  ///< The statement is wrong, or its values are: syntax, names, constraints, privileges.
    read_only,   ///< Refused as a write: a standby, a read-only transaction or file.
    in_doubt,    ///< The reply to a commit was lost: it happened or not.
};

/// Stable and machine readable: `refused_login`.
[[nodiscard]] constexpr std::string_view name_of(FailureClass failure) noexcept {
    constexpr std::array<std::string_view, 10> names{"none",      "lost",      "refused_login", "exhausted",
                                                     "timeout",   "cancelled", "contention",    "user_error",
                                                     "read_only", "in_doubt"};
    return names.at(static_cast<std::size_t>(failure));
}

/// How one code looks at every door.
struct ErrorTraits {
    ErrorCode code;
    std::string_view name;   ///< Stable, machine readable: `parse_error`.
    std::string_view title;  ///< Short and human, RFC 9457 `title`.
    int http_status;
    int exit_code;  ///< Of the command line: 1 failed, 2 usage, 3 denied, 4 unavailable, 5 timed out.
};

inline constexpr std::array<ErrorTraits, 16> error_traits{{
    {ErrorCode::invalid_argument, "invalid_argument", "Invalid argument", 400, 2},
    {ErrorCode::parse_error, "parse_error", "The SQL statement was not understood", 400, 1},
    {ErrorCode::unauthenticated, "unauthenticated", "Authentication required", 401, 3},
    {ErrorCode::denied, "denied", "Denied by policy", 403, 3},
    {ErrorCode::not_found, "not_found", "Not found", 404, 1},
    {ErrorCode::conflict, "conflict", "Conflict", 409, 1},
    {ErrorCode::unsupported, "unsupported", "Not supported", 422, 1},
    {ErrorCode::in_doubt, "in_doubt", "Outcome unknown", 500, 1},
    {ErrorCode::timeout, "timeout", "Statement timed out", 504, 5},
    {ErrorCode::pool_timeout, "pool_timeout", "No session became free in time", 504, 5},
    {ErrorCode::overloaded, "overloaded", "Overloaded", 503, 4},
    {ErrorCode::unavailable, "unavailable", "Source unavailable", 503, 4},
    {ErrorCode::too_large, "too_large", "Too large", 413, 1},
    {ErrorCode::rate_limited, "rate_limited", "Too many requests", 429, 1},
    {ErrorCode::cancelled, "cancelled", "Cancelled", 499, 1},
    {ErrorCode::internal, "internal", "Internal error", 500, 1},
}};

/// The row of `code`.
[[nodiscard]] constexpr const ErrorTraits& traits(ErrorCode code) noexcept {
    return error_traits.at(static_cast<std::size_t>(code));
}

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;    ///< Safe to show to the caller: no data, no foreign SQL, no secret.
    std::string hint = {};  ///< What to try instead; may be empty.
    std::optional<std::size_t> offset = {};                     ///< Byte in the caller's SQL.
    std::optional<std::chrono::milliseconds> retry_after = {};  ///< When a retry makes sense.
    int native_code = 0;                                        ///< The database's own code, 0 when none.
    FailureClass failure = FailureClass::none;                  ///< What it says about the database.
    std::string native_state = {};  ///< The database's own name for it: `57P01`, `ORA-03113`; may be empty.
    /// For records and logs, instead of a message that quotes the caller's statement, where a value may stand; empty: the
    /// message quotes none.
    std::string recorded = {};

    [[nodiscard]] Error with_hint(std::string text) && {
        hint = std::move(text);
        return std::move(*this);
    }
    [[nodiscard]] Error at(std::size_t byte) && {
        offset = byte;
        return std::move(*this);
    }
    friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace majed
