// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_commands.h"

#include "format/json.h"
#include "format/text.h"

#include <ostream>
#include <string>

namespace majed::cli {
namespace {

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void add_optional(format::JsonWriter& json, std::string_view key, const std::optional<std::int64_t>& number) {
    json.key(key);
    if (number) {
        json.integer(*number);
    } else {
        json.null();
    }
}

std::string json_of(const audit::VerificationReport& report) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("intact").boolean(!report.finding);
    json.key("records").unsigned_integer(report.records);
    json.key("heads").unsigned_integer(report.heads);
    json.key("filed_heads").unsigned_integer(report.filed_heads);
    json.key("unsigned_records").unsigned_integer(report.unsigned_records);
    json.key("interrupted").unsigned_integer(report.interrupted);
    json.key("finding");
    if (report.finding) {
        json.begin_object().key("what").text(report.finding->what);
        add_optional(json, "record_id", report.finding->record_id);
        add_optional(json, "last_record_id", report.finding->last_record_id);
        json.end_object();
    } else {
        json.null();
    }
    json.end_object();
    out += '\n';
    return out;
}

std::string text_of(const audit::VerificationReport& report) {
    std::string out = counted(report.records, "record is", "records are") + " as written, under " +
                      counted(report.heads, "signed head", "signed heads") + ", " +
                      std::to_string(report.filed_heads) + " of them in the second place too\n";
    if (report.unsigned_records > 0) {
        out += counted(report.unsigned_records, "record is", "records are") +
               " newer than the last head: nobody vouches for them yet\n";
    }
    if (report.interrupted > 0) {
        out += counted(report.interrupted, "intent has", "intents have") +
               " no outcome: the program ended meanwhile, or is at it still\n";
    }
    return out;
}

/// That somebody looked is worth a record; a trail that is broken cannot take it.
void record_check(Context& context, Installation& installation, const audit::VerificationReport& report) {
    audit::AuditRecord done{.username = "local", .action = "audit.verify", .resource = "audit"};
    done.details = "{\"records\":" + std::to_string(report.records) + "}";
    done.success = !report.finding;
    if (report.finding) done.error_message = "conflict: " + report.finding->what;
    const auto trail = installation.audit();
    const auto kept =
        trail ? (*trail)->append(std::move(done), audit::Assurance::strict) : Result<void>(trail.error());
    if (!kept) {
        context.terminal.err << "this check could not be recorded: "
                             << format::printable(kept.error().message) << "\n";
    }
}

}  // namespace

Result<void> verify_audit(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const audit::VerificationReport report, installation->verify_audit());
    record_check(context, *installation, report);
    context.terminal.out << (context.output == Output::json ? json_of(report) : text_of(report));
    if (!report.finding) return {};
    return Error{.code = ErrorCode::conflict,
                 .message = "the audit trail is not as it was written: " + report.finding->what,
                 .hint = "keep the file as it is, and compare it with a backup"};
}

}  // namespace majed::cli
