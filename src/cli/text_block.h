/// Rectangles of text put beside each other as far as a terminal is wide.
///
/// Why      Answers to the same question are compared with the eye: they belong next to each other.
/// Life     Pure functions.
/// Threads  Any.
/// Not here The text inside (format/text_table.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace majed::cli {

/// Lines of one block, printable text without line feeds.
using TextBlock = std::vector<std::string>;

[[nodiscard]] TextBlock block_of(const std::string& text);

/// The blocks in rows, as many beside each other as fit into `width`, `gap` columns apart; an empty line between
/// rows. Every line is indented by `indent`.
struct BlockLayout {
    std::size_t width = 110;
    std::size_t gap = 4;
    std::size_t indent = 2;
};
[[nodiscard]] std::string side_by_side(const std::vector<TextBlock>& blocks, const BlockLayout& layout);

}  // namespace majed::cli
