// SPDX-License-Identifier: Apache-2.0
#include "sql/lexer.h"

#include "core/ascii.h"
#include "sql/dialect.h"
#include "sql/keyword.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace majed::sql {
namespace lexer_test {

using Kinds = std::vector<TokenKind>;
using Words = std::vector<std::string>;

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    const auto result = tokenize(text, tokens);
    EXPECT_TRUE(result) << text << ": " << result.error().message;
    return tokens;
}

Kinds kinds_of(std::string_view text) {
    Kinds kinds;
    for (const Token& token : tokens_of(text)) kinds.push_back(token.kind);
    EXPECT_EQ(kinds.back(), TokenKind::end);
    kinds.pop_back();
    return kinds;
}

Words words_of(std::string_view text) {
    Words words;
    for (const Token& token : tokens_of(text)) {
        if (token.kind != TokenKind::end) words.emplace_back(token.span().in(text));
    }
    return words;
}

Error refusal_of(std::string_view text) {
    std::vector<Token> tokens;
    const auto result = tokenize(text, tokens);
    EXPECT_FALSE(result) << text;
    return result ? Error{} : result.error();
}

/// Refused as parse_error at `offset`, with a message that contains `words`.
void expect_refused(std::string_view text, std::size_t offset, std::string_view words) {
    const Error error = refusal_of(text);
    EXPECT_EQ(error.code, ErrorCode::parse_error) << text;
    EXPECT_EQ(error.offset, offset) << text;
    EXPECT_NE(error.message.find(words), std::string::npos) << text << ": " << error.message;
}

TEST(Lexer, gives_one_end_token_for_an_empty_text) {
    const auto tokens = tokens_of("");
    ASSERT_EQ(tokens.size(), 1U);
    EXPECT_EQ(tokens[0].kind, TokenKind::end);
    EXPECT_EQ(tokens[0].offset, 0U);
}

TEST(Lexer, leaves_out_white_space_and_comments) {
    EXPECT_EQ(words_of(" a\t-- one\n\f b /* two */\r\n c--three"), (Words{"a", "b", "c"}));
    EXPECT_EQ(words_of("a/**/b"), (Words{"a", "b"}));
    EXPECT_EQ(words_of("a/***/b/* * / **/"), (Words{"a", "b"}));
    EXPECT_EQ(words_of("a --x\r\n,b"), (Words{"a", ",", "b"}));
}

TEST(Lexer, places_the_end_token_behind_the_last_byte) {
    const auto tokens = tokens_of("ab  ");
    ASSERT_EQ(tokens.size(), 2U);
    EXPECT_EQ(tokens[1].offset, 4U);
}

TEST(Lexer, counts_offsets_in_bytes) {
    const std::string text = "é 'ü' x";
    const auto tokens = tokens_of(text);
    ASSERT_EQ(tokens.size(), 4U);
    EXPECT_EQ(tokens[0].span().in(text), "é");
    EXPECT_EQ(tokens[1].span(), (Span{3, 7}));
    EXPECT_EQ(tokens[2].offset, 8U);
}

TEST(Lexer, tells_words_from_keywords_in_any_case) {
    const auto tokens = tokens_of("SeLeCt selects _x a$1 naïve");
    EXPECT_EQ(tokens[0].kind, TokenKind::keyword);
    EXPECT_EQ(tokens[0].keyword, Keyword::select);
    for (std::size_t i = 1; i < 5; ++i) {
        EXPECT_EQ(tokens[i].kind, TokenKind::identifier) << i;
        EXPECT_EQ(tokens[i].keyword, Keyword::none) << i;
    }
}

TEST(Lexer, reads_every_quoting_of_names_and_strings) {
    EXPECT_EQ(kinds_of(R"('a' "b" `c` [d])"),
              (Kinds{TokenKind::string, TokenKind::quoted, TokenKind::quoted, TokenKind::quoted}));
    EXPECT_EQ(words_of("'it''s' \"a\"\"b\" `x``y`"), (Words{"'it''s'", "\"a\"\"b\"", "`x``y`"}));
    EXPECT_EQ(words_of("'' \"\" '''' "), (Words{"''", "\"\"", "''''"}));
}

TEST(Lexer, ends_a_bracketed_name_at_the_first_bracket) {
    EXPECT_EQ(words_of("[a[b]c"), (Words{"[a[b]", "c"}));
    expect_refused("[a]]", 3, "unexpected character ']'");
}

TEST(Lexer, keeps_comment_marks_inside_quotes_as_text) {
    EXPECT_EQ(words_of("'--' \"/*\" [--] `*/` '/*'"), (Words{"'--'", "\"/*\"", "[--]", "`*/`", "'/*'"}));
}

TEST(Lexer, reads_numbers_of_every_form) {
    for (const char* integer : {"0", "42", "0x1F", "0XaB", "007", "9223372036854775808"}) {
        EXPECT_EQ(kinds_of(integer), Kinds{TokenKind::integer}) << integer;
    }
    for (const char* real : {"1.5", ".5", "1.", "1e5", "1E+5", "1.5e-7", ".5e3", "1.e2"}) {
        EXPECT_EQ(kinds_of(real), Kinds{TokenKind::real}) << real;
    }
}

TEST(Lexer, lets_a_number_end_where_it_cannot_go_on) {
    EXPECT_EQ(words_of("1..2"), (Words{"1.", ".2"}));
    EXPECT_EQ(words_of("1.2.3"), (Words{"1.2", ".3"}));
    EXPECT_EQ(words_of("1-2"), (Words{"1", "-", "2"}));
    EXPECT_EQ(words_of("a.1"), (Words{"a", ".1"}));
}

TEST(Lexer, refuses_numbers_that_run_into_a_word) {
    expect_refused("SELECT 1a", 7, "malformed number");
    expect_refused("SELECT 0x", 7, "malformed number");
    expect_refused("SELECT 0x1g", 7, "malformed number");
    expect_refused("SELECT 1e", 7, "malformed number");
    expect_refused("SELECT 1e+", 7, "malformed number");
    expect_refused("SELECT 1.5x", 7, "malformed number");
    expect_refused("SELECT .5x", 7, "malformed number");
    expect_refused("SELECT 1_000", 7, "malformed number");
    expect_refused("SELECT 1$", 7, "malformed number");
}

TEST(Lexer, reads_blobs) {
    EXPECT_EQ(kinds_of("x'00ff' X'' x''"), (Kinds{TokenKind::blob, TokenKind::blob, TokenKind::blob}));
    EXPECT_EQ(kinds_of("x '00'"), (Kinds{TokenKind::identifier, TokenKind::string}));
}

TEST(Lexer, refuses_malformed_blobs) {
    expect_refused("SELECT x'0'", 7, "malformed blob");
    expect_refused("SELECT x'0g'", 7, "malformed blob");
    expect_refused("SELECT x'00", 7, "malformed blob");
    expect_refused("SELECT x'00 11'", 7, "malformed blob");
}

TEST(Lexer, reads_every_bind_form_as_one_token) {
    const Words forms{"?",     "?1",   "?999",  ":name",      "@name", "$name",
                      "$a::b", "$::a", "$a(b)", ":a::b(c,d)", "@a$b"};
    for (const std::string& form : forms) {
        EXPECT_EQ(kinds_of(form), Kinds{TokenKind::bind}) << form;
        EXPECT_EQ(words_of(form + ","), (Words{form, ","})) << form;
    }
}

TEST(Lexer, refuses_parameters_without_a_name) {
    expect_refused("SELECT :", 7, "needs a name");
    expect_refused("SELECT @ x", 7, "needs a name");
    expect_refused("SELECT $::", 7, "needs a name");
    expect_refused("SELECT $::(x)", 7, "needs a name");
    expect_refused("SELECT $a(b", 7, "needs a name");
    expect_refused("SELECT $a(b c)", 7, "needs a name");
    expect_refused("SELECT ?x", 7, "malformed parameter");
    expect_refused("SELECT ?1x", 7, "malformed parameter");
}

TEST(Lexer, reads_the_longest_operator) {
    EXPECT_EQ(kinds_of("-> ->> || == <> != <= >= << >>"),
              (Kinds{TokenKind::arrow, TokenKind::double_arrow, TokenKind::concat, TokenKind::equal,
                     TokenKind::not_equal, TokenKind::not_equal, TokenKind::less_equal,
                     TokenKind::greater_equal, TokenKind::shift_left, TokenKind::shift_right}));
    EXPECT_EQ(kinds_of("=<>|~&%*/+-(),;."),
              (Kinds{TokenKind::equal, TokenKind::not_equal, TokenKind::pipe, TokenKind::tilde,
                     TokenKind::ampersand, TokenKind::percent, TokenKind::star, TokenKind::slash,
                     TokenKind::plus, TokenKind::minus, TokenKind::left_paren, TokenKind::right_paren,
                     TokenKind::comma, TokenKind::semicolon, TokenKind::dot}));
    EXPECT_EQ(words_of("a<=>b"), (Words{"a", "<=", ">", "b"}));
    EXPECT_EQ(words_of("|||"), (Words{"||", "|"}));
}

TEST(Lexer, refuses_characters_that_begin_nothing) {
    expect_refused("SELECT !x", 7, "unexpected character '!'");
    expect_refused("SELECT #x", 7, "unexpected character '#'");
    expect_refused("SELECT a ^ b", 9, "unexpected character '^'");
    expect_refused("SELECT {a}", 7, "unexpected character '{'");
    expect_refused("SELECT a \\ b", 9, "unexpected character");
}

TEST(Lexer, refuses_every_control_character_wherever_it_stands) {
    for (int c = 0; c < 0x20; ++c) {
        if (c == '\t' || c == '\n' || c == '\f' || c == '\r') continue;
        const std::string character(1, static_cast<char>(c));
        expect_refused("SELECT" + character + "1", 6, "control characters");
        expect_refused("SELECT 'a" + character + "'", 9, "control characters");
        expect_refused("SELECT 1 -- " + character, 12, "control characters");
    }
    expect_refused("SELECT \x7f", 7, "control characters");
}

TEST(Lexer, refuses_a_byte_order_mark) {
    expect_refused("\xEF\xBB\xBFSELECT 1", 0, "byte order mark");
    expect_refused("SELECT \xEF\xBB\xBF", 7, "byte order mark");
}

TEST(Lexer, refuses_invalid_utf8) {
    const std::vector<std::string> broken{
        "\x80",              // a tail without a lead
        "\xC0\xAF",          // overlong
        "\xC1\xBF",          // overlong
        "\xE0\x80\xAF",      // overlong
        "\xF0\x80\x80\xAF",  // overlong
        "\xED\xA0\x80",      // surrogate
        "\xF4\x90\x80\x80",  // beyond U+10FFFF
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xC3",
        "\xE2\x82",
        "\xF0\x9F\x98",
    };
    for (const std::string& bytes : broken) {
        expect_refused("SELECT '" + bytes + "'", 8, "not valid UTF-8");
        expect_refused("SELECT " + bytes, 7, "not valid UTF-8");
    }
}

TEST(Lexer, accepts_well_formed_utf8_of_every_length) {
    EXPECT_EQ(kinds_of("'ü€😀' naïve \"日本\""),
              (Kinds{TokenKind::string, TokenKind::identifier, TokenKind::quoted}));
}

TEST(Lexer, refuses_a_carriage_return_that_only_some_engines_take_as_the_end_of_a_comment) {
    expect_refused("SELECT 1 --x\r, secret", 12, "carriage return");
    EXPECT_EQ(words_of("SELECT 1 --x\r"), (Words{"SELECT", "1"}));
}

TEST(Lexer, refuses_comments_inside_comments) {
    expect_refused("SELECT 1 /* /* */ , secret -- */", 12, "nested comments");
    expect_refused("/*/**/", 2, "nested comments");
}

TEST(Lexer, refuses_what_is_not_terminated) {
    expect_refused("SELECT 1 /* x", 9, "unterminated comment");
    expect_refused("SELECT 1 /*", 9, "unterminated comment");
    expect_refused("SELECT 'x", 7, "unterminated string");
    expect_refused("SELECT 'x''", 7, "unterminated string");
    expect_refused("SELECT \"x", 7, "unterminated quoted name");
    expect_refused("SELECT `x", 7, "unterminated quoted name");
    expect_refused("SELECT [x", 7, "unterminated quoted name");
}

TEST(Lexer, refuses_a_text_past_the_limit) {
    EXPECT_EQ(kinds_of(std::string(limits::bytes, ' ')), Kinds{});
    EXPECT_EQ(refusal_of(std::string(limits::bytes + 1, ' ')).code, ErrorCode::too_large);
}

TEST(Lexer, forgets_the_tokens_of_the_text_before) {
    std::vector<Token> tokens;
    ASSERT_TRUE(tokenize("a b c", tokens));
    ASSERT_TRUE(tokenize("d", tokens));
    EXPECT_EQ(tokens.size(), 2U);
}

TEST(Keyword, finds_every_keyword_by_its_own_name_in_any_case) {
    std::size_t of_sqlite = 0;
    std::size_t of_postgres = 0;
    for (std::size_t i = 1; i < keyword_count; ++i) {
        const auto keyword = static_cast<Keyword>(i);
        const std::string name(keyword_name(keyword));
        ASSERT_FALSE(name.empty()) << i;
        const std::string lower = ascii_lower(name);
        EXPECT_EQ(keyword_from(name), keyword) << name;
        EXPECT_EQ(keyword_from(lower), keyword) << name;
        EXPECT_EQ(keyword_from(lower + "x"), Keyword::none) << name;
        of_sqlite += sqlite_dialect().uses(keyword).keyword ? 1U : 0U;
        const KeywordUses& postgres = dialect_of(DialectId::postgres).uses(keyword);
        of_postgres += postgres.keyword && !(postgres.name && postgres.function) ? 1U : 0U;
    }
    EXPECT_EQ(of_sqlite, 147U);    // SQLite 3.40's keyword count
    EXPECT_EQ(of_postgres, 151U);  // pg_get_keywords() of PostgreSQL 15 but for category U
}

TEST(Keyword, knows_no_other_words) {
    for (const char* word : {"", "a", "selec", "selects", "ılike", "sele ct", "current_timestampx"}) {
        EXPECT_EQ(keyword_from(word), Keyword::none) << word;
    }
}

TEST(Keyword, separates_reserved_words_from_those_that_may_be_names) {
    for (const Keyword keyword :
         {Keyword::select, Keyword::from, Keyword::where, Keyword::union_, Keyword::join, Keyword::on,
          Keyword::null, Keyword::not_, Keyword::case_, Keyword::limit}) {
        EXPECT_FALSE(sqlite_dialect().uses(keyword).name) << keyword_name(keyword);
    }
    for (const Keyword keyword :
         {Keyword::key, Keyword::row, Keyword::replace, Keyword::like, Keyword::glob, Keyword::window,
          Keyword::over, Keyword::filter, Keyword::end, Keyword::with}) {
        EXPECT_TRUE(sqlite_dialect().uses(keyword).name) << keyword_name(keyword);
    }
    for (const Keyword keyword : {Keyword::left, Keyword::cross, Keyword::natural, Keyword::full,
                                  Keyword::outer, Keyword::inner, Keyword::right}) {
        EXPECT_TRUE(sqlite_dialect().uses(keyword).join) << keyword_name(keyword);
        EXPECT_FALSE(sqlite_dialect().uses(keyword).name) << keyword_name(keyword);
    }
}

}  // namespace lexer_test
}  // namespace majed::sql
