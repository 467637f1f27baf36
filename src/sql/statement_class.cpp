// SPDX-License-Identifier: Apache-2.0
#include "sql/statement_class.h"

#include <cstddef>

namespace majed::sql {
namespace {

/// The verb after a WITH list: the first verb outside parentheses.
StatementClass class_of_with(std::span<const Token> tokens) noexcept {
    std::size_t depth = 0;
    for (const Token& token : tokens) {
        if (token.kind == TokenKind::left_paren) ++depth;
        if (token.kind == TokenKind::right_paren && depth > 0) --depth;
        if (depth != 0 || token.kind != TokenKind::keyword) continue;
        if (token.keyword == Keyword::insert || token.keyword == Keyword::update ||
            token.keyword == Keyword::delete_ || token.keyword == Keyword::replace) {
            return StatementClass::write;
        }
        if (token.keyword == Keyword::select || token.keyword == Keyword::values) return StatementClass::read;
    }
    return StatementClass::read;
}

struct Verb {
    Keyword keyword;
    StatementClass statement_class;
};

constexpr Verb verbs[] = {
    {Keyword::select, StatementClass::read},
    {Keyword::values, StatementClass::read},
    {Keyword::insert, StatementClass::write},
    {Keyword::replace, StatementClass::write},
    {Keyword::update, StatementClass::write},
    {Keyword::delete_, StatementClass::write},
    {Keyword::create, StatementClass::ddl},
    {Keyword::drop, StatementClass::ddl},
    {Keyword::alter, StatementClass::ddl},
    {Keyword::reindex, StatementClass::ddl},
    {Keyword::begin, StatementClass::transaction},
    {Keyword::commit, StatementClass::transaction},
    {Keyword::end, StatementClass::transaction},
    {Keyword::rollback, StatementClass::transaction},
    {Keyword::savepoint, StatementClass::transaction},
    {Keyword::release, StatementClass::transaction},
    {Keyword::pragma, StatementClass::session},
    {Keyword::attach, StatementClass::session},
    {Keyword::detach, StatementClass::session},
    {Keyword::vacuum, StatementClass::maintenance},
    {Keyword::analyze, StatementClass::maintenance},
    {Keyword::explain, StatementClass::explain},
};

}  // namespace

std::string_view to_string(StatementClass statement_class) noexcept {
    switch (statement_class) {
        case StatementClass::read:
            return "read";
        case StatementClass::write:
            return "write";
        case StatementClass::ddl:
            return "ddl";
        case StatementClass::transaction:
            return "transaction";
        case StatementClass::session:
            return "session";
        case StatementClass::maintenance:
            return "maintenance";
        case StatementClass::explain:
            return "explain";
        case StatementClass::unknown:
            return "unknown";
    }
    return "unknown";
}

StatementClass classify(std::span<const Token> tokens) noexcept {
    if (tokens.empty() || tokens.front().kind != TokenKind::keyword) return StatementClass::unknown;
    if (tokens.front().keyword == Keyword::with) return class_of_with(tokens);
    for (const Verb& verb : verbs) {
        if (verb.keyword == tokens.front().keyword) return verb.statement_class;
    }
    return StatementClass::unknown;
}

}  // namespace majed::sql
