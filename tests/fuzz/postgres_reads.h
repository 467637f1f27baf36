/// Which tables a tree of PostgreSQL's parser reads, by the server's own rules of names, and through what.
///
/// Why      A table is what the server takes the name for: a WITH table hides one of the search path, and only where it is
///          in scope.
/// Life     A value, for one statement.
/// Threads  One thread.
/// Not here The target of a write (postgres_write_check.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/postgres_rules.h"
#include "fuzz/postgres_tree.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

class PostgresReads {
public:
    PostgresReads(const PostgresRules& rules, Telling telling, Principal principal)
        : rules_(rules), telling_(std::move(telling)), principal_(principal) {}

    /// Expressions that were put in, told: what stands in them is not read by the statement itself.
    std::set<std::string> put_in;

    void read(Node node);

    // What was found:
    std::map<const RuledTable*, int> direct;   ///< Named as such, by the search path.
    std::map<const RuledTable*, int> through;  ///< Read by the query that shows them as they may be seen.
    std::string broken;                        ///< What no statement that is sent may have; empty: nothing.

private:
    void object(simdjson::dom::object parts);
    void part(std::string_view key, Node value);
    void table(Node range);
    void with(Node clause, simdjson::dom::object parts);
    [[nodiscard]] bool is_view(Node subselect);

    const PostgresRules& rules_;
    const Telling telling_;
    const Principal principal_;
    std::vector<std::string_view> local_;  // WITH tables in scope
};

}  // namespace majed::fuzz
