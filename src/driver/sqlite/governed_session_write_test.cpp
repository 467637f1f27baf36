// SPDX-License-Identifier: Apache-2.0
// What the engine's own locks let a write do, whatever the parser before them believed.
#include "driver/sqlite/governed_session_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::driver::sqlite {
namespace {

WriteGrant titles() {
    WriteGrant grant;
    grant.table = "Departments";
    grant.updates = {"title"};
    grant.reads = {"id", "title", "rowid"};
    return grant;
}

class GovernedWriteTest : public testing::Test {
protected:
    Result<RunSummary> run(const std::string& sql, const WriteGrant& grant, const RunLimits& limits = {}) {
        Claim claim{sql, {"mvq7f3_employees", "mvq7f3_conflict"}};
        claim.write = grant;
        return session_->run(authorized(std::move(claim)), {}, {{"regions", {"EU"}}}, limits, rows_);
    }

    /// How it ended, and what the departments are called then.
    std::string outcome(const std::string& sql, const WriteGrant& grant, const RunLimits& limits = {}) {
        const auto done = run(sql, grant, limits);
        return (done ? std::to_string(done->rows_affected) : std::string(traits(done.error().code).name)) +
               " " + stored("SELECT group_concat(title) FROM departments");
    }

    std::string stored(const std::string& sql) {
        auto database = Database::open(source_.path(), OpenMode::read_only);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(*statement->step());
        return statement->text(0);
    }

    GuardedSource source_;
    CollectedRows rows_;
    std::unique_ptr<GovernedSession> session_ = source_.open_to_write();
    const std::string departments_ = "\"mvq7f3_base\".\"departments\"";
    const std::string unchanged_ = " Sales,Works";
};

TEST_F(GovernedWriteTest, changes_what_was_granted) {
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = title || id WHERE id = 2", titles()),
              "1 Sales,Works2");
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x'", titles()), "2 x,x");
}

TEST_F(GovernedWriteTest, refuses_other_columns_kinds_and_tables) {
    for (const std::string& sql :
         {"UPDATE " + departments_ + " SET secret = 'x'", "UPDATE " + departments_ + " SET id = 9",
          "UPDATE " + departments_ + " SET title = secret",
          "UPDATE " + departments_ + " SET title = 1 WHERE secret = 'x'", "DELETE FROM " + departments_,
          "INSERT INTO " + departments_ + " (title) VALUES ('x')",
          "REPLACE INTO " + departments_ + " (id, title) VALUES (1, 'x')",
          "UPDATE " + departments_ + " SET title = 'x' RETURNING secret",
          "UPDATE " + departments_ + " SET title = (SELECT secret FROM \"mvq7f3_base\".employees LIMIT 1)",
          std::string("UPDATE \"mvq7f3_base\".\"employees\" SET name = 'x'"),
          std::string("UPDATE \"mvq7f3_base\".\"blocked\" SET secret = 'x'"),
          std::string("CREATE TABLE x(a)"), std::string("DROP TABLE \"mvq7f3_base\".\"departments\""),
          std::string("PRAGMA user_version = 7"), std::string("COMMIT")}) {
        EXPECT_EQ(outcome(sql, titles()), "denied" + unchanged_) << sql;
    }
}

TEST_F(GovernedWriteTest, never_writes_to_the_catalogue) {
    EXPECT_EQ(outcome("DELETE FROM \"mvq7f3_base\".sqlite_schema", titles()),
              "invalid_argument" + unchanged_);
    EXPECT_EQ(outcome("DELETE FROM temp.sqlite_schema", titles()), "invalid_argument" + unchanged_);
}

TEST_F(GovernedWriteTest, refuses_a_write_that_no_grant_stands_behind) {
    const auto done =
        session_->run(authorized("UPDATE " + departments_ + " SET title = 'x'"), {}, {}, {}, rows_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::denied);
    session_ = source_.open();
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x'", titles()), "internal" + unchanged_);
}

TEST_F(GovernedWriteTest, undoes_all_for_one_row_that_may_not_be) {
    WriteGrant checked = titles();
    checked.reports_check = true;
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x' RETURNING id = 1", checked),
              "denied" + unchanged_);
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x' RETURNING id, NULL", checked),
              "denied" + unchanged_);
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x'", checked), "internal" + unchanged_);
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = 'x' RETURNING id, id < 3", checked), "2 x,x");
    ASSERT_EQ(rows_.rows.back().size(), 1U) << "the verdict is nobody's to see";
}

TEST_F(GovernedWriteTest, undoes_all_when_the_answer_is_too_large_or_refused) {
    const std::string sql = "UPDATE " + departments_ + " SET title = 'longer' RETURNING title";
    EXPECT_EQ(outcome(sql, titles(), {.max_rows = 1}), "too_large" + unchanged_);
    EXPECT_EQ(outcome(sql, titles(), {.max_bytes = 8}), "too_large" + unchanged_);
    EXPECT_EQ(outcome(sql, titles(), {.deadline = SteadyClock::now()}), "timeout" + unchanged_);
    EXPECT_EQ(outcome(sql, titles()), "2 longer,longer");
}

TEST_F(GovernedWriteTest, tells_a_row_out_of_reach_as_a_key_that_is_taken) {
    WriteGrant upsert = titles();
    upsert.inserts = true;
    const std::string sql = "INSERT INTO " + departments_ + " (id, title) VALUES (1, 'x')";
    const auto taken = run(sql, upsert);
    const auto hidden = run(sql +
                                " ON CONFLICT (id) DO UPDATE SET title = 'x' WHERE (SELECT failing FROM "
                                "\"mvq7f3_conflict\")",
                            upsert);
    ASSERT_FALSE(taken);
    ASSERT_FALSE(hidden);
    EXPECT_EQ(taken.error(), hidden.error());
    EXPECT_EQ(taken.error().code, ErrorCode::conflict);
    EXPECT_EQ(taken.error().failure, FailureClass::user_error);
}

TEST_F(GovernedWriteTest, says_conflict_when_the_schema_changed_and_writes_nothing) {
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = title", titles()), "2" + unchanged_);
    source_.execute("ALTER TABLE departments ADD COLUMN more");
    EXPECT_EQ(outcome("UPDATE " + departments_ + " SET title = title", titles()), "conflict" + unchanged_);
    EXPECT_FALSE(session_->reusable());
}

}  // namespace
}  // namespace majed::driver::sqlite
