// SPDX-License-Identifier: Apache-2.0
#include "cli/statement_commands.h"

#include "cli/parameter_text.h"
#include "cli/problem_text.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"
#include "telemetry/request_id.h"

#include <istream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

namespace majed::cli {
namespace {

constexpr std::size_t piece = std::size_t{64} * 1024;
constexpr std::size_t longest_sql = std::size_t{1024} * 1024;

/// Rows to standard output as they come, where the format allows it.
class TerminalSink final : public gateway::ResultSink {
public:
    TerminalSink(std::ostream& out, format::RowsFormat format)
        : out_(out), writer_(format::make_rows_writer(format, text_)) {}

    Result<void> columns(std::span<const gateway::ResultColumn> columns) override {
        std::vector<format::RowsColumn> named;
        named.reserve(columns.size());
        for (const auto& column : columns) {
            named.push_back({column.name, column.type, column.masked});
        }
        writer_->columns(named);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        writer_->row(cells);
        return text_.size() < piece ? Result<void>() : hand_on();
    }
    Result<void> finish(const gateway::QuerySummary& summary) {
        format::RowsSummary shown;
        shown.query_id = summary.query_id;
        shown.source = summary.source;
        shown.row_count = summary.row_count;
        shown.truncated = summary.truncated;
        shown.rows_affected = summary.rows_affected;
        shown.elapsed = summary.elapsed;
        shown.row_filters = summary.row_filters;
        shown.masked_columns = summary.masked_columns;
        shown.decrypted_columns = summary.decrypted_columns;
        shown.undecryptable = summary.undecryptable;
        writer_->finish(shown);
        return hand_on();
    }

private:
    Result<void> hand_on() {
        out_ << std::exchange(text_, {});
        out_.flush();
        if (!out_) {
            return Error{ErrorCode::cancelled, "nobody reads the output"};
        }
        return {};
    }

    std::ostream& out_;
    std::string text_;
    std::unique_ptr<format::RowsWriter> writer_;
};

struct Asked {
    gateway::Gateway* gateway;
    policy::Principal principal;
    gateway::QueryRequest request;
};

Result<Asked> prepare(Context& context, const StatementOptions& options) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, installation->store());
    Asked asked{};
    MAJED_TRY_ASSIGN(asked.principal, store->principal_named(options.principal));
    asked.request.source = options.source;
    asked.request.sql = options.sql;
    for (const auto& text : options.positional) {
        asked.request.parameters.positional.push_back(value_of(text));
    }
    for (const auto& text : options.named) {
        MAJED_TRY_ASSIGN(auto named, named_value_of(text));
        asked.request.parameters.named.push_back(std::move(named));
    }
    if (options.max_rows > 0) {
        asked.request.max_rows = options.max_rows;
    }
    asked.request.may_administer = true;
    asked.request.origin = {telemetry::make_request_id(), "local", "majed command line"};
    MAJED_TRY_ASSIGN(asked.gateway, installation->gateway());
    return asked;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + format::printable(name);
    }
    return out;
}

std::string report_text(const gateway::CheckReport& report, std::string_view sql) {
    std::string out = report.allowed ? "allowed" : "refused";
    out += " · " + report.statement_class;
    if (report.audited_strictly) out += " · audited strictly";
    out += report.fingerprint.empty() ? "\n" : " · fingerprint " + report.fingerprint + "\n";
    if (!report.relations.empty()) {
        format::TextTable table({"TABLE", "DECISION", "FILTER", "COLUMNS"});
        for (const auto& relation : report.relations) {
            table.add({{format::printable(relation.table)},
                       {std::string(gateway::to_string(relation.verdict))},
                       {format::printable(relation.filter)},
                       {joined(relation.columns)}});
        }
        table.append_to(out);
    }
    for (const auto& relation : report.relations) {
        for (const auto& column : relation.decrypted) {
            out += "decrypted: " + format::printable(relation.table + "." + column) + "\n";
        }
    }
    for (const auto& relation : report.relations) {
        if (relation.action == policy::Action::select) continue;
        out += std::string(policy::to_string(relation.action)) + ": " + format::printable(relation.table);
        out += relation.written.empty() ? "\n" : " (" + joined(relation.written) + ")\n";
    }
    for (const auto& relation : report.relations) {
        if (!relation.rule.empty()) {
            out += "rule: " + format::printable(relation.table + " by " + relation.rule) + "\n";
        }
    }
    if (report.place) {
        out += "line " + std::to_string(report.place->line) + ", column " +
               std::to_string(report.place->column) + ": ";
    }
    for (const auto& problem : report.problems) {
        out += problem_text(problem, sql);
    }
    if (!report.rewritten.empty()) {
        out += "would be sent:\n  " + format::printable(report.rewritten) + "\n";
    }
    return out;
}

std::string report_json(const gateway::CheckReport& report) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("allowed").boolean(report.allowed);
    json.key("class").text(report.statement_class).key("fingerprint").text(report.fingerprint);
    json.key("tables").begin_array();
    for (const auto& relation : report.relations) {
        json.begin_object().key("table").text(relation.table).key("columns").texts(relation.columns);
        json.key("decision").text(gateway::to_string(relation.verdict));
        json.key("filter").text(relation.filter).key("rule").text(relation.rule);
        if (!relation.decrypted.empty()) {
            json.key("decrypted").texts(relation.decrypted);
        }
        if (relation.action != policy::Action::select) {
            json.key("action").text(policy::to_string(relation.action));
            json.key("written").texts(relation.written);
        }
        json.end_object();
    }
    json.end_array().key("audit").text(report.audited_strictly ? "strict" : "best_effort");
    json.key("problems").begin_array();
    for (const auto& problem : report.problems) {
        json.begin_object();
        format::append_error_members(json, problem);
        if (report.place && &problem == &report.problems.front()) {
            json.key("line").unsigned_integer(report.place->line);
            json.key("column").unsigned_integer(report.place->column);
        }
        json.end_object();
    }
    json.end_array().key("rewritten").text(report.rewritten).end_object();
    return out + "\n";
}

}  // namespace

Result<void> complete_sql(Context& context, StatementOptions& options) {
    if (options.sql != "-") {
        return {};
    }
    std::istreambuf_iterator<char> from(context.terminal.in);
    options.sql.clear();
    for (; from != std::istreambuf_iterator<char>() && options.sql.size() <= longest_sql; ++from) {
        options.sql += *from;
    }
    if (options.sql.size() > longest_sql) {
        return Error{ErrorCode::too_large, "the statement is longer than 1 MiB"};
    }
    return {};
}

Result<void> query(Context& context, const StatementOptions& options) {
    MAJED_TRY_ASSIGN(const Asked asked, prepare(context, options));
    TerminalSink sink(context.terminal.out, options.format);
    MAJED_TRY_ASSIGN(const auto summary, asked.gateway->query(asked.principal, asked.request, sink));
    return sink.finish(summary);
}

Result<void> check(Context& context, const StatementOptions& options) {
    MAJED_TRY_ASSIGN(const Asked asked, prepare(context, options));
    MAJED_TRY_ASSIGN(const auto report, asked.gateway->check(asked.principal, asked.request));
    const bool json = context.output == Output::json;
    context.terminal.out << (json ? report_json(report) : report_text(report, options.sql));
    if (report.allowed) {
        return {};
    }
    // The report has said why; the exit code says it once more, to scripts.
    Error first = report.problems.empty() ? Error{ErrorCode::denied, "refused"} : report.problems.front();
    first.message.clear();
    return first;
}

}  // namespace majed::cli
