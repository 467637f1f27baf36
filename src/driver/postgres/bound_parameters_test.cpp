// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/bound_parameters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace majed::driver::postgres {

namespace {

using namespace std::string_literals;

/// The text that is sent for one value; `NULL`, or the error's message.
std::string sent(const Value& value, Oid type) {
    const std::vector<Oid> types{type};
    const std::vector<Value> values{value};
    const auto bound = BoundParameters::bind(types, values);
    if (!bound) {
        return bound.error().message;
    }
    const char* const text = *bound->values();
    return text == nullptr ? "NULL" : std::string(text, static_cast<std::size_t>(*bound->lengths()));
}

TEST(BoundParameters, values_are_sent_in_the_form_their_type_reads) {
    EXPECT_EQ(sent(Null{}, 23), "NULL");
    EXPECT_EQ(sent(std::int64_t{INT64_MIN}, 1700), "-9223372036854775808");
    EXPECT_EQ(sent(true, boolean_oid), "true");
    EXPECT_EQ(sent(true, 23), "1");
    EXPECT_EQ(sent(false, 1700), "0");
    EXPECT_EQ(sent(0.1, 701), "0.1");
    EXPECT_EQ(sent(2.0, 23), "2");
    EXPECT_EQ(sent(std::numeric_limits<double>::quiet_NaN(), 701), "NaN");
    EXPECT_EQ(sent(-std::numeric_limits<double>::infinity(), 701), "-Infinity");
    EXPECT_EQ(sent("text"s, 25), "text");
    EXPECT_EQ(sent(""s, 25), "");
    EXPECT_EQ(sent(Blob{{std::byte{'a'}, std::byte{0}}}, bytea_oid), "a\0"s);
}

TEST(BoundParameters, an_empty_blob_is_not_null) {
    EXPECT_EQ(sent(Blob{}, bytea_oid), "");
}

TEST(BoundParameters, refuses_what_a_type_cannot_take) {
    EXPECT_EQ(sent("a\0b"s, 25), "parameter $1: a text cannot hold a NUL byte");
    EXPECT_EQ(sent(Blob{}, 25), "parameter $1: bytes can be given to a bytea only");
}

TEST(BoundParameters, every_parameter_must_be_given_and_nothing_else) {
    const std::vector<Oid> types{23, 23};
    const std::vector<Value> one{std::int64_t{1}};
    const auto refused = BoundParameters::bind(types, one);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().failure, FailureClass::user_error);
    EXPECT_EQ(refused.error().message, "the statement takes 2 parameters, 1 were given");
}

TEST(BoundParameters, named_values_go_to_their_position) {
    const std::vector<std::string> names{"a", "b"};
    const std::vector<Oid> types{23, 25};
    const auto message = [&](Parameters given) {
        const auto bound = BoundParameters::bind(names, types, given);
        return bound ? std::string(bound->values()[0]) + "," + bound->values()[1] : bound.error().message;
    };
    EXPECT_EQ(message({{}, {{"b", "x"s}, {"a", std::int64_t{7}}}}), "7,x");
    EXPECT_EQ(message({{}, {{"a", std::int64_t{7}}}}), "no value was given for parameter :b");
    EXPECT_EQ(message({{}, {{"a", Null{}}, {"b", Null{}}, {"c", Null{}}}}),
              "the statement does not have one of the named parameters that were given");
    EXPECT_EQ(message({{}, {{"a", Null{}}, {"a", Null{}}, {"b", Null{}}}}), "a parameter was given twice");
    EXPECT_EQ(message({{Null{}}, {{"a", Null{}}, {"b", Null{}}}}),
              "the statement's parameters have names; values without were given");
}

TEST(BoundParameters, numbers_keep_their_place_when_it_is_moved) {
    std::vector<Value> values;
    for (std::int64_t i = 0; i < 100; ++i) {
        values.emplace_back(i);
    }
    const std::vector<Oid> types(values.size(), 20);
    auto bound = BoundParameters::bind(types, values);
    ASSERT_TRUE(bound);
    const BoundParameters moved = std::move(*bound);
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(moved.values()[i], std::to_string(i));
    }
}

}  // namespace

}  // namespace majed::driver::postgres
