// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"

#include "core/ascii.h"
#include "format/json.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace majed::api {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void write_relation(format::JsonWriter& json, const gateway::RelationReport& relation, Audience audience) {
    json.begin_object();
    json.key("table").text(relation.table);
    json.key("columns").texts(relation.columns);
    json.key("decision").text(gateway::to_string(relation.verdict));
    if (audience == Audience::admin && !relation.filter.empty()) {
        json.key("filter").text(relation.filter);
    }
    if (audience == Audience::admin && !relation.rule.empty()) {
        json.key("rule").text(relation.rule);
    }
    if (!relation.decrypted.empty()) {
        json.key("decrypted").texts(relation.decrypted);
    }
    if (relation.action != policy::Action::select) {
        json.key("action").text(policy::to_string(relation.action)).key("written").texts(relation.written);
    }
    json.end_object();
}

void write_problem(format::JsonWriter& json, const Error& problem, const gateway::TextPlace* place) {
    json.begin_object();
    json.key("code").text(traits(problem.code).name);
    json.key("message").text(problem.message);
    if (!problem.hint.empty()) {
        json.key("hint").text(problem.hint);
    }
    if (problem.offset) {
        json.key("offset").unsigned_integer(*problem.offset);
    }
    if (place != nullptr) {
        json.key("line").unsigned_integer(place->line).key("column").unsigned_integer(place->column);
    }
    json.end_object();
}

}  // namespace

Result<format::RowsFormat> accepted_format(std::string_view accept) {
    if (trimmed(accept).empty()) {
        return format::RowsFormat::json;
    }
    while (!accept.empty()) {
        const auto comma = std::min(accept.find(','), accept.size());
        const std::string_view range = accept.substr(0, comma);
        accept.remove_prefix(std::min(comma + 1, accept.size()));
        const std::string_view type = trimmed(range.substr(0, range.find(';')));
        if (equal_ascii_case(type, "application/json") || type == "*/*" ||
            equal_ascii_case(type, "application/*")) {
            return format::RowsFormat::json;
        }
        if (equal_ascii_case(type, "application/x-ndjson")) {
            return format::RowsFormat::ndjson;
        }
        if (equal_ascii_case(type, "text/csv") || equal_ascii_case(type, "text/*")) {
            return format::RowsFormat::csv;
        }
    }
    return Error{ErrorCode::invalid_argument, "Accept: nothing of it is offered",
                 "application/json, application/x-ndjson and text/csv are"};
}

std::string check_json(const gateway::CheckReport& report, Audience audience) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    json.key("allowed").boolean(report.allowed);
    json.key("class").text(report.statement_class);
    json.key("fingerprint").text(report.fingerprint);
    json.key("tables").begin_array();
    for (const auto& relation : report.relations) {
        // A table that is denied looks like one that does not exist.
        if (audience == Audience::admin || relation.verdict != gateway::RelationVerdict::deny) {
            write_relation(json, relation, audience);
        }
    }
    json.end_array();
    json.key("audit").text(report.audited_strictly ? "strict" : "best_effort");
    json.key("problems").begin_array();
    for (const auto& problem : report.problems) {
        const bool placed = report.place && &problem == &report.problems.front();
        write_problem(json, problem, placed ? &*report.place : nullptr);
    }
    json.end_array();
    if (audience == Audience::admin && !report.rewritten.empty()) {
        json.key("rewritten").text(report.rewritten);
    }
    json.end_object();
    return out + "\n";
}

std::string principal_json(const policy::Principal& principal, bool must_change_password) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    json.key("kind").text(principal.kind == policy::PrincipalKind::user ? "user" : "client");
    json.key("name").text(principal.name);
    json.key("roles").begin_array();
    if (principal.role) {
        json.text(policy::to_string(*principal.role));
    }
    json.end_array();
    json.key("attributes").begin_object();
    for (const auto& [name, values] : principal.attributes) {
        json.key(name).texts(values);
    }
    json.end_object();
    json.key("authenticated_by").text(principal.authenticated_by);
    json.key("must_change_password").boolean(must_change_password);
    json.end_object();
    return out + "\n";
}

format::RowsSummary summary_of(gateway::QuerySummary summary) {
    format::RowsSummary out;
    out.query_id = std::move(summary.query_id);
    out.source = std::move(summary.source);
    out.row_count = summary.row_count;
    out.truncated = summary.truncated;
    out.rows_affected = summary.rows_affected;
    out.elapsed = summary.elapsed;
    out.row_filters = std::move(summary.row_filters);
    out.masked_columns = std::move(summary.masked_columns);
    out.decrypted_columns = std::move(summary.decrypted_columns);
    out.undecryptable = summary.undecryptable;
    return out;
}

}  // namespace majed::api
