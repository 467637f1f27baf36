// SPDX-License-Identifier: Apache-2.0
#include "app/settings.h"

#include "app/initial_texts.h"
#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::app {
namespace {

Result<Settings> settings_of(std::string_view text, config::TextMap flags = {}) {
    config::Overrides overrides;
    overrides.flags = std::move(flags);
    auto document = config::Document::parse(text, "/etc/majed/majed.toml", std::move(overrides));
    if (!document) {
        return document.error();
    }
    return read_settings(std::move(*document));
}

std::string complaint_about(std::string_view text) {
    const auto settings = settings_of(text);
    EXPECT_FALSE(settings) << text;
    return settings ? std::string() : settings.error().message;
}

TEST(Settings, of_an_empty_file_are_the_defaults) {
    const auto settings = settings_of("");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->server.listen, "127.0.0.1:8080");
    EXPECT_FALSE(settings->server.allow_insecure_remote);
    EXPECT_EQ(settings->primary_path, "/etc/majed/majed.db");
    EXPECT_EQ(settings->key_file, "/etc/majed/majed.key");
    EXPECT_EQ(settings->store.session_lifetime, std::chrono::hours(12));
    EXPECT_TRUE(settings->sources.empty());
    EXPECT_EQ(settings->audit.statements, audit::StatementText::normalised);
}

TEST(Settings, say_whether_statements_are_kept_as_they_were_sent) {
    const auto settings = settings_of("[audit]\nstatements = \"sealed\"\n");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->audit.statements, audit::StatementText::sealed);
    EXPECT_NE(complaint_about("[audit]\nstatements = \"clear\"\n").find("audit.statements"),
              std::string::npos);
}

TEST(Settings, leave_the_rows_to_databases_that_have_policies) {
    const auto with = [](const std::string& url) {
        return "[[sources]]\nname = \"s\"\nenforcement = \"native\"\nurl = \"" + url + "\"\n";
    };
    for (const char* const url : {"oracle://db:1521/shop", "postgresql://db/shop"}) {
        const auto settings = settings_of(with(url));
        ASSERT_TRUE(settings) << settings.error().message;
        EXPECT_EQ(settings->sources.front().options.enforcement, source::Enforcement::native);
    }
    EXPECT_NE(complaint_about(with("sqlite:/s.db")).find("\"native\" is for PostgreSQL and Oracle"),
              std::string::npos);
}

TEST(Settings, of_a_source_are_read_with_pool_and_limits) {
    const auto settings = settings_of(
        "[[sources]]\nname = \"sales\"\nurl = \"sqlite:/data/sales.db\"\npool = { max = 3, acquire_timeout = "
        "\"2s\" }\n"
        "limits = { max_rows = 7, max_bytes = \"1MiB\", statement_timeout = \"500ms\" }\n");
    ASSERT_TRUE(settings) << settings.error().message;
    ASSERT_EQ(settings->sources.size(), 1U);
    const auto& [options, target, is_server, stored_password, migrations] = settings->sources.front();
    EXPECT_EQ(options.name, "sales");
    EXPECT_EQ(target.url, "sqlite:/data/sales.db");
    EXPECT_EQ(options.location, "sqlite:/data/sales.db");
    EXPECT_EQ(options.pool.max, 3U);
    EXPECT_EQ(options.pool.acquire_timeout, std::chrono::seconds(2));
    EXPECT_EQ(options.limits.max_rows, 7U);
    EXPECT_EQ(options.limits.max_bytes, 1024U * 1024U);
    EXPECT_EQ(options.limits.statement_timeout, std::chrono::milliseconds(500));
}

TEST(Settings, of_a_sqlite_source_have_its_defaults) {
    const auto settings = settings_of("[[sources]]\nname = \"s\"\nurl = \"sqlite:s.db\"\n");
    ASSERT_TRUE(settings) << settings.error().message;
    const source::SourceOptions& options = settings->sources.front().options;
    EXPECT_EQ(options.pool.min, 2U);
    EXPECT_EQ(options.pool.max, 10U);
    EXPECT_EQ(options.breaker.failure_threshold, 3U);
    EXPECT_EQ(options.breaker.open_for, std::chrono::seconds(30));
    EXPECT_EQ(options.breaker.successes_to_close, 2U);
    EXPECT_FALSE(options.required);
    EXPECT_EQ(options.access, driver::Access::read_only);
}

TEST(Settings, of_a_server_have_its_defaults_and_a_login) {
    for (const std::string url : {"postgresql://db.example:5432/shop", "oracle://db.example:1521/shop"}) {
        const auto settings = settings_of("[[sources]]\nname = \"s\"\nurl = \"" + url +
                                          "\"\nuser = \"gateway\"\npassword = \"hush\"\nrequired = true\n");
        ASSERT_TRUE(settings) << settings.error().message;
        const auto& [options, target, is_server, stored_password, migrations] = settings->sources.front();
        EXPECT_EQ(options.pool.max, 20U);
        EXPECT_EQ(options.breaker.failure_threshold, 5U);
        EXPECT_EQ(options.breaker.open_for, std::chrono::seconds(60));
        EXPECT_TRUE(options.required);
        EXPECT_EQ(target.url, url);
        EXPECT_EQ(target.user, "gateway");
        EXPECT_EQ(target.password.reveal(), "hush");
        for (const auto& shown : settings->shown) {
            EXPECT_EQ(shown.value.find("hush"), std::string::npos) << shown.path;
        }
    }
}

TEST(Settings, of_a_pool_of_one_need_only_say_so) {
    const auto settings =
        settings_of("[[sources]]\nname = \"s\"\nurl = \"sqlite:s.db\"\npool = { max = 1 }\n");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->sources.front().options.pool.min, 1U);
}

TEST(Settings, refuse_numbers_of_a_source_that_contradict_each_other) {
    const std::string head = "[[sources]]\nname = \"s\"\nurl = \"sqlite:s.db\"\n";
    EXPECT_NE(complaint_about(head + "pool = { min = 5, max = 3 }\n").find("majed.toml:4"),
              std::string::npos);
    EXPECT_NE(complaint_about(head + "breaker = { open_for = \"2m\", open_max = \"1m\" }\n").find("open_max"),
              std::string::npos);
    EXPECT_NE(complaint_about(head + "breaker = { threshold = 3 }\n").find("threshold"), std::string::npos);
    EXPECT_NE(complaint_about(head + "password = \"x\"\n").find("SQLite has no passwords"),
              std::string::npos);
}

TEST(Settings, name_the_key_that_does_not_fit_the_others) {
    const std::string head = "[[sources]]\nname = \"s\"\nurl = \"sqlite:s.db\"\n";
    EXPECT_NE(complaint_about(head + "pool = { min = 5, max = 3 }\n").find("pool.min: expected at most max"),
              std::string::npos);
    EXPECT_NE(complaint_about(head + "breaker = { failure_threshold = 0 }\n")
                  .find("breaker.failure_threshold: must be at least 1"),
              std::string::npos);
    EXPECT_NE(complaint_about("[health]\nrecheck = \"11s\"\n").find("health.recheck: must be between"),
              std::string::npos);
}

TEST(Settings, refuse_a_url_with_a_secret_and_do_not_repeat_it) {
    for (const std::string url :
         {"postgresql://gw:hush@db/shop", "postgres://gw%3Ahush@db/shop", "oracle://gw/hush@db:1521/shop",
          "postgresql://db/shop?password=hush", "oracle://db/shop?expire_time=2&password=hush",
          "postgresql://db/shop?sslmode=require&sslpassword=hush"}) {
        const std::string complaint = complaint_about("[[sources]]\nname = \"s\"\nurl = \"" + url + "\"\n");
        EXPECT_NE(complaint.find("majed.toml:3"), std::string::npos) << complaint;
        EXPECT_EQ(complaint.find("hush"), std::string::npos) << complaint;
    }
}

TEST(Settings, say_whether_a_source_takes_changes_of_its_schema) {
    const std::string head = "[[sources]]\nname = \"s\"\nurl = \"sqlite:s.db\"\n";
    EXPECT_FALSE(settings_of(head + "read_only = false\n")->sources.front().options.takes_ddl);
    EXPECT_FALSE(settings_of(head + "allow = []\n")->sources.front().options.takes_ddl);
    const auto open = settings_of(head + "read_only = false\nallow = [\"ddl\"]\n");
    ASSERT_TRUE(open) << open.error().message;
    EXPECT_TRUE(open->sources.front().options.takes_ddl);
    EXPECT_EQ(complaint_about(head + "read_only = false\nallow = [\"ddl\", \"DDL\"]\n"),
              "/etc/majed/majed.toml:5: sources[s].allow: expected \"ddl\" or nothing, found \"DDL\"");
    EXPECT_EQ(complaint_about(head + "allow = [\"ddl\"]\n"),
              "/etc/majed/majed.toml:4: sources[s].allow: expected nothing, or read_only = false beside it");
}

TEST(Settings, refuse_names_of_sources_that_would_garble_a_log_or_a_terminal) {
    for (const std::string name : {"", " ", "a ", "a\\nb", "\\u001b[31m", "\\u007f"}) {
        const std::string text = "[[sources]]\nname = \"" + name + "\"\nurl = \"sqlite:s.db\"\n";
        EXPECT_NE(complaint_about(text).find("control characters"), std::string::npos) << name;
    }
    EXPECT_TRUE(settings_of("[[sources]]\nname = \"Vertrieb Süd\"\nurl = \"sqlite:s.db\"\n"));
}

TEST(Settings, from_a_flag_win_over_the_file) {
    const auto settings =
        settings_of("[server]\nlisten = \"127.0.0.1:1\"\n", {{"server.listen", "127.0.0.1:0"}});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->server.listen, "127.0.0.1:0");
}

TEST(Settings, refuse_unknown_keys_with_file_and_line) {
    const std::string complaint = complaint_about("[server]\nlisten = \"127.0.0.1:1\"\nlissten = 3\n");
    EXPECT_NE(complaint.find("majed.toml:3"), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("lissten"), std::string::npos) << complaint;
}

TEST(Settings, refuse_databases_that_are_not_offered) {
    const std::string complaint = complaint_about("[[sources]]\nname = \"x\"\nurl = \"mysql://host/db\"\n");
    EXPECT_NE(complaint.find("sqlite:FILE"), std::string::npos) << complaint;
}

TEST(Settings, of_migrations_take_the_login_of_the_source_unless_they_have_their_own) {
    const std::string source =
        "[[sources]]\nname = \"s\"\nurl = \"postgresql://db.example:5432/shop\"\nuser = \"gateway\"\n"
        "password = \"hush\"\n";
    const auto same = settings_of(source + "[sources.migrations]\ndir = \"/srv/migrations\"\n");
    ASSERT_TRUE(same) << same.error().message;
    const SourceMigrations& of_source = same->sources.front().migrations;
    EXPECT_EQ(of_source.source, "s");
    EXPECT_EQ(of_source.folder, "/srv/migrations");
    EXPECT_EQ(of_source.target.user, "gateway");
    EXPECT_EQ(of_source.target.password.reveal(), "hush");
    EXPECT_EQ(of_source.target.access, driver::Access::read_write);
    EXPECT_EQ(same->sources.front().target.access, driver::Access::read_only);

    const auto own = settings_of(source +
                                 "[sources.migrations]\nuser = \"owner\"\npassword = \"secret\"\n"
                                 "lock_wait = \"2m\"\nstatement_timeout = \"3h\"\n");
    ASSERT_TRUE(own) << own.error().message;
    const SourceMigrations& of_owner = own->sources.front().migrations;
    EXPECT_EQ(of_owner.folder, "");
    EXPECT_EQ(of_owner.target.user, "owner");
    EXPECT_EQ(of_owner.target.password.reveal(), "secret");
    EXPECT_EQ(of_owner.lock_wait, std::chrono::minutes(2));
    EXPECT_EQ(of_owner.statement_timeout, std::chrono::hours(3));
    EXPECT_EQ(own->sources.front().target.user, "gateway");
}

TEST(Settings, refuse_a_login_for_migrations_where_there_is_none) {
    const std::string complaint = complaint_about(
        "[[sources]]\nname = \"x\"\nurl = \"sqlite:x.db\"\n[sources.migrations]\nuser = \"ann\"\n");
    EXPECT_NE(complaint.find("SQLite has no users"), std::string::npos) << complaint;
}

TEST(Settings, refuse_two_sources_of_one_name) {
    const std::string source = "[[sources]]\nname = \"x\"\nurl = \"sqlite:x.db\"\n";
    EXPECT_NE(complaint_about(source + source).find("a name of its own"), std::string::npos);
}

TEST(Settings, refuse_roles_and_masks_nobody_knows) {
    const std::string complaint = complaint_about(
        "[[policies]]\ntable = \"T\"\nroles = [\"boss\"]\nrows = \"*\"\n"
        "[[masks]]\ntable = \"T\"\ncolumn = \"C\"\nroles = [\"normal\"]\nwith = \"blur\"\n");
    EXPECT_NE(complaint.find("boss"), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("majed.toml:9"), std::string::npos) << complaint;
}

constexpr std::string_view fernet_key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

std::string encrypted_with(const std::string& keys) {
    return "[[encrypted]]\ntable = \"T\"\ncolumn = \"C\"\nroles = [\"normal\"]\n" + keys;
}

TEST(Settings, of_an_encrypted_column_are_its_rule_and_its_keys_which_are_not_shown) {
    const std::string previous = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const auto settings = settings_of(encrypted_with("source = \"s\"\nkey = \"" + std::string(fernet_key) +
                                                     "\"\nprevious_key = \"" + previous + "\"\n"));
    ASSERT_TRUE(settings) << settings.error().message;
    ASSERT_EQ(settings->policies->encrypted_columns().size(), 1U);
    const policy::EncryptedColumn& rule = settings->policies->encrypted_columns().front();
    EXPECT_EQ(rule.source + "." + rule.table + "." + rule.column, "s.T.C");
    EXPECT_EQ(rule.roles, std::vector{policy::Role::normal});
    EXPECT_EQ(rule.origin, "/etc/majed/majed.toml:1");
    ASSERT_EQ(settings->column_keys->size(), 1U);
    EXPECT_EQ(settings->column_keys->front().ids().size(), 2U);
    for (const auto& shown : settings->shown) {
        EXPECT_EQ(shown.value.find("cw_0x6"), std::string::npos) << shown.path;
        EXPECT_EQ(shown.value.find("AAAA"), std::string::npos) << shown.path;
    }
}

TEST(Settings, refuse_an_encrypted_column_without_a_fernet_key_and_do_not_repeat_what_stands_there) {
    const std::string key(fernet_key);
    for (const std::string& wrong :
         {std::string("hush"), key + "x", key.substr(0, 43), "!" + key.substr(1), std::string()}) {
        const std::string complaint = complaint_about(encrypted_with("key = \"" + wrong + "\"\n"));
        EXPECT_EQ(
            complaint,
            "/etc/majed/majed.toml:5: encrypted[1].key: expected a Fernet key: 44 characters, base64url");
    }
    EXPECT_EQ(
        complaint_about(encrypted_with("")),
        "/etc/majed/majed.toml:1: encrypted[1].key: missing; expected a Fernet key, here or in key_file");
    EXPECT_EQ(complaint_about(encrypted_with("key = \"" + key + "\"\nprevious_key = \"" + key + "\"\n")),
              "/etc/majed/majed.toml:6: encrypted[1].previous_key: expected another key than the first");
    EXPECT_NE(complaint_about(encrypted_with("key_file = \"/nowhere/key\"\n")).find("encrypted[1].key_file"),
              std::string::npos);
    EXPECT_NE(
        complaint_about(encrypted_with("key = \"" + key + "\"\nkey_file = \"x\"\n")).find("only one of"),
        std::string::npos);
    EXPECT_EQ(complaint_about(encrypted_with("key = 5\n")),
              "/etc/majed/majed.toml:5: encrypted[1].key: expected a text");
}

TEST(Settings, refuse_rules_about_encrypted_columns_that_contradict_each_other) {
    const std::string one = encrypted_with("key = \"" + std::string(fernet_key) + "\"\n");
    EXPECT_NE(complaint_about(one + one).find(
                  "/etc/majed/majed.toml:6: T.C is declared encrypted already, at /etc/majed/majed.toml:1"),
              std::string::npos);
    EXPECT_NE(complaint_about(one + "[[masks]]\ntable = \"T\"\ncolumn = \"C\"\nroles = [\"admin\"]\nwith = "
                                    "\"null\"\n")
                  .find("/etc/majed/majed.toml:6: T.C is declared encrypted at /etc/majed/majed.toml:1"),
              std::string::npos);
    const std::string complaint = complaint_about(
        "[[encrypted]]\ntable = \"T\"\ncolumn = \"C\"\nroles = [\"boss\"]\nkeys = []\nkey = \"" +
        std::string(fernet_key) + "\"\n");
    EXPECT_NE(complaint.find("boss"), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("/etc/majed/majed.toml:5"), std::string::npos) << complaint;
}

TEST(Settings, of_a_policy_say_whose_readers_are_recorded_first) {
    const std::string rule = "[[policies]]\ntable = \"T\"\nroles = [\"admin\"]\nrows = \"*\"\n";
    EXPECT_FALSE(settings_of(rule)->policies->audits_strictly("s", "T"));
    EXPECT_FALSE(settings_of(rule + "audit = \"default\"\n")->policies->audits_strictly("s", "T"));
    EXPECT_TRUE(settings_of(rule + "audit = \"strict\"\n")->policies->audits_strictly("s", "t"));
    const std::string complaint = complaint_about(rule + "audit = \"strickt\"\n");
    EXPECT_NE(complaint.find("majed.toml:5"), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("audit"), std::string::npos) << complaint;
}

TEST(Settings, of_the_files_that_init_writes_are_right) {
    for (const auto rest : {configuration_empty, configuration_demo}) {
        const auto settings = settings_of(std::string(configuration_head) + std::string(rest));
        EXPECT_TRUE(settings) << settings.error().message;
    }
    const auto demo = settings_of(std::string(configuration_head) + std::string(configuration_demo));
    EXPECT_EQ(demo->sources.size(), 1U);
    EXPECT_EQ(demo->policies->row_policies().size(), 9U);
    EXPECT_EQ(demo->policies->mask_policies().size(), 3U);
}

}  // namespace
}  // namespace majed::app
