// SPDX-License-Identifier: Apache-2.0
// That no change of the store gets by the journal: every operation there is, done and refused.
#include "crypto/key_file.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"
#include "store/store_seals.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace majed::store {
namespace {

using By = PrimaryStore::PasswordChange;
using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using policy::Role;

class PrimaryChanges : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto::KeyFile::create(directory_.file("majed.key"), crypto::RootTime()));
        auto made = make_primary_store(path_, options());
        ASSERT_TRUE(made) << made.error().message;
        store_ = std::move(*made);
        ASSERT_TRUE(store_->add_user(actor_, {.username = "root", .role = Role::admin}, password_));
        ASSERT_TRUE(store_->add_user(actor_, {.username = "nora"}, password_));
        nora_ = store_->user("nora")->id;
        auto acme = store_->add_client(actor_, "acme");
        client_ = acme->client;
        client_secret_ = std::move(acme->client_secret);
        ASSERT_TRUE(store_->log_in(actor_, "nora", password_));
        session_ = store_->sessions_of(nora_)->front().id;
        ASSERT_TRUE(store_->add_turn(actor_, nora_, {.session_id = "old", .message = "words of nora"}));
        ASSERT_TRUE(store_->set_source_password(actor_, "shop", password_));
    }
    StoreOptions options() {
        StoreOptions options;
        options.journal = journal_;
        options.seals = std::make_shared<StoreSeals>(directory_.file("majed.key"));
        options.clock = [this] { return now_; };
        options.passwords = quick_passwords();
        return options;
    }
    bool expires() {
        now_ += std::chrono::days(366);
        const auto deleted = store_->expire_conversations([] { return false; });
        now_ -= std::chrono::days(366);
        return deleted.has_value();
    }

    /// Every operation, on what SetUp made. A new enumerator without its line here fails the test below.
    std::map<Operation, std::function<bool()>> every_operation() {
        return {
            {Operation::user_add,
             [&] { return store_->add_user(actor_, {.username = "zed"}, password_).has_value(); }},
            {Operation::user_set_password,
             [&] {
                 return store_->set_password(actor_, "nora", password_, By::by_administrator).has_value();
             }},
            {Operation::user_set_role,
             [&] { return store_->set_role(actor_, "nora", Role::superuser).has_value(); }},
            {Operation::user_set_attribute,
             [&] { return store_->set_attribute(actor_, "nora", "region", {"EAST"}).has_value(); }},
            {Operation::user_disable, [&] { return store_->set_active(actor_, "nora", false).has_value(); }},
            {Operation::user_enable, [&] { return store_->set_active(actor_, "nora", true).has_value(); }},
            {Operation::user_delete, [&] { return store_->delete_user(actor_, "nora").has_value(); }},
            {Operation::client_add, [&] { return store_->add_client(actor_, "partner").has_value(); }},
            {Operation::client_rotate,
             [&] {
                 return store_->rotate_client(actor_, client_.client_id, std::chrono::hours(1)).has_value();
             }},
            {Operation::client_revoke,
             [&] { return store_->revoke_client(actor_, client_.client_id).has_value(); }},
            {Operation::session_open, [&] { return store_->log_in(actor_, "nora", password_).has_value(); }},
            {Operation::session_close,
             [&] { return store_->close_session(actor_, nora_, session_).has_value(); }},
            {Operation::configuration_set,
             [&] {
                 return store_->set_configuration(actor_, ConfigurationKey::conversations_enabled, true)
                     .has_value();
             }},
            {Operation::configuration_reset,
             [&] {
                 return store_->reset_configuration(actor_, ConfigurationKey::audit_retention).has_value();
             }},
            {Operation::conversation_add,
             [&] { return store_->add_turn(actor_, nora_, {.message = "words of nora"}).has_value(); }},
            {Operation::conversation_delete,
             [&] { return store_->delete_conversation(actor_, nora_, "old").has_value(); }},
            {Operation::conversations_expire, [&] { return expires(); }},
            {Operation::token_issue,
             [&] {
                 policy::Principal client;
                 client.id = client_.id;
                 client.name = client_.client_id;
                 return store_->issue_token(actor_, client, client_secret_).has_value();
             }},
            {Operation::source_set_password,
             [&] { return store_->set_source_password(actor_, "shop", Secret("another")).has_value(); }},
            {Operation::source_forget_password,
             [&] { return store_->forget_source_password(actor_, "shop").has_value(); }}};
    }
    /// The file as SetUp left it; hashing the passwords again would be what the test costs.
    void keep() {
        store_.reset();
        std::filesystem::copy_file(path_, path_ + "-kept");
    }
    void start_again() {
        store_.reset();
        std::filesystem::remove(path_ + "-wal");
        std::filesystem::remove(path_ + "-shm");
        std::filesystem::copy_file(path_ + "-kept", path_, std::filesystem::copy_options::overwrite_existing);
        auto opened = PrimaryStore::open(path_, options());
        store_ = std::move(*opened);
    }
    /// All tables but those of the audit and the ledger.
    std::string contents() {
        auto database = Database::open(path_, OpenMode::read_only);
        std::string all;
        for (const char* table :
             {"users", "user_attributes", "integration_clients", "sessions", "access_tokens", "configuration",
              "configuration_history", "conversations", "source_passwords"}) {
            auto rows = database->prepare(std::string("SELECT * FROM ") + table);
            EXPECT_TRUE(rows);
            while (*rows->step()) {
                for (int i = 0; i < rows->column_count(); ++i) all += rows->text(i) + "|";
                all += "\n";
            }
        }
        return all;
    }

    const Actor actor_{.user_id = 7, .name = "root"};
    std::chrono::system_clock::time_point now_ = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31);
    const Secret password_{"three words there"};
    std::shared_ptr<RememberingJournal> journal_ = std::make_shared<RememberingJournal>();
    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::unique_ptr<PrimaryStore> store_;
    std::int64_t nora_ = 0;
    Client client_;
    Secret client_secret_;
    std::string session_;
};

TEST_F(PrimaryChanges, of_every_kind_are_told_before_and_after_by_whom) {
    keep();
    const auto all = every_operation();
    ASSERT_EQ(all.size(), operations.size());
    for (const OperationTraits& traits : operations) {
        start_again();
        const std::size_t before = journal_->entries().size();
        ASSERT_TRUE(all.contains(traits.operation)) << traits.action;
        ASSERT_TRUE(every_operation().at(traits.operation)()) << traits.action;
        const auto entries = journal_->entries();
        ASSERT_EQ(entries.size(), before + 1) << traits.action;
        EXPECT_EQ(entries.back().action, traits.action);
        const bool of_itself = traits.operation == Operation::conversations_expire;
        const char* const human = traits.operation == Operation::session_open ? "nora" : "root";
        EXPECT_EQ(entries.back().actor, of_itself ? "majed" : human);
        EXPECT_TRUE(entries.back().concluded);
        EXPECT_EQ(entries.back().failure, "");
        const bool of_a_thing = traits.resource == "user" || traits.resource == "client" ||
                                traits.resource == "configuration" || traits.resource == "conversation" ||
                                traits.operation == Operation::source_set_password;
        const bool is_proof = traits.operation == Operation::session_open ||
                              traits.operation == Operation::session_close ||
                              traits.operation == Operation::token_issue;
        EXPECT_EQ(!entries.back().images.after.empty(),
                  of_a_thing && !is_proof && traits.operation != Operation::user_delete &&
                      traits.operation != Operation::conversation_delete)
            << traits.action;
        EXPECT_EQ((entries.back().images.before + entries.back().images.after).find("words of"),
                  std::string::npos);
        EXPECT_EQ(entries.back().images.after.find("argon2id"), std::string::npos);
        EXPECT_EQ(entries.back().images.after.find("sha256:"), std::string::npos);
        EXPECT_EQ(entries.back().images.after.find("gAAAA"), std::string::npos);
    }
}

TEST_F(PrimaryChanges, are_none_when_the_intent_cannot_be_recorded) {
    const std::string before = contents();
    journal_->refuse();
    for (const auto& [operation, act] : every_operation()) {
        EXPECT_FALSE(act()) << traits_of(operation).action;
    }
    EXPECT_EQ(contents(), before);
}

TEST_F(PrimaryChanges, that_are_refused_are_told_with_their_reason) {
    EXPECT_FALSE(store_->add_user(actor_, {.username = "nora"}, password_));
    EXPECT_EQ(journal_->entries().back().failure, "there is a user nora already, or was");
    EXPECT_FALSE(store_->set_role(actor_, "nobody", Role::admin));
    EXPECT_EQ(journal_->entries().back().failure, "there is no user nobody");
}

TEST_F(PrimaryChanges, show_how_it_was_and_how_it_is) {
    ASSERT_TRUE(store_->set_role(actor_, "nora", Role::superuser));
    const auto last = journal_->entries().back();
    EXPECT_NE(last.images.before.find(R"("role":"normal")"), std::string::npos) << last.images.before;
    EXPECT_NE(last.images.after.find(R"("role":"superuser")"), std::string::npos) << last.images.after;
}

TEST_F(PrimaryChanges, tell_attributes_only_where_they_are_marked_as_sensitive) {
    ASSERT_TRUE(store_->set_attribute(actor_, "nora", "region", {"NORTH"}));
    EXPECT_NE(journal_->entries().back().images.after.find("NORTH"), std::string::npos);
    ASSERT_TRUE(store_->set_role(actor_, "nora", Role::superuser));
    EXPECT_EQ(journal_->entries().back().images.after.find("attributes"), std::string::npos);
    for (const OperationTraits& traits : operations) {
        const bool tells =
            traits.operation == Operation::user_add || traits.operation == Operation::user_set_attribute;
        EXPECT_EQ(traits.images == Sensitivity::sensitive, tells) << traits.action;
    }
}

TEST_F(PrimaryChanges, never_leave_no_active_administrator) {
    for (const auto& change : std::initializer_list<std::function<Result<void>()>>{
             [&] { return store_->set_role(actor_, "root", Role::normal); },
             [&] { return store_->set_active(actor_, "root", false); },
             [&] { return store_->delete_user(actor_, "root"); }}) {
        const auto refused = change();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::conflict);
        EXPECT_EQ(refused.error().message, "root is the last active administrator");
    }
    // One that is disabled is no other one.
    ASSERT_TRUE(store_->set_role(actor_, "nora", Role::admin));
    ASSERT_TRUE(store_->set_active(actor_, "nora", false));
    EXPECT_FALSE(store_->delete_user(actor_, "root"));
    ASSERT_TRUE(store_->set_active(actor_, "nora", true));
    EXPECT_TRUE(store_->delete_user(actor_, "root"));
}

TEST_F(PrimaryChanges, make_a_deleted_user_nobody_and_keep_the_name) {
    ASSERT_TRUE(store_->delete_user(actor_, "nora"));
    EXPECT_EQ(store_->user("nora").error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->user(nora_).error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->users()->size(), 1U);
    EXPECT_FALSE(store_->authenticate_password("nora", password_));
    EXPECT_EQ(store_->set_active(actor_, "nora", true).error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->add_user(actor_, {.username = "nora"}, password_).error().code, ErrorCode::conflict);
}

TEST_F(PrimaryChanges, that_the_password_rules_refuse_are_told_as_refused) {
    const Secret weak("password1234");
    const std::string before = contents();
    EXPECT_EQ(store_->set_password(actor_, "nora", weak, PrimaryStore::PasswordChange::by_user).error().code,
              ErrorCode::invalid_argument);
    EXPECT_FALSE(store_->add_user(actor_, {.username = "olaf"}, weak));
    EXPECT_EQ(contents(), before);
    const auto entries = journal_->entries();
    for (const std::size_t last : {std::size_t{2}, std::size_t{1}}) {
        const auto& entry = entries[entries.size() - last];
        EXPECT_EQ(entry.action, last == 2 ? "user.set_password" : "user.add");
        EXPECT_NE(entry.failure, "");
        EXPECT_EQ(entry.failure.find("password1234"), std::string::npos);
    }
}

}  // namespace
}  // namespace majed::store
