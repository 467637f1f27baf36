/// A table as one principal may write to it: what its names mean, which rows and columns each action reaches.
///
/// Why      Reading goes through views; a write must name the table itself, so everything a view would have held back is
///          said here, and put into the statement by write_plan.h.
/// Life     Made with a Profile, which owns it; points into its Enforcement.
/// Threads  Immutable once made.
/// Not here Which rule says so (policy/), the edits (write_plan.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/relation_facts.h"
#include "driver/write_grant.h"
#include "policy/action.h"
#include "rewrite/inline_view.h"
#include "sql/schema.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace majed::rewrite {

/// A foreign key of some table that refers to this one.
struct Referrer {
    std::vector<std::string> columns;  ///< Of this table: what is referred to.
    driver::KeyAction on_delete = driver::KeyAction::no_action;
    driver::KeyAction on_update = driver::KeyAction::no_action;
};

/// What holds of a table whoever writes to it.
struct TableFacts {
    sql::SchemaRelation base;  ///< All of it, as the source has it.
    std::vector<std::string>
        key;  ///< Columns that tell its rows apart, or a name of its row id; empty: nothing does.
    bool has_triggers = false;
    bool unseen = false;  ///< Our login cannot see which triggers and foreign keys there are.
    std::vector<Referrer> referrers;
    std::vector<std::string> key_reads;         ///< Its own columns that foreign keys make the engine read.
    std::vector<driver::TableColumns> related;  ///< What else they make it read.
};

/// Insert, update or delete, for one principal.
struct WriteRule {
    std::string refusal;    ///< Why it is not allowed; empty: it is.
    std::string rows_view;  ///< Guard view with the keys of the rows it reaches, and may leave; empty: all.
    std::string predicate;  ///< The operator's text behind it; empty: all rows.
    std::vector<std::string> columns;  ///< Those it may write.
    // On a server, instead of the view:
    GappedText condition;  ///< On a row, whose name is put in; empty: all rows.
    ConditionFacts facts;
    std::vector<std::string> other_tables;  ///< What it reads besides, `schema.table`, as often as it does.

    [[nodiscard]] bool filters() const { return !rows_view.empty() || !condition.text.empty(); }
};

/// On a server: what a principal sees of a row that the statement writes.
struct RowsRead {
    GappedText condition;  ///< Which rows; empty: all.
    ConditionFacts facts;
    std::vector<std::string> other_tables;
    std::vector<GappedText>
        shown;  ///< Of each column of the relation: a masked one's mask; empty: the column.
};

struct WriteTarget {
    sql::SchemaRelation relation;  ///< As the statement's names see it.
    const TableFacts* facts = nullptr;
    bool readable = false;  ///< The principal may read the table too.
    std::string
        read_view;  ///< Guard view: keys and columns of the rows read; empty where nothing may be written.
    RowsRead rows_read;
    std::string read_filter;        ///< The operator's text of which rows those are; empty: all.
    bool reads_some_rows = false;   ///< Not all.
    bool shows_everything = false;  ///< All rows and columns are read as they are stored.
    std::array<WriteRule, 3> rules;

    /// `action` is not select.
    [[nodiscard]] const WriteRule& rule(policy::Action action) const {
        return rules.at(static_cast<std::size_t>(action) - 1);
    }
    /// May a row be replaced, whichever it is? Who sees all of it and may delete any loses nothing that was hidden.
    [[nodiscard]] bool may_replace() const {
        const WriteRule& deleting = rule(policy::Action::delete_);
        return shows_everything && deleting.refusal.empty() && !deleting.filters();
    }
};

}  // namespace majed::rewrite
