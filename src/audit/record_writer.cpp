// SPDX-License-Identifier: Apache-2.0
#include "audit/record_writer.h"

#include "audit/record_time.h"
#include "telemetry/safe_text.h"

#include <utility>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

constexpr std::string_view insert_sql =
    "INSERT INTO audit_log (event_id, phase, user_id, username, role, action, resource, resource_id, details,"
    " ip_address, user_agent, request_id, timestamp, success, error_message)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

/// Safe text, or NULL when there is nothing to say.
Value cell(std::string_view text) {
    if (text.empty()) return Null{};
    return telemetry::safe_text(text);
}

/// Whatever went wrong, the caller's way out is the same: no audit, no statement.
Error not_written(const Error& cause) {
    return Error{.code = ErrorCode::unavailable,
                 .message = "the audit trail cannot be written",
                 .hint = {},
                 .offset = {},
                 .retry_after = std::chrono::seconds(1),
                 .native_code = cause.native_code};
}

AuditRecord gap_record(std::uint64_t lost) {
    return {.phase = Phase::event,
            .username = "majed",
            .action = "audit.gap",
            .resource = "audit_log",
            .details = "{\"dropped\":" + std::to_string(lost) + "}",
            .success = false,
            .error_message = "overloaded: " + std::to_string(lost) + " records are lost"};
}

/// Failures that the next record would meet as well.
bool concerns_the_file(ErrorCode code) {
    return code == ErrorCode::unavailable || code == ErrorCode::internal || code == ErrorCode::cancelled;
}

}  // namespace

RecordWriter::RecordWriter(Database connection, driver::sqlite::Statement insert, TreeWriter tree) noexcept
    : connection_(std::move(connection)), insert_(std::move(insert)), tree_(std::move(tree)) {}

Result<RecordWriter> RecordWriter::open(const AuditOptions& options) {
    MAJED_TRY_ASSIGN(auto connection,
                     Database::open(options.database_path, OpenMode::read_write, options.busy_timeout));
    // FULL: a committed intent survives a loss of power. Foreign keys stay off: a record about a user who is
    // gone is still evidence.
    if (auto set = connection.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF"); !set) {
        return not_written(set.error());
    }
    auto insert = connection.prepare(insert_sql);
    if (!insert) {
        return Error{.code = ErrorCode::unavailable,
                     .message = options.database_path + " holds no audit table of this program",
                     .hint = "make a primary store with: majed init"};
    }
    MAJED_TRY_ASSIGN(auto tree, TreeWriter::open(connection, options));
    return RecordWriter(std::move(connection), std::move(*insert), std::move(tree));
}

Result<void> RecordWriter::insert(const AuditRecord& record, std::chrono::system_clock::time_point when) {
    cells_.clear();
    cells_.emplace_back(telemetry::safe_text(record.event_id));
    cells_.emplace_back(std::string(to_string(record.phase)));
    cells_.push_back(record.user_id ? Value(*record.user_id) : Value(Null{}));
    cells_.push_back(cell(record.username));
    cells_.push_back(cell(record.role));
    cells_.emplace_back(telemetry::safe_text(record.action));
    cells_.push_back(cell(record.resource));
    cells_.push_back(cell(record.resource_id));
    cells_.push_back(cell(record.details));
    cells_.push_back(cell(record.ip_address));
    cells_.push_back(cell(record.user_agent));
    cells_.push_back(cell(record.request_id));
    cells_.emplace_back(timestamp(when));
    cells_.emplace_back(std::int64_t{record.success ? 1 : 0});
    cells_.push_back(cell(record.error_message));
    MAJED_TRY(insert_.bind(cells_));
    MAJED_TRY(insert_.step());
    const std::int64_t id = connection_.last_insert_rowid();
    leaf_.clear();
    leaf_.add(id);
    for (const Value& stored : cells_) leaf_.add(to_view(stored));
    return tree_.append(id, leaf_.hash());
}

Result<std::vector<std::optional<Error>>> RecordWriter::insert_all(std::span<const QueuedRecord> batch,
                                                                   std::uint64_t lost) {
    std::vector<std::optional<Error>> outcomes(batch.size());
    if (lost != 0) {
        MAJED_TRY(insert(gap_record(lost), std::chrono::system_clock::now()));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto inserted = insert(batch[i].record, batch[i].when);
        if (inserted) continue;
        if (concerns_the_file(inserted.error().code)) return std::move(inserted).error();
        outcomes[i] = not_written(inserted.error());
    }
    return outcomes;
}

Result<std::vector<std::optional<Error>>> RecordWriter::write(std::span<const QueuedRecord> batch,
                                                              std::uint64_t lost) {
    return commit(batch, lost, TreeWriter::Signing::when_due);
}

Result<void> RecordWriter::sign() {
    auto done = commit({}, 0, TreeWriter::Signing::now);
    if (done) return {};
    tree_.postpone();
    return std::move(done).error();
}

Result<std::vector<std::optional<Error>>> RecordWriter::commit(std::span<const QueuedRecord> batch,
                                                               std::uint64_t lost,
                                                               TreeWriter::Signing signing) {
    if (connection_.moved()) {
        return not_written({.code = ErrorCode::unavailable, .message = "the primary store's file was moved"});
    }
    if (auto begun = connection_.execute("BEGIN IMMEDIATE"); !begun) return not_written(begun.error());
    auto outcomes = write_in_transaction(batch, lost, signing);
    if (outcomes) {
        tree_.file_heads();
        return outcomes;
    }
    // Fails only when SQLite has rolled back by itself already.
    static_cast<void>(connection_.execute("ROLLBACK"));
    return not_written(outcomes.error());
}

Result<std::vector<std::optional<Error>>> RecordWriter::write_in_transaction(
    std::span<const QueuedRecord> batch, std::uint64_t lost, TreeWriter::Signing signing) {
    MAJED_TRY(tree_.catch_up());
    MAJED_TRY_ASSIGN(auto outcomes, insert_all(batch, lost));
    MAJED_TRY(tree_.conclude(signing, std::chrono::system_clock::now()));
    MAJED_TRY(connection_.execute("COMMIT"));
    return outcomes;
}

}  // namespace majed::audit
