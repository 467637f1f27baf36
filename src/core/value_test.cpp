// SPDX-License-Identifier: Apache-2.0
#include "core/value.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace majed {
namespace {

TEST(Value, survives_being_borrowed_and_owned_again) {
    const std::array<Value, 7> values{
        Null{},        std::numeric_limits<std::int64_t>::min(), 0.1,   std::string("text\0with nul", 13),
        std::string(), Blob{{std::byte{0}, std::byte{255}}},     Blob{}};
    for (const Value& value : values) EXPECT_EQ(to_owned(to_view(value)), value) << value.index();
}

TEST(Value, keeps_empty_text_empty_blob_and_null_apart) {
    EXPECT_NE(Value(std::string()), Value(Null{}));
    EXPECT_NE(Value(Blob{}), Value(Null{}));
    EXPECT_NE(Value(Blob{}), Value(std::string()));
    EXPECT_NE(Value(std::int64_t{1}), Value(1.0));
}

TEST(Value, is_a_copy_once_owned) {
    std::string row = "NORTH";
    const Value owned = to_owned(ValueView(std::string_view(row)));
    row = "EAST!";
    EXPECT_EQ(owned, Value(std::string("NORTH")));
}

TEST(ValueView, points_into_what_it_borrows) {
    const Value value = std::string("a text that is longer than the string's own buffer");
    EXPECT_EQ(std::get<std::string_view>(to_view(value)).data(), std::get<std::string>(value).data());
}

TEST(Value, of_a_cell_that_could_not_be_shown_is_null) {
    EXPECT_EQ(to_owned(ValueView(undecryptable_cell)), Value(Null{}));
    EXPECT_EQ(payload_size(undecryptable_cell), 1U);
}

}  // namespace
}  // namespace majed
