// SPDX-License-Identifier: Apache-2.0
// What an administrator sets while the program runs: types, bounds, history, and what another program left.
#include "driver/sqlite/temporary_directory.h"
#include "store/configuration.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace majed::store {
namespace {

using namespace std::chrono_literals;
using Key = ConfigurationKey;
using Text = std::string;

class PrimaryConfiguration : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(make_primary_tables(path_));
        write_by_hand(
            "INSERT INTO users (id, username, hashed_password, role) VALUES (1, 'root', 'x', 'admin')");
        store_ = open();
    }
    std::unique_ptr<PrimaryStore> open() {
        StoreOptions options;
        options.journal = journal_;
        options.clock = [this] { return now_; };
        auto opened = PrimaryStore::open(path_, std::move(options));
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    std::string refusal(Key key, const ConfigurationValue& value) {
        const auto refused = store_->set_configuration(root_, key, value);
        EXPECT_FALSE(refused);
        if (refused) return "";
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        return refused.error().message;
    }
    void write_by_hand(const std::string& sql) {
        auto database = driver::sqlite::Database::open(path_, driver::sqlite::OpenMode::read_write);
        ASSERT_TRUE(database->execute(sql));
    }

    const Actor root_{.user_id = 1, .name = "root"};
    std::chrono::system_clock::time_point now_ =
        std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 23h + 59min;
    std::shared_ptr<RememberingJournal> journal_ = std::make_shared<RememberingJournal>();
    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::unique_ptr<PrimaryStore> store_;
};

TEST(ConfigurationKeys, are_in_their_order_with_defaults_that_could_be_set) {
    std::size_t place = 0;
    for (const ConfigurationTraits& traits : configuration_keys) {
        EXPECT_EQ(static_cast<std::size_t>(traits.key), place++) << traits.name;
        EXPECT_EQ(*configuration_key(traits.name), traits.key);
        for (const std::int64_t number : {traits.initial, traits.minimum, traits.maximum}) {
            EXPECT_EQ(number_in(traits, text_of(traits, number)), number) << traits.name;
        }
        EXPECT_FALSE(traits.description.empty());
    }
    const auto unknown = configuration_key("conversations.enable");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
    EXPECT_EQ(unknown.error().hint,
              "known are: conversations.enabled, conversations.retention, conversations.max_turns,"
              " audit.retention");
    EXPECT_FALSE(configuration_key(""));
}

TEST_F(PrimaryConfiguration, is_the_default_until_somebody_sets_it) {
    EXPECT_EQ(*store_->configured(conversations_enabled), true);
    EXPECT_EQ(*store_->configured(conversations_retention), std::chrono::days(365));
    EXPECT_EQ(*store_->configured(conversations_max_turns), 10'000);
    EXPECT_EQ(*store_->configured(audit_retention), 0ms);
    const auto items = store_->configuration();
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), configuration_keys.size());
    EXPECT_FALSE(items->front().set);
    EXPECT_EQ(items->front().updated_by, "");
}

TEST_F(PrimaryConfiguration, holds_at_once_for_who_has_the_store_open_and_after_a_restart) {
    const auto other = open();
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_enabled, false));
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_retention, Text("90d")));
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_max_turns, std::int64_t{5}));
    for (PrimaryStore* const store : {store_.get(), other.get()}) {
        EXPECT_EQ(*store->configured(conversations_enabled), false);
        EXPECT_EQ(*store->configured(conversations_retention), std::chrono::days(90));
        EXPECT_EQ(*store->configured(conversations_max_turns), 5);
    }
    ASSERT_TRUE(other->reset_configuration(root_, Key::conversations_enabled));
    store_ = open();
    EXPECT_EQ(*store_->configured(conversations_enabled), true);
    EXPECT_EQ(*store_->configured(conversations_max_turns), 5);
}

TEST_F(PrimaryConfiguration, is_refused_out_of_its_type_and_bounds) {
    EXPECT_EQ(refusal(Key::conversations_enabled, std::int64_t{1}),
              "conversations.enabled: expected true or false");
    EXPECT_EQ(refusal(Key::conversations_enabled, Text("true")),
              "conversations.enabled: expected true or false");
    const std::string turns = "conversations.max_turns: expected a whole number from 1 to 1000000";
    EXPECT_EQ(refusal(Key::conversations_max_turns, std::int64_t{0}), turns);
    EXPECT_EQ(refusal(Key::conversations_max_turns, std::int64_t{1'000'001}), turns);
    EXPECT_EQ(refusal(Key::conversations_max_turns, Text("10")), turns);
    const std::string spans =
        "audit.retention: expected a text from 30d to 36500d with a unit of ms, s, m, h, d, or \"0\" for "
        "ever";
    for (const char* text : {"29d", "36501d", "", "-1d", "1", "30 d", "30d ", "1e9d", "9999999999999999999d",
                             "true", "0x0", "+30d"}) {
        EXPECT_EQ(refusal(Key::audit_retention, Text(text)), spans) << text;
    }
    EXPECT_EQ(refusal(Key::audit_retention, std::int64_t{0}), spans);
    EXPECT_FALSE(store_->configuration(Key::audit_retention)->set);
    for (const char* text : {"30d", "720h", "36500d", "0", "0s"}) {
        EXPECT_TRUE(store_->set_configuration(root_, Key::audit_retention, Text(text))) << text;
    }
    EXPECT_EQ(*store_->configured(audit_retention), 0ms);
}

TEST_F(PrimaryConfiguration, keeps_who_changed_what_and_when) {
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_retention, Text("2160h")));
    now_ += 1h;
    ASSERT_TRUE(store_->set_configuration({.user_id = 4711, .name = "gone"}, Key::conversations_retention,
                                          Text("0")));
    const auto item = store_->configuration(Key::conversations_retention);
    EXPECT_EQ(item->updated_by, "gone");
    EXPECT_EQ(item->updated_at, "2026-02-01T00:59:00.000Z");
    ASSERT_TRUE(store_->reset_configuration({}, Key::conversations_retention));
    ASSERT_TRUE(store_->reset_configuration({}, Key::conversations_retention)) << "again is no change";
    const auto history = store_->configuration_history(Key::conversations_retention);
    ASSERT_EQ(history->size(), 3U);
    EXPECT_EQ((*history)[0].old_value, "0");
    EXPECT_EQ((*history)[0].new_value, std::nullopt);
    EXPECT_EQ((*history)[0].changed_by, "local");
    EXPECT_EQ((*history)[1].old_value, "90d");
    EXPECT_EQ((*history)[2].old_value, std::nullopt);
    EXPECT_EQ((*history)[2].new_value, "90d");
    EXPECT_EQ((*history)[2].changed_by, "root");
    EXPECT_EQ((*history)[2].changed_at, "2026-01-31T23:59:00.000Z");
    EXPECT_TRUE(store_->configuration_history(Key::audit_retention)->empty());
}

TEST_F(PrimaryConfiguration, tells_the_journal_both_values) {
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_max_turns, std::int64_t{7}));
    EXPECT_EQ(journal_->entries().back().resource_id, "conversations.max_turns");
    EXPECT_EQ(journal_->entries().back().images.before, R"({"value":"10000","set":false})");
    EXPECT_EQ(journal_->entries().back().images.after, R"({"value":"7","set":true})");
    ASSERT_TRUE(store_->reset_configuration(root_, Key::conversations_max_turns));
    EXPECT_EQ(journal_->entries().back().images.before, R"({"value":"7","set":true})");
    EXPECT_EQ(journal_->entries().back().images.after, R"({"value":"10000","set":false})");
}

TEST_F(PrimaryConfiguration, shows_the_newest_of_a_long_history) {
    for (std::int64_t turns = 1; turns <= 102; ++turns) {
        ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_max_turns, turns));
    }
    const auto history = store_->configuration_history(Key::conversations_max_turns);
    ASSERT_EQ(history->size(), 100U);
    EXPECT_EQ(history->front().new_value, "102");
    EXPECT_EQ(history->back().new_value, "3");
}

TEST_F(PrimaryConfiguration,
       that_is_not_understood_is_an_error_for_who_needs_it_and_shown_to_who_can_mend_it) {
    write_by_hand(
        "INSERT INTO configuration (key, value) VALUES ('conversations.enabled', 'sometimes'),"
        " ('conversations.max_turns', '0'), ('a.newer.key', 'x')");
    const auto refused = store_->configured(conversations_enabled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_FALSE(store_->configured(conversations_max_turns)) << "out of bounds is not understood either";
    const auto items = store_->configuration();
    ASSERT_TRUE(items);
    EXPECT_EQ(items->size(), configuration_keys.size());
    const std::string shown = configuration_json(items->front());
    EXPECT_NE(shown.find(R"("value":null,"error":{"code":"conflict")"), std::string::npos) << shown;
    EXPECT_NE(shown.find(R"("set":true)"), std::string::npos) << shown;
    ASSERT_TRUE(store_->set_configuration(root_, Key::conversations_enabled, false));
    EXPECT_EQ(*store_->configured(conversations_enabled), false);
    EXPECT_EQ(store_->configuration_history(Key::conversations_enabled)->front().old_value, "sometimes");
}

TEST_F(PrimaryConfiguration, is_shown_with_its_type_and_bounds) {
    EXPECT_EQ(configuration_json(*store_->configuration(Key::conversations_retention)),
              R"({"key":"conversations.retention","type":"duration","value":"365d","default":"365d",)"
              R"("minimum":"1h","maximum":"3650d","description":"How long a turn of a conversation is kept; )"
              R"(0 keeps it for ever.","set":false,"updated_by":null,"updated_at":null})");
    EXPECT_EQ(configuration_json(*store_->configuration(Key::conversations_enabled)).find("minimum"),
              std::string::npos);
}

}  // namespace
}  // namespace majed::store
