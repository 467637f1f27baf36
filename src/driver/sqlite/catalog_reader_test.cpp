// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/catalog_reader.h"

#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace majed::driver::sqlite {
namespace {

class CatalogReaderTest : public testing::Test {
protected:
    ObjectDescription described(const std::string& sql, const std::string& name) {
        EXPECT_TRUE(database_.execute(sql)) << sql;
        return object(name);
    }

    ObjectDescription object(const std::string& name) {
        const auto schema = read_schema(database_);
        EXPECT_TRUE(schema);
        const auto& objects = schema->objects;
        const auto found =
            std::find_if(objects.begin(), objects.end(), [&](const auto& each) { return each.name == name; });
        EXPECT_NE(found, objects.end()) << name;
        return found == objects.end() ? ObjectDescription{} : *found;
    }

    Database database_ = *Database::open(":memory:", OpenMode::create);
};

TEST_F(CatalogReaderTest, describes_a_table_with_its_columns_and_indexes) {
    const auto table = described(
        "CREATE TABLE \"Odd name\"(id INTEGER PRIMARY KEY, \"a b\" VARCHAR(10) NOT NULL, c);"
        "CREATE INDEX by_c ON \"Odd name\"(c)",
        "Odd name");
    EXPECT_EQ(table.kind, ObjectKind::table);
    ASSERT_EQ(table.columns.size(), 3U);
    EXPECT_EQ(table.columns[1].name, "a b");
    EXPECT_EQ(table.columns[1].declared_type, "VARCHAR(10)");
    EXPECT_TRUE(table.columns[1].not_null);
    EXPECT_EQ(table.columns[2].declared_type, "");
    EXPECT_FALSE(table.columns[2].not_null);
    EXPECT_EQ(table.indexes, std::vector<std::string>{"by_c"});
    EXPECT_EQ(table.rowid_column, 0U);
    EXPECT_FALSE(table.without_rowid);
}

TEST_F(CatalogReaderTest, names_the_row_id_column_exactly_when_sqlite_does) {
    const std::vector<std::pair<std::string, bool>> cases{
        {"(x INTEGER PRIMARY KEY)", true},
        {"(x integer primary key autoincrement)", true},
        {"(x INTEGER, y, PRIMARY KEY(x))", true},
        {"(x INTEGER, y, PRIMARY KEY(x DESC))", true},
        {"(x \"INTEGER\" PRIMARY KEY ASC)", true},
        {"(x INTEGER PRIMARY KEY DESC)", false},
        {"(x INT PRIMARY KEY)", false},
        {"(x BIGINT PRIMARY KEY)", false},
        {"(x UNSIGNED INTEGER PRIMARY KEY)", false},
        {"(x INTEGER UNIQUE)", false},
        {"(x INTEGER, y, PRIMARY KEY(x, y))", false},
        {"(x)", false},
    };
    int number = 0;
    for (const auto& [body, is_rowid] : cases) {
        const std::string name = "t" + std::to_string(number++);
        const auto table = described("CREATE TABLE " + name + body, name);
        EXPECT_EQ(table.rowid_column.has_value(), is_rowid) << body;
        // The engine's word: a NULL stored into the row id column becomes a number.
        ASSERT_TRUE(database_.execute("INSERT INTO " + name + " DEFAULT VALUES"));
        auto stored = database_.prepare("SELECT x IS NOT NULL FROM " + name);
        ASSERT_TRUE(stored && *stored->step());
        EXPECT_EQ(stored->integer(0) != 0, is_rowid) << body;
    }
}

TEST_F(CatalogReaderTest, knows_tables_without_row_id) {
    const auto table = described("CREATE TABLE w(k INTEGER PRIMARY KEY, v) WITHOUT ROWID", "w");
    EXPECT_TRUE(table.without_rowid);
    EXPECT_FALSE(table.rowid_column.has_value());
}

TEST_F(CatalogReaderTest, treats_generated_columns_as_plain_ones) {
    const auto table = described("CREATE TABLE g(a INT, b AS (a+1), c AS (a) STORED)", "g");
    ASSERT_EQ(table.columns.size(), 3U);
    EXPECT_TRUE(std::none_of(table.columns.begin(), table.columns.end(),
                             [](const ColumnDescription& column) { return column.hidden; }));
}

TEST_F(CatalogReaderTest, says_what_a_write_would_drag_along) {
    const auto table = described(
        "CREATE TABLE p(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID; CREATE TABLE other(id INTEGER PRIMARY KEY);"
        "CREATE TABLE t(id INTEGER PRIMARY KEY, x, y, z REFERENCES other, twice AS (x * 2), w AS (x) STORED,"
        " FOREIGN KEY(x, y) REFERENCES p(b, a) ON DELETE CASCADE ON UPDATE SET NULL);"
        "CREATE TRIGGER first AFTER INSERT ON t BEGIN DELETE FROM p; END",
        "t");
    ASSERT_EQ(table.facts.references.size(), 2U);
    const ForeignKey& one = table.facts.references.front();
    const ForeignKey& two = table.facts.references.back();
    const ForeignKey& pair = one.columns.size() == 2 ? one : two;
    const ForeignKey& single = one.columns.size() == 2 ? two : one;
    EXPECT_EQ(pair.columns, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(pair.target.name, "p");
    EXPECT_EQ(pair.target_columns, (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(pair.on_delete, KeyAction::cascade);
    EXPECT_EQ(pair.on_update, KeyAction::set_null);
    EXPECT_EQ(single.target.name, "other");
    EXPECT_TRUE(single.target_columns.empty());
    EXPECT_EQ(single.on_delete, KeyAction::no_action);
    EXPECT_EQ(table.facts.triggers, std::vector<std::string>{"first"});
    EXPECT_EQ(table.columns[0].generation, Generation::none);
    EXPECT_EQ(table.columns[4].generation, Generation::stored);
    EXPECT_EQ(table.columns[5].generation, Generation::stored);
    ASSERT_EQ(object("p").facts.keys.size(), 1U);
    EXPECT_EQ(object("p").facts.keys.front().columns, (std::vector<std::string>{"b", "a"}));
    EXPECT_TRUE(object("p").facts.keys.front().primary);
}

TEST_F(CatalogReaderTest, tells_virtual_tables_their_shadows_and_internal_tables_apart) {
    const auto notes =
        described("CREATE VIRTUAL TABLE notes USING fts5(body); CREATE TABLE t(a); ANALYZE", "notes");
    EXPECT_EQ(notes.kind, ObjectKind::virtual_table);
    ASSERT_EQ(notes.columns.size(), 3U);
    EXPECT_FALSE(notes.columns[0].hidden);
    EXPECT_TRUE(notes.columns[1].hidden);
    EXPECT_TRUE(notes.columns[2].hidden);
    EXPECT_EQ(object("notes_content").kind, ObjectKind::shadow);
    EXPECT_EQ(object("sqlite_schema").kind, ObjectKind::internal);
    EXPECT_EQ(object("sqlite_stat1").kind, ObjectKind::internal);
}

TEST_F(CatalogReaderTest, returns_the_select_of_a_view) {
    const auto view =
        described("CREATE TABLE t(a INT); CREATE VIEW IF NOT EXISTS v(x, y) AS SELECT a, 1 FROM t", "v");
    EXPECT_EQ(view.kind, ObjectKind::view);
    EXPECT_EQ(view.definition, "SELECT a, 1 FROM t");
    ASSERT_EQ(view.columns.size(), 2U);
    EXPECT_EQ(view.columns[0].name, "x");
    EXPECT_EQ(view.columns[0].declared_type, "INT");
    EXPECT_FALSE(view.rowid_column.has_value());
}

TEST_F(CatalogReaderTest, keeps_a_broken_view_without_columns) {
    const auto view = described("CREATE VIEW broken AS SELECT * FROM nowhere", "broken");
    EXPECT_EQ(view.kind, ObjectKind::view);
    EXPECT_TRUE(view.columns.empty());
    EXPECT_EQ(view.definition, "SELECT * FROM nowhere");
}

TEST_F(CatalogReaderTest, notices_what_another_connection_changed) {
    const TemporaryDirectory directory;
    database_ = *Database::open(directory.file("a.db"), OpenMode::create);
    ASSERT_TRUE(read_schema(database_));
    auto other = Database::open(directory.file("a.db"), OpenMode::read_write);
    ASSERT_TRUE(other && other->execute("CREATE TABLE later(a)"));
    EXPECT_EQ(object("later").columns.size(), 1U);
}

TEST_F(CatalogReaderTest, says_which_version_of_the_schema_it_read) {
    const TemporaryDirectory directory;
    database_ = *Database::open(directory.file("a.db"), OpenMode::create);
    const auto version = [&] { return read_schema(database_)->version; };
    const auto before = version();
    ASSERT_TRUE(before);
    auto other = Database::open(directory.file("a.db"), OpenMode::read_write);
    ASSERT_TRUE(other && other->execute("CREATE TABLE later(a); INSERT INTO later VALUES (1)"));
    const auto after = version();
    EXPECT_NE(after, before);
    ASSERT_TRUE(other->execute("INSERT INTO later VALUES (2)"));
    EXPECT_EQ(version(), after);
    auto asked = other->prepare("PRAGMA schema_version");
    ASSERT_TRUE(asked && asked->step());
    EXPECT_EQ(asked->integer(0), after);
}

TEST(ViewSelect, begins_after_the_as_that_ends_the_head) {
    EXPECT_EQ(view_select("CREATE VIEW v AS SELECT 1"), "SELECT 1");
    EXPECT_EQ(view_select("CREATE VIEW \"x as y\"(\"as\", [as], `as`) as\n values(1)"), "values(1)");
    EXPECT_EQ(view_select("CREATE VIEW v /* as */ -- as\n AS WITH x AS (SELECT 1) SELECT * FROM x"),
              "WITH x AS (SELECT 1) SELECT * FROM x");
    EXPECT_EQ(view_select("CREATE VIEW has AS/**/SELECT 1"), "/**/SELECT 1");
    EXPECT_EQ(view_select("CREATE VIEW v"), "");
}

}  // namespace
}  // namespace majed::driver::sqlite
