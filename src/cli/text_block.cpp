// SPDX-License-Identifier: Apache-2.0
#include "cli/text_block.h"

#include "format/text.h"

#include <algorithm>
#include <span>

namespace majed::cli {
namespace {

std::size_t width_of(const TextBlock& block) {
    std::size_t width = 0;
    for (const auto& line : block) {
        width = std::max(width, format::display_width(line));
    }
    return width;
}

void append_row(std::string& out, std::span<const TextBlock> row, const BlockLayout& layout) {
    std::size_t height = 0;
    for (const auto& block : row) {
        height = std::max(height, block.size());
    }
    for (std::size_t i = 0; i < height; ++i) {
        std::string line(layout.indent, ' ');
        for (std::size_t b = 0; b < row.size(); ++b) {
            const std::string text = i < row[b].size() ? row[b][i] : std::string();
            line += text;
            if (b + 1 < row.size()) {
                line.append(width_of(row[b]) - format::display_width(text) + layout.gap, ' ');
            }
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
}

}  // namespace

TextBlock block_of(const std::string& text) {
    TextBlock block;
    std::size_t first = 0;
    while (first < text.size()) {
        const std::size_t last = std::min(text.find('\n', first), text.size());
        block.push_back(text.substr(first, last - first));
        first = last + 1;
    }
    return block;
}

std::string side_by_side(const std::vector<TextBlock>& blocks, const BlockLayout& layout) {
    std::string out;
    std::size_t first = 0;
    while (first < blocks.size()) {
        std::size_t used = layout.indent + width_of(blocks[first]);
        std::size_t last = first + 1;
        while (last < blocks.size() && used + layout.gap + width_of(blocks[last]) <= layout.width) {
            used += layout.gap + width_of(blocks[last]);
            ++last;
        }
        out += first == 0 ? "" : "\n";
        append_row(out, std::span(blocks).subspan(first, last - first), layout);
        first = last;
    }
    return out;
}

}  // namespace majed::cli
