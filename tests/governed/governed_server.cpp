// SPDX-License-Identifier: Apache-2.0
#include "governed/governed_server.h"

#include "audit/audit_tables_fixture.h"
#include "driver/postgres/postgres_driver.h"
#include "driver/sqlite/database.h"
#include "rewrite/native_rules.h"

#include <libpq-fe.h>

#include <chrono>
#include <stdexcept>

namespace majed::governed {
namespace {

Deadline patience() {
    return deadline_after(std::chrono::seconds(20));
}

}  // namespace

std::string OpenedTables::unlisted(const std::set<std::string>& known) const {
    std::string all;
    for (const std::string& table : locked) {
        if (listed.count(table) == 0 && known.count(table) == 0) all += table + " ";
    }
    return all;
}

doubles::PostgresServer& OnServer::server() {
    static const auto started = doubles::PostgresServer::start();
    if (!started) throw std::runtime_error(started.error().message + started.error().hint);
    return **started;
}

void OnServer::SetUp() {
    if (const std::string missing = doubles::PostgresServer::missing(); !missing.empty())
        GTEST_SKIP() << missing;
}

GovernedSchema::GovernedSchema(doubles::PostgresServer& server, const std::vector<std::string>& script,
                               std::shared_ptr<const policy::PolicySet> policies, driver::Access access)
    : server_(server),
      access_(access),
      policies_(std::move(policies)),
      writer_(*driver::postgres::open_driver(server.target(driver::Access::read_write))),
      owner_(*writer_->open(patience())) {
    execute("DROP SCHEMA IF EXISTS shop CASCADE");
    execute("DROP SCHEMA IF EXISTS copy CASCADE");
    execute("CREATE SCHEMA shop");
    execute("CREATE SCHEMA copy");
    execute("ALTER DATABASE majed_test SET search_path = shop");
    execute("SET search_path = shop");
    for (const std::string& statement : script) execute(statement);
    auto database =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::create);
    if (!database || !database->execute(std::string(audit::audit_tables))) error_ += " no audit tables";
    audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
    serve(source::Enforcement::rewrite);
}

void GovernedSchema::serve(source::Enforcement enforcement) {
    source::SourceOptions options;
    options.name = "shop";
    options.enforcement = enforcement;
    options.access = access_;
    options.limits.statement_timeout = std::chrono::seconds(20);
    auto reader = driver::postgres::open_driver(server_.target(access_));
    auto source = source::Source::start(std::move(options), *std::move(reader));
    gateway_.reset();
    sources_ = std::make_unique<source::SourceRegistry>();
    if (!source || !(*source)->catalog() || !sources_->add(*std::move(source))) {
        error_ += " the source could not be opened";
        return;
    }
    gateway_ = std::make_unique<gateway::Gateway>(*sources_, *audit_, std::vector<std::uint8_t>(32, 7));
    const auto installed = gateway_->install_policies(policies_);
    if (!installed) error_ += installed.error().message;
}

void GovernedSchema::enforce_natively() {
    const auto catalog = (*sources_->find("shop"))->catalog();
    const auto rules = rewrite::native_rules(*policies_, "shop", **catalog);
    if (!rules) {
        error_ += rules.error().message;
        return;
    }
    const std::string target = "host=127.0.0.1 port=" + std::to_string(server_.port()) +
                               " dbname=majed_test user=majed_test password='correct horse' sslmode=disable";
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(target.c_str()), &PQfinish);
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    const std::string script = rewrite::native_script(*rules);
    const std::unique_ptr<PGresult, decltype(&PQclear)> done(PQexec(connection.get(), script.c_str()),
                                                             &PQclear);
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) error_ += PQerrorMessage(connection.get());
    serve(source::Enforcement::native);
}

void GovernedSchema::become_administrator() {
    writer_ = *driver::postgres::open_driver(server_.administrator_target());
    owner_ = *writer_->open(patience());
    looked_in_.clear();
}

void GovernedSchema::execute(const std::string& sql) {
    Answer ignored;
    PlainSink sink(ignored);
    driver::RunLimits limits;
    limits.deadline = patience();
    const auto done = owner_->execute(sql, {}, limits, sink);
    if (!done) error_ += " " + done.error().message + ": " + sql.substr(0, 200);
}

Answer GovernedSchema::plain(const std::string& schema, const std::string& sql) {
    if (schema != looked_in_) execute("SET search_path = " + schema);
    looked_in_ = schema;
    Answer answer;
    PlainSink sink(answer);
    driver::RunLimits limits;
    limits.deadline = patience();
    const auto done = owner_->execute(sql, {}, limits, sink);
    if (done) {
        answer.affected = done->rows_affected;
    } else {
        answer.error = done.error();
    }
    return answer;
}

Answer GovernedSchema::run(const Attributes& attributes, const std::string& sql, policy::Role role,
                           driver::Parameters parameters) {
    Answer answer;
    GovernedSink sink(answer);
    const auto done = read(attributes, sql, sink, role, std::move(parameters));
    if (!done) {
        answer.error = done.error();
    } else {
        answer.affected = done->rows_affected;
    }
    return answer;
}

Result<gateway::QuerySummary> GovernedSchema::read(const Attributes& attributes, const std::string& sql,
                                                   gateway::ResultSink& sink, policy::Role role,
                                                   driver::Parameters parameters) {
    gateway::QueryRequest request;
    request.sql = sql;
    request.parameters = std::move(parameters);
    request.timeout = timeout_;
    return gateway_->query(somebody(attributes, role), request, sink);
}

std::optional<OpenedTables> GovernedSchema::opened(const Attributes& attributes, const std::string& sql) {
    gateway::QueryRequest request;
    request.sql = sql;
    const auto report = gateway_->check(somebody(attributes, policy::Role::admin), request);
    if (!report || !report->allowed) return std::nullopt;
    OpenedTables tables;
    for (const gateway::RelationReport& each : report->relations)
        tables.listed.insert(each.table.substr(each.table.rfind('.') + 1));
    // The server locks what a text names when it reads it, and what that leads to (views, partitions) when it plans.
    execute("BEGIN");
    const auto note = [&tables](const Answer& answer) {
        if (answer.error && tables.problem.empty()) tables.problem = answer.text();
        return answer.rows;
    };
    note(plain("shop", "PREPARE majed_sent AS " + report->rewritten));
    const auto types = note(plain("shop",
                                  "SELECT coalesce(cardinality(parameter_types), 0) FROM "
                                  "pg_prepared_statements WHERE name = 'majed_sent'"));
    std::string nulls;
    for (int i = 0; !types.empty() && i < std::stoi(types.front()); ++i) nulls += i == 0 ? "NULL" : ", NULL";
    if (tables.problem.empty())
        note(plain("shop", "EXPLAIN EXECUTE majed_sent" + (nulls.empty() ? "" : "(" + nulls + ")")));
    if (tables.problem.empty()) {
        for (std::string row : note(plain(
                 "shop",
                 "SELECT DISTINCT CASE n.nspname WHEN 'shop' THEN '' ELSE n.nspname || '.' END || c.relname "
                 "FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = "
                 "c.relnamespace WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND n.nspname "
                 "NOT "
                 "IN ('pg_catalog', 'pg_toast') AND c.relkind NOT IN ('i', 'I')"))) {
            row.pop_back();  // the bar
            tables.locked.insert(row);
        }
    }
    execute("ROLLBACK");
    if (!types.empty()) execute("DEALLOCATE majed_sent");
    return tables;
}

std::string GovernedSchema::rewritten(const Attributes& attributes, const std::string& sql) {
    gateway::QueryRequest request;
    request.sql = sql;
    policy::Principal who = somebody(attributes, policy::Role::admin);
    const auto report = gateway_->check(who, request);
    if (!report) return report.error().message;
    return report->problems.empty() ? report->rewritten : report->problems.front().message;
}

}  // namespace majed::governed
