// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/session_trace.h"

#include "driver/oracle/session_settings.h"

#include <dpi.h>
#include <gtest/gtest.h>

namespace majed::driver::oracle {

TEST(SessionTrace, knows_kinds_by_number_and_by_the_first_word_where_there_is_none) {
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_SELECT, ""), StatementKind::query);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_MERGE, ""), StatementKind::dml);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_EXPLAIN_PLAN, ""), StatementKind::dml);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_CALL, ""), StatementKind::plsql);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_DROP, ""), StatementKind::ddl);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_ALTER, "ALTER SESSION SET a = b"), StatementKind::alter);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_ALTER, "alter /* x */ session set a = b"), StatementKind::alter);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_ALTER, "/* x */ alter session set a = b"), StatementKind::alter);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_ALTER, "ALTER TABLE t ADD c NUMBER"), StatementKind::ddl);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_ALTER, "-- x\nalter/* y */table t ADD c NUMBER"), StatementKind::ddl);
    EXPECT_EQ(kind_of(DPI_STMT_TYPE_COMMIT, ""), StatementKind::transaction_end);
    EXPECT_EQ(kind_of(0, " -- a\n /* b */ TRUNCATE TABLE t"), StatementKind::ddl);
    EXPECT_EQ(kind_of(0, "lock table t in share mode"), StatementKind::lock);
    EXPECT_EQ(kind_of(0, "SET ROLE admin"), StatementKind::other);
    EXPECT_EQ(kind_of(0, "/* never closed"), StatementKind::other);
    EXPECT_EQ(kind_of(0, ""), StatementKind::other);
}

TEST(SessionTrace, expects_package_state_of_whatever_may_call) {
    // Views and triggers call functions that the text does not show.
    EXPECT_EQ(trace_of(StatementKind::query, "SELECT a FROM t WHERE b = 1"),
              (SessionTrace{.packages = true}));
    EXPECT_EQ(trace_of(StatementKind::query, "SELECT p.f FROM dual"), (SessionTrace{.packages = true}));
    EXPECT_EQ(trace_of(StatementKind::dml, "DELETE FROM t"),
              (SessionTrace{.transaction = true, .packages = true}));
    EXPECT_TRUE(trace_of(StatementKind::plsql, "BEGIN NULL; END;").packages);
}

TEST(SessionTrace, expects_locks_of_a_query_for_update_or_over_a_link) {
    EXPECT_TRUE(trace_of(StatementKind::query, "SELECT a FROM t FOR UPDATE").transaction);
    EXPECT_TRUE(trace_of(StatementKind::query, "select a from t@far").transaction);
    EXPECT_TRUE(may_lock("select a from t For\nUpdate"));
    EXPECT_FALSE(may_lock("select a from t"));
}

TEST(SessionTrace, knows_how_to_undo_its_own_settings_only) {
    EXPECT_EQ(trace_of(StatementKind::alter, set_session_settings), (SessionTrace{.settings = true}));
    EXPECT_EQ(trace_of(StatementKind::alter, "alter session set nls_date_format='YYYY' time_zone = '+01:00'"),
              (SessionTrace{.settings = true}));
    for (const char* const sql :
         {"ALTER SESSION SET CURRENT_SCHEMA = other",
          "ALTER SESSION SET NLS_SORT = BINARY OPTIMIZER_MODE = RULE", "ALTER SESSION ENABLE PARALLEL DML",
          "ALTER SESSION SET", "ALTER SESSION SET NLS_SORT",
          "ALTER SESSION SET NLS_SORT =", "ALTER SESSION SET NLS_SORT = 'x",
          "ALTER SESSION SET NLS_SORT = BINARY;", "/* x */ ALTER SESSION SET a = b", ""}) {
        EXPECT_TRUE(trace_of(StatementKind::alter, sql).unknown) << sql;
    }
    EXPECT_EQ(trace_of(StatementKind::ddl, "ALTER TABLE t ADD c NUMBER"), SessionTrace{});
}

TEST(SessionTrace, gives_up_on_what_can_change_contexts_roles_and_settings) {
    EXPECT_TRUE(trace_of(StatementKind::plsql, "BEGIN dbms_session.set_context('a','b','c'); END;").unknown);
    EXPECT_TRUE(
        trace_of(StatementKind::plsql, "BEGIN EXECUTE IMMEDIATE 'ALTER SESSION SET x = y'; END;").unknown);
    EXPECT_TRUE(trace_of(StatementKind::ddl, "CREATE PRIVATE TEMPORARY TABLE ora$ptt_t (a NUMBER)").unknown);
    EXPECT_TRUE(trace_of(StatementKind::other, "SET ROLE admin").unknown);
    EXPECT_FALSE(trace_of(StatementKind::plsql, "BEGIN p.q(1); END;").unknown);
    EXPECT_FALSE(trace_of(StatementKind::ddl, "CREATE TABLE t (a NUMBER)").unknown);
    EXPECT_EQ(trace_of(StatementKind::lock, "LOCK TABLE t IN SHARE MODE"),
              (SessionTrace{.transaction = true}));
    EXPECT_EQ(trace_of(StatementKind::transaction_end, "COMMIT"), SessionTrace{});
}

TEST(SessionTrace, adds_up) {
    SessionTrace trace{.packages = true};
    trace.add({.transaction = true});
    trace.add({.settings = true});
    EXPECT_EQ(trace, (SessionTrace{.transaction = true, .packages = true, .settings = true}));
    trace.add({.unknown = true});
    EXPECT_TRUE(trace.unknown);
}

}  // namespace majed::driver::oracle
