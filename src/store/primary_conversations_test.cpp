// SPDX-License-Identifier: Apache-2.0
// Conversations: one's own only, sealed where they lie, deleted for real.
#include "crypto/key_file.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"
#include "store/record_json.h"
#include "store/store_seals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace majed::store {
namespace {

using namespace std::chrono_literals;
using driver::sqlite::Database;
using driver::sqlite::OpenMode;

constexpr std::int64_t nora = 1;
constexpr std::int64_t uma = 2;

class PrimaryConversations : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto::KeyFile::create(key_, crypto::RootTime(1'800'000'000s)));
        ASSERT_TRUE(make_primary_tables(path_));
        // Passwords play no part here, and hashing them would be what the tests cost.
        by_hand(
            "INSERT INTO users (id, username, hashed_password, role, must_change_password) VALUES"
            " (1, 'nora', 'x', 'normal', FALSE), (2, 'uma', 'x', 'normal', FALSE)");
        store_ = open();
    }
    std::unique_ptr<PrimaryStore> open() {
        StoreOptions options;
        options.journal = journal_;
        options.seals = std::make_shared<StoreSeals>(key_);
        options.clock = [this] { return now_; };
        auto opened = PrimaryStore::open(path_, std::move(options));
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    void by_hand(const std::string& sql) {
        auto database = Database::open(path_, OpenMode::read_write);
        ASSERT_TRUE(database);
        const auto done = database->execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::vector<std::string> cells(const std::string& sql) {
        auto database = Database::open(path_, OpenMode::read_only);
        auto rows = database->prepare(sql);
        EXPECT_TRUE(rows);
        std::vector<std::string> all;
        while (*rows->step()) all.push_back(rows->text(0));
        return all;
    }
    Turn said(std::int64_t user, const std::string& session, const std::string& message) {
        const auto turn = store_->add_turn(actor_, user, {.session_id = session, .message = message});
        EXPECT_TRUE(turn) << turn.error().message;
        return turn ? *turn : Turn{};
    }
    Error refusal(const NewTurn& turn) {
        const auto refused = store_->add_turn(actor_, nora, turn);
        EXPECT_FALSE(refused);
        return refused ? Error{} : refused.error();
    }
    std::vector<std::string> listed(std::int64_t user) {
        std::vector<std::string> sessions;
        const auto page = store_->conversations(user, 100);
        for (const auto& one : page->items) sessions.push_back(one.session_id);
        return sessions;
    }
    /// Of the store: the file and its write-ahead log.
    [[nodiscard]] std::string bytes() const {
        std::string all;
        for (const char* const end : {"", "-wal"}) {
            std::ifstream file(path_ + end, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }
    /// Any piece of a sealed text: how many of its 40 bytes at a time are there.
    static int pieces_in(const std::string& all, const std::string& sealed) {
        int found = 0;
        // Past the version and the time, which every text of one second shares.
        for (std::size_t at = 16; at + 40 <= sealed.size(); at += 40) {
            if (all.find(sealed.substr(at, 40)) != std::string::npos) ++found;
        }
        return found;
    }
    static bool never() { return false; }

    const Actor actor_{.user_id = nora, .name = "nora"};
    std::chrono::system_clock::time_point now_ =
        std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 23h + 59min;
    std::shared_ptr<RememberingJournal> journal_ = std::make_shared<RememberingJournal>();
    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::string key_ = directory_.file("majed.key");
    std::unique_ptr<PrimaryStore> store_;
};

TEST_F(PrimaryConversations, keep_turns_over_a_restart_and_show_them_as_they_were_given) {
    const NewTurn turn{.session_id = {},
                       .message = "how many customers?\n\"x\"",
                       .response = "42",
                       .tools_used = {"run_sql", "größe"},
                       .execution_time_ms = 12.5};
    const auto added = store_->add_turn(actor_, nora, turn);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(added->session_id.size(), 32U);
    store_ = open();
    const auto page = store_->turns(nora, added->session_id, 10);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 1U);
    EXPECT_FALSE(page->next);
    std::string json;
    format::JsonWriter writer(json);
    append_turn(writer, page->items.front());
    EXPECT_EQ(json, R"({"id":1,"session_id":")" + added->session_id +
                        R"(","message":"how many customers?\n\"x\"","response":"42","tools_used":["run_sql",)"
                        R"("größe"],"execution_time_ms":12.5,"created_at":"2026-01-31T23:59:00.000Z"})");
    const auto other = store_->add_turn(actor_, nora, turn);
    EXPECT_NE(other->session_id, added->session_id);
}

TEST_F(PrimaryConversations, are_ones_own_also_under_the_same_name) {
    said(nora, "s", "from nora");
    said(uma, "s", "from uma");
    said(uma, "t", "more of uma");
    EXPECT_EQ(*store_->turns(nora, "s", 10)->items.at(0).message, "from nora");
    EXPECT_EQ(store_->turns(nora, "s", 10)->items.size(), 1U);
    const auto foreign = store_->turns(nora, "t", 10);
    const auto unknown = store_->turns(nora, "u", 10);
    ASSERT_FALSE(foreign);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(foreign.error(), unknown.error());
    EXPECT_EQ(foreign.error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->delete_conversation(actor_, nora, "t").error(), unknown.error());
    const std::size_t told = journal_->entries().size();
    for (const std::string& id :
         {std::string(), std::string(10'000, 'x'), std::string("\xff"), std::string("a\nb")}) {
        EXPECT_EQ(store_->delete_conversation(actor_, nora, id).error(), unknown.error());
        EXPECT_EQ(store_->turns(nora, id, 10).error(), unknown.error());
    }
    EXPECT_EQ(journal_->entries().size(), told) << "what cannot be a name is not written down";
    EXPECT_EQ(listed(nora), (std::vector<std::string>{"s"}));
    ASSERT_TRUE(store_->delete_conversation(actor_, nora, "s"));
    EXPECT_EQ(listed(nora), std::vector<std::string>{});
    EXPECT_EQ(listed(uma), (std::vector<std::string>{"t", "s"}));
}

TEST_F(PrimaryConversations, of_bad_shape_are_refused_and_leave_nothing) {
    EXPECT_EQ(refusal({.message = ""}).code, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal({.message = std::string(max_message_size + 1, 'x')}).code, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal({.message = "x", .response = std::string(max_response_size + 1, 'x')}).code,
              ErrorCode::invalid_argument);
    for (const std::string& id :
         {std::string(), std::string(256, 'x'), std::string("a\nb"), std::string("\xff")}) {
        EXPECT_EQ(refusal({.session_id = id, .message = "x"}).code, ErrorCode::invalid_argument) << id;
        EXPECT_EQ(refusal({.message = "x", .tools_used = {id}}).code, ErrorCode::invalid_argument) << id;
    }
    EXPECT_EQ(refusal({.message = "x", .tools_used = std::vector<std::string>(65, "t")}).code,
              ErrorCode::invalid_argument);
    for (const double time :
         {-1.0, 1e13, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        EXPECT_EQ(refusal({.message = "x", .execution_time_ms = time}).code, ErrorCode::invalid_argument);
    }
    EXPECT_EQ(listed(nora), std::vector<std::string>{});
    EXPECT_TRUE(store_->add_turn(actor_, nora,
                                 {.session_id = std::string(255, 'x'),
                                  .message = std::string(max_message_size, 'm'),
                                  .response = std::string(max_response_size, 'r'),
                                  .tools_used = std::vector<std::string>(64, std::string(255, 't'))}));
    const auto page = store_->turns(nora, std::string(255, 'x'), 1);
    EXPECT_EQ(page->items.at(0).response->size(), max_response_size);
    EXPECT_EQ(page->items.at(0).tools_used.size(), 64U);
}

TEST_F(PrimaryConversations, are_listed_by_their_last_use_with_a_title) {
    std::string long_one;
    for (int i = 0; i < 100; ++i) long_one += "ü";
    said(nora, "a", long_one);
    now_ += 1h;
    said(nora, "b", "second");
    now_ += 1h;
    said(nora, "a", "again");
    const auto page = store_->conversations(nora, 10);
    ASSERT_EQ(page->items.size(), 2U);
    EXPECT_FALSE(page->next);
    EXPECT_EQ(page->items[0].session_id, "a");
    EXPECT_EQ(*page->items[0].title, long_one.substr(0, 160)) << "80 characters, none of them cut";
    EXPECT_EQ(page->items[0].turns, 2);
    EXPECT_EQ(page->items[0].created_at, "2026-01-31T23:59:00.000Z");
    EXPECT_EQ(page->items[0].updated_at, "2026-02-01T01:59:00.000Z");
    EXPECT_EQ(*page->items[1].title, "second");
    EXPECT_FALSE(store_->conversations(nora, 0));
    EXPECT_FALSE(store_->conversations(nora, 101));
    EXPECT_FALSE(store_->turns(nora, "a", 0));
}

TEST_F(PrimaryConversations, are_listed_as_they_were_when_the_list_began) {
    for (const char* const id : {"a", "b", "c", "d", "e"}) said(nora, id, id);
    const auto first = store_->conversations(nora, 2);
    ASSERT_TRUE(first->next);
    said(nora, "a", "used again");
    said(nora, "new", "new");
    ASSERT_TRUE(store_->delete_conversation(actor_, nora, "b"));
    std::vector<std::string> rest;
    auto place = first->next;
    while (place) {
        const auto page = store_->conversations(nora, 1, place);
        ASSERT_TRUE(page);
        for (const auto& one : page->items) rest.push_back(one.session_id);
        place = page->next;
    }
    EXPECT_EQ(rest, (std::vector<std::string>{"c", "a"}));
    EXPECT_EQ(listed(nora), (std::vector<std::string>{"new", "a", "e", "d", "c"}));
}

TEST_F(PrimaryConversations, are_read_in_pages_bounded_by_number_and_by_size) {
    for (int i = 0; i < 7; ++i) said(nora, "s", std::to_string(i));
    std::string read;
    std::optional<std::int64_t> after = 0;
    for (int pages = 0; after; ++pages) {
        ASSERT_LT(pages, 3);
        const auto page = store_->turns(nora, "s", 3, *after);
        for (const auto& turn : page->items) read += *turn.message;
        if (page->items.size() == 3) said(nora, "other", "meanwhile");
        after = page->next;
    }
    EXPECT_EQ(read, "0123456");
    const auto behind = store_->turns(nora, "s", 3, 1'000'000);
    ASSERT_TRUE(behind) << "the conversation is there";
    EXPECT_TRUE(behind->items.empty());
    const NewTurn large{.session_id = "l", .message = "m", .response = std::string(max_response_size, 'r')};
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_->add_turn(actor_, nora, large));
    const auto page = store_->turns(nora, "l", 100);
    EXPECT_EQ(page->items.size(), 3U) << "as stored a text is a third longer";
    ASSERT_TRUE(page->next);
    EXPECT_EQ(store_->turns(nora, "l", 100, *page->next)->items.size(), 2U);
}

TEST_F(PrimaryConversations, lie_nowhere_in_plain_text) {
    said(nora, "s", "the quick brown secret");
    ASSERT_TRUE(store_->add_turn(actor_, nora, {.message = "x", .response = "jumps over the lazy answer"}));
    const std::string all = bytes();
    EXPECT_EQ(all.find("quick brown"), std::string::npos);
    EXPECT_EQ(all.find("lazy answer"), std::string::npos);
    EXPECT_NE(all.find(cells("SELECT message FROM conversations").at(0)), std::string::npos);
    for (const auto& entry : journal_->entries()) {
        EXPECT_EQ((entry.images.before + entry.images.after).find("quick"), std::string::npos);
    }
    EXPECT_EQ(journal_->entries().at(0).images.after, R"({"turns":1})");
}

TEST_F(PrimaryConversations, that_are_deleted_are_in_the_file_and_its_log_no_more) {
    for (int i = 0; i < 40; ++i) {
        said(nora, i % 3 == 0 ? "gone" : "kept", "turn " + std::to_string(i));
    }
    const NewTurn large{.session_id = "gone", .message = "m", .response = std::string(20'000, 'r')};
    ASSERT_TRUE(store_->add_turn(actor_, nora, large));
    const std::string mine = " FROM conversations WHERE session_id = 'gone'";
    auto sealed = cells("SELECT message" + mine);
    const auto responses = cells("SELECT response" + mine + " AND response IS NOT NULL");
    sealed.insert(sealed.end(), responses.begin(), responses.end());
    ASSERT_EQ(sealed.size(), 16U);
    std::string all = bytes();
    for (const auto& one : sealed) ASSERT_GT(pieces_in(all, one), 0) << "else the test shows nothing";
    ASSERT_TRUE(store_->delete_conversation(actor_, nora, "gone"));
    all = bytes();
    for (const auto& one : sealed) EXPECT_EQ(pieces_in(all, one), 0);
    EXPECT_EQ(journal_->entries().back().images.before, R"({"turns":15})");
    EXPECT_EQ(store_->turns(nora, "kept", 100)->items.size(), 26U);
}

TEST_F(PrimaryConversations, that_somebody_reads_while_they_are_deleted_are_forgotten_later) {
    said(nora, "s", "read meanwhile");
    const std::string sealed = cells("SELECT message FROM conversations").at(0);
    {
        auto reader = Database::open(path_, OpenMode::read_only);
        ASSERT_TRUE(reader->execute("BEGIN; SELECT count(*) FROM conversations"));
        ASSERT_TRUE(store_->delete_conversation(actor_, nora, "s"));
        EXPECT_GT(pieces_in(bytes(), sealed), 0);
    }
    store_ = open();
    EXPECT_GT(pieces_in(bytes(), sealed), 0);
    ASSERT_TRUE(store_->expire_conversations(never)) << "also by a process that did not delete them";
    EXPECT_EQ(pieces_in(bytes(), sealed), 0);
}

TEST_F(PrimaryConversations, go_with_their_user) {
    said(nora, "s", "of nora");
    said(uma, "s", "of uma");
    const std::string sealed = cells("SELECT message FROM conversations WHERE user_id = 1").at(0);
    ASSERT_TRUE(store_->delete_user(actor_, "nora"));
    EXPECT_EQ(cells("SELECT id FROM conversations"), (std::vector<std::string>{"2"}));
    EXPECT_EQ(pieces_in(bytes(), sealed), 0);
    EXPECT_EQ(refusal({.message = "a turn that was on its way"}).code, ErrorCode::unauthenticated);
    EXPECT_EQ(cells("SELECT id FROM conversations"), (std::vector<std::string>{"2"}));
}

TEST_F(PrimaryConversations, that_were_tampered_with_are_an_error_where_they_were_and_nowhere_else) {
    said(nora, "moved", "first");
    said(nora, "moved", "second");
    said(nora, "whole", "third");
    const Turn answered =
        *store_->add_turn(actor_, nora, {.session_id = "answer", .message = "asked", .response = "answered"});
    by_hand(
        "UPDATE conversations SET message = (SELECT message FROM conversations WHERE id = 2) WHERE id = 1;"
        "UPDATE conversations SET response = 'gAAAAnonsense' WHERE id = " +
        std::to_string(answered.id));
    const auto page = store_->turns(nora, "moved", 10);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->items.at(0).message, std::nullopt);
    ASSERT_TRUE(page->items.at(0).problem);
    EXPECT_EQ(page->items.at(0).problem->code, ErrorCode::conflict);
    EXPECT_EQ(page->items.at(1).message, "second");
    EXPECT_FALSE(page->items.at(1).problem);
    const auto list = store_->conversations(nora, 10);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->items.at(0).title, "asked");
    EXPECT_EQ(list->items.at(1).title, "third");
    EXPECT_EQ(list->items.at(2).title, std::nullopt);
    EXPECT_EQ(list->items.at(2).problem->code, ErrorCode::conflict);
    const Turn half = store_->turns(nora, "answer", 10)->items.at(0);
    EXPECT_EQ(half.message, "asked");
    EXPECT_EQ(half.response, std::nullopt);
    EXPECT_TRUE(half.problem);
    EXPECT_TRUE(store_->delete_conversation(actor_, nora, "moved"));
}

TEST_F(PrimaryConversations, show_what_they_can_when_the_names_of_tools_were_tampered_with) {
    said(nora, "s", "words");
    for (const char* const tools : {"not json", "{\"a\":\"b\"}", "[1,[2],\"x\"]", "\"x\""}) {
        by_hand("UPDATE conversations SET tools_used = '" + std::string(tools) + "'");
        const auto page = store_->turns(nora, "s", 10);
        ASSERT_TRUE(page) << tools;
        EXPECT_EQ(page->items.at(0).message, "words");
    }
}

TEST_F(PrimaryConversations, are_read_and_written_when_the_keys_were_rotated_meanwhile) {
    said(nora, "s", "under the first root");
    ASSERT_TRUE(crypto::KeyFile::rotate(key_, crypto::RootTime(1'800'000'001s)));
    ASSERT_TRUE(open()->add_turn(actor_, nora, {.session_id = "s", .message = "under the second"}));
    said(nora, "s", "under the second too");
    EXPECT_EQ(cells("SELECT root_id FROM encryption_roots").size(), 2U);
    for (const auto& store : {open(), std::move(store_)}) {
        const auto page = store->turns(nora, "s", 10);
        EXPECT_EQ(page->items.at(0).message, "under the first root");
        EXPECT_EQ(page->items.at(1).message, "under the second");
        EXPECT_EQ(page->items.at(2).message, "under the second too");
    }
}

TEST_F(PrimaryConversations, are_unavailable_without_their_keys_and_tell_no_caller_where_these_are) {
    said(nora, "s", "words");
    std::filesystem::rename(key_, key_ + "-away");
    store_ = open();
    const auto page = store_->turns(nora, "s", 10);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::unavailable);
    EXPECT_EQ(page.error().message.find("majed.key"), std::string::npos);
    EXPECT_EQ(refusal({.message = "x"}), page.error());
    EXPECT_EQ(store_->conversations(nora, 10).error(), page.error());
    EXPECT_TRUE(store_->delete_conversation(actor_, nora, "s")) << "needs no key";
}

TEST_F(PrimaryConversations, can_be_turned_off_and_are_still_read_and_deleted) {
    said(nora, "s", "before");
    ASSERT_TRUE(store_->set_configuration(actor_, ConfigurationKey::conversations_enabled, false));
    const Error off = refusal({.session_id = "s", .message = "after"});
    EXPECT_EQ(off.code, ErrorCode::denied);
    EXPECT_NE(off.hint.find("conversations.enabled"), std::string::npos);
    EXPECT_EQ(store_->turns(nora, "s", 10)->items.size(), 1U);
    by_hand("UPDATE configuration SET value = 'perhaps'");
    EXPECT_EQ(refusal({.message = "x"}).code, ErrorCode::conflict) << "what is not understood is no yes";
    EXPECT_TRUE(store_->delete_conversation(actor_, nora, "s"));
}

TEST_F(PrimaryConversations, are_bounded_for_each_user) {
    ASSERT_TRUE(
        store_->set_configuration(actor_, ConfigurationKey::conversations_max_turns, std::int64_t{2}));
    said(nora, "a", "1");
    said(nora, "b", "2");
    said(uma, "a", "is another");
    const Error full = refusal({.message = "3"});
    EXPECT_EQ(full.code, ErrorCode::conflict);
    EXPECT_NE(full.hint.find("DELETE"), std::string::npos);
    ASSERT_TRUE(store_->delete_conversation(actor_, nora, "a"));
    said(nora, "c", "3");
}

TEST_F(PrimaryConversations, expire_by_the_setting_as_one_change) {
    said(nora, "old", "old");
    now_ += std::chrono::days(100);
    said(nora, "old", "newer");
    const std::size_t before = journal_->entries().size();
    EXPECT_EQ(*store_->expire_conversations(never), 0);
    EXPECT_EQ(journal_->entries().size(), before) << "nothing to do is nothing to tell";
    ASSERT_TRUE(
        store_->set_configuration(actor_, ConfigurationKey::conversations_retention, std::string("100d")));
    EXPECT_EQ(*store_->expire_conversations(never), 0) << "to the day is not older";
    now_ += 1s;
    const std::string sealed = cells("SELECT message FROM conversations").at(0);
    EXPECT_EQ(*store_->expire_conversations(never), 1);
    EXPECT_EQ(pieces_in(bytes(), sealed), 0);
    EXPECT_EQ(journal_->entries().back().action, "conversations.expire");
    EXPECT_EQ(journal_->entries().back().actor, "majed");
    EXPECT_EQ(journal_->entries().back().images.after, R"({"deleted":1})");
    EXPECT_EQ(*store_->conversations(nora, 10)->items.at(0).title, "newer");
    ASSERT_TRUE(
        store_->set_configuration(actor_, ConfigurationKey::conversations_retention, std::string("0")));
    now_ += std::chrono::days(36'500);
    EXPECT_EQ(*store_->expire_conversations(never), 0) << "for ever";
}

TEST_F(PrimaryConversations, expire_in_batches_that_can_be_stopped) {
    for (int i = 0; i < 230; ++i) said(nora, "s", "x");
    now_ += std::chrono::days(366);
    EXPECT_EQ(*store_->expire_conversations([] { return true; }), 100) << "one batch";
    const std::size_t before = journal_->entries().size();
    EXPECT_EQ(*store_->expire_conversations(never), 130);
    EXPECT_EQ(journal_->entries().size(), before + 1);
    EXPECT_EQ(journal_->entries().back().images.after, R"({"deleted":130})");
}

TEST_F(PrimaryConversations, do_not_expire_when_the_setting_is_not_understood_or_nothing_can_be_recorded) {
    said(nora, "s", "x");
    now_ += std::chrono::days(36'500);
    by_hand("INSERT INTO configuration (key, value) VALUES ('conversations.retention', 'a while')");
    EXPECT_EQ(store_->expire_conversations(never).error().code, ErrorCode::conflict);
    by_hand("DELETE FROM configuration");
    journal_->refuse();
    EXPECT_FALSE(store_->expire_conversations(never));
    EXPECT_EQ(cells("SELECT id FROM conversations").size(), 1U);
}

TEST_F(PrimaryConversations, of_several_processes_at_once_get_rows_of_their_own) {
    std::vector<std::thread> writers;
    for (const std::int64_t user : {nora, uma}) {
        writers.emplace_back([this, user] {
            const auto store = open();
            for (int i = 0; i < 20; ++i) {
                EXPECT_TRUE(store->add_turn(actor_, user, {.session_id = "s", .message = std::to_string(i)}));
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    for (const std::int64_t user : {nora, uma}) {
        const auto page = store_->turns(user, "s", 100);
        ASSERT_EQ(page->items.size(), 20U);
        for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(page->items[i].message, std::to_string(i));
    }
}

TEST_F(PrimaryConversations, never_give_an_id_again) {
    EXPECT_EQ(said(nora, "s", "x").id, 1);
    EXPECT_EQ(said(nora, "s", "x").id, 2);
    ASSERT_TRUE(store_->delete_conversation(actor_, nora, "s"));
    store_ = open();
    EXPECT_EQ(said(nora, "s", "x").id, 3);
}

}  // namespace
}  // namespace majed::store
