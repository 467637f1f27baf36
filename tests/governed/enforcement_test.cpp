// SPDX-License-Identifier: Apache-2.0
// Rules on a small shop: who sees what, and what of a statement is sent as it was written.
#include "governed/governed_server.h"

#include <thread>

namespace majed::governed {
namespace enforcement_test {

using policy::Role;

std::shared_ptr<const policy::PolicySet> shop_rules() {
    auto set = policy::PolicySet::create(
        {{"", "customers", {Role::admin}, "*", {}, "t"},
         {"", "customers", {Role::normal}, "region = :user.region", {}, "t"},
         {"", "customers", {Role::superuser}, "customers.region IN (:user.regions)", {}, "t"},
         {"", "customers", {Role::integration}, "*", {"id", "region"}, "t"},
         {"", "orders", {Role::admin}, "*", {}, "t"},
         {"",
          "orders",
          {Role::normal},
          "customer_id IN (SELECT c.id FROM customers c WHERE c.region = :user.region)",
          {},
          "t"},
         {"", "products", {Role::admin, Role::normal}, "*", {}, "t"}},
        {{"", "customers", "email", {Role::normal}, *policy::parse_mask("email"), "t"},
         {"", "customers", "phone", {Role::normal}, *policy::parse_mask("partial(0,2)"), "t"},
         {"", "customers", "name", {Role::superuser}, *policy::parse_mask("hash"), "t"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class Enforcement : public OnServer {
protected:
    void SetUp() override {
        OnServer::SetUp();
        if (IsSkipped()) return;
        shop_ = std::make_unique<GovernedSchema>(
            server(),
            std::vector<std::string>{
                "CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone varchar(20), "
                "region text)",
                "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric(10, 2))",
                "CREATE TABLE products (id int, title text)", "CREATE TABLE secrets (word text)",
                "INSERT INTO customers VALUES (1, 'ann', 'ann@x.org', '555-12', 'NORTH'), (2, 'bob', "
                "'bob@x.org', "
                "'555-34', 'EAST'), (3, 'cem', 'cem@x.org', NULL, 'NORTH')",
                "INSERT INTO orders VALUES (1, 1, 5), (2, 2, 6.5), (3, 3, 8)",
                "INSERT INTO products VALUES (1, 'pen')", "INSERT INTO secrets VALUES ('LEAK')"},
            shop_rules());
        ASSERT_EQ(shop_->error(), "");
    }
    std::string north(const std::string& sql) { return shop_->run({{"region", {"NORTH"}}}, sql).text(); }

    std::unique_ptr<GovernedSchema> shop_;
};

TEST_F(Enforcement, shows_the_rows_and_values_of_the_rules) {
    EXPECT_EQ(north("SELECT id, email, phone FROM customers ORDER BY id"),
              "1|a***@x.org|***12|\n3|c***@x.org|~|\n");
    EXPECT_EQ(north("SELECT * FROM customers WHERE id = 2"), "");
    EXPECT_EQ(north("SELECT count(*) FROM customers WHERE email = 'ann@x.org'"), "0|\n");
    EXPECT_EQ(north("SELECT sum(total) FROM orders"), "13.00|\n");
    EXPECT_EQ(
        north("SELECT c.name, o.total FROM customers AS c JOIN orders o ON o.customer_id = c.id ORDER BY 1"),
        "ann|5.00|\ncem|8.00|\n");
    EXPECT_EQ(north("SELECT shop.customers.name FROM shop.customers ORDER BY 1"), "ann|\ncem|\n");
    EXPECT_EQ(north("SELECT customers FROM customers WHERE id = 1"), "(1,ann,a***@x.org,***12,NORTH)|\n");
    EXPECT_EQ(north("WITH customers AS (SELECT * FROM customers) SELECT count(*) FROM customers"), "2|\n");
    EXPECT_EQ(north("TABLE products"), "1|pen|\n");
}

/// Takes its time over the first row.
class SlowSink final : public gateway::ResultSink {
public:
    explicit SlowSink(std::chrono::milliseconds time) : back_(deadline_after(time)) {}
    Result<void> columns(std::span<const gateway::ResultColumn>) override { return {}; }
    Result<void> row(std::span<const ValueView>) override {
        std::this_thread::sleep_until(back_);
        return {};
    }

private:
    const Deadline back_;
};

TEST_F(Enforcement, slow_readers_get_no_short_answer_and_take_the_source_from_nobody) {
    constexpr std::chrono::milliseconds timeout{200};
    // More in a row than open a breaker.
    for (const int lateness : {1, 300, 300, 300, 300, 300, 300}) {
        shop_->set_timeout(timeout);
        SlowSink sink(timeout + std::chrono::milliseconds(lateness));
        const auto late = shop_->read({}, "SELECT g, repeat('x', 700) FROM generate_series(1, 9000) g", sink);
        ASSERT_FALSE(late) << late->row_count << " rows";
        EXPECT_EQ(late.error().code, ErrorCode::timeout) << late.error().message;
        EXPECT_EQ(late.error().failure, FailureClass::timeout);
    }
    shop_->set_timeout(std::chrono::seconds(20));
    EXPECT_EQ(north("TABLE products"), "1|pen|\n");
}

TEST_F(Enforcement, shows_nothing_without_the_attribute) {
    EXPECT_EQ(shop_->run({}, "SELECT * FROM customers").text(), "");
    EXPECT_EQ(shop_->run({{"region", {"NORTH", "EAST"}}}, "SELECT * FROM customers").text(), "");
    EXPECT_EQ(shop_->run({{"region", {}}}, "SELECT count(*) FROM orders").text(), "0|\n");
}

TEST_F(Enforcement, knows_the_roles_apart) {
    const Attributes two{{"regions", {"EAST", "WEST"}}};
    EXPECT_EQ(shop_->run(two, "SELECT id FROM customers", Role::superuser).text(), "2|\n");
    const std::string pseudonym = shop_->run(two, "SELECT name FROM customers", Role::superuser).text();
    EXPECT_EQ(pseudonym.size(), 34U) << pseudonym;
    EXPECT_EQ(shop_->run({}, "SELECT * FROM customers WHERE id = 1", Role::integration).text(), "1|NORTH|\n");
    EXPECT_EQ(shop_->run({}, "SELECT name FROM customers", Role::integration).text(),
              "not_found: there is no column name");
    EXPECT_EQ(shop_->run({}, "SELECT name FROM customers ORDER BY 1", Role::admin).text(),
              "ann|\nbob|\ncem|\n");
}

TEST_F(Enforcement, takes_parameters_of_the_caller_beside_its_own) {
    driver::Parameters parameters;
    parameters.positional = {Value(std::int64_t{3}), Value(std::string("cem"))};
    EXPECT_EQ(shop_
                  ->run({{"region", {"NORTH"}}}, "SELECT id FROM customers WHERE id = $1 AND name = $2",
                        Role::normal, parameters)
                  .text(),
              "3|\n");
}

TEST_F(Enforcement, refuses_what_no_rule_names_and_what_reads_past_the_rules) {
    for (const char* const sql : {"SELECT * FROM secrets",
                                  "SELECT * FROM shop.secrets",
                                  "SELECT * FROM pg_class",
                                  "SELECT * FROM pg_catalog.pg_stats",
                                  "SELECT * FROM information_schema.tables",
                                  "SELECT query_to_xml('SELECT * FROM shop.secrets', true, true, '')",
                                  "SELECT ('SELECT 1'::text).query_to_xml",
                                  "SELECT pg_read_file('/etc/passwd')",
                                  "SELECT * FROM pg_ls_dir('.')",
                                  "SELECT current_setting('port')",
                                  "SELECT 'shop.secrets'::regclass",
                                  "SELECT set_config('search_path', 'x', false)",
                                  "SELECT 1; SELECT 2",
                                  "COPY customers TO STDOUT",
                                  "EXPLAIN SELECT * FROM customers",
                                  "UPDATE customers SET name = 'x'",
                                  "DO $$ BEGIN END $$",
                                  "SELECT * FROM customers FOR UPDATE",
                                  "SELECT * INTO x FROM customers",
                                  "SET ROLE majed_admin",
                                  "SELECT ctid FROM customers",
                                  "SELECT * FROM ONLY customers",
                                  "SELECT * FROM customers TABLESAMPLE system (50)",
                                  "VACUUM",
                                  "LISTEN x",
                                  "DECLARE c CURSOR FOR SELECT 1",
                                  "SELECT lo_import('/etc/passwd')",
                                  "SELECT dblink('', 'SELECT 1')",
                                  "WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x"}) {
        const Answer answer = shop_->run({{"region", {"NORTH"}}}, sql);
        EXPECT_TRUE(answer.error) << sql << ": " << answer.text();
        EXPECT_EQ(answer.text().find("LEAK"), std::string::npos) << sql;
        EXPECT_TRUE(!answer.error || answer.error->code != ErrorCode::internal)
            << sql << ": " << answer.text();
    }
}

/// PostgreSQL lets what a grouped key determines stand beside it, but knows no key of a query in parentheses.
TEST_F(Enforcement, lets_a_table_with_masks_be_named_many_times) {
    std::string all = "SELECT id FROM customers";
    std::string joined = "SELECT count(*) FROM customers c0";
    for (int i = 1; i < 60; ++i) {
        all += " UNION ALL SELECT id FROM customers";
        const std::string name = "c" + std::to_string(i);
        joined.append(" JOIN customers ").append(name).append(" ON ").append(name).append(".id = c0.id");
    }
    EXPECT_EQ(north("SELECT count(*) FROM (" + all + ") a"), "120|\n");
    shop_->set_timeout(std::chrono::seconds(20));
    EXPECT_EQ(north(joined), "2|\n");
}

TEST_F(Enforcement, takes_whole_rows_by_any_name) {
    const std::string from = " FROM shop.customers WHERE id = 1";
    EXPECT_EQ(north("SELECT count(shop.customers.*)" + from), "1|\n");
    EXPECT_EQ(north("SELECT to_jsonb(shop.customers.*) ->> 'email'" + from), "a***@x.org|\n");
    EXPECT_EQ(north("SELECT row(shop.customers.*) IS NULL, (shop.customers.*) IS NULL" + from),
              "false|false|\n");
    EXPECT_EQ(
        north("SELECT (shop.customers).email, email(shop.customers), shop.customers.to_jsonb ->> 'email'" +
              from),
        "a***@x.org|a***@x.org|a***@x.org|\n");
    EXPECT_EQ(north("SELECT c.* IS NULL, c.*::text FROM products c"), "false|(1,pen)|\n");
    EXPECT_EQ(north("SELECT shop.customers.*::text" + from), "(1,ann,a***@x.org,***12,NORTH)|\n");
}

TEST_F(Enforcement, says_what_the_commonest_mistakes_are) {
    for (const auto& [sql, words] :
         {std::pair<std::string, std::string>{"SELECT id FROM customers, orders", "may mean more than one"},
          {"SELECT id, count(*) FROM products", "neither in GROUP BY"},
          {"SELECT 1 FROM customers a, orders a", "same name or alias"},
          {"SELECT id FROM products UNION SELECT title FROM products", "types do not match"},
          {"SELECT id, title FROM products UNION SELECT id FROM products", "as many columns"},
          {"SELECT 1 FROM customers JOIN orders USING (region)", "column"}}) {
        const std::string answer = north(sql);
        EXPECT_NE(answer.find(words), std::string::npos) << sql << ": " << answer;
    }
}

TEST_F(Enforcement, groups_by_a_primary_key) {
    EXPECT_EQ(north("SELECT c.id, c.name, c.email, sum(o.total) FROM customers c LEFT JOIN orders o ON "
                    "o.customer_id = c.id GROUP BY c.id ORDER BY c.name"),
              "1|ann|a***@x.org|5.00|\n3|cem|c***@x.org|8.00|\n");
    EXPECT_EQ(
        north("SELECT c.*, count(*) FROM customers c GROUP BY 1 HAVING c.name <> 'x' ORDER BY phone, 1"),
        "1|ann|a***@x.org|***12|NORTH|1|\n3|cem|c***@x.org|~|NORTH|1|\n");
    EXPECT_EQ(north("SELECT q.nr AS n, nm FROM customers AS q (nr, nm) GROUP BY (n) ORDER BY n"),
              "1|ann|\n3|cem|\n");
    EXPECT_EQ(
        north("SELECT c.name, o.id, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP "
              "BY c.id, ROLLUP (o.id) ORDER BY 1, 2"),
        "ann|1|1|\nann|~|1|\ncem|3|1|\ncem|~|1|\n");
    EXPECT_EQ(north("SELECT count(*) FROM customers GROUP BY id"), "1|\n1|\n");
    EXPECT_NE(north("SELECT name, id FROM customers GROUP BY name").find("invalid"), std::string::npos);
    EXPECT_NE(north("SELECT name FROM customers GROUP BY ROLLUP (id)").find("invalid"), std::string::npos);
}

TEST_F(Enforcement, understands_rules_that_ask_for_an_attribute_and_masks_of_padded_texts) {
    const std::vector<Role> roles{Role::normal, Role::admin};
    auto set = policy::PolicySet::create(
        {{"",
          "t",
          roles,
          "(:user.a IS NOT NULL AND region = :user.a) OR :user.b ISNULL -- or nobody",
          {},
          "t"}},
        {{"", "t", "code", roles, *policy::parse_mask("partial(2,0)"), "t"}});
    ASSERT_TRUE(set) << set.error().message;
    GovernedSchema odd(server(),
                       {"CREATE TABLE t (id int, region text, code char(6))",
                        "INSERT INTO t VALUES (1, 'EU', 'abcdef'), (2, 'US', 'abcdef')"},
                       std::make_shared<const policy::PolicySet>(*std::move(set)));
    ASSERT_EQ(odd.error(), "");
    const Attributes who{{"a", {"EU"}}, {"b", {"x"}}};
    EXPECT_EQ(odd.run(who, "SELECT * FROM t").text(), "1|EU|ab***|\n");
    EXPECT_EQ(odd.run(who, "SELECT id FROM t WHERE 1 / id = 1").text(), "1|\n");
}

TEST_F(Enforcement, sends_a_statement_without_a_rule_as_it_is_written) {
    for (const char* const sql :
         {"SELECT  title /* kept */ FROM products -- to the end", "TABLE products",
          "select p.* from Products p where lower(title) like 'p%'", "SELECT * FROM customers, orders o"}) {
        EXPECT_EQ(shop_->rewritten({}, sql), sql);
    }
}

}  // namespace enforcement_test
}  // namespace majed::governed
