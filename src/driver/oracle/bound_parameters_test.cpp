// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/bound_parameters.h"

#include "driver/oracle/batch_chunks.h"
#include "driver/oracle/bind_name.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver::oracle {

namespace {

using Names = std::vector<std::string>;

BindShape shape_of(const std::vector<Value>& values) {
    BindShape shape;
    for (const Value& value : values) {
        EXPECT_TRUE(shape.take(value));
    }
    return shape;
}

std::vector<std::string> matched(const Names& names, const Parameters& given) {
    const auto values = match_parameters(names, given);
    if (!values) {
        return {values.error().message};
    }
    std::vector<std::string> texts;
    for (const Value* const value : *values) {
        texts.push_back(std::get<std::string>(*value));
    }
    return texts;
}

using NamedValues = std::vector<std::pair<std::string, Value>>;

Parameters by_position(std::vector<Value> values) {
    return {std::move(values), {}};
}

Parameters by_name(NamedValues values) {
    return {{}, std::move(values)};
}

Value text(const char* value) {
    return std::string(value);
}

}  // namespace

TEST(MatchedParameters, are_found_by_number_by_name_and_in_order) {
    EXPECT_EQ(matched({"2", "1"}, by_position({text("a"), text("b")})), (Names{"b", "a"}));
    EXPECT_EQ(matched({"NAME", "ID"}, by_name({{"id", text("i")}, {"Name", text("n")}})), (Names{"n", "i"}));
    EXPECT_EQ(matched({"NAME", "ID"}, by_position({text("a"), text("b")})), (Names{"a", "b"}));
    EXPECT_EQ(matched({"1", "ID"}, Parameters{{text("a")}, {{"id", text("i")}}}), (Names{"a", "i"}));
    EXPECT_TRUE(matched({}, {}).empty());
}

TEST(MatchedParameters, are_refused_when_missing_unknown_or_too_many) {
    EXPECT_EQ(matched({"1", "2"}, by_position({text("a")})), Names{"no value was given for parameter :2"});
    EXPECT_EQ(matched({"1"}, by_position({text("a"), text("b")})),
              Names{"the statement has no parameter :2"});
    EXPECT_EQ(matched({"ID"}, by_name({{"other", text("a")}})),
              Names{"no value was given for parameter :ID"});
    EXPECT_EQ(matched({"ID"}, by_name({{"id", text("a")}, {"x", text("b")}})),
              Names{"the statement has no parameter :x"});
    EXPECT_EQ(matched({"ID"}, by_name({{"id", text("a")}, {"ID", text("b")}})),
              Names{"parameter :ID was given twice"});
    EXPECT_EQ(matched({"0"}, by_position({text("a")})), Names{"no value was given for parameter :0"});
    EXPECT_EQ(matched({"99999999999999999999999"}, by_position({text("a")})).size(), 1U);
    EXPECT_EQ(matched({}, by_position({text("a")})), Names{"the statement has no parameter :1"});
}

TEST(BindShape, fits_every_value_of_a_placeholder) {
    EXPECT_EQ(shape_of({Null{}, Null{}}).form, BindForm::none);
    EXPECT_EQ(shape_of({Null{}, std::int64_t{1}, true}).form, BindForm::integer);
    EXPECT_EQ(shape_of({1.5, Null{}}).form, BindForm::real);
    EXPECT_EQ(shape_of({std::int64_t{1}, 1.5}).form, BindForm::text);
    EXPECT_EQ(shape_of({text("a"), std::int64_t{1}}).form, BindForm::text);
    EXPECT_EQ(shape_of({text("abc"), text("de")}).size, 3U);
    EXPECT_EQ(shape_of({std::string(32767, 'x')}).form, BindForm::text);
    EXPECT_EQ(shape_of({std::string(32768, 'x'), text("a"), std::int64_t{1}}).form, BindForm::character_lob);
    EXPECT_EQ(shape_of({Blob{std::vector<std::byte>(32767)}}).form, BindForm::bytes);
    EXPECT_EQ(shape_of({Blob{}, Blob{std::vector<std::byte>(32768)}}).form, BindForm::binary_lob);
}

TEST(BindShape, refuses_blobs_beside_other_values) {
    BindShape shape;
    EXPECT_TRUE(shape.take(Blob{}));
    EXPECT_FALSE(shape.take(text("a")));
    EXPECT_TRUE(shape.take(Null{}));
}

TEST(BatchChunks, are_bounded_by_bytes_and_by_rows) {
    const std::vector<std::vector<Value>> small(100'000, {std::int64_t{1}});
    EXPECT_EQ(rows_in_chunk(small), 32768U);
    std::vector<std::vector<Value>> wide(100, {std::string(1U << 20U, 'x')});
    EXPECT_EQ(rows_in_chunk(wide), 3U);
    // One wide value widens the array of all: the chunk ends before it.
    std::vector<std::vector<Value>> mixed(1000, {text("a")});
    mixed[500] = {std::string(3U << 20U, 'x')};
    EXPECT_EQ(rows_in_chunk(mixed), 500U);
    EXPECT_EQ(rows_in_chunk(std::span(mixed).subspan(500)), 1U);
    EXPECT_EQ(rows_in_chunk({}), 0U);
}

TEST(BindName, is_spelled_as_the_statement_spells_it) {
    EXPECT_EQ(spelled_bind_name("SELECT :Region FROM dual", "REGION"), "Region");
    EXPECT_EQ(spelled_bind_name("SELECT ':', :b FROM dual", "B"), "b");
    EXPECT_EQ(spelled_bind_name("SELECT :1 FROM dual", "1"), "");
    EXPECT_EQ(spelled_bind_name("", "ABSENT"), "ABSENT");
}

}  // namespace majed::driver::oracle
