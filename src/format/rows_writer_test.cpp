// SPDX-License-Identifier: Apache-2.0
#include "format/rows_writer.h"

#include <gtest/gtest.h>

#include <array>

namespace majed::format {
namespace {

std::string answer_in(RowsFormat format) {
    std::string out;
    const auto writer = make_rows_writer(format, out);
    const std::array<RowsColumn, 2> columns{RowsColumn{"ID", "INTEGER", false},
                                            RowsColumn{"EMAIL", "TEXT", true}};
    writer->columns(columns);
    writer->row(std::array<ValueView, 2>{std::int64_t{7}, std::string_view("a,\"b\"")});
    writer->row(std::array<ValueView, 2>{std::int64_t{12}, Null{}});
    RowsSummary summary;
    summary.query_id = "q1";
    summary.source = "sales";
    summary.row_count = 2;
    summary.elapsed = std::chrono::microseconds(1500);
    summary.row_filters = {"CUSTOMERS"};
    summary.masked_columns = {"CUSTOMERS.EMAIL"};
    writer->finish(summary);
    return out;
}

TEST(RowsWriter, writes_json_in_the_shape_of_the_contract) {
    EXPECT_EQ(answer_in(RowsFormat::json),
              R"({"columns":[{"name":"ID","type":"INTEGER","masked":false},)"
              R"({"name":"EMAIL","type":"TEXT","masked":true}],"rows":[[7,"a,\"b\""],[12,null]],)"
              R"("query_id":"q1","source":"sales","row_count":2,"truncated":false,"elapsed_ms":1.5,)"
              R"("applied":{"row_filters":["CUSTOMERS"],"masked_columns":["CUSTOMERS.EMAIL"]}})"
              "\n");
}

TEST(RowsWriter, writes_ndjson_with_the_columns_first_and_the_summary_last) {
    EXPECT_EQ(answer_in(RowsFormat::ndjson),
              R"({"columns":[{"name":"ID","type":"INTEGER","masked":false},)"
              R"({"name":"EMAIL","type":"TEXT","masked":true}]})"
              "\n[7,\"a,\\\"b\\\"\"]\n[12,null]\n"
              R"({"query_id":"q1","source":"sales","row_count":2,"truncated":false,"elapsed_ms":1.5,)"
              R"("applied":{"row_filters":["CUSTOMERS"],"masked_columns":["CUSTOMERS.EMAIL"]}})"
              "\n");
}

TEST(RowsWriter, quotes_csv_fields_that_need_it) {
    EXPECT_EQ(answer_in(RowsFormat::csv), "ID,EMAIL\r\n7,\"a,\"\"b\"\"\"\r\n12,\r\n");
}

TEST(RowsWriter, tells_empty_text_from_null_in_csv) {
    std::string out;
    const auto writer = make_rows_writer(RowsFormat::csv, out);
    writer->row(std::array<ValueView, 2>{std::string_view(""), Null{}});
    EXPECT_EQ(out, "\"\",\r\n");
}

/// One row: an error, and a text that says the same.
std::string undecryptable_in(RowsFormat format) {
    std::string out;
    const auto writer = make_rows_writer(format, out);
    writer->columns(
        std::array<RowsColumn, 2>{RowsColumn{"SSN", "TEXT", false}, RowsColumn{"N", "TEXT", false}});
    writer->row(std::array<ValueView, 2>{undecryptable_cell, std::string_view("#undecryptable")});
    RowsSummary summary;
    summary.row_count = 1;
    summary.decrypted_columns = {"PATIENTS.SSN"};
    summary.undecryptable = 1;
    writer->finish(summary);
    return out;
}

TEST(RowsWriter, tells_a_cell_that_could_not_be_decrypted_from_every_value) {
    const std::string row = R"([{"error":"undecryptable"},"#undecryptable"])";
    EXPECT_NE(undecryptable_in(RowsFormat::json).find("\"rows\":[" + row + "]"), std::string::npos);
    EXPECT_NE(undecryptable_in(RowsFormat::ndjson).find("\n" + row + "\n"), std::string::npos);
    EXPECT_EQ(undecryptable_in(RowsFormat::csv), "SSN,N\r\n#undecryptable,\"#undecryptable\"\r\n");
}

TEST(RowsWriter, says_what_was_decrypted_and_what_could_not_be) {
    const std::string applied =
        R"("applied":{"row_filters":[],"masked_columns":[],"decrypted_columns":["PATIENTS.SSN"],"undecryptable":1})";
    for (const RowsFormat format : {RowsFormat::json, RowsFormat::ndjson})
        EXPECT_NE(undecryptable_in(format).find(applied), std::string::npos) << undecryptable_in(format);
    const std::string table = undecryptable_in(RowsFormat::table);
    EXPECT_NE(table.find("#undecryptable"), std::string::npos);
    EXPECT_NE(table.find("1 row · decrypted: PATIENTS.SSN · 1 cell undecryptable"), std::string::npos)
        << table;
}

TEST(RowsWriter, aligns_the_table_and_names_what_was_applied) {
    EXPECT_EQ(answer_in(RowsFormat::table),
              "ID │ EMAIL\n"
              "───┼──────\n"
              " 7 │ a,\"b\"\n"
              "12 │ NULL\n"
              "2 rows · filtered: CUSTOMERS · masked: CUSTOMERS.EMAIL\n");
}

TEST(RowsWriter, says_how_many_rows_a_write_affected) {
    RowsSummary summary;
    summary.query_id = "q1";
    summary.source = "sales";
    summary.elapsed = std::chrono::microseconds(1500);
    summary.rows_affected = 3;
    const auto written = [&](RowsFormat format) {
        std::string out;
        make_rows_writer(format, out)->finish(summary);
        return out;
    };
    const std::string object = R"({"query_id":"q1","source":"sales","rows_affected":3,"elapsed_ms":1.5})"
                               "\n";
    EXPECT_EQ(written(RowsFormat::json), object);
    EXPECT_EQ(written(RowsFormat::ndjson), object);
    EXPECT_EQ(written(RowsFormat::csv), "rows_affected\r\n3\r\n");
    EXPECT_EQ(written(RowsFormat::table), "3 rows affected\n");
}

TEST(RowsWriter, says_of_a_write_with_returning_both) {
    std::string out;
    const auto writer = make_rows_writer(RowsFormat::json, out);
    writer->columns(std::array<RowsColumn, 1>{RowsColumn{"ID", "INTEGER", false}});
    writer->row(std::array<ValueView, 1>{std::int64_t{7}});
    RowsSummary summary;
    summary.row_count = 1;
    summary.rows_affected = 1;
    writer->finish(summary);
    EXPECT_NE(out.find(R"("rows":[[7]],"query_id":"","source":"","rows_affected":1,"row_count":1)"),
              std::string::npos)
        << out;
}

TEST(RowsWriter, says_in_ndjson_that_an_answer_broke_off) {
    std::string out;
    const auto writer = make_rows_writer(RowsFormat::ndjson, out);
    writer->fail(Error{ErrorCode::timeout, "the statement took too long"});
    EXPECT_EQ(out, R"({"error":{"code":"timeout","detail":"the statement took too long"}})"
                   "\n");
}

TEST(RowsFormat, knows_the_names_of_the_contract_and_no_others) {
    EXPECT_EQ(rows_format_from("ndjson"), RowsFormat::ndjson);
    EXPECT_EQ(rows_format_from("JSON"), std::nullopt);
}

}  // namespace
}  // namespace majed::format
