// SPDX-License-Identifier: Apache-2.0
// Queries for Oracle as they would be sent. No Oracle server reads them here: what they mean to one is not tested.
#include "rewrite/oracle_rewriter.h"

#include "rewrite/inline_rewriter.h"
#include "rewrite/table_fixture.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {
namespace oracle_rewriter_test {

using policy::Role;

catalog::Relation table(std::string name, TypedColumns columns) {
    return table_in("SHOP", std::move(name), std::move(columns));
}

catalog::Snapshot shop(std::vector<driver::Synonym> synonyms = {}) {
    std::vector<catalog::Relation> tables{
        table("CUSTOMERS", {{"ID", "NUMBER(9)"},
                            {"NAME", "VARCHAR2(40)"},
                            {"EMAIL", "VARCHAR2(80)"},
                            {"REGION", "CHAR(5)"}}),
        table("ORDERS", {{"ID", "NUMBER(9)"}, {"CUSTOMER_ID", "NUMBER(9)"}, {"AT", "DATE"}}),
        table("FREE", {{"A", "NUMBER(9)"}}), table("odd Name", {{"a", "DATE"}})};
    tables[0].columns.emplace_back().name = "SECRET_NOTE";
    tables[0].columns.back().declared_type = "VARCHAR2(10)";
    tables[0].columns.back().hidden = true;
    driver::ServerFacts server;
    server.make = driver::ServerMake::oracle;
    server.login = "GATE";
    server.search_path = {"SHOP"};
    server.functions = {"chr"};
    server.synonyms = std::move(synonyms);
    return {std::move(tables), std::move(server), 1};
}

policy::RowPolicy rule(std::string on, std::string rows, std::vector<Role> roles = {Role::normal}) {
    policy::RowPolicy made;
    made.table = std::move(on);
    made.roles = std::move(roles);
    made.rows = std::move(rows);
    made.origin = "majed.toml:1";
    return made;
}

policy::PolicySet shop_rules(std::vector<policy::MaskPolicy> masks = {}) {
    auto set = policy::PolicySet::create(
        {rule("CUSTOMERS", "region = :user.region"),
         rule("CUSTOMERS", "region IN (:user.regions)", {Role::superuser}),
         rule("ORDERS", "customer_id IN (SELECT c.id FROM customers c WHERE c.region = :user.region)"),
         rule("FREE", "*"), rule("odd Name", "\"a\" > DATE '2025-01-01'")},
        std::move(masks));
    EXPECT_TRUE(set) << set.error().message;
    return *std::move(set);
}

std::string told(const Error& error) {
    return std::string(traits(error.code).name) + ": " + error.message +
           (error.offset ? " @" + std::to_string(*error.offset) : "");
}

struct Case {
    policy::PolicySet rules = shop_rules();
    Role role = Role::normal;
    Attributes attributes = {{"region", {"EU"}}, {"regions", {"EU", "US"}}};
    catalog::Snapshot catalog = shop();
};

/// What would be sent, checked as the gateway checks it; or why nothing would.
std::string sent(const std::string& text, const Case& in = {}, Rewritten* into = nullptr) {
    Nonce nonce;
    nonce.text = "g_0";
    nonce.generation = 7;
    const auto enforcement = Enforcement::compile(in.rules, "shop", in.catalog, std::move(nonce));
    if (!enforcement) return told(enforcement.error());
    sql::Parser parser((*enforcement)->dialect());
    sql::Parser verifier((*enforcement)->dialect());
    sql::Resolution resolution;
    const auto parsed = parser.parse(text);
    if (!parsed) return told(parsed.error());
    const Profile& profile = (*enforcement)->profile(in.role, in.attributes);
    const auto resolved = sql::resolve(**parsed, parser, profile, resolution);
    if (!resolved) return told(resolved.error());
    auto result = rewrite_oracle(**parsed, text, resolution, **enforcement, oracle_marks(parser));
    if (!result) return told(result.error());
    const auto verified = verify_inline(*result, resolution, **enforcement, profile, verifier);
    if (!verified) return told(verified.error()) + " :: " + result->sql;
    if (into != nullptr) *into = *result;
    return result->sql;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

constexpr std::string_view customers =
    R"((SELECT "ID", "NAME", "EMAIL", "REGION" FROM "SHOP"."CUSTOMERS" "g_0" WHERE ("g_0".region = :G_0_1
)))";
constexpr std::string_view behind_barrier =
    R"((SELECT "ID", "NAME", "EMAIL", "REGION" FROM "SHOP"."CUSTOMERS" "g_0" WHERE ("g_0".region = :G_0_1
) AND ROWNUM >= 1))";

/// `sent`, with the query of CUSTOMERS as <customers>, that behind a barrier as <barred>.
std::string shortly(const std::string& text) {
    return replaced(replaced(sent(text), customers, "<customers>"), behind_barrier, "<barred>");
}

TEST(OracleRewriter, leaves_statements_without_a_rule_byte_for_byte) {
    for (const std::string text :
         {"SELECT 1 FROM dual", "select /*+ PARALLEL(2) */ a\tfrom free -- end",
          "SELECT SYSDATE FROM SYS.DUAL WHERE 1 = :1", "SELECT f.a FROM shop.free f WHERE f.a = :\"Q\""}) {
        EXPECT_EQ(sent(text), text);
    }
}

TEST(OracleRewriter, takes_the_semicolon_away_which_is_none_of_the_statement) {
    EXPECT_EQ(sent("SELECT 1 FROM dual; -- end"), "SELECT 1 FROM dual -- end");
    EXPECT_EQ(sent("SELECT ';' FROM dual"), "SELECT ';' FROM dual");
}

/// Their values are computed when they are read, which may fail whatever they are compared with.
TEST(OracleRewriter, puts_a_barrier_before_what_is_computed) {
    auto tables = shop().relations();
    tables[0].kind = catalog::RelationKind::view;
    tables[3].columns[0].generation = driver::Generation::computed;
    Case in;
    in.catalog = catalog::Snapshot(std::move(tables), *shop().server(), 1);
    for (const char* const sql : {"SELECT 1 FROM customers WHERE id = 5",
                                  "SELECT 1 FROM \"odd Name\" WHERE \"a\" > DATE '2025-01-01'"}) {
        EXPECT_EQ(sent(sql).find("ROWNUM"), std::string::npos) << sql;
        EXPECT_NE(sent(sql, in).find("ROWNUM"), std::string::npos) << sql;
    }
}

TEST(OracleRewriter, puts_the_rule_where_the_table_stood) {
    EXPECT_EQ(shortly("SELECT name FROM customers"), "SELECT name FROM <customers> \"CUSTOMERS\"");
    EXPECT_EQ(shortly("SELECT c.name FROM shop.customers c WHERE c.id = 5"),
              "SELECT c.name FROM <customers> c WHERE c.id = 5");
    EXPECT_EQ(shortly("SELECT shop.customers.name, shop.customers.* FROM shop.customers"),
              "SELECT customers.name, customers.* FROM <customers> \"CUSTOMERS\"");
    EXPECT_EQ(shortly("SELECT f.a FROM free f, customers c WHERE f.a = c.id (+)"),
              "SELECT f.a FROM free f, <customers> c WHERE f.a = c.id (+)");
    EXPECT_EQ(shortly("WITH customers AS (SELECT * FROM shop.customers) SELECT * FROM customers"),
              "WITH customers AS (SELECT * FROM <customers> \"CUSTOMERS\") SELECT * FROM customers");
    EXPECT_EQ(sent("SELECT * FROM \"odd Name\""),
              "SELECT * FROM (SELECT \"a\" FROM \"SHOP\".\"odd Name\" \"g_0\" WHERE (\"g_0\".\"a\" > DATE "
              "'2025-01-01'\n)) \"odd Name\"");
    EXPECT_EQ(shortly("SELECT 1 FROM free WHERE EXISTS (SELECT 1 FROM customers)"),
              "SELECT 1 FROM free WHERE EXISTS (SELECT 1 FROM <customers> \"CUSTOMERS\")");
}

TEST(OracleRewriter, follows_synonyms_to_the_table_that_has_the_rule) {
    Case in;
    in.catalog = shop({{"PUBLIC", "CLIENTS", "SHOP", "CUSTOMERS"},
                       {"APP", "CLIENTS", "SHOP", "FREE"},
                       {"PUBLIC", "CHAIN", "APP", "LINK"},
                       {"APP", "LINK", "SHOP", "CUSTOMERS"},
                       {"PUBLIC", "FREE", "SHOP", "CUSTOMERS"},
                       {"PUBLIC", "FAR", "SHOP", "CUSTOMERS", true},
                       {"SHOP", "TAKEN", "SYS", "USER$"},
                       {"PUBLIC", "TAKEN", "SHOP", "CUSTOMERS"}});
    const auto with = [&in](const std::string& text) {
        // Its second bind is that of a second reference.
        return replaced(replaced(sent(text, in), ":G_0_2", ":G_0_1"), customers, "<customers>");
    };
    EXPECT_EQ(with("SELECT name FROM clients"), "SELECT name FROM <customers> \"CLIENTS\"");
    EXPECT_EQ(with("SELECT clients.* FROM clients"), "SELECT clients.* FROM <customers> \"CLIENTS\"");
    EXPECT_EQ(with("SELECT 1 FROM chain c, app.link"), "SELECT 1 FROM <customers> c, <customers> \"LINK\"");
    // No rule hides a row of these: the name that was written is what the server gets.
    EXPECT_EQ(with("SELECT a FROM app.clients, customers"),
              "SELECT a FROM app.clients, <customers> \"CUSTOMERS\"");
    EXPECT_EQ(with("SELECT a FROM free"), "SELECT a FROM free");
    EXPECT_EQ(with("SELECT id FROM (SELECT c.id FROM clients c WHERE c.id IN (SELECT id FROM customers))"),
              "SELECT id FROM (SELECT c.id FROM <customers> c WHERE c.id IN (SELECT id FROM <customers> "
              "\"CUSTOMERS\"))");
    for (const char* const nowhere : {"far", "taken", "app.chain", "shop.clients"}) {
        EXPECT_EQ(with(std::string("SELECT 1 FROM ") + nowhere).rfind("denied: there is no table ", 0), 0U)
            << with(std::string("SELECT 1 FROM ") + nowhere);
    }
    // A rule may use one, too, and what is sent names its table.
    in.rules = *policy::PolicySet::create(
        {rule("CLIENTS", "region = 'EU'"), rule("ORDERS", "customer_id IN (SELECT c.id FROM chain c)")}, {});
    EXPECT_NE(sent("SELECT 1 FROM customers", in).find("FROM \"SHOP\".\"CUSTOMERS\" \"g_0\" WHERE"),
              std::string::npos);
    EXPECT_NE(sent("SELECT 1 FROM orders", in).find("FROM \"SHOP\".\"CUSTOMERS\" \"g_0_"), std::string::npos)
        << sent("SELECT 1 FROM orders", in);
    // Two rules for one table under two names would leave it open which holds.
    in.rules = *policy::PolicySet::create({rule("CLIENTS", "*"), rule("CUSTOMERS", "region = 'EU'")}, {});
    EXPECT_EQ(sent("SELECT 1 FROM customers", in),
              "invalid_argument: majed.toml:1: table CUSTOMERS is called CLIENTS in majed.toml:1; rules must "
              "agree on one name");
}

TEST(OracleRewriter, moves_a_partition_into_the_query) {
    const std::string rule = " \"g_0\" WHERE (\"g_0\".region = :G_0_1\n))";
    const std::string from =
        "SELECT 1 FROM (SELECT \"ID\", \"NAME\", \"EMAIL\", \"REGION\" FROM \"SHOP\".\"CUSTOMERS\"";
    EXPECT_EQ(sent("SELECT 1 FROM customers PARTITION (p1) c"), from + " PARTITION (p1)" + rule + " c");
    EXPECT_EQ(sent("SELECT 1 FROM customers SUBPARTITION FOR (1, DATE '2025-01-01')"),
              from + " SUBPARTITION FOR (1, DATE '2025-01-01')" + rule + " \"CUSTOMERS\"");
    EXPECT_EQ(
        sent("SELECT 1 FROM customers PARTITION FOR (TO_DATE('x')) c"),
        "unsupported: PARTITION FOR takes literals only on a table whose rows are filtered or masked @24");
    const std::string free = "SELECT 1 FROM free PARTITION FOR (TO_DATE('x')) c";
    EXPECT_EQ(sent(free), free);
}

/// What may fail may be tested on any row that it can reach, so it must reach none that is hidden.
TEST(OracleRewriter, puts_a_barrier_before_conditions_that_may_fail) {
    for (const char* const safe :
         {"SELECT TO_NUMBER(name) FROM customers WHERE id = 5",
          "SELECT 1 FROM customers WHERE name LIKE 'a%'",
          "SELECT 1 FROM customers WHERE name = 'a' OR id IN (1, -2) AND email IS NULL",
          "SELECT id, COUNT(*) FROM customers GROUP BY id ORDER BY TO_NUMBER(id)"}) {
        EXPECT_NE(shortly(safe).find("<customers>"), std::string::npos) << shortly(safe);
    }
    for (const char* const risky :
         {"SELECT 1 FROM customers WHERE TO_NUMBER(name) = 1", "SELECT 1 FROM customers WHERE id = 'x'",
          "SELECT 1 FROM customers WHERE id = :1", "SELECT 1 FROM customers WHERE 1 / id > 0",
          "SELECT id FROM customers GROUP BY id HAVING 1 / id > 0",
          "SELECT 1 FROM customers WHERE name LIKE email", "SELECT 1 FROM customers WHERE ROWNUM < 5",
          "SELECT 1 FROM customers WHERE TRIM(email FROM name) = 'x'",
          "SELECT 1 FROM customers c JOIN free f ON TO_NUMBER(c.name) = f.a",
          "SELECT 1 FROM customers c JOIN free f ON f.a = c.id WHERE 1 / f.a = 1",
          "SELECT 1 FROM (SELECT TO_NUMBER(name) n FROM customers) c WHERE c.n = 1",
          "WITH c AS (SELECT TO_NUMBER(name) n FROM customers) SELECT 1 FROM c WHERE c.n = 1",
          "SELECT LEVEL FROM customers CONNECT BY PRIOR id = id",
          "SELECT LEVEL FROM customers START WITH TO_NUMBER(name) = 1 CONNECT BY PRIOR id = id",
          "SELECT 1 FROM free f WHERE 1 / f.a = 1 AND EXISTS (SELECT 1 FROM customers c WHERE c.id = f.a)",
          "SELECT 1 FROM customers c CROSS APPLY (SELECT 1 / c.id x FROM dual) y",
          "SELECT 1 FROM customers c, JSON_TABLE(c.name, '$' COLUMNS (x NUMBER PATH '$.x' ERROR ON ERROR)) j",
          "SELECT (SELECT 1 FROM free WHERE TO_NUMBER(c.name) = a) FROM customers c"}) {
        EXPECT_NE(shortly(risky).find("<barred>"), std::string::npos) << risky << "\n" << shortly(risky);
        EXPECT_EQ(shortly(risky).find("<customers>"), std::string::npos) << risky;
    }
    // A rule that looks into another table may become a join, and be tested after what is computed.
    EXPECT_NE(sent("SELECT TO_CHAR(at) FROM orders").find(") AND ROWNUM >= 1)"), std::string::npos);
    EXPECT_EQ(sent("SELECT at FROM orders WHERE id = 5").find("ROWNUM"), std::string::npos);
    EXPECT_EQ(sent("SELECT at FROM orders WHERE at > DATE '2025-01-31'").find("ROWNUM"), std::string::npos);
    EXPECT_NE(sent("SELECT at FROM orders WHERE at > '2025-01-31'").find("ROWNUM"), std::string::npos);
    EXPECT_NE(sent("SELECT at FROM orders WHERE at > CAST('x' AS DATE)").find("ROWNUM"), std::string::npos);
    EXPECT_NE(sent("SELECT at FROM orders WHERE id > DATE '2025-01-31'").find("ROWNUM"), std::string::npos);
}

TEST(OracleRewriter, gives_rules_their_attributes_as_binds) {
    Rewritten made;
    EXPECT_EQ(replaced(sent("SELECT :b, :\"b\", :2, :B FROM customers WHERE id = 1", {}, &made), customers,
                       "<customers>"),
              "SELECT :b, :\"b\", :2, :B FROM <customers> \"CUSTOMERS\" WHERE id = 1");
    EXPECT_EQ(made.caller_binds, (std::vector<std::string>{"B", "b", "2"}));
    EXPECT_EQ(made.attributes, (std::vector<driver::AttributeParameter>{{"region", false}}));
    Case some;
    some.role = Role::superuser;
    // A CHAR is compared with values that are filled with blanks as it is.
    EXPECT_EQ(sent("SELECT id FROM customers", some, &made),
              "SELECT id FROM (SELECT \"ID\", \"NAME\", \"EMAIL\", \"REGION\" FROM \"SHOP\".\"CUSTOMERS\" "
              "\"g_0\" WHERE (\"g_0\".region IN (SELECT CAST(\"g_0_values\".\"V\" AS CHAR(2000)) FROM "
              "JSON_TABLE(:G_0_1, '$[*]' COLUMNS (\"V\" VARCHAR2(4000) PATH '$')) \"g_0_values\")\n)) "
              "\"CUSTOMERS\"");
    EXPECT_EQ(made.attributes, (std::vector<driver::AttributeParameter>{{"regions", true}}));
    EXPECT_EQ(sent("SELECT :g_0_1 FROM customers"), "invalid_argument: a parameter cannot be called G_0_1");
    EXPECT_EQ(sent("SELECT 1 FROM orders WHERE at IS NULL"),
              "SELECT 1 FROM (SELECT \"ID\", \"CUSTOMER_ID\", \"AT\" FROM \"SHOP\".\"ORDERS\" \"g_0\" WHERE "
              "(\"g_0\".customer_id IN (SELECT \"g_0_C\".id FROM \"SHOP\".\"CUSTOMERS\" \"g_0_C\" WHERE "
              "\"g_0_C\".region = :G_0_1)\n)) \"ORDERS\" WHERE at IS NULL");
}

/// An empty text is NULL there: `:user.region IS NULL OR ...` would open.
TEST(OracleRewriter, shows_no_rows_to_who_has_an_empty_attribute) {
    const std::string nobody =
        "SELECT id FROM (SELECT \"ID\", \"NAME\", \"EMAIL\", \"REGION\" FROM "
        "\"SHOP\".\"CUSTOMERS\" \"g_0\" WHERE (1 = 0\n)) \"CUSTOMERS\"";
    for (const Attributes& attributes :
         {Attributes{}, Attributes{{"region", {""}}}, Attributes{{"region", {"", ""}}},
          Attributes{{"region", {"", "EU"}}}}) {
        Case of;
        of.attributes = attributes;
        EXPECT_EQ(sent("SELECT id FROM customers", of), nobody);
    }
    Case some;
    some.role = Role::superuser;
    some.attributes = {{"regions", {"", ""}}};
    EXPECT_EQ(sent("SELECT id FROM customers", some), nobody);
    some.attributes = {{"regions", {"", "EU"}}};
    EXPECT_NE(sent("SELECT id FROM customers", some), nobody);
}

TEST(OracleRewriter, keeps_the_names_of_columns_that_have_no_alias) {
    EXPECT_EQ(
        shortly("SELECT (SELECT max( name ) FROM customers), SYSDATE FROM dual"),
        "SELECT (SELECT max( name ) FROM <customers> \"CUSTOMERS\") \"(SELECTMAX(NAME)FROMCUSTOMERS)\", "
        "SYSDATE FROM dual");
    // Else a document made of x would have the rule for a key.
    EXPECT_EQ(shortly("SELECT x.* FROM (SELECT (SELECT 'a b' FROM customers) FROM dual) x"),
              "SELECT x.* FROM (SELECT (SELECT 'a b' FROM <customers> \"CUSTOMERS\") "
              "\"(SELECT'a b'FROMCUSTOMERS)\" FROM dual) x");
    const std::string wide = sent("SELECT (SELECT '" + std::string(200, 'x') + "' FROM customers) FROM dual");
    EXPECT_NE(wide.find("\"(SELECT'" + std::string(120, 'x') + "\" FROM dual"), std::string::npos) << wide;
}

TEST(OracleRewriter, refuses_what_would_get_around_the_query) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"SELECT id FROM customers FOR UPDATE",
         "denied: rows cannot be locked: FOR UPDATE and the like are not allowed"},
        {"SELECT id FROM customers SAMPLE (10)",
         "unsupported: SAMPLE is not possible on CUSTOMERS, whose rows are filtered or masked @15"},
        {"SELECT /*+ MERGE(c) */ id FROM customers c",
         "unsupported: hints are not possible in a statement that reads CUSTOMERS, whose rows are filtered "
         "or "
         "masked @7"},
        {"SELECT --+ FULL(c)\n id FROM customers c",
         "unsupported: hints are not possible in a statement that reads CUSTOMERS, whose rows are filtered "
         "or "
         "masked @7"},
        {"SELECT ROWID FROM customers",
         "unsupported: ROWID of CUSTOMERS cannot be read: it tells where rows are stored @7"},
        {"SELECT c.ORA_ROWSCN FROM customers c",
         "unsupported: ORA_ROWSCN of CUSTOMERS cannot be read: it tells where rows are stored @7"},
        {"SELECT secret_note FROM customers", "not_found: there is no column SECRET_NOTE @7"},
        {"SELECT id FROM customers AS OF TIMESTAMP SYSDATE - 1",
         "denied: flashback queries are not allowed @25"},
        {"SELECT id FROM customers@elsewhere", "denied: database links are not allowed @24"},
        {"SELECT id FROM all_tables", "denied: there is no table ALL_TABLES that you may read @15"},
        {"SELECT id FROM sys.customers", "denied: there is no table CUSTOMERS that you may read @15"},
        {"SELECT id FROM \"customers\"", "denied: there is no table customers that you may read @15"},
        {"SELECT chr(65) FROM dual", "denied: function CHR is not allowed @7"},
        {"SELECT dbms_random.value FROM dual", "not_found: there is no column DBMS_RANDOM.VALUE @7"},
        {"SELECT id FROM (SELECT * FROM customers) x WHERE x.ROWID IS NULL",
         "not_found: there is no column X.ROWID @49"},
    };
    for (const auto& [text, answer] : cases) EXPECT_EQ(sent(text), answer) << text;
}

TEST(OracleRewriter, offers_dual_unless_it_is_something_else) {
    Case in;
    in.catalog = shop({{"SHOP", "DUAL", "APP", "DUAL"}});
    EXPECT_EQ(sent("SELECT 1 FROM dual", in), "denied: there is no table DUAL that you may read @14");
    EXPECT_EQ(sent("SELECT ROWID FROM dual"),
              "unsupported: ROWID of DUAL cannot be read: it tells where rows are stored @7");
}

std::string masked(const std::string& column, std::string_view mask) {
    Case in;
    in.rules =
        shop_rules({{"", "CUSTOMERS", column, {Role::normal}, *policy::parse_mask(mask), "majed.toml:9"}});
    const std::string whole = sent("SELECT id FROM customers WHERE id = 1", in);
    const std::size_t end = whole.find(" AS \"" + column + "\"");
    if (end == std::string::npos) return whole;
    const std::size_t begin =
        column == "ID" ? whole.find("(SELECT ") + 8 : whole.find("\", ", whole.find("\"ID\"")) + 3;
    return whole.substr(begin, end - begin);
}

/// The mask has no steps, and what is under it may not be seen.
TEST(OracleRewriter, steps_into_no_mask) {
    Case in;
    in.rules = shop_rules({{"", "CUSTOMERS", "NAME", {Role::normal}, *policy::parse_mask("null"), "t:9"}});
    const std::string refusal = "unsupported: what a mask shows is not stepped into: NAME is masked";
    EXPECT_EQ(sent("SELECT c.name.x FROM customers c", in), refusal + " @7");
    EXPECT_EQ(sent("SELECT q.name.x FROM (SELECT name FROM customers) q", in), refusal + " @7");
    EXPECT_NE(sent("SELECT c.name.x FROM customers c").find("SELECT c.name.x FROM"), std::string::npos);
    EXPECT_NE(sent("SELECT c.email.x FROM customers c", in).find("SELECT c.email.x FROM"), std::string::npos);
}

TEST(OracleRewriter, masks_in_the_words_of_oracle) {
    EXPECT_EQ(masked("NAME", "null"), "CAST(NULL AS VARCHAR2(4000))");
    EXPECT_EQ(masked("ID", "null"), "CAST(NULL AS NUMBER)");
    EXPECT_EQ(masked("ID", "constant:7"), "CAST('7' AS NUMBER)");
    EXPECT_EQ(masked("NAME", "partial(1,2)"),
              "CAST(CASE WHEN \"NAME\" IS NULL THEN NULL WHEN LENGTH(\"NAME\") <= 3 THEN '***' ELSE "
              "SUBSTR(\"NAME\", 1, 1) || '***' || SUBSTR(\"NAME\", -2) END AS VARCHAR2(4000))");
    EXPECT_EQ(masked("NAME", "email"),
              "CAST(CASE WHEN \"NAME\" IS NULL THEN NULL WHEN INSTR(\"NAME\", '@') > 1 THEN SUBSTR(\"NAME\", "
              "1, 1) || '***' || SUBSTR(\"NAME\", INSTR(\"NAME\", '@')) ELSE '***' END AS VARCHAR2(4000))");
    const std::string keyed =
        "LOWER(SUBSTR(RAWTOHEX(STANDARD_HASH(HEXTORAW(:G_0_1 || "
        "RAWTOHEX(STANDARD_HASH(HEXTORAW(:G_0_2 || '03' || RAWTOHEX(\"NAME\")), "
        "'SHA256'))), 'SHA256')), 1, 32))";
    EXPECT_NE(masked("NAME", "hash").find(keyed), std::string::npos) << masked("NAME", "hash");
    EXPECT_EQ(
        masked("ID", "hash"),
        "invalid_argument: policy for table CUSTOMERS and role normal, mask of ID: this mask makes text, "
        "and ID is of type NUMBER(9)");
}

TEST(OracleLogin, is_told_what_it_may_do_besides_reading) {
    const auto reach = [](driver::ServerFacts server) {
        server.make = driver::ServerMake::oracle;
        server.login = "GATE";
        server.search_path = {"SHOP"};
        auto tables = shop().relations();
        const catalog::Snapshot catalog(std::move(tables), std::move(server), 1);
        return login_reach(shop_rules(), "shop", catalog, Enforcer::gateway)->warning();
    };
    EXPECT_EQ(reach({}),
              "user GATE can read protected tables directly (SHOP.CUSTOMERS, SHOP.ORDERS, SHOP.odd Name): "
              "whoever has its password bypasses the rules; see docs/guide/oracle.md");
    driver::ServerFacts writer;
    writer.powers = {"CREATE TABLE", "INSERT on SHOP.ORDERS", "EXECUTE on SHOP.PKG"};
    EXPECT_EQ(reach(writer),
              "user GATE may do more than read (CREATE TABLE, INSERT on SHOP.ORDERS, EXECUTE on SHOP.PKG): "
              "whoever has its password can, and what a query calls may; see docs/guide/oracle.md");
    driver::ServerFacts dba;
    dba.superuser = true;
    EXPECT_EQ(reach(dba).substr(0, 40), "user GATE is a DBA or reads any table or");
}

TEST(OracleRewriter, refuses_rules_whose_comparison_cannot_be_told) {
    Case in;
    in.rules =
        *policy::PolicySet::create({rule("CUSTOMERS", "SUBSTR(region, 1) NOT IN (:user.regions)")}, {});
    EXPECT_EQ(sent("SELECT 1 FROM dual", in),
              "invalid_argument: policy for table CUSTOMERS and role normal: it cannot be told as what the "
              "values of :user.regions are to be compared @26");
    in.rules = *policy::PolicySet::create({rule("CUSTOMERS", "(region) = 'x' AND ((id)) = 1")}, {});
    EXPECT_NE(sent("SELECT id FROM customers", in).find("((\"g_0\".region) = 'x' AND ((\"g_0\".id)) = 1\n)"),
              std::string::npos)
        << sent("SELECT id FROM customers", in);
    in.rules = *policy::PolicySet::create({rule("CUSTOMERS", "name.a = 'x'")}, {});
    EXPECT_EQ(
        sent("SELECT 1 FROM dual", in),
        "invalid_argument: policy for table CUSTOMERS and role normal: a rule cannot step into a column @0");
    in.rules = *policy::PolicySet::create({rule("CUSTOMERS", "RTRIM(region) <> ALL (:user.regions)")}, {});
    EXPECT_NE(sent("SELECT id FROM customers", in).find("<> ALL (SELECT \"g_0_values\".\"V\" FROM"),
              std::string::npos);
}

}  // namespace oracle_rewriter_test
}  // namespace majed::rewrite
