// SPDX-License-Identifier: Apache-2.0
#include "store/primary_store.h"

#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"
#include "store/store_version.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using policy::Role;

class PrimaryStoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = make_primary_store(path_);
        ASSERT_TRUE(made) << made.error().message;
        store_ = std::move(*made);
    }

    void add(const std::string& name, Role role = Role::normal, const Attributes& attributes = {}) {
        const auto added =
            store_->add_user(operator_, {.username = name, .role = role, .attributes = attributes},
                             Secret("password of " + name));
        ASSERT_TRUE(added) << added.error().message;
    }
    static Result<std::unique_ptr<PrimaryStore>> open(const std::string& path) {
        return PrimaryStore::open(path, {.journal = std::make_shared<RememberingJournal>()});
    }
    /// One cell, read by another connection as another process would.
    std::string cell(const std::string& sql) {
        auto database = Database::open(path_, OpenMode::read_only);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }
    /// Everything in the files of the store.
    std::string bytes_on_disk() const {
        std::string all;
        for (const char* suffix : {"", "-wal"}) {
            std::ifstream file(path_ + suffix, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::unique_ptr<PrimaryStore> store_;
    const Actor operator_ = {};
};

TEST_F(PrimaryStoreTest, has_every_column_of_the_specification) {
    const auto columns = [this](const std::string& table) {
        return cell("SELECT group_concat(name) FROM pragma_table_info('" + table + "')");
    };
    EXPECT_EQ(
        columns("users"),
        "id,username,hashed_password,role,must_change_password,active,created_at,updated_at,deleted_at");
    EXPECT_EQ(columns("integration_clients"),
              "id,client_name,client_id,client_secret,api_key,api_key_id,role,active,created_at,updated_at,"
              "previous_client_secret,previous_api_key,previous_api_key_id,previous_valid_until,expires_at,"
              "last_used_at");
    EXPECT_EQ(
        columns("audit_log"),
        "id,event_id,phase,user_id,username,role,action,resource,resource_id,details,ip_address,user_agent,"
        "request_id,timestamp,success,error_message");
}

TEST_F(PrimaryStoreTest, opens_its_own_files_only) {
    EXPECT_EQ(open(directory_.file("absent.db")).error().code, ErrorCode::not_found);

    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(Database::open(other, OpenMode::create)->execute("CREATE TABLE users(x)"));
    EXPECT_EQ(open(other).error().code, ErrorCode::unsupported);

    std::ofstream(directory_.file("text.db")) << std::string(4096, 'x');
    EXPECT_EQ(open(directory_.file("text.db")).error().code, ErrorCode::unavailable);
}

TEST_F(PrimaryStoreTest, refuses_a_store_that_a_newer_program_left) {
    store_.reset();
    const std::string newer = std::to_string(program_version() + 1);
    ASSERT_TRUE(Database::open(path_, OpenMode::read_write)->execute("PRAGMA user_version = " + newer));
    const auto refused = open(path_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(refused.error().message, "this store was written by a newer majed (schema " + newer +
                                           ", this program knows " + std::to_string(program_version()) + ")");
    EXPECT_NE(refused.error().hint.find("upgrade the program, or restore the backup"), std::string::npos);
}

TEST_F(PrimaryStoreTest, refuses_a_store_that_waits_for_its_migrations) {
    store_.reset();
    ASSERT_TRUE(Database::open(path_, OpenMode::read_write)->execute("PRAGMA user_version = 1"));
    const auto refused = open(path_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().hint.find("majed migrate up"), std::string::npos);
}

TEST_F(PrimaryStoreTest, keeps_users_with_their_attributes_over_a_restart) {
    const Attributes attributes{{"region", {"NORTH"}}, {"regions", {"NORTH", "EAST"}}};
    add("sam", Role::superuser, attributes);
    store_.reset();
    store_ = *open(path_);
    const auto sam = store_->user("sam");
    ASSERT_TRUE(sam);
    EXPECT_EQ(sam->role, Role::superuser);
    EXPECT_EQ(sam->attributes, attributes);
    EXPECT_TRUE(sam->active);
    EXPECT_TRUE(sam->must_change_password);
    EXPECT_EQ(sam->created_at.size(), std::string("2025-01-31T23:59:59.123Z").size());
}

TEST_F(PrimaryStoreTest, refuses_a_second_user_of_one_name) {
    add("nora");
    const auto second = store_->add_user(operator_, {.username = "nora"}, Secret("another password"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_EQ(second.error().message, "there is a user nora already, or was");
    EXPECT_EQ(store_->users()->size(), 1U);
}

TEST_F(PrimaryStoreTest, refuses_names_passwords_and_attributes_that_break_the_rules) {
    const auto code = [this](const NewUser& user, const std::string& password) {
        const auto added = store_->add_user(operator_, user, Secret(password));
        return added ? ErrorCode::internal : added.error().code;
    };
    const std::string good = "good password";
    for (const std::string& name : {std::string(), std::string(256, 'a'), std::string("a\nb"),
                                    std::string("a\xff"), std::string(" a"), std::string("a\0b", 3)}) {
        EXPECT_EQ(code({.username = name}, good), ErrorCode::invalid_argument) << name;
    }
    EXPECT_EQ(code({.username = "a"}, "12345 words"), ErrorCode::invalid_argument);
    EXPECT_EQ(code({.username = "a"}, std::string(1025, 'x') + "abcde"), ErrorCode::invalid_argument);
    EXPECT_EQ(code({.username = "a", .attributes = {{"a b", {"x"}}}}, good), ErrorCode::invalid_argument);
    EXPECT_EQ(code({.username = "a", .attributes = {{"1a", {"x"}}}}, good), ErrorCode::invalid_argument);
    EXPECT_EQ(code({.username = "a", .attributes = {{"a", {"x\ny"}}}}, good), ErrorCode::invalid_argument);
    EXPECT_TRUE(store_->users()->empty());
    EXPECT_TRUE(store_->add_user(operator_, {.username = std::string(255, 'a')}, Secret("good password")));
    EXPECT_TRUE(store_->add_user(operator_, {.username = "مجد"}, Secret("good password")));
}

TEST_F(PrimaryStoreTest, sets_and_removes_attributes_and_role) {
    add("nora", Role::normal, {{"region", {"NORTH"}}});
    ASSERT_TRUE(store_->set_attribute(operator_, "nora", "region", {"EAST", "WEST", "EAST"}));
    ASSERT_TRUE(store_->set_attribute(operator_, "nora", "team", {""}));
    EXPECT_EQ(store_->user("nora")->attributes,
              (Attributes{{"region", {"EAST", "WEST", "EAST"}}, {"team", {""}}}));
    ASSERT_TRUE(store_->set_attribute(operator_, "nora", "region", {}));
    EXPECT_EQ(store_->user("nora")->attributes, (Attributes{{"team", {""}}}));
    ASSERT_TRUE(store_->set_role(operator_, "nora", Role::admin));
    EXPECT_EQ(store_->user("nora")->role, Role::admin);
}

TEST_F(PrimaryStoreTest, says_not_found_for_every_change_of_an_unknown_user) {
    EXPECT_EQ(store_->user("x").error().code, ErrorCode::not_found);
    EXPECT_EQ(
        store_->set_password(operator_, "x", Secret("good password"), PrimaryStore::PasswordChange::by_user)
            .error()
            .code,
        ErrorCode::not_found);
    EXPECT_EQ(store_->set_role(operator_, "x", Role::admin).error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->set_attribute(operator_, "x", "region", {"NORTH"}).error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->set_active(operator_, "x", false).error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->principal_named("x").error().code, ErrorCode::not_found);
}

TEST_F(PrimaryStoreTest, authenticates_the_right_password_of_an_active_user) {
    add("sam", Role::superuser, {{"regions", {"NORTH", "EAST"}}});
    const auto sam = store_->authenticate_password("sam", Secret("password of sam"));
    ASSERT_TRUE(sam);
    EXPECT_EQ(sam->kind, policy::PrincipalKind::user);
    EXPECT_EQ(sam->name, "sam");
    EXPECT_EQ(sam->role, Role::superuser);
    EXPECT_EQ(sam->attributes, (Attributes{{"regions", {"NORTH", "EAST"}}}));
    EXPECT_EQ(sam->authenticated_by, "password");
}

TEST_F(PrimaryStoreTest, answers_alike_for_a_wrong_name_a_wrong_password_and_a_disabled_user) {
    add("nora");
    add("gone");
    ASSERT_TRUE(store_->set_active(operator_, "gone", false));
    const auto wrong_name = store_->authenticate_password("nobody", Secret("password of nora"));
    const auto wrong_password = store_->authenticate_password("nora", Secret("password of sam"));
    const auto disabled = store_->authenticate_password("gone", Secret("password of gone"));
    ASSERT_FALSE(wrong_name);
    EXPECT_EQ(wrong_name.error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(wrong_password.error(), wrong_name.error());
    EXPECT_EQ(disabled.error(), wrong_name.error());
    ASSERT_TRUE(store_->set_active(operator_, "gone", true));
    EXPECT_TRUE(store_->authenticate_password("gone", Secret("password of gone")));
}

TEST_F(PrimaryStoreTest, accepts_only_the_new_password_after_a_change) {
    add("nora");
    ASSERT_TRUE(store_->set_password(operator_, "nora", Secret("a better password"),
                                     PrimaryStore::PasswordChange::by_user));
    EXPECT_FALSE(store_->authenticate_password("nora", Secret("password of nora")));
    EXPECT_TRUE(store_->authenticate_password("nora", Secret("a better password")));
    EXPECT_FALSE(store_->user("nora")->must_change_password);
}

TEST_F(PrimaryStoreTest, hashes_again_at_login_what_was_hashed_with_less) {
    add("nora");
    // "password of nora" hashed by libsodium with m=8 KiB and one pass.
    const std::string weak =
        "$argon2id$v=19$m=8,t=1,p=1$1GJ5nV0EAygcVcPI+6h1ng$m8lq7m70SlQRC5MnJKdu3G/U7cxZWnZ1XJpiMw0dEO0";
    ASSERT_TRUE(Database::open(path_, OpenMode::read_write)
                    ->execute("UPDATE users SET hashed_password = '" + weak + "'"));
    ASSERT_TRUE(store_->authenticate_password("nora", Secret("password of nora")));
    EXPECT_EQ(cell("SELECT hashed_password FROM users").substr(0, 31), "$argon2id$v=19$m=19456,t=2,p=1$");
    EXPECT_TRUE(store_->authenticate_password("nora", Secret("password of nora")));
}

TEST_F(PrimaryStoreTest, authenticates_a_client_by_its_key) {
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    const auto acme = store_->authenticate_api_key(made->api_key.reveal());
    ASSERT_TRUE(acme);
    EXPECT_EQ(acme->kind, policy::PrincipalKind::client);
    EXPECT_EQ(acme->name, made->client.client_id);
    EXPECT_EQ(acme->id, made->client.id);
    EXPECT_EQ(acme->role, Role::integration);
    EXPECT_EQ(acme->authenticated_by, "api_key");
}

TEST_F(PrimaryStoreTest, refuses_every_other_key) {
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    const std::string key(made->api_key.reveal());
    for (const std::string& wrong :
         {std::string(), std::string("mv_"), key + "0", std::string(key.size(), 'a')}) {
        EXPECT_EQ(store_->authenticate_api_key(wrong).error().code, ErrorCode::unauthenticated) << wrong;
    }
}

TEST_F(PrimaryStoreTest, never_writes_a_secret_to_disk) {
    add("nora");
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    const std::string bytes = bytes_on_disk();
    EXPECT_NE(bytes.find("acme"), std::string::npos);
    EXPECT_EQ(bytes.find("password of nora"), std::string::npos);
    EXPECT_EQ(bytes.find(made->client_secret.reveal()), std::string::npos);
    EXPECT_EQ(bytes.find(made->api_key.reveal().substr(16, 43)), std::string::npos);
}

TEST_F(PrimaryStoreTest, replaces_both_secrets_when_a_client_is_rotated) {
    const auto before = store_->add_client(operator_, "acme");
    ASSERT_TRUE(before);
    const auto after = store_->rotate_client(operator_, before->client.client_id, std::chrono::seconds(0));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->client.client_id, before->client.client_id);
    EXPECT_NE(after->client_secret.reveal(), before->client_secret.reveal());
    EXPECT_FALSE(store_->authenticate_api_key(before->api_key.reveal()));
    EXPECT_TRUE(store_->authenticate_api_key(after->api_key.reveal()));
    EXPECT_EQ(store_->rotate_client(operator_, "cl_unknown", std::chrono::seconds(0)).error().code,
              ErrorCode::not_found);
}

TEST_F(PrimaryStoreTest, refuses_a_key_at_once_when_another_process_revokes_it) {
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    ASSERT_TRUE(store_->authenticate_api_key(made->api_key.reveal()));
    auto other = open(path_);
    ASSERT_TRUE((*other)->revoke_client(operator_, made->client.client_id));
    EXPECT_EQ(store_->authenticate_api_key(made->api_key.reveal()).error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(store_->rotate_client(operator_, made->client.client_id, std::chrono::seconds(0)).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(store_->revoke_client(operator_, "cl_unknown").error().code, ErrorCode::not_found);
}

TEST_F(PrimaryStoreTest, lets_a_revoked_clients_name_be_used_again) {
    const auto first = store_->add_client(operator_, "acme");
    ASSERT_TRUE(first);
    EXPECT_EQ(store_->add_client(operator_, "acme").error().code, ErrorCode::conflict);
    ASSERT_TRUE(store_->revoke_client(operator_, first->client.client_id));
    EXPECT_EQ(store_->principal_named("acme").error().code, ErrorCode::denied);
    const auto second = store_->add_client(operator_, "acme");
    ASSERT_TRUE(second);
    EXPECT_EQ(store_->principal_named("acme")->name, second->client.client_id);
    EXPECT_EQ(store_->clients()->size(), 2U);
}

TEST_F(PrimaryStoreTest, names_principals_for_the_command_line) {
    add("nora", Role::normal, {{"region", {"NORTH"}}});
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    EXPECT_EQ(store_->principal_named("nora")->attributes, (Attributes{{"region", {"NORTH"}}}));
    EXPECT_EQ(store_->principal_named("nora")->authenticated_by, "local");
    EXPECT_EQ(store_->principal_named("acme")->kind, policy::PrincipalKind::client);
    EXPECT_EQ(store_->principal_named(made->client.client_id)->name, made->client.client_id);
    ASSERT_TRUE(store_->set_active(operator_, "nora", false));
    EXPECT_EQ(store_->principal_named("nora").error().code, ErrorCode::denied);
}

TEST_F(PrimaryStoreTest, keeps_the_audit_log_append_only) {
    auto database = Database::open(path_, OpenMode::read_write);
    ASSERT_TRUE(database->execute("INSERT INTO audit_log (action) VALUES ('login')"));
    EXPECT_FALSE(database->execute("UPDATE audit_log SET action = 'x'"));
    EXPECT_FALSE(database->execute("DELETE FROM audit_log"));
    EXPECT_FALSE(database->execute("INSERT OR REPLACE INTO audit_log (id, action) VALUES (1, 'x')"));
    EXPECT_EQ(cell("SELECT group_concat(action) FROM audit_log"), "login");
    EXPECT_EQ(cell("SELECT timestamp LIKE '20__-__-__T__:__:__.___Z' FROM audit_log"), "1");
}

TEST_F(PrimaryStoreTest, serves_many_threads) {
    const auto made = store_->add_client(operator_, "acme");
    ASSERT_TRUE(made);
    add("nora");
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i) {
                    const auto who = store_->authenticate_api_key(made->api_key.reveal());
                    const auto set = store_->set_attribute(operator_, "nora", "a" + std::to_string(t),
                                                           {std::to_string(i)});
                    if (!who || !set) ++failures;
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(store_->user("nora")->attributes.size(), 8U);
}

}  // namespace
}  // namespace majed::store
