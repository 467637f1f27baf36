// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/session_setting.h"

#include <gtest/gtest.h>

namespace majed::driver::postgres {
namespace {

GuardSet guard_of(std::vector<std::string> schemas) {
    GuardSet guard;
    guard.search_path = std::move(schemas);
    return guard;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(TextArray, quotes_every_text) {
    EXPECT_EQ(text_array({}), "{}");
    EXPECT_EQ(text_array({"a", "", "NULL", "b,c", "d\"e\\f", "{g}"}),
              "{\"a\",\"\",\"NULL\",\"b,c\",\"d\\\"e\\\\f\",\"{g}\"}");
}

TEST(SessionSetting, puts_the_servers_names_first_and_temporary_ones_last) {
    const SessionSetting setting(guard_of({"shop", "it's \"odd\""}));
    EXPECT_TRUE(holds(setting.sql(),
                      "set_config('search_path', 'pg_catalog, \"shop\", \"it''s \"\"odd\"\"\", "
                      "pg_temp', true)"))
        << setting.sql();
}

TEST(SessionSetting, gives_the_server_a_little_longer_than_the_deadline) {
    const SessionSetting setting(guard_of({}));
    const auto milliseconds = [&](Deadline deadline) {
        return std::stoll(std::get<std::string>(setting.values({}, deadline).at(0)));
    };
    EXPECT_EQ(milliseconds(Deadline::max()), 3'600'000);
    EXPECT_EQ(milliseconds(SteadyClock::now() - std::chrono::hours(1)), 500);
    const auto soon = milliseconds(deadline_after(std::chrono::seconds(10)));
    EXPECT_GT(soon, 10'000);
    EXPECT_LE(soon, 10'500);
    EXPECT_EQ(setting.values({}, Deadline::max()).size(), 1U);
}

TEST(SessionSetting, tells_a_server_that_enforces_who_asks_and_leaves_nothing_of_others) {
    GuardSet guard;
    guard.native = true;
    guard.context_attributes = {"region", "regions"};
    const SessionSetting setting(guard);
    EXPECT_TRUE(holds(setting.sql(), "set_config('majed.role', $2, true)")) << setting.sql();
    EXPECT_TRUE(holds(setting.sql(), "set_config('majed.user.regions', $4, true)")) << setting.sql();
    const auto values =
        setting.values({{"role", {"normal"}}, {"regions", {"a", "b"}}, {"other", {"x"}}}, Deadline::max());
    ASSERT_EQ(values.size(), 4U);
    EXPECT_EQ(values[1], Value(std::string("normal")));
    EXPECT_EQ(values[2], Value(std::string()));
    EXPECT_EQ(values[3], Value(std::string("{\"a\",\"b\"}")));
    EXPECT_EQ(setting.values({{"role", {"normal", "admin"}}}, Deadline::max())[1], Value(std::string()));
}

TEST(SessionSetting, asks_for_a_limit_on_temporary_files_where_the_server_can_be_asked) {
    EXPECT_EQ(SessionSetting::at_opening(guard_of({}), 140000).size(), 1U);
    EXPECT_EQ(SessionSetting::at_opening(guard_of({}), 150018).size(), 2U);
}

}  // namespace
}  // namespace majed::driver::postgres
