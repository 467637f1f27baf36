// SPDX-License-Identifier: Apache-2.0
#include "api/audit_calls.h"

#include "api/page_cursor.h"
#include "audit/record_text.h"
#include "audit/report_json.h"
#include "format/json.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace majed::api {
namespace {

constexpr std::array<std::string_view, 11> audit_filters{"action",   "username", "resource", "request_id",
                                                         "event_id", "success",  "since",    "until",
                                                         "order",    "limit",    "cursor"};

constexpr char of_records = 'r';

Error not_understood(std::string_view name, std::string_view expected) {
    return Error{ErrorCode::invalid_argument, std::string(name) + ": expected " + std::string(expected)};
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

Result<audit::RecordFilter> filter_of(const QueryParameters& query) {
    audit::RecordFilter filter;
    filter.action = query.text("action");
    filter.username = query.text("username");
    filter.resource = query.text("resource");
    filter.request_id = query.text("request_id");
    filter.event_id = query.text("event_id");
    filter.since = query.text("since");
    filter.until = query.text("until");
    if (const auto success = query.find("success"); success) {
        if (*success != "true" && *success != "false") return not_understood("success", "true or false");
        filter.success = *success == "true";
    }
    return filter;
}

Result<audit::PageRequest> page_of(const QueryParameters& query) {
    audit::PageRequest page;
    if (const auto order = query.find("order"); order) {
        if (*order != "newest" && *order != "oldest") return not_understood("order", "newest or oldest");
        page.order = *order == "oldest" ? audit::RecordOrder::oldest_first : audit::RecordOrder::newest_first;
    }
    if (const auto limit = query.find("limit"); limit && !read_number(*limit, page.limit)) {
        return not_understood("limit", "a number from 1 to 1000");
    }
    if (const auto cursor = query.find("cursor"); cursor) {
        MAJED_TRY_ASSIGN(const auto numbers, cursor_numbers(of_records, 1, *cursor));
        page.after = numbers[0];
    }
    return page;
}

/// That somebody looked is a record as well.
Result<void> record_look(const Call& call, std::string_view action, bool success, std::string error) {
    const store::Actor actor = actor_of(call);
    audit::AuditRecord record;
    record.user_id = actor.user_id;
    record.username = actor.name;
    record.role = actor.role;
    record.action = action;
    record.resource = "audit";
    record.ip_address = actor.ip_address;
    record.user_agent = actor.user_agent;
    record.request_id = actor.request_id;
    record.success = success;
    record.error_message = std::move(error);
    return call.parts.audit.append(std::move(record), audit::Assurance::strict);
}

Result<HttpAnswer> read_audit(const Call& call) {
    MAJED_TRY_ASSIGN(const auto filter, filter_of(call.query));
    MAJED_TRY_ASSIGN(const auto page, page_of(call.query));
    MAJED_TRY_ASSIGN(auto reader, call.parts.audit_records());
    MAJED_TRY_ASSIGN(const auto found, reader.read(filter, page));
    MAJED_TRY(record_look(call, "audit.read", true, {}));
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& record : found.records) audit::append_record(json, record);
    json.end_array().key("next");
    if (found.next) {
        json.text(cursor_text(of_records, std::array{*found.next}));
    } else {
        json.null();
    }
    json.end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> verify_audit(const Call& call) {
    MAJED_TRY_ASSIGN(const auto report, call.parts.verify_audit());
    // A trail that is broken may not take the record: the answer matters more.
    const auto recorded = record_look(call, "audit.verify", !report.finding,
                                      report.finding ? "conflict: " + report.finding->what : std::string());
    if (!report.finding) MAJED_TRY(recorded);
    return json_answer(audit::report_json(report));
}

}  // namespace

std::span<const Route> audit_routes() {
    static constexpr std::array<Route, 2> routes{
        {{"GET", "/api/v1/audit", Access::administrators, read_audit, nullptr, audit_filters},
         {"GET", "/api/v1/audit/verify", Access::administrators, verify_audit}}};
    return routes;
}

}  // namespace majed::api
