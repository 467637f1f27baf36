// SPDX-License-Identifier: Apache-2.0
#include "migrate/report_json.h"

#include <algorithm>

namespace majed::migrate {
namespace {

using format::JsonWriter;

void append_row(JsonWriter& json, const LedgerRow& row) {
    json.key("applied_checksum").text(row.checksum);
    json.key("applied_tokens_checksum").text(row.tokens_checksum);
    json.key("applied_at").text_or_null(row.applied_at);
    json.key("duration_ms").integer(row.duration.count());
    json.key("statements_applied").unsigned_integer(row.statements_applied);
    json.key("success").boolean(row.state == LedgerState::applied || row.state == LedgerState::baseline);
    json.key("error").text_or_null(row.error);
    json.key("applied_by").text_or_null(row.applied_by);
    json.key("tool_version").text_or_null(row.tool_version);
    json.key("schema_hash").text_or_null(row.schema_hash);
    json.key("out_of_order").boolean(row.out_of_order);
}

void append_no_row(JsonWriter& json) {
    for (const std::string_view key :
         {"applied_checksum", "applied_tokens_checksum", "applied_at", "duration_ms", "statements_applied",
          "success", "error", "applied_by", "tool_version", "schema_hash", "out_of_order"}) {
        json.key(key).null();
    }
}

void append_status(JsonWriter& json, const MigrationStatus& status) {
    const Migration* const migration = status.migration;
    json.begin_object();
    json.key("version").text(status.key);
    json.key("description").text(status.description);
    json.key("state").text(name_of(status.state));
    json.key("file").text_or_null(migration == nullptr ? std::string_view() : migration->file);
    json.key("repeatable")
        .boolean(migration == nullptr ? status.key.starts_with("R__") : migration->repeatable());
    json.key("blocks").boolean(blocks(status, {}));
    json.key("reversible").boolean(migration != nullptr && migration->down.has_value());
    const LedgerRow nothing;
    const LedgerRow& row = status.row ? *status.row : nothing;
    json.key("checksum").text_or_null(migration == nullptr ? row.checksum : migration->checksum);
    json.key("tokens_checksum")
        .text_or_null(migration == nullptr ? row.tokens_checksum : migration->tokens_checksum);
    json.key("statements_total")
        .unsigned_integer(migration == nullptr ? row.statements_total : migration->up.statements.size());
    if (status.row) {
        append_row(json, row);
    } else {
        append_no_row(json);
    }
    json.end_object();
}

void append_statuses(JsonWriter& json, const std::vector<MigrationStatus>& statuses) {
    json.key("migrations").begin_array();
    for (const MigrationStatus& status : statuses) {
        append_status(json, status);
    }
    json.end_array();
}

void append_outcome(JsonWriter& json, const MigrationOutcome& outcome) {
    json.begin_object();
    json.key("version").text(outcome.key);
    json.key("description").text(outcome.description);
    json.key("file").text(outcome.file);
    json.key("direction").text(outcome.direction == Direction::up ? "up" : "down");
    json.key("statements_total").unsigned_integer(outcome.statements_total);
    json.key("statements_applied").unsigned_integer(outcome.statements_applied);
    json.key("resumed_at");
    if (outcome.resumed_at == 0) {
        json.null();
    } else {
        json.unsigned_integer(outcome.resumed_at);
    }
    json.key("stepwise").boolean(outcome.stepwise);
    json.key("executed").boolean(outcome.executed);
    json.key("duration_ms").integer(outcome.duration.count());
    json.key("success").boolean(!outcome.failure);
    json.key("error");
    if (outcome.failure) {
        json.begin_object();
        format::append_error_members(json, *outcome.failure);
        json.end_object();
    } else {
        json.null();
    }
    json.end_object();
}

std::string_view name_of(Difference difference) noexcept {
    switch (difference) {
        case Difference::added:
            return "added";
        case Difference::removed:
            return "removed";
        case Difference::altered:
            break;
    }
    return "altered";
}

bool is_sound(const MigrationStatus& status) {
    return !blocks(status, {}) && status.state != MigrationState::failed &&
           status.state != MigrationState::interrupted;
}

}  // namespace

void append_json(format::JsonWriter& json, const StatusReport& report) {
    json.key("success").boolean(
        std::ranges::none_of(report.statuses, [](const auto& one) { return blocks(one, {}); }));
    json.key("has_ledger").boolean(report.has_ledger);
    json.key("current").text_or_null(report.current);
    json.key("pending").unsigned_integer(to_apply(report.statuses, {}, {}).size());
    append_statuses(json, report.statuses);
}

void append_json(format::JsonWriter& json, const RunReport& report) {
    json.key("success").boolean(report.failure() == nullptr);
    json.key("dry_run").boolean(report.dry_run);
    json.key("schema_hash").text_or_null(report.schema_hash);
    json.key("migrations").begin_array();
    for (const MigrationOutcome& outcome : report.outcomes) {
        append_outcome(json, outcome);
    }
    json.end_array();
}

void append_json(format::JsonWriter& json, const VerifyReport& report) {
    json.key("success").boolean(report.drift.empty() && std::ranges::all_of(report.statuses, is_sound));
    json.key("has_picture").boolean(report.has_picture);
    json.key("drift").begin_array();
    for (const SchemaDifference& one : report.drift) {
        json.begin_object();
        json.key("difference").text(name_of(one.difference));
        json.key("kind").text(one.kind);
        json.key("name").text(one.name);
        json.key("before").text_or_null(one.before);
        json.key("after").text_or_null(one.after);
        json.end_object();
    }
    json.end_array();
    append_statuses(json, report.statuses);
}

void append_json(format::JsonWriter& json, const RepairReport& report) {
    json.key("success").boolean(true);
    json.key("done").texts(report.done);
}

}  // namespace majed::migrate
