// SPDX-License-Identifier: Apache-2.0
#include "format/json.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace majed::format {
namespace {

std::string json_of(const ValueView& value) {
    std::string out;
    JsonWriter(out).cell(value);
    return out;
}

TEST(JsonWriter, puts_commas_between_members_and_elements_only) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .key("a")
        .integer(1)
        .key("b")
        .begin_array()
        .integer(1)
        .null()
        .begin_array()
        .end_array();
    json.end_array().key("c").begin_object().end_object().end_object();
    EXPECT_EQ(out, R"({"a":1,"b":[1,null,[]],"c":{}})");
}

TEST(JsonWriter, writes_integers_beyond_two_to_the_53_as_strings) {
    EXPECT_EQ(json_of(std::int64_t{9007199254740992}), "9007199254740992");
    EXPECT_EQ(json_of(std::int64_t{9007199254740993}), "\"9007199254740993\"");
    EXPECT_EQ(json_of(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\"");
}

TEST(JsonWriter, writes_reals_so_that_they_stay_reals) {
    EXPECT_EQ(json_of(1.0), "1.0");
    EXPECT_EQ(json_of(0.1), "0.1");
    EXPECT_EQ(json_of(-2.5e300), "-2.5e+300");
}

TEST(JsonWriter, writes_reals_that_are_not_finite_as_null) {
    EXPECT_EQ(json_of(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(json_of(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonWriter, writes_blobs_as_base64_with_padding) {
    const std::array<std::byte, 4> bytes{std::byte{0xff}, std::byte{0x00}, std::byte{0x10}, std::byte{0x80}};
    EXPECT_EQ(json_of(BlobView{bytes}), "\"/wAQgA==\"");
    EXPECT_EQ(json_of(BlobView{std::span(bytes).first(3)}), "\"/wAQ\"");
    EXPECT_EQ(json_of(BlobView{}), "\"\"");
}

TEST(JsonWriter, escapes_quotes_backslashes_and_control_characters) {
    EXPECT_EQ(json_of(std::string_view("a\"\\\n\x01\x7f")), "\"a\\\"\\\\\\n\\u0001\\u007f\"");
}

TEST(JsonWriter, replaces_bytes_that_are_not_utf8) {
    EXPECT_EQ(json_of(std::string_view("\xc3\xa9")), "\"\xc3\xa9\"");
    EXPECT_EQ(json_of(std::string_view("a\xc3z")), "\"a\xEF\xBF\xBDz\"");
    EXPECT_EQ(json_of(std::string_view("\xed\xa0\x80")), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, takes_a_value_that_is_json_already_as_it_is) {
    std::string out;
    JsonWriter json(out);
    json.begin_array().integer(1).json(R"({"a":[2]})").integer(3).end_array();
    EXPECT_EQ(out, R"([1,{"a":[2]},3])");
}

TEST(ErrorMembers, leave_out_what_an_error_does_not_have) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    append_error_members(json, Error{ErrorCode::denied, "no"});
    json.end_object();
    EXPECT_EQ(out, R"({"code":"denied","detail":"no"})");
}

TEST(ErrorMembers, give_the_retry_time_in_whole_seconds_rounded_up) {
    Error error = Error{ErrorCode::parse_error, "expected FROM"}.at(7).with_hint("see docs");
    error.retry_after = std::chrono::milliseconds(1200);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    append_error_members(json, error);
    json.end_object();
    EXPECT_EQ(
        out,
        R"({"code":"parse_error","detail":"expected FROM","hint":"see docs","offset":7,"retry_after":2})");
}

}  // namespace
}  // namespace majed::format
