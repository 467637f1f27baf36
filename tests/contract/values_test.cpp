// SPDX-License-Identifier: Apache-2.0
// Every type goes in and comes out without loss, NULL too, in rows of any width.
#include "contract/contract_fixture.h"

#include <fstream>
#include <iterator>

namespace majed::contract {
namespace {

std::string types_page() {
    std::ifstream page(MAJED_PROJECT_ROOT "/docs/reference/types.md");
    return {std::istreambuf_iterator<char>(page), {}};
}

TEST_P(Contract, every_type_comes_back_as_it_was_given) {
    const auto connection = connect();
    for (const TypeCase& type : under_test().types()) {
        SCOPED_TRACE(type.declared + " given " + shown(type.given));
        make_table(*connection, "typed", "v " + type.declared);
        EXPECT_TRUE(succeeds(run(*connection, insert_into("typed", 1), {type.given})));
        const auto rows = query(*connection, "SELECT v FROM typed");
        ASSERT_TRUE(succeeds(rows));
        ASSERT_EQ(rows->size(), 1U);
        EXPECT_EQ(shown(rows->front()[0]), shown(type.expected));
    }
}

TEST_P(Contract, every_type_is_described_the_same_before_and_while_it_runs) {
    const auto connection = connect();
    for (const TypeCase& type : under_test().types()) {
        SCOPED_TRACE(type.declared);
        make_table(*connection, "typed", "v " + type.declared);
        const auto described = connection->prepare("SELECT v FROM typed", soon());
        ASSERT_TRUE(succeeds(described));
        CollectingSink sink;
        ASSERT_TRUE(succeeds(connection->execute("SELECT v FROM typed", {}, {.deadline = soon()}, sink)));
        ASSERT_EQ(described->columns.size(), 1U);
        EXPECT_EQ(described->columns, sink.columns);
        EXPECT_EQ(name_of(described->columns[0].type), name_of(type.type));
        EXPECT_EQ(described->columns[0].native_type,
                  type.native_type.empty() ? type.declared : type.native_type);
    }
}

TEST_P(Contract, the_reference_of_types_tells_what_the_driver_does) {
    const std::string page = types_page();
    ASSERT_FALSE(page.empty());
    for (const TypeCase& type : under_test().types()) {
        const std::string row = "| `" + type.declared + "` | `" + std::string(name_of(type.type)) + "` |";
        EXPECT_NE(page.find(row), std::string::npos) << "docs/reference/types.md lacks: " << row;
    }
}

TEST_P(Contract, null_is_null_in_every_type) {
    const auto connection = connect();
    for (const TypeCase& type : under_test().types()) {
        SCOPED_TRACE(type.declared);
        make_table(*connection, "typed", "v " + type.declared);
        EXPECT_TRUE(succeeds(run(*connection, insert_into("typed", 1), {Null{}})));
        EXPECT_EQ(cell(*connection, "SELECT v FROM typed"), "NULL");
    }
}

TEST_P(Contract, integers_keep_all_64_bits) {
    const auto connection = connect();
    make_table(*connection, "numbers_kept", "v " + dialect().big_integer);
    for (const std::int64_t number : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0},
                                      std::int64_t{9007199254740993}, INT64_MAX}) {
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM numbers_kept")));
        ASSERT_TRUE(succeeds(run(*connection, insert_into("numbers_kept", 1), {number})));
        EXPECT_EQ(cell(*connection, "SELECT v FROM numbers_kept"), std::to_string(number));
    }
}

TEST_P(Contract, decimals_keep_every_digit) {
    const auto connection = connect();
    make_table(*connection, "decimals_kept", "v " + dialect().decimal);
    for (const char* const digits : {"-12345678901234567890123456789.000000001", "0.000000001",
                                     "99999999999999999999999999999.999999999", "-1.5"}) {
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM decimals_kept")));
        ASSERT_TRUE(succeeds(run(*connection, insert_into("decimals_kept", 1), {std::string(digits)})));
        std::string got = cell(*connection, "SELECT v FROM decimals_kept");
        std::erase(got, '\'');
        // A column with a scale may show its zeros.
        got.erase(got.find_last_not_of('0') + 1);
        EXPECT_EQ(got, digits);
    }
}

TEST_P(Contract, empty_text_is_what_the_engine_takes_it_for) {
    const auto connection = connect();
    make_table(*connection, "empty_text", "v " + dialect().text);
    ASSERT_TRUE(succeeds(run(*connection, insert_into("empty_text", 1), {std::string()})));
    EXPECT_EQ(cell(*connection, "SELECT v FROM empty_text"), dialect().empty_text_is_null ? "NULL" : "''");
}

TEST_P(Contract, long_text_and_long_blobs_come_back_whole) {
    const auto connection = connect();
    make_table(*connection, "long_values", "t " + dialect().long_text + ", b " + dialect().blob);
    std::string text;
    while (text.size() < 3'000'000) text += "0123456789 \xc3\xa9\xe2\x82\xac ";
    Blob blob;
    blob.bytes.resize(2'000'001);
    for (std::size_t i = 0; i < blob.bytes.size(); ++i) blob.bytes[i] = static_cast<std::byte>(i * 7 % 256);
    ASSERT_TRUE(succeeds(run(*connection, insert_into("long_values", 2), {text, blob})));
    const auto rows = query(*connection, "SELECT t, b FROM long_values");
    ASSERT_TRUE(succeeds(rows));
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_TRUE(rows->front()[0] == Value(text));
    EXPECT_TRUE(rows->front()[1] == Value(blob));
}

TEST_P(Contract, wide_rows_come_back_in_order) {
    const auto connection = connect();
    std::string columns;
    Row values;
    for (std::size_t i = 0; i < dialect().widest_table; ++i) {
        columns += (i == 0 ? "" : ", ") + ("c" + std::to_string(i)) + " " + dialect().integer;
        values.emplace_back(static_cast<std::int64_t>(i * 3));
    }
    make_table(*connection, "wide", columns);
    ASSERT_TRUE(succeeds(run(*connection, insert_into("wide", values.size()), values)));
    const auto rows = query(*connection, "SELECT * FROM wide");
    ASSERT_TRUE(succeeds(rows));
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_TRUE(rows->front() == values);
}

TEST_P(Contract, an_empty_answer_announces_its_columns) {
    const auto connection = connect();
    make_table(*connection, "nothing_in_it", "a " + dialect().integer + ", b " + dialect().text);
    CollectingSink sink;
    const auto done = connection->execute("SELECT a, b FROM nothing_in_it", {}, {.deadline = soon()}, sink);
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows, 0U);
    EXPECT_FALSE(done->truncated);
    EXPECT_EQ(sink.announced, 1);
    EXPECT_EQ(sink.columns.size(), 2U);
}

TEST_P(Contract, a_catalogue_reading_finds_the_table_with_its_columns_in_order) {
    const auto connection = connect();
    make_table(*connection, "found_again",
               "first_one " + dialect().integer + " NOT NULL, other " + dialect().text);
    const auto schema = writer().read_schema(*connection, soon());
    ASSERT_TRUE(succeeds(schema));
    bool found = false;
    for (const auto& object : schema->objects) {
        std::string name = object.name;
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (name != "found_again") continue;
        found = true;
        EXPECT_EQ(object.kind, driver::ObjectKind::table);
        ASSERT_EQ(object.columns.size(), 2U);
        EXPECT_TRUE(object.columns[0].name == "first_one" || object.columns[0].name == "FIRST_ONE");
        EXPECT_TRUE(object.columns[0].not_null);
        EXPECT_FALSE(object.columns[1].not_null);
    }
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace majed::contract
