/// What a session must put between a user's statement and the tables of a source.
///
/// Why      Users read views with unguessable names; the tables lie under an unguessable schema name; every
///          visible name is shadowed. rewrite/ computes it once per policy, a driver installs it on every
///          session.
/// Life     Immutable, shared by all sessions of one policy generation.
/// Threads  Safe to read from any thread.
/// Not here Which rows and columns (policy/), the SQL of the views (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver {

/// One view with an unguessable name through which users read one table.
struct GuardView {
    std::string name;    ///< Unquoted, lower case, without characters that need quoting inside "".
    std::string select;  ///< `SELECT ...` over "<base_schema>"."table", complete.
    std::string table;   ///< Table it guards, as the catalogue spells it.
    std::vector<std::string> reads;  ///< Every base table it may open: the table, and those of its predicate.
    bool uses_json_each = false;     ///< The predicate tests a list attribute.
};

/// Behind secret_prefix, in the words of an error on a server: a write met a row that it may not touch.
inline constexpr std::string_view met_a_hidden_row = "_conflict";

struct GuardSet {
    std::uint64_t generation = 0;  ///< Increases with every policy or schema change.
    /// Of the schema it was written for; none where the database does not count its changes.
    std::optional<std::int64_t> schema_version = {};
    std::string base_schema;         ///< Random schema name of the attached source.
    std::string attribute_function;  ///< f(name) -> the attribute's only value, NULL when absent or several.
    std::string attribute_list_function;  ///< f(name) -> JSON array of its values, NULL when absent.
    std::string hash_function;            ///< f(value) -> keyed SHA-256, hex; NULL for NULL.
    std::string conflict_function;        ///< f() fails: a write met a row that it may not touch.
    std::string secret_prefix;            ///< Every unguessable name begins with it; never shown to a user.
    std::vector<GuardView> views;
    std::vector<std::string> shadowed;   ///< Every name of the source: made unreadable under that name.
    std::vector<std::string> functions;  ///< SQL functions users may call, lower case.
    std::vector<std::uint8_t> hash_key;  ///< Key of hash_function, 32 bytes.
    // PostgreSQL and Oracle, where the statement itself holds the rules and none of the names above is used:
    /// Schemas in which names without one are looked for, behind pg_catalog. As the catalogue spells them.
    std::vector<std::string> search_path = {};
    /// The server enforces the rules: each transaction is told the principal's role, and these attributes. See
    /// native_context.h.
    bool native = false;
    std::vector<std::string> context_attributes = {};
    std::string context_owner = {};  ///< Oracle: of the package that is told; empty: there is none yet.
    /// Oracle: what the principal is asked for are binds of this name and a number from 1, in capitals.
    std::string bind_prefix = {};
};

}  // namespace majed::driver
