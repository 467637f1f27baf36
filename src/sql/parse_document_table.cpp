// SPDX-License-Identifier: Apache-2.0
// XMLTABLE and JSON_TABLE: documents read as tables.
#include "sql/grammar.h"

namespace majed::sql {

/// At the name; its columns become those of the item.
bool Grammar::table_of_document(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    const bool json = at_word("json_table");
    item.kind = FromKind::function;
    item.lateral = true;
    Expr* call = node(ExprKind::call);
    if (call == nullptr) return false;
    call->name = take_name();
    ++at_;
    if (!(json ? json_table_source(*call) : xml_table_source(*call))) return false;
    if (!document_columns(item, *call) || !close_paren()) return false;
    item.name = call->name;
    item.args.append(finish(call, begin));
    item.reference = call->span;
    accept_outer_join_mark();
    return !failed_;
}

/// [XMLNAMESPACES (x AS name, ...),] path [PASSING x]
bool Grammar::xml_table_source(Expr& call) {
    if (at_word("xmlnamespaces")) {
        at_ += 2;
        do {
            const bool is_default = accept(Keyword::default_);
            if (!argument(call.args)) return false;
            Name name;
            if (!is_default && (!expect(Keyword::as) || !label_name(name, "a name"))) return false;
        } while (comma());
        if (!close_paren() || !expect(TokenKind::comma, "\",\"")) return false;
    }
    if (!argument(call.args)) return false;
    if (accept(Keyword::passing) && !xml_passing(call)) return false;
    if (accept_word("returning")) return accept_word("sequence") && expect(Keyword::by) && accept_word("ref");
    return true;
}

/// x [FORMAT JSON] [, path] [ON ERROR and the like]
bool Grammar::json_table_source(Expr& call) {
    if (!argument(call.args)) return false;
    if (accept_word("format") && !accept_word("json")) return fail("JSON");
    if (comma() && !argument(call.args)) return false;
    while (!at(Keyword::columns) && !at(TokenKind::right_paren)) {
        if (!json_clause(call)) return false;
    }
    return true;
}

/// COLUMNS name type [PATH p] [DEFAULT d], name FOR ORDINALITY, NESTED [PATH] p COLUMNS (...), ...
bool Grammar::document_columns(FromItem& item, Expr& call) {
    const Nested nested(*this);
    if (!nested.ok()) return false;
    if (!accept(Keyword::columns)) return rules().oracle || expect(Keyword::columns);
    const bool parens = accept(TokenKind::left_paren, "\"(\"");
    do {
        if (at_word("nested")) {
            ++at_;
            accept_word("path");
            if (!argument(call.args) || !document_columns(item, call)) return false;
            continue;
        }
        NameNode* column = node<NameNode>();
        if (column == nullptr || !label_name(column->name, "a column name")) return false;
        item.column_aliases.append(column);
        if (!document_column(call)) return false;
    } while (comma());
    return !parens || close_paren();
}

/// What follows a column's name.
bool Grammar::document_column(Expr& call) {
    if (accept(Keyword::for_)) return expect(Keyword::ordinality);
    const bool typed = !at_word("path") && !at(TokenKind::comma) && !at(TokenKind::right_paren) &&
                       !at_word("exists") && !at_word("format");
    Name type;
    if (typed && !type_name(type)) return false;
    while (!at(TokenKind::comma) && !at(TokenKind::right_paren)) {
        // A path may also be JSON steps without quotes: a.b[0].
        if (accept_word("path") || accept(Keyword::default_)) {
            if (!argument(call.args)) return false;
        } else if (accept(Keyword::not_)) {
            if (!expect(Keyword::null)) return false;
        } else if (at(TokenKind::left_paren)) {  // (SEQUENCE) BY REF
            ++at_;
            if (!accept_word("sequence") || !close_paren()) return fail("SEQUENCE");
            if (!expect(Keyword::by) || !accept_word("ref")) return fail("BY REF");
        } else if (!accept_word("exists") && !json_clause(call)) {
            return false;
        }
    }
    return true;
}

}  // namespace majed::sql
