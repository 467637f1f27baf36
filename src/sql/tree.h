/// The syntax tree of one SELECT statement: data only, with exact byte spans.
///
/// Why      Everything after the parser works on this; every node knows the bytes it came from.
/// Life     Nodes live in the Arena of their ParsedStatement; names point into the arena or the caller's text.
/// Threads  Written by parser, then by resolver; read-only after that.
/// Not here What names mean (binding.h), what is allowed (policy/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/expression_tree.h"
#include "sql/node_list.h"
#include "sql/token.h"

#include <cstdint>
#include <string_view>

namespace majed::sql {

struct SchemaRelation;
struct Cte;
struct OutputColumn;

/// The columns of a FROM item that the item itself names, or whose names only the engine knows; set by the resolver.
struct FromShape {
    OutputColumn* columns = nullptr;
    std::uint32_t count = 0;
    bool open = false;  ///< It may have more columns, of names that are not known.
};

enum class FromKind : std::uint8_t {
    table,
    table_function,  ///< SQLite: name(args), a table with arguments.
    subquery,
    group,     ///< A join in parentheses.
    function,  ///< args: the calls; several of ROWS FROM. Also XMLTABLE, JSON_TABLE, TABLE(...).
};

struct Join {
    bool natural = false;
    bool left = false;   ///< LEFT or FULL: rows of the left side are kept.
    bool right = false;  ///< RIGHT or FULL: rows of the right side are kept.
    bool cross = false;
    bool comma = false;
    bool unsafe = false;  ///< USING or NATURAL compares values in a way that may fail on some row.
    bool apply = false;   ///< Oracle's CROSS APPLY and OUTER APPLY: no condition, and lateral.
};

struct FromItem {
    FromKind kind = FromKind::table;
    Join join;  ///< How it joins what stands before it.
    Name schema;
    Name name;
    Name alias;
    List<Expr> args;  ///< Of a table function.
    bool has_parens = false;
    Select* select = nullptr;
    List<FromItem> items;  ///< Of a parenthesised group.
    Expr* on = nullptr;
    List<NameNode> using_columns;
    Name index;                     ///< INDEXED BY name.
    Span index_span;                ///< `INDEXED BY x` or `NOT INDEXED`, else empty.
    bool lateral = false;           ///< LATERAL, TABLE(...): sees what stands before it.
    bool only = false;              ///< ONLY: without inheriting tables.
    bool with_ordinality = false;   ///< One more column: the row's number.
    bool check_option = false;      ///< Oracle, of a query that is written to: WITH CHECK OPTION.
    bool defines_columns = false;   ///< The column aliases are definitions, with types.
    List<NameNode> column_aliases;  ///< AS a (x, y), also of a column definition list.
    List<Expr> sample;              ///< TABLESAMPLE, SAMPLE: arguments, REPEATABLE's last.
    List<Expr> partition_values;    ///< Oracle: PARTITION FOR (values).
    Span partition;                 ///< Oracle: PARTITION (p), SUBPARTITION FOR (...), else empty.
    Name using_alias;               ///< USING (...) AS name
    Span reference;                 ///< The name with its schema, without arguments and alias.
    Span span;                      ///< Everything of the item but its join clause.
    FromItem* next = nullptr;

    // Set by the resolver.
    const SchemaRelation* relation = nullptr;  ///< A relation of the schema.
    Cte* cte = nullptr;                        ///< Or a common table expression in scope.
    FromShape* shape = nullptr;                ///< Or its columns, where neither tells them.
    bool recursive_reference = false;
    bool in_operand = false;  ///< Right side of `x IN t`: takes no alias.

    [[nodiscard]] std::string_view visible_name() const noexcept {
        return alias.present() ? alias.value : name.value;
    }
};

enum class ResultKind : std::uint8_t { expression, star, table_star };

struct ResultColumn {
    ResultKind kind = ResultKind::expression;
    Expr* expr = nullptr;
    Name alias;
    Name table;   ///< table_star.
    Name schema;  ///< table_star: schema.table.*
    Span span;
    ResultColumn* next = nullptr;
    OutputColumn* expanded = nullptr;  ///< What a star stands for; set by the resolver.
    std::uint32_t expanded_count = 0;
};

enum class CompoundOperator : std::uint8_t { none, union_, union_all, intersect, except };

struct ValuesRow {
    List<Expr> cells;
    ValuesRow* next = nullptr;
};

/// One SELECT ... or VALUES ... between compound operators.
struct Core {
    CompoundOperator compound = CompoundOperator::none;  ///< Operator before this core.
    bool distinct = false;
    bool is_values = false;
    bool is_table = false;     ///< TABLE t: columns and from are those of SELECT * FROM t.
    Select* nested = nullptr;  ///< A query in parentheses: nothing else is set.
    List<Expr> distinct_on;
    List<ResultColumn> columns;
    List<FromItem> from;
    Expr* where = nullptr;
    Expr* start_with = nullptr;  ///< Oracle's hierarchical queries.
    Expr* connect_by = nullptr;
    List<Expr> group_by;
    Expr* having = nullptr;
    List<Window> windows;
    List<ValuesRow> rows;
    Span span;
    Core* next = nullptr;
    bool aggregate = false;  ///< Has GROUP BY or an aggregate call of its own; set by the resolver.
};

struct Cte {
    Name name;
    List<NameNode> column_names;
    List<NameNode> added_columns;  ///< Of SEARCH ... SET and CYCLE ... SET ... USING.
    Select* select = nullptr;
    Span span;
    Cte* next = nullptr;

    enum class State : std::uint8_t { waiting, active, done };
    State state = State::waiting;
    bool filtered = false;  ///< Its rows come, somewhere inside, from a filtered relation.
    bool recursive = false;
};

struct With {
    bool recursive = false;
    List<Cte> ctes;
    Span span;
};

/// A whole query: WITH, cores, ORDER BY, LIMIT. Also every subquery.
struct Select {
    With* with = nullptr;
    List<Core> cores;
    List<OrderTerm> order_by;
    Expr* limit = nullptr;
    Expr* offset = nullptr;
    bool locks = false;     ///< FOR UPDATE and the like.
    List<NameNode> locked;  ///< FOR UPDATE OF ...
    Span span;              ///< Without the parentheses of a subquery.

    // Set by the resolver.
    bool derived = false;  ///< Stands in FROM or WITH: others name its columns.
    OutputColumn* columns = nullptr;
    std::uint32_t column_count = 0;
    bool correlated = false;      ///< Uses a column of an enclosing query.
    bool filtered = false;        ///< Reads a filtered relation, at any depth.
    bool unsafe = false;          ///< Contains an unsafe expression, a recursion or more than one relation.
    bool open = false;            ///< May have more columns than `columns`: those of a function in FROM.
    std::uint32_t relations = 0;  ///< Relations read, at any depth.
    std::uint64_t weight = 0;     ///< SELECTs it makes of itself once its WITH tables are expanded.

    std::uint32_t facts = 0;  ///< Its place in the last LineageTable that looked at it.
};

/// One column of a query's answer, as an enclosing query may name it.
struct OutputColumn {
    std::string_view name;
    std::string_view declared_type;  ///< Empty for anything but a plain column.
    bool masked = false;             ///< Computed from a masked column.
    bool unsafe = false;             ///< Computed by an unsafe expression.
    std::uint32_t encryption = 0;    ///< It is an encrypted column, handed through unchanged.
    Expr* expr = nullptr;            ///< nullptr when it came from a star.
    FromItem* source = nullptr;      ///< Plain column: where it comes from.
    std::int32_t column = -1;
};

}  // namespace majed::sql
