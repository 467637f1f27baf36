// SPDX-License-Identifier: Apache-2.0
#include "api/query_parameters.h"

#include <gtest/gtest.h>

#include <array>

namespace majed::api {
namespace {

constexpr std::array<std::string_view, 2> known{"action", "limit"};

TEST(QueryParameterTexts, are_decoded) {
    const auto read = QueryParameters::read("action=user%2Eadd+x%20y&limit=", known);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->find("action"), "user.add x y");
    EXPECT_EQ(read->find("limit"), "");
    EXPECT_FALSE(read->find("other"));
    EXPECT_EQ(QueryParameters::read("limit", known)->find("limit"), "");
    EXPECT_TRUE(QueryParameters::read("", known));
    EXPECT_EQ(*percent_decoded("a+b", PlusSign::plus), "a+b");
}

TEST(QueryParameterTexts, that_cannot_be_meant_are_refused) {
    for (const char* bad : {"acton=x", "action=1&action=2", "action=%", "action=%4", "action=%zz",
                            "action=%00", "&", "%41=1"}) {
        const auto read = QueryParameters::read(bad, known);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, ErrorCode::invalid_argument) << bad;
    }
    EXPECT_EQ(QueryParameters::read("x=1", {}).error().message, "this call has no query parameters");
}

}  // namespace
}  // namespace majed::api
