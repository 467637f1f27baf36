// SPDX-License-Identifier: Apache-2.0
#include "audit/record_text.h"

#include "audit/record_time.h"
#include "telemetry/safe_text.h"

namespace majed::audit {
namespace {

using format::JsonWriter;
using OptionalText = std::optional<std::string>;

void append_member(JsonWriter& json, std::string_view name, const OptionalText& text) {
    json.key(name);
    if (text) {
        json.text(*text);
    } else {
        json.null();
    }
}

void append_details(JsonWriter& json, const StoredRecord& record) {
    if (!record.details_object) return append_member(json, "details", record.details);
    // Outside of its strings it holds nothing unsafe, and inside the escapes are those of JSON.
    json.key("details").json(telemetry::safe_text(*record.details_object));
}

void append_behind_backslash(std::string& out, std::string_view text, char special) {
    for (const char c : text) {
        if (c == '\\' || c == special) out += '\\';
        out += c;
    }
}

/// `|` and `\` behind a backslash; line ends have no form of their own here.
std::string header_field(std::string_view text) {
    std::string out;
    append_behind_backslash(out, telemetry::safe_text(text), '|');
    return out;
}

/// Keys and values behind the header, which know two escapes more: `\n` and `\r`.
class Extension {
public:
    explicit Extension(std::string& out) noexcept : out_(out) {}

    void add(std::string_view key, std::string_view value) {
        if (value.empty()) return;
        if (!first_) out_ += ' ';
        first_ = false;
        out_ += key;
        out_ += '=';
        append_value(value);
    }
    void add_custom(std::string_view key, std::string_view label, std::string_view value) {
        if (value.empty()) return;
        add(key, value);
        add(std::string(key) + "Label", label);
    }

private:
    void append_value(std::string_view value) {
        while (true) {
            const std::size_t end = value.find_first_of("\r\n");
            append_behind_backslash(out_, telemetry::safe_text(value.substr(0, end)), '=');
            if (end == std::string_view::npos) return;
            out_ += value[end] == '\n' ? "\\n" : "\\r";
            value.remove_prefix(end + 1);
        }
    }

    std::string& out_;
    bool first_ = true;
};

std::string_view view_of(const OptionalText& text) {
    return text ? std::string_view(*text) : std::string_view();
}

int severity_of(const StoredRecord& record) {
    if (record.success) return 2;
    return record.action == "audit.gap" || record.action == "audit.verify" ? 9 : 6;
}

/// Milliseconds since 1970, the one form of time that needs no month names.
std::string receipt_time(const StoredRecord& record) {
    const auto time = parse_time(record.timestamp);
    if (!time) return {};
    return std::to_string(std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count());
}

}  // namespace

void append_record(JsonWriter& json, const StoredRecord& record) {
    json.begin_object();
    json.key("id").integer(record.id);
    json.key("event_id").text(record.event_id);
    json.key("phase").text(record.phase);
    json.key("user_id");
    if (record.user_id) {
        json.integer(*record.user_id);
    } else {
        json.null();
    }
    append_member(json, "username", record.username);
    append_member(json, "role", record.role);
    json.key("action").text(record.action);
    append_member(json, "resource", record.resource);
    append_member(json, "resource_id", record.resource_id);
    append_details(json, record);
    append_member(json, "ip_address", record.ip_address);
    append_member(json, "user_agent", record.user_agent);
    append_member(json, "request_id", record.request_id);
    json.key("timestamp").text(record.timestamp);
    json.key("success").boolean(record.success);
    append_member(json, "error_message", record.error_message);
    json.end_object();
}

std::string json_line(const StoredRecord& record) {
    std::string out;
    JsonWriter json(out);
    append_record(json, record);
    return out;
}

std::string cef_line(const StoredRecord& record, std::string_view version) {
    const std::string action = header_field(record.action);
    std::string out = "CEF:0|Majed Vanna|majed|" + header_field(version) + '|' + action + '|' + action + '|' +
                      std::to_string(severity_of(record)) + '|';
    Extension extension(out);
    extension.add("rt", receipt_time(record));
    extension.add("externalId", std::to_string(record.id));
    extension.add("suser", view_of(record.username));
    if (record.user_id) extension.add("suid", std::to_string(*record.user_id));
    extension.add("spriv", view_of(record.role));
    extension.add("src", view_of(record.ip_address));
    extension.add("requestClientApplication", view_of(record.user_agent));
    extension.add("outcome", record.success ? "success" : "failure");
    extension.add("reason", view_of(record.error_message));
    extension.add_custom("cs1", "event_id", record.event_id);
    extension.add_custom("cs2", "phase", record.phase);
    extension.add_custom("cs3", "resource", view_of(record.resource));
    extension.add_custom("cs4", "resource_id", view_of(record.resource_id));
    extension.add_custom("cs5", "request_id", view_of(record.request_id));
    extension.add_custom("cs6", "details", view_of(record.details));
    return out;
}

}  // namespace majed::audit
