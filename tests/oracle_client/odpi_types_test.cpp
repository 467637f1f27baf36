// SPDX-License-Identifier: Apache-2.0
// Every type, in and out, with what a describe tells of it.
#include <cstring>

#include "odpi_fixture.h"

namespace majed::oracle_client {
namespace {

class OracleTypes : public OdpiOnDouble {
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

private:
    std::optional<OdpiSession> session_;
};

struct Bound {
    Variable variable;
    dpiData* data = nullptr;
};

struct BindType {
    dpiOracleTypeNum oracle;
    dpiNativeTypeNum native;
    std::uint32_t size = 0;
};

Bound bind(const OdpiSession& session, dpiStmt* statement, const char* name, BindType type,
           std::uint32_t count = 1) {
    Bound out;
    dpiVar* variable = nullptr;
    EXPECT_TRUE(outcome_of(dpiConn_newVar(session.get(), type.oracle, type.native, count, type.size, 1, 0,
                                          nullptr, &variable, &out.data))
                    .ok());
    out.variable.reset(variable);
    EXPECT_TRUE(outcome_of(dpiStmt_bindByName(statement, name, static_cast<std::uint32_t>(std::strlen(name)),
                                              variable))
                    .ok());
    return out;
}

void set_text(const Bound& bound, std::uint32_t index, const std::string& text) {
    ASSERT_EQ(dpiVar_setFromBytes(bound.variable.get(), index, text.data(),
                                  static_cast<std::uint32_t>(text.size())),
              0);
    bound.data[index].isNull = 0;
}

TEST_F(OracleTypes, describes_columns_as_they_were_declared) {
    must(
        "create table people(id NUMBER(12) primary key, price NUMBER(12,2), n NUMBER, f FLOAT, name "
        "VARCHAR2(40),"
        " wide VARCHAR2(40 CHAR), nat NVARCHAR2(20), code CHAR(3), d DATE, ts TIMESTAMP(9),"
        " tz TIMESTAMP(3) WITH TIME ZONE, ltz TIMESTAMP WITH LOCAL TIME ZONE, ds INTERVAL DAY TO SECOND,"
        " ym INTERVAL YEAR(4) TO MONTH, c CLOB, nc NCLOB, b BLOB, r RAW(16), bd BINARY_DOUBLE, bf "
        "BINARY_FLOAT,"
        " ri ROWID, i INTEGER NOT NULL)");
    const Answer answer = session().run("select * from people");
    ASSERT_TRUE(answer.outcome.ok()) << answer.outcome.text;
    const std::vector<dpiOracleTypeNum> expected{
        DPI_ORACLE_TYPE_NUMBER,        DPI_ORACLE_TYPE_NUMBER,       DPI_ORACLE_TYPE_NUMBER,
        DPI_ORACLE_TYPE_NUMBER,        DPI_ORACLE_TYPE_VARCHAR,      DPI_ORACLE_TYPE_VARCHAR,
        DPI_ORACLE_TYPE_NVARCHAR,      DPI_ORACLE_TYPE_CHAR,         DPI_ORACLE_TYPE_DATE,
        DPI_ORACLE_TYPE_TIMESTAMP,     DPI_ORACLE_TYPE_TIMESTAMP_TZ, DPI_ORACLE_TYPE_TIMESTAMP_LTZ,
        DPI_ORACLE_TYPE_INTERVAL_DS,   DPI_ORACLE_TYPE_INTERVAL_YM,  DPI_ORACLE_TYPE_CLOB,
        DPI_ORACLE_TYPE_NCLOB,         DPI_ORACLE_TYPE_BLOB,         DPI_ORACLE_TYPE_RAW,
        DPI_ORACLE_TYPE_NATIVE_DOUBLE, DPI_ORACLE_TYPE_NATIVE_FLOAT, DPI_ORACLE_TYPE_ROWID,
        DPI_ORACLE_TYPE_NUMBER};
    ASSERT_EQ(answer.types.size(), expected.size());
    for (std::size_t column = 0; column < expected.size(); ++column) {
        EXPECT_EQ(answer.types[column].oracleTypeNum, expected[column]) << answer.names[column];
    }
    EXPECT_EQ(answer.names[0], "ID");
    EXPECT_EQ(answer.types[0].precision, 12);
    EXPECT_EQ(answer.types[1].scale, 2);
    EXPECT_EQ(answer.types[2].precision, 0);
    EXPECT_EQ(answer.types[2].scale, -127);
    EXPECT_EQ(answer.types[3].precision, 126);
    EXPECT_EQ(answer.types[4].dbSizeInBytes, 40U);
    EXPECT_EQ(answer.types[5].dbSizeInBytes, 160U);
    EXPECT_EQ(answer.types[5].sizeInChars, 40U);
    EXPECT_EQ(answer.types[9].fsPrecision, 9);
    EXPECT_EQ(answer.types[10].fsPrecision, 3);
    EXPECT_EQ(answer.types[17].dbSizeInBytes, 16U);
    EXPECT_FALSE(answer.nullable[0]);
    EXPECT_TRUE(answer.nullable[1]);
    EXPECT_FALSE(answer.nullable[21]);
}

TEST_F(OracleTypes, keeps_numbers_of_forty_digits_bound_as_text) {
    must("create table numbers(k NUMBER, n NUMBER)");
    const std::vector<std::string> numbers{"0",
                                           "1",
                                           "-1",
                                           "12.5",
                                           "9223372036854775807",
                                           "-12345678901234567890123456789.000000001",
                                           "9999999999999999999999999999999999999999",
                                           "0.1",
                                           "0.00000000000000000000000000000000000123"};
    const Statement insert = session().prepare("insert into numbers(k, n) values(:k, :n)");
    const auto count = static_cast<std::uint32_t>(numbers.size());
    const Bound keys =
        bind(session(), insert.get(), "k", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_INT64}, count);
    const Bound values =
        bind(session(), insert.get(), "n", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_BYTES}, count);
    for (std::uint32_t index = 0; index < count; ++index) {
        dpiData_setInt64(&keys.data[index], index);
        set_text(values, index, numbers[index]);
    }
    ASSERT_TRUE(outcome_of(dpiStmt_executeMany(insert.get(), DPI_MODE_EXEC_DEFAULT, count)).ok());
    const Answer answer = session().run("select n from numbers order by k");
    ASSERT_EQ(answer.rows.size(), numbers.size());
    for (std::size_t index = 0; index < numbers.size(); ++index) {
        EXPECT_EQ(answer.rows[index][0], numbers[index]);
    }
}

TEST_F(OracleTypes, keeps_the_largest_and_smallest_exponents) {
    must("create table numbers(n NUMBER)");
    must("insert into numbers values(1e125)");
    must("insert into numbers values(-1e125)");
    must("insert into numbers values(1e-130)");
    const Answer answer = session().run("select n from numbers");
    ASSERT_EQ(answer.rows.size(), 3U);
    EXPECT_EQ(answer.rows[0][0], "1" + std::string(125, '0'));
    EXPECT_EQ(answer.rows[1][0], "-1" + std::string(125, '0'));
    EXPECT_EQ(answer.rows[2][0], "0." + std::string(129, '0') + "1");
}

TEST_F(OracleTypes, keeps_literals_that_a_double_would_lose) {
    must("create table numbers(n NUMBER(38,10))");
    must("insert into numbers values(1234567890123456789012345678.0123456789)");
    EXPECT_EQ(session().value("select n from numbers"), "1234567890123456789012345678.0123456789");
    must("update numbers set n = -1234567890123456789012345678.0123456789");
    EXPECT_EQ(session().value("select n from numbers"), "-1234567890123456789012345678.0123456789");
}

TEST_F(OracleTypes, reads_every_type_of_a_row) {
    must(
        "create table all_types(v VARCHAR2(20), c CHAR(5), r RAW(4), d DATE, ts TIMESTAMP(9),"
        " tz TIMESTAMP(9) WITH TIME ZONE, ds INTERVAL DAY TO SECOND, ym INTERVAL YEAR TO MONTH, bd "
        "BINARY_DOUBLE,"
        " bf BINARY_FLOAT, cl CLOB, bl BLOB)");
    must(
        "insert into all_types values('naïve ☃', 'ab', hextoraw('00ff'), DATE '2024-02-29',"
        " TIMESTAMP '2024-02-29 23:59:58.123456789', TIMESTAMP '2024-02-29 23:59:58.5 -05:30',"
        " INTERVAL '-4 03:02:01.5' DAY TO SECOND, INTERVAL '3-11' YEAR TO MONTH, 0.1, 1.5, to_clob('long'),"
        " to_blob(hextoraw('0001')))");
    const Answer answer = session().run("select * from all_types");
    ASSERT_TRUE(answer.outcome.ok()) << answer.outcome.text;
    const std::vector<std::string> expected{"naïve ☃",
                                            "ab   ",
                                            "00ff",
                                            "2024-02-29T00:00:00.000000000+00:00",
                                            "2024-02-29T23:59:58.123456789+00:00",
                                            "2024-02-29T23:59:58.500000000-05:30",
                                            "-4d -3h -2m -1s -500000000ns",
                                            "3y 11m",
                                            "0.10000000000000001",
                                            "1.5",
                                            "long",
                                            "0001"};
    ASSERT_EQ(answer.rows.size(), 1U);
    for (std::size_t column = 0; column < expected.size(); ++column) {
        EXPECT_EQ(answer.rows[0][column], expected[column]) << answer.names[column];
    }
}

TEST_F(OracleTypes, takes_times_and_intervals_by_bind) {
    must(
        "create table times(d DATE, ts TIMESTAMP(9), tz TIMESTAMP(9) WITH TIME ZONE,"
        " ltz TIMESTAMP(9) WITH LOCAL TIME ZONE, ds INTERVAL DAY TO SECOND, ym INTERVAL YEAR TO MONTH)");
    const Statement insert = session().prepare("insert into times values(:d, :ts, :tz, :ltz, :ds, :ym)");
    const Bound d = bind(session(), insert.get(), "d", {DPI_ORACLE_TYPE_DATE, DPI_NATIVE_TYPE_TIMESTAMP});
    const Bound ts =
        bind(session(), insert.get(), "ts", {DPI_ORACLE_TYPE_TIMESTAMP, DPI_NATIVE_TYPE_TIMESTAMP});
    const Bound tz =
        bind(session(), insert.get(), "tz", {DPI_ORACLE_TYPE_TIMESTAMP_TZ, DPI_NATIVE_TYPE_TIMESTAMP});
    const Bound ltz =
        bind(session(), insert.get(), "ltz", {DPI_ORACLE_TYPE_TIMESTAMP_LTZ, DPI_NATIVE_TYPE_TIMESTAMP});
    const Bound ds =
        bind(session(), insert.get(), "ds", {DPI_ORACLE_TYPE_INTERVAL_DS, DPI_NATIVE_TYPE_INTERVAL_DS});
    const Bound ym =
        bind(session(), insert.get(), "ym", {DPI_ORACLE_TYPE_INTERVAL_YM, DPI_NATIVE_TYPE_INTERVAL_YM});
    for (const Bound* bound : {&d, &ts, &tz, &ltz}) {
        dpiData_setTimestamp(bound->data, 1999, 12, 31, 23, 0, 1, 7, 5, 30);
    }
    dpiData_setIntervalDS(ds.data, 1, 2, 3, 4, 5);
    dpiData_setIntervalYM(ym.data, -2, -3);
    ASSERT_TRUE(session().run(insert.get()).outcome.ok());
    const Answer answer = session().run("select * from times");
    ASSERT_EQ(answer.rows.size(), 1U);
    EXPECT_EQ(answer.rows[0][0], "1999-12-31T23:00:01.000000000+00:00");
    EXPECT_EQ(answer.rows[0][1], "1999-12-31T23:00:01.000000007+00:00");
    EXPECT_EQ(answer.rows[0][2], "1999-12-31T23:00:01.000000007+05:30");
    // Told in the session's zone, which is UTC.
    EXPECT_EQ(answer.rows[0][3], "1999-12-31T17:30:01.000000007+00:00");
    EXPECT_EQ(answer.rows[0][4], "1d 2h 3m 4s 5ns");
    EXPECT_EQ(answer.rows[0][5], "-2y -3m");
}

TEST_F(OracleTypes, gives_the_empty_text_back_as_null) {
    must("create table texts(k NUMBER, v VARCHAR2(10))");
    must("insert into texts values(1, '')");
    const Statement insert = session().prepare("insert into texts values(2, :v)");
    const Bound v = bind(session(), insert.get(), "v", {DPI_ORACLE_TYPE_VARCHAR, DPI_NATIVE_TYPE_BYTES, 10});
    set_text(v, 0, "");
    ASSERT_TRUE(session().run(insert.get()).outcome.ok());
    EXPECT_EQ(session().value("select count(*) from texts where v is null"), "2");
    EXPECT_EQ(session().run("select v from texts").rows,
              (std::vector<TextRow>{{std::nullopt}, {std::nullopt}}));
}

TEST_F(OracleTypes, streams_lobs_in_pieces_and_keeps_wide_characters_whole) {
    must("create table lobs(k NUMBER, c CLOB, b BLOB)");
    std::string text;
    while (text.size() < 200000) {
        text += "a☃é😀";
    }
    const std::string bytes(150001, '\x7f');
    const Statement insert = session().prepare("insert into lobs values(1, :c, :b)");
    dpiLob* lob = nullptr;
    ASSERT_EQ(dpiConn_newTempLob(session().get(), DPI_ORACLE_TYPE_CLOB, &lob), 0);
    const Lob clob{lob};
    ASSERT_EQ(dpiConn_newTempLob(session().get(), DPI_ORACLE_TYPE_BLOB, &lob), 0);
    const Lob blob{lob};
    ASSERT_EQ(dpiLob_setFromBytes(clob.get(), text.data(), text.size()), 0);
    ASSERT_EQ(dpiLob_setFromBytes(blob.get(), bytes.data(), bytes.size()), 0);
    const Bound c = bind(session(), insert.get(), "c", {DPI_ORACLE_TYPE_CLOB, DPI_NATIVE_TYPE_LOB});
    const Bound b = bind(session(), insert.get(), "b", {DPI_ORACLE_TYPE_BLOB, DPI_NATIVE_TYPE_LOB});
    ASSERT_EQ(dpiVar_setFromLob(c.variable.get(), 0, clob.get()), 0);
    ASSERT_EQ(dpiVar_setFromLob(b.variable.get(), 0, blob.get()), 0);
    ASSERT_TRUE(session().run(insert.get()).outcome.ok());
    const Answer answer = session().run("select c, b from lobs");
    ASSERT_EQ(answer.rows.size(), 1U);
    EXPECT_EQ(answer.rows[0][0], text);
    EXPECT_EQ(answer.rows[0][1]->size(), 2 * bytes.size());
}

TEST_F(OracleTypes, reads_a_lob_as_bytes) {
    must("create table lobs(c CLOB)");
    const std::string text(200000, 'x');
    const Statement insert = session().prepare("insert into lobs values(:c)");
    const Bound c = bind(session(), insert.get(), "c", {DPI_ORACLE_TYPE_LONG_VARCHAR, DPI_NATIVE_TYPE_BYTES});
    set_text(c, 0, text);
    ASSERT_TRUE(session().run(insert.get()).outcome.ok());
    const Statement select = session().prepare("select c from lobs");
    std::uint32_t columns = 0;
    ASSERT_EQ(dpiStmt_execute(select.get(), DPI_MODE_EXEC_DEFAULT, &columns), 0);
    ASSERT_EQ(dpiStmt_defineValue(select.get(), 1, DPI_ORACLE_TYPE_LONG_VARCHAR, DPI_NATIVE_TYPE_BYTES, 0, 0,
                                  nullptr),
              0);
    int found = 0;
    std::uint32_t index = 0;
    ASSERT_EQ(dpiStmt_fetch(select.get(), &found, &index), 0);
    dpiNativeTypeNum native = 0;
    dpiData* data = nullptr;
    ASSERT_EQ(dpiStmt_getQueryValue(select.get(), 1, &native, &data), 0);
    EXPECT_EQ(std::string(data->value.asBytes.ptr, data->value.asBytes.length), text);
}

TEST_F(OracleTypes, finds_a_row_again_by_its_rowid) {
    must("create table t(a NUMBER)");
    must("insert into t values(1)");
    must("insert into t values(2)");
    const std::string rowid = session().value("select rowid from t where a = 2");
    ASSERT_EQ(rowid.size(), 18U);
    EXPECT_EQ(session().value("select x.a from t x where x.rowid = '" + rowid + "'"), "2");
}

TEST_F(OracleTypes, returns_values_of_changed_rows) {
    must("create table t(a NUMBER, s VARCHAR2(10))");
    must("insert into t values(1, 'one')");
    must("insert into t values(2, 'two')");
    const Statement update = session().prepare("update t set a = a + 10 returning a, s into :a, :s");
    const Bound a = bind(session(), update.get(), "a", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_INT64});
    const Bound s = bind(session(), update.get(), "s", {DPI_ORACLE_TYPE_VARCHAR, DPI_NATIVE_TYPE_BYTES, 10});
    const Answer answer = session().run(update.get());
    ASSERT_TRUE(answer.outcome.ok()) << answer.outcome.text;
    std::uint32_t count = 0;
    dpiData* data = nullptr;
    ASSERT_EQ(dpiVar_getReturnedData(a.variable.get(), 0, &count, &data), 0);
    ASSERT_EQ(count, 2U);
    EXPECT_EQ(data[0].value.asInt64, 11);
    EXPECT_EQ(data[1].value.asInt64, 12);
    ASSERT_EQ(dpiVar_getReturnedData(s.variable.get(), 0, &count, &data), 0);
    EXPECT_EQ(std::string(data[1].value.asBytes.ptr, data[1].value.asBytes.length), "two");
}

TEST_F(OracleTypes, binds_by_position_with_a_name_that_occurs_twice) {
    must("create table t(a NUMBER)");
    must("insert into t values(5)");
    const Statement select = session().prepare("select a from t where a > :low and a < :high and a <> :low");
    std::uint32_t count = 0;
    ASSERT_EQ(dpiStmt_getBindCount(select.get(), &count), 0);
    EXPECT_EQ(count, 3U);
    std::vector<const char*> names(count);
    std::vector<std::uint32_t> lengths(count);
    ASSERT_EQ(dpiStmt_getBindNames(select.get(), &count, names.data(), lengths.data()), 0);
    ASSERT_EQ(count, 2U);
    EXPECT_EQ(std::string(names[0], lengths[0]), "LOW");
    EXPECT_EQ(std::string(names[1], lengths[1]), "HIGH");
    dpiData low{};
    dpiData high{};
    dpiData_setInt64(&low, 1);
    dpiData_setInt64(&high, 9);
    ASSERT_EQ(dpiStmt_bindValueByName(select.get(), "low", 3, DPI_NATIVE_TYPE_INT64, &low), 0);
    ASSERT_EQ(dpiStmt_bindValueByName(select.get(), "high", 4, DPI_NATIVE_TYPE_INT64, &high), 0);
    EXPECT_EQ(session().run(select.get()).rows, (std::vector<TextRow>{{"5"}}));
    EXPECT_LT(dpiStmt_bindValueByName(select.get(), "other", 5, DPI_NATIVE_TYPE_INT64, &high), 0);
    EXPECT_EQ(last_error().code, 1036);
}

TEST_F(OracleTypes, tells_which_rows_of_a_batch_failed) {
    must("create table t(a NUMBER primary key, s VARCHAR2(3))");
    const Statement insert = session().prepare("insert into t values(:a, :s)");
    constexpr std::uint32_t count = 5;
    const Bound a =
        bind(session(), insert.get(), "a", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_INT64}, count);
    const Bound s =
        bind(session(), insert.get(), "s", {DPI_ORACLE_TYPE_VARCHAR, DPI_NATIVE_TYPE_BYTES, 10}, count);
    const std::vector<std::pair<int, std::string>> rows{{1, "a"}, {1, "b"}, {2, "c"}, {3, "long"}, {4, "d"}};
    for (std::uint32_t index = 0; index < count; ++index) {
        dpiData_setInt64(&a.data[index], rows[index].first);
        set_text(s, index, rows[index].second);
    }
    ASSERT_EQ(dpiStmt_executeMany(insert.get(),
                                  DPI_MODE_EXEC_BATCH_ERRORS | DPI_MODE_EXEC_ARRAY_DML_ROWCOUNTS, count),
              0)
        << last_error().text;
    std::uint32_t errors = 0;
    ASSERT_EQ(dpiStmt_getBatchErrorCount(insert.get(), &errors), 0);
    ASSERT_EQ(errors, 2U);
    std::vector<dpiErrorInfo> found(errors);
    ASSERT_EQ(dpiStmt_getBatchErrors(insert.get(), errors, found.data()), 0);
    EXPECT_EQ(found[0].code, 1);
    EXPECT_EQ(found[0].offset, 1U);
    EXPECT_EQ(found[1].code, 12899);
    EXPECT_EQ(found[1].offset, 3U);
    std::uint32_t counts = 0;
    std::uint64_t* changed = nullptr;
    ASSERT_EQ(dpiStmt_getRowCounts(insert.get(), &counts, &changed), 0);
    EXPECT_EQ(std::vector<std::uint64_t>(changed, changed + counts),
              (std::vector<std::uint64_t>{1, 0, 1, 0, 1}));
    EXPECT_EQ(session().value("select count(*) from t"), "3");
}

TEST_F(OracleTypes, takes_a_thousand_rows_at_once) {
    must(
        "create table t(id NUMBER(10), n NUMBER, s VARCHAR2(40), ts TIMESTAMP(9), bd BINARY_DOUBLE, r "
        "RAW(16))");
    const Statement insert = session().prepare("insert into t values(:id, :n, :s, :ts, :bd, :r)");
    constexpr std::uint32_t count = 1000;
    const Bound id =
        bind(session(), insert.get(), "id", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_INT64}, count);
    const Bound n =
        bind(session(), insert.get(), "n", {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_BYTES}, count);
    const Bound s =
        bind(session(), insert.get(), "s", {DPI_ORACLE_TYPE_VARCHAR, DPI_NATIVE_TYPE_BYTES, 40}, count);
    const Bound ts =
        bind(session(), insert.get(), "ts", {DPI_ORACLE_TYPE_TIMESTAMP, DPI_NATIVE_TYPE_TIMESTAMP}, count);
    const Bound bd =
        bind(session(), insert.get(), "bd", {DPI_ORACLE_TYPE_NATIVE_DOUBLE, DPI_NATIVE_TYPE_DOUBLE}, count);
    const Bound r =
        bind(session(), insert.get(), "r", {DPI_ORACLE_TYPE_RAW, DPI_NATIVE_TYPE_BYTES, 16}, count);
    for (std::uint32_t index = 0; index < count; ++index) {
        dpiData_setInt64(&id.data[index], index);
        set_text(n, index, std::to_string(index) + ".000000001");
        set_text(s, index, "row " + std::to_string(index));
        dpiData_setTimestamp(&ts.data[index], 2024, 1, 1, 0, 0, 0, index, 0, 0);
        dpiData_setDouble(&bd.data[index], index / 3.0);
        set_text(r, index, std::string{"\0\1\xff", 3});
    }
    ASSERT_EQ(dpiStmt_executeMany(insert.get(), DPI_MODE_EXEC_DEFAULT, count), 0) << last_error().text;
    std::uint64_t rows = 0;
    dpiStmt_getRowCount(insert.get(), &rows);
    EXPECT_EQ(rows, count);
    const Answer answer = session().run("select * from t where id in (0, 999) order by id");
    ASSERT_EQ(answer.rows.size(), 2U);
    EXPECT_EQ(answer.rows[1][1], "999.000000001");
    EXPECT_EQ(answer.rows[1][2], "row 999");
    EXPECT_EQ(answer.rows[1][3], "2024-01-01T00:00:00.000000999+00:00");
    EXPECT_EQ(answer.rows[1][4], "333");
    EXPECT_EQ(answer.rows[1][5], "0001ff");
}

TEST_F(OracleTypes, holds_values_to_their_columns) {
    must("create table t(v VARCHAR2(3), n NUMBER(4,2), d DATE)");
    EXPECT_EQ(session().run("insert into t(v) values('four')").outcome.text,
              "ORA-12899: value too large for column \"APP\".\"T\".\"V\" (actual: 4, maximum: 3)");
    EXPECT_EQ(session().run("insert into t(n) values(100)").outcome.code, 1438);
    EXPECT_EQ(session().run("insert into t(n) values('abc')").outcome.code, 1722);
    EXPECT_EQ(session().run("insert into t(d) values('tomorrow')").outcome.code, 1861);
    must("insert into t(n) values(1.239)");
    EXPECT_EQ(session().value("select n from t"), "1.24");
}

}  // namespace
}  // namespace majed::oracle_client
