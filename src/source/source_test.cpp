// SPDX-License-Identifier: Apache-2.0
#include "source/source_fixture.h"
#include "source/source_registry.h"

#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace majed::source {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

std::shared_ptr<const driver::GuardSet> guard_of(std::uint64_t generation) {
    driver::GuardSet guard;
    guard.generation = generation;
    guard.secret_prefix = "mvt";
    guard.base_schema = "mvt_base";
    guard.attribute_function = "mvt_attribute";
    guard.attribute_list_function = "mvt_list";
    guard.hash_function = "mvt_hash";
    return std::make_shared<const driver::GuardSet>(guard);
}

class SourceTest : public testing::Test {
protected:
    SourceTest() {
        execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL); CREATE VIEW v AS SELECT a FROM t");
    }

    void execute(const std::string& sql) {
        auto database = Database::open(path_, OpenMode::create);
        ASSERT_TRUE(database && database->execute(sql));
    }

    std::unique_ptr<Source> open(std::size_t max_sessions = 2, const std::string& name = "sales",
                                 driver::Access access = driver::Access::read_only) {
        SourceOptions options;
        options.name = name;
        options.access = access;
        options.pool.min = 0;
        options.pool.max = max_sessions;
        options.pool.interrupt_grace = std::chrono::milliseconds(1);
        auto source = start_sqlite(std::move(options), path_);
        EXPECT_TRUE(source) << source.error().message;
        return std::move(*source);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("source.db");
};

TEST_F(SourceTest, reads_the_catalogue_when_it_is_opened) {
    const auto source = open();
    const auto catalog = source->known_catalog();
    const auto* table = catalog->find("T");
    ASSERT_NE(table, nullptr);
    EXPECT_EQ(table->kind, catalog::RelationKind::table);
    ASSERT_EQ(table->columns.size(), 2U);
    EXPECT_EQ(table->columns[1].name, "a");
    EXPECT_EQ(table->columns[1].declared_type, "TEXT");
    EXPECT_TRUE(table->columns[1].not_null);
    EXPECT_EQ(table->rowid_column, 0U);
    const auto* view = catalog->find("v");
    ASSERT_NE(view, nullptr);
    EXPECT_EQ(view->kind, catalog::RelationKind::view);
    EXPECT_EQ(view->definition, "SELECT a FROM t");
    EXPECT_EQ(catalog->find("sqlite_schema")->kind, catalog::RelationKind::internal);
}

TEST_F(SourceTest, keeps_its_catalogue_until_told_to_read_it_again) {
    const auto source = open();
    const auto before = source->known_catalog();
    execute("CREATE TABLE later(a)");
    EXPECT_EQ(source->known_catalog()->find("later"), nullptr);
    auto fresh = source->refresh_catalog();
    ASSERT_TRUE(fresh);
    EXPECT_NE((*fresh)->find("later"), nullptr);
    EXPECT_EQ(source->known_catalog(), *fresh);
    ASSERT_TRUE(before->schema_version());
    EXPECT_NE((*fresh)->schema_version(), before->schema_version());
    EXPECT_EQ(before->find("later"), nullptr);
}

TEST_F(SourceTest, says_why_its_catalogue_cannot_be_read) {
    EXPECT_EQ(start_sqlite({.name = "x"}, directory_.file("none.db")).error().code, ErrorCode::unavailable);
    const std::string text = directory_.file("text.db");
    std::ofstream(text) << std::string(4096, 'x');
    EXPECT_EQ(start_sqlite({.name = "x"}, text).error().code, ErrorCode::unavailable);
}

TEST_F(SourceTest, starts_without_its_file_and_answers_when_it_is_there) {
    const std::string path = directory_.file("late.db");
    driver::Target target;
    target.url = "sqlite:" + path;
    auto source = Source::start({.name = "late", .pool = {.min = 0}},
                                *driver::sqlite::SqliteDriver::create(std::move(target)));
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->known_catalog(), nullptr);
    EXPECT_FALSE((*source)->catalog().has_value());
    ASSERT_TRUE(Database::open(path, OpenMode::create)->execute("CREATE TABLE t(a)"));
    auto catalog = (*source)->catalog();
    ASSERT_TRUE(catalog);
    EXPECT_NE((*catalog)->find("t"), nullptr);
}

TEST_F(SourceTest, lends_sessions_under_the_installed_guard) {
    const auto source = open(1);
    EXPECT_EQ(source->lease(Deadline::max()).error().code, ErrorCode::internal);
    source->install_guard(guard_of(1));
    {
        auto lease = source->lease(Deadline::max());
        ASSERT_TRUE(lease) << lease.error().message;
        EXPECT_EQ(source->lease(SteadyClock::now()).error().code, ErrorCode::pool_timeout);
    }
    EXPECT_TRUE(source->lease(Deadline::max()));
    EXPECT_EQ(source->pool_stats().counters.opened, 1U);
}

TEST_F(SourceTest, lends_no_session_of_an_older_guard) {
    const auto source = open(1);
    source->install_guard(guard_of(1));
    ASSERT_TRUE(source->lease(Deadline::max()));
    source->install_guard(guard_of(2));
    ASSERT_TRUE(source->lease(Deadline::max()));
    EXPECT_EQ(source->pool_stats().counters.opened, 2U);
}

TEST_F(SourceTest, gives_a_moved_lease_back_once) {
    const auto source = open(1);
    source->install_guard(guard_of(1));
    {
        auto lease = source->lease(Deadline::max());
        ASSERT_TRUE(lease);
        const SessionLease moved = std::move(*lease);
    }
    EXPECT_TRUE(source->lease(Deadline::max()));
    EXPECT_EQ(source->pool_stats().idle, 1U);
}

TEST_F(SourceTest, answers_a_probe_while_its_file_is_there) {
    const auto source = open();
    EXPECT_TRUE(source->probe(Deadline::max()));
    std::filesystem::remove(path_);
    const auto gone = source->probe(Deadline::max());
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().code, ErrorCode::unavailable);
    EXPECT_EQ(gone.error().failure, FailureClass::lost);
}

TEST_F(SourceTest, lends_no_session_of_a_file_that_a_check_found_replaced) {
    const auto source = open(1);
    source->install_guard(guard_of(1));
    ASSERT_TRUE(source->lease(Deadline::max()));
    const WatchedSource watched = source->watched({});
    ASSERT_TRUE(watched.check(CheckKind::routine, Deadline::max()));
    ASSERT_TRUE(source->lease(Deadline::max()));
    ASSERT_EQ(source->pool_stats().counters.opened, 1U);

    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(
        Database::open(other, OpenMode::create)->execute("CREATE TABLE t(id INTEGER PRIMARY KEY, b)"));
    std::filesystem::rename(other, path_);
    EXPECT_FALSE(watched.check(CheckKind::routine, Deadline::max()).has_value());
    ASSERT_TRUE(source->lease(Deadline::max()));
    EXPECT_EQ(source->pool_stats().counters.opened, 2U);
    const auto catalog = source->refresh_catalog();
    ASSERT_TRUE(catalog);
    EXPECT_EQ((*catalog)->find("t")->columns[1].name, "b");
}

TEST_F(SourceTest, is_asked_no_more_once_its_breaker_is_open) {
    const auto source = open();
    std::filesystem::remove(path_);
    const auto threshold = source->options().breaker.failure_threshold;
    for (std::uint32_t i = 0; i < threshold; ++i) {
        EXPECT_FALSE(source->probe(Deadline::max()).has_value());
    }
    EXPECT_EQ(source->breaker().state(), pool::BreakerStatus::open);
    const auto refused = source->probe(Deadline::max());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(refused.error().retry_after.has_value());
    source->install_guard(guard_of(1));
    EXPECT_EQ(source->lease(Deadline::max()).error().code, ErrorCode::unavailable);
}

TEST_F(SourceTest, obeys_its_operator_about_the_breaker) {
    auto forced = start_sqlite({.name = "x", .breaker_mode = BreakerMode::forced_open}, path_);
    ASSERT_FALSE(forced.has_value());
    EXPECT_EQ(forced.error().code, ErrorCode::unavailable);
    auto disabled = start_sqlite({.name = "x", .breaker_mode = BreakerMode::disabled}, path_);
    ASSERT_TRUE(disabled);
    std::filesystem::remove(path_);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ((*disabled)->probe(Deadline::max()).error().failure, FailureClass::lost)
            << "it is asked each time";
    }
}

TEST_F(SourceTest, has_one_writer_where_it_may_write_and_none_where_not) {
    EXPECT_EQ(open()->connection(Deadline::max()).error().code, ErrorCode::unsupported);
    const auto source = open(4, "sales", driver::Access::read_write);
    auto writer = source->connection(Deadline::max());
    ASSERT_TRUE(writer) << writer.error().message;
    EXPECT_TRUE((*writer)->begin(driver::TransactionMode::read_write, Deadline::max()));
    EXPECT_EQ(source->connection(SteadyClock::now()).error().code, ErrorCode::pool_timeout);
    writer->succeeded();
}

TEST_F(SourceTest, drains_by_interrupting_what_does_not_come_back) {
    const auto source = open(2);
    source->install_guard(guard_of(1));
    auto held = source->lease(Deadline::max());
    ASSERT_TRUE(held);
    EXPECT_EQ(source->drain(SteadyClock::now()), 1U);
    EXPECT_EQ(source->lease(Deadline::max()).error().code, ErrorCode::unavailable);
}

TEST_F(SourceTest, is_found_in_the_registry_by_name_or_as_the_only_one) {
    SourceRegistry registry;
    EXPECT_EQ(registry.find("").error().code, ErrorCode::not_found);
    ASSERT_TRUE(registry.add(open(1, "sales")));
    EXPECT_EQ((*registry.find(""))->options().name, "sales");
    ASSERT_TRUE(registry.add(open(1, "hr")));
    EXPECT_EQ((*registry.find("hr"))->options().name, "hr");
    EXPECT_EQ(registry.find("").error().code, ErrorCode::not_found);
    EXPECT_EQ(registry.find("SALES").error().code, ErrorCode::not_found);
    EXPECT_EQ(registry.add(open(1, "hr")).error().code, ErrorCode::conflict);
    EXPECT_EQ(registry.sources().size(), 2U);
}

}  // namespace
}  // namespace majed::source
