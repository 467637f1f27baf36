// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <gtest/gtest.h>

namespace majed::config {
namespace {

using std::chrono::milliseconds;

TEST(Units, reads_durations_with_their_unit) {
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("30s"), milliseconds(30'000));
    EXPECT_EQ(parse_duration("2m"), milliseconds(120'000));
    EXPECT_EQ(parse_duration("1h"), milliseconds(3'600'000));
    EXPECT_EQ(parse_duration("1d"), milliseconds(86'400'000));
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
}

TEST(Units, refuses_durations_that_are_not_exactly_a_number_and_a_unit) {
    for (const auto* text : {"", "30", "s", "-1s", "+1s", "1.5s", "30 s", " 30s", "30s ", "30S", "1m30s",
                             "1w", "99999999999999999999s", "9223372036854775807d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Units, reads_sizes_with_and_without_unit) {
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("1024"), 1024U);
    EXPECT_EQ(parse_size("64KiB"), 65536U);
    EXPECT_EQ(parse_size("64MiB"), 67108864U);
    EXPECT_EQ(parse_size("1GiB"), 1073741824U);
    EXPECT_EQ(parse_size("10kB"), 10000U);
    EXPECT_EQ(parse_size("10MB"), 10000000U);
    for (const auto* text :
         {"", "MiB", "-1", "64 MiB", "64mib", "64K", "1e3", "9223372036854775808", "9999999TiB"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(Units, writes_what_reads_back_the_same) {
    for (const std::int64_t span :
         {0LL, 1LL, 999LL, 1000LL, 1500LL, 60'000LL, 90'000LL, 86'400'000LL, 86'400'001LL}) {
        EXPECT_EQ(parse_duration(format_duration(milliseconds(span))), milliseconds(span));
    }
    EXPECT_EQ(format_duration(milliseconds(30'000)), "30s");
    EXPECT_EQ(format_duration(milliseconds(0)), "0ms");
    EXPECT_EQ(format_size(67108864), "64MiB");
    EXPECT_EQ(format_size(1000), "1000");
    EXPECT_EQ(parse_size(format_size(1536)), 1536U);
}

}  // namespace
}  // namespace majed::config
