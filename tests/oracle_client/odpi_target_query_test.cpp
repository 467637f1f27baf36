// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE, DELETE and MERGE on a query in the table's place, and WITH CHECK OPTION: that the double does with them what
// Oracle's manual says, and no more.
#include "odpi_fixture.h"

namespace majed::oracle_client {
namespace {

class OracleTargetQuery : public OdpiOnDouble {
protected:
    void SetUp() override {
        OdpiOnDouble::SetUp();
        session_.emplace(service());
        must("create table t(a NUMBER, b VARCHAR2(10), c VARCHAR2(10) default 'in')");
        must("insert into t values(1, 'one', 'in')");
        must("insert into t values(2, 'two', 'out')");
        must("insert into t values(3, 'three', 'in')");
    }
    void TearDown() override {
        session_.reset();
        OdpiOnDouble::TearDown();
    }
    void must(std::string_view sql) const {
        const Outcome outcome = session_->run(sql).outcome;
        ASSERT_TRUE(outcome.ok()) << sql << ": " << outcome.text;
    }
    std::uint64_t affected(std::string_view sql) const {
        const Answer done = session_->run(sql);
        EXPECT_TRUE(done.outcome.ok()) << sql << ": " << done.outcome.text;
        return done.row_count;
    }
    int code(std::string_view sql) const { return session_->run(sql).outcome.code; }
    std::string all() const {
        std::string rows;
        for (const TextRow& row : session_->run("select a, b, c from t order by a").rows) {
            for (const std::optional<std::string>& cell : row) {
                rows += cell.value_or("~") + " ";
            }
        }
        return rows;
    }

private:
    std::optional<OdpiSession> session_;
};

constexpr const char* before = "1 one in 2 two out 3 three in ";

TEST_F(OracleTargetQuery, changes_the_rows_that_the_query_shows) {
    must("update (select a, b, c from app.t q where q.c = 'in') x set x.b = 'new', a = a + 10 where x.a > 1");
    EXPECT_EQ(all(), "1 one in 2 two out 13 new in ");
    must("update (select a, b from t where c = 'in') set (b) = (select 'x' from dual)");
    EXPECT_EQ(all(), "1 x in 2 two out 13 x in ");
    must("delete from (select a, b, c from t where c = 'in') where a = 1");
    must("delete (select a from t where c = 'in') z");
    EXPECT_EQ(all(), "2 two out ");
    must("insert into (select a, b from t where c = 'in') (a, b) values (7, 'y')");
    must("insert into (select a, b from t where c = 'in') select 8, 'z' from dual");
    EXPECT_EQ(all(), "2 two out 7 y in 8 z in ");
    must("insert into (select a, c from t where c = 'in') q (q.a, c) values (9, 'out')");
    EXPECT_EQ(all(), "2 two out 7 y in 8 z in 9 ~ out ");
}

TEST_F(OracleTargetQuery, takes_no_row_that_a_checked_query_does_not_show) {
    const std::string query = "(select a, b, c from t q where q.c = 'in' with check option)";
    EXPECT_EQ(code("insert into " + query + " (a, c) values (4, 'out')"), 1402);
    EXPECT_EQ(code("insert into " + query + " (a, c) values (4, null)"), 1402);
    // The whole statement is undone, whatever rows came before.
    EXPECT_EQ(
        code("insert into " + query + " (a, c) select 4, 'in' from dual union all select 5, 'out' from dual"),
        1402);
    EXPECT_EQ(code("update " + query + " set c = b"), 1402);
    EXPECT_EQ(code("update " + query + " x set x.c = 'out' where a = 3"), 1402);
    EXPECT_EQ(all(), before);
    must("insert into " + query + " (a) values (4)");
    must("update " + query + " set a = 5 where a = 3");
    must("update " + query + " set c = 'out' where a = 2");
    must("delete from " + query + " where a = 1");
    EXPECT_EQ(all(), "2 two out 4 ~ in 5 three in ");
}

TEST_F(OracleTargetQuery, knows_a_table_by_its_alias) {
    must("update t x set x.b = 'new', c = b where x.a = (select min(y.a) from t y)");
    must("delete from app.t x where x.a = 2");
    must("delete t x where exists (select 1 from dual where x.a = 3)");
    EXPECT_EQ(all(), "1 new one ");
}

/// The statement's own condition comes first, on every row; a CASE is tested in the order of its text.
TEST_F(OracleTargetQuery, tests_the_condition_on_rows_that_the_query_hides) {
    const std::string query = "(select a, b, c from t q where q.c = 'in')";
    EXPECT_EQ(code("delete from " + query + " where 1 / (a - 2) > 5"), 1476);
    EXPECT_EQ(code("update " + query + " set b = 'x' where 1 / (a - 2) > 5"), 1476);
    must("delete from " + query +
         " x where case when x.c = 'in' then case when (1 / (a - 2) > 5) then 1 end end = 1");
    EXPECT_EQ(all(), before);
}

TEST_F(OracleTargetQuery, refuses_what_oracle_does_or_guarantees_nothing_of) {
    EXPECT_EQ(code("insert into (select a from t) (b) values ('x')"), 904);
    EXPECT_EQ(code("update (select a from t) set b = 'x'"), 904);
    EXPECT_EQ(code("update (select a, a + 1 d from t) set a = 1"), 3001);
    EXPECT_EQ(code("update (select * from t) set a = 1"), 3001);
    EXPECT_EQ(
        code("insert into (select a from t where a in (select 1 from dual) with check option) values (1)"),
        3001);
    EXPECT_EQ(code("delete from (select a from t group by a)"), 3001);
    EXPECT_EQ(all(), before);
}

TEST_F(OracleTargetQuery, merges_as_the_rows_were_before) {
    must("create table u(a NUMBER, d VARCHAR2(10))");
    must("insert into u values(1, 'uno')");
    must("insert into u values(2, 'due')");
    must("insert into u values(7, 'sette')");
    // Of rows updated some are deleted, as the update left them; both kinds count, and deleted ones once.
    EXPECT_EQ(
        affected(
            "merge into t x using u on (x.a = u.a) when matched then update set x.b = u.d, c = x.b where "
            "u.a < 9 delete where c = 'two' when not matched then insert (a, x.b) values (u.a, d) where "
            "d <> 'x'"),
        3U);
    EXPECT_EQ(all(), "1 uno one 3 three in 7 sette in ");
    EXPECT_EQ(
        affected(
            "merge into app.t using (select 3 k from dual) s on (t.a = s.k) when not matched then insert "
            "values (s.k, 'x', 'y') when matched then update set b = (select max(d) from u)"),
        1U);
    EXPECT_EQ(all(), "1 uno one 3 uno in 7 sette in ");
    EXPECT_EQ(affected("merge into t using u on (1 = 0) when matched then update set b = 'never'"), 0U);
    EXPECT_EQ(code("merge into t using u on (t.a = 1) when matched then update set b = u.d"), 30926);
    EXPECT_EQ(
        affected("merge into t using u on (t.a = 1) when matched then update set b = u.d where u.a = 7"), 1U);
    EXPECT_EQ(code("merge into t using u on (t.a = u.a) when matched then update set a = 1"), 38104);
    EXPECT_EQ(code("merge into t using u on (t.a = u.a) when not matched then insert (a) values (1, 2)"),
              913);
    EXPECT_EQ(all(), "1 sette one 3 uno in 7 sette in ");
}

TEST_F(OracleTargetQuery, merges_rows_that_the_query_shows) {
    const std::string into =
        "merge into (select a, b, c from t q where q.c = 'in' with check option) x using ";
    must(into +
         "(select 2 k from dual union all select 3 from dual) s on (x.a = s.k) when matched then update set "
         "b = 'seen' when not matched then insert (a, b) values (s.k, 'new')");
    EXPECT_EQ(all(), "1 one in 2 two out 2 new in 3 seen in ");
    const std::string one = into + "dual on (x.a = 1) when ";
    EXPECT_EQ(code(one + "matched then update set c = 'out'"), 1402);
    EXPECT_EQ(code(one + "matched then update set c = 'out' delete where c = 'out'"), 1402);
    EXPECT_EQ(
        code(into + "(select 1 k from dual union all select 8 from dual) s on (x.a = s.k) when matched then "
                    "update set b = 'gone' when not matched then insert (a, c) values (8, 'out')"),
        1402);
    EXPECT_EQ(
        code("merge into (select a from t) x using dual on (a = 1) when matched then update set b = 'x'"),
        904);
    EXPECT_EQ(code("merge into (select a from t) x using dual on (x.b = 'x') when not matched then insert "
                   "values (1)"),
              904);
    EXPECT_EQ(all(), "1 one in 2 two out 2 new in 3 seen in ");
}

/// In every part of it, on hidden rows of both tables, unless something holds it back.
TEST_F(OracleTargetQuery, merges_in_the_worst_order) {
    must("create table u(a NUMBER, d NUMBER)");
    must("insert into u values(1, 1)");
    must("insert into u values(2, 0)");
    const std::string target = "merge into (select a, b, c from t q where q.c = 'in') x using dual on ";
    EXPECT_EQ(code(target + "(1 / (x.a - 2) > 5) when matched then update set b = 'x'"), 1476);
    EXPECT_EQ(code(target + "(x.a > 0) when matched then update set b = 1 / (x.a - 2)"), 1476);
    EXPECT_EQ(code(target + "(x.a > 0) when matched then update set b = 'x' where 1 / (x.a - 2) > 5"), 1476);
    must(target +
         "(case when x.c = 'in' then case when (1 / (x.a - 2) > 5) then 1 end end = 1) when matched then "
         "update set b = 'x'");
    const std::string used = "merge into t using (select a, d from u where d = 1) s on ";
    EXPECT_EQ(code(used + "(t.a = 1 / s.d) when matched then update set b = 'x'"), 1476);
    EXPECT_EQ(code(used + "(t.a > 5) when not matched then insert (a) values (1 / s.d)"), 1476);
    EXPECT_EQ(code(used + "(t.a > 5) when not matched then insert (a) values (1) where 1 / s.d > 5"), 1476);
    must(
        "merge into t using (select a, d from u where d = 1 and rownum >= 1) s on (t.a = 5 / s.d) when "
        "matched then "
        "update set b = 'x'");
    EXPECT_EQ(all(), before);
}

TEST_F(OracleTargetQuery, tells_of_triggers_and_cascades) {
    must("create trigger g after insert on t begin null; end;");
    EXPECT_EQ(code("select trigger_name from dba_triggers where table_name = 'T' and status = 'ENABLED'"), 0);
    must("drop trigger g");
}

}  // namespace
}  // namespace majed::oracle_client
