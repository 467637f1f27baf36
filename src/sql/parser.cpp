// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"

#include "sql/grammar.h"
#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

std::string described(std::string_view text, const Token& token) {
    if (token.kind == TokenKind::end) return "the end of the statement";
    constexpr std::size_t longest = 32;
    std::string_view shown = token.span().in(text);
    const bool whole = shown.size() <= longest;
    if (!whole) {
        std::size_t cut = longest;
        while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U)
            --cut;  // not inside a character
        shown = shown.substr(0, cut);
    }
    std::string quoted(1, '"');
    quoted.append(shown).append(whole ? "\"" : "...\"");
    return quoted;
}

/// As described, without what may be a value, or a part of one in quotes of no engine.
std::string described_for_records(std::string_view text, const Token& token) {
    constexpr std::array hidden{TokenKind::identifier, TokenKind::quoted, TokenKind::string, TokenKind::blob,
                                TokenKind::integer,    TokenKind::real,   TokenKind::bind};
    if (std::find(hidden.begin(), hidden.end(), token.kind) == hidden.end()) return described(text, token);
    return token.kind == TokenKind::identifier || token.kind == TokenKind::quoted ? "a name" : "a value";
}

Error refused_class(StatementClass statement_class, std::string_view text, const Token& first,
                    bool writes = false) {
    if (first.kind == TokenKind::end) return Error{ErrorCode::parse_error, "the statement is empty"}.at(0);
    if (statement_class == StatementClass::unknown) {
        constexpr std::string_view begin = "a statement cannot begin with ";
        Error error{ErrorCode::parse_error, std::string(begin) + described(text, first)};
        error.recorded = std::string(begin) + described_for_records(text, first);
        return std::move(error)
            .with_hint(writes ? "Begin with SELECT, VALUES, WITH, INSERT, UPDATE or DELETE."
                              : "Begin with SELECT, VALUES or WITH.")
            .at(first.offset);
    }
    if (writes && first.keyword == Keyword::copy)
        return Error{ErrorCode::denied, "COPY is not allowed"}.at(first.offset);
    const std::string_view allowed = writes ? "queries and writes" : "queries";
    std::string message = "statements of class " + std::string(to_string(statement_class));
    message.append(" are not allowed: only ").append(allowed).append(" may be run");
    return Error{ErrorCode::denied, std::move(message)}.at(first.offset);
}

}  // namespace

GrammarCursor::Nested::Nested(GrammarCursor& cursor)
    : cursor_(cursor), ok_(++cursor.depth_ <= cursor.budget_.nesting) {
    if (!ok_) {
        cursor.fail_with(ErrorCode::too_large, "the statement is nested too deeply", cursor.begin_offset());
    }
}

const Token& GrammarCursor::after_parenthesis(std::size_t ahead) {
    if (closing_.empty()) {
        // One that is never closed is closed by the end.
        closing_.assign(tokens_.size(), static_cast<std::uint32_t>(tokens_.size() - 1));
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (tokens_[i].kind == TokenKind::left_paren) open.push_back(i);
            if (tokens_[i].kind != TokenKind::right_paren || open.empty()) continue;
            closing_[open.back()] = static_cast<std::uint32_t>(i);
            open.pop_back();
        }
    }
    return tokens_[std::min<std::size_t>(closing_[at_ + ahead] + 1, tokens_.size() - 1)];
}

bool GrammarCursor::spend_node() {
    if (++nodes_ <= budget_.nodes) return true;
    return fail_with(ErrorCode::too_large, "the statement has too many parts", begin_offset());
}

void GrammarCursor::note_expected(std::string_view what) {
    if (!collecting_ || at_ < farthest_) return;
    if (at_ > farthest_) {
        farthest_ = at_;
        expected_.clear();
    }
    if (std::find(expected_.begin(), expected_.end(), what) == expected_.end()) expected_.push_back(what);
}

bool GrammarCursor::fail(std::string_view expected) {
    note_expected(expected);
    return fail_with(ErrorCode::parse_error, {}, begin_offset());
}

bool GrammarCursor::fail_with(ErrorCode code, std::string message, std::size_t offset) {
    if (!failed_) {
        failed_ = true;
        error_ = Error{code, std::move(message)}.at(offset);
    }
    return false;
}

Error GrammarCursor::error() const {
    if (!error_.message.empty()) return error_;
    constexpr std::size_t most_named = 6;
    std::string expected;
    const std::size_t named = std::min(expected_.size(), most_named);
    for (std::size_t i = 0; i < named; ++i) {
        expected += i == 0 ? "; expected " : (i + 1 == named ? " or " : ", ");
        expected += expected_[i];
    }
    Error error{error_.code, "unexpected " + described(text_, peek()) + expected};
    error.recorded = "unexpected " + described_for_records(text_, peek()) + expected;
    return std::move(error).at(error_.offset.value_or(0));
}

bool GrammarCursor::accept(TokenKind kind, std::string_view what) {
    if (at(kind)) {
        ++at_;
        return true;
    }
    note_expected(what);
    return false;
}

bool GrammarCursor::expect(TokenKind kind, std::string_view what) {
    return accept(kind, what) || fail(what);
}

Select* Grammar::whole_query() {
    Select* select = query();
    return select != nullptr && end_of_statement() ? select : nullptr;
}

bool Grammar::end_of_statement() {
    while (accept(TokenKind::semicolon, "\";\"")) {
    }
    if (at(TokenKind::end)) return true;
    if (at_ > 0 && tokens_[at_ - 1].kind == TokenKind::semicolon) {
        return fail_with(ErrorCode::parse_error, "only one statement may be sent at a time", begin_offset());
    }
    return fail("the end of the statement");
}

Expr* Grammar::whole_expression() {
    Expr* expr = expression();
    if (expr == nullptr) return nullptr;
    if (at(TokenKind::end)) return expr;
    fail("the end of the expression");
    return nullptr;
}

Result<Select*> Parser::parse(std::string_view text) {
    text_ = text;
    class_ = StatementClass::unknown;
    arena_.clear();
    MAJED_TRY(tokenize(text, tokens_, *dialect_, budget_.bytes));
    class_ = classify(tokens_, *dialect_);
    if (class_ != StatementClass::read) return refused_class(class_, text, tokens_.front());
    Grammar grammar(text, tokens_, arena_, *dialect_, GrammarMode::statement, budget_);
    if (Select* select = grammar.whole_query()) return select;
    if (grammar.met_write()) class_ = StatementClass::write;
    Grammar again(text, tokens_, arena_, *dialect_, GrammarMode::statement, budget_);
    again.collect_expectations();
    static_cast<void>(again.whole_query());
    return again.error();
}

Result<Statement> Parser::parse_statement(std::string_view text) {
    text_ = text;
    class_ = StatementClass::unknown;
    arena_.clear();
    MAJED_TRY(tokenize(text, tokens_, *dialect_, budget_.bytes));
    class_ = classify(tokens_, *dialect_);
    const bool copies = tokens_.front().keyword == Keyword::copy;
    if (copies || (class_ != StatementClass::read && class_ != StatementClass::write))
        return refused_class(class_, text, tokens_.front(), true);
    Grammar grammar(text, tokens_, arena_, *dialect_, GrammarMode::statement, budget_);
    const Statement statement = grammar.whole_statement();
    if (statement.statement_class != StatementClass::unknown) class_ = statement.statement_class;
    if (grammar.met_write()) class_ = StatementClass::write;
    if (statement.query != nullptr || statement.write != nullptr) return statement;
    Grammar again(text, tokens_, arena_, *dialect_, GrammarMode::statement, budget_);
    again.collect_expectations();
    static_cast<void>(again.whole_statement());
    return again.error();
}

Result<Expr*> Parser::parse_policy_expression(std::string_view text) {
    text_ = text;
    class_ = StatementClass::unknown;
    arena_.clear();
    MAJED_TRY(tokenize(text, tokens_, *dialect_, budget_.bytes));
    if (Expr* expr = Grammar(text, tokens_, arena_, *dialect_, GrammarMode::policy_expression, budget_)
                         .whole_expression())
        return expr;
    Grammar again(text, tokens_, arena_, *dialect_, GrammarMode::policy_expression, budget_);
    again.collect_expectations();
    static_cast<void>(again.whole_expression());
    return again.error();
}

}  // namespace majed::sql
