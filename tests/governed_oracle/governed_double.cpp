// SPDX-License-Identifier: Apache-2.0
#include "governed_oracle/governed_double.h"

#include "audit/audit_tables_fixture.h"
#include "driver/oracle/oracle_driver.h"
#include "driver/sqlite/database.h"
#include "rewrite/native_server.h"

#include <chrono>
#include <sstream>
#include <string_view>
#include <utility>

namespace majed::governed_oracle {
namespace {

constexpr const char* password = "correct horse";

driver::RunLimits patient() {
    driver::RunLimits limits;
    limits.deadline = deadline_after(std::chrono::seconds(20));
    return limits;
}

std::unique_ptr<driver::Driver> driver_to(const std::string& service, driver::Access access,
                                          const std::string& user = "shop") {
    driver::Target target;
    target.url = "oracle://localhost:1521/" + service + "?client_library=" + doubles::oci_double_folder();
    target.user = user;
    target.password = Secret(std::string(password));
    target.access = access;
    return *driver::oracle::open_driver(std::move(target));
}

/// Blocks end with a slash, statements with a semicolon; SET, WHENEVER and comments are for SQL*Plus.
std::vector<std::string> sql_plus_statements(const std::string& script) {
    std::vector<std::string> statements;
    std::string open;
    bool block = false;
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
        const auto begins = [&line](std::string_view word) { return line.starts_with(word); };
        if (open.empty() && (line.empty() || begins("--") || begins("SET ") || begins("WHENEVER "))) continue;
        if (open.empty()) block = begins("BEGIN") || begins("DECLARE") || begins("CREATE OR REPLACE PACKAGE");
        const bool ends = block ? line == "/" : line.ends_with(';');
        if (!block && ends) line.pop_back();
        if (!block || !ends) open += line + "\n";
        if (ends) statements.push_back(std::exchange(open, {}));
    }
    return statements;
}

}  // namespace

const doubles::OciDouble& the_double() {
    static const driver::sqlite::TemporaryDirectory directory;
    static const doubles::OciDouble only(directory.file(""), password);
    return only;
}

GovernedDouble::GovernedDouble(const std::string& service, const std::vector<std::string>& script,
                               std::shared_ptr<const policy::PolicySet> policies, driver::Access access,
                               source::Enforcement enforcement)
    : policies_(std::move(policies)), login_driver_(driver_to(service, driver::Access::read_write)) {
    static_cast<void>(the_double());
    const bool native = enforcement == source::Enforcement::native;
    writer_ = driver_to(service, driver::Access::read_write, native ? "keeper" : "shop");
    auto owner = writer_->open(patient().deadline);
    if (!owner) {
        error_ = owner.error().message + " " + owner.error().hint;
        return;
    }
    owner_ = *std::move(owner);
    for (const std::string& statement : script) execute(statement);
    auto database =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::create);
    if (!database || !database->execute(std::string(audit::audit_tables))) error_ += " no audit tables";
    audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
    source::SourceOptions options;
    options.name = "shop";
    options.pool.max = 2;
    options.access = access;
    options.enforcement = enforcement;
    auto source = source::Source::start(std::move(options), driver_to(service, access));
    sources_ = std::make_unique<source::SourceRegistry>();
    if (!source || !sources_->add(*std::move(source))) {
        error_ += " the source could not be opened";
        return;
    }
    if (const auto catalog = this->source().catalog(); !catalog) error_ += " " + catalog.error().message;
    if (native) {
        run_export();
        if (const auto read = this->source().refresh_catalog(); !read) error_ += " " + read.error().message;
    }
    gateway_ = std::make_unique<gateway::Gateway>(*sources_, *audit_, std::vector<std::uint8_t>(32, 7));
    const auto installed = gateway_->install_policies(policies_);
    if (!installed) error_ += installed.error().message;
}

void GovernedDouble::run_export() {
    const auto catalog = source().catalog();
    if (!catalog) {
        error_ += " " + catalog.error().message;
        return;
    }
    const auto script = rewrite::server_script(*policies_, "shop", **catalog);
    if (!script) {
        error_ += " " + script.error().message;
        return;
    }
    for (const std::string& statement : sql_plus_statements(*script)) execute(statement);
}

void GovernedDouble::look() {
    static_cast<void>(source().watched({}).check(source::CheckKind::routine, patient().deadline));
}

std::vector<std::string> GovernedDouble::differences() {
    const auto catalog = source().refresh_catalog();
    if (!catalog) return {catalog.error().message};
    const auto found = rewrite::server_differences(*policies_, "shop", **catalog);
    return found ? *found : std::vector<std::string>{found.error().message};
}

void GovernedDouble::execute(const std::string& sql) {
    const Answer done = plain(sql);
    if (done.error) error_ += " " + done.error->message + ": " + sql.substr(0, 200);
}

Answer GovernedDouble::plain(const std::string& sql) {
    return answer_of(*owner_, sql);
}

Answer GovernedDouble::as_login(const std::string& sql) {
    if (login_ == nullptr) login_ = *login_driver_->open(patient().deadline);
    return answer_of(*login_, sql);
}

Answer GovernedDouble::answer_of(driver::Connection& connection, const std::string& sql) {
    Answer answer;
    governed::PlainSink sink(answer);
    const auto done = connection.execute(sql, {}, patient(), sink);
    if (done) {
        answer.affected = done->rows_affected;
    } else {
        answer.error = done.error();
    }
    answer.sort();
    return answer;
}

Answer GovernedDouble::run(const Attributes& attributes, const std::string& sql, policy::Role role,
                           driver::Parameters parameters) {
    Answer answer;
    governed::GovernedSink sink(answer);
    gateway::QueryRequest request;
    request.sql = sql;
    request.parameters = std::move(parameters);
    const auto done = gateway_->query(governed::somebody(attributes, role), request, sink);
    if (done) {
        answer.affected = done->rows_affected;
    } else {
        answer.error = done.error();
    }
    answer.sort();
    return answer;
}

std::string GovernedDouble::rewritten(const Attributes& attributes, const std::string& sql) {
    gateway::QueryRequest request;
    request.sql = sql;
    const auto report = gateway_->check(governed::somebody(attributes, policy::Role::admin), request);
    if (!report) return report.error().message;
    return report->problems.empty() ? report->rewritten : report->problems.front().message;
}

}  // namespace majed::governed_oracle
