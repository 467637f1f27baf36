// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/database.h"

#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

namespace majed::driver::sqlite {
namespace {

Database memory() {
    auto opened = Database::open(":memory:", OpenMode::create);
    EXPECT_TRUE(opened);
    return std::move(*opened);
}

TEST(Database, says_not_found_for_a_missing_file_unless_it_may_create_it) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("new.db");
    auto missing = Database::open(path, OpenMode::read_write);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_TRUE(Database::open(path, OpenMode::create));
}

TEST(Database, says_unavailable_for_a_file_that_is_no_database) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("text.db");
    std::ofstream(path) << std::string(4096, 'x');
    auto opened = Database::open(path, OpenMode::read_only);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
    EXPECT_EQ(opened.error().native_code, 26);
}

TEST(Database, says_unavailable_at_once_for_what_is_no_regular_file) {
    const TemporaryDirectory directory;
    const std::string pipe = directory.file("pipe.db");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& path : {pipe, directory.file("")}) {
        auto opened = Database::open(path, OpenMode::read_only);
        ASSERT_FALSE(opened) << path;
        EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
    }
}

TEST(Database, refuses_to_write_when_opened_read_only) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("a.db");
    {
        auto writer = Database::open(path, OpenMode::create);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->execute("CREATE TABLE t(a)"));
    }
    auto reader = Database::open(path, OpenMode::read_only);
    ASSERT_TRUE(reader);
    auto result = reader->execute("INSERT INTO t VALUES(1)");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

TEST(Database, executes_every_statement_of_a_text) {
    auto database = memory();
    ASSERT_TRUE(
        database.execute("CREATE TABLE t(a); -- one\nINSERT INTO t VALUES(1),(2);;\n SELECT * FROM t; "));
    EXPECT_EQ(database.changes(), 2);
    EXPECT_EQ(database.last_insert_rowid(), 2);
}

TEST(Database, says_invalid_argument_for_text_that_does_not_compile) {
    auto database = memory();
    auto executed = database.execute("SELEC 1");
    ASSERT_FALSE(executed);
    EXPECT_EQ(executed.error().code, ErrorCode::invalid_argument);
    auto prepared = database.prepare("SELECT * FROM nowhere");
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, ErrorCode::invalid_argument);
}

TEST(Database, prepares_one_statement_only) {
    auto database = memory();
    EXPECT_TRUE(database.prepare("SELECT 1; -- end\n ;"));
    EXPECT_FALSE(database.prepare("SELECT 1; SELECT 2"));
    EXPECT_FALSE(database.prepare("SELECT 1; nonsense"));
    EXPECT_FALSE(database.prepare(" -- nothing"));
    EXPECT_FALSE(database.prepare(""));
}

TEST(Statement, returns_every_kind_of_value_as_it_was_bound) {
    auto database = memory();
    auto statement = database.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6");
    ASSERT_TRUE(statement);
    const std::vector<Value> values{
        Null{}, std::int64_t{-7}, 2.5, std::string("a\0b", 3), Blob{{std::byte{1}, std::byte{0}}}, Blob{}};
    ASSERT_TRUE(statement->bind(values));
    auto row = statement->step();
    ASSERT_TRUE(row && *row);
    ASSERT_EQ(statement->column_count(), 6);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(to_owned(statement->column(i)), values[static_cast<std::size_t>(i)]) << i;
    }
    EXPECT_EQ(statement->integer(1), -7);
    EXPECT_EQ(statement->text(3), std::string("a\0b", 3));
    EXPECT_EQ(statement->text(0), "");
    auto done = statement->step();
    ASSERT_TRUE(done);
    EXPECT_FALSE(*done);
}

TEST(Statement, keeps_bound_text_after_the_value_died) {
    auto database = memory();
    auto statement = database.prepare("SELECT ?1 AS answer");
    ASSERT_TRUE(statement);
    {
        const std::vector<Value> values{std::string(100, 'x')};
        ASSERT_TRUE(statement->bind(values));
    }
    ASSERT_TRUE(statement->step());
    EXPECT_EQ(statement->text(0), std::string(100, 'x'));
    EXPECT_EQ(statement->column_name(0), "answer");
}

TEST(Statement, refuses_a_wrong_number_of_values) {
    auto database = memory();
    auto statement = database.prepare("SELECT ?1, ?2");
    ASSERT_TRUE(statement);
    const std::vector<Value> one{std::int64_t{1}};
    auto few = statement->bind(one);
    ASSERT_FALSE(few);
    EXPECT_EQ(few.error().code, ErrorCode::invalid_argument);
    const std::vector<Value> three(3, Value{std::int64_t{1}});
    EXPECT_FALSE(statement->bind(three));
}

TEST(Statement, can_be_bound_again_in_the_middle_of_its_rows) {
    auto database = memory();
    auto statement = database.prepare("SELECT ?1 UNION ALL SELECT ?1");
    ASSERT_TRUE(statement);
    const std::vector<Value> first{std::int64_t{1}};
    const std::vector<Value> second{std::int64_t{2}};
    ASSERT_TRUE(statement->bind(first));
    ASSERT_TRUE(statement->step());
    ASSERT_TRUE(statement->bind(second));
    ASSERT_TRUE(statement->step());
    EXPECT_EQ(statement->integer(0), 2);
}

TEST(Statement, says_conflict_when_a_constraint_is_broken_and_works_again) {
    auto database = memory();
    ASSERT_TRUE(database.execute("CREATE TABLE t(a UNIQUE)"));
    auto statement = database.prepare("INSERT INTO t VALUES(?1)");
    ASSERT_TRUE(statement);
    const std::vector<Value> one{std::int64_t{1}};
    const std::vector<Value> two{std::int64_t{2}};
    ASSERT_TRUE(statement->bind(one));
    ASSERT_TRUE(statement->step());
    ASSERT_TRUE(statement->bind(one));
    auto again = statement->step();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
    ASSERT_TRUE(statement->bind(two));
    EXPECT_TRUE(statement->step());
}

TEST(Statement, says_unavailable_when_another_connection_holds_the_lock) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("a.db");
    auto first = Database::open(path, OpenMode::create);
    auto second = Database::open(path, OpenMode::create, std::chrono::milliseconds(0));
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(first->execute("CREATE TABLE t(a); BEGIN IMMEDIATE"));
    auto result = second->execute("INSERT INTO t VALUES(1)");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace majed::driver::sqlite
