// SPDX-License-Identifier: Apache-2.0
// Who reads a table that is audited strictly is written down first, or reads nothing.
#include "gateway/gateway_fixture.h"

#include <atomic>
#include <optional>

namespace majed::gateway {
namespace {

using audit::Assurance;

/// Counts what reaches a session, and hands it on.
class WatchedSession final : public driver::Session {
public:
    WatchedSession(std::unique_ptr<driver::Session> inner, std::atomic<int>& statements)
        : inner_(std::move(inner)), statements_(statements) {}
    Result<driver::RunSummary> run(const driver::AuthorizedStatement& statement,
                                   const driver::Parameters& parameters, const Attributes& identity,
                                   const driver::RunLimits& limits, driver::RowSink& sink) override {
        ++statements_;
        return inner_->run(statement, parameters, identity, limits, sink);
    }
    Result<void> prepare(const driver::AuthorizedStatement& statement) override {
        ++statements_;
        return inner_->prepare(statement);
    }
    Result<void> ping(Deadline deadline) override { return inner_->ping(deadline); }
    Result<void> reset(Deadline deadline) override { return inner_->reset(deadline); }
    void interrupt() noexcept override { inner_->interrupt(); }
    bool reusable() const noexcept override { return inner_->reusable(); }
    void abandon() noexcept override { inner_->abandon(); }

private:
    std::unique_ptr<driver::Session> inner_;
    std::atomic<int>& statements_;
};

class WatchedDriver final : public driver::Driver {
public:
    WatchedDriver(std::unique_ptr<driver::Driver> inner, std::atomic<int>& statements)
        : inner_(std::move(inner)), statements_(statements) {}
    std::string_view name() const noexcept override { return inner_->name(); }
    bool governs() const noexcept override { return inner_->governs(); }
    bool is_file() const noexcept override { return inner_->is_file(); }
    Result<std::unique_ptr<driver::Connection>> open(Deadline deadline) override {
        return inner_->open(deadline);
    }
    Result<std::unique_ptr<driver::Session>> open_session(std::shared_ptr<const driver::GuardSet> guard,
                                                          Deadline deadline) override {
        MAJED_TRY_ASSIGN(auto session, inner_->open_session(std::move(guard), deadline));
        return std::make_unique<WatchedSession>(std::move(session), statements_);
    }
    Result<driver::SchemaDescription> read_schema(driver::Connection& connection,
                                                  Deadline deadline) override {
        return inner_->read_schema(connection, deadline);
    }

private:
    std::unique_ptr<driver::Driver> inner_;
    std::atomic<int>& statements_;
};

/// The shop, whose `secrets` are audited strictly, and whose sink can be made to fail.
class StrictAuditTest : public GatewayTest {
protected:
    void SetUp() override {
        GatewayTest::SetUp();
        add_watched("watched", directory_.file("shop.db"));
        begin(Assurance::best_effort, strict_secrets());
    }

    void add_watched(const std::string& name, const std::string& path) {
        driver::Target target;
        target.url = "sqlite:" + path;
        auto inner = driver::sqlite::SqliteDriver::create(std::move(target));
        ASSERT_TRUE(inner);
        source::SourceOptions options;
        options.name = name;
        auto source = source::Source::start(std::move(options),
                                            std::make_unique<WatchedDriver>(std::move(*inner), statements_));
        ASSERT_TRUE(source);
        ASSERT_TRUE((*source)->catalog());
        ASSERT_TRUE(sources_.add(std::move(*source)));
    }

    /// A trail that gives up at once when its file is locked, and a gateway that has these rules.
    void begin(Assurance reads, std::vector<policy::RowPolicy> rules) {
        gateway_.reset();
        audit_.reset();
        audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db"),
                                           .reads = reads,
                                           .busy_timeout = std::chrono::milliseconds(0)});
        gateway_ = std::make_unique<Gateway>(sources_, *audit_, std::vector<std::uint8_t>(32, 7));
        auto set = policy::PolicySet::create(std::move(rules), {});
        ASSERT_TRUE(set) << set.error().message;
        const auto installed =
            gateway_->install_policies(std::make_shared<const policy::PolicySet>(*std::move(set)));
        ASSERT_TRUE(installed) << installed.error().message;
    }

    static policy::RowPolicy rule(std::string table, std::vector<Role> roles, std::string rows = "*") {
        policy::RowPolicy made;
        made.table = std::move(table);
        made.roles = std::move(roles);
        made.rows = std::move(rows);
        made.origin = "t";
        return made;
    }
    static policy::RowPolicy strict(policy::RowPolicy made) {
        made.audit_strictly = true;
        return made;
    }
    /// Only the administrators' rule says it; it holds for everybody.
    static std::vector<policy::RowPolicy> strict_secrets() {
        return {rule("customers", {Role::admin, Role::normal}), rule("orders", {Role::admin, Role::normal}),
                strict(rule("secrets", {Role::admin})), rule("secrets", {Role::normal})};
    }

    void fail_the_sink() {
        auto holder =
            driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_write);
        ASSERT_TRUE(holder);
        holder_.emplace(std::move(*holder));
        ASSERT_TRUE(holder_->execute("BEGIN IMMEDIATE"));
    }
    void mend_the_sink() { holder_.reset(); }

    static QueryRequest asking(std::string sql) {
        QueryRequest request;
        request.source = "watched";
        request.sql = std::move(sql);
        return request;
    }
    /// `done`, or the code of the error.
    std::string outcome(const std::string& sql, Role role = Role::normal) {
        CollectedRows sink;
        const auto answer = gateway_->query(principal(role), asking(sql), sink);
        if (answer) return "done";
        EXPECT_EQ(sink.announced(), 0) << sql;
        return std::string(traits(answer.error().code).name);
    }
    std::string strictness(const std::string& sql, Role role = Role::normal) {
        const auto report = gateway_->check(principal(role), asking(sql));
        if (!report || !report->allowed) return "refused: " + sql;
        return report->audited_strictly ? "strict" : "best effort";
    }

    std::atomic<int> statements_{0};
    std::optional<driver::sqlite::Database> holder_;
};

const std::vector<std::string> ways_to_read_secrets = {
    "SELECT word FROM secrets",
    "SELECT count(*) FROM SECRETS",
    "SELECT 1 FROM main.secrets LIMIT 0",
    "SELECT name FROM customers WHERE id IN (SELECT id FROM secrets)",
    "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM secrets s WHERE s.id = c.id)",
    "SELECT name, (SELECT word FROM secrets LIMIT 1) FROM customers",
    "WITH s AS (SELECT word FROM secrets) SELECT word FROM s",
    "WITH s AS (SELECT word FROM secrets) SELECT name FROM customers",
    "WITH RECURSIVE n(i) AS (SELECT id FROM secrets UNION SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
    "SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id LEFT JOIN secrets s ON s.id = o.id",
    "SELECT * FROM customers NATURAL JOIN secrets",
    "SELECT name FROM customers UNION ALL SELECT word FROM secrets",
    "SELECT name FROM customers ORDER BY (SELECT max(id) FROM secrets)",
    "SELECT name FROM customers LIMIT (SELECT count(*) FROM secrets)",
    "SELECT x FROM (SELECT y AS x FROM (SELECT word AS y FROM secrets))",
    "SELECT j.value FROM secrets s, json_each('[1,2]') j",
};

TEST_F(StrictAuditTest, sends_nothing_to_the_source_when_the_intent_is_not_on_disk) {
    for (const bool planned_before : {false, true}) {
        for (const std::string& sql : ways_to_read_secrets) {
            EXPECT_EQ(planned_before ? outcome(sql) : "done", "done") << sql;
        }
        fail_the_sink();
        statements_ = 0;
        for (const std::string& sql : ways_to_read_secrets) {
            EXPECT_EQ(outcome(sql), "unavailable") << sql;
            EXPECT_EQ(outcome(sql, Role::admin), "unavailable") << sql;
        }
        EXPECT_EQ(statements_, 0);
        mend_the_sink();
    }
    EXPECT_EQ(outcome(ways_to_read_secrets.front()), "done");
    EXPECT_EQ(statements_, 1);
}

TEST_F(StrictAuditTest, has_the_intent_on_disk_when_the_statement_reaches_the_source) {
    ASSERT_EQ(outcome("SELECT word FROM secrets"), "done");
    auto file =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_only);
    auto records = file->prepare("SELECT group_concat(phase || ' ' || resource_id) FROM audit_log");
    ASSERT_TRUE(*records->step());
    EXPECT_EQ(records->text(0), "intent secrets,outcome secrets") << "without a flush";
}

TEST_F(StrictAuditTest, answers_readers_of_other_tables_counts_what_is_lost_and_tells_of_the_gap) {
    fail_the_sink();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome("SELECT name FROM customers JOIN orders USING (id)"), "done");
    }
    EXPECT_EQ(outcome("SELECT word FROM secrets"), "unavailable");
    audit_->flush();
    EXPECT_EQ(statements_, 3);
    EXPECT_EQ(audit_->stats().dropped, 6U) << "an intent and an outcome of each";
    EXPECT_TRUE(audit_->stats().failing);
    mend_the_sink();
    EXPECT_EQ(outcome("SELECT word FROM secrets"), "done");
    EXPECT_EQ(audited("SELECT details FROM audit_log WHERE action = 'audit.gap'"),
              std::vector<std::string>{R"({"dropped":6})"});
    EXPECT_EQ(audited("SELECT phase FROM audit_log WHERE action = 'query'"),
              (std::vector<std::string>{"intent", "outcome"}));
    EXPECT_FALSE(audit_->stats().failing);
}

TEST_F(StrictAuditTest, says_in_a_check_which_statements_it_is_about) {
    for (const std::string& sql : ways_to_read_secrets) EXPECT_EQ(strictness(sql), "strict") << sql;
    EXPECT_EQ(strictness("SELECT name FROM customers"), "best effort");
    EXPECT_EQ(strictness("SELECT 'secrets' AS secrets FROM orders AS secrets"), "best effort");
    EXPECT_EQ(strictness("WITH secrets AS (SELECT 1 AS word) SELECT word FROM secrets"), "best effort");
    EXPECT_EQ(strictness("SELECT 1"), "best effort");
    fail_the_sink();
    EXPECT_EQ(gateway_->check(principal(Role::normal), asking("SELECT word FROM secrets")).error().code,
              ErrorCode::unavailable);
}

TEST_F(StrictAuditTest, counts_what_a_rule_reads_for_its_predicate) {
    begin(Assurance::best_effort, {rule("customers", {Role::normal}, "id IN (SELECT id FROM Secrets)"),
                                   rule("customers", {Role::admin}), strict(rule("secrets", {Role::admin}))});
    EXPECT_EQ(strictness("SELECT name FROM customers"), "strict");
    EXPECT_EQ(strictness("SELECT name FROM customers", Role::admin), "best effort");
}

TEST_F(StrictAuditTest, holds_for_the_source_of_the_rule_and_for_those_who_lack_an_attribute) {
    auto elsewhere = strict(rule("secrets", {Role::admin}));
    elsewhere.source = "shop";
    auto here = rule("secrets", {Role::admin, Role::normal});
    here.source = "watched";
    auto filtered = strict(rule("orders", {Role::normal}, "customer_id = :user.customer"));
    begin(Assurance::best_effort, {elsewhere, here, filtered});
    EXPECT_EQ(strictness("SELECT word FROM secrets"), "best effort");
    EXPECT_EQ(strictness("SELECT total FROM orders"), "strict") << "sees no row, and is written down";
}

TEST_F(StrictAuditTest, a_table_cannot_ask_for_less_than_holds_for_all_reads) {
    begin(Assurance::strict, strict_secrets());
    fail_the_sink();
    EXPECT_EQ(outcome("SELECT name FROM customers"), "unavailable");
    EXPECT_EQ(outcome("SELECT 1"), "unavailable");
    EXPECT_EQ(statements_, 0);
}

TEST_F(StrictAuditTest, new_rules_hold_for_statements_that_were_planned_under_old_ones) {
    begin(Assurance::best_effort, {rule("customers", {Role::normal})});
    ASSERT_EQ(outcome("SELECT name FROM customers"), "done");
    auto set = policy::PolicySet::create({strict(rule("customers", {Role::normal}))}, {});
    ASSERT_TRUE(gateway_->install_policies(std::make_shared<const policy::PolicySet>(*std::move(set))));
    audit_->flush();
    fail_the_sink();
    EXPECT_EQ(outcome("SELECT name FROM customers"), "unavailable");
}

}  // namespace
}  // namespace majed::gateway
