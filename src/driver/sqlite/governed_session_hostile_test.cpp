// SPDX-License-Identifier: Apache-2.0
//
// What the engine itself refuses when the parser before it is taken to have missed everything: every
// statement here claims to be authorized for the guard views of employees and departments, with whatever
// local names help it.
#include "driver/sqlite/governed_session_fixture.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace majed::driver::sqlite {
namespace {

const Attributes in_europe{{"regions", {"EU"}}, {"region", {"EU"}}};

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class HostileTest : public testing::Test {
protected:
    Result<std::vector<std::vector<Value>>> run(const std::string& sql,
                                                std::vector<std::string> locals = {}) {
        CollectedRows sink;
        const auto statement =
            authorized(Claim{sql, {"mvq7f3_employees", "mvq7f3_departments"}, std::move(locals)});
        const RunLimits limits{.deadline = deadline_after(std::chrono::seconds(20))};
        auto summary = session_->run(statement, {}, in_europe, limits, sink);
        if (!summary) {
            return summary.error();
        }
        return std::move(sink.rows);
    }

    void expect_refused(const std::string& sql, std::vector<std::string> locals = {}) {
        auto rows = run(sql, std::move(locals));
        ASSERT_FALSE(rows) << sql;
        const Error& error = rows.error();
        EXPECT_TRUE(error.code == ErrorCode::denied || error.code == ErrorCode::invalid_argument)
            << sql << ": " << traits(error.code).name << ": " << error.message;
        EXPECT_EQ(error.message.find("mvq7f3"), std::string::npos) << sql << ": " << error.message;
        EXPECT_EQ(error.message.find("LEAK"), std::string::npos) << sql << ": " << error.message;
        EXPECT_TRUE(session_->reusable()) << sql;
    }

    void expect_all_refused(const std::vector<std::string>& statements,
                            const std::vector<std::string>& locals = {}) {
        for (const std::string& sql : statements) {
            expect_refused(sql, locals);
        }
    }

    GuardedSource source_;
    std::unique_ptr<GovernedSession> session_ = source_.open();
};

TEST_F(HostileTest, no_spelling_of_a_table_reaches_it) {
    expect_all_refused(
        {"SELECT * FROM employees", "SELECT * FROM Employees", "SELECT count(*) FROM blocked",
         "SELECT 1 FROM \"blocked\"", "SELECT * FROM [employees]", "SELECT * FROM `employees`",
         "SELECT * FROM main.employees", "SELECT * FROM MAIN.\"employees\"", "SELECT * FROM temp.employees",
         "SELECT * FROM 'main'.'employees'", "SELECT * FROM everyone", "SELECT * FROM \"odd \"\"name\"",
         "SELECT * FROM other.employees", "SELECT EXISTS (SELECT 1 FROM blocked)",
         "SELECT (SELECT secret FROM employees)", "VALUES((SELECT max(secret) FROM blocked))"});
}

TEST_F(HostileTest, even_the_true_schema_name_reaches_no_column_of_a_table) {
    expect_all_refused({"SELECT secret FROM mvq7f3_base.employees", "SELECT rowid FROM mvq7f3_base.employees",
                        "SELECT _rowid_ FROM mvq7f3_base.blocked", "SELECT * FROM mvq7f3_base.departments",
                        "SELECT count(*) FROM mvq7f3_base.blocked", "SELECT 1 FROM mvq7f3_base.notes_content",
                        "SELECT secret FROM mvq7f3_base.employees INDEXED BY employees_secret",
                        "SELECT sql FROM mvq7f3_base.sqlite_schema",
                        "SELECT max(id) FROM mvq7f3_base.employees"});
}

TEST_F(HostileTest, a_common_table_expression_named_like_a_table_opens_nothing) {
    expect_all_refused({"WITH employees AS (SELECT * FROM mvq7f3_base.employees) SELECT * FROM employees",
                        "WITH employees AS (SELECT * FROM main.employees) SELECT * FROM employees",
                        "WITH x AS (SELECT * FROM employees) SELECT * FROM x",
                        "WITH blocked AS (SELECT * FROM temp.blocked) SELECT count(*) FROM blocked",
                        "SELECT * FROM (SELECT * FROM mvq7f3_base.blocked) AS blocked",
                        "WITH RECURSIVE employees(a,b,c,d,e,f) AS (SELECT * FROM mvq7f3_base.employees UNION"
                        " SELECT * FROM employees) SELECT * FROM employees"},
                       {"employees", "x", "blocked"});
}

TEST_F(HostileTest, columns_merged_by_using_and_natural_read_no_hidden_table) {
    // The authorizer is never asked about these columns; names and the program audit must hold.
    expect_all_refused(
        {"SELECT count(*) FROM (SELECT 'LEAK blocked' AS secret) JOIN blocked USING(secret)",
         "SELECT count(*) FROM (SELECT 'LEAK blocked' AS secret) JOIN mvq7f3_base.blocked USING(secret)",
         "SELECT secret FROM (SELECT 'LEAK blocked' AS secret) NATURAL JOIN mvq7f3_base.blocked",
         "SELECT count(*) FROM (SELECT 'blocked' AS tbl) JOIN sqlite_stat1 USING(tbl)",
         "SELECT count(*) FROM (SELECT 'blocked' AS name) JOIN sqlite_schema USING(name)",
         "SELECT count(*) FROM (SELECT 'blocked' AS name) JOIN mvq7f3_base.sqlite_schema USING(name)",
         "SELECT count(*) FROM (SELECT 'blocked' AS name) JOIN temp.sqlite_schema USING(name)",
         "SELECT count(*) FROM (SELECT 'LEAK note' AS c0) JOIN notes_content USING(c0)",
         "SELECT count(*) FROM (SELECT 'LEAK note' AS c0) JOIN mvq7f3_base.notes_content USING(c0)",
         "SELECT count(*) FROM (SELECT 'blocked' AS name) JOIN pragma_table_list USING(name)"});
}

TEST_F(HostileTest, the_catalogue_and_other_virtual_tables_stay_closed) {
    expect_all_refused({"SELECT * FROM sqlite_master",
                        "SELECT * FROM sqlite_schema",
                        "SELECT * FROM main.sqlite_schema",
                        "SELECT sql FROM sqlite_temp_master",
                        "SELECT count(*) FROM temp.sqlite_temp_schema",
                        "SELECT * FROM sqlite_stat1",
                        "SELECT count(*) FROM sqlite_stat1",
                        "SELECT * FROM dbstat",
                        "SELECT sql FROM sqlite_stmt",
                        "SELECT * FROM pragma_table_info('blocked')",
                        "SELECT * FROM pragma_table_list",
                        "SELECT * FROM pragma_database_list",
                        "SELECT * FROM pragma_function_list",
                        "SELECT * FROM pragma_query_only(0)",
                        "SELECT * FROM bytecode('SELECT 1')",
                        "SELECT * FROM notes",
                        "SELECT * FROM notes('LEAK')",
                        "SELECT * FROM notes_content",
                        "SELECT count(*) FROM notes_data",
                        "SELECT * FROM mvq7f3_base.notes",
                        "SELECT * FROM mvq7f3_base.notes('LEAK*')",
                        "SELECT * FROM fts5vocab",
                        "SELECT value FROM json_each('[1]')"});
}

TEST_F(HostileTest, zero_column_reads_of_a_local_name_open_only_that_name) {
    expect_all_refused({"SELECT count(*) FROM sqlite_stat1", "SELECT count(*) FROM blocked",
                        "SELECT count(*) FROM (WITH sqlite_stat1 AS (SELECT 1) SELECT 1), sqlite_stat1"},
                       {"sqlite_stat1", "blocked"});
}

TEST_F(HostileTest, nothing_but_a_plain_read_is_prepared) {
    expect_all_refused({"PRAGMA query_only=0",
                        "PRAGMA table_info(blocked)",
                        "PRAGMA mvq7f3_base.schema_version",
                        "PRAGMA trusted_schema=1",
                        "PRAGMA journal_mode",
                        "ATTACH 'x.db' AS z",
                        "ATTACH '' AS z",
                        "DETACH mvq7f3_base",
                        "VACUUM",
                        "VACUUM INTO 'copy.db'",
                        "VACUUM mvq7f3_base INTO 'copy.db'",
                        "EXPLAIN SELECT 1",
                        "EXPLAIN QUERY PLAN SELECT 1",
                        "ANALYZE",
                        "REINDEX",
                        "BEGIN",
                        "COMMIT",
                        "SAVEPOINT x",
                        "CREATE TABLE temp.t(a)",
                        "CREATE TABLE t(a)",
                        "CREATE TEMP VIEW v AS SELECT 1",
                        "DROP VIEW employees",
                        "DROP VIEW mvq7f3_employees",
                        "CREATE TEMP TABLE z AS SELECT * FROM mvq7f3_base.blocked",
                        "CREATE VIRTUAL TABLE temp.d USING dbstat(main)",
                        "INSERT INTO mvq7f3_base.departments(id) VALUES(9)",
                        "UPDATE mvq7f3_base.employees SET region='EU'",
                        "DELETE FROM mvq7f3_base.employees",
                        "INSERT INTO mvq7f3_base.departments(id) VALUES(9) RETURNING *",
                        "DELETE FROM departments",
                        "WITH x AS (SELECT 1) DELETE FROM mvq7f3_base.departments RETURNING *"});
    EXPECT_FALSE(std::filesystem::exists("copy.db"));
}

TEST_F(HostileTest, one_text_holds_one_statement) {
    expect_all_refused({"SELECT 1; SELECT 2", "SELECT 1; -- more", "SELECT 1;;", "", "  ", ";", "-- nothing",
                        std::string("SELECT 1\0; SELECT 2", 19), "SELECT 1; PRAGMA query_only=0"});
    EXPECT_TRUE(run("SELECT 1 ; \n\t"));
}

TEST_F(HostileTest, only_listed_functions_can_be_called) {
    expect_all_refused({"SELECT load_extension('x')", "SELECT readfile('/etc/passwd')",
                        "SELECT sqlite_version()", "SELECT fts3_tokenizer('simple')", "SELECT zeroblob(100)",
                        "SELECT random()", "SELECT changes()", "SELECT 'a' GLOB 'b'", "SELECT 1 -> '$'",
                        "SELECT avg(1) OVER ()", "SELECT sqlite_compileoption_get(1)",
                        "SELECT randomblob(5)"});
    EXPECT_TRUE(run("SELECT abs(-1), 'a' LIKE 'b', json('1') ->> '$', row_number() OVER ()"));
}

TEST_F(HostileTest, guard_functions_answer_guard_views_only) {
    expect_all_refused({"SELECT mvq7f3_attribute('region')", "SELECT mvq7f3_list('regions')",
                        "SELECT mvq7f3_hash('x')",
                        "WITH mvq7f3_own AS (SELECT mvq7f3_hash('x') AS h) SELECT h FROM mvq7f3_own",
                        "SELECT id FROM mvq7f3_employees WHERE mvq7f3_hash(id) = secret"});
}

TEST_F(HostileTest, a_guard_view_the_statement_was_not_authorized_for_stays_closed) {
    expect_all_refused({"SELECT * FROM mvq7f3_own", "SELECT count(*) FROM mvq7f3_masked",
                        "SELECT count(*) FROM (SELECT 1 AS id) JOIN mvq7f3_own USING(id)"});
}

TEST_F(HostileTest, a_statement_cannot_claim_a_guard_that_does_not_exist) {
    CollectedRows sink;
    auto summary = session_->run(authorized(Claim{"SELECT 1", {"nonesuch"}}), {}, in_europe, {}, sink);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ErrorCode::internal);
}

TEST_F(HostileTest, hidden_rows_are_in_no_answer_through_the_guard_views) {
    for (const char* sql :
         {"SELECT * FROM mvq7f3_employees", "SELECT * FROM mvq7f3_employees WHERE id=2 OR 1=1",
          "SELECT group_concat(secret) FROM mvq7f3_employees", "SELECT max(salary) FROM mvq7f3_employees",
          "SELECT * FROM mvq7f3_departments d FULL JOIN mvq7f3_employees e ON e.dept=d.id AND e.id=2",
          "SELECT * FROM mvq7f3_employees UNION SELECT * FROM mvq7f3_employees",
          "SELECT (SELECT group_concat(e.name) FROM mvq7f3_employees e WHERE e.id >= o.id) FROM "
          "mvq7f3_employees o",
          "SELECT rowid FROM mvq7f3_employees"}) {
        auto rows = run(sql);
        if (!rows) {
            continue;
        }
        for (const auto& row : *rows) {
            for (const Value& cell : row) {
                const auto* text = std::get_if<std::string>(&cell);
                EXPECT_TRUE(text == nullptr || text->find("LEAK") == std::string::npos) << sql;
                EXPECT_TRUE(text == nullptr || text->find("seen") == std::string::npos) << sql;
                EXPECT_NE(cell, Value{std::int64_t{8000}}) << sql;
            }
        }
    }
}

TEST_F(HostileTest, run_time_errors_come_from_a_fixed_list_without_values) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"SELECT abs(-9223372036854775807 - 1)", "integer overflow"},
        {"SELECT sum(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)", "integer overflow"},
        {"SELECT json('{LEAK')", "malformed JSON"},
        {"SELECT json_extract('{}', 'LEAK')", "JSON path error"},
        {"SELECT 'a' LIKE 'b' ESCAPE 'LEAK'", "ESCAPE expression must be a single character"},
        {"SELECT 'a' LIKE replace(hex(printf('%0300d', 1)), '3', '%')", "LIKE or GLOB pattern too complex"},
        {"SELECT 1 LIMIT 'LEAK'", "datatype mismatch"}};
    for (const auto& [sql, message] : cases) {
        auto rows = run(sql);
        ASSERT_FALSE(rows) << sql;
        EXPECT_EQ(rows.error().code, ErrorCode::invalid_argument) << sql;
        EXPECT_EQ(rows.error().message, message) << sql;
        EXPECT_NE(rows.error().native_code, 0) << sql;
    }
    auto large = run("SELECT replace(hex(printf('%01000000d', 1)), '3', 'abcdefgh')");
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, ErrorCode::too_large);
    EXPECT_TRUE(session_->reusable());
}

TEST_F(HostileTest, compile_errors_keep_the_users_words_and_hide_ours) {
    EXPECT_EQ(run("SELECT nope FROM mvq7f3_departments").error().message, "no such column: nope");
    EXPECT_EQ(run("SELECT nope()").error().message, "no such function: nope");
    const Error hidden = run("SELECT * FROM mvq7f3_base.nonesuch").error();
    EXPECT_EQ(hidden.code, ErrorCode::invalid_argument);
    EXPECT_EQ(hidden.message, "the database does not accept the statement");
    EXPECT_EQ(run("SELECT * FROM blocked").error().code, ErrorCode::denied);
}

TEST_F(HostileTest, statements_past_the_limits_are_refused) {
    EXPECT_EQ(run("SELECT '" + std::string(2 * 1024 * 1024, 'x') + "'").error().code, ErrorCode::too_large);
    std::string deep = "1";
    for (int i = 0; i < 300; ++i) {
        deep = "(1+" + deep + ")";
    }
    EXPECT_EQ(run("SELECT " + deep).error().code, ErrorCode::invalid_argument);
}

TEST_F(HostileTest, the_file_is_never_written) {
    const std::string before = bytes_of(source_.path());
    for (const char* sql :
         {"DELETE FROM mvq7f3_base.employees", "PRAGMA mvq7f3_base.user_version=7", "VACUUM mvq7f3_base",
          "DROP TABLE mvq7f3_base.blocked", "PRAGMA writable_schema=1"}) {
        expect_refused(sql);
    }
    session_.reset();
    EXPECT_EQ(bytes_of(source_.path()), before);
}

TEST_F(HostileTest, the_audit_alone_stops_a_program_that_opens_an_unaccounted_table) {
    // SQLite asks its authorizer nothing about a table of which only the merged column is used.
    CollectedRows sink;
    const auto statement = authorized(
        Claim{"SELECT secret FROM (SELECT 'LEAK blocked' AS secret) JOIN mvq7f3_base.blocked USING(secret)",
              {"mvq7f3_departments"}});
    auto summary = session_->run(statement, {}, in_europe, {}, sink);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ErrorCode::denied);
    EXPECT_EQ(summary.error().message, "the compiled statement reaches for something no policy opened");
}

}  // namespace
}  // namespace majed::driver::sqlite
