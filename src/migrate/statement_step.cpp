// SPDX-License-Identifier: Apache-2.0
#include "migrate/statement_step.h"

#include "core/ascii.h"
#include "migrate/created_source.h"
#include "migrate/query_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace majed::migrate {

namespace {

/// Its line: of the place the engine names when it names one, else of its first word.
std::size_t line_of(Dialect dialect, const ScriptStatement& statement, const Error& error) {
    const std::size_t first = first_word_at(dialect, statement.text);
    if (!error.offset || *error.offset <= first || *error.offset > statement.text.size()) {
        return statement.line;
    }
    const auto begin = statement.text.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = statement.text.begin() + static_cast<std::ptrdiff_t>(*error.offset);
    return statement.line + static_cast<std::size_t>(std::count(begin, end, '\n'));
}

void add_hint(Error& error, std::string text) {
    error.hint = error.hint.empty() ? std::move(text) : std::move(text) + "\n" + error.hint;
}

bool builds_index_aside(std::string_view text) {
    const std::string words = ascii_lower(text.substr(first_word_at(Dialect::postgresql, text)));
    return (words.starts_with("create") || words.starts_with("reindex")) &&
           words.find("concurrently") != std::string::npos;
}

Error failed(RunSession& session, const Job& job, std::size_t number, Error error) {
    const ScriptStatement& statement = job.script().statements[number - 1];
    const std::size_t line = line_of(session.dialect(), statement, error);
    std::string message = job.file() + ": line " + std::to_string(line) + ": statement " +
                          std::to_string(number) + " of " + std::to_string(job.script().statements.size()) +
                          " failed: " + error.message;
    if (!error.native_state.empty() && message.find(error.native_state) == std::string::npos) {
        message += " (" + error.native_state + ')';
    }
    error.message = std::move(message);
    error.offset.reset();
    if (session.dialect() == Dialect::postgresql && builds_index_aside(statement.text)) {
        add_hint(error,
                 "the index that was being built stays behind, marked INVALID: drop it before the next `up`");
    }
    if (const std::string words = session.connection().last_message(); !words.empty()) {
        add_hint(error, "the database says: " + words);
    }
    return error;
}

Result<void> execute(RunSession& session, const ScriptStatement& statement) {
    driver::Connection& connection = session.connection();
    const Deadline deadline = session.statement_deadline();
    if (statement.copies_rows) {
        MAJED_TRY(connection.copy_rows(statement.text, statement.copy_rows, deadline));
        return {};
    }
    class NoRows final : public driver::RowSink {
    public:
        Result<void> row(std::span<const ValueView>) override { return {}; }
    };
    NoRows sink;
    MAJED_TRY(connection.execute(statement.text, {}, {.deadline = deadline}, sink));
    return session.dialect() == Dialect::oracle
               ? check_created_source(connection, statement.text, RunSession::own_deadline())
               : Result<void>();
}

}  // namespace

const std::string& Job::file() const noexcept {
    const bool elsewhere = direction == Direction::down && !migration->down_file.empty();
    return elsewhere ? migration->down_file : migration->file;
}

bool Job::foreign_keys_off() const noexcept {
    return direction == Direction::down ? migration->down_foreign_keys_off : migration->foreign_keys_off;
}

bool Job::stepwise() const noexcept {
    const bool directed = direction == Direction::down ? migration->down_stepwise : migration->stepwise;
    // What began statement by statement goes on so, whatever its file says now.
    if (directed || row.state == LedgerState::running || row.state == LedgerState::failed) {
        return true;
    }
    const auto& statements = script().statements;
    return std::any_of(statements.begin(), statements.end(),
                       [](const ScriptStatement& s) { return s.fit == TransactionFit::outside; });
}

MigrationOutcome outcome_of(const Job& job) {
    MigrationOutcome outcome;
    outcome.key = job.migration->key;
    outcome.description = job.migration->description;
    outcome.file = job.file();
    outcome.direction = job.direction;
    outcome.statements_total = job.script().statements.size();
    outcome.stepwise = job.stepwise();
    return outcome;
}

void sign(LedgerRow& row, const MigratorOptions& options) {
    row.applied_by = options.applied_by;
    row.tool_version = options.tool_version;
}

LedgerRow row_of(const Migration& migration, const MigratorOptions& options, std::int64_t id) {
    LedgerRow row;
    row.id = id;
    row.version = migration.key;
    row.description = migration.description;
    row.checksum = migration.checksum;
    row.tokens_checksum = migration.tokens_checksum;
    sign(row, options);
    return row;
}

Result<void> run_statement(RunSession& session, const Job& job, std::size_t number) {
    const ScriptStatement& statement = job.script().statements[number - 1];
    session.surroundings().observer.statement(number, job.script().statements.size());
    auto done = execute(session, statement);
    return done ? Result<void>() : failed(session, job, number, std::move(done).error());
}

Error in_file(const Job& job, Error error) {
    error.message = job.file() + ": " + error.message;
    return error;
}

std::string ledger_text(const Error& error) {
    return std::string(traits(error.code).name) + ": " + error.message;
}

}  // namespace majed::migrate
