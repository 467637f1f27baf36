// SPDX-License-Identifier: Apache-2.0
// FROM: tables, joins, functions, queries, and what may follow each.
#include "core/ascii.h"
#include "sql/grammar.h"
#include "sql/parser.h"

#include <string>
#include <utility>

namespace majed::sql {
namespace {

/// joined_table in PostgreSQL's gram.y: what may stand in parentheses of its own.
bool is_join(const List<FromItem>& items) noexcept {
    for (const FromItem& item : items) {
        if (item.join.comma) return false;
    }
    return items.size > 1 || (items.first->kind == FromKind::group && !items.first->alias.present());
}

/// func_table there: a function or ROWS FROM, not XMLTABLE.
bool is_call(const FromItem& item) noexcept {
    if (item.kind != FromKind::function) return false;
    const Name& name = item.args.first->name;
    return name.quote != Quote::none || name.value != "xmltable";
}

}  // namespace

bool Grammar::from_items(List<FromItem>& items) {
    FromItem* first = from_item();
    if (first == nullptr) return false;
    items.append(first);
    while (true) {
        Join join;
        bool found = false;
        if (!join_operator(join, found)) return false;
        if (!found) return true;
        FromItem* item = rules().names_from_strings ? from_item() : join_right(join);
        if (item == nullptr) return false;
        item->join = join;
        items.append(item);
        if (items.size > limits::from_items)
            return fail_with(ErrorCode::too_large, "a FROM clause names too many tables", item->span.begin);
        if (!join_condition(*item)) return false;
    }
}

/// `,` JOIN and every order of the words before it; Oracle's CROSS APPLY and OUTER APPLY.
bool Grammar::join_operator(Join& join, bool& found) {
    found = true;
    join.comma = comma();
    if (join.comma) return true;
    const std::uint32_t begin = begin_offset();
    if (rules().oracle && (at(Keyword::cross) || at(Keyword::outer)) && peek(1).keyword == Keyword::apply) {
        join.left = at(Keyword::outer);
        join.apply = true;
        at_ += 2;
        return true;
    }
    if (rules().oracle && at(Keyword::partition) && peek(1).keyword == Keyword::by)
        return fail_with(ErrorCode::unsupported, "partitioned outer joins are not understood", begin);
    const bool word = dialect_.uses(peek().keyword).join || (rules().postgres && words_begin_join());
    if (!word && !at(Keyword::join)) {
        if (collecting_) note_expected(keyword_name(Keyword::join));
        found = false;
        return true;
    }
    return words_of_join(join, begin);
}

/// The right side of a join; where the join needs a condition, further joins before that belong to the right side:
/// a JOIN b JOIN c ON ... ON ... is a JOIN (b JOIN c ON ...) ON ...
FromItem* Grammar::join_right(const Join& join) {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    FromItem* item = from_item();
    const bool conditional = !join.natural && !join.cross && !join.comma && !join.apply;
    while (item != nullptr && conditional && (at(Keyword::join) || words_begin_join())) {
        FromItem* group = node<FromItem>();
        Join inner;
        bool found = false;
        if (group == nullptr || !join_operator(inner, found)) return nullptr;
        FromItem* right = join_right(inner);
        if (right == nullptr) return nullptr;
        right->join = inner;
        if (!join_condition(*right)) return nullptr;
        group->kind = FromKind::group;
        group->items.append(item);
        group->items.append(right);
        group->span = since(item->span.begin);
        item = group;
    }
    return item;
}

bool Grammar::words_begin_join() const noexcept {
    return is_any<Keyword::natural, Keyword::left, Keyword::right, Keyword::full, Keyword::inner,
                  Keyword::cross>(peek().keyword);
}

/// CROSS JOIN, [NATURAL] [INNER | {LEFT | RIGHT | FULL} [OUTER]] JOIN; of SQLite in any order (select.c sqlite3JoinType).
bool Grammar::words_of_join(Join& join, std::uint32_t begin) {
    if (!rules().names_from_strings) return ordered_words_of_join(join);
    bool inner = false;
    bool outer = false;
    for (std::size_t words = 0; words < 3 && !at(Keyword::join); ++words) {
        const Keyword keyword = peek().keyword;
        if (!words_begin_join() && keyword != Keyword::outer) break;
        join.natural |= keyword == Keyword::natural;
        join.left |= keyword == Keyword::left || keyword == Keyword::full;
        join.right |= keyword == Keyword::right || keyword == Keyword::full;
        join.cross |= keyword == Keyword::cross;
        inner |= keyword == Keyword::inner || keyword == Keyword::cross;
        outer |= keyword == Keyword::outer || keyword == Keyword::left || keyword == Keyword::right ||
                 keyword == Keyword::full;
        ++at_;
    }
    if (!expect(Keyword::join)) return false;
    if ((inner && outer) || (outer && !join.left && !join.right))
        return fail_with(ErrorCode::parse_error, "unknown join type", begin);
    return true;
}

bool Grammar::ordered_words_of_join(Join& join) {
    if (accept(Keyword::cross)) {
        join.cross = true;
        return expect(Keyword::join);
    }
    join.natural = accept(Keyword::natural);
    if (accept(Keyword::inner)) return expect(Keyword::join);
    const bool full = accept(Keyword::full);
    join.left = full || accept(Keyword::left);
    join.right = full || (!join.left && accept(Keyword::right));
    if (join.left || join.right) accept(Keyword::outer);
    return expect(Keyword::join);
}

FromItem* Grammar::from_item() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    FromItem* item = node<FromItem>();
    if (item == nullptr || !from_source(*item)) return nullptr;
    if (item->lateral && item->kind != FromKind::subquery && item->kind != FromKind::function) {
        fail_with(ErrorCode::parse_error, "LATERAL stands before a query or a function", begin);
        return nullptr;
    }
    if (rules().names_from_strings) {
        if (!table_alias(item->alias)) return nullptr;
        if (item->kind == FromKind::table && !index_hint(*item)) return nullptr;
    } else if (!from_tail(*item)) {
        return nullptr;
    }
    item->span = since(begin);
    return item;
}

bool Grammar::from_source(FromItem& item) {
    if (!rules().names_from_strings && at(Keyword::lateral) &&
        (rules().postgres || peek(1).kind == TokenKind::left_paren)) {
        ++at_;
        item.lateral = true;
    }
    if (accept(TokenKind::left_paren, "\"(\"")) return from_parenthesis(item);
    if (rules().names_from_strings) return table_reference(item);
    if (at(Keyword::only) && (rules().postgres || peek(1).kind == TokenKind::left_paren)) {
        ++at_;
        item.only = true;
        const bool parens = accept(TokenKind::left_paren, "\"(\"");
        return table_reference(item) && (!parens || close_paren());
    }
    if (rules().postgres && at(Keyword::rows) && peek(1).keyword == Keyword::from) return rows_from(item);
    if (peek(1).kind == TokenKind::left_paren && rules().oracle && at(Keyword::table))
        return table_expression(item);
    if (rules().oracle && (at_word("containers") || at_word("shards")) &&
        peek(1).kind == TokenKind::left_paren)
        return fail_with(ErrorCode::denied, "CONTAINERS and SHARDS are not allowed", begin_offset());
    if (rules().oracle && (at_word("json_table") || at_word("xmltable")) &&
        peek(1).kind == TokenKind::left_paren)
        return table_of_document(item);
    if (rules().postgres && at(Keyword::xmltable) && peek(1).kind == TokenKind::left_paren)
        return table_of_document(item);
    if (rules().postgres) {
        // A call, also of functions without parentheses, or of a qualified name.
        std::size_t after = 1;
        while (peek(after).kind == TokenKind::dot && at_label(after + 1)) after += 2;
        const bool call = peek(after).kind == TokenKind::left_paren && at_function_name();
        if (call || at_special_call() ||
            (at(TokenKind::keyword) && !at_identifier() && !at(Keyword::table))) {
            Expr* function = plain_operand();
            if (function != nullptr && function->kind == ExprKind::cast) return from_function(item, function);
            if (function == nullptr || !is_windowless(*function)) return failed_ ? false : fail("a table");
            return from_function(item, function);
        }
    }
    return table_reference(item);
}

/// What follows a source in PostgreSQL and Oracle: *, sample, alias with columns.
bool Grammar::from_tail(FromItem& item) {
    const bool table = item.kind == FromKind::table;
    const bool calls = rules().postgres && is_call(item);
    if (rules().oracle && !table_version(item)) return false;
    if (rules().postgres) {
        if (table && !item.only) accept(TokenKind::star, "\"*\"");
        if (calls && accept(Keyword::with, Keyword::ordinality)) item.with_ordinality = true;
    }
    if (rules().oracle && table && !sample_clause(item)) return false;
    if (!refused_transformation()) return false;
    if (calls && at(Keyword::as) && peek(1).kind == TokenKind::left_paren) {
        ++at_;
        return alias_columns(item, true, true);
    }
    if (!table_alias(item.alias)) return false;
    if (rules().postgres && item.alias.present() && at(TokenKind::left_paren) &&
        !alias_columns(item, calls, false))
        return false;
    if (!refused_transformation()) return false;
    if (calls && !item.alias.present() && at(TokenKind::left_paren)) return fail("a name");
    return !table || rules().oracle || sample_clause(item);
}

/// AS a (x, y) or AS a (x int, y text): at the parenthesis. Columns with types where `typed`, and no others where `defined`.
bool Grammar::alias_columns(FromItem& item, bool typed, bool defined) {
    ++at_;
    bool first = true;
    do {
        NameNode* column = node<NameNode>();
        if (column == nullptr || !name(column->name, "a column name")) return false;
        item.column_aliases.append(column);
        const bool bare = at(TokenKind::comma) || at(TokenKind::right_paren);
        if (first) defined |= typed && !bare;
        first = false;
        if (!defined) {
            if (!bare) return fail("\")\"");
            continue;
        }
        item.defines_columns = true;
        Name type;
        if (!type_name(type)) return false;
        if (accept(Keyword::collate)) {
            do {
                if (!label_name(type, "a collation name")) return false;
            } while (accept(TokenKind::dot, "\".\""));
        }
    } while (comma());
    return close_paren();
}

bool Grammar::from_parenthesis(FromItem& item) {
    if (at_query()) {
        item.kind = FromKind::subquery;
        item.select = query();
        if (item.select == nullptr) return false;
        if (rules().oracle && accept(Keyword::with)) {  // the subquery restriction clause
            if (accept(Keyword::check)) {
                if (!expect(Keyword::option)) return false;
            } else if (!accept_word("read") || !accept(Keyword::only)) {
                return fail("READ ONLY");
            }
        }
    } else {
        item.kind = FromKind::group;
        if (!from_items(item.items)) return false;
        if (rules().postgres && !is_join(item.items)) return fail("JOIN");
    }
    return close_paren();
}

/// [schema.]name
bool Grammar::qualified_name(FromItem& item) {
    if (!name(item.name, "a table name")) return false;
    if (!accept(TokenKind::dot, "\".\"")) return true;
    item.schema = item.name;
    return label_name(item.name, "a table name");
}

/// [schema.]name of a table of this database.
bool Grammar::written_name(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    if (!qualified_name(item)) return false;
    if (!rules().names_from_strings && at(TokenKind::dot))
        return fail_with(ErrorCode::denied, "tables of other databases cannot be named", begin_offset());
    if (at(TokenKind::at_sign))
        return fail_with(ErrorCode::denied, "database links are not allowed", begin_offset());
    item.reference = since(begin);
    return !failed_;
}

/// name, schema.name, in SQLite also name(arguments); without alias.
bool Grammar::table_reference(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    if (!written_name(item)) return false;
    if (rules().names_from_strings && !sqlite_table_arguments(item)) return false;
    if (rules().oracle && at(TokenKind::left_paren))
        return fail_with(ErrorCode::denied, "table functions are not allowed", begin_offset());
    item.span = since(begin);
    return !failed_;
}

bool Grammar::sqlite_table_arguments(FromItem& item) {
    if (!accept(TokenKind::left_paren, "\"(\"")) return true;
    item.kind = FromKind::table_function;
    item.has_parens = true;
    return (at(TokenKind::right_paren) || expression_list(item.args)) && close_paren();
}

/// `first` is the call that stands as a table.
bool Grammar::from_function(FromItem& item, Expr* first) {
    item.kind = FromKind::function;
    item.name = first->name;
    item.args.append(first);
    item.reference = first->span;
    return true;
}

/// ROWS FROM (f(), g() AS (a int), ...)
bool Grammar::rows_from(FromItem& item) {
    item.kind = FromKind::function;
    const std::uint32_t begin = begin_offset();
    at_ += 2;
    if (!open_paren()) return false;
    do {
        Expr* function = plain_operand();
        if (function == nullptr) return false;
        if (!is_windowless(*function)) return fail("a function");
        item.args.append(function);
        if (at(Keyword::as) && peek(1).kind == TokenKind::left_paren) {
            ++at_;
            if (!alias_columns(item, true, true)) return false;
        }
    } while (comma());
    if (!close_paren()) return false;
    item.reference = since(begin);
    return true;
}

/// Oracle: TABLE(collection), TABLE(SELECT ...).
bool Grammar::table_expression(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    item.kind = FromKind::function;
    at_ += 2;
    item.lateral = true;
    Expr* collection = nullptr;
    if (at_query()) {
        collection = node(ExprKind::subquery);
        if (collection == nullptr) return false;
        collection->select = query();
        if (collection->select == nullptr) return false;
        collection->span = collection->select->span;
    } else {
        collection = expression();
        if (collection == nullptr) return false;
    }
    item.args.append(collection);
    if (!close_paren()) return false;
    accept_outer_join_mark();
    item.reference = since(begin);
    return true;
}

/// SQLite: INDEXED BY, NOT INDEXED.
bool Grammar::index_hint(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    if (accept(Keyword::indexed)) {
        if (!expect(Keyword::by) || !name(item.index, "an index name")) return false;
    } else if (at(Keyword::not_) && peek(1).keyword == Keyword::indexed) {
        at_ += 2;
    } else {
        return true;
    }
    item.index_span = since(begin);
    return true;
}

/// TABLESAMPLE method (args) [REPEATABLE (seed)]; SAMPLE [BLOCK] (percent) [SEED (n)].
bool Grammar::sample_clause(FromItem& item) {
    if (rules().postgres && accept(Keyword::tablesample)) {
        do {
            Name method;
            if (!label_name(method, "a sampling method")) return false;
        } while (accept(TokenKind::dot, "\".\""));
        if (!open_paren() || !expression_list(item.sample) || !close_paren()) return false;
        if (!accept_word("repeatable")) return true;
        return open_paren() && expression_list(item.sample) && close_paren();
    }
    if (!rules().oracle || !at(Keyword::sample)) return true;
    if (peek(1).kind != TokenKind::left_paren && !at_word("block", 1)) return true;
    ++at_;
    accept_word("block");
    if (!open_paren() || !expression_list(item.sample) || !close_paren()) return false;
    return !accept_word("seed") || (open_paren() && expression_list(item.sample) && close_paren());
}

/// Oracle: what reads other versions of a table is refused; PARTITION is understood.
bool Grammar::table_version(FromItem& item) {
    const bool flashback = (at(Keyword::as) && peek(1).keyword == Keyword::of) ||
                           (at_word("versions") && (at_word("between", 1) || at_word("period", 1)));
    if (flashback) return fail_with(ErrorCode::denied, "flashback queries are not allowed", begin_offset());
    if ((at(Keyword::partition) || at_word("subpartition")) &&
        (peek(1).kind == TokenKind::left_paren || peek(1).keyword == Keyword::for_)) {
        const std::uint32_t begin = begin_offset();
        if (!partition_clause(item.partition_values)) return false;
        item.partition = since(begin);
    }
    return true;
}

/// PIVOT and its like, before or behind an alias.
bool Grammar::refused_transformation() {
    const bool here = is_any<Keyword::pivot, Keyword::unpivot, Keyword::match_recognize>(peek().keyword);
    return !here || fail_with(ErrorCode::unsupported, "PIVOT, UNPIVOT and MATCH_RECOGNIZE are not understood",
                              begin_offset());
}

/// Oracle's (+)
bool Grammar::accept_outer_join_mark() {
    const bool here = rules().oracle && at(TokenKind::left_paren) && peek(1).kind == TokenKind::plus &&
                      peek(2).kind == TokenKind::right_paren;
    if (here) at_ += 3;
    return here;
}

bool Grammar::partition_clause(List<Expr>& values) {
    ++at_;
    if (accept(Keyword::for_)) return open_paren() && expression_list(values) && close_paren();
    Name partition;
    return open_paren() && name(partition, "a partition name") && close_paren();
}

bool Grammar::join_condition(FromItem& item) {
    // SQLite takes any join with or without a condition.
    const bool optional = rules().names_from_strings;
    const bool takes_none = item.join.natural || item.join.cross || item.join.comma || item.join.apply;
    if (!optional && takes_none) return true;
    if (accept(Keyword::on)) {
        item.on = expression();
        return item.on != nullptr;
    }
    if (accept(Keyword::using_)) {
        if (!open_paren() || !name_list(item.using_columns) || !close_paren()) return false;
        return !rules().postgres || !accept(Keyword::as) || name(item.using_alias, "a name");
    }
    return optional || fail("ON");
}

}  // namespace majed::sql
