// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/native_type.h"

#include <gtest/gtest.h>

namespace majed::driver::postgres {

namespace {

TEST(NativeType, names_carry_their_modifier) {
    EXPECT_EQ(name_of_type(1700, (12 << 16) + 2 + 4), "numeric(12,2)");
    EXPECT_EQ(name_of_type(1700, (3 << 16) + (-5 & 0x7ff) + 4), "numeric(3,-5)");
    EXPECT_EQ(name_of_type(1700, -1), "numeric");
    EXPECT_EQ(name_of_type(1043, 44), "character varying(40)");
    EXPECT_EQ(name_of_type(1042, 5), "character(1)");
    EXPECT_EQ(name_of_type(1114, 3), "timestamp(3) without time zone");
    EXPECT_EQ(name_of_type(1184, -1), "timestamp with time zone");
    EXPECT_EQ(name_of_type(1560, 8), "bit(8)");
    EXPECT_EQ(name_of_type(23, -1), "integer");
}

TEST(NativeType, an_array_is_named_for_its_elements) {
    EXPECT_EQ(name_of_type(1007, -1), "integer[]");
    EXPECT_EQ(name_of_type(1231, (12 << 16) + 2 + 4), "numeric(12,2)[]");
    EXPECT_EQ(name_of_type(1015, 44), "character varying(40)[]");
    EXPECT_EQ(type_of(1007), nullptr);
}

TEST(NativeType, a_type_of_the_database_itself_is_not_known_here) {
    EXPECT_EQ(name_of_type(16384, -1), "");
    EXPECT_EQ(name_of_type(0, -1), "");
    EXPECT_EQ(type_of(0), nullptr);
}

TEST(NativeType, only_what_is_read_in_binary_form_is_asked_for_in_it) {
    EXPECT_TRUE(type_of(20)->binary);
    EXPECT_TRUE(type_of(25)->binary);
    EXPECT_TRUE(type_of(3802)->binary);
    EXPECT_FALSE(type_of(1700)->binary);
    EXPECT_FALSE(type_of(1184)->binary);
    EXPECT_FALSE(type_of(18)->binary);
}

}  // namespace

}  // namespace majed::driver::postgres
