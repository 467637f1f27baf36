// SPDX-License-Identifier: Apache-2.0
#include "audit/record_time.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::audit {
namespace {

std::string read_back(std::string_view text) {
    const auto time = parse_time(text);
    return time ? timestamp(*time) : "none";
}

TEST(RecordTime, is_read_from_a_day_to_the_microsecond) {
    EXPECT_EQ(read_back("2025-01-31"), "2025-01-31T00:00:00.000000Z");
    EXPECT_EQ(read_back("2025-01-31T23:59Z"), "2025-01-31T23:59:00.000000Z");
    EXPECT_EQ(read_back("2024-02-29T23:59:58Z"), "2024-02-29T23:59:58.000000Z");
    EXPECT_EQ(read_back("2025-01-31T23:59:59.5Z"), "2025-01-31T23:59:59.500000Z");
    EXPECT_EQ(read_back("2025-01-31T23:59:59.123456Z"), "2025-01-31T23:59:59.123456Z");
    EXPECT_EQ(read_back("1969-12-31T23:59:59.000001Z"), "1969-12-31T23:59:59.000001Z");
}

TEST(RecordTime, is_nothing_else) {
    for (const std::string_view text : {"",
                                        "yesterday",
                                        "2025",
                                        "2025-1-31",
                                        "2025-02-29",
                                        "2025-13-01",
                                        "2025-01-32",
                                        "2025-00-10",
                                        "2025-01-31Z",
                                        "2025-01-31T",
                                        "2025-01-31T10Z",
                                        "2025-01-31T24:00Z",
                                        "2025-01-31T10:60Z",
                                        "2025-01-31T10:00:60Z",
                                        "2025-01-31T10:00:00",
                                        "2025-01-31T10:00:00+01:00",
                                        "2025-01-31 10:00:00Z",
                                        "2025-01-31T10:00:00.Z",
                                        "2025-01-31T10:00:00.1234567Z",
                                        "2025-01-31T10:00:00Z ",
                                        "-025-01-31",
                                        "2025-01-31T10:00:00.1234567890123456789Z",
                                        "20250131",
                                        "2025-01-31' OR 1=1 --"}) {
        EXPECT_EQ(read_back(text), "none") << text;
    }
}

}  // namespace
}  // namespace majed::audit
