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
            token.keyword == Keyword::delete_ || token.keyword == Keyword::replace ||
            token.keyword == Keyword::merge) {
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
    {Keyword::select, StatementClass::read},         {Keyword::values, StatementClass::read},
    {Keyword::insert, StatementClass::write},        {Keyword::replace, StatementClass::write},
    {Keyword::update, StatementClass::write},        {Keyword::delete_, StatementClass::write},
    {Keyword::merge, StatementClass::write},         {Keyword::copy, StatementClass::write},
    {Keyword::create, StatementClass::ddl},          {Keyword::drop, StatementClass::ddl},
    {Keyword::alter, StatementClass::ddl},           {Keyword::reindex, StatementClass::ddl},
    {Keyword::truncate, StatementClass::ddl},        {Keyword::grant, StatementClass::ddl},
    {Keyword::revoke, StatementClass::ddl},          {Keyword::comment, StatementClass::ddl},
    {Keyword::security, StatementClass::ddl},        {Keyword::import, StatementClass::ddl},
    {Keyword::refresh, StatementClass::ddl},         {Keyword::reassign, StatementClass::ddl},
    {Keyword::rename, StatementClass::ddl},          {Keyword::audit, StatementClass::ddl},
    {Keyword::noaudit, StatementClass::ddl},         {Keyword::purge, StatementClass::ddl},
    {Keyword::flashback, StatementClass::ddl},       {Keyword::associate, StatementClass::ddl},
    {Keyword::disassociate, StatementClass::ddl},    {Keyword::begin, StatementClass::transaction},
    {Keyword::start, StatementClass::transaction},   {Keyword::commit, StatementClass::transaction},
    {Keyword::end, StatementClass::transaction},     {Keyword::rollback, StatementClass::transaction},
    {Keyword::abort_, StatementClass::transaction},  {Keyword::savepoint, StatementClass::transaction},
    {Keyword::release, StatementClass::transaction}, {Keyword::lock, StatementClass::transaction},
    {Keyword::pragma, StatementClass::session},      {Keyword::attach, StatementClass::session},
    {Keyword::detach, StatementClass::session},      {Keyword::set, StatementClass::session},
    {Keyword::reset, StatementClass::session},       {Keyword::show, StatementClass::session},
    {Keyword::discard, StatementClass::session},     {Keyword::load, StatementClass::session},
    {Keyword::listen, StatementClass::session},      {Keyword::unlisten, StatementClass::session},
    {Keyword::notify, StatementClass::session},      {Keyword::prepare, StatementClass::session},
    {Keyword::deallocate, StatementClass::session},  {Keyword::declare, StatementClass::session},
    {Keyword::fetch, StatementClass::session},       {Keyword::move, StatementClass::session},
    {Keyword::close, StatementClass::session},       {Keyword::vacuum, StatementClass::maintenance},
    {Keyword::analyze, StatementClass::maintenance}, {Keyword::analyse, StatementClass::maintenance},
    {Keyword::cluster, StatementClass::maintenance}, {Keyword::checkpoint, StatementClass::maintenance},
    {Keyword::explain, StatementClass::explain},     {Keyword::call, StatementClass::procedure},
    {Keyword::do_, StatementClass::procedure},       {Keyword::execute, StatementClass::procedure},
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
        case StatementClass::procedure:
            return "procedure";
        case StatementClass::unknown:
            return "unknown";
    }
    return "unknown";
}

StatementClass classify(std::span<const Token> tokens, const Dialect& dialect) noexcept {
    const bool parentheses = !dialect.grammar.names_from_strings;
    while (parentheses && !tokens.empty() && tokens.front().kind == TokenKind::left_paren)
        tokens = tokens.subspan(1);
    if (tokens.empty() || tokens.front().kind != TokenKind::keyword) return StatementClass::unknown;
    const Keyword verb = tokens.front().keyword;
    const Keyword next = tokens.size() > 1 ? tokens[1].keyword : Keyword::none;
    if (verb == Keyword::with) return class_of_with(tokens);
    if (dialect.grammar.postgres && verb == Keyword::table) return StatementClass::read;
    if (dialect.grammar.oracle) {
        if (verb == Keyword::begin || verb == Keyword::declare) return StatementClass::procedure;
        if (verb == Keyword::alter && next == Keyword::session) return StatementClass::session;
        if (verb == Keyword::alter && next == Keyword::system) return StatementClass::maintenance;
        if (verb == Keyword::analyze) return StatementClass::maintenance;
    }
    if (dialect.grammar.postgres && verb == Keyword::alter && next == Keyword::system)
        return StatementClass::maintenance;
    for (const Verb& known : verbs) {
        if (known.keyword == verb) return known.statement_class;
    }
    return StatementClass::unknown;
}

}  // namespace majed::sql
