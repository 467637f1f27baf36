// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/parameter_fit.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::driver::postgres {

namespace {

bool fits(const char* text, Oid type) {
    return keeps_meaning(std::string(text), type);
}

constexpr Oid bigint = 20;
constexpr Oid text = 25;
constexpr Oid real4 = 700;
constexpr Oid real8 = 701;
constexpr Oid date = 1082;
constexpr Oid time_of_day = 1083;
constexpr Oid timestamp = 1114;
constexpr Oid timestamp_tz = 1184;
constexpr Oid numeric = 1700;
constexpr Oid jsonb = 3802;

TEST(ParameterFit, what_has_the_form_of_its_type_keeps_its_meaning) {
    EXPECT_TRUE(keeps_meaning(Null{}, date));
    EXPECT_TRUE(keeps_meaning(std::int64_t{INT64_MIN}, bigint));
    EXPECT_TRUE(keeps_meaning(0.1, real8));
    EXPECT_TRUE(keeps_meaning(0.5, real4));
    EXPECT_TRUE(keeps_meaning(true, boolean_oid));
    EXPECT_TRUE(keeps_meaning(Blob{}, bytea_oid));
    EXPECT_TRUE(fits(" 007 ", text));
    EXPECT_TRUE(fits("-7", bigint));
    EXPECT_TRUE(fits("-0.50", numeric));
    EXPECT_TRUE(fits("2025-01-31", date));
    EXPECT_TRUE(fits("23:59:59.5", time_of_day));
    EXPECT_TRUE(fits("2025-01-31T23:59:59.123456", timestamp));
    EXPECT_TRUE(fits("2025-01-31 23:59:59Z", timestamp_tz));
    EXPECT_TRUE(fits("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 2950));
}

TEST(ParameterFit, what_the_type_would_drop_or_spell_anew_does_not) {
    EXPECT_FALSE(keeps_meaning(0.1, real4));
    EXPECT_FALSE(keeps_meaning(0.1 + 0.2, real8));
    EXPECT_FALSE(keeps_meaning(0.5, bigint));
    EXPECT_FALSE(keeps_meaning(std::int64_t{9007199254740993}, real8));
    EXPECT_FALSE(keeps_meaning(true, text));
    EXPECT_FALSE(keeps_meaning(Blob{}, text));
    for (const char* const number : {"007", "+7", "-0", "7 ", "", "-", "1e3"}) {
        EXPECT_FALSE(fits(number, bigint)) << number;
        EXPECT_FALSE(fits(number, numeric)) << number;
    }
    for (const char* const number : {"1.", ".5", "-0.0", "1.5e3", "NaN", "00.5"}) {
        EXPECT_FALSE(fits(number, numeric)) << number;
    }
    EXPECT_FALSE(fits("2025-01-31T23:59:59", date));
    EXPECT_FALSE(fits("today", date));
    EXPECT_FALSE(fits("12:00:00+02:00", time_of_day));
    EXPECT_FALSE(fits("2025-01-31T23:59:59+02:00", timestamp));
    EXPECT_FALSE(fits("2025-01-31T23:59:59.1234567", timestamp));
    EXPECT_FALSE(fits("2025-01-31T23:59:59+02:00", timestamp_tz));
    EXPECT_FALSE(fits("yes", boolean_oid));
    EXPECT_FALSE(fits("ab ", 1042));
    EXPECT_FALSE(fits("{}", jsonb));
    EXPECT_FALSE(fits("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", 2950));
    EXPECT_FALSE(fits("anything", 99999));
}

}  // namespace

}  // namespace majed::driver::postgres
