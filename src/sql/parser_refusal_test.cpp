// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace majed::sql {
namespace parser_refusal_test {

Error refusal_of(const std::string& text) {
    Parser parser;
    const auto select = parser.parse(text);
    EXPECT_FALSE(select) << text;
    return select ? Error{} : select.error();
}

void expect_refused(const std::string& text, std::size_t offset, std::string_view message) {
    const Error error = refusal_of(text);
    EXPECT_EQ(error.code, ErrorCode::parse_error) << text;
    EXPECT_EQ(error.offset, offset) << text << ": " << error.message;
    EXPECT_EQ(error.message, message) << text;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(Refusal, is_recorded_without_the_value_it_quotes) {
    for (const auto& [text, recorded] :
         {std::pair<std::string, std::string>{"SELECT 'a' b 'topsecret'", "unexpected a value; expected "},
          {"SELECT 'a' AS b topsecret", "unexpected a name; expected "},
          {"SELECT 'a' b $$topsecret$$", "unexpected a value; expected "},
          {"'topsecret' SELECT 1", "a statement cannot begin with a value"},
          {"SELECT 1 FROM WHERE", "unexpected \"WHERE\"; expected "}}) {
        const Error error = refusal_of(text);
        EXPECT_EQ(error.recorded.substr(0, recorded.size()), recorded) << text;
        EXPECT_EQ(error.recorded.find("topsecret"), std::string::npos) << text;
        EXPECT_EQ(error.message.find("topsecret") != std::string::npos,
                  text.find("topsecret") != std::string::npos)
            << text;
    }
}

StatementClass class_of(const std::string& text) {
    Parser parser;
    static_cast<void>(parser.parse(text));
    return parser.statement_class();
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    out.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
}

TEST(Refusal, says_where_and_what_stands_there) {
    expect_refused("SELECT FROM t", 7, "unexpected \"FROM\"; expected DISTINCT, ALL, \"*\" or an expression");
    const Error error = refusal_of("SELECT a FROM t GROUP a");
    EXPECT_EQ(error.offset, 22U);
    EXPECT_EQ(error.message, "unexpected \"a\"; expected BY");
}

TEST(Refusal, names_what_could_have_stood_there) {
    const Error error = refusal_of("SELECT (1 FROM t");
    EXPECT_EQ(error.offset, 10U);
    EXPECT_TRUE(contains(error.message, "unexpected \"FROM\"")) << error.message;
    EXPECT_TRUE(contains(error.message, "\")\"")) << error.message;
    EXPECT_TRUE(contains(refusal_of("SELECT a FROM").message, "a table name"));
    EXPECT_TRUE(contains(refusal_of("SELECT CASE WHEN 1 THEN 2").message, "END"));
    EXPECT_TRUE(contains(refusal_of("SELECT a NOT b").message, "LIKE"));
    EXPECT_TRUE(contains(refusal_of("SELECT CAST(a)").message, "AS"));
    EXPECT_TRUE(contains(refusal_of("WITH a (SELECT 1) SELECT 1").message, "a column name"));
}

TEST(Refusal, says_when_the_statement_ends_too_soon) {
    for (const char* text :
         {"SELECT", "SELECT 1 +", "SELECT (", "SELECT a FROM t WHERE", "WITH a AS (SELECT 1)"}) {
        const Error error = refusal_of(text);
        EXPECT_EQ(error.offset, std::string_view(text).size()) << text;
        EXPECT_TRUE(contains(error.message, "unexpected the end of the statement")) << error.message;
    }
}

TEST(Refusal, of_an_empty_statement_says_so) {
    for (const char* text : {"", "  ", "-- nothing", "/* */"})
        expect_refused(text, 0, "the statement is empty");
    EXPECT_EQ(refusal_of(";").code, ErrorCode::parse_error);
}

TEST(Refusal, shows_long_tokens_cut_at_a_character) {
    const Error error = refusal_of("SELECT 1 FROM t " + std::string(40, 'x') + " y");
    EXPECT_EQ(error.offset, 57U);
    const Error cut = refusal_of("SELECT 1 2" + repeated("ü", 1) + " '" + repeated("ü", 40) + "'");
    EXPECT_EQ(cut.code, ErrorCode::parse_error);
    const Error shown = refusal_of("SELECT 1 a '" + repeated("ü", 40) + "'");
    EXPECT_TRUE(contains(shown.message, "\"'" + repeated("ü", 15) + "...\"")) << shown.message;
}

TEST(Refusal, of_a_second_statement_names_its_place) {
    expect_refused("SELECT 1; SELECT 2", 10, "only one statement may be sent at a time");
    expect_refused("SELECT 1;; DROP TABLE t", 11, "only one statement may be sent at a time");
    Parser parser;
    EXPECT_TRUE(parser.parse("SELECT 1;;; -- done"));
}

TEST(Refusal, of_other_classes_names_the_class) {
    const Error error = refusal_of("  DELETE FROM t");
    EXPECT_EQ(error.code, ErrorCode::denied);
    EXPECT_EQ(error.offset, 2U);
    EXPECT_EQ(error.message, "statements of class write are not allowed: only queries may be run");
    EXPECT_EQ(refusal_of("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a").code, ErrorCode::denied);
    EXPECT_EQ(refusal_of("EXPLAIN SELECT 1").code, ErrorCode::denied);
    EXPECT_EQ(refusal_of("EXPLAIN QUERY PLAN SELECT 1").code, ErrorCode::denied);
}

TEST(Refusal, of_an_unknown_statement_says_how_to_begin) {
    const Error error = refusal_of("(SELECT 1)");
    EXPECT_EQ(error.code, ErrorCode::parse_error);
    EXPECT_EQ(error.offset, 0U);
    EXPECT_EQ(error.hint, "Begin with SELECT, VALUES or WITH.");
    EXPECT_EQ(refusal_of("COPY t FROM x").message, "a statement cannot begin with \"COPY\"");
}

TEST(Refusal, of_raise_says_where_it_belongs) {
    EXPECT_EQ(refusal_of("SELECT RAISE(ABORT, 'x')").message, "RAISE is for triggers only");
}

TEST(StatementClass, is_told_from_the_first_word) {
    EXPECT_EQ(class_of("SELECT 1"), StatementClass::read);
    EXPECT_EQ(class_of("VALUES (1)"), StatementClass::read);
    for (const char* text :
         {"INSERT INTO t VALUES (1)", "REPLACE INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t"}) {
        EXPECT_EQ(class_of(text), StatementClass::write) << text;
    }
    for (const char* text : {"CREATE TABLE t(a)", "DROP TABLE t", "ALTER TABLE t RENAME TO u", "REINDEX"}) {
        EXPECT_EQ(class_of(text), StatementClass::ddl) << text;
    }
    for (const char* text : {"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT s", "RELEASE s"}) {
        EXPECT_EQ(class_of(text), StatementClass::transaction) << text;
    }
    for (const char* text : {"PRAGMA user_version", "ATTACH 'x' AS y", "DETACH y"}) {
        EXPECT_EQ(class_of(text), StatementClass::session) << text;
    }
    EXPECT_EQ(class_of("VACUUM"), StatementClass::maintenance);
    EXPECT_EQ(class_of("ANALYZE"), StatementClass::maintenance);
    EXPECT_EQ(class_of("EXPLAIN DELETE FROM t"), StatementClass::explain);
    EXPECT_EQ(class_of("GRANT ALL"), StatementClass::unknown);
    EXPECT_EQ(class_of("'"), StatementClass::unknown);
    EXPECT_EQ(class_of(""), StatementClass::unknown);
}

TEST(StatementClass, of_a_with_is_that_of_the_verb_behind_its_tables) {
    EXPECT_EQ(class_of("WITH a AS (SELECT 1) SELECT 1"), StatementClass::read);
    EXPECT_EQ(class_of("WITH a AS (DELETE FROM t) VALUES (1)"), StatementClass::read);
    EXPECT_EQ(class_of("WITH a AS (SELECT 1) INSERT INTO t SELECT 1"), StatementClass::write);
    EXPECT_EQ(class_of("WITH a AS (SELECT 1) UPDATE t SET a = 1"), StatementClass::write);
    EXPECT_EQ(class_of("WITH a AS (SELECT 1) DELETE FROM t"), StatementClass::write);
    EXPECT_EQ(class_of("WITH a AS (SELECT 1) REPLACE INTO t SELECT 1"), StatementClass::write);
}

TEST(Budget, stops_deep_nesting) {
    for (const auto& [open, close] : {std::pair{"(", ")"},
                                      {"- ", ""},
                                      {"NOT ", ""},
                                      {"(SELECT ", ")"},
                                      {"CASE WHEN ", " THEN 1 END"},
                                      {"abs(", ")"},
                                      {"1 IN (", ")"}}) {
        const std::string text = "SELECT " + repeated(open, 5000) + "1" + repeated(close, 5000);
        const Error error = refusal_of(text);
        EXPECT_EQ(error.code, ErrorCode::too_large) << open;
        EXPECT_TRUE(error.offset) << open;
    }
    EXPECT_EQ(refusal_of("SELECT 1 FROM " + repeated("(", 5000) + "t" + repeated(")", 5000)).code,
              ErrorCode::too_large);
}

TEST(Budget, allows_moderate_nesting) {
    Parser parser;
    EXPECT_TRUE(parser.parse("SELECT " + repeated("(", 150) + "1" + repeated(")", 150)));
}

TEST(Budget, holds_the_height_of_chains_to_what_sqlite_allows) {
    Parser parser;
    const std::string allowed = "SELECT 1" + repeated(" AND 1", limits::expression_height - 1);
    EXPECT_TRUE(parser.parse(allowed));
    const Error error = refusal_of("SELECT 1" + repeated(" AND 1", limits::expression_height));
    EXPECT_EQ(error.code, ErrorCode::too_large);
    EXPECT_TRUE(error.offset);
}

TEST(Budget, allows_500_union_terms_and_no_more) {
    Parser parser;
    const std::string allowed = "SELECT 1" + repeated(" UNION SELECT 1", limits::compound_cores - 1);
    EXPECT_TRUE(parser.parse(allowed));
    EXPECT_EQ(refusal_of(allowed + " UNION SELECT 1").code, ErrorCode::too_large);
}

TEST(Budget, stops_statements_of_too_many_nodes) {
    const Error error = refusal_of("SELECT 1 IN (1" + repeated(",1", limits::nodes) + ")");
    EXPECT_EQ(error.code, ErrorCode::too_large);
    EXPECT_TRUE(error.offset);
}

TEST(Budget, stops_from_clauses_of_too_many_tables) {
    Parser parser;
    EXPECT_TRUE(parser.parse("SELECT 1 FROM t" + repeated(", t", limits::from_items - 1)));
    EXPECT_EQ(refusal_of("SELECT 1 FROM t" + repeated(", t", limits::from_items)).code, ErrorCode::too_large);
}

TEST(Budget, is_not_touched_by_long_flat_lists) {
    Parser parser;
    EXPECT_TRUE(parser.parse("SELECT 1 IN (1" + repeated(",1", 25'000) + ")"));
}

}  // namespace parser_refusal_test
}  // namespace majed::sql
