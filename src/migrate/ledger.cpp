// SPDX-License-Identifier: Apache-2.0
#include "migrate/ledger.h"

#include "core/ascii.h"
#include "core/utf8.h"
#include "migrate/ledger_tables.h"
#include "migrate/query_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

namespace majed::migrate {

namespace {

constexpr std::size_t longest_error = 1900;
constexpr std::size_t longest_description = 1000;
constexpr std::size_t longest_person = 255;
constexpr std::size_t longest_tool_version = 64;

constexpr std::array<LedgerState, 5> states{LedgerState::applied, LedgerState::running, LedgerState::failed,
                                            LedgerState::undone, LedgerState::baseline};

std::optional<LedgerState> state_of(std::string_view name) {
    const auto found =
        std::find_if(states.begin(), states.end(), [&](LedgerState s) { return name_of(s) == name; });
    return found == states.end() ? std::nullopt : std::optional(*found);
}

bool succeeded(LedgerState state) noexcept {
    return state == LedgerState::applied || state == LedgerState::baseline || state == LedgerState::undone;
}

Value number(std::size_t value) {
    return static_cast<std::int64_t>(value);
}

std::string cut(std::string_view text, std::size_t bytes) {
    return std::string(whole_characters(text, bytes));
}

Named parameters_of(const LedgerRow& row) {
    return {{"p_version", row.version},
            {"p_id", row.id},
            {"p_description", cut(row.description, longest_description)},
            {"p_checksum", row.checksum},
            {"p_tokens", row.tokens_checksum},
            {"p_state", std::string(name_of(row.state))},
            {"p_success", succeeded(row.state)},
            {"p_total", number(row.statements_total)},
            {"p_applied", number(row.statements_applied)},
            {"p_begun", number(row.statement_begun)},
            {"p_digest", row.progress_digest},
            {"p_duration", static_cast<std::int64_t>(row.duration.count())},
            {"p_error", cut(row.error, longest_error)},
            {"p_person", cut(row.applied_by, longest_person)},
            {"p_tool", cut(row.tool_version, longest_tool_version)},
            {"p_schema_hash", row.schema_hash},
            {"p_out_of_order", row.out_of_order}};
}

/// Only those that the statement names: a driver refuses a value too many.
Named only_named(Named parameters, std::string_view sql) {
    std::erase_if(parameters, [&](const auto& parameter) {
        return sql.find(':' + parameter.first) == std::string_view::npos;
    });
    return parameters;
}

Error foreign_table(std::span<const std::string> columns) {
    const auto holds = [&](std::string_view name) {
        return std::find(columns.begin(), columns.end(), name) != columns.end();
    };
    std::string whose = "another tool";
    if (columns.size() == 1 && holds("version")) {
        whose = "Rails or dbmate";
    } else if (columns.size() == 2 && holds("version") && holds("dirty")) {
        whose = "golang-migrate";
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "the table schema_migrations is not ours: it looks like that of " + whose,
                 .hint = "rename it, then declare what is there with `baseline`"};
}

constexpr std::string_view assignments =
    "id = :p_id, description = :p_description, checksum = :p_checksum, tokens_checksum = :p_tokens, "
    "state = :p_state, success = :p_success, statements_total = :p_total, statements_applied = :p_applied, "
    "statement_begun = :p_begun, progress_digest = :p_digest, duration_ms = :p_duration, error = :p_error, "
    "applied_by = :p_person, tool_version = :p_tool, schema_hash = :p_schema_hash, "
    "out_of_order = :p_out_of_order, applied_at = ";
constexpr std::string_view inserted_columns =
    " (id, version, description, checksum, tokens_checksum, state, success, statements_total, "
    "statements_applied, statement_begun, progress_digest, duration_ms, error, applied_by, tool_version, "
    "schema_hash, out_of_order, applied_at) VALUES (:p_id, :p_version, :p_description, :p_checksum, "
    ":p_tokens, :p_state, :p_success, :p_total, :p_applied, :p_begun, :p_digest, :p_duration, :p_error, "
    ":p_person, :p_tool, :p_schema_hash, :p_out_of_order, ";

Result<LedgerRow> row_of(const Row& cells) {
    const std::optional<LedgerState> state = state_of(text_of(cells[6]));
    if (!state) {
        return Error{.code = ErrorCode::conflict,
                     .message = "the ledger holds a state that this version does not know",
                     .hint = "use the version of the program that wrote it"};
    }
    const auto size = [&](std::size_t index) {
        return static_cast<std::size_t>(std::max<std::int64_t>(0, integer_of(cells[index])));
    };
    LedgerRow row;
    row.id = integer_of(cells[0]);
    row.version = text_of(cells[1]);
    row.description = text_of(cells[2]);
    row.applied_at = utc_text(text_of(cells[3]));
    row.checksum = text_of(cells[4]);
    row.tokens_checksum = text_of(cells[5]);
    row.state = *state;
    row.statements_total = size(7);
    row.statements_applied = size(8);
    row.statement_begun = size(9);
    row.progress_digest = text_of(cells[10]);
    row.duration = std::chrono::milliseconds(integer_of(cells[11]));
    row.error = text_of(cells[12]);
    row.applied_by = text_of(cells[13]);
    row.tool_version = text_of(cells[14]);
    row.schema_hash = text_of(cells[15]);
    row.out_of_order = integer_of(cells[16]) != 0;
    return row;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    if (at + count > text.size()) {
        return std::nullopt;
    }
    const char* const end = text.data() + at + count;
    const auto read = std::from_chars(text.data() + at, end, value);
    return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string utc_text(std::string_view timestamp) {
    using std::chrono::days;
    using std::chrono::minutes;
    const auto year = digits(timestamp, 0, 4);
    const auto month = digits(timestamp, 5, 2);
    const auto day = digits(timestamp, 8, 2);
    const auto hour = digits(timestamp, 11, 2);
    const auto minute = digits(timestamp, 14, 2);
    if (!year || !month || !day || !hour || !minute || timestamp.size() < 19) {
        return std::string(timestamp);
    }
    std::size_t end = timestamp.find_first_of("Z+-", 19);
    end = end == std::string_view::npos ? timestamp.size() : end;
    std::string seconds(timestamp.substr(17, end - 17));
    minutes offset{0};
    if (end < timestamp.size() && timestamp[end] != 'Z') {
        const int sign = timestamp[end] == '-' ? -1 : 1;
        const int offset_hours = digits(timestamp, end + 1, 2).value_or(0);
        const int offset_minutes = digits(timestamp, end + 4, 2).value_or(0);
        offset = minutes(sign * (offset_hours * 60 + offset_minutes));
    }
    const auto date =
        std::chrono::sys_days(std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month)) /
                              std::chrono::day(static_cast<unsigned>(*day)));
    const auto moment = date + minutes(*hour * 60 + *minute) - offset;
    const auto midnight = std::chrono::floor<days>(moment);
    const std::chrono::year_month_day parts(midnight);
    const auto in_day = (moment - midnight).count();
    std::array<char, 32> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:", static_cast<int>(parts.year()),
                      static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()),
                      static_cast<int>(in_day / 60), static_cast<int>(in_day % 60));
    return std::string(text.data(), static_cast<std::size_t>(length)) + seconds + 'Z';
}

Ledger::Ledger(Dialect dialect, driver::Connection& connection, std::string_view schema)
    : dialect_(dialect), connection_(connection), schema_(schema) {
    const std::string prefix = schema.empty() ? std::string() : quoted(schema) + '.';
    rows_table_ = prefix + std::string(ledger_table);
    objects_table_ = prefix + std::string(objects_table);
}

std::string Ledger::mark(std::size_t position) const {
    switch (dialect_) {
        case Dialect::sqlite:
            return "?";
        case Dialect::postgresql:
            return '$' + std::to_string(position);
        case Dialect::oracle:
            return ':' + std::to_string(position);
    }
    return {};
}

Result<std::vector<std::string>> Ledger::columns(std::string_view table, Deadline deadline) {
    Named parameters{{"p_table", std::string(table)}};
    std::string_view sql;
    switch (dialect_) {
        case Dialect::sqlite:
            sql = "SELECT name FROM pragma_table_info(:p_table, 'main')";
            break;
        case Dialect::postgresql:
            sql =
                "SELECT a.attname FROM pg_catalog.pg_attribute a "
                "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relname = :p_table AND n.nspname = :p_schema AND a.attnum > 0 AND NOT "
                "a.attisdropped";
            parameters.emplace_back("p_schema", schema_);
            break;
        case Dialect::oracle:
            sql = "SELECT column_name FROM user_tab_columns WHERE table_name = UPPER(:p_table)";
            break;
    }
    MAJED_TRY_ASSIGN(const std::vector<Row> found, fetch(connection_, sql, std::move(parameters), deadline));
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const Row& row : found) {
        names.push_back(ascii_lower(text_of(row.front())));
    }
    return names;
}

Result<LedgerTables> Ledger::tables(Deadline deadline) {
    MAJED_TRY_ASSIGN(const std::vector<std::string> found, columns(ledger_table, deadline));
    LedgerTables present;
    present.rows = !found.empty();
    for (const std::string_view needed : ledger_columns()) {
        if (present.rows && std::find(found.begin(), found.end(), needed) == found.end()) {
            return foreign_table(found);
        }
    }
    MAJED_TRY_ASSIGN(const std::vector<std::string> objects, columns(objects_table, deadline));
    present.picture = !objects.empty();
    return present;
}

Result<void> Ledger::create(const LedgerTables& present, Deadline deadline) {
    if (!present.rows) {
        MAJED_TRY(change(connection_, create_ledger(dialect_, rows_table_), {}, deadline));
    }
    if (!present.picture) {
        MAJED_TRY(change(connection_, create_objects(dialect_, objects_table_), {}, deadline));
    }
    return {};
}

Result<std::vector<LedgerRow>> Ledger::rows(Deadline deadline) {
    const std::string sql =
        "SELECT id, version, description, applied_at, checksum, tokens_checksum, state, statements_total, "
        "statements_applied, statement_begun, progress_digest, duration_ms, error, applied_by, tool_version, "
        "schema_hash, out_of_order FROM " +
        rows_table_ + " ORDER BY id";
    MAJED_TRY_ASSIGN(const std::vector<Row> found, fetch(connection_, sql, {}, deadline));
    std::vector<LedgerRow> rows;
    rows.reserve(found.size());
    for (const Row& cells : found) {
        MAJED_TRY_ASSIGN(LedgerRow row, row_of(cells));
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<void> Ledger::write(const LedgerRow& row, Deadline deadline) {
    const std::string now(now_expression(dialect_));
    const std::string update_sql =
        "UPDATE " + rows_table_ + " SET " + std::string(assignments) + now + " WHERE version = :p_version";
    MAJED_TRY_ASSIGN(const std::uint64_t updated,
                     change(connection_, update_sql, parameters_of(row), deadline));
    if (updated == 0) {
        const std::string insert_sql =
            "INSERT INTO " + rows_table_ + std::string(inserted_columns) + now + ')';
        MAJED_TRY(change(connection_, insert_sql, parameters_of(row), deadline));
    }
    return confirm(row, deadline);
}

Result<void> Ledger::confirm(const LedgerRow& row, Deadline deadline) {
    const std::string sql =
        "SELECT state, tokens_checksum FROM " + rows_table_ + " WHERE version = :p_version";
    MAJED_TRY_ASSIGN(const std::vector<Row> found,
                     fetch(connection_, sql, {{"p_version", row.version}}, deadline));
    if (found.size() == 1 && text_of(found[0][0]) == name_of(row.state) &&
        text_of(found[0][1]) == row.tokens_checksum) {
        return {};
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "the ledger does not hold what was written to it",
                 .hint =
                     "a trigger, a rule or a row policy of the database stands in the way: take it off "
                     "schema_migrations"};
}

Result<void> Ledger::update(std::string_view changes, const LedgerRow& row, Deadline deadline) {
    std::string sql = "UPDATE " + rows_table_ + " SET ";
    sql.append(changes).append(" WHERE version = :p_version");
    MAJED_TRY_ASSIGN(const std::uint64_t updated,
                     change(connection_, sql, only_named(parameters_of(row), sql), deadline));
    if (updated != 1) {
        return Error{ErrorCode::conflict, "the ledger's row was taken away while its migration ran"};
    }
    return {};
}

Result<void> Ledger::write_progress(const LedgerRow& row, Deadline deadline) {
    return update(
        "state = :p_state, success = :p_success, statements_applied = :p_applied, "
        "statement_begun = :p_begun, progress_digest = :p_digest, duration_ms = :p_duration, "
        "error = :p_error",
        row, deadline);
}

Result<void> Ledger::write_checksums(const LedgerRow& row, Deadline deadline) {
    return update("checksum = :p_checksum, tokens_checksum = :p_tokens, progress_digest = :p_digest", row,
                  deadline);
}

Result<void> Ledger::forget(const std::string& version, Deadline deadline) {
    const std::string sql = "DELETE FROM " + rows_table_ + " WHERE version = :p_version";
    MAJED_TRY(change(connection_, sql, {{"p_version", version}}, deadline));
    return {};
}

Result<SchemaPicture> Ledger::picture(Deadline deadline) {
    const std::string sql = "SELECT kind, name, definition FROM " + objects_table_;
    MAJED_TRY_ASSIGN(const std::vector<Row> found, fetch(connection_, sql, {}, deadline));
    SchemaPicture picture;
    picture.reserve(found.size());
    for (const Row& row : found) {
        picture.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2])});
    }
    // Not by the database: its order of texts is not ours.
    std::sort(picture.begin(), picture.end());
    return picture;
}

Result<void> Ledger::keep(const SchemaPicture& picture, Deadline deadline) {
    MAJED_TRY_ASSIGN(const SchemaPicture before, this->picture(deadline));
    const std::vector<SchemaDifference> changed = differences(before, picture);
    MAJED_TRY(delete_objects(changed, deadline));
    return insert_objects(changed, deadline);
}

Result<void> Ledger::delete_objects(std::span<const SchemaDifference> changed, Deadline deadline) {
    std::vector<Row> rows;
    for (const SchemaDifference& difference : changed) {
        if (difference.difference != Difference::added) {
            rows.push_back({difference.kind, difference.name});
        }
    }
    if (rows.empty()) {
        return {};
    }
    const std::string sql =
        "DELETE FROM " + objects_table_ + " WHERE kind = " + mark(1) + " AND name = " + mark(2);
    MAJED_TRY(connection_.execute_many(sql, rows, deadline));
    return {};
}

Result<void> Ledger::insert_objects(std::span<const SchemaDifference> changed, Deadline deadline) {
    std::vector<Row> rows;
    for (const SchemaDifference& difference : changed) {
        if (difference.difference != Difference::removed) {
            rows.push_back({difference.kind, difference.name, difference.after});
        }
    }
    if (rows.empty()) {
        return {};
    }
    const std::string sql = "INSERT INTO " + objects_table_ + " (kind, name, definition) VALUES (" + mark(1) +
                            ", " + mark(2) + ", " + mark(3) + ')';
    MAJED_TRY(connection_.execute_many(sql, rows, deadline));
    return {};
}

}  // namespace majed::migrate
