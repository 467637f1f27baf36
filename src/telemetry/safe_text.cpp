// SPDX-License-Identifier: Apache-2.0
#include "telemetry/safe_text.h"

#include "core/utf8.h"

#include <cstddef>
#include <cstdint>

namespace majed::telemetry {
namespace {

bool is_unsafe(char32_t value) {
    const bool control = value < 0x20 || (value >= 0x7F && value <= 0x9F);
    const bool separator = value == 0x2028 || value == 0x2029;
    const bool direction = value == 0x061C || value == 0x200E || value == 0x200F ||
                           (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
    return control || separator || direction || value == 0xFEFF;
}

constexpr std::string_view digits = "0123456789abcdef";

void append_escaped(std::string& out, char32_t value) {
    switch (value) {
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
            out += "\\u";
            for (int shift = 12; shift >= 0; shift -= 4) out += digits[(value >> shift) & 0xFU];
    }
}

void append_foreign_byte(std::string& out, std::uint32_t byte) {
    out += "<0x";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
    out += '>';
}

}  // namespace

std::string safe_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = next_code_point(text);
        if (!point.valid) {
            append_foreign_byte(out, static_cast<std::uint8_t>(text.front()));
        } else if (is_unsafe(point.value)) {
            append_escaped(out, point.value);
        } else {
            out += text.substr(0, point.length);
        }
        text.remove_prefix(point.length);
    }
    return out;
}

}  // namespace majed::telemetry
