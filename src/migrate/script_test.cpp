// SPDX-License-Identifier: Apache-2.0
#include "migrate/script.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {
namespace script_test {

constexpr Dialect every_dialect[] = {Dialect::sqlite, Dialect::postgresql, Dialect::oracle};

using Texts = std::vector<std::string>;

Script split(Dialect dialect, std::string_view text) {
    auto script = split_script(dialect, text);
    EXPECT_TRUE(script) << text << ": " << script.error().message;
    return script ? std::move(*script) : Script{};
}

Texts cut(Dialect dialect, std::string_view text) {
    Texts texts;
    for (const ScriptStatement& statement : split(dialect, text).statements) texts.push_back(statement.text);
    return texts;
}

/// The place of the error; or a number no text here has.
std::size_t refused_at(Dialect dialect, std::string_view text) {
    const auto script = split_script(dialect, text);
    if (script || script.error().code != ErrorCode::parse_error || !script.error().offset) {
        ADD_FAILURE() << "not refused as it should be: " << text;
        return std::string::npos;
    }
    return *script.error().offset;
}

TEST(Script, refuses_a_byte_order_mark_inside_the_text) {
    for (const Dialect dialect : every_dialect) {
        EXPECT_EQ(refused_at(dialect, "SELECT 1;\n\xEF\xBB\xBFSELECT 2;"), 10U);
        EXPECT_EQ(cut(dialect, "SELECT '\xEF\xBB\xBF';").size(), 1U);
    }
}

TEST(Script, reads_a_long_run_of_signs_once) {
    // Quadratic, it would take minutes.
    const std::string run(400'000, '+');
    EXPECT_EQ(cut(Dialect::postgresql, "SELECT 1 " + run + " 2; SELECT 3").size(), 2U);
    EXPECT_EQ(cut(Dialect::postgresql, "SELECT 1 +-+- 2; SELECT 1 @-+ 2").size(), 2U);
}

TEST(Script, knows_what_only_sets_the_session) {
    const auto session_only = [](Dialect dialect, std::string_view text) {
        return split(dialect, text).statements.at(0).session_only;
    };
    for (const std::string_view text :
         {"PRAGMA foreign_keys = off", "pragma main.cache_size(9)", "PRAGMA \"recursive_triggers\"=1",
          "/* a */ PRAGMA /* b */ [foreign_keys] /* c */ = ON", "PRAGMA 'busy_timeout' = 1"}) {
        EXPECT_TRUE(session_only(Dialect::sqlite, text)) << text;
    }
    for (const std::string_view text :
         {"PRAGMA foreign_keys", "PRAGMA user_version = 7", "PRAGMA foreign_key_check(t)", "SELECT 1"}) {
        EXPECT_FALSE(session_only(Dialect::sqlite, text)) << text;
    }
    for (const std::string_view text :
         {"SET search_path = app", "set\nrole x", "SET/**/SESSION AUTHORIZATION x", "RESET ALL"}) {
        EXPECT_TRUE(session_only(Dialect::postgresql, text)) << text;
    }
    for (const std::string_view text :
         {"SET LOCAL search_path = app", "SET CONSTRAINTS ALL DEFERRED", "UPDATE t SET a = 1"}) {
        EXPECT_FALSE(session_only(Dialect::postgresql, text)) << text;
    }
    EXPECT_TRUE(session_only(Dialect::oracle, "ALTER SESSION SET CURRENT_SCHEMA = app"));
    EXPECT_FALSE(session_only(Dialect::oracle, "ALTER SYSTEM FLUSH SHARED_POOL"));
}

TEST(Script, ends_a_statement_at_a_semicolon_and_the_last_at_the_end) {
    for (const Dialect dialect : every_dialect) {
        EXPECT_EQ(cut(dialect, "CREATE TABLE a(x);INSERT INTO a VALUES (1) ;\n SELECT 1"),
                  (Texts{"CREATE TABLE a(x)", "INSERT INTO a VALUES (1)", "SELECT 1"}));
    }
}

TEST(Script, has_no_statement_in_comments_blanks_and_bare_semicolons) {
    for (const Dialect dialect : every_dialect) {
        EXPECT_EQ(cut(dialect, ""), Texts{});
        EXPECT_EQ(cut(dialect, " \n-- c\n/* d; */ ;; \r\n;"), Texts{});
    }
}

TEST(Script, gives_comments_to_the_statement_behind_them) {
    for (const Dialect dialect : every_dialect) {
        const Script script = split(dialect, "-- head; 'x\nSELECT 1; -- two\n\n/* 2 */ SELECT 2; -- last");
        ASSERT_EQ(script.statements.size(), 2U);
        EXPECT_EQ(script.statements[0].text, "-- head; 'x\nSELECT 1");
        EXPECT_EQ(script.statements[0].offset, 12U);
        EXPECT_EQ(script.statements[0].line, 2U);
        EXPECT_EQ(script.statements[1].text, "-- two\n\n/* 2 */ SELECT 2");
        EXPECT_EQ(script.statements[1].line, 4U);
    }
}

TEST(Script, does_not_cut_texts_and_names) {
    for (const Dialect dialect : every_dialect) {
        EXPECT_EQ(cut(dialect, R"(SELECT 'a;''b;', "c;""d"; SELECT 2)"),
                  (Texts{R"(SELECT 'a;''b;', "c;""d")", "SELECT 2"}));
    }
    EXPECT_EQ(cut(Dialect::sqlite, "SELECT `a;``b`, [c;'\"]; SELECT x';'"),
              (Texts{"SELECT `a;``b`, [c;'\"]", "SELECT x';'"}));
}

TEST(Script, is_refused_where_what_does_not_end_begins) {
    for (const Dialect dialect : every_dialect) {
        EXPECT_EQ(refused_at(dialect, "SELECT 1; SELECT 'a;"), 17U);
        EXPECT_EQ(refused_at(dialect, "SELECT \"a;"), 7U);
        EXPECT_EQ(refused_at(dialect, "SELECT 1 /* ;"), 9U);
        EXPECT_EQ(refused_at(dialect, "SELECT 1; /* ;"), 10U);
        EXPECT_EQ(refused_at(dialect, "SELECT (1 + (2)"), 7U);
        EXPECT_EQ(refused_at(dialect, std::string_view("SELECT \0 1", 10)), 7U);
    }
    EXPECT_EQ(refused_at(Dialect::postgresql, "SELECT $a$ $b$"), 7U);
    EXPECT_EQ(refused_at(Dialect::postgresql, "/* /* */ SELECT 1"), 0U);
    EXPECT_EQ(refused_at(Dialect::oracle, "SELECT q'[ ]"), 7U);
    EXPECT_EQ(refused_at(Dialect::sqlite, "SELECT [a"), 7U);
}

TEST(ScriptOfSqlite, keeps_a_trigger_whole) {
    const std::string trigger =
        "CREATE TEMP /* ; */ TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; "
        "UPDATE a SET x = 1; END";
    EXPECT_EQ(cut(Dialect::sqlite, trigger + "; SELECT 1;"), (Texts{trigger, "SELECT 1"}));
    EXPECT_EQ(cut(Dialect::sqlite, trigger), Texts{trigger});
    EXPECT_EQ(cut(Dialect::sqlite, "EXPLAIN QUERY PLAN " + trigger + ";SELECT 1"),
              (Texts{"EXPLAIN QUERY PLAN " + trigger, "SELECT 1"}));
    EXPECT_EQ(refused_at(Dialect::sqlite, "SELECT 1; CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;"),
              10U);
}

TEST(ScriptOfSqlite, takes_a_table_called_begin_for_a_name) {
    const std::string trigger = "CREATE TRIGGER t DELETE ON begin BEGIN DELETE FROM a; END";
    EXPECT_EQ(cut(Dialect::sqlite, trigger + "; SELECT 1;"), (Texts{trigger, "SELECT 1"}));
}

TEST(ScriptOfSqlite, keeps_a_block_inside_a_trigger_whole_for_the_engine_to_refuse) {
    const std::string trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN BEGIN SELECT 1; END; END";
    EXPECT_EQ(cut(Dialect::sqlite, trigger + "; SELECT 1;"), (Texts{trigger, "SELECT 1"}));
}

TEST(ScriptOfPostgresql, knows_dollar_quotes_from_parameters_and_names) {
    const auto pg = Dialect::postgresql;
    EXPECT_EQ(cut(pg, "DO $$ a; $b$ ; $$; SELECT $1; SELECT 2"),
              (Texts{"DO $$ a; $b$ ; $$", "SELECT $1", "SELECT 2"}));
    EXPECT_EQ(cut(pg, "SELECT a$b$; SELECT c$b$;"), (Texts{"SELECT a$b$", "SELECT c$b$"}));
    EXPECT_EQ(cut(pg, "SELECT $1$a$; $a$; SELECT 1$a$;$a$"), (Texts{"SELECT $1$a$; $a$", "SELECT 1$a$;$a$"}));
}

TEST(ScriptOfPostgresql, knows_backslashes_in_escape_texts_only) {
    const auto pg = Dialect::postgresql;
    EXPECT_EQ(cut(pg, R"(SELECT '\'; SELECT E'\';'; SELECT e'a''\\'; SELECT U&'\'; SELECT xe'\')"),
              (Texts{R"(SELECT '\')", R"(SELECT E'\';')", R"(SELECT e'a''\\')", R"(SELECT U&'\')",
                     R"(SELECT xe'\')"}));
    EXPECT_EQ(cut(pg, "SELECT E'a' -- c\n '\\';'; SELECT E'a' '\\'"),
              (Texts{"SELECT E'a' -- c\n '\\';'", "SELECT E'a' '\\'"}));
}

TEST(ScriptOfPostgresql, cuts_neither_in_parentheses_nor_in_an_atomic_body) {
    const auto pg = Dialect::postgresql;
    const std::string rule = "CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2)";
    const std::string function =
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END AS end; "
        "SELECT 2; END";
    EXPECT_EQ(cut(pg, rule + ";" + function + ";BEGIN;SELECT 1"),
              (Texts{rule, function, "BEGIN", "SELECT 1"}));
    EXPECT_EQ(refused_at(pg, "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;"), 20U);
}

TEST(ScriptOfPostgresql, nests_comments_and_ends_operators_at_them) {
    EXPECT_EQ(cut(Dialect::postgresql, "SELECT 1 /* /* ; */ ; */ +-- ;\n 2; SELECT 3 */*;*/ 4"),
              (Texts{"SELECT 1 /* /* ; */ ; */ +-- ;\n 2", "SELECT 3 */*;*/ 4"}));
}

TEST(ScriptOfPostgresql, takes_the_rows_of_copy) {
    const Script script =
        split(Dialect::postgresql,
              "COPY \"stdin\" (a, b) FROM STDIN WITH (FORMAT csv); -- rows\n1;'\n\\x\n\\.\n"
              "COPY a FROM stdin;\n\\.\nSELECT $$COPY a FROM STDIN;$$; COPY a FROM 'stdin'");
    ASSERT_EQ(script.statements.size(), 4U);
    EXPECT_TRUE(script.statements[0].copies_rows);
    EXPECT_EQ(script.statements[0].text, "COPY \"stdin\" (a, b) FROM STDIN WITH (FORMAT csv)");
    EXPECT_EQ(script.statements[0].copy_rows, "1;'\n\\x\n");
    EXPECT_TRUE(script.statements[1].copies_rows);
    EXPECT_EQ(script.statements[1].copy_rows, "");
    EXPECT_EQ(script.statements[1].line, 5U);
    EXPECT_FALSE(script.statements[2].copies_rows);
    EXPECT_FALSE(script.statements[3].copies_rows);
    EXPECT_EQ(script.statements[3].line, 7U);
}

TEST(ScriptOfPostgresql, refuses_a_copy_whose_rows_do_not_end_or_begin_too_early) {
    EXPECT_EQ(refused_at(Dialect::postgresql, "SELECT 1;\nCOPY a FROM STDIN;\n1\n"), 10U);
    EXPECT_EQ(refused_at(Dialect::postgresql, "COPY a FROM STDIN"), 0U);
    EXPECT_EQ(refused_at(Dialect::postgresql, "COPY a FROM STDIN; SELECT 1;\n\\.\n"), 19U);
}

TEST(ScriptOfOracle, ends_plsql_with_a_slash_alone_and_sql_with_a_semicolon) {
    EXPECT_EQ(
        cut(Dialect::oracle,
            "CREATE OR REPLACE EDITIONABLE PROCEDURE p IS BEGIN NULL; END;\n / \r\nSELECT 4\n/2 FROM dual;\n"
            "BEGIN p; END;\n/\nDROP TABLE a\n/\n<<l>> DECLARE x INT; BEGIN NULL; END;\n"),
        (Texts{"CREATE OR REPLACE EDITIONABLE PROCEDURE p IS BEGIN NULL; END;", "SELECT 4\n/2 FROM dual",
               "BEGIN p; END;", "DROP TABLE a", "<<l>> DECLARE x INT; BEGIN NULL; END;"}));
}

TEST(ScriptOfOracle, keeps_units_with_unbalanced_blocks_whole) {
    const std::string body = "CREATE PACKAGE BODY a.b AS\n PROCEDURE p IS BEGIN NULL; END;\nEND;";
    const std::string type = "CREATE TYPE t AS OBJECT (a NUMBER)";
    EXPECT_EQ(cut(Dialect::oracle, body + "\n/\n" + type + "\n/\n"), (Texts{body, type}));
}

TEST(ScriptOfOracle, drops_the_semicolon_of_sql_with_functions_in_it) {
    const std::string with = "WITH FUNCTION f RETURN INT IS BEGIN RETURN 1; END; SELECT f FROM dual";
    EXPECT_EQ(cut(Dialect::oracle, with + ";\n/\nCREATE VIEW v AS " + with + "\n/\nSELECT 1 FROM dual;"),
              (Texts{with, "CREATE VIEW v AS " + with, "SELECT 1 FROM dual"}));
}

TEST(ScriptOfOracle, takes_java_and_wrapped_units_as_they_are) {
    const std::string java =
        "CREATE OR REPLACE AND RESOLVE JAVA SOURCE NAMED \"A\" AS\nclass A { // don't; /*\n char c = '\\''; "
        "}";
    const std::string wrapped = "CREATE OR REPLACE PROCEDURE s.p wrapped\na000000\nb2\n/*'+x//=\n";
    EXPECT_EQ(cut(Dialect::oracle, java + "\n/\n" + wrapped + "/\nSELECT 1 FROM dual"),
              (Texts{java, wrapped.substr(0, wrapped.size() - 1), "SELECT 1 FROM dual"}));
}

TEST(ScriptOfOracle, knows_its_own_quotes) {
    EXPECT_EQ(cut(Dialect::oracle,
                  "SELECT q'[a';]', Nq'!;''!', q'\xC3\xA9;'\xC3\xA9', n';', freq';' FROM a; SELECT 2 FROM b"),
              (Texts{"SELECT q'[a';]', Nq'!;''!', q'\xC3\xA9;'\xC3\xA9', n';', freq';' FROM a",
                     "SELECT 2 FROM b"}));
}

TEST(ScriptOfOracle, refuses_a_slash_that_would_run_a_statement_again) {
    EXPECT_EQ(refused_at(Dialect::oracle, "DROP TABLE a;\n/\n"), 14U);
    EXPECT_EQ(refused_at(Dialect::oracle, "BEGIN NULL; END;\n/\n/\n"), 19U);
    EXPECT_EQ(refused_at(Dialect::oracle, "/"), 0U);
    EXPECT_EQ(refused_at(Dialect::oracle, "SELECT (1\n/\n2) FROM a;"), 7U);
    EXPECT_EQ(refused_at(Dialect::oracle, "SELECT 1 FROM a; BEGIN NULL"), 17U);
}

TEST(Script, loses_nothing_behind_a_comment_beside_a_copy) {
    EXPECT_EQ(refused_at(Dialect::postgresql, "COPY a FROM STDIN; -- rows\rDROP TABLE a;\n1\n\\.\n"), 27U);
    EXPECT_EQ(
        split(Dialect::postgresql, "COPY a FROM STDIN; -- rows\r--\r\n1\n\\.\n").statements[0].copy_rows,
        "1\n");
}

TEST(Script, refuses_commands_of_client_programs_with_a_hint) {
    const std::vector<std::pair<Dialect, std::string_view>> commands{
        {Dialect::sqlite, ".read other.sql"},
        {Dialect::postgresql, "\\d it's"},
        {Dialect::postgresql, "SELECT 1 \\gset"},
        {Dialect::oracle, "SET ECHO ON"},
        {Dialect::oracle, "PROMPT it's"},
        {Dialect::oracle, "@file"},
        {Dialect::oracle, "@@file"},
        {Dialect::oracle, "SPOOL a.log"},
        {Dialect::oracle, "whenever sqlerror exit"},
        {Dialect::oracle, "EXEC p"},
        {Dialect::oracle, "SHOW ERRORS"},
        {Dialect::oracle, "DEFINE a = 1"},
        {Dialect::oracle, "REM it's"},
        {Dialect::oracle, "! ls"}};
    for (const auto& [dialect, text] : commands) {
        const auto script = split_script(dialect, "-- c\n" + std::string(text));
        ASSERT_FALSE(script) << text;
        EXPECT_EQ(script.error().code, ErrorCode::parse_error);
        EXPECT_GE(*script.error().offset, 5U);
        EXPECT_FALSE(script.error().hint.empty()) << text;
    }
    for (const std::string_view sql :
         {"SET TRANSACTION READ ONLY", "set role none", "SET CONSTRAINTS ALL DEFERRED"}) {
        EXPECT_EQ(cut(Dialect::oracle, sql), Texts{std::string(sql)});
    }
}

std::string digest(Dialect dialect, std::string_view text) {
    return split(dialect, text).tokens_digest;
}

TEST(ScriptDigest, leaves_out_comments_blanks_case_and_line_ends) {
    for (const Dialect dialect : every_dialect) {
        const std::string first = digest(dialect, "SELECT a+1,'x\ny' FROM \"T\";SELECT 2");
        EXPECT_EQ(first.size(), 64U);
        EXPECT_EQ(digest(dialect, "-- c\r\nselect A + 1, 'x\r\ny' /* d */ from \"T\" ;\r\n\r\nSelect 2;\n"),
                  first);
    }
}

TEST(ScriptDigest, leaves_out_the_line_end_of_a_hint) {
    EXPECT_EQ(digest(Dialect::oracle, "SELECT --+ full(a)\r\n 1 FROM a;\r\n"),
              digest(Dialect::oracle, "SELECT --+ full(a)\n 1 FROM a;\n"));
    EXPECT_EQ(cut(Dialect::oracle, "SELECT 1 FROM a --+ b\r\r\n;"), Texts{"SELECT 1 FROM a --+ b"});
}

TEST(ScriptDigest, differs_when_tokens_do) {
    for (const Dialect dialect : every_dialect) {
        const std::string first = digest(dialect, "SELECT a, 'x' FROM t; SELECT 1.5");
        for (const std::string_view other :
             {"SELECT a, 'X' FROM t; SELECT 1.5", "SELECT \"a\", 'x' FROM t; SELECT 1.5",
              "SELECT a, 'x' FROM t", "SELECT a 'x' FROM t; SELECT 1.5", "SELECT a, 'x' FROM t; SELECT 1 .5",
              "SELECT 1.5; SELECT a, 'x' FROM t", "SELECT a, ' x' FROM t; SELECT 1.5",
              "SELECT a, 'x' FROM t SELECT 1.5"}) {
            EXPECT_NE(digest(dialect, other), first) << other;
        }
    }
    EXPECT_NE(digest(Dialect::oracle, "SELECT /*+ full(a) */ 1 FROM a"),
              digest(Dialect::oracle, "SELECT 1 FROM a"));
    EXPECT_NE(digest(Dialect::postgresql, "SELECT E'a'"), digest(Dialect::postgresql, "SELECT E 'a'"));
    EXPECT_NE(digest(Dialect::postgresql, "COPY a FROM STDIN;\n1\n\\.\n"),
              digest(Dialect::postgresql, "COPY a FROM STDIN;\n2\n\\.\n"));
}

}  // namespace script_test
}  // namespace majed::migrate
