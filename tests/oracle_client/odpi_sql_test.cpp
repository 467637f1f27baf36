// SPDX-License-Identifier: Apache-2.0
// The dialect, its errors with their places, transactions, the dictionary.
#include <thread>

#include "odpi_fixture.h"

namespace majed::oracle_client {
namespace {

class OracleSql : public OdpiOnDouble {
protected:
    void SetUp() override {
        OdpiOnDouble::SetUp();
        session_.emplace(service());
    }
    void TearDown() override {
        session_.reset();
        OdpiOnDouble::TearDown();
    }
    const OdpiSession& session() const { return *session_; }
    void must(std::string_view sql) const {
        const Outcome outcome = session().run(sql).outcome;
        ASSERT_TRUE(outcome.ok()) << sql << ": " << outcome.text;
    }
    void refused(std::string_view sql, int code, unsigned offset) const {
        const Outcome outcome = session().run(sql).outcome;
        EXPECT_EQ(outcome.code, code) << sql << ": " << outcome.text;
        EXPECT_EQ(outcome.offset, offset) << sql << ": " << outcome.text;
    }

private:
    std::optional<OdpiSession> session_;
};

TEST_F(OracleSql, says_where_a_statement_is_wrong) {
    must("create table t(a NUMBER, b VARCHAR2(10))");
    refused("select * from missing_table", 942, 14);
    refused("select nocol from t", 904, 7);
    refused("select  nocol from t", 904, 8);
    refused("select \"nocol\" from t", 904, 7);
    refused("select nothing from t", 904, 7);
    refused("select a from t where /* why */ zz = 1", 904, 32);
    refused("selec 1 from dual", 900, 0);
    refused("select 1", 923, 8);
    refused("select a from t as x", 933, 16);
    refused("select a from t limit 5", 933, 16);
    refused("select a from t where", 936, 0);
    refused("select a from t;", 933, 15);
    refused("select `a` from t", 911, 7);
    refused("select 'open from t", 1756, 7);
    refused("insert into t values(1)", 947, 0);
    refused("insert into t(a) values(1, 2)", 913, 0);
    refused("create table t(a NUMBER)", 955, 0);
    refused("create table u(a STRING)", 902, 17);
    refused("merge into t using t u join t v on 1 = 1 on (1=1) when matched then update set a = 1", 3001, 23);
}

TEST_F(OracleSql, says_which_constraint_was_broken) {
    must(
        "create table p(id NUMBER(9) primary key, v VARCHAR2(10) not null, n NUMBER check (n > 0), "
        "constraint u_p unique (n))");
    must("create table c(id NUMBER references p(id))");
    must("insert into p values(1, 'x', 1)");
    must("insert into c values(1)");
    EXPECT_EQ(session().run("insert into p values(1, 'x', 2)").outcome.text,
              "ORA-00001: unique constraint (APP.P.ID) violated");
    EXPECT_EQ(session().run("insert into p values(2, null, 2)").outcome.text,
              "ORA-01400: cannot insert NULL into (\"APP\".\"P\".\"V\")");
    EXPECT_EQ(session().run("insert into p values(2, '', 2)").outcome.code, 1400);
    EXPECT_EQ(session().run("insert into p(v, n) values('x', 2)").outcome.code, 1400);
    EXPECT_EQ(session().run("update p set v = null").outcome.text,
              "ORA-01407: cannot update (\"APP\".\"P\".\"V\") to NULL");
    EXPECT_EQ(session().run("insert into p values(2, 'x', -1)").outcome.code, 2290);
    EXPECT_EQ(session().run("insert into c values(7)").outcome.code, 2291);
    EXPECT_EQ(session().run("delete from p").outcome.code, 2292);
}

TEST_F(OracleSql, speaks_the_dialect) {
    must("create table t(a NUMBER, b VARCHAR2(10))");
    for (int row = 1; row <= 5; ++row) {
        must("insert into t values(" + std::to_string(row) + ", 'r" + std::to_string(row) + "')");
    }
    EXPECT_EQ(session().value("select nvl(null, 'x') || decode(2, 1, 'a', 2, 'b', 'c') from dual"), "xb");
    EXPECT_EQ(session().value("select 1 / 4 from dual"), "0.25");
    EXPECT_EQ(session().value("select 7 / (1 + 1) * 2 from dual"), "7");
    EXPECT_EQ(session().run("select 1 / 0 from dual").outcome.code, 1476);
    EXPECT_EQ(session().run("select to_number('x') from dual").outcome.code, 1722);
    EXPECT_EQ(session().value("select to_char(DATE '2024-02-29', 'DD.MM.YYYY HH24:MI') from dual"),
              "29.02.2024 00:00");
    EXPECT_EQ(session().value("select to_date('29/02/2024', 'DD/MM/YYYY') from dual"),
              "2024-02-29T00:00:00.000000000+00:00");
    EXPECT_EQ(session().value("select extract(year from DATE '2024-02-29') from dual"), "2024");
    EXPECT_EQ(session().value("select cast('12.345' as NUMBER(5,1)) from dual"), "12.3");
    EXPECT_EQ(session().value("select sum(a) from app.t where b <> 'r1' and a ^= 2"), "12");
    EXPECT_EQ(session().run("select a from t order by a offset 1 rows fetch next 2 rows only").rows,
              (std::vector<TextRow>{{"2"}, {"3"}}));
    EXPECT_EQ(session().run("select a from t order by a desc fetch first row only").rows,
              (std::vector<TextRow>{{"5"}}));
    EXPECT_EQ(session().run("select a from t minus select a from t where a > 1").rows,
              (std::vector<TextRow>{{"1"}}));
    EXPECT_EQ(session().value("select q'[it's]' from dual"), "it's");
    EXPECT_EQ(session().value("select count(*) from (select a from t) x join t y on x.a = y.a"), "5");
    must("create sequence s");
    EXPECT_EQ(session().value("select s.nextval from dual"), "1");
    EXPECT_EQ(session().value("select s.nextval from dual"), "2");
}

TEST_F(OracleSql, names_columns_as_oracle_does) {
    must("create table t(a NUMBER, \"Mixed\" NUMBER)");
    const Answer answer = session().run(
        "select a, \"Mixed\", count(*), a as other, a \"my alias\", 'x' || 'y', t.a from t group by a");
    EXPECT_EQ(answer.names,
              (std::vector<std::string>{"A", "Mixed", "COUNT(*)", "OTHER", "my alias", "'X'||'Y'", "A"}));
}

TEST_F(OracleSql, commits_at_a_definition_and_only_then) {
    must("create table t(a NUMBER)");
    must("insert into t values(1)");
    ASSERT_TRUE(session().rollback().ok());
    EXPECT_EQ(session().value("select count(*) from t"), "0");
    must("insert into t values(1)");
    must("create table u(a NUMBER)");
    ASSERT_TRUE(session().rollback().ok());
    EXPECT_EQ(session().value("select count(*) from t"), "1");
    must("truncate table t");
    ASSERT_TRUE(session().rollback().ok());
    EXPECT_EQ(session().value("select count(*) from t"), "0");
}

TEST_F(OracleSql, goes_back_to_a_savepoint) {
    must("create table t(a NUMBER)");
    must("insert into t values(1)");
    must("savepoint here");
    must("insert into t values(2)");
    must("rollback to savepoint here");
    must("commit");
    EXPECT_EQ(session().value("select count(*) from t"), "1");
    EXPECT_EQ(session().run("rollback to nowhere").outcome.code, 1086);
}

TEST_F(OracleSql, lets_a_read_only_transaction_read_its_moment) {
    must("create table t(a NUMBER)");
    must("set transaction read only");
    const OdpiSession other(service());
    ASSERT_TRUE(other.run("insert into t values(1)").outcome.ok());
    ASSERT_TRUE(other.commit().ok());
    EXPECT_EQ(session().value("select count(*) from t"), "0");
    refused("insert into t values(2)", 1456, 0);
    refused("select a from t for update", 1456, 0);
    must("commit");
    EXPECT_EQ(session().value("select count(*) from t"), "1");
    must("insert into t values(3)");
    refused("set transaction read only", 1453, 0);
}

TEST_F(OracleSql, refuses_to_write_over_a_snapshot) {
    must("create table t(a NUMBER)");
    must("set transaction isolation level serializable");
    const OdpiSession other(service());
    ASSERT_TRUE(other.run("insert into t values(1)").outcome.ok());
    ASSERT_TRUE(other.commit().ok());
    refused("insert into t values(2)", 8177, 0);
}

TEST_F(OracleSql, tells_of_rows_that_another_session_locked) {
    must("create table t(a NUMBER)");
    must("insert into t values(1)");
    const OdpiSession other(service());
    EXPECT_EQ(other.run("select a from t for update nowait").outcome.code, 54);
    EXPECT_EQ(other.run("insert into t values(2)").outcome.code, 60);
    ASSERT_TRUE(session().commit().ok());
    EXPECT_TRUE(other.run("select a from t for update nowait").outcome.ok());
    ASSERT_TRUE(other.rollback().ok());
}

TEST_F(OracleSql, reads_on_while_it_writes) {
    must("create table t(a NUMBER)");
    for (int row = 0; row < 300; ++row) {
        must("insert into t values(" + std::to_string(row) + ")");
    }
    ASSERT_TRUE(session().commit().ok());
    const Statement select = session().prepare("select a from t order by a");
    std::uint32_t columns = 0;
    int found = 0;
    std::uint32_t index = 0;
    ASSERT_EQ(dpiStmt_execute(select.get(), DPI_MODE_EXEC_DEFAULT, &columns), 0);
    ASSERT_EQ(dpiStmt_fetch(select.get(), &found, &index), 0);
    const OdpiSession other(service());
    ASSERT_TRUE(other.run("delete from t where a > 200").outcome.ok());
    ASSERT_TRUE(other.commit().ok());
    must("insert into t values(1000)");
    int rows = 1;
    while (dpiStmt_fetch(select.get(), &found, &index) == 0 && found != 0) {
        ++rows;
    }
    EXPECT_EQ(rows, 300);
}

TEST_F(OracleSql, shows_its_dictionary) {
    must(
        "create table people(id NUMBER(9) primary key, name VARCHAR2(40 CHAR) not null, price NUMBER(12,2), "
        "d DATE,"
        " boss NUMBER(9) references people(id))");
    must("create index people_name on people(name, price desc)");
    must("create or replace view rich as select id, price from people where price > 1000");
    must("create or replace view rich as select id, price from people where price > 2000");
    EXPECT_EQ(session().run("select owner, table_name from all_tables").rows,
              (std::vector<TextRow>{{"APP", "PEOPLE"}}));
    EXPECT_EQ(session()
                  .run("select column_name, data_type, data_length, char_length, data_precision, data_scale,"
                       " nullable, column_id, hidden_column, virtual_column from all_tab_cols"
                       " where table_name = 'PEOPLE' order by column_id")
                  .rows,
              (std::vector<TextRow>{
                  {"ID", "NUMBER", "22", "0", "9", "0", "N", "1", "NO", "NO"},
                  {"NAME", "VARCHAR2", "160", "40", std::nullopt, std::nullopt, "N", "2", "NO", "NO"},
                  {"PRICE", "NUMBER", "22", "0", "12", "2", "Y", "3", "NO", "NO"},
                  {"D", "DATE", "7", "0", std::nullopt, std::nullopt, "Y", "4", "NO", "NO"},
                  {"BOSS", "NUMBER", "22", "0", "9", "0", "Y", "5", "NO", "NO"},
              }));
    EXPECT_EQ(
        session().run("select data_type, data_precision from all_tab_cols where table_name = 'RICH'").rows,
        (std::vector<TextRow>{{"NUMBER", "9"}, {"NUMBER", "12"}}));
    EXPECT_NE(session().value("select text_vc from all_views where view_name = 'RICH'").find("2000"),
              std::string::npos);
    EXPECT_EQ(session()
                  .run("select column_name, descend from all_ind_columns where index_name = 'PEOPLE_NAME'"
                       " order by column_position")
                  .rows,
              (std::vector<TextRow>{{"NAME", "ASC"}, {"PRICE", "DESC"}}));
    EXPECT_EQ(session().value("select uniqueness from all_indexes where index_name = 'PEOPLE_NAME'"),
              "NONUNIQUE");
    EXPECT_EQ(session()
                  .run("select constraint_type from all_constraints where table_name = 'PEOPLE' order by 1")
                  .rows,
              (std::vector<TextRow>{{"P"}, {"R"}}));
    EXPECT_EQ(session().value("select username from all_users where oracle_maintained = 'N'"), "APP");
}

TEST_F(OracleSql, keeps_a_temporary_table_to_its_session) {
    must("create global temporary table mine(a NUMBER(3)) on commit preserve rows");
    must("insert into mine values(1)");
    EXPECT_EQ(session().value("select count(*) from mine"), "1");
    const OdpiSession other(service());
    EXPECT_EQ(other.run("select count(*) from mine").outcome.code, 942);
}

TEST_F(OracleSql, changes_a_table) {
    must("create table t(a NUMBER default 7, d DATE default sysdate not null)");
    must("insert into t(d) values(DATE '2024-01-01')");
    must("alter table t add (b VARCHAR2(3))");
    EXPECT_EQ(session().run("insert into t(b) values('long')").outcome.code, 12899);
    must("insert into t(b) values('ok')");
    EXPECT_EQ(session().value("select count(*) from t where a = 7 and d is not null"), "2");
    must("drop table t cascade constraints purge");
    EXPECT_EQ(session().run("drop table t").outcome.code, 942);
}

}  // namespace
}  // namespace majed::oracle_client
