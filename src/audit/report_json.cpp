// SPDX-License-Identifier: Apache-2.0
#include "audit/report_json.h"

#include "format/json.h"

#include <string_view>

namespace majed::audit {
namespace {

void append_id(format::JsonWriter& json, std::string_view key, const std::optional<std::int64_t>& id) {
    json.key(key);
    if (id) {
        json.integer(*id);
    } else {
        json.null();
    }
}

}  // namespace

std::string report_json(const VerificationReport& report) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("intact").boolean(!report.finding);
    json.key("records").unsigned_integer(report.records);
    json.key("purged").unsigned_integer(report.purged);
    json.key("heads").unsigned_integer(report.heads);
    json.key("filed_heads").unsigned_integer(report.filed_heads);
    json.key("unsigned_records").unsigned_integer(report.unsigned_records);
    json.key("interrupted").unsigned_integer(report.interrupted);
    json.key("finding");
    if (report.finding) {
        json.begin_object().key("what").text(report.finding->what);
        append_id(json, "record_id", report.finding->record_id);
        append_id(json, "last_record_id", report.finding->last_record_id);
        json.end_object();
    } else {
        json.null();
    }
    json.end_object();
    return out;
}

}  // namespace majed::audit
