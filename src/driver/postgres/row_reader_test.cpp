// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/row_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace majed::driver::postgres {

namespace {

using namespace std::string_literals;

/// A result of one row made without a server.
NativeResult row_of(std::vector<std::string> cells) {
    NativeResult result(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
    std::vector<PGresAttDesc> columns(cells.size());
    std::string name = "c";
    for (PGresAttDesc& column : columns) {
        column.name = name.data();
    }
    EXPECT_EQ(PQsetResultAttrs(result.get(), static_cast<int>(cells.size()), columns.data()), 1);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        EXPECT_EQ(PQsetvalue(result.get(), 0, static_cast<int>(i), cells[i].data(),
                             static_cast<int>(cells[i].size())),
                  1);
    }
    return result;
}

Value read(std::string cell, Reading reading, int form) {
    const NativeResult result = row_of({std::move(cell)});
    RowReader reader({reading}, form);
    const auto cells = reader.read(result.get(), 0);
    return cells ? to_owned(cells->front()) : Value("error: " + cells.error().message);
}

std::string iso(std::string_view native, Reading reading) {
    std::string out;
    return append_iso(native, reading, out) ? out : "refused: " + out;
}

TEST(RowReader, dates_and_times_become_iso_8601) {
    const auto date = [](std::string_view text) { return iso(text, Reading::date); };
    EXPECT_EQ(date("2025-01-31"), "2025-01-31");
    EXPECT_EQ(date("12025-01-31"), "+12025-01-31");
    EXPECT_EQ(date("0001-12-31 BC"), "0000-12-31");
    EXPECT_EQ(date("0044-03-15 BC"), "-0043-03-15");
    EXPECT_EQ(date("4713-01-01 BC"), "-4712-01-01");
    EXPECT_EQ(date("infinity"), "infinity");
    EXPECT_EQ(date("-infinity"), "-infinity");
    const auto stamp = [](std::string_view text) { return iso(text, Reading::timestamp); };
    EXPECT_EQ(stamp("2025-01-31 23:59:59.123456"), "2025-01-31T23:59:59.123456");
    EXPECT_EQ(stamp("294276-12-31 23:59:59"), "+294276-12-31T23:59:59");
    EXPECT_EQ(stamp("0044-03-15 00:00:00 BC"), "-0043-03-15T00:00:00");
    EXPECT_EQ(stamp("infinity"), "infinity");
    const auto zoned = [](std::string_view text) { return iso(text, Reading::timestamp_tz); };
    EXPECT_EQ(zoned("2025-01-31 23:59:59.5+02"), "2025-01-31T23:59:59.5+02:00");
    EXPECT_EQ(zoned("2025-01-31 23:59:59-09:30"), "2025-01-31T23:59:59-09:30");
    EXPECT_EQ(zoned("1800-01-01 00:00:00+00:53:28"), "1800-01-01T00:00:00+00:53:28");
    EXPECT_EQ(zoned("0044-03-15 00:00:00+00 BC"), "-0043-03-15T00:00:00+00:00");
    EXPECT_EQ(iso("23:59:59.5+02", Reading::time_tz), "23:59:59.5+02:00");
    EXPECT_EQ(iso("23:59:59-09:30", Reading::time_tz), "23:59:59-09:30");
}

TEST(RowReader, another_date_style_is_refused) {
    for (const std::string_view text :
         {"31/01/2025", "01-31-2025", "Fri Jan 31 23:59:59 2025", "31.01.2025", "", " ", "x"}) {
        EXPECT_EQ(iso(text, Reading::date), "refused: " + std::string(text));
        EXPECT_EQ(iso(text, Reading::timestamp_tz), "refused: " + std::string(text));
    }
}

TEST(RowReader, reads_text_form) {
    EXPECT_EQ(read("t", Reading::boolean, 0), Value(true));
    EXPECT_EQ(read("f", Reading::boolean, 0), Value(false));
    EXPECT_EQ(read("-9223372036854775808", Reading::int64, 0), Value(std::int64_t{INT64_MIN}));
    EXPECT_EQ(read("0.1", Reading::float8, 0), Value(0.1));
    EXPECT_EQ(read("-Infinity", Reading::float8, 0), Value(-std::numeric_limits<double>::infinity()));
    EXPECT_TRUE(std::isnan(std::get<double>(read("NaN", Reading::float8, 0))));
    EXPECT_EQ(read("\\x00ff", Reading::bytea, 0), Value(Blob{{std::byte{0}, std::byte{255}}}));
    EXPECT_EQ(read("\\x", Reading::bytea, 0), Value(Blob{}));
    EXPECT_EQ(read("12.50", Reading::text, 0), Value("12.50"s));
    EXPECT_EQ(read("2025-01-31 00:00:00", Reading::timestamp, 0), Value("2025-01-31T00:00:00"s));
}

TEST(RowReader, reads_binary_form) {
    EXPECT_EQ(read("\1"s, Reading::boolean, 1), Value(true));
    EXPECT_EQ(read("\xff\xfe"s, Reading::int16, 1), Value(std::int64_t{-2}));
    EXPECT_EQ(read("\x80\0\0\0"s, Reading::int32, 1), Value(std::int64_t{INT32_MIN}));
    EXPECT_EQ(read("\xff\xff\xff\xff"s, Reading::oid, 1), Value(std::int64_t{4294967295}));
    EXPECT_EQ(read("\x7f\xff\xff\xff\xff\xff\xff\xff"s, Reading::int64, 1), Value(std::int64_t{INT64_MAX}));
    EXPECT_EQ(read("\x3f\xc0\0\0"s, Reading::float4, 1), Value(1.5));
    EXPECT_EQ(read("\xbf\xf8\0\0\0\0\0\0"s, Reading::float8, 1), Value(-1.5));
    EXPECT_EQ(read("\0\xff"s, Reading::bytea, 1), Value(Blob{{std::byte{0}, std::byte{255}}}));
    EXPECT_EQ(read("\1{}"s, Reading::jsonb, 1), Value("{}"s));
    EXPECT_EQ(read("\x12\x34\x56\x78\x9a\xbc\xde\xf0\x01\x02\x03\x04\x05\x06\x07\x08"s, Reading::uuid, 1),
              Value("12345678-9abc-def0-0102-030405060708"s));
}

TEST(RowReader, both_forms_of_a_real_give_the_same_value) {
    EXPECT_EQ(read("1.1", Reading::float4, 0), Value(1.1));
    EXPECT_EQ(read("3.4028235e+38", Reading::float4, 0), Value(3.4028235e38));
    EXPECT_EQ(read("1e-45", Reading::float4, 0), Value(1e-45));
    EXPECT_EQ(read("\x7f\x80\0\0"s, Reading::float4, 1), Value(std::numeric_limits<double>::infinity()));
    EXPECT_EQ(read("1.1", Reading::float4, 0), read("\x3f\x8c\xcc\xcd"s, Reading::float4, 1));
}

TEST(RowReader, refuses_what_does_not_have_the_form_of_its_type) {
    const Value refused("error: a value of the database does not have the form of its type"s);
    for (const Reading reading : {Reading::boolean, Reading::int32, Reading::float8, Reading::bytea}) {
        EXPECT_EQ(read("zz", reading, 0), refused);
        EXPECT_EQ(read("", reading, 0), refused);
    }
    EXPECT_EQ(read("\\x0", Reading::bytea, 0), refused);
    EXPECT_EQ(read("\\x0g", Reading::bytea, 0), refused);
    for (const Reading reading :
         {Reading::boolean, Reading::int16, Reading::int32, Reading::int64, Reading::oid, Reading::float4,
          Reading::float8, Reading::uuid, Reading::jsonb, Reading::date}) {
        EXPECT_EQ(read("abc", reading, 1), refused) << static_cast<int>(reading);
        EXPECT_EQ(read("", reading, 1), refused) << static_cast<int>(reading);
    }
    EXPECT_EQ(read("99999999999999999999", Reading::int64, 0), refused);
}

TEST(RowReader, views_of_one_row_stay_while_it_is_read) {
    const NativeResult result = row_of({"2025-01-31 00:00:00", "\\x" + std::string(4000, 'a'), "2025-01-31"});
    RowReader reader({Reading::timestamp, Reading::bytea, Reading::date}, 0);
    for (int turn = 0; turn < 3; ++turn) {
        const auto cells = reader.read(result.get(), 0);
        ASSERT_TRUE(cells);
        EXPECT_EQ(std::get<std::string_view>((*cells)[0]), "2025-01-31T00:00:00");
        EXPECT_EQ(std::get<BlobView>((*cells)[1]).bytes.size(), 2000U);
        EXPECT_EQ(std::get<std::string_view>((*cells)[2]), "2025-01-31");
        EXPECT_EQ(reader.bytes(), 19U + 2000U + 10U);
    }
}

}  // namespace

}  // namespace majed::driver::postgres
