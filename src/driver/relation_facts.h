/// What a database server says of a relation and of our login there, beyond names and columns.
///
/// Why      Rewriting reads and writes needs more than columns: what a view runs as, which rows a write drags along, what a
///          name on the search path may stand for, and what our own login can reach behind the rules' back.
/// Life     Values, read with the schema; the catalogue keeps them as they are.
/// Threads  Values.
/// Not here Names and columns (schema_description.h), look-up (catalog/), what follows from it (rewrite/, source/).
///
/// PostgreSQL fills all of it but what is Oracle's, Oracle what `ServerFacts` and `login_*` hold, `triggers`, `access_policies`, and of `referenced_by` what reaches on. SQLite says which column the database computes, and of `keys` the primary one, `references`
/// and `triggers`. Other makes leave it empty.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::driver {

/// As the server spells it, unquoted.
struct QualifiedName {
    std::string schema;
    std::string name;
    friend bool operator==(const QualifiedName&, const QualifiedName&) = default;
};

/// Who computes a column's values.
enum class Generation : std::uint8_t {
    none,
    stored,               ///< An expression; it cannot be written.
    identity_always,      ///< A sequence; written only with OVERRIDING.
    identity_by_default,  ///< A sequence, where nothing is given.
    computed,             ///< Oracle: an expression, each time it is read; it cannot be written.
};

/// A unique index, be it of a constraint or not.
struct UniqueKey {
    std::string name;
    bool primary = false;
    bool partial = false;     ///< Holds for the rows of a condition only.
    bool expression = false;  ///< Not of columns alone: `columns` are those it has.
    std::vector<std::string> columns;
};

enum class KeyAction : std::uint8_t { no_action, restrict, cascade, set_null, set_default };

struct ForeignKey {
    std::string name;
    QualifiedName table;  ///< Whose rows refer.
    std::vector<std::string> columns;
    QualifiedName target;  ///< Whose rows are referred to.
    std::vector<std::string> target_columns;
    KeyAction on_update = KeyAction::no_action;
    KeyAction on_delete = KeyAction::no_action;
};

enum class PolicyCommand : std::uint8_t { all, select, insert, update, delete_ };

/// A policy of the server's row-level security.
struct ServerPolicy {
    std::string name;
    bool permissive = true;
    PolicyCommand command = PolicyCommand::all;
    bool holds_for_login = false;  ///< For everyone, or for a role that our login has.
    bool login_alone = false;      ///< For our login and nobody else.
    std::string condition;         ///< Of the rows that exist, as the server writes it.
    std::string check;             ///< Of the rows that are written; empty: the same, where there are any.
    std::string comment;
};

/// A policy of Oracle's Virtual Private Database, as ALL_POLICIES has it.
struct AccessPolicy {
    std::string group = {};  ///< `SYS_DEFAULT`: it holds whatever the session says.
    std::string name = {};
    std::string owner = {};  ///< Of the function that makes the condition.
    std::string package = {};
    std::string function = {};
    bool selects = false;
    bool inserts = false;
    bool updates = false;
    bool deletes = false;
    bool indexes = false;
    bool checks = false;  ///< A row that is written must meet the condition as well.
    bool enabled = false;
    bool long_condition = false;  ///< Of up to 32767 bytes; else of 4000.
    std::string type = {};        ///< `DYNAMIC`: the function is asked each time.
    bool of_columns = false;      ///< It holds only where certain columns are read.
    friend bool operator==(const AccessPolicy&, const AccessPolicy&) = default;
};

struct RelationFacts {
    bool security_invoker = false;  ///< A view that reads with the rights of who asks; else with its owner's.
    bool security_barrier = false;
    bool partition = false;              ///< Of its only parent; else parents are by inheritance.
    std::vector<QualifiedName> parents;  ///< Reading a parent reads this one's rows.
    bool hidden_children = false;  ///< Some relation whose parent it is cannot be read, and is not described.
    std::vector<UniqueKey> keys;
    std::vector<ForeignKey> references;     ///< Of this relation's rows.
    std::vector<ForeignKey> referenced_by;  ///< Also from relations that are not described.
    std::vector<std::string> triggers;      ///< That fire; those of constraints are left out.
    std::vector<std::string> rules;         ///< But the one that makes a view.
    std::string owner;
    bool row_security = false;        ///< Row-level security of the server is on,
    bool force_row_security = false;  ///< for its owner too.
    std::vector<ServerPolicy> policies;
    std::vector<AccessPolicy> access_policies;  ///< Oracle.
    bool login_reads = false;                   ///< Our login may read the whole relation directly.
    bool login_owns = false;                    ///< It is the owner, or a member of the owner's role.
};

enum class ServerMake : std::uint8_t { postgres, oracle };

/// Oracle: a name that stands for something else, of another schema or another database.
struct Synonym {
    std::string schema;  ///< `PUBLIC`: for everybody who finds no table of the name.
    std::string name;
    std::string target_schema;
    std::string target;   ///< A table, a view, another synonym, or nothing that we know of.
    bool remote = false;  ///< Its target lies behind a database link.
};

/// Oracle: the application context that tells a server's policies who asks (native_context.h).
struct TrustedContext {
    std::string owner;  ///< Of the package that alone may set it.
    std::string package;
    std::string type;  ///< `ACCESSED LOCALLY`: of one session.
};

/// Oracle: the text of a package of that owner, as it was compiled.
struct PackageSource {
    std::string name;
    bool body = false;
    std::string text;  ///< From the word PACKAGE on; lines end with a line feed.
};

/// Who we are at the server, and what names mean there.
struct ServerFacts {
    std::string login;
    bool superuser = false;
    bool bypasses_row_security = false;
    /// Schemas the login finds names in, in order; those that exist and can be entered. pg_catalog is left out.
    std::vector<std::string> search_path;
    /// Defined by users in a schema of the search path, or put among the server's own: they may be found where a name of
    /// the server is meant. Sorted, each once.
    std::vector<std::string> functions;
    std::vector<std::string> operators;
    std::vector<std::string> types;
    ServerMake make = ServerMake::postgres;
    // Oracle, where `functions` and `types` are in lower case:
    /// But those that come with the database. Not sorted.
    std::vector<Synonym> synonyms = {};
    /// The login sees the triggers and foreign keys of every table, whoever's they are.
    bool sees_consequences = false;
    /// What the login could do beyond reading what it was granted, in the server's words: `INSERT on SHOP.ORDERS`.
    std::vector<std::string> powers = {};
    std::optional<TrustedContext> context = {};
    std::vector<PackageSource> packages = {};
    /// Views of the dictionary that tell of the context and its packages, and that the login may not read: `sys.dba_context`.
    std::vector<std::string> withheld = {};
};

}  // namespace majed::driver
