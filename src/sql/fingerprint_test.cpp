// SPDX-License-Identifier: Apache-2.0
#include "sql/fingerprint.h"

#include "sql/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace majed::sql {
namespace fingerprint_test {

std::string normal(std::string_view text) {
    std::vector<Token> tokens;
    static_cast<void>(tokenize(text, tokens));
    return normalized(tokens, text);
}

std::uint64_t print_of(std::string_view text) {
    std::vector<Token> tokens;
    static_cast<void>(tokenize(text, tokens));
    return fingerprint(tokens, text);
}

TEST(Normalized, folds_lists_and_rows_of_values) {
    EXPECT_EQ(normal("SELECT a FROM t WHERE b IN (-1, 2, + 3, ?)"), "select a from t where b in (?)");
    EXPECT_EQ(normal("INSERT INTO t VALUES (1, 'x'), (2, NULL), (-3, DEFAULT)"), "insert into t values (?)");
    EXPECT_EQ(normal("SELECT 1 FROM t WHERE (a, b) IN ((1, 2), (3, 4))"),
              "select ? from t where (a, b) in ((?))");
    EXPECT_EQ(normal("VALUES (1), (a)"), "values (?), (a)");
    EXPECT_EQ(normal("SELECT a - 1, -a, b = -1 FROM t LIMIT -1"), "select a - ?, - a, b = ? from t limit ?");
    EXPECT_EQ(print_of("VALUES (1,2),(3,4)"), print_of("values ( ?, 9 )"));
    EXPECT_EQ(print_of("SELECT 1 WHERE a = -5"), print_of("SELECT 2 WHERE a = 7"));
    EXPECT_NE(print_of("SELECT a - 1 FROM t"), print_of("SELECT a FROM t"));
}

TEST(Normalized, of_a_refused_statement_has_no_value_in_quotes_of_other_engines) {
    const auto refused = [](std::string_view text) {
        std::vector<Token> tokens;
        static_cast<void>(tokenize(text, tokens));
        return normalized_refused(tokens, text);
    };
    EXPECT_EQ(refused("SELECT \xE2\x80\x98topsecret\xE2\x80\x99 FROM t"), "select ? from t");
    EXPECT_EQ(refused("SELECT \xE2\x80\x9Ctop secret word\xE2\x80\x9D FROM t"), "select ? ? ? from t");
    EXPECT_EQ(refused("SELECT $$top secret$$ FROM t"), "select ? ? from t");
    EXPECT_EQ(refused("SELECT a FROM t WHERE b = \xE2\x80\x98top secret"), "select a from t where b = ? ?");
    EXPECT_EQ(refused("SELECT A FROM \"T\""), normal("SELECT A FROM \"T\""));
    EXPECT_FALSE(holds_foreign_quote("there is no column \xC3\xBC.$x"));
}

TEST(Normalized, keeps_no_secret_of_a_utility_statement) {
    for (const std::string_view text : {
             "CREATE USER u IDENTIFIED BY tiger",
             "create user u identified by \"tiger\"",
             "ALTER USER u IDENTIFIED BY tiger REPLACE tiger",
             "ALTER USER u IDENTIFIED BY x REPLACE \"tiger\"",
             "GRANT CONNECT TO a, b IDENTIFIED BY x, tiger",
             "ALTER USER u IDENTIFIED BY tiger ACCOUNT UNLOCK",
             "CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY tiger USING 'db'",
             "CREATE USER u IDENTIFIED BY a.tiger",
             "CREATE USER u IDENTIFIED BY tiger@x/tiger",
             "SELECT 1; ALTER USER u IDENTIFIED BY tiger",
             "SELECT IDENTIFIED BY tiger",
             "CREATE ROLE r PASSWORD 'tiger'",
             "CREATE ROLE r ENCRYPTED PASSWORD 'tiger'",
             "CREATE ROLE r ENCRYPTED PASSWORD tiger",
             "CREATE ROLE r PASSWORD \"tiger\"",
             "SET PASSWORD FOR u = tiger",
             "SET PASSWORD = tiger",
             "ALTER ROLE r SET db_password TO tiger",
             "CREATE SUBSCRIPTION s CONNECTION 'password=tiger' PUBLICATION p",
             "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'bob', password 'tiger')",
             "CREATE SECRET s (TYPE s3, SECRET tiger)",
             "PRAGMA key = tiger",
             "PRAGMA hexkey = 'tiger'",
             "ATTACH 'x' AS y KEY 'tiger'",
             "CONNECT scott/tiger",
             "SELECT 'tiger",
             "ALTER USER u IDENTIFIED BY tiger#1",
         }) {
        EXPECT_EQ(normal(text).find("tiger"), std::string::npos) << text << " -> " << normal(text);
    }
    EXPECT_EQ(normal("CREATE USER u IDENTIFIED BY tiger ACCOUNT LOCK"),
              "create user u identified by ? account lock");
    EXPECT_EQ(print_of("CREATE USER u IDENTIFIED BY tiger"),
              print_of("CREATE USER u IDENTIFIED BY \"lion\""));
}

TEST(Normalized, shows_columns_whatever_they_are_called) {
    EXPECT_EQ(normal("SELECT password, secret FROM users WHERE token = key"),
              "select password, secret from users where token = key");
    EXPECT_EQ(normal("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)"),
              "create table t(id integer primary key, name text)");
}

TEST(Normalized, keeps_nothing_that_could_not_be_lexed) {
    EXPECT_EQ(normal("SELECT name FROM t WHERE x = 'open"), "");
    EXPECT_EQ(normal("SELECT /* open"), "");
    EXPECT_EQ(print_of("SELECT 'a"), print_of("DELETE 'b"));
}

}  // namespace fingerprint_test
}  // namespace majed::sql
