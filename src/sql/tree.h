/// The syntax tree of one SELECT statement: data only, with exact byte spans.
///
/// Why      Everything after the parser works on this; every node knows the bytes it came from.
/// Life     Nodes live in the Arena of their ParsedStatement; names point into the arena or the caller's text.
/// Threads  Written by parser, then by resolver; read-only after that.
/// Not here What names mean (binding.h), what is allowed (policy/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace majed::sql {

struct SchemaRelation;
struct Cte;
struct FromItem;
struct Select;
struct Window;
struct OutputColumn;

/// Singly linked list of nodes with a `next` member, in source order.
template <class T>
struct List {
    T* first = nullptr;
    T* last = nullptr;
    std::uint32_t size = 0;

    void append(T* node) noexcept {
        (last != nullptr ? last->next : first) = node;
        last = node;
        ++size;
    }
    [[nodiscard]] bool empty() const noexcept { return first == nullptr; }

    struct Iterator {
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T*;
        using reference = T&;

        T* node = nullptr;
        T& operator*() const noexcept { return *node; }
        Iterator& operator++() noexcept {
            node = node->next;
            return *this;
        }
        Iterator operator++(int) noexcept {
            const Iterator before = *this;
            node = node->next;
            return before;
        }
        friend bool operator==(Iterator, Iterator) = default;
    };
    [[nodiscard]] Iterator begin() const noexcept { return {first}; }
    [[nodiscard]] Iterator end() const noexcept { return {nullptr}; }
};

enum class Quote : std::uint8_t { none, double_quote, backtick, bracket, single_quote };

/// A name as written: `value` has its quotes removed.
struct Name {
    std::string_view value;
    Span span;
    Quote quote = Quote::none;
    [[nodiscard]] bool present() const noexcept { return !span.empty(); }
};

struct NameNode {
    Name name;
    NameNode* next = nullptr;
};

enum class ExprKind : std::uint8_t {
    literal,  ///< op: null, integer, real, string, blob, current_time
    bind,
    column,     ///< [schema.][table.]name
    unary,      ///< left
    binary,     ///< left, right
    like,       ///< left, right, extra = ESCAPE
    between,    ///< left, right = low, extra = high
    in_list,    ///< left, args
    in_select,  ///< left, select
    in_table,   ///< left, from = the table or table function
    is_null,    ///< left (negated: NOT NULL)
    collate,    ///< left, name
    cast,       ///< left, span of the type in `name`
    case_when,  ///< left = base or none, args = when, then, ..., extra = ELSE
    call,       ///< name, args, flags
    exists,     ///< select
    subquery,   ///< select
    row,        ///< (a, b, ...): args
    attribute,  ///< :user.<name>, in policy predicates only
};

enum class Operator : std::uint8_t {
    none,
    null,
    integer,
    real,
    string,
    blob,
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
};

/// What the resolver found a column expression to be.
enum class Binding : std::uint8_t { unresolved, column, rowid, result_alias, string, boolean };

struct Expr {
    ExprKind kind = ExprKind::literal;
    Operator op = Operator::none;
    bool negated = false;        ///< NOT LIKE, NOT IN, NOT BETWEEN, NOT NULL, NOT EXISTS is unary NOT.
    bool distinct = false;       ///< call: DISTINCT arguments.
    bool star_argument = false;  ///< call: f(*).
    Binding binding = Binding::unresolved;
    bool parenthesized = false;  ///< Stands in parentheses of its own; `span` includes them.
    bool unsafe = false;         ///< May raise an error or burn time; set by the resolver.
    bool bulky = false;          ///< May be a megabyte of text of the caller's choice; set by the resolver.
    bool masked = false;         ///< Computed from a masked column; set by the resolver.
    std::uint16_t height = 1;    ///< Of the tree below, as SQLite counts it.
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

enum class FromKind : std::uint8_t { table, table_function, subquery, group };

struct Join {
    bool natural = false;
    bool left = false;   ///< LEFT or FULL: rows of the left side are kept.
    bool right = false;  ///< RIGHT or FULL: rows of the right side are kept.
    bool cross = false;
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
    Name index;       ///< INDEXED BY name.
    Span index_span;  ///< `INDEXED BY x` or `NOT INDEXED`, else empty.
    Span reference;   ///< The name with its schema, without arguments and alias.
    Span span;        ///< Everything of the item but its join clause.
    FromItem* next = nullptr;

    // Set by the resolver.
    const SchemaRelation* relation = nullptr;  ///< A relation of the schema.
    Cte* cte = nullptr;                        ///< Or a common table expression in scope.
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
    Name table;  ///< table_star.
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
    List<ResultColumn> columns;
    List<FromItem> from;
    Expr* where = nullptr;
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
    Span span;  ///< Without the parentheses of a subquery.

    // Set by the resolver.
    bool derived = false;  ///< Stands in FROM or WITH: others name its columns.
    OutputColumn* columns = nullptr;
    std::uint32_t column_count = 0;
    bool correlated = false;      ///< Uses a column of an enclosing query.
    bool filtered = false;        ///< Reads a filtered relation, at any depth.
    bool unsafe = false;          ///< Contains an unsafe expression, a recursion or more than one relation.
    std::uint32_t relations = 0;  ///< Relations read, at any depth.
};

/// One column of a query's answer, as an enclosing query may name it.
struct OutputColumn {
    std::string_view name;
    std::string_view declared_type;  ///< Empty for anything but a plain column.
    bool masked = false;             ///< Computed from a masked column.
    bool unsafe = false;             ///< Computed by an unsafe expression.
    Expr* expr = nullptr;            ///< nullptr when it came from a star.
    FromItem* source = nullptr;      ///< Plain column: where it comes from.
    std::int32_t column = -1;
};

}  // namespace majed::sql
