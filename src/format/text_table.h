/// Lines up cells in columns for people to read.
///
/// Why      Answers, lists of users and the demonstration look alike.
/// Life     Keeps its cells until it is written out.
/// Threads  One thread at a time.
/// Not here Formats for programs (rows_writer.h, json.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"

#include <cstddef>
#include <string>
#include <vector>

namespace majed::format {

enum class Align { left, right };

struct TableCell {
    std::string text;  ///< Printable.
    Align align = Align::left;
};

/// How a cell of a database looks to people: `NULL`, numbers to the right, blobs as `x'..'`, errors as
/// `#undecryptable`.
[[nodiscard]] TableCell table_cell(const ValueView& value);

class TextTable {
public:
    /// Cells wider than `widest` are cut with `…`.
    explicit TextTable(std::vector<std::string> titles, std::size_t widest = 60);
    /// One line; missing cells are empty.
    void add(std::vector<TableCell> cells);
    /// Titles, a rule, and the lines, each ended with a line feed and indented by `indent` spaces.
    void append_to(std::string& out, std::size_t indent = 0) const;

private:
    std::vector<std::string> titles_;
    std::vector<std::vector<TableCell>> lines_;
    std::size_t widest_;
};

}  // namespace majed::format
