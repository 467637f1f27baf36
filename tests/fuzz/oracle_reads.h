/// Which tables stand where a query of Oracle names a table, and through what they are read.
///
/// Why      Not our parser but the words alone say so: what follows FROM, JOIN, APPLY and the commas between them, with
///          WITH tables where they are in scope.
/// Life     A value, for one statement.
/// Threads  One thread.
/// Not here Which of them may be read (oracle_rewrite_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/attribute_parameter.h"
#include "fuzz/oracle_words.h"
#include "fuzz/postgres_rules.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

/// So much of the name that nobody can guess begins our binds.
inline constexpr std::size_t oracle_bind_prefix = 20;

class OracleReads {
public:
    /// `ours` are the attributes behind the binds of a statement that is sent.
    OracleReads(std::vector<OracleWord> words, const std::vector<driver::AttributeParameter>& ours,
                Principal principal);

    void run();

    // What was found, by `SCHEMA.NAME`:
    std::map<std::string, int> direct;
    std::map<std::string, int> through;  ///< Read by the query that shows them as they may be seen.
    std::string broken;                  ///< What no statement that is sent may have; empty: nothing.

private:
    void query(std::size_t end);
    void with(std::size_t end);
    void sources(std::size_t end);
    void source(std::size_t end);
    void named(std::size_t end);
    void parts(std::size_t end);
    [[nodiscard]] bool is_view(std::size_t end) const;
    void view(std::size_t end);
    [[nodiscard]] std::size_t closing(std::size_t open) const;
    [[nodiscard]] const OracleWord& word(std::size_t ahead = 0) const;

    std::vector<OracleWord> words_;
    const std::vector<driver::AttributeParameter>& ours_;
    const Principal principal_;
    std::size_t at_ = 0;
    std::vector<std::string> local_;  // WITH tables in scope
};

}  // namespace majed::fuzz
