// SPDX-License-Identifier: Apache-2.0
#include "format/text.h"

#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace majed::format {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Combining marks and other characters without a column of their own.
constexpr std::array<Range, 14> zero_width{{{0x0300, 0x036f},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05bd},
                                            {0x0610, 0x061a},
                                            {0x064b, 0x065f},
                                            {0x06d6, 0x06dc},
                                            {0x0900, 0x0902},
                                            {0x093c, 0x093c},
                                            {0x0e34, 0x0e3a},
                                            {0x1ab0, 0x1aff},
                                            {0x200b, 0x200f},
                                            {0x20d0, 0x20f0},
                                            {0xfe00, 0xfe0f},
                                            {0xfe20, 0xfe2f}}};

constexpr std::array<Range, 11> double_width{{{0x1100, 0x115f},
                                              {0x2e80, 0x303e},
                                              {0x3041, 0x33ff},
                                              {0x3400, 0x4dbf},
                                              {0x4e00, 0x9fff},
                                              {0xa000, 0xa4cf},
                                              {0xac00, 0xd7a3},
                                              {0xf900, 0xfaff},
                                              {0xff00, 0xff60},
                                              {0x1f300, 0x1f64f},
                                              {0x20000, 0x3fffd}}};

template <std::size_t N>
bool contains(const std::array<Range, N>& ranges, char32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [point](const Range& range) { return point >= range.first && point <= range.last; });
}

std::size_t columns_of(char32_t point) {
    if (point < 0x300) {
        return 1;
    }
    if (contains(zero_width, point)) {
        return 0;
    }
    return contains(double_width, point) ? 2 : 1;
}

// Characters that reorder or hide the text around them.
bool is_deceptive(char32_t point) {
    return (point >= 0x80 && point < 0xa0) || (point >= 0x202a && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0x2028 || point == 0x2029;
}

void append_control(std::string& out, unsigned char byte) {
    constexpr std::string_view hex_digits = "0123456789abcdef";
    switch (byte) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    out += "\\x";
    out += hex_digits[static_cast<std::size_t>(byte >> 4U)];
    out += hex_digits[static_cast<std::size_t>(byte & 0x0fU)];
}

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) {
        const CodePoint point = next_code_point(text);
        columns += point.valid ? columns_of(point.value) : 1;
        text.remove_prefix(point.length);
    }
    return columns;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = next_code_point(text);
        if (!point.valid || is_deceptive(point.value)) {
            out += replacement_character;
        } else if (point.value < 0x20 || point.value == 0x7f) {
            append_control(out, static_cast<unsigned char>(point.value));
        } else {
            out += text.substr(0, point.length);
        }
        text.remove_prefix(point.length);
    }
    return out;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) {
        return std::string(text);
    }
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        const CodePoint point = next_code_point(text);
        const std::size_t width = point.valid ? columns_of(point.value) : 1;
        if (used + width + 1 > columns) {
            break;
        }
        out += text.substr(0, point.length);
        used += width;
        text.remove_prefix(point.length);
    }
    return columns == 0 ? std::string() : out + "…";
}

std::string real_text(double value) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    std::string out(buffer.data(), end);
    if (out.find_first_not_of("-0123456789") == std::string::npos) {
        out += ".0";
    }
    return out;
}

}  // namespace majed::format
