/// Expressions of the syntax tree; see tree.h for queries and for how trees live.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/node_list.h"
#include "sql/token.h"

#include <cstdint>

namespace majed::sql {

struct FromItem;
struct Select;
struct Window;

enum class ExprKind : std::uint8_t {
    literal,  ///< op: null, integer, real, string, blob, current_time
    bind,
    column,      ///< [schema.][table.]name
    unary,       ///< left
    binary,      ///< left, right
    like,        ///< left, right, extra = ESCAPE
    between,     ///< left, right = low, extra = high
    in_list,     ///< left, args
    in_select,   ///< left, select
    in_table,    ///< left, from = the table or table function
    is_null,     ///< left (negated: NOT NULL)
    collate,     ///< left, name
    cast,        ///< left, span of the type in `name`
    case_when,   ///< left = base or none, args = when, then, ..., extra = ELSE
    call,        ///< name, args, flags
    exists,      ///< select
    subquery,    ///< select
    row,         ///< (a, b, ...), ROW(a, b): args
    attribute,   ///< :user.<name>, in policy predicates only
    field,       ///< (left).name, or (left).* as star_argument
    subscript,   ///< left[right], left[right:extra] as star_argument
    array,       ///< ARRAY[args] or ARRAY(select)
    quantified,  ///< left op ANY (right or select); negated: ALL
    is_test,   ///< left IS TRUE, IS UNKNOWN, IS DOCUMENT, IS OF (...), IS JSON, IS A SET: the words in `name`
    grouping,  ///< ROLLUP, CUBE, GROUPING SETS in GROUP BY, named by `name`: args; () as a row without args
    default_value,  ///< DEFAULT, in the rows and assignments of writes only
};

enum class Operator : std::uint8_t {
    none,
    null,
    integer,
    real,
    string,
    blob,
    boolean,
    current_time,  // literals
    negate,
    plus,
    bit_not,
    logical_not,  // unary
    or_,
    and_,
    equal,
    not_equal,
    is,
    is_not,
    less,
    less_equal,
    greater,
    greater_equal,
    bit_and,
    bit_or,
    shift_left,
    shift_right,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    concat,
    arrow,
    double_arrow,  // binary
    like,
    glob,
    regexp,
    match,
    ilike,
    similar,
    power,
    at_time_zone,
    overlaps,
    custom,           ///< Any other operator of PostgreSQL, OPERATOR(schema.op): its text in `name`.
    prior,            // unary of Oracle
    connect_by_root,  // unary of Oracle
};

/// What the resolver found a column expression to be.
enum class Binding : std::uint8_t {
    unresolved,
    column,
    rowid,
    result_alias,
    string,
    boolean,
    whole_row,  ///< All columns of `source` as one value.
    opaque,     ///< Nothing of the schema: what a function in FROM makes, a pseudo-column.
};

struct Expr {
    ExprKind kind = ExprKind::literal;
    Operator op = Operator::none;
    bool negated = false;        ///< NOT LIKE, NOT IN, NOT BETWEEN, NOT NULL, NOT EXISTS is unary NOT.
    bool distinct = false;       ///< call: DISTINCT arguments.
    bool star_argument = false;  ///< call: f(*).
    Binding binding = Binding::unresolved;
    bool parenthesized = false;  ///< Stands in parentheses of its own; `span` includes them.
    bool outer_join = false;     ///< column: followed by Oracle's (+).
    bool unsafe = false;         ///< May raise an error or burn time; set by the resolver.
    bool bulky = false;          ///< May be a megabyte of text of the caller's choice; set by the resolver.
    bool masked = false;         ///< Computed from a masked column; set by the resolver.
    std::uint32_t encryption =
        0;  ///< Its value is a token of this SchemaColumn::encryption; set by the resolver.
    std::uint16_t height = 1;  ///< Of the tree below, as SQLite counts it.
    Span span;
    Expr* next = nullptr;  ///< In the list it belongs to.
    Expr* left = nullptr;
    Expr* right = nullptr;
    Expr* extra = nullptr;
    List<Expr> args;
    Select* select = nullptr;
    FromItem* from = nullptr;
    Name name;
    Name* table = nullptr;
    Name* schema = nullptr;
    Expr* filter = nullptr;      ///< call: FILTER (WHERE ...)
    Window* over = nullptr;      ///< call: OVER ...
    Window* order = nullptr;     ///< call: ORDER BY among the arguments, in WITHIN GROUP or KEEP.
    FromItem* source = nullptr;  ///< Binding::column and rowid: the FROM item.
    std::int32_t column = -1;    ///< Binding::column: its place in the source's columns.
    Expr* alias_of = nullptr;    ///< Binding::result_alias: the expression named.
};

enum class NullsOrder : std::uint8_t { unspecified, first, last };

struct OrderTerm {
    Expr* expr = nullptr;
    NullsOrder nulls = NullsOrder::unspecified;
    OrderTerm* next = nullptr;
};

struct Window {
    Name name;  ///< In a WINDOW clause: its name. In OVER name: the reference, `reference_only`.
    Name base;  ///< OVER (base ...).
    bool reference_only = false;
    List<Expr> partition_by;
    List<OrderTerm> order_by;
    Expr* frame_start = nullptr;  ///< Expression of `expr PRECEDING`, if any.
    Expr* frame_end = nullptr;
    Span span;
    Window* next = nullptr;
};

}  // namespace majed::sql
