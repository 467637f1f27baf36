// SPDX-License-Identifier: Apache-2.0
#include "chaos/postgres_fixture.h"

#include <optional>

namespace majed::chaos {

namespace {

using driver::ColumnType;

class PostgresValues : public OnPostgres {};

struct TypeRow {
    const char* expression;
    const char* expected;
    ColumnType type;
    const char* native_type;
};

const TypeRow type_rows[]{
    {"true", "true", ColumnType::boolean, "boolean"},
    {"32767::smallint", "32767", ColumnType::integer, "smallint"},
    {"(-2147483648)::integer", "-2147483648", ColumnType::integer, "integer"},
    {"9223372036854775807", "9223372036854775807", ColumnType::integer, "bigint"},
    {"1.5::real", "1.500000", ColumnType::real, "real"},
    {"'-infinity'::float8", "-inf", ColumnType::real, "double precision"},
    {"12.50::numeric(12,2)", "12.50", ColumnType::decimal, "numeric(12,2)"},
    {"-12345678901234567890123456789.000000001::numeric", "-12345678901234567890123456789.000000001",
     ColumnType::decimal, "numeric"},
    {"1e-10::numeric", "0.0000000001", ColumnType::decimal, "numeric"},
    {"'NaN'::numeric", "NaN", ColumnType::decimal, "numeric"},
    {"'Infinity'::numeric", "Infinity", ColumnType::decimal, "numeric"},
    {"'h\xc3\xa9'::varchar(40)", "h\xc3\xa9", ColumnType::text, "character varying(40)"},
    {"'ab'::char(3)", "ab ", ColumnType::text, "character(3)"},
    {"'\\x00ff'::bytea", "x 0 255", ColumnType::blob, "bytea"},
    {"'2025-01-31'::date", "2025-01-31", ColumnType::date, "date"},
    {"'0044-03-15 BC'::date", "-0043-03-15", ColumnType::date, "date"},
    {"'12025-01-31'::date", "+12025-01-31", ColumnType::date, "date"},
    {"'infinity'::date", "infinity", ColumnType::date, "date"},
    {"'23:59:59.120'::time", "23:59:59.12", ColumnType::time, "time without time zone"},
    {"'23:59:59.5+02'::timetz", "23:59:59.5+02:00", ColumnType::time_tz, "time with time zone"},
    {"'2025-01-31 23:59:59.123456'::timestamp", "2025-01-31T23:59:59.123456", ColumnType::timestamp,
     "timestamp without time zone"},
    {"'2025-01-31 23:59:59'::timestamp(3)", "2025-01-31T23:59:59", ColumnType::timestamp,
     "timestamp(3) without time zone"},
    {"'2025-01-31 23:59:59+00'::timestamptz", "2025-01-31T23:59:59+00:00", ColumnType::timestamp_tz,
     "timestamp with time zone"},
    {"'1 year 2 mons 3 days 04:05:06.5'::interval", "P1Y2M3DT4H5M6.5S", ColumnType::interval, "interval"},
    {"'{\"a\": [1, null]}'::jsonb", "{\"a\": [1, null]}", ColumnType::json, "jsonb"},
    {"'{ \"a\":1}'::json", "{ \"a\":1}", ColumnType::json, "json"},
    {"'12345678-9abc-def0-0102-030405060708'::uuid", "12345678-9abc-def0-0102-030405060708",
     ColumnType::other, "uuid"},
    {"ARRAY[1,2]", "{1,2}", ColumnType::other, "integer[]"},
    {"ARRAY[1.5]::numeric(12,2)[]", "{1.50}", ColumnType::other, "numeric(12,2)[]"},
    {"'10.0.0.1'::inet", "10.0.0.1", ColumnType::other, "inet"},
    {"'[1,5)'::int4range", "[1,5)", ColumnType::other, "int4range"},
    {"4294967295::oid", "4294967295", ColumnType::integer, "oid"},
    {"NULL::integer", "NULL", ColumnType::integer, "integer"},
};

TEST_F(PostgresValues, every_type_is_read_the_same_in_text_and_in_binary_form) {
    const auto connection = connect();
    // A numeric beside it makes libpq ask for text, since it has one form for all columns.
    for (const char* const companion : {"", ", 1.5::numeric"}) {
        for (const TypeRow& row : type_rows) {
            Collector sink;
            const auto summary = connection->execute(std::string("SELECT ") + row.expression + companion, {},
                                                     {.deadline = soon()}, sink);
            ASSERT_TRUE(summary) << row.expression << ' ' << outcome(summary);
            EXPECT_EQ(shown(sink.rows.at(0).at(0)), row.expected) << row.expression << companion;
            EXPECT_EQ(sink.columns.at(0).type, row.type) << row.expression;
            EXPECT_EQ(sink.columns.at(0).native_type, row.native_type) << row.expression;
        }
    }
}

TEST_F(PostgresValues, types_of_the_database_itself_are_named) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TYPE mood AS ENUM ('sad', 'ok')")), "ok");
    ASSERT_EQ(outcome(run(*connection, "CREATE DOMAIN small AS numeric(5,1) CHECK (value < 100)")), "ok");
    Collector sink;
    ASSERT_TRUE(connection->execute("SELECT 'ok'::mood, ARRAY['sad'::mood], 1.5::small, ROW(1, 'a')", {},
                                    {.deadline = soon()}, sink));
    EXPECT_EQ(sink.columns.at(0), (driver::ResultColumn{"mood", ColumnType::other, "mood"}));
    EXPECT_EQ(sink.columns.at(1).native_type, "mood[]");
    EXPECT_EQ(sink.columns.at(1).type, ColumnType::other);
    EXPECT_EQ(sink.columns.at(2).type, ColumnType::decimal);
    EXPECT_EQ(shown(sink.rows.at(0).at(3)), "(1,a)");
    EXPECT_EQ(outcome(run(*connection, "DROP TYPE mood")), "ok");
    EXPECT_EQ(outcome(run(*connection, "DROP DOMAIN small")), "ok");
}

TEST_F(PostgresValues, parameters_take_the_type_that_the_server_gives_them) {
    const auto connection = connect();
    EXPECT_EQ(cell(*connection, "SELECT $1::numeric + 0.5", {std::int64_t{7}}), "7.5");
    EXPECT_EQ(cell(*connection, "SELECT $1::bigint", {std::int64_t{INT64_MIN}}), "-9223372036854775808");
    EXPECT_EQ(cell(*connection, "SELECT $1::boolean", {true}), "true");
    EXPECT_EQ(cell(*connection, "SELECT $1::integer", {true}), "1");
    EXPECT_EQ(cell(*connection, "SELECT $1::text", {std::int64_t{5}}), "5");
    EXPECT_EQ(cell(*connection, "SELECT $1", {std::string("h\xc3\xa9")}), "h\xc3\xa9");
    EXPECT_EQ(cell(*connection, "SELECT $1::bytea", {Blob{{std::byte{0}, std::byte{9}}}}), "x 0 9");
    EXPECT_EQ(cell(*connection, "SELECT $1::bytea IS NULL", {Blob{}}), "false");
    EXPECT_EQ(cell(*connection, "SELECT $1::date + 1", {std::string("2024-02-28")}), "2024-02-29");
    EXPECT_EQ(cell(*connection, "SELECT $1::integer", {std::string("abc")}),
              "invalid_argument/user_error/22P02");
    EXPECT_EQ(cell(*connection, "SELECT $1::text", {std::string("\xff")}),
              "invalid_argument/user_error/22021");
    EXPECT_EQ(cell(*connection, "SELECT $1::text", {std::string("a\0b", 3)}), "invalid_argument/user_error/");
    EXPECT_EQ(cell(*connection, "SELECT $1::text"), "invalid_argument/user_error/");
    EXPECT_EQ(cell(*connection, "SELECT 1", {true}), "invalid_argument/user_error/");
    Collector sink;
    const driver::Parameters named{{}, {{"b", std::int64_t{2}}, {"a", std::int64_t{40}}}};
    ASSERT_TRUE(connection->execute("SELECT :a::int + :b::int, ':a', (ARRAY[5,6,7])[1:2]", named,
                                    {.deadline = soon()}, sink));
    EXPECT_EQ(shown(sink.rows.at(0).at(0)), "42");
    EXPECT_EQ(shown(sink.rows.at(0).at(1)), ":a");
    EXPECT_EQ(shown(sink.rows.at(0).at(2)), "{5,6}");
}

TEST_F(PostgresValues, describes_parameters_and_columns) {
    const auto connection = connect();
    const auto named = connection->prepare("SELECT :a::int AS x, :b::text AS y WHERE :a > 1", soon());
    ASSERT_TRUE(named) << outcome(named);
    EXPECT_EQ(named->parameter_names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(named->columns.at(1), (driver::ResultColumn{"y", ColumnType::text, "text"}));
    const auto positional = connection->prepare("INSERT INTO pg_temp.nothing VALUES ($1)", soon());
    EXPECT_EQ(outcome(positional), "invalid_argument/user_error/42P01");
    const auto plain = connection->prepare("SELECT $1::int", soon());
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->parameter_count, 1U);
    EXPECT_EQ(plain->parameter_names, (std::vector<std::string>{""}));
}

TEST_F(PostgresValues, an_error_points_into_the_text_of_the_caller_and_shows_none_of_the_server) {
    const auto connection = connect();
    const std::string sql = "SELECT '\xe2\x82\xac', :a::int, missing_column FROM pg_class";
    const auto result = connection->prepare(sql, soon());
    ASSERT_FALSE(result);
    EXPECT_EQ(outcome(result), "invalid_argument/user_error/42703");
    EXPECT_EQ(result.error().offset, sql.find("missing_column"));
    EXPECT_EQ(result.error().message.find("missing"), std::string::npos);
    EXPECT_NE(result.error().native_code, 0);
    const auto syntax = connection->prepare("SELEC 1", soon());
    EXPECT_EQ(outcome(syntax), "invalid_argument/user_error/42601");
    EXPECT_EQ(syntax.error().offset, 0U);
}

TEST_F(PostgresValues, limits_end_a_run_and_leave_the_connection_fit) {
    const auto connection = connect();
    const std::string endless = "SELECT generate_series(1, 100000000)";
    Collector first;
    const auto cut = connection->execute(endless, {}, {.deadline = soon(), .max_rows = 3}, first);
    ASSERT_TRUE(cut) << outcome(cut);
    EXPECT_TRUE(cut->truncated);
    EXPECT_EQ(first.rows.size(), 3U);
    Collector exact;
    const auto whole = connection->execute("SELECT n FROM generate_series(1, 3) n", {},
                                           {.deadline = soon(), .max_rows = 3}, exact);
    ASSERT_TRUE(whole) << outcome(whole);
    EXPECT_FALSE(whole->truncated);
    Collector none;
    const auto zero = connection->execute("SELECT 1", {}, {.deadline = soon(), .max_rows = 0}, none);
    ASSERT_TRUE(zero);
    EXPECT_TRUE(zero->truncated);
    Collector bytes;
    const auto large = connection->execute("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", {},
                                           {.deadline = soon(), .max_bytes = 2500}, bytes);
    EXPECT_EQ(outcome(large), "too_large/none/");
    EXPECT_EQ(bytes.rows.size(), 2U);
    Collector refusing;
    refusing.refuse_at = 5;
    EXPECT_EQ(outcome(connection->execute(endless, {}, {.deadline = soon()}, refusing)), "denied/none/");
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT 7"), "7");
}

TEST_F(PostgresValues, cutting_rows_short_undoes_neither_a_write_nor_a_transaction) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE cut (a int)")), "ok");
    Collector written;
    const auto inserted = connection->execute("INSERT INTO cut SELECT generate_series(1, 5000) RETURNING a",
                                              {}, {.deadline = soon(), .max_rows = 1}, written);
    ASSERT_TRUE(inserted) << outcome(inserted);
    EXPECT_TRUE(inserted->truncated);
    EXPECT_EQ(inserted->rows_affected, 5000U);
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM cut"), "5000");
    ASSERT_TRUE(connection->begin(driver::TransactionMode::read_write, soon()));
    Collector read;
    ASSERT_TRUE(connection->execute("SELECT a FROM cut", {}, {.deadline = soon(), .max_rows = 1}, read));
    EXPECT_EQ(outcome(run(*connection, "DELETE FROM cut")), "ok");
    EXPECT_EQ(outcome(connection->commit(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM cut"), "0");
}

TEST_F(PostgresValues, an_empty_answer_still_says_its_columns) {
    const auto connection = connect();
    Collector sink;
    const auto summary = connection->execute("SELECT 1 AS a WHERE false", {}, {.deadline = soon()}, sink);
    ASSERT_TRUE(summary);
    EXPECT_EQ(sink.begun, 1);
    EXPECT_EQ(sink.columns.size(), 1U);
    EXPECT_EQ(summary->rows, 0U);
    EXPECT_EQ(summary->rows_affected, 0U);
    Collector silent;
    ASSERT_TRUE(connection->execute("CREATE TEMP TABLE none_there ()", {}, {.deadline = soon()}, silent));
    EXPECT_EQ(silent.begun, 0);
}

TEST_F(PostgresValues, copy_and_several_commands_are_refused_without_losing_the_connection) {
    const auto connection = connect();
    EXPECT_EQ(outcome(run(*connection, "COPY pg_class TO STDOUT")), "unsupported/user_error/");
    const auto two = run(*connection, "SELECT 1; SELECT 2");
    EXPECT_EQ(outcome(two), "invalid_argument/user_error/42601");
    EXPECT_EQ(two.error().message, "only one statement can be run at a time");
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT 1"), "1");
}

TEST_F(PostgresValues, the_schema_holds_what_the_login_may_read) {
    const auto connection = connect();
    for (const char* const sql :
         {"CREATE SCHEMA shop",
          "CREATE TABLE shop.item (id bigint PRIMARY KEY, price numeric(12,2) NOT NULL, tags text[])",
          "CREATE INDEX item_price ON shop.item (price)",
          "CREATE VIEW shop.cheap AS SELECT id FROM shop.item WHERE price < 5",
          "CREATE MATERIALIZED VIEW shop.sums AS SELECT sum(price) AS total FROM shop.item",
          "CREATE TABLE shop.parted (a int) PARTITION BY LIST (a)", "CREATE TEMP TABLE passing (a int)"}) {
        ASSERT_EQ(outcome(run(*connection, sql)), "ok") << sql;
    }
    const auto schema = writer_->read_schema(*connection, soon());
    ASSERT_TRUE(schema) << outcome(schema);
    std::vector<std::string> names;
    for (const auto& object : schema->objects) {
        names.push_back(object.schema + '.' + object.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"shop.cheap", "shop.item", "shop.parted", "shop.sums"}));
    const auto& item = schema->objects.at(1);
    ASSERT_EQ(item.columns.size(), 3U);
    EXPECT_EQ(item.columns[0].declared_type, "bigint");
    EXPECT_TRUE(item.columns[0].not_null);
    EXPECT_EQ(item.columns[1].declared_type, "numeric(12,2)");
    EXPECT_FALSE(item.columns[2].not_null);
    EXPECT_EQ(item.indexes, (std::vector<std::string>{"item_pkey", "item_price"}));
    EXPECT_EQ(schema->objects.at(0).kind, driver::ObjectKind::view);
    EXPECT_NE(schema->objects.at(0).definition.find("price < "), std::string::npos);
    EXPECT_EQ(item.definition, "");
    EXPECT_EQ(outcome(run(*connection, "DROP SCHEMA shop CASCADE")), "ok");
    EXPECT_FALSE(connection->in_transaction());
}

}  // namespace

}  // namespace majed::chaos
