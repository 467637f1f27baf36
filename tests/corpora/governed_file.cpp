// SPDX-License-Identifier: Apache-2.0
#include "corpora/governed_file.h"

#include "driver/sqlite/database.h"
#include "store/primary_store_fixture.h"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace majed::corpora {
namespace {

class AnswerSink final : public gateway::ResultSink {
public:
    explicit AnswerSink(Answer& answer) : answer_(answer) {}
    Result<void> columns(std::span<const gateway::ResultColumn> columns) override {
        for (const gateway::ResultColumn& column : columns) answer_.columns.push_back(column.name);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        std::string text;
        for (const ValueView& cell : cells) text += cell_text(cell) + "|";
        answer_.rows.push_back(std::move(text));
        return {};
    }

private:
    Answer& answer_;
};

constexpr std::uint64_t more_rows_than_any_answer = 10'000'000;
constexpr std::uint64_t more_bytes_than_any_answer = 1ULL << 32;

}  // namespace

AuditFolder::AuditFolder() {
    store_ = *store::make_primary_store(directory_.file("majed.db"));
    trail_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
}

GovernedFile::GovernedFile(const std::string& script, std::shared_ptr<const policy::PolicySet> policies,
                           AuditFolder& audit, driver::Access access) {
    {
        auto database = driver::sqlite::Database::open(path(), driver::sqlite::OpenMode::create);
        const auto done = database->execute("PRAGMA synchronous = OFF;" + script);
        if (!done) error_ = done.error().message;
    }
    source::SourceOptions options;
    options.name = "sample";
    options.access = access;
    options.limits = {more_rows_than_any_answer, more_bytes_than_any_answer, std::chrono::seconds(20)};
    auto source = source::start_sqlite(std::move(options), path());
    if (!source || !sources_.add(*std::move(source))) {
        error_ += " the sample source could not be opened";
        return;
    }
    gateway_ = std::make_unique<gateway::Gateway>(sources_, audit.trail(), std::vector<std::uint8_t>(32, 7));
    const auto installed = gateway_->install_policies(std::move(policies));
    if (!installed) error_ += installed.error().message;
}

policy::Principal GovernedFile::principal(const Attributes& attributes, policy::Role role) {
    policy::Principal who;
    who.id = 1;
    who.name = "sample";
    who.role = role;
    who.attributes = attributes;
    return who;
}

GovernedAnswer GovernedFile::run(const Attributes& attributes, const std::string& sql) {
    GovernedAnswer governed;
    AnswerSink sink(governed.answer);
    gateway::QueryRequest request;
    request.sql = sql;
    const auto done = gateway_->query(principal(attributes, policy::Role::normal), request, sink);
    if (done) governed.rows_affected = done->rows_affected;
    if (!done) {
        governed.error = done.error();
        governed.answer.end = Answer::End::failed;
        governed.answer.error = done.error().message;
        governed.answer.rows.clear();
    }
    governed.answer.sort();
    return governed;
}

std::string GovernedFile::rewritten(const Attributes& attributes, const std::string& sql) {
    gateway::QueryRequest request;
    request.sql = sql;
    const auto report = gateway_->check(principal(attributes, policy::Role::admin), request);
    return report ? report->rewritten : report.error().message;
}

}  // namespace majed::corpora
