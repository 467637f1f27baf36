// SPDX-License-Identifier: Apache-2.0
#include "format/rows_writer.h"

#include "core/utf8.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"

#include <cmath>

namespace majed::format {
namespace {

void write_columns(JsonWriter& json, std::span<const RowsColumn> columns) {
    json.begin_array();
    for (const auto& column : columns) {
        json.begin_object();
        json.key("name").text(column.name).key("type").text(column.type).key("masked").boolean(column.masked);
        json.end_object();
    }
    json.end_array();
}

void write_cells(JsonWriter& json, std::span<const ValueView> cells) {
    json.begin_array();
    for (const auto& cell : cells) {
        json.cell(cell);
    }
    json.end_array();
}

/// Of a write that answered no rows, nothing is said about rows.
void write_summary_members(JsonWriter& json, const RowsSummary& summary, bool answered_rows) {
    json.key("query_id").text(summary.query_id);
    json.key("source").text(summary.source);
    if (summary.rows_affected) {
        json.key("rows_affected").unsigned_integer(*summary.rows_affected);
    }
    if (answered_rows) {
        json.key("row_count").unsigned_integer(summary.row_count);
        json.key("truncated").boolean(summary.truncated);
    }
    json.key("elapsed_ms").real(static_cast<double>(summary.elapsed.count()) / 1000.0);
    if (!answered_rows) {
        return;
    }
    json.key("applied").begin_object();
    json.key("row_filters").texts(summary.row_filters);
    json.key("masked_columns").texts(summary.masked_columns);
    if (!summary.decrypted_columns.empty()) {
        json.key("decrypted_columns").texts(summary.decrypted_columns);
        json.key("undecryptable").unsigned_integer(summary.undecryptable);
    }
    json.end_object();
}

class JsonRowsWriter final : public RowsWriter {
public:
    explicit JsonRowsWriter(std::string& out) : json_(out), out_(out) {}

    void columns(std::span<const RowsColumn> columns) override {
        json_.begin_object();
        json_.key("columns");
        write_columns(json_, columns);
        json_.key("rows").begin_array();
        answers_rows_ = true;
    }
    void row(std::span<const ValueView> cells) override { write_cells(json_, cells); }
    void finish(const RowsSummary& summary) override {
        if (answers_rows_) {
            json_.end_array();
        } else {
            json_.begin_object();
        }
        write_summary_members(json_, summary, answers_rows_);
        json_.end_object();
        out_ += '\n';
    }
    void fail(const Error& /*error*/) override {}

private:
    JsonWriter json_;
    std::string& out_;
    bool answers_rows_ = false;
};

class NdjsonRowsWriter final : public RowsWriter {
public:
    explicit NdjsonRowsWriter(std::string& out) : out_(out) {}

    void columns(std::span<const RowsColumn> columns) override {
        JsonWriter json(out_);
        json.begin_object().key("columns");
        write_columns(json, columns);
        json.end_object();
        out_ += '\n';
        answers_rows_ = true;
    }
    void row(std::span<const ValueView> cells) override {
        JsonWriter json(out_);
        write_cells(json, cells);
        out_ += '\n';
    }
    void finish(const RowsSummary& summary) override {
        JsonWriter json(out_);
        json.begin_object();
        write_summary_members(json, summary, answers_rows_);
        json.end_object();
        out_ += '\n';
    }
    void fail(const Error& error) override {
        JsonWriter json(out_);
        json.begin_object().key("error").begin_object();
        append_error_members(json, error);
        json.end_object().end_object();
        out_ += '\n';
    }

private:
    std::string& out_;
    bool answers_rows_ = false;
};

std::string cell_text(const ValueView& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* number = std::get_if<double>(&value)) {
        if (std::isfinite(*number)) {
            return real_text(*number);
        }
        return std::isnan(*number) ? "NaN" : (*number > 0 ? "Infinity" : "-Infinity");
    }
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        return std::string(*text);
    }
    if (const auto* blob = std::get_if<BlobView>(&value)) {
        return base64(blob->bytes);
    }
    if (const auto* truth = std::get_if<bool>(&value)) {
        return *truth ? "true" : "false";
    }
    return {};
}

class CsvRowsWriter final : public RowsWriter {
public:
    explicit CsvRowsWriter(std::string& out) : out_(out) {}

    void columns(std::span<const RowsColumn> columns) override {
        bool first = true;
        for (const auto& column : columns) {
            separate(first);
            append_field(column.name);
        }
        out_ += "\r\n";
        answers_rows_ = true;
    }
    void row(std::span<const ValueView> cells) override {
        bool first = true;
        for (const auto& cell : cells) {
            separate(first);
            if (const auto* error = std::get_if<CellError>(&cell)) {
                out_ += error_mark;
                out_ += error->code;
            } else if (!std::holds_alternative<Null>(cell)) {
                append_field(cell_text(cell));
            }
        }
        out_ += "\r\n";
    }
    void finish(const RowsSummary& summary) override {
        if (!answers_rows_ && summary.rows_affected) {
            out_ += "rows_affected\r\n" + std::to_string(*summary.rows_affected) + "\r\n";
        }
    }
    void fail(const Error& /*error*/) override {}

private:
    void separate(bool& first) {
        if (!first) {
            out_ += ',';
        }
        first = false;
    }

    void append_field(std::string_view text) {
        const bool like_an_error = text.starts_with(error_mark) && text.substr(1) == undecryptable_cell.code;
        const bool quoted =
            text.empty() || like_an_error || text.find_first_of(",\"\r\n") != std::string_view::npos;
        out_ += quoted ? "\"" : "";
        while (!text.empty()) {
            const CodePoint point = next_code_point(text);
            out_ += point.value == U'"' ? "\"" : "";
            out_ += point.valid ? text.substr(0, point.length) : replacement_character;
            text.remove_prefix(point.length);
        }
        out_ += quoted ? "\"" : "";
    }

    static constexpr char error_mark = '#';
    std::string& out_;
    bool answers_rows_ = false;
};

class TableRowsWriter final : public RowsWriter {
public:
    explicit TableRowsWriter(std::string& out) : out_(out) {}

    void columns(std::span<const RowsColumn> columns) override {
        std::vector<std::string> names;
        names.reserve(columns.size());
        for (const auto& column : columns) {
            names.push_back(printable(column.name));
        }
        table_ = TextTable(std::move(names));
        answers_rows_ = true;
    }
    void row(std::span<const ValueView> cells) override {
        std::vector<TableCell> line;
        line.reserve(cells.size());
        for (const auto& cell : cells) {
            line.push_back(table_cell(cell));
        }
        table_.add(std::move(line));
    }
    void finish(const RowsSummary& summary) override {
        if (answers_rows_) {
            table_.append_to(out_);
        }
        out_ += footer_of(summary);
        out_ += '\n';
    }
    void fail(const Error& /*error*/) override { table_.append_to(out_); }

private:
    std::string& out_;
    TextTable table_{{}};
    bool answers_rows_ = false;
};

}  // namespace

std::optional<RowsFormat> rows_format_from(std::string_view name) noexcept {
    if (name == "table") {
        return RowsFormat::table;
    }
    if (name == "json") {
        return RowsFormat::json;
    }
    if (name == "ndjson") {
        return RowsFormat::ndjson;
    }
    if (name == "csv") {
        return RowsFormat::csv;
    }
    return std::nullopt;
}

std::string_view media_type(RowsFormat format) noexcept {
    switch (format) {
        case RowsFormat::json:
            return "application/json";
        case RowsFormat::ndjson:
            return "application/x-ndjson";
        case RowsFormat::csv:
            return "text/csv; charset=utf-8; header=present";
        case RowsFormat::table:
            break;
    }
    return "text/plain; charset=utf-8";
}

std::unique_ptr<RowsWriter> make_rows_writer(RowsFormat format, std::string& out) {
    switch (format) {
        case RowsFormat::json:
            return std::make_unique<JsonRowsWriter>(out);
        case RowsFormat::ndjson:
            return std::make_unique<NdjsonRowsWriter>(out);
        case RowsFormat::csv:
            return std::make_unique<CsvRowsWriter>(out);
        case RowsFormat::table:
            break;
    }
    return std::make_unique<TableRowsWriter>(out);
}

std::string footer_of(const RowsSummary& summary) {
    const std::uint64_t count = summary.rows_affected.value_or(summary.row_count);
    std::string out = std::to_string(count) + (count == 1 ? " row" : " rows");
    out += summary.rows_affected ? " affected" : "";
    out += summary.truncated ? " (more exist)" : "";
    const auto append_list = [&out](std::string_view title, const std::vector<std::string>& names) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            out += i == 0 ? " · " + std::string(title) + ": " : ", ";
            out += printable(names[i]);
        }
    };
    append_list("filtered", summary.row_filters);
    append_list("masked", summary.masked_columns);
    append_list("decrypted", summary.decrypted_columns);
    if (summary.undecryptable > 0) {
        out += " · " + std::to_string(summary.undecryptable) +
               (summary.undecryptable == 1 ? " cell" : " cells") + " undecryptable";
    }
    return out;
}

}  // namespace majed::format
