// SPDX-License-Identifier: Apache-2.0
#include "governed_oracle/governed_double.h"

#include "audit/audit_tables_fixture.h"
#include "core/value.h"
#include "driver/oracle/oracle_driver.h"
#include "driver/sqlite/database.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <variant>

namespace majed::governed_oracle {
namespace {

constexpr const char* password = "correct horse";

std::string text_of(std::span<const ValueView> cells) {
    std::string all;
    for (const ValueView& cell : cells) {
        if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
            all += std::to_string(*integer);
        } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
            all += *text;
        } else {
            all += std::holds_alternative<Null>(cell) ? "~" : "?";
        }
        all += "|";
    }
    return all;
}

class UserSink final : public gateway::ResultSink {
public:
    explicit UserSink(Answer& answer) : answer_(answer) {}
    Result<void> columns(std::span<const gateway::ResultColumn> columns) override {
        for (const gateway::ResultColumn& column : columns) answer_.columns.push_back(column.name);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        answer_.rows.push_back(text_of(cells));
        return {};
    }

private:
    Answer& answer_;
};

class OwnerSink final : public driver::RowSink {
public:
    explicit OwnerSink(Answer& answer) : answer_(answer) {}
    Result<void> row(std::span<const ValueView> cells) override {
        answer_.rows.push_back(text_of(cells));
        return {};
    }

private:
    Answer& answer_;
};

driver::RunLimits patient() {
    driver::RunLimits limits;
    limits.deadline = deadline_after(std::chrono::seconds(20));
    return limits;
}

std::unique_ptr<driver::Driver> driver_to(const std::string& service, driver::Access access) {
    driver::Target target;
    target.url = "oracle://localhost:1521/" + service + "?client_library=" + doubles::oci_double_folder();
    target.user = "shop";
    target.password = Secret(std::string(password));
    target.access = access;
    return *driver::oracle::open_driver(std::move(target));
}

policy::Principal somebody(const Attributes& attributes, policy::Role role) {
    policy::Principal who;
    who.id = 1;
    who.name = "somebody";
    who.role = role;
    who.attributes = attributes;
    return who;
}

}  // namespace

std::string Answer::text() const {
    if (error) return std::string(traits(error->code).name) + ": " + error->message;
    std::vector<std::string> sorted = rows;
    std::sort(sorted.begin(), sorted.end());
    std::string all;
    for (const std::string& row : sorted) all += row + "\n";
    return all;
}

const doubles::OciDouble& the_double() {
    static const driver::sqlite::TemporaryDirectory directory;
    static const doubles::OciDouble only(directory.file(""), password);
    return only;
}

GovernedDouble::GovernedDouble(const std::string& service, const std::vector<std::string>& script,
                               std::shared_ptr<const policy::PolicySet> policies, driver::Access access) {
    static_cast<void>(the_double());
    writer_ = driver_to(service, driver::Access::read_write);
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
    auto source = source::Source::start(std::move(options), driver_to(service, access));
    sources_ = std::make_unique<source::SourceRegistry>();
    if (!source || !sources_->add(*std::move(source))) {
        error_ += " the source could not be opened";
        return;
    }
    if (const auto catalog = this->source().catalog(); !catalog) error_ += " " + catalog.error().message;
    gateway_ = std::make_unique<gateway::Gateway>(*sources_, *audit_, std::vector<std::uint8_t>(32, 7));
    const auto installed = gateway_->install_policies(std::move(policies));
    if (!installed) error_ += installed.error().message;
}

void GovernedDouble::execute(const std::string& sql) {
    const Answer done = plain(sql);
    if (done.error) error_ += " " + done.error->message + ": " + sql.substr(0, 200);
}

Answer GovernedDouble::plain(const std::string& sql) {
    Answer answer;
    OwnerSink sink(answer);
    const auto done = owner_->execute(sql, {}, patient(), sink);
    if (done) {
        answer.affected = done->rows_affected;
    } else {
        answer.error = done.error();
    }
    return answer;
}

Answer GovernedDouble::run(const Attributes& attributes, const std::string& sql, policy::Role role,
                           driver::Parameters parameters) {
    Answer answer;
    UserSink sink(answer);
    gateway::QueryRequest request;
    request.sql = sql;
    request.parameters = std::move(parameters);
    const auto done = gateway_->query(somebody(attributes, role), request, sink);
    if (done) {
        answer.affected = done->rows_affected;
    } else {
        answer.error = done.error();
    }
    return answer;
}

std::string GovernedDouble::rewritten(const Attributes& attributes, const std::string& sql) {
    gateway::QueryRequest request;
    request.sql = sql;
    const auto report = gateway_->check(somebody(attributes, policy::Role::admin), request);
    if (!report) return report.error().message;
    return report->problems.empty() ? report->rewritten : report->problems.front().message;
}

}  // namespace majed::governed_oracle
