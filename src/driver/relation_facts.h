/// What a database server says of a relation and of our login there, beyond names and columns.
///
/// Why      Rewriting reads and writes needs more than columns: what a view runs as, which rows a write drags along, what a
///          name on the search path may stand for, and what our own login can reach behind the rules' back.
/// Life     Values, read with the schema; the catalogue keeps them as they are.
/// Threads  Values.
/// Not here Names and columns (schema_description.h), look-up (catalog/), what follows from it (rewrite/, source/).
///
/// PostgreSQL fills all of it, Oracle what `ServerFacts` and `login_*` hold, `triggers`, and of `referenced_by` what reaches on. SQLite says which column the database computes, and of `keys` the primary one, `references`
/// and `triggers`. Other makes leave it empty.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
    bool login_reads = false;  ///< Our login may read the whole relation directly.
    bool login_owns = false;   ///< It is the owner, or a member of the owner's role.
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
};

}  // namespace majed::driver
