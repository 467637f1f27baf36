// SPDX-License-Identifier: Apache-2.0
// Writes for Oracle as they would be sent. No Oracle server reads them here: what they mean to one is not tested.
#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/table_fixture.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {
namespace oracle_write_test {

using policy::Action;
using policy::ActionSet;
using policy::Role;

const ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};

catalog::Relation table(std::string name, TypedColumns columns) {
    return table_in("SHOP", std::move(name), std::move(columns));
}

catalog::Snapshot shop(bool sees_consequences = true, std::vector<driver::Synonym> synonyms = {}) {
    std::vector<catalog::Relation> tables{
        table("STAFF",
              {{"ID", "NUMBER(9)"}, {"NAME", "VARCHAR2(40)"}, {"REGION", "CHAR(5)"}, {"PAY", "NUMBER(9)"}}),
        table("ORDERS", {{"ID", "NUMBER(9)"}, {"OWNER", "NUMBER(9)"}, {"NOTE", "VARCHAR2(40)"}}),
        table("FREE", {{"A", "NUMBER(9)"}, {"B", "NUMBER(9)"}}),
        table("FIRED", {{"A", "NUMBER(9)"}}),
        table("PARENT", {{"A", "NUMBER(9)"}}),
        table("TWICE", {{"A", "NUMBER(9)"}, {"DOUBLED", "NUMBER(9)"}}),
        table("SEEN", {{"A", "NUMBER(9)"}}),
        table("PARTLY", {{"A", "NUMBER(9)"}, {"B", "NUMBER(9)"}, {"C", "NUMBER(9)"}}),
        table("NARROW", {{"A", "NUMBER(9)"}, {"B", "NUMBER(9)"}, {"SYSTIMESTAMP", "DATE"}})};
    tables[3].facts.triggers = {"SHOP.T"};
    driver::ForeignKey key;
    key.table = {"SHOP", "CHILD"};
    key.on_delete = driver::KeyAction::cascade;
    tables[4].facts.referenced_by.push_back(std::move(key));
    tables[5].columns[1].generation = driver::Generation::computed;
    driver::ServerFacts server;
    server.make = driver::ServerMake::oracle;
    server.login = "GATE";
    server.search_path = {"SHOP"};
    server.sees_consequences = sees_consequences;
    server.synonyms = std::move(synonyms);
    return {std::move(tables), std::move(server), 1};
}

policy::RowPolicy rule(std::string on, std::string rows, ActionSet actions = {},
                       std::vector<std::string> columns = {}) {
    policy::RowPolicy made;
    made.table = std::move(on);
    made.roles = {Role::normal};
    made.rows = std::move(rows);
    made.columns = std::move(columns);
    made.origin = "majed.toml:1";
    made.actions = actions;
    return made;
}

policy::PolicySet shop_rules() {
    auto set = policy::PolicySet::create(
        {rule("STAFF", "region = :user.region", all),
         rule("ORDERS", "owner IN (SELECT s.id FROM staff s WHERE s.region = :user.region)", all),
         rule("FREE", "*", all), rule("FIRED", "*", all), rule("PARENT", "*", all),
         rule("TWICE", "doubled > 2 AND a IN (SELECT f.a FROM free f)", all), rule("SEEN", "*"),
         rule("PARTLY", "*", all, {"A", "C"}), rule("NARROW", "b = 1", all, {"A"})},
        {});
    EXPECT_TRUE(set) << set.error().message;
    return *std::move(set);
}

std::string told(const Error& error) {
    return std::string(traits(error.code).name) + ": " + error.message +
           (error.offset ? " @" + std::to_string(*error.offset) : "");
}

struct Case {
    policy::PolicySet rules = shop_rules();
    Attributes attributes = {{"region", {"EU"}}, {"regions", {"EU", "US"}}};
    catalog::Snapshot catalog = shop();
};

using Change = std::function<void(Rewritten&)>;

/// What would be sent, checked as the gateway checks it, once `change` was made to it; or why nothing would.
std::string sent(
    const std::string& text, const Case& in = {}, Rewritten* into = nullptr,
    const Change& change = [](Rewritten&) {}) {
    Nonce nonce;
    nonce.text = "g_0";
    nonce.generation = 7;
    const auto enforcement = Enforcement::compile(in.rules, "shop", in.catalog, std::move(nonce));
    if (!enforcement) return told(enforcement.error());
    sql::Parser parser((*enforcement)->dialect());
    sql::Parser verifier((*enforcement)->dialect());
    sql::Resolution resolution;
    const auto parsed = parser.parse_statement(text);
    if (!parsed) return told(parsed.error());
    const Profile& profile = (*enforcement)->profile(Role::normal, in.attributes);
    const auto resolved = sql::resolve(*parsed->write, text, profile, parser.arena(), resolution);
    if (!resolved) return told(resolved.error());
    auto result = rewrite_oracle(*parsed->write, parser, resolution, **enforcement, profile);
    if (!result) return told(result.error());
    change(*result);
    const auto verified = verify_inline_write(*result, resolution, **enforcement, profile, verifier);
    if (!verified) return told(verified.error()) + " :: " + result->sql;
    if (into != nullptr) *into = *result;
    return result->sql;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// `sent`, with the query of STAFF as <staff>, <checked> with its check, and the rule on the target as <rule>.
std::string shortly(const std::string& text, const std::string& row = "\"STAFF\"") {
    const std::string query =
        R"((SELECT "ID", "NAME", "REGION", "PAY" FROM "SHOP"."STAFF" "g_0" WHERE ("g_0".region = :G_0_1)"
        "\n";
    std::string all = replaced(sent(text), query + ") WITH CHECK OPTION)", "<checked>");
    all = replaced(all, query + "))", "<staff>");
    return replaced(all, "(" + row + ".region = :G_0_2\n)", "<rule>");
}

TEST(OracleWrite, leaves_writes_without_a_rule_byte_for_byte) {
    for (const std::string text :
         {"INSERT /*+ APPEND */ INTO free VALUES (1, 2) -- end",
          "UPDATE free SET a = ROWNUM WHERE 1 / b > :1", "delete\tfree f WHERE f.a = :\"Q\"",
          "INSERT INTO shop.free (a) SELECT b FROM free PARTITION (p)",
          "MERGE INTO free f USING dual ON (f.a = 1 / ROWNUM) WHEN MATCHED THEN UPDATE SET (f.b) = (SELECT 1 "
          "FROM "
          "dual) WHEN NOT MATCHED THEN INSERT VALUES (1, DEFAULT)"}) {
        EXPECT_EQ(sent(text), text);
    }
    EXPECT_EQ(sent("DELETE FROM free;"), "DELETE FROM free");
}

TEST(OracleWrite, puts_a_query_in_the_targets_place) {
    EXPECT_EQ(shortly("INSERT INTO staff (id, region) VALUES (1, :r)"),
              "INSERT INTO <checked> \"STAFF\" (id, region) VALUES (1, :r)");
    EXPECT_EQ(shortly("INSERT INTO staff s (s.id, region) SELECT a, 'EU' FROM free"),
              "INSERT INTO <checked> s (s.id, region) SELECT a, 'EU' FROM free");
    EXPECT_EQ(shortly("INSERT INTO staff VALUES (1, 'x', 'EU', DEFAULT);"),
              "INSERT INTO <checked> \"STAFF\" (\"ID\", \"NAME\", \"REGION\", \"PAY\") VALUES (1, 'x', 'EU', "
              "DEFAULT)");
    EXPECT_EQ(shortly("UPDATE staff SET pay = 5"), "UPDATE <checked> \"STAFF\" SET pay = 5");
    EXPECT_EQ(shortly("UPDATE shop.staff SET staff.pay = 5 WHERE shop.staff.id = 1"),
              "UPDATE <checked> \"STAFF\" SET staff.pay = 5 WHERE staff.id = 1");
    EXPECT_EQ(shortly("DELETE staff s WHERE s.id = 7"), "DELETE <staff> s WHERE s.id = 7");
    EXPECT_EQ(shortly("DELETE FROM \"STAFF\""), "DELETE FROM <staff> \"STAFF\"");
}

/// In the order of its text: first the rule.
TEST(OracleWrite, guards_what_may_fail) {
    EXPECT_EQ(
        shortly("UPDATE staff SET pay = 5 WHERE TO_NUMBER(name) = 1 -- end"),
        "UPDATE <checked> \"STAFF\" SET pay = 5 WHERE CASE WHEN <rule> THEN CASE WHEN (TO_NUMBER(name) = "
        "1) THEN 1 END END = 1 -- end");
    EXPECT_EQ(
        shortly("DELETE FROM staff x WHERE x.id = :1 OR 1 = 1", "x"),
        "DELETE FROM <staff> x WHERE CASE WHEN (\"X\".region = :G_0_2\n) THEN CASE WHEN (x.id = :1 OR 1 = "
        "1) THEN 1 END END = 1");
    EXPECT_EQ(shortly("UPDATE staff SET pay = 1 / pay, name = 'x'"),
              "UPDATE <checked> \"STAFF\" SET pay = CASE WHEN <rule> THEN (1 / pay) END, name = 'x'");
    // A query may be turned into a join, and then be looked at before the rule.
    EXPECT_EQ(
        shortly("DELETE FROM staff WHERE id IN (SELECT a FROM free)"),
        "DELETE FROM <staff> \"STAFF\" WHERE CASE WHEN <rule> THEN CASE WHEN (id IN (SELECT a FROM free)) "
        "THEN 1 END END = 1");
}

TEST(OracleWrite, reads_other_tables_by_their_rules) {
    const std::string inner =
        R"((SELECT "ID", "NAME", "REGION", "PAY" FROM "SHOP"."STAFF" "g_0" WHERE ("g_0".region = :G_0_1)"
        "\n";
    EXPECT_EQ(sent("INSERT INTO free (a) SELECT id FROM staff"),
              "INSERT INTO free (a) SELECT id FROM " + inner + ")) \"STAFF\"");
    EXPECT_EQ(sent("UPDATE free SET a = 1 WHERE b IN (SELECT TO_NUMBER(name) FROM staff WHERE name > 1)"),
              "UPDATE free SET a = 1 WHERE b IN (SELECT TO_NUMBER(name) FROM " + inner +
                  ") AND ROWNUM >= 1) \"STAFF\" WHERE name > 1)");
    EXPECT_EQ(sent("INSERT INTO free VALUES ((SELECT MAX(id) FROM staff), 2)").find("ROWNUM"),
              std::string::npos);
}

/// Oracle guarantees nothing of a check that holds a query.
TEST(OracleWrite, knows_which_rules_a_check_can_hold) {
    const std::string rule =
        R"((SELECT "ID", "OWNER", "NOTE" FROM "SHOP"."ORDERS" "g_0" WHERE ("g_0".owner IN (SELECT "g_0_S".id FROM "SHOP"."STAFF" "g_0_S" WHERE "g_0_S".region = :G_0_1))"
        "\n)) \"ORDERS\"";
    EXPECT_EQ(sent("UPDATE orders SET note = 'x' WHERE id = 1"),
              "UPDATE " + rule + " SET note = 'x' WHERE id = 1");
    EXPECT_EQ(sent("DELETE FROM orders WHERE id = 1"), "DELETE FROM " + rule + " WHERE id = 1");
    EXPECT_EQ(sent("UPDATE orders SET owner = 1"),
              "unsupported: Oracle cannot be held to the rule about rows of ORDERS here: it looks into other "
              "tables @7");
    EXPECT_EQ(sent("INSERT INTO orders VALUES (1, 1, 'x')"),
              "unsupported: Oracle cannot be held to the rule about rows of ORDERS here: it looks into other "
              "tables @12");
    // What a virtual column is computed from is not known.
    EXPECT_EQ(sent("UPDATE twice SET a = 1").substr(0, 11), "unsupported");
    EXPECT_EQ(sent("UPDATE twice SET doubled = 1"),
              "invalid_argument: DOUBLED is computed by the database: it cannot be written @17");
}

/// Each value has a bind: a query over them would stand in the check.
TEST(OracleWrite, spells_out_the_values_of_an_attribute) {
    Case lists;
    lists.rules = *policy::PolicySet::create({rule("STAFF", "region IN (:user.regions)", all)}, {});
    Rewritten made;
    const std::string text = sent("UPDATE staff SET pay = 1", lists, &made);
    EXPECT_NE(text.find("\"g_0\".region IN (:G_0_1, :G_0_2, "), std::string::npos) << text;
    EXPECT_NE(text.find(":G_0_16)\n) WITH CHECK OPTION)"), std::string::npos) << text;
    ASSERT_EQ(made.attributes.size(), 16U);
    EXPECT_EQ(made.attributes[15], (driver::AttributeParameter{"regions", true, 16}));
    lists.rules = *policy::PolicySet::create({rule("STAFF", "region <> ALL (:user.regions)", all)}, {});
    EXPECT_NE(sent("DELETE FROM staff", lists).find("region <> ALL (:G_0_1, "), std::string::npos);
    lists.attributes = {};
    EXPECT_EQ(
        sent("DELETE FROM staff", lists),
        "DELETE FROM (SELECT \"ID\", \"NAME\", \"REGION\", \"PAY\" FROM \"SHOP\".\"STAFF\" \"g_0\" WHERE "
        "(1 = 0\n)) \"STAFF\"");
}

/// A row that is looked for or computed from must be one that is read.
TEST(OracleWrite, asks_for_the_rule_about_reading_where_columns_are_read) {
    Case apart;
    apart.rules = *policy::PolicySet::create(
        {rule("STAFF", "region = :user.region"), rule("STAFF", "pay < 5", {Action::update, Action::delete_}),
         rule("STAFF", "pay < 7", {Action::insert})},
        {});
    const std::string both =
        "((\"g_0\".pay < 5\n) AND (\"g_0\".region = :G_0_1\n)) WITH CHECK OPTION) \"STAFF\" SET";
    EXPECT_NE(sent("UPDATE staff SET pay = 4 WHERE id = 1", apart).find(both), std::string::npos);
    EXPECT_NE(sent("DELETE FROM staff", apart).find("WHERE (\"g_0\".pay < 5\n)) \"STAFF\""),
              std::string::npos);
    EXPECT_NE(sent("DELETE FROM staff WHERE id = 1", apart).find("(\"g_0\".region = :G_0_1\n))) \"STAFF\""),
              std::string::npos);
    EXPECT_NE(sent("INSERT INTO staff (id) VALUES (1)", apart).find("WHERE (\"g_0\".pay < 7\n) WITH CHECK"),
              std::string::npos);
}

TEST(OracleWrite, names_the_columns_where_some_are_left_out) {
    EXPECT_EQ(sent("INSERT INTO partly VALUES (1, 3)"), "INSERT INTO partly (\"A\", \"C\") VALUES (1, 3)");
    EXPECT_EQ(sent("INSERT INTO partly VALUES (1, 2, 3)"), "invalid_argument: 3 values for 2 columns @19");
    EXPECT_EQ(sent("INSERT INTO staff VALUES (1)"), "invalid_argument: 1 values for 4 columns @18");
    EXPECT_EQ(sent("INSERT INTO partly (b) VALUES (1)"), "not_found: PARTLY has no column B @20");
}

/// What Oracle could take a name for is what the principal sees, and what the rules read.
TEST(OracleWrite, shows_no_column_that_nothing_needs) {
    EXPECT_EQ(
        sent("UPDATE narrow SET a = 1"),
        "UPDATE (SELECT \"A\", \"B\" FROM \"SHOP\".\"NARROW\" \"g_0\" WHERE (\"g_0\".b = 1\n) WITH CHECK "
        "OPTION) \"NARROW\" SET a = 1");
    EXPECT_EQ(sent("UPDATE narrow SET a = 1 WHERE SYSTIMESTAMP IS NULL"),
              "unsupported: SYSTIMESTAMP could be a column of NARROW that you do not see @30");
    EXPECT_NE(sent("INSERT INTO narrow VALUES (1)").find("\"NARROW\" (\"A\") VALUES (1)"), std::string::npos);
}

/// The same query of rows is matched, changed, left and inserted into.
TEST(OracleWrite, puts_a_query_in_the_place_that_merge_writes_to) {
    EXPECT_EQ(shortly("MERGE INTO staff t USING free f ON (t.id = f.a) WHEN MATCHED THEN UPDATE SET t.pay = "
                      "f.b, name = "
                      "'x' WHERE f.b > 5 DELETE WHERE t.pay = 0;"),
              "MERGE INTO <checked> t USING free f ON (t.id = f.a) WHEN MATCHED THEN UPDATE SET t.pay = f.b, "
              "name = "
              "'x' WHERE f.b > 5 DELETE WHERE t.pay = 0");
    EXPECT_EQ(shortly("MERGE INTO shop.staff USING dual ON (shop.staff.id = 7) WHEN NOT MATCHED THEN INSERT "
                      "(id, staff.region) VALUES (7, 'EU') WHERE 1 = 1"),
              "MERGE INTO <checked> \"STAFF\" USING dual ON (staff.id = 7) WHEN NOT MATCHED THEN INSERT (id, "
              "staff.region) VALUES (7, 'EU') WHERE 1 = 1");
    EXPECT_EQ(
        shortly("MERGE INTO staff USING (SELECT a, b FROM free WHERE ROWNUM < 9) ON (id = a) WHEN NOT "
                "MATCHED THEN "
                "INSERT VALUES (a, 'x', 'EU', b) WHEN MATCHED THEN UPDATE SET region = 'EU'"),
        "MERGE INTO <checked> \"STAFF\" USING (SELECT a, b FROM free WHERE ROWNUM < 9) ON (id = a) WHEN NOT "
        "MATCHED THEN INSERT (\"ID\", \"NAME\", \"REGION\", \"PAY\") VALUES (a, 'x', 'EU', b) WHEN MATCHED "
        "THEN "
        "UPDATE SET region = 'EU'");
    Rewritten made;
    sent(
        "MERGE INTO staff t USING free f ON (t.id = f.a) WHEN MATCHED THEN UPDATE SET pay = f.b DELETE WHERE "
        "pay = "
        "0 WHEN NOT MATCHED THEN INSERT (id) VALUES (f.a)",
        {}, &made);
    ASSERT_TRUE(made.write);
    EXPECT_TRUE(made.write->inserts && made.write->deletes);
    EXPECT_EQ(made.write->updates, std::vector<std::string>{"PAY"});
    EXPECT_EQ(
        sent("MERGE INTO partly p USING dual ON (p.a = 1) WHEN NOT MATCHED THEN INSERT VALUES (1, 3)"),
        "MERGE INTO partly p USING dual ON (p.a = 1) WHEN NOT MATCHED THEN INSERT (\"A\", \"C\") VALUES (1, "
        "3)");
}

TEST(OracleWrite, guards_what_may_fail_in_a_merge) {
    EXPECT_EQ(shortly("MERGE INTO staff t USING free f ON (TO_NUMBER(t.name) = f.a) WHEN MATCHED THEN UPDATE "
                      "SET pay = 1 / "
                      "t.pay, name = 'x' WHERE 1 / f.b > 1 DELETE WHERE t.id IN (SELECT a FROM free)",
                      "\"T\""),
              "MERGE INTO <checked> t USING free f ON (CASE WHEN <rule> THEN CASE WHEN ((TO_NUMBER(t.name) = "
              "f.a)) THEN 1 "
              "END END = 1) WHEN MATCHED THEN UPDATE SET pay = CASE WHEN <rule> THEN (1 / t.pay) END, name = "
              "'x' WHERE "
              "CASE WHEN <rule> THEN CASE WHEN (1 / f.b > 1) THEN 1 END END = 1 DELETE WHERE CASE WHEN "
              "<rule> THEN CASE "
              "WHEN (t.id IN (SELECT a FROM free)) THEN 1 END END = 1");
    // The example of docs/guide/oracle.md.
    EXPECT_EQ(shortly("MERGE INTO staff t USING free f ON (TO_NUMBER(t.name) = f.a) WHEN MATCHED THEN UPDATE "
                      "SET pay = 1 / "
                      "t.pay WHEN NOT MATCHED THEN INSERT VALUES (f.a, 'x', 'EU', f.b)",
                      "\"T\""),
              "MERGE INTO <checked> t USING free f ON (CASE WHEN <rule> THEN CASE WHEN ((TO_NUMBER(t.name) = "
              "f.a)) THEN 1 "
              "END END = 1) WHEN MATCHED THEN UPDATE SET pay = CASE WHEN <rule> THEN (1 / t.pay) END WHEN "
              "NOT MATCHED THEN "
              "INSERT (\"ID\", \"NAME\", \"REGION\", \"PAY\") VALUES (f.a, 'x', 'EU', f.b)");
    // The type of what is computed is not known before it is.
    for (const std::string id : {":i", "1", "CAST(:i AS NUMBER)"}) {
        const std::string text = "MERGE INTO staff t USING (SELECT " + id +
                                 " id FROM dual) n ON (t.id = n.id) WHEN MATCHED THEN UPDATE SET ";
        EXPECT_EQ(sent(text + "region = 'EU'").substr(0, 27), "unsupported: REGION cannot ");
        EXPECT_NE(sent(text + "pay = 1").find("n ON (CASE WHEN (\"T\".region = :G_0_2\n) THEN CASE"),
                  std::string::npos);
    }
    // There is no row of the target that it could be about.
    EXPECT_EQ(
        shortly("MERGE INTO staff t USING free f ON (t.id = f.a) WHEN NOT MATCHED THEN INSERT (id, region) "
                "VALUES (1 / f.b, 'EU') WHERE 1 / f.a > 1"),
        "MERGE INTO <checked> t USING free f ON (t.id = f.a) WHEN NOT MATCHED THEN INSERT (id, region) "
        "VALUES "
        "(1 / f.b, 'EU') WHERE 1 / f.a > 1");
    // Oracle updates no column that stands in ON.
    EXPECT_EQ(
        sent(
            "MERGE INTO staff t USING free f ON (1 / t.id = f.a) WHEN MATCHED THEN UPDATE SET region = 'EU'"),
        "unsupported: REGION cannot be set beside an ON that may fail or holds a query in a write to STAFF, "
        "whose rows you may write in part @81");
}

/// What is computed of rows that stand in USING, in any part of it, is not computed of hidden ones.
TEST(OracleWrite, reads_what_merge_uses_by_its_rule) {
    const std::string query =
        R"((SELECT "ID", "NAME", "REGION", "PAY" FROM "SHOP"."STAFF" "g_0" WHERE ("g_0".region = :G_0_1)"
        "\n";
    const auto with = [&query](const std::string& rest, const std::string& barrier) {
        EXPECT_EQ(sent("MERGE INTO free f USING staff s ON " + rest),
                  "MERGE INTO free f USING " + query + barrier + ") s ON " + rest);
    };
    with("(f.a = s.id) WHEN MATCHED THEN UPDATE SET b = s.pay WHERE s.name = 'x'", ")");
    const std::string held = ") AND ROWNUM >= 1";
    with("(f.a = TO_NUMBER(s.name)) WHEN MATCHED THEN UPDATE SET b = 1", held);
    with("(f.a = s.id) WHEN MATCHED THEN UPDATE SET b = 1 / s.pay", held);
    with("(f.a = s.id) WHEN MATCHED THEN UPDATE SET b = 1 WHERE 1 / s.pay > 1", held);
    with("(f.a = s.id) WHEN MATCHED THEN UPDATE SET b = 1 DELETE WHERE 1 / s.pay > 1", held);
    with("(f.a = s.id) WHEN NOT MATCHED THEN INSERT VALUES (1, 1 / s.pay)", held);
    with("(f.a = s.id) WHEN NOT MATCHED THEN INSERT (a) VALUES (1) WHERE 1 / s.pay > 1", held);
    EXPECT_EQ(sent("MERGE INTO free f USING (SELECT id FROM staff WHERE 1 / pay > 1) s ON (f.a = s.id) WHEN "
                   "MATCHED THEN "
                   "UPDATE SET b = 1"),
              "MERGE INTO free f USING (SELECT id FROM " + query + held +
                  ") \"STAFF\" WHERE 1 / pay > 1) s ON (f.a = s.id) WHEN MATCHED THEN UPDATE SET b = 1");
    // The target's own rule has a bind of its own.
    const std::string both =
        sent("MERGE INTO staff t USING staff s ON (t.id = s.pay) WHEN MATCHED THEN UPDATE SET name = s.name");
    EXPECT_NE(both.find("WITH CHECK OPTION) t USING (SELECT"), std::string::npos) << both;
    EXPECT_NE(both.find("region = :G_0_2\n)) s ON"), std::string::npos) << both;
}

/// Whatever is left out of what would be sent, it is not sent then.
TEST(OracleWrite, sends_no_merge_without_all_that_holds_it) {
    const std::string text =
        "MERGE INTO staff t USING staff s ON (1 / t.id = s.id) WHEN MATCHED THEN UPDATE SET pay = 1 / t.pay "
        "WHERE 1 / "
        "t.pay > 2 DELETE WHERE 1 / t.pay > 3 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)";
    const std::string whole = sent(text);
    const std::string rule = "CASE WHEN (\"T\".region = :G_0_2\n) THEN ";
    const std::string row =
        "(SELECT \"ID\", \"NAME\", \"REGION\", \"PAY\" FROM \"SHOP\".\"STAFF\" \"g_0\" WHERE (\"g_0\".region "
        "= :G_0_1\n)";
    const std::vector<std::pair<std::string, std::string>> changes{
        {" WITH CHECK OPTION) t", ") t"},
        {row + " WITH CHECK OPTION) t", "staff t"},
        {row + " WITH CHECK", row + " OR 1 = 1 WITH CHECK"},
        {"(" + rule + "CASE WHEN ((1 / t.id = s.id)) THEN 1 END END = 1)", "(1 / t.id = s.id)"},
        {"THEN 1 END END = 1) WHEN", "THEN 1 END END = 1 OR 1 / t.id = 2) WHEN"},
        {"pay = " + rule + "(1 / t.pay) END", "pay = 1 / t.pay"},
        {"pay = " + rule + "(1 / t.pay) END", "pay = " + rule + "1 ELSE 1 / t.pay END"},
        {"WHERE " + rule + "CASE WHEN (1 / t.pay > 2) THEN 1 END END = 1", "WHERE 1 / t.pay > 2"},
        {"DELETE WHERE " + rule + "CASE WHEN (1 / t.pay > 3) THEN 1 END END = 1",
         "DELETE WHERE 1 / t.pay > 3"},
        {"SET pay = ", "SET region = 'US', pay = "},
        {"INSERT (id)", "INSERT (pay)"},
        {"USING (SELECT", "USING (SELECT /**/"}};
    for (const auto& [what, with] : changes) {
        ASSERT_NE(whole.find(what), std::string::npos) << what << "\n" << whole;
        const std::string left = sent(text, {}, nullptr, [&what = what, &with = with](Rewritten& made) {
            made.sql.replace(made.sql.find(what), what.size(), with);
        });
        const bool harmless = with.ends_with("/**/");
        EXPECT_EQ(left.starts_with("internal"), !harmless) << what << "\n" << left;
    }
    const std::string plain_source = sent(text, {}, nullptr, [](Rewritten& made) {
        const std::size_t begin = made.sql.find("USING ") + 6;
        made.sql.replace(begin, made.sql.find(" s ON") - begin, "staff");
    });
    EXPECT_TRUE(plain_source.starts_with("internal")) << plain_source;
}

TEST(OracleWrite, merges_where_one_query_can_stand_for_all_rules) {
    Case apart;
    apart.rules = *policy::PolicySet::create(
        {rule("STAFF", "region = :user.region"), rule("STAFF", "pay < 5", {Action::update, Action::delete_}),
         rule("STAFF", "region = :user.region", {Action::insert}), rule("FREE", "*"),
         rule("ORDERS", "*", {Action::select, Action::delete_}), rule("ORDERS", "id < 9", {Action::insert}),
         rule("ORDERS", "id < 7", {Action::update})},
        {});
    const std::string using_free = " USING free f ON (t.id = f.a) WHEN ";
    const std::string update = "MATCHED THEN UPDATE SET t.name = 'x'";
    const std::string insert = "NOT MATCHED THEN INSERT (id) VALUES (1)";
    EXPECT_EQ(sent("MERGE INTO staff t" + using_free + update + " WHEN " + insert, apart),
              "unsupported: a MERGE that inserts needs one rule about the rows of STAFF for all that it "
              "does: yours "
              "about reading and writing them differ @11");
    EXPECT_EQ(sent("MERGE INTO orders t" + using_free + insert, apart).substr(0, 39),
              "unsupported: a MERGE that inserts needs");
    // Rows that are read and not updated would be passed over, as UPDATE passes them over.
    EXPECT_NE(sent("MERGE INTO staff t" + using_free + update, apart)
                  .find("((\"g_0\".pay < 5\n) AND (\"g_0\".region = :G_0_1\n)) WITH CHECK OPTION) t"),
              std::string::npos);
    EXPECT_NE(sent("MERGE INTO staff t" + using_free + insert, apart)
                  .find("WHERE (\"g_0\".region = :G_0_1\n) WITH CHECK OPTION) t"),
              std::string::npos);
    EXPECT_NE(
        sent("MERGE INTO orders t" + using_free + "MATCHED THEN UPDATE SET note = 'x' DELETE WHERE t.id = 1",
             apart)
            .find("WHERE (\"g_0\".id < 7\n) WITH CHECK OPTION) t"),
        std::string::npos);
    EXPECT_EQ(sent("MERGE INTO staff t" + using_free + update + " DELETE WHERE f.b = 1",
                   {*policy::PolicySet::create(
                       {rule("STAFF", "*", {Action::select, Action::update}), rule("FREE", "*")}, {})}),
              "denied: no rule lets role normal delete rows of table STAFF @11");
    EXPECT_EQ(sent("MERGE INTO seen t USING dual ON (t.a = 1) WHEN NOT MATCHED THEN INSERT VALUES (1)"),
              "denied: no rule lets role normal insert rows of table SEEN @11");
}

/// Oracle guarantees nothing of a check that holds a query, in a MERGE neither.
TEST(OracleWrite, merges_under_a_rule_with_a_query_where_no_row_moves) {
    const std::string merge = "MERGE INTO orders o USING free f ON (o.id = f.a) WHEN ";
    const std::string made = sent(merge + "MATCHED THEN UPDATE SET note = 'x' DELETE WHERE o.note = 'y'");
    EXPECT_NE(made.find("\n)) o USING free f ON (o.id = f.a)"), std::string::npos) << made;
    EXPECT_EQ(sent(merge + "MATCHED THEN UPDATE SET owner = 1"),
              "unsupported: Oracle cannot be held to the rule about rows of ORDERS here: it looks into other "
              "tables "
              "@11");
    EXPECT_EQ(sent(merge + "NOT MATCHED THEN INSERT (id) VALUES (f.a)"),
              "unsupported: Oracle cannot be held to the rule about rows of ORDERS here: it looks into other "
              "tables "
              "@11");
}

TEST(OracleWrite, refuses_merges_that_no_rule_could_be_held_to) {
    const std::string part = " in a write to STAFF, whose rows you may write in part";
    const std::string merge = "MERGE INTO staff t USING free f ON (t.id = f.a) WHEN ";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"MERGE /*+ INDEX(t) */ INTO staff t USING free f ON (t.id = f.a) WHEN MATCHED THEN UPDATE SET pay = "
         "1",
         "unsupported: hints are not possible" + part + " @6"},
        {merge + "MATCHED THEN UPDATE SET pay = ROWNUM",
         "unsupported: ROWNUM is not possible" + part + " @83"},
        {"MERGE INTO staff PARTITION (p) t USING dual ON (t.id = 1) WHEN MATCHED THEN UPDATE SET pay = 1",
         "unsupported: PARTITION is not possible" + part + " @11"},
        {merge + "MATCHED THEN UPDATE SET pay = DEFAULT",
         "unsupported: DEFAULT is not possible" + part + " @83"},
        {merge + "NOT MATCHED THEN INSERT (id) VALUES (DEFAULT)",
         "unsupported: DEFAULT is not possible" + part + " @90"},
        {merge + "NOT MATCHED THEN INSERT VALUES (1, 2)", "invalid_argument: 2 values for 4 columns @85"},
        {merge + "NOT MATCHED THEN INSERT (id) VALUES (t.id)", "not_found: there is no column T.ID @90"},
        {merge + "MATCHED THEN UPDATE SET (pay, name) = (SELECT a, 'x' FROM free)",
         "unsupported: several columns cannot be set at once" + part + " @77"},
        {"MERGE INTO shop.staff USING dual ON (staff.id = 1) WHEN MATCHED THEN UPDATE SET shop.staff.pay = 1",
         "unsupported: a column that is written is named without its schema here @91"},
        {"MERGE INTO staff USING (SELECT a id FROM free) staff ON (1 = 1) WHEN MATCHED THEN UPDATE SET pay = "
         "1",
         "unsupported: two tables of the statement are called STAFF @23"},
        {"MERGE INTO (SELECT id FROM shop.staff) t USING dual ON (1 = 1) WHEN MATCHED THEN UPDATE SET id = 1",
         "unsupported: only a table with a name can be written to @11"},
        {"MERGE INTO fired t USING dual ON (t.a = 1) WHEN MATCHED THEN UPDATE SET t.a = 1",
         "unsupported: table FIRED has triggers: what they would do is not governed @11"},
        {"MERGE INTO parent t USING dual ON (t.a = 1) WHEN MATCHED THEN UPDATE SET t.a = 1 DELETE WHERE t.a "
         "= 2",
         "unsupported: rows of other tables would change with those of PARENT by a foreign key: that is not "
         "governed "
         "@11"},
        {"MERGE INTO twice t USING dual ON (t.a = 1) WHEN NOT MATCHED THEN INSERT (doubled) VALUES (1)",
         "invalid_argument: DOUBLED is computed by the database: it cannot be written @73"}};
    for (const auto& [text, expected] : cases) EXPECT_EQ(sent(text), expected) << text;
}

/// A name that stands alone could be that of a column of the target which the statement's author does not see.
TEST(OracleWrite, takes_no_name_for_one_that_is_not_seen) {
    const std::string both = " WHEN MATCHED THEN UPDATE SET t.a = 1";
    EXPECT_EQ(sent("MERGE INTO narrow t USING free f ON (t.a = b)" + both),
              "unsupported: B could be a column of NARROW that you do not see @43");
    EXPECT_EQ(sent("MERGE INTO partly t USING free f ON (t.a = b)" + both),
              "unsupported: B could be a column of PARTLY that you do not see @43");
    EXPECT_EQ(
        sent("MERGE INTO narrow t USING free f ON (t.a = f.a) WHEN NOT MATCHED THEN INSERT (a) VALUES (b)"),
        "unsupported: B could be a column of NARROW that you do not see @89");
    EXPECT_EQ(sent("MERGE INTO narrow t USING dual ON (SYSTIMESTAMP IS NULL)" + both),
              "unsupported: SYSTIMESTAMP could be a column of NARROW that you do not see @35");
    EXPECT_EQ(
        sent("MERGE INTO narrow t USING free f ON (t.a = f.b)" + both),
        "MERGE INTO (SELECT \"A\", \"B\" FROM \"SHOP\".\"NARROW\" \"g_0\" WHERE (\"g_0\".b = 1\n) WITH CHECK "
        "OPTION) t USING free f ON (t.a = f.b)" +
            both);
    EXPECT_EQ(sent("MERGE INTO narrow t USING free f ON (t.b = f.b)" + both),
              "not_found: there is no column T.B @37");
    // A query of its own looks for it there first.
    EXPECT_EQ(sent("MERGE INTO partly t USING (SELECT b x FROM free WHERE b > 1) f ON (t.a = x)" + both),
              "MERGE INTO partly t USING (SELECT b x FROM free WHERE b > 1) f ON (t.a = x)" + both);
}

TEST(OracleWrite, follows_a_synonym_to_the_table_that_has_the_rule) {
    Case in;
    in.catalog = shop(true, {{"PUBLIC", "PEOPLE", "SHOP", "STAFF"},
                             {"PUBLIC", "PLAIN", "SHOP", "FREE"},
                             {"APP", "PLAIN", "PUBLIC", "CHAIN"},
                             {"PUBLIC", "CHAIN", "SHOP", "FREE"},
                             {"PUBLIC", "FAR", "SHOP", "STAFF", true},
                             {"PUBLIC", "GUN", "SHOP", "FIRED"}});
    const std::vector<std::pair<std::string, std::string>> cases{
        {"DELETE FROM people WHERE people.id = 1",
         "DELETE FROM (SELECT \"ID\", \"NAME\", \"REGION\", \"PAY\" FROM \"SHOP\".\"STAFF\" \"g_0\" WHERE "
         "(\"g_0\".region = :G_0_1\n)) \"PEOPLE\" WHERE people.id = 1"},
        // Without a rule the table takes the synonym's place as well: it may lead elsewhere by then.
        {"UPDATE plain SET plain.a = 1 WHERE plain.b = 2",
         "UPDATE \"SHOP\".\"FREE\" \"PLAIN\" SET plain.a = 1 WHERE plain.b = 2"},
        {"UPDATE app.plain SET a = 1 WHERE app.plain.b = 2",
         "UPDATE \"SHOP\".\"FREE\" \"PLAIN\" SET a = 1 WHERE plain.b = 2"},
        {"INSERT INTO plain VALUES (1, 2)", "INSERT INTO \"SHOP\".\"FREE\" \"PLAIN\" VALUES (1, 2)"},
        {"INSERT INTO plain p (p.a) SELECT b FROM plain",
         "INSERT INTO \"SHOP\".\"FREE\" p (p.a) SELECT b FROM plain"},
        {"DELETE plain PARTITION (q)", "DELETE \"SHOP\".\"FREE\" PARTITION (q) \"PLAIN\""},
        {"MERGE INTO plain USING dual ON (plain.a = 1) WHEN MATCHED THEN UPDATE SET b = 1",
         "MERGE INTO \"SHOP\".\"FREE\" \"PLAIN\" USING dual ON (plain.a = 1) WHEN MATCHED THEN UPDATE SET b "
         "= 1"},
        {"UPDATE app.plain SET app.plain.a = 1",
         "unsupported: a column that is written is named without its schema here @31"},
        {"DELETE FROM gun", "unsupported: table FIRED has triggers: what they would do is not governed @12"}};
    for (const auto& [text, expected] : cases) EXPECT_EQ(sent(text, in), expected) << text;
    for (const char* const nowhere : {"far", "app.chain", "shop.people", "app.people"})
        EXPECT_EQ(sent(std::string("DELETE FROM ") + nowhere, in).rfind("denied: ", 0), 0U) << nowhere;
}

TEST(OracleWrite, refuses_what_no_rule_could_be_held_to) {
    const std::string part = " in a write to STAFF, whose rows you may write in part";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"UPDATE free SET a = s.id FROM staff s WHERE s.id = b",
         "unsupported: tables beside the target are not offered on Oracle @25"},
        {"INSERT /*+ IGNORE_ROW_ON_DUPKEY_INDEX(staff, i) */ INTO staff (id) VALUES (1)",
         "unsupported: hints are not possible" + part + " @7"},
        {"DELETE FROM staff WHERE ROWNUM < 5", "unsupported: ROWNUM is not possible" + part + " @24"},
        {"DELETE FROM staff PARTITION (p)", "unsupported: PARTITION is not possible" + part + " @12"},
        {"UPDATE ONLY (staff) SET pay = 1", "unsupported: ONLY is not possible" + part + " @13"},
        {"UPDATE shop.staff SET shop.staff.pay = 1",
         "unsupported: a column that is written is named without its schema here @33"},
        {"UPDATE staff SET (pay, name) = (SELECT a, 'x' FROM free)",
         "unsupported: several columns cannot be set at once" + part + " @17"},
        {"UPDATE (SELECT * FROM staff) SET pay = 1",
         "unsupported: only a table with a name can be written to @7"},
        {"INSERT INTO (SELECT id FROM shop.staff WITH CHECK OPTION) (id) VALUES (1)",
         "unsupported: only a table with a name can be written to @12"},
        {"INSERT INTO staff (id) VALUES (seq.NEXTVAL)", "denied: sequences are not allowed in queries @31"},
        {"INSERT INTO fired VALUES (1)",
         "unsupported: table FIRED has triggers: what they would do is not governed @12"},
        {"DELETE FROM parent",
         "unsupported: rows of other tables would change with those of PARENT by a foreign "
         "key: that is not governed @12"},
        {"DELETE FROM seen", "denied: no rule lets role normal delete rows of table SEEN @12"},
        {"INSERT INTO nowhere VALUES (1)", "denied: there is no table NOWHERE that you may write to @12"},
        {"UPDATE staff SET pay = :g_0_1", "invalid_argument: a parameter cannot be called G_0_1"}};
    for (const auto& [text, expected] : cases) EXPECT_EQ(sent(text), expected) << text;
    EXPECT_EQ(sent("UPDATE parent SET a = 1"), "UPDATE parent SET a = 1");
    Case blind;
    blind.catalog = shop(false);
    EXPECT_EQ(sent("INSERT INTO free VALUES (1, 2)", blind),
              "unsupported: what a write to FREE would do to other tables cannot be seen @12");
}

}  // namespace oracle_write_test
}  // namespace majed::rewrite
