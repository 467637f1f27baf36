// SPDX-License-Identifier: Apache-2.0
// Sessions, access tokens and keys over time, by a clock of the test's own.
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>

namespace majed::store {
namespace {

using By = PrimaryStore::PasswordChange;
using namespace std::chrono_literals;
using policy::Role;

class PrimarySessions : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(make_primary_tables(path_));
        store_ = open();
        ASSERT_TRUE(store_->add_user(actor_, {.username = "nora"}, password_));
        nora_ = store_->user("nora")->id;
    }
    std::unique_ptr<PrimaryStore> open() {
        StoreOptions options;
        options.journal = std::make_shared<RememberingJournal>();
        options.clock = [this] { return now_; };
        options.session_lifetime = 12h;
        options.session_idle = 1h;
        options.token_lifetime = 15min;
        options.sessions_per_user = 3;
        options.passwords = quick_passwords();
        auto opened = PrimaryStore::open(path_, std::move(options));
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    std::string logged_in() { return std::string(store_->log_in(actor_, "nora", password_)->token.reveal()); }
    bool holds(const std::string& token) { return store_->session(token).has_value(); }
    /// Used every 50 minutes for so long.
    void use_for(const std::string& token, std::chrono::minutes time) {
        for (; time >= 50min; time -= 50min) {
            now_ += 50min;
            ASSERT_TRUE(holds(token));
        }
        now_ += time;
    }

    const Actor actor_{.name = "nora", .ip_address = "10.0.0.1", .user_agent = "tests"};
    const Secret password_{"three words there"};
    std::chrono::system_clock::time_point now_ =
        std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 23h + 59min;
    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::unique_ptr<PrimaryStore> store_;
    std::int64_t nora_ = 0;
};

TEST_F(PrimarySessions, hold_for_their_user_and_over_a_restart) {
    const std::string token = logged_in();
    EXPECT_EQ(token.substr(0, 3), "ms_");
    EXPECT_EQ(token.size(), 46U);
    store_ = open();
    const auto held = store_->session(token);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->user.username, "nora");
    EXPECT_EQ(store_->session(token + "x").error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(store_->session("").error().code, ErrorCode::unauthenticated);
}

TEST_F(PrimarySessions, end_when_they_are_not_used) {
    const std::string token = logged_in();
    now_ += 59min;
    EXPECT_TRUE(holds(token));
    now_ += 59min;
    EXPECT_TRUE(holds(token)) << "being asked is use";
    now_ += 1h;
    EXPECT_FALSE(holds(token));
}

TEST_F(PrimarySessions, end_whatever_happens_after_their_lifetime) {
    const std::string token = logged_in();
    use_for(token, 12h - 1min);
    EXPECT_TRUE(holds(token));
    now_ += 1min;
    EXPECT_FALSE(holds(token));
}

TEST_F(PrimarySessions, are_listed_for_their_owner_and_closed_by_them_alone) {
    const std::string first = logged_in();
    now_ += 2min;
    const std::string second = logged_in();
    ASSERT_TRUE(store_->add_user(actor_, {.username = "sam"}, password_));
    const auto listed = store_->sessions_of(nora_);
    ASSERT_EQ(listed->size(), 2U);
    EXPECT_EQ(listed->front().created_at, "2026-02-01T00:01:00.000Z");
    EXPECT_EQ(listed->front().ip_address, "10.0.0.1");
    EXPECT_EQ(listed->front().user_agent, "tests");
    const std::string id = listed->back().id;
    EXPECT_EQ(store_->close_session(actor_, store_->user("sam")->id, id).error().code, ErrorCode::not_found);
    EXPECT_TRUE(holds(first));
    ASSERT_TRUE(store_->close_session(actor_, nora_, id));
    EXPECT_FALSE(holds(first));
    EXPECT_TRUE(holds(second));
}

TEST_F(PrimarySessions, of_a_user_are_bounded) {
    const std::string first = logged_in();
    now_ += 2min;
    const std::string second = logged_in();
    logged_in();
    now_ += 2min;
    EXPECT_TRUE(holds(first)) << "used last of the first two";
    logged_in();
    EXPECT_EQ(store_->sessions_of(nora_)->size(), 3U);
    EXPECT_TRUE(holds(first));
    EXPECT_FALSE(holds(second));
}

TEST_F(PrimarySessions, all_end_when_their_user_is_disabled_and_do_not_come_back) {
    const std::string token = logged_in();
    ASSERT_TRUE(store_->set_active(actor_, "nora", false));
    EXPECT_FALSE(holds(token));
    ASSERT_TRUE(store_->set_active(actor_, "nora", true));
    EXPECT_FALSE(holds(token));
}

TEST_F(PrimarySessions, but_the_one_that_changes_the_password_end_with_it) {
    const std::string kept = logged_in();
    const std::string other = logged_in();
    const std::string id = store_->session(kept)->session_id;
    ASSERT_TRUE(store_->set_password(actor_, "nora", Secret("other words here"), By::by_user, id));
    EXPECT_TRUE(holds(kept));
    EXPECT_FALSE(holds(other));
    ASSERT_TRUE(store_->set_password(actor_, "nora", Secret("again other words"), By::by_administrator));
    EXPECT_FALSE(holds(kept));
    EXPECT_TRUE(store_->user("nora")->must_change_password);
}

/// Sets another password as soon as the intent of a login is told: between its check and its session.
class PasswordSetMeanwhile final : public ChangeJournal {
public:
    [[nodiscard]] Result<std::string> intend(const Change& change) override {
        if (change.operation == Operation::session_open) set();
        return std::string();
    }
    [[nodiscard]] Result<void> conclude(const std::string& /*event*/, const Change& /*change*/,
                                        const Images& /*images*/, const Error* /*failure*/) override {
        return {};
    }
    std::function<void()> set = [] {};
};

TEST_F(PrimarySessions, are_not_opened_by_a_password_that_was_replaced_meanwhile) {
    auto journal = std::make_shared<PasswordSetMeanwhile>();
    auto other = PrimaryStore::open(path_, {.journal = journal});
    ASSERT_TRUE(other);
    journal->set = [&] {
        ASSERT_TRUE(store_->set_password(actor_, "nora", Secret("other words here"), By::by_administrator));
    };
    const auto late = (*other)->log_in(actor_, "nora", password_);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::unauthenticated);
    EXPECT_TRUE(store_->sessions_of(nora_)->empty());
    journal->set = [&] { ASSERT_TRUE(store_->set_active(actor_, "nora", false)); };
    EXPECT_FALSE((*other)->log_in(actor_, "nora", Secret("other words here")));
    EXPECT_TRUE(store_->sessions_of(nora_)->empty());
}

TEST_F(PrimarySessions, of_a_deleted_user_are_gone) {
    const std::string token = logged_in();
    ASSERT_TRUE(store_->delete_user(actor_, "nora"));
    EXPECT_FALSE(holds(token));
}

TEST_F(PrimarySessions, and_tokens_are_no_secrets_in_the_file) {
    const std::string token = logged_in();
    const auto client = store_->add_client(actor_, "acme");
    const auto principal = store_->authenticate_client(client->client.client_id, client->client_secret);
    const auto access = store_->issue_token(actor_, *principal, client->client_secret);
    ASSERT_TRUE(access);
    std::string all;
    for (const char* suffix : {"", "-wal"}) {
        std::ifstream file(path_ + suffix, std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    EXPECT_NE(all.find("acme"), std::string::npos);
    EXPECT_EQ(all.find(token.substr(3)), std::string::npos);
    EXPECT_EQ(all.find(access->token.reveal().substr(3)), std::string::npos);
}

class ClientProofs : public PrimarySessions {
protected:
    void SetUp() override {
        PrimarySessions::SetUp();
        auto made = store_->add_client(actor_, "acme", 24h * 30);
        ASSERT_TRUE(made);
        first_ = std::move(*made);
    }
    bool key_is_good(const ClientCredentials& of) {
        return store_->authenticate_api_key(of.api_key.reveal()).has_value();
    }
    bool secret_is_good(const ClientCredentials& of) {
        return store_->authenticate_client(of.client.client_id, of.client_secret).has_value();
    }
    std::string issued() {
        const auto who = store_->authenticate_client(first_.client.client_id, first_.client_secret);
        EXPECT_TRUE(who);
        return std::string(store_->issue_token(actor_, *who, first_.client_secret)->token.reveal());
    }
    bool token_is_good(const std::string& token) { return store_->authenticate_token(token).has_value(); }

    ClientCredentials first_;
};

TEST_F(ClientProofs, give_the_client_and_nobody_else) {
    const auto who = store_->authenticate_client(first_.client.client_id, first_.client_secret);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->name, first_.client.client_id);
    EXPECT_EQ(who->role, Role::integration);
    EXPECT_EQ(who->authenticated_by, "client_secret");
    const auto wrong = store_->authenticate_client(first_.client.client_id, Secret("wrong"));
    const auto unknown = store_->authenticate_client("cl_unknown", first_.client_secret);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), unknown.error());
    EXPECT_FALSE(store_->authenticate_client(first_.client.client_id, Secret("")));
}

TEST_F(ClientProofs, are_two_while_a_client_is_rotated) {
    auto second = store_->rotate_client(actor_, first_.client.client_id, 1h);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->client.previous_valid_until, "2026-02-01T00:59:00.000Z");
    for (const ClientCredentials* each :
         std::initializer_list<const ClientCredentials*>{&first_, &second.value()}) {
        EXPECT_TRUE(key_is_good(*each));
        EXPECT_TRUE(secret_is_good(*each));
    }
    now_ += 1h;
    EXPECT_FALSE(key_is_good(first_));
    EXPECT_FALSE(secret_is_good(first_));
    EXPECT_TRUE(key_is_good(*second));
    EXPECT_TRUE(secret_is_good(*second));
}

TEST_F(ClientProofs, are_two_at_most) {
    const auto second = store_->rotate_client(actor_, first_.client.client_id, 24h);
    const auto third = store_->rotate_client(actor_, first_.client.client_id, 24h);
    EXPECT_FALSE(key_is_good(first_));
    EXPECT_TRUE(key_is_good(*second));
    EXPECT_TRUE(key_is_good(*third));
}

TEST_F(ClientProofs, end_at_once_without_an_overlap_and_tokens_with_them) {
    const std::string token = issued();
    ASSERT_TRUE(store_->rotate_client(actor_, first_.client.client_id, 0s));
    EXPECT_FALSE(key_is_good(first_));
    EXPECT_FALSE(secret_is_good(first_));
    EXPECT_FALSE(token_is_good(token));
}

TEST_F(ClientProofs, that_are_replaced_before_the_token_is_made_get_none) {
    const auto who = store_->authenticate_client(first_.client.client_id, first_.client_secret);
    ASSERT_TRUE(who);
    const auto second = store_->rotate_client(actor_, first_.client.client_id, 1min);
    ASSERT_TRUE(second);
    EXPECT_TRUE(store_->issue_token(actor_, *who, first_.client_secret)) << "both are good for a minute";
    now_ += 1min;
    const auto refused = store_->issue_token(actor_, *who, first_.client_secret);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
    EXPECT_TRUE(store_->issue_token(actor_, *who, second->client_secret));
    ASSERT_TRUE(store_->revoke_client(actor_, first_.client.client_id));
    EXPECT_FALSE(store_->issue_token(actor_, *who, second->client_secret));
}

TEST_F(ClientProofs, expire_with_the_client) {
    const auto second = store_->rotate_client(actor_, first_.client.client_id, 24h);
    now_ += 24h * 30 - 1s;
    const std::string token = [&] {
        const auto who = store_->authenticate_client(second->client.client_id, second->client_secret);
        return std::string(store_->issue_token(actor_, *who, second->client_secret)->token.reveal());
    }();
    EXPECT_TRUE(token_is_good(token));
    now_ += 1s;
    EXPECT_FALSE(key_is_good(*second));
    EXPECT_FALSE(secret_is_good(*second));
    EXPECT_FALSE(token_is_good(token));
}

TEST_F(ClientProofs, note_when_they_were_used_last) {
    EXPECT_EQ(store_->client(first_.client.client_id)->last_used_at, "");
    ASSERT_TRUE(key_is_good(first_));
    EXPECT_EQ(store_->client(first_.client.client_id)->last_used_at, "2026-01-31T23:59:00.000Z");
    now_ += 30s;
    ASSERT_TRUE(key_is_good(first_));
    EXPECT_EQ(store_->client(first_.client.client_id)->last_used_at, "2026-01-31T23:59:00.000Z")
        << "to the minute";
    now_ += 31s;
    ASSERT_TRUE(secret_is_good(first_));
    EXPECT_EQ(store_->client(first_.client.client_id)->last_used_at, "2026-02-01T00:00:01.000Z");
}

TEST_F(ClientProofs, make_tokens_that_hold_a_short_while) {
    const std::string token = issued();
    EXPECT_EQ(token.substr(0, 3), "mt_");
    EXPECT_EQ(store_->authenticate_token(token)->authenticated_by, "access_token");
    now_ += 15min - 1ms;
    EXPECT_TRUE(token_is_good(token));
    now_ += 1ms;
    EXPECT_FALSE(token_is_good(token));
    EXPECT_FALSE(token_is_good("mt_"));
}

TEST_F(ClientProofs, and_tokens_all_end_with_a_revocation) {
    const std::string token = issued();
    ASSERT_TRUE(store_->revoke_client(actor_, first_.client.client_id));
    EXPECT_FALSE(token_is_good(token));
    EXPECT_FALSE(key_is_good(first_));
    EXPECT_FALSE(secret_is_good(first_));
}

TEST_F(ClientProofs, make_no_more_tokens_than_there_is_room_for) {
    const std::string first = issued();
    issued();
    issued();
    EXPECT_TRUE(token_is_good(first));
    issued();
    EXPECT_FALSE(token_is_good(first));
}

}  // namespace
}  // namespace majed::store
