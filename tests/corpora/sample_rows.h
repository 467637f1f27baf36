/// Tables with rows that the statements of a corpus find: made from the literals in the statements themselves.
///
/// Why      The corpora have schemas without rows; a comparison of two empty answers proves nothing.
/// Life     A value. The same statements give the same rows, always.
/// Threads  A value.
/// Not here Which rows a policy shows (sample_policy.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace majed::corpora {

struct SampleColumn {
    std::string name;
    std::string type;
};

struct SampleTable {
    std::string name;
    std::vector<SampleColumn> columns;
    std::optional<std::size_t> integer_key;  ///< The column that is the row id.
};

/// 0: as made. Every other number is another order, without integer keys, which would sort the rows again.
using RowOrder = std::size_t;
enum class Indexes { some, none };

/// `name` as "name", whatever is in it.
[[nodiscard]] std::string quoted_name(const std::string& name);
/// `text` as 'text'.
[[nodiscard]] std::string quoted_text(const std::string& text);

class SampleRows {
public:
    /// The tables of `ddl`, without their constraints, and rows for `statements`.
    SampleRows(const std::string& ddl, const std::vector<std::string>& statements);

    [[nodiscard]] const std::vector<SampleTable>& tables() const { return tables_; }
    /// CREATE and INSERT statements.
    [[nodiscard]] std::string script(RowOrder order, Indexes indexes) const;

private:
    void make_rows(const std::vector<std::string>& statements);

    std::vector<SampleTable> tables_;
    std::vector<std::vector<std::string>> inserts_;  // per table
};

}  // namespace majed::corpora
