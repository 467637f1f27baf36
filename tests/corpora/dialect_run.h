/// Reads the statements of one corpus of PostgreSQL or Oracle and counts what became of them.
///
/// Why      Queries and writes, of two dialects, are judged alike; the figures stand in one table.
/// Life     One per corpus and test; owns its parser.
/// Threads  One thread at a time.
/// Not here Where statements and truths come from (corpus.h), how many are enough (dialect_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "corpora/corpus.h"
#include "sql/parser.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace majed::corpora {

/// Of queries or of writes.
struct DialectFigures {
    std::size_t statements = 0;
    std::size_t accepted = 0;
    std::size_t tables_judged = 0;
    std::size_t tables_equal = 0;
    std::size_t tables_too_small = 0;
    std::size_t targets_judged =
        0;  ///< What is written to and how, with the columns that the statement names.
    std::size_t targets_equal = 0;
    std::size_t wrong_spans = 0;
    std::map<std::string, std::size_t> refused;  ///< By reason.
    std::string examples;
    std::chrono::nanoseconds slowest{0};

    void note(const Record& record, const std::string& what);
    [[nodiscard]] double share() const;
};

class DialectRun {
public:
    explicit DialectRun(const sql::Dialect& dialect) : dialect_(dialect), parser_(dialect) {}

    /// `tables`: in lower case; nullptr when nobody said. `truth`: what PostgreSQL said of a write, or nullptr.
    void judge(const Record& record, const std::set<std::string>* tables, const Truth* truth = nullptr);
    /// One line for queries, one for writes, and why what was refused.
    void print(const char* name) const;

    DialectFigures queries;
    DialectFigures writes;
    std::size_t others = 0;  ///< Of other classes: all refused.

private:
    void judge_tables(DialectFigures& figures, const Record& record, const sql::Statement& statement,
                      const std::set<std::string>& tables) const;

    const sql::Dialect& dialect_;
    sql::Parser parser_;
};

}  // namespace majed::corpora
