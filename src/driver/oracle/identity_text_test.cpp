// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/identity_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::driver::oracle {

TEST(IdentityText, writes_attributes_as_json) {
    const auto text = text_of(SessionIdentity{.client = "alice",
                                              .module = "gateway",
                                              .action = "query",
                                              .attributes = {{"role", "an\"alyst\\"}, {"region", "EU"}}});
    ASSERT_TRUE(text);
    EXPECT_EQ(text->client, "alice");
    EXPECT_EQ(text->info, R"({"role":"an\"alyst\\","region":"EU"})");
    EXPECT_EQ(text_of(SessionIdentity{})->info, "");
}

TEST(IdentityText, cuts_what_is_only_shown_and_never_half_a_character) {
    const auto text =
        text_of(SessionIdentity{{}, std::string(47, 'm') + "\xc3\xa9", std::string(40, 'a'), {}});
    ASSERT_TRUE(text);
    EXPECT_EQ(text->module, std::string(47, 'm'));
    EXPECT_EQ(text->action, std::string(32, 'a'));
}

TEST(IdentityText, refuses_to_cut_who_someone_is) {
    for (const SessionIdentity& identity :
         {SessionIdentity{std::string(65, 'c'), {}, {}, {}}, SessionIdentity{"a\nb", {}, {}, {}},
          SessionIdentity{{}, "a\x01", {}, {}}, SessionIdentity{{}, {}, {}, {{"role", std::string(60, 'r')}}},
          SessionIdentity{{}, {}, {}, {{"role", "a\tb"}}}}) {
        const auto text = text_of(identity);
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace majed::driver::oracle
