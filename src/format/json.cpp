// SPDX-License-Identifier: Apache-2.0
#include "format/json.h"

#include "core/utf8.h"
#include "format/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace majed::format {
namespace {

constexpr std::int64_t largest_exact = std::int64_t{1} << 53;
constexpr std::string_view hex_digits = "0123456789abcdef";

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), end);
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
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
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
        out += "\\u00";
        out += hex_digits[byte >> 4U];
        out += hex_digits[byte & 0x0fU];
        return;
    }
    out += c;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto point = next_code_point(text);
        if (!point.valid) {
            out += replacement_character;
        } else if (point.length == 1) {
            append_escaped(out, text.front());
        } else {
            out += text.substr(0, point.length);
        }
        text.remove_prefix(point.length);
    }
    out += '"';
}

std::string base64(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) {
            return i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U;
        };
        const std::uint32_t group = (at(0) << 16U) | (at(1) << 8U) | at(2);
        out += digits[(group >> 18U) & 63U];
        out += digits[(group >> 12U) & 63U];
        out += i + 1 < bytes.size() ? digits[(group >> 6U) & 63U] : '=';
        out += i + 2 < bytes.size() ? digits[group & 63U] : '=';
    }
    return out;
}

void JsonWriter::separate() {
    if (needs_comma_) {
        out_ += ',';
    }
    needs_comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_text(out_, name);
    out_ += ':';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    append_json_text(out_, value);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    const bool exact = value >= -largest_exact && value <= largest_exact;
    out_ += exact ? "" : "\"";
    append_number(out_, value);
    out_ += exact ? "" : "\"";
    return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
    separate();
    const bool exact = value <= static_cast<std::uint64_t>(largest_exact);
    out_ += exact ? "" : "\"";
    append_number(out_, value);
    out_ += exact ? "" : "\"";
    return *this;
}

JsonWriter& JsonWriter::real(double value) {
    if (!std::isfinite(value)) {
        return null();
    }
    separate();
    out_ += real_text(value);
    return *this;
}

JsonWriter& JsonWriter::json(std::string_view value) {
    separate();
    out_ += value;
    return *this;
}

JsonWriter& JsonWriter::cell(const ValueView& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return integer(*number);
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return real(*number);
    }
    if (const auto* characters = std::get_if<std::string_view>(&value)) {
        return text(*characters);
    }
    if (const auto* blob = std::get_if<BlobView>(&value)) {
        return text(base64(blob->bytes));
    }
    if (const auto* truth = std::get_if<bool>(&value)) {
        return boolean(*truth);
    }
    if (const auto* error = std::get_if<CellError>(&value)) {
        return begin_object().key("error").text(error->code).end_object();
    }
    return null();
}

void append_error_members(JsonWriter& json, const Error& error) {
    json.key("code").text(traits(error.code).name);
    json.key("detail").text(error.message);
    if (!error.hint.empty()) {
        json.key("hint").text(error.hint);
    }
    if (error.offset) {
        json.key("offset").unsigned_integer(*error.offset);
    }
    if (error.retry_after) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
        json.key("retry_after").integer(seconds.count());
    }
}

}  // namespace majed::format
