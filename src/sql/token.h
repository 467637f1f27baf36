/// Lexical elements of a statement: kind, keyword, place.
///
/// Why      Parser, fingerprint and rewriter work on offsets into the caller's own text; nothing is copied.
/// Life     Plain values; offsets refer to the text that was lexed.
/// Threads  Values.
/// Not here How characters become tokens (lexer.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace majed::sql {

/// Half-open range of bytes in the caller's text.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] constexpr bool empty() const noexcept { return begin == end; }
    [[nodiscard]] constexpr std::string_view in(std::string_view text) const noexcept {
        return text.substr(begin, end - begin);
    }
    friend bool operator==(Span, Span) = default;
};

enum class TokenKind : std::uint8_t {
    end,
    identifier,  ///< Bare word that is no keyword.
    keyword,     ///< See Token::keyword; many may also serve as names.
    quoted,      ///< "name" (a string when nothing has that name), `name` or [name].
    string,      ///< 'text'
    blob,        ///< x'00ff'
    integer,
    real,
    bind,  ///< ? ?1 :name @name $name
    left_paren,
    right_paren,
    comma,
    dot,
    semicolon,
    star,
    plus,
    minus,
    slash,
    percent,
    equal,      ///< = or ==
    not_equal,  ///< != or <>
    less,
    less_equal,
    greater,
    greater_equal,
    shift_left,
    shift_right,
    ampersand,
    pipe,
    concat,  ///< ||
    tilde,
    arrow,         ///< ->
    double_arrow,  ///< ->>
};

/// Keywords of SQLite 3.40 (mkkeywordhash.c). `none` for every other token.
enum class Keyword : std::uint8_t {
    none,
    abort_,
    action,
    add,
    after,
    all,
    alter,
    always,
    analyze,
    and_,
    as,
    asc,
    attach,
    autoincrement,
    before,
    begin,
    between,
    by,
    cascade,
    case_,
    cast,
    check,
    collate,
    column,
    commit,
    conflict,
    constraint,
    create,
    cross,
    current,
    current_date,
    current_time,
    current_timestamp,
    database,
    default_,
    deferrable,
    deferred,
    delete_,
    desc,
    detach,
    distinct,
    do_,
    drop,
    each,
    else_,
    end,
    escape,
    except,
    exclude,
    exclusive,
    exists,
    explain,
    fail,
    filter,
    first,
    following,
    for_,
    foreign,
    from,
    full,
    generated,
    glob,
    group,
    groups,
    having,
    if_,
    ignore,
    immediate,
    in,
    index,
    indexed,
    initially,
    inner,
    insert,
    instead,
    intersect,
    into,
    is,
    isnull,
    join,
    key,
    last,
    left,
    like,
    limit,
    match,
    materialized,
    natural,
    no,
    not_,
    nothing,
    notnull,
    null,
    nulls,
    of,
    offset,
    on,
    or_,
    order,
    others,
    outer,
    over,
    partition,
    plan,
    pragma,
    preceding,
    primary,
    query,
    raise,
    range,
    recursive,
    references,
    regexp,
    reindex,
    release,
    rename,
    replace,
    restrict_,
    returning,
    right,
    rollback,
    row,
    rows,
    savepoint,
    select,
    set,
    table,
    temp,
    temporary,
    then,
    ties,
    to,
    transaction,
    trigger,
    unbounded,
    union_,
    unique,
    update,
    using_,
    vacuum,
    values,
    view,
    virtual_,
    when,
    where,
    window,
    with,
    without,
};

struct Token {
    TokenKind kind = TokenKind::end;
    Keyword keyword = Keyword::none;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    [[nodiscard]] constexpr Span span() const noexcept { return {offset, offset + length}; }
};
static_assert(sizeof(Token) == 12);

}  // namespace majed::sql
