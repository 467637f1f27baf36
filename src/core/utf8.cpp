// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

namespace majed {

CodePoint next_code_point(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    std::size_t length = 0;
    char32_t value = 0;
    char32_t smallest = 0;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2, value = lead & 0x1fU, smallest = 0x80;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3, value = lead & 0x0fU, smallest = 0x800;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4, value = lead & 0x07U, smallest = 0x10000;
    } else {
        return {0, 1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || (byte(i) & 0xc0U) != 0x80U) {
            return {0, 1, false};
        }
        value = (value << 6U) | (byte(i) & 0x3fU);
    }
    if (value < smallest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return {0, 1, false};
    }
    return {value, length, true};
}

void append_utf8(std::string& text, char32_t point) {
    const auto tail = [point](unsigned shift) {
        return static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
    };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xc0U | (point >> 6U));
        text += tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xe0U | (point >> 12U));
        text.append({tail(6), tail(0)});
    } else {
        text += static_cast<char>(0xf0U | (point >> 18U));
        text.append({tail(12), tail(6), tail(0)});
    }
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const CodePoint point = next_code_point(text);
        if (!point.valid) return false;
        text.remove_prefix(point.length);
    }
    return true;
}

}  // namespace majed
