// SPDX-License-Identifier: Apache-2.0
#include "cli/problem_text.h"

#include "format/text.h"

#include <algorithm>

namespace majed::cli {
namespace {

constexpr std::size_t shown_before = 60;  // Bytes of the line shown on either side of the place.
constexpr std::size_t shown_after = 40;

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string caret_lines(std::string_view sql, std::size_t offset, std::size_t indent) {
    offset = std::min(offset, sql.size());
    std::size_t first = offset == 0 ? std::string_view::npos : sql.rfind('\n', offset - 1);
    first = first == std::string_view::npos ? 0 : first + 1;
    std::size_t last = std::min(sql.find('\n', offset), sql.size());
    std::string before = "";
    if (offset - first > shown_before) {
        first = offset - shown_before;
        while (first < offset && continues_character(sql[first])) {
            ++first;
        }
        before = "…";
    }
    std::string after = "";
    if (last - offset > shown_after) {
        last = offset + shown_after;
        while (last > offset && continues_character(sql[last])) {
            --last;
        }
        after = "…";
    }
    before += format::printable(sql.substr(first, offset - first));
    after = format::printable(sql.substr(offset, last - offset)) + after;
    const std::string margin(indent, ' ');
    return margin + before + after + "\n" + margin + std::string(format::display_width(before), ' ') + "^\n";
}

namespace {

/// What a database or a file says may hold escape sequences; its line ends are kept, each line after `margin`.
std::string printable_lines(std::string_view text, std::string_view margin) {
    std::string lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines += format::printable(text.substr(0, end));
        if (end == std::string_view::npos) {
            return lines;
        }
        lines.append("\n").append(margin);
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::string problem_text(const Error& error, std::string_view sql) {
    std::string out = std::string(traits(error.code).name) + ": " + printable_lines(error.message, "") + "\n";
    if (error.offset && !sql.empty()) {
        out += caret_lines(sql, *error.offset, 2);
    }
    if (!error.hint.empty()) {
        out += "  hint: " + printable_lines(error.hint, "    ") + "\n";
    }
    return out;
}

}  // namespace majed::cli
