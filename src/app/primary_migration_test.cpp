// SPDX-License-Identifier: Apache-2.0
#include "app/primary_migration.h"

#include "driver/sqlite/database.h"
#include "store/primary_migrations.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"
#include "store/store_version.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace majed::app {
namespace {

namespace fs = std::filesystem;
using driver::sqlite::Database;
using driver::sqlite::OpenMode;

constexpr const char* program = "9.8.7";

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// No file of this process grows beyond `bytes` while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limited{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

private:
    rlimit before_{};
    void (*signal_)(int);
};

class PrimaryMigration : public testing::Test {
protected:
    PrimaryMigration() {
        std::string pattern = (fs::temp_directory_path() / "majed_primary_XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        path_ = (folder_ / "majed.db").string();
    }
    ~PrimaryMigration() override { fs::remove_all(folder_); }

    static void run(const std::string& path, const std::string& sql, OpenMode mode = OpenMode::read_write) {
        auto database = Database::open(path, mode);
        ASSERT_TRUE(database) << database.error().message;
        const auto done = database->execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    /// Takes back what came after the first store with an audit that is evidence, also where the program does not.
    static void undo_all_after_006(const std::string& path) {
        run(path,
            "DROP TABLE source_passwords; DROP TABLE data_keys; DROP TABLE encryption_roots;"
            "DROP TRIGGER audit_log_is_deleted_by_purges_only; DROP INDEX idx_audit_log_purges;DROP INDEX "
            "idx_audit_log_event_id; DROP INDEX idx_audit_log_username; DROP INDEX idx_audit_log_acts;"
            "CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log"
            " BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END");
        const auto migrations = store::primary_migrations();
        for (auto one = migrations.rbegin(); one->file > "007"; ++one) {
            const std::size_t way_down = one->bytes.find("\n-- majed:down");
            if (way_down != std::string_view::npos) run(path, std::string(one->bytes.substr(way_down)));
        }
    }
    /// `005 applied, 006 applied, ...` to the last.
    static std::string applied_from(std::string_view version) {
        std::string text;
        for (const auto& migration : store::primary_migrations()) {
            if (migration.file < version) continue;
            text.append(text.empty() ? "" : ", ").append(migration.file.substr(0, 3)).append(" applied");
        }
        return text;
    }
    static std::string cell(const std::string& path, const std::string& sql) {
        auto database = Database::open(path, OpenMode::read_write);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }
    /// The tables, indexes and triggers of a store, as SQLite keeps their texts.
    static std::string schema(const std::string& path) {
        return cell(
            path,
            "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql NOT NULL"
            " AND tbl_name NOT LIKE 'schema_migrations%' AND name NOT LIKE 'sqlite_%' ORDER BY type, name)");
    }
    static std::string ledger(const std::string& path) {
        return cell(path,
                    "SELECT group_concat(version || ' ' || state, ', ') FROM (SELECT version, state FROM"
                    " schema_migrations ORDER BY id)");
    }
    /// A store of the last program without migrations, with somebody in it.
    void make_old_store() {
        run(path_, contents(MAJED_PROJECT_ROOT "/tests/e2e/store_before_migrations.sql"), OpenMode::create);
        run(path_,
            "INSERT INTO users (username, hashed_password) VALUES ('nora', 'a hash');"
            "INSERT INTO user_attributes VALUES (1, 'region', 0, 'NORTH');"
            "INSERT INTO audit_log (action, username) VALUES ('login', 'nora')");
    }
    void make_new_store() { ASSERT_TRUE(create_primary(path_, program)); }

    Result<PrimaryUpgrade> upgrade() {
        migrate::RunObserver nobody;
        return upgrade_primary(path_, program, nobody);
    }
    /// Every file of the folder, with its bytes.
    [[nodiscard]] std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> found;
        for (const auto& entry : fs::directory_iterator(folder_)) {
            found[entry.path().filename().string()] =
                entry.is_regular_file() ? contents(entry.path()) : "(no file)";
        }
        return found;
    }
    [[nodiscard]] std::string backup(const std::string& suffix = "") const {
        return path_ + ".before-005" + suffix;
    }

    fs::path folder_;
    std::string path_;
};

TEST_F(PrimaryMigration, makes_a_store_for_its_owner_alone_in_wal_mode) {
    make_new_store();
    EXPECT_EQ(files().size(), 1U);
    const auto store =
        store::PrimaryStore::open(path_, {.journal = std::make_shared<store::RememberingJournal>()});
    ASSERT_TRUE(store) << store.error().message;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat facts {};
        ASSERT_EQ(::stat((path_ + suffix).c_str(), &facts), 0) << suffix;
        EXPECT_EQ(facts.st_mode & 0777U, 0600U) << suffix;
    }
    EXPECT_EQ(cell(path_, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(cell(path_, "PRAGMA user_version"), std::to_string(store::program_version()));
}

TEST_F(PrimaryMigration, writes_every_migration_of_a_new_store_into_its_ledger) {
    make_new_store();
    EXPECT_EQ(ledger(path_), applied_from("001"));
    EXPECT_EQ(cell(path_, "SELECT DISTINCT tool_version FROM schema_migrations"), program);
    EXPECT_NE(cell(path_, "SELECT applied_by FROM schema_migrations").find('@'), std::string::npos);
}

TEST_F(PrimaryMigration, never_makes_a_store_over_a_file_that_exists) {
    std::ofstream(path_) << "precious";
    const auto before = files();
    const auto refused = create_primary(path_, program);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(files(), before);
    EXPECT_EQ(create_primary((folder_ / "no/such/majed.db").string(), program).error().code,
              ErrorCode::unavailable);
}

TEST_F(PrimaryMigration, leaves_nothing_of_a_store_that_could_not_be_made) {
    Result<void> done;
    {
        const FileSizeLimit little(16384);
        done = create_primary(path_, program);
    }
    EXPECT_FALSE(done);
    EXPECT_TRUE(files().empty());
}

TEST_F(PrimaryMigration, adopts_a_store_of_before_there_were_migrations) {
    make_old_store();
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->adopted);
    EXPECT_EQ(done->from, 1);
    EXPECT_EQ(done->to, store::program_version());
    EXPECT_EQ(ledger(path_), "004 baseline, " + applied_from("005"));
    auto store = store::PrimaryStore::open(path_, {.journal = std::make_shared<store::RememberingJournal>()});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->user("nora")->attributes, (Attributes{{"region", {"NORTH"}}}));
}

TEST_F(PrimaryMigration, gives_an_adopted_store_the_very_schema_of_a_new_one) {
    make_old_store();
    ASSERT_TRUE(upgrade());
    const std::string fresh = (folder_ / "fresh.db").string();
    ASSERT_TRUE(create_primary(fresh, program));
    EXPECT_EQ(schema(path_), schema(fresh));
}

TEST_F(PrimaryMigration, keeps_a_copy_of_the_store_as_it_was) {
    make_old_store();
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->backup, backup());
    EXPECT_EQ(files().size(), 2U);
    EXPECT_EQ(cell(backup(), "PRAGMA user_version"), "1");
    EXPECT_EQ(cell(backup(), "SELECT username FROM users"), "nora");
    EXPECT_EQ(cell(backup(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'schema_migrations%'"), "0");
    struct stat facts {};
    ASSERT_EQ(::stat(backup().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(PrimaryMigration, never_replaces_an_earlier_backup) {
    make_old_store();
    std::ofstream(backup()) << "precious";
    fs::create_directory(backup("-2"));
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->backup, backup("-3"));
    EXPECT_EQ(contents(backup()), "precious");
    EXPECT_EQ(cell(backup("-3"), "SELECT username FROM users"), "nora");
}

TEST_F(PrimaryMigration, throws_away_a_backup_that_a_killed_process_did_not_finish) {
    make_old_store();
    std::ofstream(backup(".partial")) << "half of it";
    ASSERT_TRUE(upgrade());
    EXPECT_EQ(files().size(), 2U);
    EXPECT_EQ(cell(backup(), "SELECT username FROM users"), "nora");
}

TEST_F(PrimaryMigration, changes_nothing_when_there_is_no_room_for_the_backup) {
    make_old_store();
    const auto before = files();
    Result<PrimaryUpgrade> done = PrimaryUpgrade{};
    {
        const FileSizeLimit little(32768);
        done = upgrade();
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable);
    EXPECT_NE(done.error().message.find("cannot be backed up"), std::string::npos) << done.error().message;
    EXPECT_NE(done.error().hint.find("nothing was changed"), std::string::npos);
    EXPECT_EQ(files(), before);
}

TEST_F(PrimaryMigration, changes_nothing_when_the_backup_cannot_be_made) {
    make_old_store();
    fs::create_directories(fs::path(backup(".partial")) / "occupied");
    const auto before = files();
    const auto done = upgrade();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable) << done.error().message;
    EXPECT_EQ(files(), before);
}

TEST_F(PrimaryMigration, refuses_a_store_of_a_newer_program_and_leaves_every_byte) {
    make_new_store();
    run(path_, "PRAGMA user_version = 99");
    const auto before = files();
    const auto refused = upgrade();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("written by a newer majed (schema 99"), std::string::npos);
    EXPECT_EQ(files(), before);
}

TEST_F(PrimaryMigration, leaves_the_log_that_a_newer_program_left_behind) {
    make_new_store();
    // A copy of a store in use: with a log that nobody has folded in.
    const std::string crashed = (folder_ / "crashed.db").string();
    {
        auto running = Database::open(path_, OpenMode::read_write);
        ASSERT_TRUE(running->execute("PRAGMA user_version = 99"));
        for (const char* suffix : {"", "-wal", "-shm"}) {
            fs::copy_file(path_ + suffix, crashed + suffix);
        }
    }
    const std::string file = contents(crashed);
    const std::string log = contents(crashed + "-wal");
    ASSERT_FALSE(log.empty());
    migrate::RunObserver nobody;
    const auto refused = upgrade_primary(crashed, program, nobody);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("schema 99"), std::string::npos) << refused.error().message;
    EXPECT_EQ(contents(crashed), file);
    EXPECT_EQ(contents(crashed + "-wal"), log);
}

TEST_F(PrimaryMigration, does_nothing_to_a_store_that_is_up_to_date) {
    make_new_store();
    const auto before = files();
    // Not even a lock: somebody else may be writing.
    auto writer = Database::open(path_, OpenMode::read_write, std::chrono::milliseconds(0));
    ASSERT_TRUE(writer->execute("BEGIN IMMEDIATE"));
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->run.outcomes.empty());
    EXPECT_TRUE(done->backup.empty());
    ASSERT_TRUE(writer->execute("ROLLBACK"));
    writer = Database::open(":memory:", OpenMode::create);
    EXPECT_EQ(files(), before);
}

TEST_F(PrimaryMigration, goes_on_where_an_upgrade_was_killed_after_the_adoption) {
    make_old_store();
    ASSERT_TRUE(upgrade());
    // As if the process had died between the two: the ledger has its baseline, and nothing above it ran.
    undo_all_after_006(path_);
    run(path_,
        "DELETE FROM schema_migrations WHERE version > '004'; PRAGMA user_version = 1;"
        "DROP INDEX idx_users_role; DROP TABLE audit_tree; DROP TABLE audit_leaves; DROP TABLE audit_heads");
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_FALSE(done->adopted);
    EXPECT_EQ(done->backup, backup("-2"));
    EXPECT_EQ(ledger(path_), "004 baseline, " + applied_from("005"));
    EXPECT_EQ(cell(path_, "SELECT count(*) FROM sqlite_schema WHERE name = 'idx_users_role'"), "1");
}

TEST_F(PrimaryMigration, is_not_stopped_by_an_index_that_an_operator_added) {
    make_old_store();
    run(path_, "CREATE INDEX by_action ON audit_log (action); CREATE INDEX idx_users_role ON users (role)");
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->run.failure(), nullptr);
    // And the same with a ledger that remembers how the schema was.
    undo_all_after_006(path_);
    run(path_,
        "CREATE INDEX by_name ON audit_log (username); PRAGMA user_version = 4;"
        "DELETE FROM schema_migrations WHERE version > '004'; DROP TABLE audit_tree; DROP TABLE audit_leaves;"
        "DROP TABLE audit_heads");
    const auto again = upgrade();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->run.failure(), nullptr);
    EXPECT_TRUE(store::PrimaryStore::open(path_, {.journal = std::make_shared<store::RememberingJournal>()}));
}

TEST_F(PrimaryMigration, refuses_what_is_no_store_or_only_half_of_one) {
    EXPECT_EQ(upgrade().error().code, ErrorCode::not_found);
    run(path_, "CREATE TABLE users (x)", OpenMode::create);
    EXPECT_EQ(upgrade().error().code, ErrorCode::unsupported);
    run(path_, "PRAGMA application_id = 1298814574; PRAGMA user_version = 1");
    const auto before = files();
    const auto half = upgrade();
    ASSERT_FALSE(half);
    EXPECT_EQ(half.error().code, ErrorCode::conflict);
    EXPECT_NE(half.error().message.find("ledger of migrations says otherwise"), std::string::npos);
    EXPECT_EQ(files(), before);
}

TEST_F(PrimaryMigration, backs_up_beside_the_file_that_a_link_leads_to) {
    make_old_store();
    const fs::path elsewhere = folder_ / "elsewhere";
    fs::create_directory(elsewhere);
    fs::create_symlink(path_, elsewhere / "linked.db");
    migrate::RunObserver nobody;
    const auto done = upgrade_primary((elsewhere / "linked.db").string(), program, nobody);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(fs::canonical(done->backup), fs::canonical(backup()));
}

TEST_F(PrimaryMigration, that_fails_is_taken_back_and_reported) {
    make_old_store();
    // A view of the name of an index of the migration: SQLite does not let it be made.
    run(path_, "CREATE VIEW idx_users_role AS SELECT 1");
    const auto done = upgrade();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_NE(done->run.failure(), nullptr);
    EXPECT_EQ(done->to, 1);
    EXPECT_EQ(cell(path_, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'idx%' AND type = 'index'"),
              "0");
    EXPECT_EQ(ledger(path_), "004 baseline");
}

}  // namespace
}  // namespace majed::app
