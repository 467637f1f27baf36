// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_commands.h"

#include "audit/record_text.h"
#include "audit/report_json.h"
#include "cli/new_file.h"
#include "config/units.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::cli {
namespace {

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string text_of(const audit::VerificationReport& report) {
    std::string out = counted(report.records, "record is", "records are") + " as written, under " +
                      counted(report.heads, "signed head", "signed heads") + ", " +
                      std::to_string(report.filed_heads) + " of them in the second place too\n";
    if (report.purged > 0) {
        out += counted(report.purged, "older record was", "older records were") +
               " purged, as a signed record says; nothing else is missing\n";
    }
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

std::string json_of(const std::vector<audit::StoredRecord>& records) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const audit::StoredRecord& record : records) audit::append_record(json, record);
    json.end_array().key("next").null().end_object();
    out += '\n';
    return out;
}

/// Nothing has come of an intent yet.
std::string result_of(const audit::StoredRecord& record) {
    if (record.success) return record.phase == "intent" ? "" : "success";
    return record.error_message.value_or("failed");
}

std::string table_of(const std::vector<audit::StoredRecord>& records) {
    format::TextTable table({"TIME", "PHASE", "WHO", "ACTION", "RESOURCE", "RESULT"});
    for (const audit::StoredRecord& record : records) {
        std::string resource = record.resource.value_or("");
        if (record.resource_id) resource += " " + *record.resource_id;
        std::vector<format::TableCell> cells;
        for (const std::string& text : {record.timestamp, record.phase, record.username.value_or(""),
                                        record.action, resource, result_of(record)}) {
            cells.push_back({format::printable(text)});
        }
        table.add(std::move(cells));
    }
    std::string out;
    table.append_to(out);
    return out;
}

/// Where the lines of an export go, a page at a time.
using LineSink = std::function<Result<void>(std::string_view lines)>;

/// An export under way.
class RecordExport {
public:
    RecordExport(const ExportOptions& options, std::string_view version)
        : options_(options), version_(version) {}

    Result<void> run(audit::RecordReader& reader, const LineSink& write) {
        const audit::RecordFilter filter{.since = options_.since, .until = options_.until};
        MAJED_TRY_ASSIGN(const audit::RecordPage newest, reader.read({}, {.limit = 1}));
        // Who writes meanwhile must not keep it from ending.
        const std::int64_t last = newest.records.empty() ? 0 : newest.records.front().id;
        audit::PageRequest request{.order = audit::RecordOrder::oldest_first,
                                   .limit = audit::largest_record_page};
        do {
            MAJED_TRY_ASSIGN(const audit::RecordPage page, reader.read(filter, request));
            MAJED_TRY(write(lines_of(page, last)));
            request.after = page.next;
        } while (request.after && *request.after < last);
        return {};
    }

    /// For the record that it was made.
    [[nodiscard]] std::string details() const {
        std::string out;
        format::JsonWriter json(out);
        json.begin_object().key("format").text(is_cef() ? "cef" : "jsonl");
        if (!options_.since.empty()) json.key("since").text(options_.since);
        if (!options_.until.empty()) json.key("until").text(options_.until);
        json.key("records").unsigned_integer(count_).end_object();
        return out;
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
    [[nodiscard]] bool is_cef() const noexcept { return options_.format == ExportFormat::cef; }

    std::string lines_of(const audit::RecordPage& page, std::int64_t last) {
        std::string lines;
        for (const audit::StoredRecord& record : page.records) {
            if (record.id > last) break;
            lines += is_cef() ? audit::cef_line(record, version_) : audit::json_line(record);
            lines += '\n';
            ++count_;
        }
        return lines;
    }

    const ExportOptions& options_;
    std::string_view version_;
    std::uint64_t count_ = 0;
};

Result<void> export_to(std::ostream& out, RecordExport& lines, audit::RecordReader& reader) {
    return lines.run(reader, [&out](std::string_view text) -> Result<void> {
        if (out << text << std::flush) return {};
        return Error{ErrorCode::unavailable, "standard output cannot be written"};
    });
}

Result<void> export_to(const std::string& path, RecordExport& lines, audit::RecordReader& reader) {
    MAJED_TRY_ASSIGN(const auto file, NewFile::create(path));
    MAJED_TRY(lines.run(reader, [&file](std::string_view text) { return file->write(text); }));
    return file->keep();
}

}  // namespace

Result<void> show_last_records(Context& context, const TailOptions& options) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(audit::RecordReader reader, installation->audit_records());
    MAJED_TRY_ASSIGN(audit::RecordPage page,
                     reader.read({.action = options.action, .username = options.username},
                                 {.order = audit::RecordOrder::newest_first, .limit = options.count}));
    std::ranges::reverse(page.records);
    context.terminal.out << (context.output == Output::json ? json_of(page.records) : table_of(page.records));
    return {};
}

Result<void> export_audit(Context& context, const ExportOptions& options) {
    RecordExport lines(options, context.program.version());
    std::string details;
    const AdministrativeAct act{"audit.export", "audit", options.output, &details};
    MAJED_TRY(audited(context, act, [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(audit::RecordReader reader, context.installation->audit_records());
        auto done = options.output.empty() ? export_to(context.terminal.out, lines, reader)
                                           : export_to(options.output, lines, reader);
        details = lines.details();
        return done;
    }));
    if (!options.output.empty()) {
        context.terminal.out << counted(lines.count(), "record is", "records are") << " in "
                             << format::printable(options.output) << "\n";
    }
    return {};
}

Result<void> purge_audit(Context& context, const PurgeCommand& command) {
    const auto older_than = config::parse_duration(command.older_than);
    if (!older_than) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "--older-than is no span of time that can be understood",
                     .hint = "days, such as 400d"};
    }
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const audit::PurgeReport report, command.dry_run
                                                          ? installation->plan_audit_purge(*older_than)
                                                          : installation->purge_audit(*older_than));
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object().key("dry_run").boolean(command.dry_run).key("before").text(report.before);
        json.key("through").integer(report.through).key("records").unsigned_integer(report.records);
        json.end_object();
    } else {
        out = counted(report.records, "record is", "records are") + " older than " + report.before +
              (command.dry_run ? " and would be purged" : " and gone; their hashes stay in the tree");
    }
    context.terminal.out << out << "\n";
    return {};
}

Result<void> verify_audit(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const audit::VerificationReport report, installation->verify_audit());
    record_check(context, *installation, report);
    context.terminal.out << (context.output == Output::json ? audit::report_json(report) + "\n"
                                                            : text_of(report));
    if (!report.finding) return {};
    return Error{.code = ErrorCode::conflict,
                 .message = "the audit trail is not as it was written: " + report.finding->what,
                 .hint = "keep the file as it is, and compare it with a backup"};
}

}  // namespace majed::cli
