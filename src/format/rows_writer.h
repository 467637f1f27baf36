/// Turns columns and rows, as they come, into one of the answer formats.
///
/// Why      The same rows leave through HTTP and the command line; one place decides how they look.
/// Life     Appends to a string it borrows; the owner may take text out of the string between calls.
/// Threads  One thread at a time.
/// Not here Where rows come from (gateway/), where text goes (api/, cli/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "core/value.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::format {

enum class RowsFormat {
    table,   ///< Aligned text for people, with a footer; keeps all rows until the end.
    json,    ///< One object: columns, rows, then the summary.
    ndjson,  ///< One line with the columns, one array per row, one line with the summary.
    csv,  ///< RFC 4180 with a header line; NULL is an empty field, empty text is `""`; an error is `#undecryptable`
          ///< without quotes, a text that says the same has them.
};

/// nullopt for a name that is no format.
[[nodiscard]] std::optional<RowsFormat> rows_format_from(std::string_view name) noexcept;
/// Media type of an answer in this format.
[[nodiscard]] std::string_view media_type(RowsFormat format) noexcept;

struct RowsColumn {
    std::string name;
    std::string type;
    bool masked = false;
};

struct RowsSummary {
    std::string query_id;
    std::string source;
    std::uint64_t row_count = 0;
    bool truncated = false;
    std::optional<std::uint64_t> rows_affected = {};  ///< Of a write; it may answer rows too.
    std::chrono::microseconds elapsed{0};
    std::vector<std::string> row_filters;
    std::vector<std::string> masked_columns;
    std::vector<std::string> decrypted_columns;
    std::uint64_t undecryptable = 0;  ///< Cells of theirs that could not be decrypted.
};

class RowsWriter {
public:
    RowsWriter() = default;
    RowsWriter(const RowsWriter&) = delete;
    RowsWriter& operator=(const RowsWriter&) = delete;
    virtual ~RowsWriter() = default;

    /// Not called for a write that answers no rows.
    virtual void columns(std::span<const RowsColumn> columns) = 0;
    virtual void row(std::span<const ValueView> cells) = 0;
    virtual void finish(const RowsSummary& summary) = 0;
    /// Ends an answer that broke off after rows were written; only ndjson can say so in its own text.
    virtual void fail(const Error& error) = 0;
};

/// `out` must outlive the writer.
[[nodiscard]] std::unique_ptr<RowsWriter> make_rows_writer(RowsFormat format, std::string& out);

/// `3 rows · filtered: CUSTOMERS · masked: CUSTOMERS.EMAIL`, `3 rows affected`
[[nodiscard]] std::string footer_of(const RowsSummary& summary);

}  // namespace majed::format
