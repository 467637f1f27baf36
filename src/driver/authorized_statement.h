/// A statement that policy has decided on and rewrite has guarded: the proof a session asks for.
///
/// Why      Types make a by-pass impossible to write: only gateway::StatementAuthorizer constructs one.
/// Life     Immutable, cached by gateway/, shared by all principals with the same decisions.
/// Threads  Safe to read from any thread.
/// Not here Identity and parameters: they come with each run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/attribute_parameter.h"
#include "driver/write_grant.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace majed::gateway {
class StatementAuthorizer;
}

namespace majed::driver {

class AuthorizedStatement {
public:
    AuthorizedStatement(const AuthorizedStatement&) = default;
    AuthorizedStatement(AuthorizedStatement&&) noexcept = default;
    AuthorizedStatement& operator=(const AuthorizedStatement&) = delete;
    AuthorizedStatement& operator=(AuthorizedStatement&&) = delete;
    ~AuthorizedStatement() = default;

    /// Unique in this process; keys the sessions' statement caches.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    /// Generation of the GuardSet it was written for; a session of another generation refuses it.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
    /// Guard views it reads. The engine may open nothing but what these account for.
    [[nodiscard]] const std::vector<std::string>& guard_views() const noexcept { return guard_views_; }
    /// Names the statement itself defines (common table expressions, aliases), lower case.
    [[nodiscard]] const std::vector<std::string>& local_names() const noexcept { return local_names_; }
    /// True when it calls json_each or json_tree as a table.
    [[nodiscard]] bool uses_json_tables() const noexcept { return uses_json_tables_; }
    // PostgreSQL and Oracle, whose sessions have no guard views:
    /// How many parameters are the caller's: `$1` to this.
    [[nodiscard]] std::size_t caller_parameters() const noexcept { return caller_parameters_; }
    /// What the parameters behind them are, in order.
    [[nodiscard]] const std::vector<AttributeParameter>& attributes() const noexcept { return attributes_; }
    /// Oracle: the caller's binds in the order in which they first stand there, each once: `1`, `NAME`.
    [[nodiscard]] const std::vector<std::string>& caller_binds() const noexcept { return caller_binds_; }
    /// What it may write; none: it only reads.
    [[nodiscard]] const std::optional<WriteGrant>& write() const noexcept { return write_; }

private:
    friend class gateway::StatementAuthorizer;
    AuthorizedStatement() = default;

    std::uint64_t id_ = 0;
    std::uint64_t generation_ = 0;
    std::string sql_;
    std::vector<std::string> guard_views_;
    std::vector<std::string> local_names_;
    bool uses_json_tables_ = false;
    std::size_t caller_parameters_ = 0;
    std::vector<AttributeParameter> attributes_;
    std::vector<std::string> caller_binds_;
    std::optional<WriteGrant> write_;
};

}  // namespace majed::driver
