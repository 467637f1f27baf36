// SPDX-License-Identifier: Apache-2.0
#include "store/primary_migrations.h"

#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"
#include "store/store_version.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace majed::store {
namespace {

namespace fs = std::filesystem;
using driver::sqlite::Database;
using driver::sqlite::OpenMode;

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class PrimaryMigrations : public testing::Test {
protected:
    void run(std::string_view sql) {
        const auto done = database_.execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string cell(const std::string& sql) {
        auto statement = database_.prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }
    /// Of what the migrations make; SQLite's own table of sequences stays once it is there.
    std::string schema() {
        return cell(
            "SELECT coalesce(group_concat(type || ' ' || name, char(10)), '') FROM (SELECT type, name"
            " FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name)");
    }

    Database database_ = *Database::open(":memory:", OpenMode::create);
};

TEST_F(PrimaryMigrations, are_the_files_of_the_folder_byte_for_byte) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(MAJED_PROJECT_ROOT "/migrations/primary")) {
        files[entry.path().filename().string()] = contents(entry.path());
    }
    std::map<std::string, std::string> built_in;
    for (const EmbeddedFile& migration : primary_migrations()) {
        built_in[std::string(migration.file)] = migration.bytes;
    }
    EXPECT_GE(built_in.size(), 5U);
    EXPECT_EQ(built_in, files);
}

TEST_F(PrimaryMigrations, each_leave_their_own_number_in_the_file) {
    std::int64_t number = 0;
    for (const EmbeddedFile& migration : primary_migrations()) {
        ++number;
        std::int64_t named = 0;
        std::from_chars(migration.file.data(), migration.file.data() + 3, named);
        EXPECT_EQ(named, number) << migration.file;
        run(way_up(migration.bytes));
        EXPECT_EQ(cell("PRAGMA user_version"), std::to_string(number)) << migration.file;
    }
    EXPECT_EQ(cell("PRAGMA application_id"), std::to_string(application_id));
    EXPECT_EQ(program_version(), number);
}

TEST_F(PrimaryMigrations, are_taken_back_to_what_was_before_by_those_that_say_how) {
    run("PRAGMA foreign_keys = ON");
    std::size_t ways_down = 0;
    for (const EmbeddedFile& migration : primary_migrations()) {
        const std::string before = schema() + cell("PRAGMA user_version") + cell("PRAGMA application_id");
        run(way_up(migration.bytes));
        const std::size_t mark = migration.bytes.find("\n-- majed:down");
        if (mark != std::string_view::npos) {
            ++ways_down;
            run(migration.bytes.substr(mark));
            EXPECT_EQ(schema() + cell("PRAGMA user_version") + cell("PRAGMA application_id"), before)
                << migration.file;
            run(way_up(migration.bytes));
        }
    }
    EXPECT_EQ(ways_down, 7U);
}

TEST_F(PrimaryMigrations, have_no_way_to_drop_the_audit) {
    for (const EmbeddedFile& migration : primary_migrations()) {
        const std::size_t mark = migration.bytes.find("-- majed:down");
        if (migration.bytes.find("audit_log") != std::string_view::npos) {
            EXPECT_EQ(mark, std::string_view::npos) << migration.file;
        }
    }
    for (const EmbeddedFile& migration : primary_migrations()) {
        run(way_up(migration.bytes));
    }
    run("INSERT INTO audit_log (action) VALUES ('kept')");
    // What claims to be a purge and is none, or orders its own end.
    run("INSERT INTO audit_log (action, phase, resource, resource_id) VALUES"
        " ('audit.purge', 'outcome', 'audit', '9'), ('audit.purge', 'intent', 'other', '9'),"
        " ('audit.purged', 'intent', 'audit', '9'), ('audit.purge', 'intent', 'audit', NULL),"
        " ('audit.purge', 'intent', 'audit', 'all'), ('audit.purge', 'intent', 'audit', '7')");
    EXPECT_FALSE(database_.execute("DELETE FROM audit_log"));
    EXPECT_FALSE(database_.execute("UPDATE audit_log SET action = ''"));
    EXPECT_FALSE(database_.execute("REPLACE INTO audit_log (id, action) VALUES (1, '')"));
    EXPECT_EQ(cell("SELECT action FROM audit_log"), "kept");
}

TEST_F(PrimaryMigrations, let_records_of_the_audit_go_through_the_one_that_a_purge_names) {
    for (const EmbeddedFile& migration : primary_migrations()) {
        run(way_up(migration.bytes));
    }
    run("INSERT INTO audit_log (action) VALUES ('a'), ('b'), ('c')");
    run("INSERT INTO audit_log (action, phase, resource, resource_id) VALUES"
        " ('audit.purge', 'intent', 'audit', '2')");
    EXPECT_FALSE(database_.execute("DELETE FROM audit_log WHERE id = 3"));
    EXPECT_FALSE(database_.execute("DELETE FROM audit_log WHERE id = 4"));
    EXPECT_FALSE(database_.execute("DELETE FROM audit_log")) << "all or nothing";
    EXPECT_EQ(cell("SELECT count(*) FROM audit_log"), "4");
    run("DELETE FROM audit_log WHERE id <= 2");
    EXPECT_EQ(cell("SELECT group_concat(id) FROM audit_log"), "3,4");
}

TEST_F(PrimaryMigrations, let_the_audit_be_looked_up_by_what_is_asked_for) {
    for (const EmbeddedFile& migration : primary_migrations()) {
        run(way_up(migration.bytes));
    }
    for (const std::string condition :
         {"event_id = ?1", "username = ?1", "action = ?1 AND action <> 'query'"}) {
        auto plan = database_.prepare("EXPLAIN QUERY PLAN SELECT * FROM audit_log WHERE " + condition +
                                      " ORDER BY id DESC LIMIT 5");
        ASSERT_TRUE(plan);
        ASSERT_TRUE(*plan->step());
        EXPECT_NE(plan->text(3).find("USING INDEX idx_audit_log_"), std::string::npos) << plan->text(3);
        EXPECT_FALSE(*plan->step()) << "in the order of the index, without a sort";
    }
}

TEST_F(PrimaryMigrations, make_the_indexes_that_the_specification_names) {
    for (const EmbeddedFile& migration : primary_migrations()) {
        run(way_up(migration.bytes));
    }
    EXPECT_EQ(cell("SELECT group_concat(tbl_name || '.' || name, ' ') FROM (SELECT tbl_name, name FROM"
                   " sqlite_schema WHERE type = 'index' AND name LIKE 'idx%' ORDER BY name)"),
              "audit_log.idx_audit_log_acts audit_log.idx_audit_log_event_id"
              " audit_log.idx_audit_log_purges audit_log.idx_audit_log_username"
              " integration_clients.idx_integration_clients_api_key"
              " integration_clients.idx_integration_clients_client_id users.idx_users_role"
              " users.idx_users_username");
}

}  // namespace
}  // namespace majed::store
