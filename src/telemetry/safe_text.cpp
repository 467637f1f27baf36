// SPDX-License-Identifier: Apache-2.0
#include "telemetry/safe_text.h"

#include <cstddef>
#include <cstdint>

namespace majed::telemetry {
namespace {

struct Scalar {
    char32_t value = 0;
    std::size_t length = 0;  ///< 0: the byte begins no valid UTF-8.
};

std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0U;
}

/// The first character of a text that is not empty.
Scalar first_scalar(std::string_view text) {
    const std::uint32_t lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > text.size()) return {};
    std::uint32_t value = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const std::uint32_t next = byte_at(text, i);
        if ((next & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF) return {};
    return {value, length};
}

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
        const Scalar scalar = first_scalar(text);
        if (scalar.length == 0) {
            append_foreign_byte(out, byte_at(text, 0));
            text.remove_prefix(1);
            continue;
        }
        if (is_unsafe(scalar.value)) {
            append_escaped(out, scalar.value);
        } else {
            out += text.substr(0, scalar.length);
        }
        text.remove_prefix(scalar.length);
    }
    return out;
}

}  // namespace majed::telemetry
