// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration_name.h"

#include <gtest/gtest.h>

#include <utility>

namespace majed::migrate {
namespace migration_name_test {

TEST(MigrationName, says_version_description_and_stem) {
    const auto name = parse_migration_name("0012.3_add-Orders_2.sql");
    ASSERT_TRUE(name) << name.error().message;
    EXPECT_EQ(name->version->text(), "0012.3");
    EXPECT_EQ(name->description, "add-Orders_2");
    EXPECT_EQ(name->stem, "0012.3_add-Orders_2");
    EXPECT_FALSE(name->undoes);
}

TEST(MigrationName, says_that_a_down_file_undoes_the_file_of_its_stem) {
    const auto name = parse_migration_name("1_a.down.sql");
    ASSERT_TRUE(name);
    EXPECT_TRUE(name->undoes);
    EXPECT_EQ(name->stem, "1_a");
    EXPECT_EQ(name->description, "a");
}

TEST(MigrationName, knows_a_repeatable_one_by_its_prefix) {
    const auto name = parse_migration_name("R__views.sql");
    ASSERT_TRUE(name);
    EXPECT_FALSE(name->version);
    EXPECT_EQ(name->stem, "R__views");
    EXPECT_EQ(name->description, "views");
}

TEST(MigrationName, drops_a_second_underscore) {
    EXPECT_EQ(parse_migration_name("1__a.sql")->description, "a");
}

TEST(MigrationName, says_what_is_wrong_with_one_that_is_almost_right) {
    const std::pair<std::string, std::string_view> cases[] = {
        {"1.sql", "no description"},
        {"1_.sql", "no description"},
        {"1___.sql", "no description"},
        {".sql", "version"},
        {"a.sql", "version"},
        {"_a.sql", "version"},
        {"V1__a.sql", "begins with `V`"},
        {"v2_a.sql", "begins with `v`"},
        {"1_a.SQL", "write `.sql`"},
        {"1_a.Sql", "write `.sql`"},
        {"1 a.sql", "space"},
        {"1_a b.sql", "space"},
        {"1_a\n.sql", "other characters"},
        {"1_caf\xC3\xA9.sql", "other characters"},
        {"1_a;b.sql", "other characters"},
        {std::string("1_a\0b.sql", 9), "other characters"},
        {"1_a.up.sql", "ends in `.up.sql`"},
        {"1_a.b.sql", "dot"},
        {"1_a.down.down.sql", "dot"},
        {"1._a.sql", "a version is numbers"},
        {"1-2_a.sql", "a version is numbers"},
        {"1.2.3.4.5.6.7.8.9_a.sql", "more than 8"},
        {"1234567890123456789_a.sql", "more than 18"},
        {"0_a.sql", "empty database"},
        {"00.0_a.sql", "empty database"},
        {"r__a.sql", "begins with `R__`"},
        {"R_a.sql", "begins with `R__`"},
        {"R__.sql", "no description"},
        {"R__a.down.sql", "no way down"},
        {"1_" + std::string(250, 'a') + ".sql", "longer than 255"},
    };
    for (const auto& [file, what] : cases) {
        const auto refused = parse_migration_name(file);
        ASSERT_FALSE(refused) << file;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << file;
        EXPECT_NE(refused.error().message.find(what), std::string::npos)
            << file << ": " << refused.error().message;
    }
}

TEST(MigrationName, leaves_other_files_alone) {
    for (const std::string_view other :
         {"README.md", "1_a.sql~", ".1_a.sql", ".#1_a.sql", "1_a.sql.bak", "1_a", "sql", "", "1_a.sqlx"}) {
        EXPECT_FALSE(is_migration_file(other)) << other;
    }
    for (const std::string_view ours : {"1_a.sql", "x.sql", "1_a.SQL", "1_a.down.sql", "a b.sql"}) {
        EXPECT_TRUE(is_migration_file(ours)) << ours;
    }
}

}  // namespace migration_name_test
}  // namespace majed::migrate
