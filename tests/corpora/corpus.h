/// The statements and verdicts in ../shared/corpora, beside the project: test material that is not part of it.
///
/// Why      Thousands of statements that others wrote, and what the engine itself said about each.
/// Life     Values, read once per test.
/// Threads  Pure but for reading files.
/// Not here The engine that runs in this process (engine.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {

/// One line of a corpus. A member that the file does not have stays empty or false.
struct Record {
    std::string id;
    std::string dialect;
    std::string sql;
    std::string schema;        ///< Key of a snapshot, or the database's name.
    std::string kind;          ///< sqlite_reject: syntax, semantic.
    std::string engine_error;  ///< What SQLite or PostgreSQL said when it refused.
    std::string verdict;       ///< lexical_edges: ok, error. sqlite_fuzz: ok, syntax, other.
    std::string expect;        ///< hostile: deny, policy, policy-or-deny, ...
    std::string category;      ///< hostile.
    std::string pair_of;       ///< hostile: the id of the statement with the other guess.
    bool accepted = false;     ///< The engine took it; for Oracle: both judges took it.
    /// Lower case: tables that the judges of Oracle agree on.
    std::optional<std::set<std::string>> tables;
    bool readonly = false;
};

/// One table that the engine's authorizer saw a statement read.
struct TruthRead {
    std::string database;  ///< Empty when the engine named none: no column was read.
    std::string table;
    std::string via;  ///< Name of the FROM item or view that it was read through.
    std::set<std::string> columns;
};

/// One INSERT, UPDATE or DELETE callback of the authorizer.
struct TruthWrite {
    std::string kind;  ///< INSERT, UPDATE, DELETE.
    std::string table;
    std::string column;  ///< Of UPDATE; ROWID for the row id.
    std::string via;     ///< Name of the trigger it is done by.
};

/// PostgreSQL: a relation in the server's analysis of a statement.
struct TruthRelation {
    std::string schema;
    std::string table;
    std::uint64_t permissions = 0;  ///< AclMode: 1 insert, 2 select, 4 update, 8 delete.
    std::set<std::string> read;
    std::set<std::string> inserted;
    std::set<std::string> updated;
};

struct Truth {
    std::vector<TruthRead> reads;
    std::set<std::string> functions;  ///< PostgreSQL: names of the functions that it calls, without schema.
    std::set<std::string>
        relations;  ///< PostgreSQL: names of the relations that the server's analysis found.
    std::vector<TruthRelation> analysed;
    std::vector<TruthWrite> writes;
    std::set<std::string> updates;  ///< Tables of UPDATE callbacks (making virtual tables known).
};

/// Sanitizers watch the code, which a sixth of the schemas reach as all of them do: there a corpus of many schemas is
/// read in parts. Everywhere else every part is the whole.
#if defined(MAJED_SANITIZED)
constexpr std::size_t corpus_parts = 6;
#else
constexpr std::size_t corpus_parts = 1;
#endif

/// `part` is any number: they take turns. nullopt when the folder of the corpora is absent; `reason` then says so.
[[nodiscard]] std::optional<std::vector<Record>> read_corpus(std::string_view name, std::string& reason,
                                                             std::size_t part = 0);
/// Verdicts by id; empty when there is no such file.
[[nodiscard]] std::map<std::string, Truth> read_truth(std::string_view name);

/// The DDL that a record's statements were judged under.
class SchemaTexts {
public:
    SchemaTexts();
    [[nodiscard]] std::string of(const Record& record) const;

private:
    std::map<std::string, std::string> snapshots_;
};

}  // namespace majed::corpora
