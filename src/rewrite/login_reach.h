/// What the login of a source can do behind the back of the rules: to be said, loudly, before anything is served.
///
/// Why      A rule holds for who comes through the gateway. Whoever has the login's password does not have to.
/// Life     A value, made whenever the catalogue or the rules change.
/// Threads  Pure.
/// Not here Reading what the login may do (driver/), saying it (source/ in its health, app/ in the log).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "policy/policy_set.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// Who makes a source's rules hold.
enum class Enforcer {
    gateway,  ///< Statements are rewritten.
    server,   ///< The database's own row-level security.
};

struct LoginReach {
    std::string login;  ///< Empty where the database has none: SQLite.
    driver::ServerMake make = driver::ServerMake::postgres;
    bool past_everything = false;          ///< A superuser, or one whom row-level security does not hold for.
    std::vector<std::string> powers = {};  ///< Oracle: what it may do besides reading what it was granted.
    std::vector<std::string>
        reads;  ///< Full names of tables with hidden rows or columns that it reads directly,
                ///< and that the server does not guard.
    std::vector<std::string> owns;  ///< Of those under rules: it could take their protection away.

    /// For an operator; empty when there is nothing to say.
    [[nodiscard]] std::string warning() const;
    [[nodiscard]] std::string oracle_warning() const;  ///< In the words of Oracle.
};

/// Errors: as governed_tables.
[[nodiscard]] Result<LoginReach> login_reach(const policy::PolicySet& policies, std::string_view source,
                                             const catalog::Snapshot& catalog, Enforcer enforcer);

}  // namespace majed::rewrite
