// SPDX-License-Identifier: Apache-2.0
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

    std::unique_ptr<Source> open(std::size_t max_sessions = 2, const std::string& name = "sales") {
        SourceOptions options;
        options.name = name;
        options.path = path_;
        options.max_sessions = max_sessions;
        auto source = Source::open(options);
        EXPECT_TRUE(source) << source.error().message;
        return std::move(*source);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("source.db");
};

TEST_F(SourceTest, reads_the_catalogue_when_it_is_opened) {
    const auto source = open();
    const auto catalog = source->catalog();
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
    const auto before = source->catalog();
    execute("CREATE TABLE later(a)");
    EXPECT_EQ(source->catalog()->find("later"), nullptr);
    auto fresh = source->refresh_catalog();
    ASSERT_TRUE(fresh);
    EXPECT_NE((*fresh)->find("later"), nullptr);
    EXPECT_EQ(source->catalog(), *fresh);
    EXPECT_EQ(before->find("later"), nullptr);
}

TEST_F(SourceTest, says_why_it_cannot_be_opened) {
    EXPECT_EQ(Source::open({.name = "x", .path = directory_.file("none.db"), .limits = {}}).error().code,
              ErrorCode::not_found);
    const std::string text = directory_.file("text.db");
    std::ofstream(text) << std::string(4096, 'x');
    EXPECT_EQ(Source::open({.name = "x", .path = text, .limits = {}}).error().code, ErrorCode::unavailable);
}

TEST_F(SourceTest, lends_sessions_under_the_installed_guard) {
    const auto source = open(1);
    EXPECT_EQ(source->lease(Deadline::max()).error().code, ErrorCode::internal);
    source->install_guard(guard_of(1));
    const driver::Session* first = nullptr;
    {
        auto lease = source->lease(Deadline::max());
        ASSERT_TRUE(lease) << lease.error().message;
        first = (*lease).operator->();
        EXPECT_TRUE((*lease)->reusable());
        EXPECT_EQ(source->lease(SteadyClock::now()).error().code, ErrorCode::pool_timeout);
    }
    auto again = source->lease(Deadline::max());
    ASSERT_TRUE(again);
    EXPECT_EQ((*again).operator->(), first);
}

TEST_F(SourceTest, waits_no_longer_than_its_own_timeout) {
    SourceOptions options;
    options.name = "sales";
    options.path = path_;
    options.max_sessions = 1;
    options.acquire_timeout = std::chrono::milliseconds(0);
    auto source = Source::open(options);
    ASSERT_TRUE(source);
    (*source)->install_guard(guard_of(1));
    auto held = (*source)->lease(Deadline::max());
    ASSERT_TRUE(held);
    EXPECT_EQ((*source)->lease(Deadline::max()).error().code, ErrorCode::pool_timeout);
}

TEST_F(SourceTest, gives_a_moved_lease_back_once) {
    const auto source = open(1);
    source->install_guard(guard_of(1));
    {
        auto lease = source->lease(Deadline::max());
        ASSERT_TRUE(lease);
        const SessionLease moved = std::move(*lease);
        EXPECT_TRUE(moved->reusable());
    }
    EXPECT_TRUE(source->lease(SteadyClock::now()));
}

TEST_F(SourceTest, answers_a_ping_while_its_file_is_there) {
    const auto source = open();
    EXPECT_TRUE(source->ping());
    std::filesystem::remove(path_);
    auto gone = source->ping();
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, ErrorCode::unavailable);
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
