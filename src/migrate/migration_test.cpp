// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration.h"

#include "crypto/digest.h"
#include "crypto/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace majed::migrate {
namespace migration_test {

using Texts = std::vector<MigrationText>;

std::vector<Migration> read(const Texts& texts, Dialect dialect = Dialect::sqlite) {
    auto migrations = read_migrations(dialect, texts);
    EXPECT_TRUE(migrations) << migrations.error().message;
    return migrations ? std::move(*migrations) : std::vector<Migration>{};
}

Migration read_one(const std::string& bytes, Dialect dialect = Dialect::sqlite) {
    auto migrations = read({{"1_a.sql", bytes}}, dialect);
    EXPECT_EQ(migrations.size(), 1U);
    return migrations.empty() ? Migration{} : std::move(migrations.front());
}

/// The lines of the refusal.
std::string refusal(const Texts& texts, Dialect dialect = Dialect::sqlite) {
    const auto migrations = read_migrations(dialect, texts);
    EXPECT_FALSE(migrations);
    if (migrations) {
        return {};
    }
    EXPECT_EQ(migrations.error().code, ErrorCode::invalid_argument);
    return migrations.error().message;
}

std::string refusal_of(const std::string& bytes, Dialect dialect = Dialect::sqlite) {
    return refusal({{"1_a.sql", bytes}}, dialect);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Migrations, come_by_version_as_a_number_and_then_repeatable_ones_by_name) {
    std::vector<std::string> keys;
    for (const Migration& one : read({{"R__b.sql", ""},
                                      {"10_a.sql", ""},
                                      {"R__a.sql", ""},
                                      {"2_z.sql", ""},
                                      {"2.1_y.sql", ""},
                                      {"001_x.sql", ""}})) {
        keys.push_back(one.key);
    }
    EXPECT_EQ(keys, (std::vector<std::string>{"001", "2", "2.1", "10", "R__a", "R__b"}));
}

TEST(Migrations, are_refused_with_every_mistake_of_every_file_on_a_line_of_its_own) {
    const std::string told = refusal({{"2_b.sql", "SELECT 1;\nBEGIN;\n-- majed:dwon\nCOMMIT;"},
                                      {"1_a b.sql", "SELECT 'x"},
                                      {"3_c.sql", "SELECT 1;"},
                                      {"4_d.sql", "", "is a folder"}});
    EXPECT_EQ(std::ranges::count(told, '\n'), 5);
    EXPECT_TRUE(has(told, "1_a b.sql: its name has a space"));
    EXPECT_TRUE(has(told, "\n1_a b.sql: line 1: "));
    EXPECT_TRUE(has(told, "\n2_b.sql: line 2: transaction control"));
    EXPECT_TRUE(has(told, "\n2_b.sql: line 3: `-- majed:dwon` is not known"));
    EXPECT_TRUE(has(told, "\n2_b.sql: line 4: transaction control"));
    EXPECT_TRUE(has(told, "\n4_d.sql: is a folder"));
    EXPECT_FALSE(has(told, "3_c.sql"));
}

TEST(Migrations, are_refused_without_filling_the_screen) {
    Texts texts;
    for (int i = 0; i < 5000; ++i) {
        texts.push_back({"x" + std::to_string(i) + ".sql", ""});
    }
    const std::string told = refusal(texts);
    EXPECT_LT(told.size(), 20000U);
    EXPECT_TRUE(has(told, "and 4900 more"));
    EXPECT_FALSE(has(refusal({{"1_\x1b[2J.sql", ""}}), "\x1b"));
}

TEST(Migrations, are_refused_when_two_have_one_version) {
    EXPECT_TRUE(
        has(refusal({{"1_a.sql", ""}, {"001_b.sql", ""}}), "001_b.sql: has the version of `1_a.sql`"));
    EXPECT_TRUE(has(refusal({{"1.0_b.sql", ""}, {"1_a.sql", ""}}), "has the version of"));
    EXPECT_TRUE(has(refusal({{"1_a.sql", ""}, {"1_a.sql", ""}}), "has the version of"));
}

TEST(Migrations, are_refused_when_repeatable_names_differ_in_case_alone) {
    EXPECT_TRUE(has(refusal({{"R__Views.sql", ""}, {"R__views.sql", ""}}), "has the name of `R__Views.sql`"));
}

TEST(Migrations, leave_out_files_that_are_none) {
    EXPECT_EQ(read({{"README.md", "\xFF"}, {".2_b.sql", "'"}, {"1_a.sql", ""}}).size(), 1U);
    EXPECT_TRUE(read({}).empty());
}

TEST(Migrations, have_a_checksum_of_the_exact_bytes) {
    for (const std::string bytes : {"", "SELECT 1;\r\n", "\xEF\xBB\xBFSELECT 1;", "-- only a comment"}) {
        EXPECT_EQ(read_one(bytes).checksum, crypto::to_hex(crypto::sha256(crypto::bytes_of(bytes))));
    }
}

TEST(Migrations, have_a_tokens_checksum_that_a_cosmetic_change_leaves_alone) {
    const std::string plain = read_one("CREATE TABLE t(a);\nSELECT 1;").tokens_checksum;
    EXPECT_TRUE(plain.starts_with("t1:"));
    EXPECT_EQ(plain.size(), 67U);
    for (const std::string same :
         {"\xEF\xBB\xBF"
          "CREATE TABLE t(a);\nSELECT 1;",
          "create  table t ( a ) ;\r\n-- c\r\nSELECT /* d */ 1 ;\r\n",
          "-- majed:up\nCREATE TABLE t(a);\nSELECT 1;\n-- majed:down\nDROP TABLE t;"}) {
        EXPECT_EQ(read_one(same).tokens_checksum, plain) << same;
    }
    for (const std::string other :
         {"CREATE TABLE t(b);\nSELECT 1;", "SELECT 1;\nCREATE TABLE t(a);", "CREATE TABLE t(a);", ""}) {
        EXPECT_NE(read_one(other).tokens_checksum, plain) << other;
    }
}

TEST(Migrations, of_an_empty_file_do_nothing) {
    for (const std::string bytes : {"", "\n\n", "\xEF\xBB\xBF", "-- nothing\n", "-- majed:up\n", "/* a */",
                                    "-- majed:up\n-- majed:down\n"}) {
        const Migration none = read_one(bytes);
        EXPECT_TRUE(none.up.statements.empty()) << bytes;
        EXPECT_FALSE(none.stepwise);
    }
}

TEST(MigrationSections, part_a_file_into_what_does_and_what_undoes) {
    const Migration one = read_one("-- head\nCREATE TABLE t(a);\n-- majed:down\nDROP TABLE t;\nSELECT 2;\n");
    ASSERT_EQ(one.up.statements.size(), 1U);
    ASSERT_TRUE(one.down);
    ASSERT_EQ(one.down->statements.size(), 2U);
    EXPECT_EQ(one.down->statements[0].text, "DROP TABLE t");
    EXPECT_EQ(one.down_file, "1_a.sql");
}

TEST(MigrationSections, may_come_in_either_order_and_be_written_without_blanks) {
    for (const std::string text :
         {"-- majed:up\nCREATE TABLE t(a);\n-- majed:down\nDROP TABLE t;",
          "-- c\n--majed:down\nDROP TABLE t;\n  --  majed: up  \r\nCREATE TABLE t(a)",
          "/* c */\n-- majed:up\r\nCREATE TABLE t(a)\r\n-- majed:down\r\nDROP TABLE t\r\n"}) {
        const Migration one = read_one(text);
        ASSERT_EQ(one.up.statements.size(), 1U) << text;
        EXPECT_TRUE(has(one.up.statements[0].text, "CREATE TABLE t(a)"));
        ASSERT_TRUE(one.down) << text;
        ASSERT_EQ(one.down->statements.size(), 1U);
        EXPECT_EQ(one.down->statements[0].text, "DROP TABLE t");
    }
}

TEST(MigrationSections, have_offsets_and_lines_of_the_file) {
    const std::string text =
        "\xEF\xBB\xBF-- head\r\n-- majed:up\r\n\r\nCREATE TABLE t(a);\r\nSELECT\n1;\r\n-- majed:down\r\n-- "
        "c\r\n  DROP TABLE t;\n";
    const Migration one = read_one(text);
    ASSERT_EQ(one.up.statements.size(), 2U);
    ASSERT_TRUE(one.down);
    const std::pair<const ScriptStatement*, std::string_view> cases[] = {{&one.up.statements[0], "CREATE"},
                                                                         {&one.up.statements[1], "SELECT"},
                                                                         {&one.down->statements[0], "DROP"}};
    for (const auto& [statement, word] : cases) {
        EXPECT_EQ(statement->offset, text.find(word));
        const auto lines =
            std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(statement->offset), '\n');
        EXPECT_EQ(statement->line, static_cast<std::size_t>(lines) + 1) << word;
    }
}

TEST(MigrationSections, are_refused_with_the_line_of_the_file) {
    EXPECT_EQ(refusal_of("SELECT 1;\n-- majed:down\n\nCOMMIT;").substr(0, 17), "1_a.sql: line 4: ");
    EXPECT_EQ(refusal_of("SELECT 1;\n-- majed:down\n\nSELECT 1;\nSELECT 'x").substr(0, 17),
              "1_a.sql: line 5: ");
    EXPECT_TRUE(has(refusal_of("SELECT 1;\n-- majed:up\nSELECT 2;"),
                    "line 2: `-- majed:up`, but there is an up part"));
    EXPECT_TRUE(has(refusal_of("-- majed:up\n-- majed:up\n"), "line 2: `-- majed:up`, but"));
    EXPECT_TRUE(has(refusal_of("-- majed:down\n-- majed:up\nSELECT 1;\n-- majed:down"),
                    "line 4: `-- majed:down`, but"));
}

TEST(MigrationSections, are_not_parted_inside_of_something) {
    const std::pair<Dialect, std::string> cases[] = {
        {Dialect::sqlite, "INSERT INTO t VALUES('\n-- majed:down\n');"},
        {Dialect::sqlite, "SELECT \"\n-- majed:down\n\";"},
        {Dialect::sqlite, "SELECT [\n-- majed:down\n];"},
        {Dialect::sqlite, "/*\n-- majed:down\n*/ SELECT 1;"},
        {Dialect::sqlite, "CREATE TABLE t(\n-- majed:down\na);"},
        {Dialect::sqlite,
         "CREATE TRIGGER t AFTER INSERT ON a BEGIN\nSELECT 1;\n-- majed:down\nSELECT 2;\nEND;"},
        {Dialect::sqlite,
         "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n-- majed:no-transaction\nSELECT 2;\nEND;"},
        {Dialect::postgresql, "INSERT INTO t VALUES(E'\\'\n-- majed:down\n');"},
        {Dialect::postgresql, "DO $$\n-- majed:down\n$$;"},
        {Dialect::postgresql, "DO $a$ $$\n-- majed:down\n$a$;"},
        {Dialect::postgresql, "/* /* */\n-- majed:down\n*/ SELECT 1;"},
        {Dialect::postgresql, "COPY t FROM STDIN;\n-- majed:down\n-- majed:up\n\\.\n"},
        {Dialect::postgresql,
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\nSELECT 1;\n-- majed:down\nSELECT 2;\nEND;"},
        {Dialect::postgresql, "CREATE RULE r AS ON INSERT TO a DO (SELECT 1;\n-- majed:down\nSELECT 2);"},
        {Dialect::oracle, "BEGIN\n  x;\n-- majed:down\n  y;\nEND;\n/\n"},
        {Dialect::oracle, "CREATE PROCEDURE p AS\n-- majed:down\nBEGIN\n  y;\nEND;\n/\n"},
        {Dialect::oracle, "CREATE PROCEDURE p AS BEGIN IF a THEN b; END IF;\n-- majed:down\n  y;\nEND;\n/\n"},
        {Dialect::oracle, "INSERT INTO t VALUES(q'[\n-- majed:down\n]');"},
    };
    for (const auto& [dialect, text] : cases) {
        const Migration one = read_one(text, dialect);
        EXPECT_EQ(one.up.statements.size(), 1U) << text;
        EXPECT_FALSE(one.down) << text;
    }
}

TEST(MigrationSections, after_such_a_thing_still_part_the_file) {
    const std::pair<Dialect, std::string> cases[] = {
        {Dialect::sqlite, "INSERT INTO t VALUES('\n-- majed:down\n');\n-- majed:down\nSELECT 1;"},
        {Dialect::postgresql, "COPY t FROM STDIN;\n-- majed:down\n\\.\n-- majed:down\nSELECT 1;"},
        {Dialect::postgresql, "DO $$\n-- majed:down\n$$\n-- majed:down\nSELECT 1;"},
        {Dialect::oracle, "BEGIN\n  x;\n-- majed:down\n  y;\nEND;\n/\n-- majed:down\nSELECT 1;"},
        {Dialect::oracle, "DROP TABLE t\n-- majed:down\nSELECT 1;"},
    };
    for (const auto& [dialect, text] : cases) {
        const Migration one = read_one(text, dialect);
        EXPECT_EQ(one.up.statements.size(), 1U) << text;
        ASSERT_TRUE(one.down) << text;
        EXPECT_EQ(one.down->statements[0].text, "SELECT 1") << text;
    }
}

TEST(MigrationSections, behind_a_block_without_its_slash_are_refused) {
    for (const std::string block :
         {"BEGIN x; END;", "CREATE PROCEDURE p AS BEGIN x; END p;", "CREATE PACKAGE k AS x INT; end;"}) {
        const std::string told =
            refusal_of("SELECT 1 FROM dual;\n" + block + "\n-- majed:down\nDROP TABLE t;\n", Dialect::oracle);
        EXPECT_TRUE(has(told, "line 3: `-- majed:` stands in the block that begins on line 2")) << told;
    }
}

TEST(MigrationDirectives, that_are_nearly_right_are_refused) {
    for (const std::string line :
         {"-- majed:Down", "-- majed : down2", "-- majed:", "--majed:no_transaction", "-- majed:foreign-keys",
          "-- majed:foreign-keys on", "-- majed:down now", "-- majed:undo"}) {
        const std::string told = refusal_of("\n" + line + "\nSELECT 1;\n");
        EXPECT_TRUE(has(told, "1_a.sql: line 2: `-- majed:")) << line << "\n" << told;
    }
}

TEST(MigrationDirectives, that_only_look_like_ours_or_are_of_another_tool_are_refused) {
    for (const std::string line :
         {"--- majed:down", "-- majed;down", "-- majed down", "-- majed-down", "/* majed:down */",
          "/* majed: down */", "-- @majed:down", "-- majed\xC2\xA0:down", "--\xE2\x80\x8Bmajed:down",
          "-- majed\xEF\xBC\x9A down", "-- MAJED Down;", "-- +goose Down", "-- +migrate Down",
          "-- migrate:down", "-- //@UNDO", "--liquibase formatted sql"}) {
        const std::string told = refusal_of("SELECT 1;\n" + line + "\nDROP TABLE t;\n");
        EXPECT_TRUE(has(told, "1_a.sql: line 2: `") && has(told, "is no directive here")) << line << "\n"
                                                                                          << told;
    }
    for (const std::string line :
         {"-- majed runs this before it is up", "/* by majed */", "-- how majed takes it down",
          "-- see a - majed - b", "-- migrate: later", "-- goose"}) {
        EXPECT_EQ(read_one(line + "\nSELECT 1;\n").up.statements.size(), 1U) << line;
    }
    EXPECT_EQ(read_one("SELECT '\n--- majed:down\n';").up.statements.size(), 1U);
}

TEST(MigrationDirectives, need_a_line_of_their_own) {
    for (const std::string text : {"SELECT 1; -- majed:down\nDROP TABLE t;", "SELECT 1 -- majed:down\n;",
                                   "/* */ -- majed:no-transaction\nSELECT 1;"}) {
        EXPECT_TRUE(has(refusal_of(text), "line 1: `-- majed:` needs a line of its own")) << text;
    }
    EXPECT_EQ(read_one("-- see -- majed:down\nSELECT '-- majed:down';").up.statements.size(), 1U);
    EXPECT_EQ(read_one("SELECT 1; -- see -- majed:down\nSELECT 2;").up.statements.size(), 2U);
    EXPECT_TRUE(
        has(refusal_of("SELECT 1, '--' -- majed:down\n;"), "line 1: `-- majed:` needs a line of its own"));
    EXPECT_TRUE(has(refusal_of("SELECT '--'; -- majed:down\nDROP TABLE t;"), "line 1: `-- majed:` needs"));
}

TEST(MigrationDirectives, belong_before_the_first_statement_of_their_part) {
    const Migration up = read_one("-- majed:no-transaction\nSELECT 1;\n-- majed:down\nSELECT 2;");
    EXPECT_TRUE(up.stepwise);
    EXPECT_FALSE(up.down_stepwise);
    const Migration headed =
        read_one("-- majed:no-transaction\n-- c\n-- majed:up\nSELECT 1;\n-- majed:down\nSELECT 2;");
    EXPECT_TRUE(headed.stepwise);
    EXPECT_FALSE(headed.down_stepwise);
    const Migration down = read_one("SELECT 1;\n-- majed:down\n-- c\n-- majed:no-transaction\nSELECT 2;");
    EXPECT_FALSE(down.stepwise);
    EXPECT_TRUE(down.down_stepwise);
    EXPECT_TRUE(has(refusal_of("SELECT 1;\n-- majed:no-transaction\nSELECT 2;"),
                    "line 2: `-- majed:no-transaction` belongs before"));
    EXPECT_TRUE(has(refusal_of("UPDATE t SET a = 1\n-- majed:foreign-keys off\nWHERE b;"), "line 2: "));
}

TEST(MigrationDirectives, turn_foreign_keys_off_on_sqlite_inside_a_transaction_alone) {
    EXPECT_TRUE(read_one("-- majed:foreign-keys off\nSELECT 1;").foreign_keys_off);
    const Migration down = read_one("SELECT 1;\n-- majed:down\n-- majed:foreign-keys  off\nSELECT 1;");
    EXPECT_FALSE(down.foreign_keys_off);
    EXPECT_TRUE(down.down_foreign_keys_off);
    EXPECT_TRUE(
        has(refusal_of("-- majed:foreign-keys off\nSELECT 1;", Dialect::postgresql), "for SQLite alone"));
    EXPECT_TRUE(has(refusal_of("-- majed:foreign-keys off\nVACUUM;"), "line 1: "));
    EXPECT_TRUE(has(refusal_of("-- majed:no-transaction\n-- majed:foreign-keys off\nSELECT 1;"), "line 2: "));
}

TEST(MigrationDirectives, are_looked_at_so_many_times_and_no_more) {
    std::string text = "INSERT INTO t VALUES('";
    for (int i = 0; i < 100000; ++i) {
        text += "\n-- majed:down";
    }
    EXPECT_TRUE(has(refusal_of(text + "');"), "more than 64 lines"));
}

TEST(Migrations, run_stepwise_when_a_statement_cannot_run_in_a_transaction) {
    EXPECT_FALSE(read_one("CREATE TABLE t(a);").stepwise);
    EXPECT_TRUE(read_one("CREATE TABLE t(a);\nVACUUM;").stepwise);
    EXPECT_TRUE(read_one("CREATE INDEX CONCURRENTLY i ON t(a);", Dialect::postgresql).stepwise);
    EXPECT_TRUE(read_one("INSERT INTO t VALUES(1);", Dialect::oracle).stepwise);
    EXPECT_TRUE(read_one("SELECT 1;\n-- majed:down\nVACUUM;").down_stepwise);
}

TEST(Migrations, do_not_control_transactions) {
    const std::pair<Dialect, std::string_view> cases[] = {
        {Dialect::sqlite, "BEGIN;"},
        {Dialect::sqlite, "COMMIT"},
        {Dialect::sqlite, "SAVEPOINT a;"},
        {Dialect::sqlite, "ROLLBACK;"},
        {Dialect::sqlite, "END;"},
        {Dialect::postgresql, "BEGIN;"},
        {Dialect::postgresql, "COMMIT;"},
        {Dialect::postgresql, "START TRANSACTION;"},
        {Dialect::postgresql, "ABORT;"},
        {Dialect::postgresql, "PREPARE TRANSACTION 'a';"},
        {Dialect::oracle, "COMMIT;"},
        {Dialect::oracle, "ROLLBACK;"},
        {Dialect::oracle, "SET TRANSACTION READ ONLY;"},
    };
    for (const auto& [dialect, text] : cases) {
        EXPECT_TRUE(has(refusal_of("SELECT 1 FROM t;\n\n" + std::string(text), dialect),
                        "line 3: transaction control"))
            << text;
        EXPECT_TRUE(
            has(refusal_of("-- majed:no-transaction\n" + std::string(text), dialect), "line 2: transaction"))
            << text;
    }
}

TEST(MigrationDownFiles, are_the_way_down_of_the_file_of_their_name) {
    const auto migrations =
        read({{"1_a.down.sql", "-- majed:no-transaction\nDROP TABLE t;"}, {"1_a.sql", "CREATE TABLE t(a);"}});
    ASSERT_EQ(migrations.size(), 1U);
    ASSERT_TRUE(migrations[0].down);
    EXPECT_EQ(migrations[0].down->statements[0].line, 2U);
    EXPECT_EQ(migrations[0].down_file, "1_a.down.sql");
    EXPECT_EQ(migrations[0].file, "1_a.sql");
    EXPECT_FALSE(migrations[0].stepwise);
    EXPECT_TRUE(migrations[0].down_stepwise);
    EXPECT_EQ(migrations[0].checksum, read({{"1_a.sql", "CREATE TABLE t(a);"}})[0].checksum);
}

TEST(MigrationDownFiles, are_refused_without_their_file_twice_and_with_parts) {
    EXPECT_TRUE(has(refusal({{"1_a.down.sql", ""}}), "1_a.down.sql: there is no `1_a.sql` that it undoes"));
    EXPECT_TRUE(has(refusal({{"01_a.sql", ""}, {"1_a.down.sql", ""}}), "there is no `1_a.sql`"));
    EXPECT_TRUE(has(refusal({{"1_b.sql", ""}, {"1_a.down.sql", ""}}), "there is no `1_a.sql`"));
    EXPECT_TRUE(
        has(refusal({{"1_a.sql", ""}, {"1_a.down.sql", ""}, {"1_a.down.sql", ""}}), "is there twice"));
    EXPECT_TRUE(has(refusal({{"1_a.sql", "SELECT 1;\n-- majed:down\n"}, {"1_a.down.sql", "SELECT 1;"}}),
                    "1_a.down.sql: `1_a.sql` has a down part already"));
    EXPECT_TRUE(
        has(refusal({{"1_a.sql", ""}, {"1_a.down.sql", "-- majed:up\n"}}), "1_a.down.sql: line 1: all of a"));
    EXPECT_TRUE(has(refusal({{"1_a.sql", "SELECT 1;"}, {"1_a.down.sql", "COMMIT;"}}),
                    "1_a.down.sql: line 1: transaction"));
}

TEST(MigrationDownFiles, of_a_file_that_is_refused_are_not_refused_for_it) {
    EXPECT_EQ(refusal({{"1_a.sql", "", "is a folder"}, {"1_a.down.sql", "SELECT 1;"}}),
              "1_a.sql: is a folder");
}

TEST(Migrations, have_no_way_down_when_it_was_left_empty) {
    EXPECT_FALSE(read_one("SELECT 1;\n-- majed:down\n-- what takes it back\n").down);
    EXPECT_EQ(read_one("SELECT 1;\n-- majed:down\n").down_file, "");
    EXPECT_FALSE(read({{"1_a.sql", "SELECT 1;"}, {"1_a.down.sql", " "}})[0].down);
    EXPECT_TRUE(read_one("-- majed:up\n-- majed:down\n").down) << "nothing is undone by nothing";
}

TEST(Migrations, are_refused_when_they_undo_what_they_do_not_do) {
    EXPECT_TRUE(has(refusal_of("-- majed:down\nDROP TABLE t;"), "undoes something"));
    EXPECT_TRUE(has(refusal({{"R__a.sql", "SELECT 1;\n-- majed:down\nSELECT 1;"}}),
                    "repeatable one has no way down"));
}

TEST(Migrations, are_utf8_without_nul) {
    EXPECT_TRUE(has(refusal_of("SELECT 1;\n-- \xC3\x28\n"), "1_a.sql: line 2: is not UTF-8"));
    EXPECT_TRUE(has(refusal_of(std::string("SELECT 1;\n\n\0", 12)), "1_a.sql: line 3: has a NUL byte"));
    EXPECT_TRUE(has(refusal_of("\xFF\xFES\0"), "is UTF-16"));
    EXPECT_TRUE(has(refusal_of("SELECT 1;\r-- c\rSELECT 2;"), "CR alone"));
    EXPECT_EQ(read_one("INSERT INTO t VALUES('\xE2\x82\xAC \xD9\x85');").up.statements.size(), 1U);
}

}  // namespace migration_test
}  // namespace majed::migrate
