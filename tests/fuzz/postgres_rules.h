/// The rules of governed_server.h as SQL that was written by hand, told as PostgreSQL's parser understands it.
///
/// Why      What stands in a statement that is sent is compared with this, and with nothing that our compiler made.
/// Life     Built once; PostgreSQL's parser reads every form that a table may be read by.
/// Threads  Immutable once made.
/// Not here Where they must stand (postgres_rewrite_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/action.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

/// Whether the principal has the attributes that rules ask for.
enum class Principal : bool { unknown, known };

/// One table. In its SQL `%` stands before each column of the row, `$1` is the region, `$2` are the regions, `$3` and `$4`
/// the keys of the hash.
struct RuledTable {
    std::string schema;
    std::string name;
    std::vector<std::string> columns;
    std::string shown = {};  ///< What its query selects; empty: the table may be named itself, or not at all.
    std::array<std::string, 4> rows = {};  ///< By policy::Action; empty: all.
    policy::ActionSet granted = {};
    std::set<std::string> hidden = {};
    std::map<std::string, std::string> masks = {};  ///< By column.
    std::set<std::string> written = {};             ///< Columns that may be.

    [[nodiscard]] bool in_part() const { return !hidden.empty() || !masks.empty(); }
    [[nodiscard]] const std::string& rule(policy::Action action) const {
        return rows.at(static_cast<std::size_t>(action));
    }
};

class PostgresRules {
public:
    /// In expressions that are told, the name of the row that is told as ROW.
    static constexpr std::string_view row_name = "the_row";

    PostgresRules();

    /// As the search path finds it; nullptr when there is none.
    [[nodiscard]] const RuledTable* find(std::string_view schema, std::string_view name) const;
    /// The table that a told query shows as it may be shown; nullptr: it is no such query.
    [[nodiscard]] const RuledTable* shown_by(const std::string& query, Principal principal) const;
    /// A rule on the row called `row`, told; empty: it lets all rows pass.
    [[nodiscard]] std::string told_rule(const RuledTable& table, policy::Action action, std::string_view row,
                                        Principal principal) const;
    /// Where a statement must fail for the sake of a row of the table that is told as ROW.
    [[nodiscard]] std::string told_failure(const RuledTable& table) const;
    /// The mask of a column of the row that is told as ROW.
    [[nodiscard]] std::string told_mask(const RuledTable& table, const std::string& column) const;

    /// An expression over the row `the_row`, told.
    [[nodiscard]] static std::string told_expression(const std::string& expression);

private:
    void add_views(const RuledTable& table, Principal principal);

    std::vector<RuledTable> tables_;
    std::array<std::map<std::string, const RuledTable*>, 2> views_;
};

}  // namespace majed::fuzz
