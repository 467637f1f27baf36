// SPDX-License-Identifier: Apache-2.0
// Writes through the whole gateway, on a real SQLite file.
#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::gateway {
namespace {

using policy::Action;
using policy::ActionSet;

class GatewayWriteTest : public GatewayTest {
protected:
    using Rows = std::vector<std::string>;

    void SetUp() override {
        execute(
            "shop.db",
            "CREATE TABLE tasks (id INTEGER PRIMARY KEY, region TEXT NOT NULL DEFAULT 'NORTH', title TEXT,"
            " code INT UNIQUE, owner TEXT, done INT DEFAULT 0, twice INT AS (done * 2));"
            "INSERT INTO tasks (id, region, title, code, owner) VALUES (1, 'NORTH', 'a', 10, 'nora'),"
            " (2, 'SOUTH', 'LEAK', 20, 'sven'), (3, 'NORTH', 'c', 30, 'sven');"
            "CREATE TABLE keyed (k TEXT, n INT, region TEXT, PRIMARY KEY (k, n)) WITHOUT ROWID;"
            "INSERT INTO keyed VALUES ('a', 1, 'NORTH'), ('b', 1, 'SOUTH');"
            "CREATE TABLE log (at TEXT, who TEXT);"
            "CREATE TABLE watched (a INT); CREATE TRIGGER w AFTER INSERT ON watched BEGIN DELETE FROM log; "
            "END;"
            "CREATE TABLE parents (id INTEGER PRIMARY KEY, region TEXT);"
            "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INT REFERENCES parents(id));"
            "CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INT REFERENCES children(id) ON DELETE CASCADE);"
            "INSERT INTO parents VALUES (1, 'NORTH'), (2, 'SOUTH'); INSERT INTO children VALUES (1, 1), (2, "
            "2);"
            "INSERT INTO pets VALUES (1, 1);"
            "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT);"
            "CREATE TABLE replacing (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, region TEXT);"
            "INSERT INTO replacing VALUES (1, 'SOUTH');");
        GatewayTest::SetUp();
    }

    [[nodiscard]] driver::Access access() const override { return driver::Access::read_write; }

    [[nodiscard]] std::shared_ptr<const policy::PolicySet> rules() const override {
        const ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
        const std::string own = "region = :user.region";
        auto set = policy::PolicySet::create(
            {{"", "tasks", {Role::normal}, own, {}, "tasks-normal", false, all},
             {"", "tasks", {Role::admin}, "*", {}, "tasks-admin", false, all},
             {"", "tasks", {Role::superuser}, "*", {"id", "region", "title", "code"}, "tasks-read", false},
             {"",
              "tasks",
              {Role::superuser},
              "owner = 'sven'",
              {"title", "code"},
              "tasks-sven",
              false,
              {Action::update}},
             {"", "tasks", {Role::integration}, "public_only", {"id", "title"}, "tasks-i", false, all},
             {"", "keyed", {Role::normal}, own, {}, "keyed", false, all},
             {"", "log", {Role::normal}, "who = :user.name", {"who"}, "log", false, {Action::insert}},
             {"", "watched", {Role::normal}, "*", {}, "watched", false, all},
             {"", "parents", {Role::normal}, own, {}, "parents", false, all},
             {"", "children", {Role::normal}, "*", {}, "children", false, all},
             {"", "counted", {Role::normal}, own, {}, "counted", false, all},
             {"", "replacing", {Role::normal}, own, {}, "replacing", false, all},
             {"", "customers", {Role::normal}, own, {}, "customers", false, all}},
            {{"", "customers", "email", {Role::normal}, *policy::parse_mask("email"), "t"}});
        EXPECT_TRUE(set) << (set ? "" : set.error().message);
        return std::make_shared<policy::PolicySet>(*std::move(set));
    }

    /// Rows changed, then the rows answered; or the error.
    Rows done(const policy::Principal& who, const std::string& sql) {
        CollectedRows sink;
        const auto answer = run(who, sql, sink);
        if (!answer) return {std::string(traits(answer.error().code).name) + ": " + answer.error().message};
        Rows rows{std::to_string(answer->rows_affected.value_or(999))};
        rows.insert(rows.end(), sink.rows().begin(), sink.rows().end());
        return rows;
    }

    /// What is in the file, whoever may see it.
    Rows stored(const std::string& sql) {
        auto database =
            driver::sqlite::Database::open(directory_.file("shop.db"), driver::sqlite::OpenMode::read_only);
        auto statement = database->prepare(sql);
        Rows result;
        while (*statement->step()) result.push_back(statement->text(0));
        return result;
    }
    Rows tasks() { return stored("SELECT id || region || title || code || done FROM tasks ORDER BY id"); }

    static policy::Principal anna() { return principal(Role::admin); }

    const std::string no_such_row =
        "denied: a row would be one that the policies do not let you write; nothing was written";
    const std::string taken = "conflict: a row like it exists already; nothing was written";
};

TEST_F(GatewayWriteTest, updates_only_rows_that_are_seen) {
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1"), Rows{"2"});
    EXPECT_EQ(tasks(), (Rows{"1NORTHa101", "2SOUTHLEAK200", "3NORTHc301"}));
    EXPECT_EQ(done(nora(), "UPDATE tasks AS t SET title = t.title || '!' WHERE t.id IN (1, 2)"), Rows{"1"});
    EXPECT_EQ(
        done(nora(), "UPDATE main.tasks SET title = 'x' WHERE main.tasks.id = 2 OR 1 ORDER BY id LIMIT 1"),
        Rows{"1"});
    EXPECT_EQ(tasks(), (Rows{"1NORTHx101", "2SOUTHLEAK200", "3NORTHc301"}));
    EXPECT_EQ(done(principal(Role::normal), "UPDATE tasks SET done = 2"), Rows{"0"}) << "no region, no rows";
    EXPECT_EQ(done(anna(), "UPDATE tasks SET done = 3"), Rows{"3"});
}

TEST_F(GatewayWriteTest, deletes_only_rows_that_are_seen) {
    EXPECT_EQ(done(nora(), "DELETE FROM tasks WHERE code >= 20 RETURNING id, title"), (Rows{"1", "3|c"}));
    EXPECT_EQ(done(nora(), "DELETE FROM tasks"), Rows{"1"});
    EXPECT_EQ(tasks(), (Rows{"2SOUTHLEAK200"}));
    EXPECT_EQ(done(anna(), "DELETE FROM tasks"), Rows{"1"});
}

TEST_F(GatewayWriteTest, undoes_all_when_one_row_may_not_be) {
    EXPECT_EQ(done(nora(), "UPDATE tasks SET region = CASE id WHEN 3 THEN 'SOUTH' ELSE region END"),
              Rows{no_such_row});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (region, title) VALUES ('NORTH', 'd'), ('SOUTH', 'e')"),
              Rows{no_such_row});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (region) SELECT 'SOUTH' RETURNING *"), Rows{no_such_row});
    EXPECT_EQ(tasks(), (Rows{"1NORTHa100", "2SOUTHLEAK200", "3NORTHc300"}));
}

TEST_F(GatewayWriteTest, inserts_with_what_is_stored_in_the_end) {
    EXPECT_EQ(
        done(nora(),
             "INSERT INTO tasks (title, code) VALUES ('d', '40'), ('e', 50) RETURNING id, region, code"),
        (Rows{"2", "4|NORTH|40", "5|NORTH|50"}));
    EXPECT_EQ(done(nora(), "INSERT INTO tasks DEFAULT VALUES RETURNING *"), (Rows{"1", "6|NORTH|~|~|~|0|0"}));
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (title) SELECT title || '2' FROM tasks WHERE id < 4"),
              Rows{"2"});
    EXPECT_EQ(done(nora(), "INSERT INTO counted (region) VALUES ('NORTH') RETURNING id"), (Rows{"1", "1"}));
    EXPECT_EQ(done(nora(), "INSERT INTO keyed VALUES ('a', 2, 'NORTH') RETURNING k, n"), (Rows{"1", "a|2"}));
    EXPECT_EQ(done(nora(), "UPDATE keyed SET n = n + 10 RETURNING n"), (Rows{"2", "11", "12"}));
    EXPECT_EQ(stored("SELECT k || n || region FROM keyed ORDER BY 1"),
              (Rows{"a11NORTH", "a12NORTH", "b1SOUTH"}));
}

TEST_F(GatewayWriteTest, answers_a_hidden_key_as_a_visible_one) {
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (id, title) VALUES (2, 'x')"), Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (id, title) VALUES (1, 'x')"), Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code) VALUES (20)"), Rows{taken});
    EXPECT_EQ(done(nora(), "UPDATE tasks SET code = 20 WHERE id = 1"), Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (region) VALUES (NULL)"),
              Rows{"conflict: a column that must have a value has none; nothing was written"});
}

TEST_F(GatewayWriteTest, updates_on_conflict_only_rows_that_are_seen) {
    const std::string upsert = " ON CONFLICT (code) DO UPDATE SET title = excluded.title || tasks.title";
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (10, 'x'), (60, 'y')" + upsert +
                               " RETURNING id, title"),
              (Rows{"2", "1|xa", "4|y"}));
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (20, 'x')" + upsert), Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (20, 'x')" + upsert +
                               " WHERE tasks.title = 'none' OR abs(-9223372036854775807 - 1)"),
              Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (20, 'x')" + upsert + " WHERE 0"),
              Rows{taken});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (10, 'x')" + upsert + " WHERE 0"),
              Rows{"0"});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (code, title) VALUES (30, 'x') ON CONFLICT DO NOTHING"),
              Rows{"0"});
    EXPECT_EQ(tasks(), (Rows{"1NORTHxa100", "2SOUTHLEAK200", "3NORTHc300", "4NORTHy600"}));
}

TEST_F(GatewayWriteTest, replaces_nothing_that_may_be_hidden) {
    EXPECT_EQ(done(nora(), "REPLACE INTO tasks (id, title) VALUES (2, 'x')").front().substr(0, 8),
              "denied: ");
    EXPECT_EQ(done(nora(), "INSERT OR REPLACE INTO tasks (id) VALUES (1)").front().substr(0, 8), "denied: ");
    EXPECT_EQ(done(nora(), "UPDATE OR REPLACE tasks SET id = 2").front().substr(0, 8), "denied: ");
    EXPECT_EQ(done(nora(), "INSERT INTO replacing VALUES (1, 'NORTH')"), Rows{taken});
    EXPECT_EQ(stored("SELECT region FROM replacing"), Rows{"SOUTH"});
    EXPECT_EQ(done(anna(), "REPLACE INTO tasks (id, title, code) VALUES (2, 'x', 21)"), Rows{"1"});
    EXPECT_EQ(tasks(), (Rows{"1NORTHa100", "2NORTHx210", "3NORTHc300"}));
}

TEST_F(GatewayWriteTest, runs_no_condition_of_the_user_on_hidden_rows) {
    // Right and wrong guesses about the hidden row end alike.
    for (const std::string guess : {"LEAK", "none"}) {
        const std::string probe =
            "CASE WHEN title = '" + guess + "' THEN abs(-9223372036854775807 - 1) ELSE 1 END";
        EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1 WHERE code = 20 AND " + probe), Rows{"0"}) << guess;
        EXPECT_EQ(done(nora(), "UPDATE tasks SET done = " + probe), Rows{"2"}) << guess;
        EXPECT_EQ(done(nora(), "DELETE FROM tasks WHERE id = 2 AND " + probe + " RETURNING " + probe),
                  Rows{"0"});
        EXPECT_EQ(done(nora(), "DELETE FROM tasks WHERE id = 2 ORDER BY " + probe + " LIMIT 1"), Rows{"0"});
    }
}

TEST_F(GatewayWriteTest, reads_inside_a_write_under_the_read_policy) {
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (title) SELECT group_concat(title) FROM tasks RETURNING title"),
              (Rows{"1", "a,c"}));
    EXPECT_EQ(done(nora(),
                   "UPDATE tasks SET title = (SELECT count(*) FROM tasks) WHERE id = 1 RETURNING title, "
                   "(SELECT count(*) FROM tasks)"),
              (Rows{"1", "3|3"}));
    EXPECT_EQ(done(nora(),
                   "UPDATE tasks SET title = k.k FROM keyed AS k WHERE k.region = tasks.region AND id = 1 "
                   "AND abs(k.n) = 1 RETURNING title"),
              (Rows{"1", "a"}));
    EXPECT_EQ(done(nora(),
                   "WITH x AS (SELECT max(id) AS m FROM tasks) DELETE FROM tasks WHERE id IN (SELECT m "
                   "FROM x) RETURNING id"),
              (Rows{"1", "4"}));
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1 FROM json_each(tasks.title)").front().substr(0, 12),
              "unsupported:");
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = value FROM json_each('[7]') WHERE tasks.id = 1"),
              Rows{"1"});
    EXPECT_EQ(done(nora(), "INSERT INTO tasks (title) SELECT word FROM secrets").front().substr(0, 7),
              "denied:");
}

TEST_F(GatewayWriteTest, keeps_masks_and_hidden_columns) {
    EXPECT_EQ(done(nora(), "INSERT INTO customers (name, email, region) VALUES ('x', 'y', 'NORTH')").front(),
              "denied: email is masked for you: it cannot be written");
    EXPECT_EQ(done(nora(), "UPDATE customers SET name = email").front(),
              "denied: customers.email is masked for you: a write cannot depend on it");
    EXPECT_EQ(
        done(nora(), "UPDATE customers SET salary = 11 WHERE id = 1 RETURNING *, (email), upper(email) AS u"),
        (Rows{"1", "1|ann|a***@x.org|NORTH|11|a***@x.org|A***@X.ORG"}));
    EXPECT_EQ(done(nora(), "DELETE FROM customers WHERE id = 1 RETURNING email").front(),
              "unsupported: a deleted row's masked columns cannot be shown");
    EXPECT_EQ(done(nora(), "DELETE FROM customers WHERE id = 1 RETURNING name"), (Rows{"1", "ann"}));
    const auto sven = principal(Role::superuser);
    EXPECT_EQ(done(sven, "UPDATE tasks SET owner = 'x'").front(), "not_found: tasks has no column owner");
    EXPECT_EQ(done(sven, "UPDATE tasks SET region = 'x'").front(),
              "denied: region is not among the columns that your rules let you write");
    EXPECT_EQ(done(sven, "UPDATE tasks SET title = title || 's' RETURNING *"),
              (Rows{"2", "2|SOUTH|LEAKs|20", "3|NORTH|cs|30"}));
    EXPECT_EQ(done(sven, "DELETE FROM tasks").front(),
              "denied: no rule lets role superuser delete rows of table tasks");
    const auto partner = principal(Role::integration);
    EXPECT_EQ(done(partner, "INSERT INTO tasks (id, title) VALUES (9, 'p') RETURNING *"),
              (Rows{"1", "9|~|p|~|~|~|~"}));
}

TEST_F(GatewayWriteTest, lets_who_may_only_insert_read_nothing) {
    auto who = nora();
    EXPECT_EQ(done(who, "INSERT INTO log (who) VALUES ('someone')"), Rows{"1"});
    EXPECT_EQ(done(who, "INSERT INTO log VALUES ('someone')"), Rows{"1"});
    EXPECT_EQ(done(who, "INSERT INTO log (who) VALUES ('another')"), Rows{no_such_row});
    EXPECT_EQ(done(who, "INSERT INTO log (who) VALUES ('someone') RETURNING who").front(),
              "denied: the statement reads log, which no rule lets you read");
    EXPECT_EQ(done(who, "INSERT INTO log (at) VALUES ('now')").front(), "not_found: log has no column at");
    EXPECT_EQ(done(who, "UPDATE log SET who = 'x'").front(),
              "denied: no rule lets role normal update rows of table log");
    EXPECT_EQ(done(who, "SELECT * FROM log").front().substr(0, 7), "denied:");
    EXPECT_EQ(stored("SELECT count(*) FROM log"), Rows{"2"});
}

TEST_F(GatewayWriteTest, refuses_what_would_change_other_tables) {
    EXPECT_EQ(done(nora(), "INSERT INTO watched VALUES (1)").front().substr(0, 12), "unsupported:");
    EXPECT_EQ(done(nora(), "DELETE FROM children WHERE id = 2").front().substr(0, 12), "unsupported:");
    EXPECT_EQ(done(nora(), "UPDATE children SET parent = NULL WHERE id = 2"), Rows{"1"});
    const std::string key = "conflict: a foreign key is not met; nothing was written";
    EXPECT_EQ(done(nora(), "DELETE FROM parents WHERE id = 1"), Rows{key});
    EXPECT_EQ(done(nora(), "INSERT INTO children VALUES (3, 77)"), Rows{key});
    EXPECT_EQ(done(nora(), "INSERT INTO children VALUES (3, 2)"), Rows{"1"}) << "a hidden parent is a parent";
}

TEST_F(GatewayWriteTest, refuses_a_source_that_is_read_only_and_other_classes) {
    EXPECT_EQ(done(nora(), "DROP TABLE tasks").front().substr(0, 7), "denied:");
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1; DELETE FROM tasks").front().substr(0, 12),
              "parse_error:");
    EXPECT_EQ(done(nora(), "INSERT INTO sqlite_sequence VALUES ('tasks', 1)").front().substr(0, 7),
              "denied:");
    EXPECT_EQ(done(nora(), "UPDATE nowhere SET done = 1").front(),
              "denied: there is no table nowhere that you may write to");
}

TEST_F(GatewayWriteTest, undoes_a_write_that_answers_too_much) {
    QueryRequest request;
    request.sql = "UPDATE tasks SET done = 9 RETURNING id";
    request.max_rows = 1;
    CollectedRows sink;
    const auto answer = gateway_->query(nora(), request, sink);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::too_large);
    EXPECT_EQ(stored("SELECT sum(done) FROM tasks"), Rows{"0"});
}

TEST_F(GatewayWriteTest, is_on_record_before_and_after) {
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1 WHERE title = 'LEAK'"), Rows{"0"});
    EXPECT_EQ(done(nora(), "UPDATE tasks SET done = 1"), Rows{"2"});
    EXPECT_EQ(done(nora(), "UPDATE tasks SET region = 'SOUTH'"), Rows{no_such_row});
    EXPECT_EQ(
        audited("SELECT phase || json_extract(details, '$.action') || json_extract(details, '$.target') || "
                "coalesce(json_extract(details, '$.rows_affected'), '') FROM audit_log ORDER BY id"),
        (Rows{"intentupdatetasks", "outcomeupdatetasks0", "intentupdatetasks", "outcomeupdatetasks2",
              "intentupdatetasks", "outcomeupdatetasks"}));
}

TEST_F(GatewayWriteTest, explains_what_it_would_do) {
    QueryRequest request;
    request.sql = "UPDATE tasks SET title = 'x' WHERE id = 3";
    const auto report = gateway_->check(nora(), request);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->allowed) << report->problems.front().message;
    EXPECT_EQ(report->statement_class, "write");
    EXPECT_TRUE(report->audited_strictly);
    ASSERT_EQ(report->relations.size(), 1U);
    EXPECT_EQ(report->relations.front().action, Action::update);
    EXPECT_EQ(report->relations.front().rule, "tasks-normal");
    EXPECT_EQ(report->relations.front().written, Rows{"title"});
    EXPECT_EQ(report->relations.front().verdict, RelationVerdict::filter);
    EXPECT_EQ(tasks().back(), "3NORTHc300");
}

}  // namespace
}  // namespace majed::gateway
