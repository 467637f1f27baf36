// SPDX-License-Identifier: Apache-2.0
// Writes on a real server: which rows they reach, which they may leave, and what their answers show.
#include "governed/governed_server.h"

namespace majed::governed {
namespace write_test {

using policy::Action;
using policy::ActionSet;
using policy::Role;

const ActionSet everything{Action::select, Action::insert, Action::update, Action::delete_};

std::shared_ptr<const policy::PolicySet> shop_rules() {
    const std::string mine = "region = :user.region";
    auto set = policy::PolicySet::create(
        {{"", "customers", {Role::normal}, mine, {}, "t", false, everything},
         {"", "customers", {Role::admin}, "*", {}, "t", false, everything},
         {"", "customers", {Role::superuser}, "*", {}, "t"},
         {"", "customers", {Role::superuser}, mine, {"name", "credit"}, "t", false, {Action::update}},
         {"",
          "orders",
          {Role::normal},
          "customer_id IN (SELECT c.id FROM customers c WHERE c.region = :user.region)",
          {},
          "t",
          false,
          everything},
         {"", "orders", {Role::admin}, "*", {}, "t", false, everything},
         {"", "parts", {Role::normal}, "weight < 10", {"id", "weight"}, "t", false, everything},
         {"", "parts", {Role::superuser}, "*", {}, "t"},
         {"", "parts", {Role::superuser}, "*", {"id"}, "t", false, {Action::insert}},
         {"", "log", {Role::normal}, "*", {}, "t", false, {Action::insert}},
         {"", "watched", {Role::normal}, "*", {}, "t", false, everything},
         {"", "places", {Role::normal}, mine, {}, "t", false, everything},
         {"", "north", {Role::normal}, "*", {}, "t", false, everything}},
        {{"", "customers", "email", {Role::normal}, *policy::parse_mask("email"), "t"},
         {"",
          "customers",
          "phone",
          {Role::normal},
          *policy::parse_mask("sql: CASE WHEN credit > 5 THEN 'rich' END"),
          "t"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class GovernedWrite : public OnServer {
protected:
    void SetUp() override {
        OnServer::SetUp();
        if (IsSkipped()) return;
        shop_ = std::make_unique<GovernedSchema>(
            server(),
            std::vector<std::string>{
                "CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone text, region text, "
                "credit int DEFAULT 1)",
                "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric(10, 2))",
                "CREATE TABLE parts (id int, secret text, weight int)", "CREATE TABLE log (word text)",
                "CREATE TABLE watched (id int)",
                "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
                "CREATE TRIGGER tells BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION tell()",
                "CREATE TABLE places (id int, region text) PARTITION BY LIST (region)",
                "CREATE TABLE north PARTITION OF places FOR VALUES IN ('NORTH')",
                "CREATE TABLE east PARTITION OF places FOR VALUES IN ('EAST')",
                "INSERT INTO customers VALUES (1, 'ann', 'ann@x.org', '1', 'NORTH', 10), "
                "(2, 'bob', 'bob@x.org', '2', 'EAST', 0), (3, 'cem', 'cem@x.org', '3', 'NORTH', 0)",
                "INSERT INTO orders VALUES (1, 1, 5), (2, 2, 6.5), (3, 3, 8)",
                "INSERT INTO parts VALUES (1, 's', 1), (2, 's', 20)",
                "INSERT INTO places VALUES (1, 'NORTH'), (2, 'EAST')"},
            shop_rules(), driver::Access::read_write);
        ASSERT_EQ(shop_->error(), "");
    }
    std::string north(const std::string& sql, driver::Parameters parameters = {}) {
        return said(shop_->run({{"region", {"NORTH"}}}, sql, Role::normal, std::move(parameters)));
    }
    static std::string said(const Answer& answer) {
        if (answer.error) return answer.text();
        return answer.text() + (answer.affected ? "#" + std::to_string(*answer.affected) : "");
    }
    std::string all(const std::string& table) {
        return shop_->plain("shop", "SELECT * FROM " + table + " ORDER BY 1, 2").text();
    }
    std::string customers() {
        return shop_->plain("shop", "SELECT id, name, region, credit FROM customers ORDER BY 1").text();
    }

    std::unique_ptr<GovernedSchema> shop_;
};

constexpr const char* refused_row =
    "denied: a row would be one that the policies do not let you write; nothing was written";

TEST_F(GovernedWrite, update_reaches_its_rows_alone) {
    EXPECT_EQ(north("UPDATE customers SET credit = credit + 1"), "#2");
    EXPECT_EQ(customers(), "1|ann|NORTH|11|\n2|bob|EAST|0|\n3|cem|NORTH|1|\n");
    EXPECT_EQ(north("UPDATE customers SET credit = 7 WHERE id = 2"), "#0");
    EXPECT_EQ(north("UPDATE shop.customers AS c SET (name, credit) = ('x', 0) WHERE c.id >= 2"), "#1");
    EXPECT_EQ(north("UPDATE ONLY customers SET credit = 3 WHERE 10 / (id - 2) > 0"), "#1");
    EXPECT_EQ(customers(), "1|ann|NORTH|11|\n2|bob|EAST|0|\n3|x|NORTH|3|\n");
}

TEST_F(GovernedWrite, update_leaves_no_row_that_may_not_be) {
    EXPECT_EQ(north("UPDATE customers SET region = 'EAST' WHERE id = 1"), refused_row);
    EXPECT_EQ(north("UPDATE customers SET region = NULL"), refused_row);
    EXPECT_EQ(north("UPDATE orders SET customer_id = 2"), refused_row);
    EXPECT_EQ(all("orders"), "1|1|5.00|\n2|2|6.50|\n3|3|8.00|\n");
    EXPECT_EQ(north("UPDATE places SET region = 'EAST'"), refused_row);
    EXPECT_EQ(north("UPDATE places SET id = id + 10"), "#1");
    EXPECT_EQ(all("places"), "2|EAST|\n11|NORTH|\n");
}

TEST_F(GovernedWrite, delete_reaches_its_rows_alone) {
    EXPECT_EQ(
        north("DELETE FROM orders USING customers c WHERE c.id = orders.customer_id RETURNING orders.*"),
        "1|1|5.00|\n3|3|8.00|\n#2");
    EXPECT_EQ(all("orders"), "2|2|6.50|\n");
    EXPECT_EQ(north("DELETE FROM customers"), "#2");
    EXPECT_EQ(customers(), "2|bob|EAST|0|\n");
}

TEST_F(GovernedWrite, insert_leaves_no_row_that_may_not_be) {
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (4, 'NORTH'), (5, 'EAST')"), refused_row);
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (4, 'NORTH') RETURNING id, credit"),
              "4|1|\n#1");
    EXPECT_EQ(north("INSERT INTO customers (id) VALUES (5)"), refused_row);
    EXPECT_EQ(north("INSERT INTO orders SELECT id + 10, id, 1 FROM customers"), "#3");
    EXPECT_EQ(north("INSERT INTO log SELECT name FROM customers"), "#3");
    EXPECT_EQ(north("INSERT INTO log VALUES ('x') RETURNING word").substr(0, 7), "denied:");
    EXPECT_EQ(north("INSERT INTO log SELECT email FROM customers").substr(0, 7), "denied:");
    EXPECT_EQ(north("WITH few AS (SELECT name FROM customers WHERE id = 2) INSERT INTO log TABLE few"), "#0");
}

TEST_F(GovernedWrite, a_conflict_with_a_hidden_row_is_one_like_any) {
    const std::string taken = "conflict: a unique constraint is violated";
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (2, 'NORTH')"), taken);
    const std::string upsert = " ON CONFLICT (id) DO UPDATE SET name = excluded.name, credit = 99";
    EXPECT_EQ(north("INSERT INTO customers AS c (id, name, region) VALUES (2, 'x', 'NORTH')" + upsert),
              taken);
    EXPECT_EQ(north("INSERT INTO customers (id, name, region) VALUES (1, 'x', 'EAST')" + upsert), taken);
    EXPECT_EQ(north("INSERT INTO customers (id, name, region) VALUES (1, 'x', 'NORTH')" + upsert +
                    " WHERE customers.credit > 0 RETURNING name"),
              "x|\n#1");
    EXPECT_EQ(north("INSERT INTO customers (id, name, region) VALUES (1, 'x', 'NORTH') ON CONFLICT (id) DO "
                    "UPDATE SET region = 'EAST'"),
              refused_row);
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (2, 'NORTH') ON CONFLICT DO NOTHING"), "#0");
    EXPECT_EQ(customers(), "1|x|NORTH|99|\n2|bob|EAST|0|\n3|cem|NORTH|0|\n");
}

TEST_F(GovernedWrite, says_what_the_commonest_mistakes_are) {
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (9, 'NORTH') ON CONFLICT ON CONSTRAINT nope "
                    "DO NOTHING"),
              "invalid_argument: a constraint, type or other object does not exist");
    EXPECT_EQ(
        north("INSERT INTO customers (id, region) VALUES (9, 'NORTH') ON CONFLICT (name) DO NOTHING"),
        "invalid_argument: no unique index or constraint fits, or a column does not stand where it must");
    EXPECT_EQ(north("INSERT INTO orders (id, customer_id) SELECT 9, 'x'::text"),
              "invalid_argument: types do not match");
}

TEST_F(GovernedWrite, returning_shows_what_a_query_would) {
    EXPECT_EQ(
        north("UPDATE customers SET credit = credit RETURNING id, email, customers.phone, upper(email)"),
        "1|a***@x.org|rich|A***@X.ORG|\n3|c***@x.org|~|C***@X.ORG|\n#2");
    EXPECT_EQ(north("DELETE FROM customers c WHERE id = 1 RETURNING *"),
              "1|ann|a***@x.org|rich|NORTH|10|\n#1");
    EXPECT_EQ(
        north("DELETE FROM shop.customers WHERE id = 3 RETURNING shop.customers.*, shop.customers.email"),
        "3|cem|c***@x.org|~|NORTH|0|c***@x.org|\n#1");
    EXPECT_EQ(north("UPDATE parts SET weight = 2 RETURNING *"), "1|2|\n#1");
    EXPECT_EQ(north("INSERT INTO parts VALUES (7, 7)"), "#1");
    EXPECT_EQ(north("INSERT INTO parts VALUES (7, 17)"), refused_row);
    EXPECT_EQ(all("parts"), "1|s|2|\n2|s|20|\n7|~|7|\n");
    for (const char* const sql :
         {"UPDATE parts SET weight = 1 RETURNING parts", "UPDATE parts SET weight = 1 RETURNING secret",
          "UPDATE parts p SET weight = 1 WHERE p IS NULL", "UPDATE parts SET weight = length(secret)",
          "UPDATE parts SET secret = 'x'", "UPDATE parts SET weight = 1 WHERE secret = 's'",
          "UPDATE parts SET weight = 1 RETURNING (SELECT parts)", "UPDATE customers SET email = 'x'",
          "UPDATE customers SET name = email", "DELETE FROM customers WHERE phone = 'x'",
          "UPDATE customers SET name = 'x' RETURNING (SELECT email)",
          "UPDATE parts SET weight = 1 RETURNING ctid",
          "UPDATE parts SET weight = 1 FROM customers c RETURNING *",
          "INSERT INTO parts (secret) VALUES ('x')", "INSERT INTO parts DEFAULT VALUES RETURNING xmin"}) {
        const Answer answer = shop_->run({{"region", {"NORTH"}}}, sql);
        EXPECT_TRUE(answer.error.has_value()) << sql << answer.text();
    }
}

TEST_F(GovernedWrite, roles_and_attributes_are_kept_apart) {
    EXPECT_EQ(said(shop_->run({}, "UPDATE customers SET credit = 1")), "#0");
    EXPECT_EQ(said(shop_->run({}, "INSERT INTO customers (id, region) VALUES (9, 'NORTH')")), refused_row);
    const Attributes east{{"region", {"EAST"}}};
    EXPECT_EQ(said(shop_->run(east, "UPDATE customers SET credit = 4", Role::superuser)), "#1");
    EXPECT_EQ(said(shop_->run(east, "UPDATE customers SET region = 'x'", Role::superuser)).substr(0, 7),
              "denied:");
    EXPECT_EQ(said(shop_->run(east, "DELETE FROM customers", Role::superuser)).substr(0, 7), "denied:");
    // Of a function's columns nobody knows how many there are, and one could be for a column that may not be written.
    EXPECT_EQ(
        said(shop_->run({}, "INSERT INTO parts SELECT * FROM unnest(ARRAY[1], ARRAY['x'])", Role::superuser)),
        "unsupported: how many columns the query has is not known");
    const std::string merge =
        "MERGE INTO parts p USING (VALUES (1)) s(id) ON false WHEN NOT MATCHED THEN INSERT ";
    EXPECT_EQ(north(merge + "VALUES (7, 7)"),
              "unsupported: INSERT of a MERGE must name its columns: you see parts in part");
    EXPECT_EQ(said(shop_->run({}, "INSERT INTO parts (id) SELECT * FROM unnest(ARRAY[1])", Role::superuser)),
              "#1");
    EXPECT_EQ(said(shop_->run({}, "DELETE FROM customers", Role::admin)), "#3");
    EXPECT_EQ(said(shop_->run({}, "DELETE FROM customers", Role::integration)).substr(0, 7), "denied:");
}

TEST_F(GovernedWrite, what_it_drags_along_is_refused) {
    EXPECT_EQ(north("INSERT INTO watched VALUES (1)").substr(0, 12), "unsupported:");
    shop_->execute("ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE");
    EXPECT_EQ(north("DELETE FROM customers").substr(0, 12), "unsupported:");
    EXPECT_EQ(north("UPDATE customers SET credit = 1"), "#2");
    shop_->execute("CREATE TRIGGER tells BEFORE INSERT ON east FOR EACH ROW EXECUTE FUNCTION tell()");
    EXPECT_EQ(north("INSERT INTO places VALUES (1, 'NORTH')").substr(0, 12), "unsupported:");
    EXPECT_EQ(north("INSERT INTO north VALUES (1, 'NORTH')"), "#1");
    shop_->execute("CREATE RULE more AS ON INSERT TO log DO ALSO DELETE FROM parts");
    EXPECT_EQ(north("INSERT INTO log VALUES ('x')").substr(0, 12), "unsupported:");
    for (const char* const sql :
         {"WITH d AS (DELETE FROM customers RETURNING *) SELECT * FROM d", "COPY customers FROM STDIN",
          "UPDATE customers SET credit = 1 WHERE CURRENT OF c", "TRUNCATE customers", "DELETE FROM pg_class",
          "UPDATE customers SET credit = (SELECT 1 FROM orders FOR UPDATE)", "INSERT INTO east VALUES (1)",
          "UPDATE customers SET credit = pg_sleep(1)", "DELETE FROM orders; DELETE FROM customers"}) {
        EXPECT_TRUE(shop_->run({{"region", {"NORTH"}}}, sql).error.has_value()) << sql;
    }
}

TEST_F(GovernedWrite, merge_holds_every_branch_to_its_rule) {
    const std::string into =
        "MERGE INTO customers c USING (VALUES (1, 'm'), (2, 'n'), (8, 'o')) s(id, name) ON c.id = s.id ";
    EXPECT_EQ(north(into + "WHEN MATCHED THEN UPDATE SET name = s.name"), "#1");
    EXPECT_EQ(customers(), "1|m|NORTH|10|\n2|bob|EAST|0|\n3|cem|NORTH|0|\n");
    EXPECT_EQ(north(into + "WHEN MATCHED AND s.name > 'a' THEN UPDATE SET region = 'EAST'"), refused_row);
    EXPECT_EQ(north(into + "WHEN NOT MATCHED AND s.id > 2 THEN INSERT (id, region) VALUES (s.id, 'EAST')"),
              refused_row);
    EXPECT_EQ(north(into + "WHEN NOT MATCHED AND s.id > 2 THEN INSERT (id, region) VALUES (s.id, 'NORTH')"),
              "#1");
    EXPECT_EQ(north(into + "WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, 'NORTH')"),
              "conflict: a unique constraint is violated");
    EXPECT_EQ(north(into + "WHEN MATCHED AND c.credit > 5 THEN DELETE WHEN MATCHED THEN DO NOTHING"), "#1");
    EXPECT_EQ(customers(), "2|bob|EAST|0|\n3|cem|NORTH|0|\n8|~|NORTH|1|\n");
    const Attributes east{{"region", {"EAST"}}};
    const std::string more =
        "MERGE INTO customers c USING orders o ON c.id = o.id WHEN MATCHED AND c.id >= 2 THEN UPDATE SET "
        "credit = 5";
    EXPECT_EQ(said(shop_->run(east, more, Role::superuser)).substr(0, 7), "denied:");
    const std::string values =
        "MERGE INTO customers c USING (VALUES (2), (3)) s(id) ON c.id = s.id WHEN MATCHED ";
    EXPECT_EQ(said(shop_->run(east, values + "AND c.id = 2 THEN UPDATE SET credit = 5", Role::superuser)),
              "#1");
    EXPECT_EQ(said(shop_->run(east, values + "THEN UPDATE SET credit = 6", Role::superuser)),
              "conflict: a unique constraint is violated");
    EXPECT_EQ(said(shop_->run(east, values + "THEN DELETE", Role::superuser)).substr(0, 7), "denied:");
    EXPECT_EQ(customers(), "2|bob|EAST|5|\n3|cem|NORTH|0|\n8|~|NORTH|1|\n");
}

TEST_F(GovernedWrite, the_server_s_own_row_level_security_holds_the_same_rules) {
    shop_->enforce_natively();
    ASSERT_EQ(shop_->error(), "");
    const std::string refused =
        "denied: the database refused the write: a row may not be so, or the login may not write there";
    EXPECT_EQ(north("UPDATE customers SET credit = credit + 1 RETURNING id, email"),
              "1|a***@x.org|\n3|c***@x.org|\n#2");
    EXPECT_EQ(north("UPDATE customers SET region = 'EAST' WHERE id = 1"), refused);
    EXPECT_EQ(north("INSERT INTO customers (id, region) VALUES (5, 'EAST')"), refused);
    EXPECT_EQ(north("INSERT INTO orders SELECT id + 10, id, 1 FROM customers"), "#2");
    EXPECT_EQ(north("DELETE FROM orders"), "#4");
    EXPECT_EQ(north("INSERT INTO parts VALUES (7, 7)"), "#1");
    EXPECT_EQ(north("MERGE INTO customers c USING (VALUES (1), (2)) s(id) ON c.id = s.id WHEN MATCHED THEN "
                    "UPDATE SET credit = 50"),
              "#1");
    EXPECT_EQ(said(shop_->run({}, "DELETE FROM customers")), "#0");
    EXPECT_EQ(shop_->run({}, "SELECT id, name, region, credit FROM customers ORDER BY 1", Role::admin).text(),
              "1|ann|NORTH|50|\n2|bob|EAST|0|\n3|cem|NORTH|1|\n");
}

TEST_F(GovernedWrite, takes_parameters_of_the_caller_beside_its_own) {
    driver::Parameters parameters;
    parameters.positional = {Value(std::int64_t{3}), Value(std::string("new"))};
    EXPECT_EQ(north("UPDATE customers SET name = $2 WHERE id = $1 RETURNING name", parameters), "new|\n#1");
}

TEST_F(GovernedWrite, without_a_rule_on_rows_the_text_is_sent_as_it_is_written) {
    for (const char* const sql :
         {"UPDATE customers SET credit = 1 /* all */ WHERE 1/credit > 0 RETURNING *, id IS NULL",
          "INSERT INTO customers (id) VALUES (77) ON CONFLICT (id) DO UPDATE SET credit = 2 -- done",
          "DELETE  FROM orders  USING customers c WHERE c.id = 5",
          "MERGE INTO orders o USING customers c ON true WHEN MATCHED THEN DO NOTHING"}) {
        EXPECT_EQ(shop_->rewritten({}, sql).substr(0, 20), std::string(sql).substr(0, 20)) << sql;
    }
}

}  // namespace write_test
}  // namespace majed::governed
