// SPDX-License-Identifier: Apache-2.0
#include "audit/record_reader.h"

#include "audit/record_time.h"
#include "audit/sensitive_details.h"
#include "telemetry/safe_text.h"

#include <string_view>
#include <utility>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

/// Nested: JSON functions fail on what is no JSON, and only CASE promises not to call them.
constexpr std::string_view select_records =
    "SELECT id, event_id, phase, user_id, username, role, action, resource, resource_id, details, ip_address,"
    " user_agent, request_id, timestamp, success, error_message,"
    " CASE WHEN typeof(details) = 'text' AND json_valid(details)"
    " THEN CASE json_type(details) WHEN 'object' THEN json(details) END END FROM audit_log";

Result<std::string> time_bound(std::string_view name, std::string_view text) {
    const auto time = parse_time(text);
    if (!time) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = std::string(name) + " is no time that can be understood",
                     .hint = "ISO 8601 in UTC: 2025-01-31, 2025-01-31T23:59Z or 2025-01-31T23:59:59.123456Z"};
    }
    return comparable_text(*time);
}

/// The statement of one page, and the values it is run with.
class RecordQuery {
public:
    [[nodiscard]] Result<void> add(const RecordFilter& filter) {
        add_action(filter.action);
        add_text("username", filter.username);
        add_text("resource", filter.resource);
        add_text("request_id", filter.request_id);
        add_text("event_id", filter.event_id);
        if (filter.success) add("success = ", std::int64_t{*filter.success ? 1 : 0});
        if (!filter.since.empty()) {
            MAJED_TRY_ASSIGN(auto since, time_bound("since", filter.since));
            add(std::string(comparable_time) + " >= ", std::move(since));
        }
        if (!filter.until.empty()) {
            MAJED_TRY_ASSIGN(auto until, time_bound("until", filter.until));
            add(std::string(comparable_time) + " < ", std::move(until));
        }
        return {};
    }

    /// One more than the page holds, which tells whether it is the last.
    [[nodiscard]] Result<void> add(const PageRequest& page) {
        if (page.limit < 1 || page.limit > largest_record_page) {
            return Error{ErrorCode::invalid_argument,
                         "a page has 1 to " + std::to_string(largest_record_page) + " records"};
        }
        const bool newest_first = page.order == RecordOrder::newest_first;
        if (page.after) add(newest_first ? "id < " : "id > ", *page.after);
        sql_ += newest_first ? " ORDER BY id DESC LIMIT " : " ORDER BY id LIMIT ";
        sql_ += parameter(static_cast<std::int64_t>(page.limit + 1));
        return {};
    }

    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

private:
    std::string parameter(Value value) {
        values_.push_back(std::move(value));
        return "?" + std::to_string(values_.size());
    }
    void begin_condition() {
        sql_ += has_condition_ ? " AND " : " WHERE ";
        has_condition_ = true;
    }
    void add_term(std::string_view term) {
        begin_condition();
        sql_ += term;
    }
    void add(std::string_view comparison, Value value) {
        add_term(comparison);
        sql_ += parameter(std::move(value));
    }
    /// Texts are stored escaped, and what is escaped already stays as it is.
    void add_text(std::string_view column, std::string_view text) {
        if (!text.empty()) add(std::string(column) + " = ", telemetry::safe_text(text));
    }
    void add_action(std::string_view action) {
        if (!action.ends_with('*')) {
            add_text("action", action);
            // So that the index of what is not a statement serves; most records are of statements.
            if (!action.empty() && action != "query") add_term("action <> 'query'");
            return;
        }
        action.remove_suffix(1);
        const std::string beginning = parameter(telemetry::safe_text(action));
        begin_condition();
        sql_ += "substr(action, 1, length(" + beginning + ")) = " + beginning;
    }

    std::string sql_ = std::string(select_records);
    std::vector<Value> values_;
    bool has_condition_ = false;
};

std::optional<std::string> text_or_none(const Statement& row, int column) {
    if (std::holds_alternative<Null>(row.column(column))) return {};
    return row.text(column);
}

}  // namespace

RecordReader::RecordReader(Database database, std::shared_ptr<DetailSeal> seal) noexcept
    : database_(std::move(database)), seal_(std::move(seal)) {}

Result<RecordReader> RecordReader::open(const std::string& database_path, std::shared_ptr<DetailSeal> seal) {
    MAJED_TRY_ASSIGN(auto database, Database::open(database_path, OpenMode::read_only));
    return RecordReader(std::move(database), std::move(seal));
}

StoredRecord RecordReader::record_of(const Statement& row) const {
    StoredRecord record;
    record.id = row.integer(0);
    record.event_id = row.text(1);
    record.phase = row.text(2);
    if (!std::holds_alternative<Null>(row.column(3))) record.user_id = row.integer(3);
    record.username = text_or_none(row, 4);
    record.role = text_or_none(row, 5);
    record.action = row.text(6);
    record.resource = text_or_none(row, 7);
    record.resource_id = text_or_none(row, 8);
    record.details = text_or_none(row, 9);
    record.ip_address = text_or_none(row, 10);
    record.user_agent = text_or_none(row, 11);
    record.request_id = text_or_none(row, 12);
    record.timestamp = row.text(13);
    record.success = row.integer(14) != 0;
    record.error_message = text_or_none(row, 15);
    record.details_object = text_or_none(row, 16);
    if (record.details_object) {
        const RecordPlace place{record.event_id, record.phase};
        auto opened = with_opened(*record.details_object, place, seal_.get());
        if (opened) {
            record.details_object = std::move(*opened);
            record.details = record.details_object;
        }
    }
    return record;
}

Result<RecordPage> RecordReader::read(const RecordFilter& filter, const PageRequest& page) {
    RecordQuery query;
    MAJED_TRY(query.add(filter));
    MAJED_TRY(query.add(page));
    auto rows = database_.prepare(query.sql());
    if (!rows) {
        if (rows.error().code != ErrorCode::invalid_argument) return std::move(rows).error();
        return Error{.code = ErrorCode::unavailable,
                     .message = "the primary store holds no audit of this program",
                     .hint = "bring it up to date with: majed migrate up"};
    }
    MAJED_TRY(rows->bind(query.values()));
    RecordPage read;
    while (true) {
        MAJED_TRY_ASSIGN(const bool more, rows->step());
        if (!more) return read;
        if (read.records.size() == page.limit) {
            read.next = read.records.back().id;
            return read;
        }
        read.records.push_back(record_of(*rows));
    }
}

}  // namespace majed::audit
