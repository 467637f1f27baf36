// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/temporal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::driver::oracle {

namespace {

std::string shown(dpiTimestamp time, Zone zone = Zone::none) {
    TemporalText buffer;
    return std::string(timestamp_text(time, zone, buffer));
}

std::string days(dpiIntervalDS interval) {
    TemporalText buffer;
    return std::string(interval_text(interval, buffer));
}

std::string years(dpiIntervalYM interval) {
    TemporalText buffer;
    return std::string(interval_text(interval, buffer));
}

}  // namespace

TEST(TemporalText, shows_a_date_with_its_time) {
    EXPECT_EQ(shown({2025, 1, 31, 0, 0, 0, 0, 0, 0}), "2025-01-31T00:00:00");
    EXPECT_EQ(shown({987, 12, 1, 23, 59, 59, 0, 0, 0}), "0987-12-01T23:59:59");
}

TEST(TemporalText, keeps_nanoseconds_and_drops_trailing_zeros) {
    EXPECT_EQ(shown({2024, 2, 29, 23, 59, 58, 123456789, 0, 0}), "2024-02-29T23:59:58.123456789");
    EXPECT_EQ(shown({2024, 2, 29, 23, 59, 58, 500000000, 0, 0}), "2024-02-29T23:59:58.5");
    EXPECT_EQ(shown({2024, 2, 29, 23, 59, 58, 1, 0, 0}), "2024-02-29T23:59:58.000000001");
}

TEST(TemporalText, keeps_the_offset) {
    EXPECT_EQ(shown({2025, 6, 1, 12, 0, 0, 0, 2, 0}, Zone::shown), "2025-06-01T12:00:00+02:00");
    EXPECT_EQ(shown({2025, 6, 1, 12, 0, 0, 100000000, -9, -30}, Zone::shown), "2025-06-01T12:00:00.1-09:30");
    EXPECT_EQ(shown({2025, 6, 1, 12, 0, 0, 0, 0, -30}, Zone::shown), "2025-06-01T12:00:00-00:30");
    EXPECT_EQ(shown({2025, 6, 1, 12, 0, 0, 0, 0, 0}, Zone::shown), "2025-06-01T12:00:00+00:00");
}

TEST(TemporalText, counts_years_before_christ_as_iso_does) {
    EXPECT_EQ(shown({-1, 12, 31, 0, 0, 0, 0, 0, 0}), "0000-12-31T00:00:00");
    EXPECT_EQ(shown({-44, 3, 15, 0, 0, 0, 0, 0, 0}), "-0043-03-15T00:00:00");
    EXPECT_EQ(shown({-4712, 1, 1, 0, 0, 0, 0, 0, 0}), "-4711-01-01T00:00:00");
    EXPECT_EQ(shown({9999, 12, 31, 0, 0, 0, 0, 0, 0}), "9999-12-31T00:00:00");
}

TEST(TemporalText, writes_intervals_as_durations) {
    EXPECT_EQ(days({3, 4, 5, 6, 500000000}), "P3DT4H5M6.5S");
    EXPECT_EQ(days({3, 0, 0, 0, 0}), "P3D");
    EXPECT_EQ(days({0, 0, 0, 0, 0}), "PT0S");
    EXPECT_EQ(days({0, 0, 7, 0, 0}), "PT7M");
    EXPECT_EQ(days({-3, -4, 0, 0, -1}), "P-3DT-4H-0.000000001S");
    EXPECT_EQ(days({0, 0, 0, -6, -500000000}), "PT-6.5S");
    EXPECT_EQ(years({1, 2}), "P1Y2M");
    EXPECT_EQ(years({-1, -2}), "P-1Y-2M");
    EXPECT_EQ(years({0, 0}), "P0M");
    EXPECT_EQ(years({999999999, 11}), "P999999999Y11M");
}

TEST(TemporalText, fits_the_widest_values_into_its_buffer) {
    EXPECT_EQ(days({-999999999, -23, -59, -59, -999999999}), "P-999999999DT-23H-59M-59.999999999S");
    EXPECT_EQ(days({INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN}),
              "P-2147483648DT-2147483648H-2147483648M-2147483648.2147483648S");
}

}  // namespace majed::driver::oracle
