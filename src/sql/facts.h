/// What a resolved query says about tables and columns: who reads what, compared with what, joined to what.
///
/// Why      Advisors, reports and audits ask the same questions of a tree; they are answered once, in one walk.
/// Life     A FactCollector is reused for many statements, each `collect` forgets the one before. Facts point into the
///          tree and the schema it was resolved against.
/// Threads  One thread at a time.
/// Not here What is good or allowed: these are facts, no policy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/lineage.h"
#include "sql/resolver.h"
#include "sql/tree.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::sql {

/// What a column is read for. Of a query in an expression the column's own clause counts, not the expression's.
enum class ColumnRole : std::uint8_t { projection, predicate, join, group, order, window, argument, limit };

enum class Clause : std::uint8_t { where, on, having, filter };

enum class Comparison : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    is,
    like,
    glob,
    regexp,
    match,
    between,
    in,
    is_null,
    truth,  ///< The column is the condition.
};

/// What a column is compared with.
enum class Comparand : std::uint8_t {
    nothing,     ///< is_null, truth.
    literal,     ///< Of between: both ends.
    parameter,   ///< Likewise, at least one end being a parameter.
    list,        ///< IN (literals and parameters).
    column,      ///< Another column of the same FROM item.
    query,       ///< A subquery, or the table of `x IN t`.
    expression,  ///< Anything else.
};

/// How two columns were said to be joined.
enum class JoinSyntax : std::uint8_t { condition, using_, natural };

/// A column as a FROM item offers it, and the base columns behind it: one, when the item is a table.
struct ColumnPlace {
    const FromItem* item = nullptr;  ///< nullptr: the name of a computed result column.
    std::uint32_t column = 0;        ///< In the columns of the item; row_id_column.
    Lineage base;
    [[nodiscard]] bool in_table() const noexcept { return item != nullptr && item->relation != nullptr; }
};

/// A reference to a relation of the schema. `block` numbers the SELECTs of the statement, as everywhere below.
struct RelationFact {
    const FromItem* item = nullptr;
    std::uint32_t block = 0;
};

struct ColumnFact {
    ColumnPlace place;
    const Expr* expr = nullptr;  ///< nullptr: a star stands for it.
    Span span;                   ///< Of the column or the star.
    ColumnRole use = ColumnRole::projection;
    bool outer = false;  ///< It is a column of a query around this one.
    std::uint32_t block = 0;
};

struct PredicateFact {
    ColumnPlace place;
    const Expr* condition = nullptr;
    Span constant;  ///< Of literal, parameter and list: where it is written, signs included; else empty.
    Comparison comparison = Comparison::equal;  ///< With the column on the left: `5 < a` is greater.
    Comparand comparand = Comparand::nothing;
    Clause clause = Clause::where;
    bool negated =
        false;  ///< NOT LIKE, IS NOT, NOT IN. A NOT around a condition is told by `conjunct` alone.
    bool conjunct =
        false;  ///< It must hold for each row of its clause: stands under no OR, NOT or other operator.
    bool direct = false;  ///< The column itself is compared, not something computed from it.
    bool outer = false;
    std::uint32_t block = 0;
};

struct JoinFact {
    ColumnPlace left;
    ColumnPlace right;
    const Expr* condition = nullptr;  ///< nullptr: USING, NATURAL.
    Span span;                        ///< The condition, the name in USING, or the item that NATURAL joins.
    Comparison comparison = Comparison::equal;
    JoinSyntax syntax = JoinSyntax::condition;
    bool negated = false;
    bool conjunct = false;
    bool outer = false;  ///< One side is a column of a query around this one.
    std::uint32_t block = 0;
};

struct CallFact {
    const Expr* call = nullptr;
    std::uint32_t block = 0;
};

/// A column of the answer. Its lineage is what its value is made of, in all cores of a compound.
struct ResultFact {
    std::string_view name;
    Lineage base;
};

struct Facts {
    std::vector<RelationFact> relations;
    std::vector<ColumnFact> columns;
    std::vector<PredicateFact> predicates;
    std::vector<JoinFact> joins;
    std::vector<CallFact> calls;
    std::vector<ResultFact> results;
    std::uint32_t blocks = 0;  ///< How many SELECTs and VALUES there are.
    bool complete = true;  ///< False: so many columns are mixed that some are missing in lineages or joins.

    void clear();
};

/// Columns by name, for USING and NATURAL; the first of a name counts.
class NameIndex {
public:
    void clear(std::size_t most);
    /// False when there is one of that name already.
    bool add(FromItem& item, std::uint32_t column);
    /// item is nullptr: none.
    [[nodiscard]] std::pair<FromItem*, std::uint32_t> find(std::string_view name) const noexcept;

private:
    struct Slot {
        std::uint64_t hash = 0;
        FromItem* item = nullptr;
        std::uint32_t column = 0;
    };
    [[nodiscard]] std::size_t slot_of(std::string_view name, std::uint64_t hash) const noexcept;
    std::vector<Slot> slots_;
};

class FactCollector {
public:
    /// Of a query that resolve() accepted, parsed from `text`. Time is linear in the text and the columns its stars
    /// stand for; what would not be (Facts::complete) is cut. Valid until the next call, or the tree's end.
    const Facts& collect(Select& select, std::string_view text);

    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }
    /// The base columns of a set in the facts.
    [[nodiscard]] std::span<const ColumnUse> columns(Lineage set) const noexcept {
        return lineages_.columns(set);
    }

private:
    Facts facts_;
    LineageTable lineages_;
    NameIndex names_;
};

}  // namespace majed::sql
