/// Is a statement that is sent to PostgreSQL, with all taken away that a rule may put in, the one that the user wrote?
///
/// Why      What is put in must change nothing of what it is put into: no operand may change sides, no column its name.
/// Life     A value, for one statement.
/// Threads  One thread.
/// Not here Whether rules are held (postgres_reads.h, postgres_write_check.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/postgres_rules.h"
#include "fuzz/postgres_tree.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace majed::fuzz {

class PostgresSame {
public:
    PostgresSame(const PostgresRules& rules, Telling telling, Principal principal)
        : rules_(rules), telling_(std::move(telling)), principal_(principal) {}

    /// `sent` may read queries in parentheses where `written` names tables, test "did it pass" before conditions, end in
    /// OFFSET 0, write stars out, and group by more columns of a table.
    [[nodiscard]] bool same(Node written, Node sent) const;

private:
    [[nodiscard]] bool same_parts(simdjson::dom::object written, simdjson::dom::object sent) const;
    [[nodiscard]] bool same_query(Node written, Node sent) const;
    [[nodiscard]] bool same_list(simdjson::dom::array written, simdjson::dom::array sent) const;
    [[nodiscard]] bool same_columns(const std::vector<Node>& written, const std::vector<Node>& sent,
                                    std::size_t from, std::size_t at) const;
    [[nodiscard]] bool same_groups(const std::vector<Node>& written, const std::vector<Node>& sent) const;
    [[nodiscard]] bool shows(Node range, Node subselect) const;

    const PostgresRules& rules_;
    const Telling telling_;
    const Principal principal_;
};

}  // namespace majed::fuzz
