/// Does a write that is sent to PostgreSQL hold the conditions that rules demand of it, in the server's own tree?
///
/// Why      A write names its table: nothing but its conditions stands between it and rows that rules hide.
/// Life     A value, for one statement.
/// Threads  One thread.
/// Not here What it reads besides (postgres_reads.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/postgres_rules.h"
#include "fuzz/postgres_tree.h"
#include "rewrite/rewriter.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

class PostgresWriteCheck {
public:
    /// `written` is the tree of what the user wrote, `sent` that of what is sent.
    PostgresWriteCheck(const PostgresRules& rules, const PostgresTree& written, const PostgresTree& sent,
                       const rewrite::Rewritten& made, Principal principal);

    /// Empty: it holds them; else what is broken.
    [[nodiscard]] std::string run();

    [[nodiscard]] const RuledTable* target() const noexcept { return table_; }
    /// Every expression that the rules may have put in.
    [[nodiscard]] const std::set<std::string>& put_in() const noexcept { return put_in_; }
    [[nodiscard]] const Telling& telling() const noexcept { return telling_; }

private:
    using Conditions = std::set<std::string>;

    void note_put_in();
    [[nodiscard]] std::string rule(policy::Action action, std::string_view row) const;
    [[nodiscard]] std::string changed(policy::Action action);
    [[nodiscard]] std::string inserted();
    [[nodiscard]] std::string merged();
    [[nodiscard]] std::string branch(Node clause);
    [[nodiscard]] std::string left(const std::vector<policy::Action>& actions);
    [[nodiscard]] std::string columns_written();
    [[nodiscard]] std::string columns_shown();
    [[nodiscard]] bool reads() const;
    [[nodiscard]] bool names_target(Node node, bool other_tables) const;
    [[nodiscard]] std::string shown_whole(Node node) const;
    [[nodiscard]] std::string column_shown(Node column) const;
    [[nodiscard]] Conditions demanded(const std::vector<policy::Action>& actions, bool reading) const;
    [[nodiscard]] Conditions all_of(Node condition) const;
    [[nodiscard]] bool fails_else(Node choice) const;

    const PostgresRules& rules_;
    const PostgresTree& written_;
    const PostgresTree& sent_;
    const rewrite::Rewritten& made_;
    const Principal principal_;
    const RuledTable* table_ = nullptr;
    Telling telling_;
    bool other_tables_ = false;  // FROM, USING
    std::set<std::string> put_in_;
};

/// What `$1` and those behind it are, of a statement that is sent.
[[nodiscard]] std::vector<std::string> parameters_of(std::size_t callers,
                                                     const std::vector<driver::AttributeParameter>& ours);

}  // namespace majed::fuzz
