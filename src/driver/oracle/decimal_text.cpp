// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/decimal_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace majed::driver::oracle {

namespace {

constexpr std::size_t longest = 1000;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t from) noexcept {
    std::size_t end = from;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    return end - from;
}

/// -?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?, and not `-0`.
bool is_plain(std::string_view text) noexcept {
    const std::size_t begin = text.starts_with('-') ? 1 : 0;
    const std::size_t whole = digits_at(text, begin);
    if (whole == 0 || (whole > 1 && text[begin] == '0')) {
        return false;
    }
    const std::size_t end = begin + whole;
    if (end == text.size()) {
        return !(begin == 1 && text[1] == '0');
    }
    return text[end] == '.' && end + 1 < text.size() && end + 1 + digits_at(text, end + 1) == text.size() &&
           text.back() != '0';
}

struct Parts {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    int exponent = 0;
};

std::optional<Parts> parts_of(std::string_view text) {
    Parts parts;
    if (text.starts_with('-') || text.starts_with('+')) {
        parts.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    parts.whole = text.substr(0, digits_at(text, 0));
    text.remove_prefix(parts.whole.size());
    if (text.starts_with('.')) {
        parts.fraction = text.substr(1, digits_at(text, 1));
        text.remove_prefix(1 + parts.fraction.size());
    }
    if (parts.whole.empty() && parts.fraction.empty()) {
        return std::nullopt;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+')) {
            text.remove_prefix(1);
            if (text.starts_with('-')) {
                return std::nullopt;
            }
        }
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), parts.exponent);
        if (problem != std::errc() || end != text.data() + text.size() || std::abs(parts.exponent) > 999) {
            return std::nullopt;
        }
        text = {};
    }
    return text.empty() ? std::optional(parts) : std::nullopt;
}

}  // namespace

std::optional<std::string_view> plain_decimal(std::string_view text, std::string& scratch) {
    if (text.size() > longest) {
        return std::nullopt;
    }
    if (is_plain(text)) {
        return text;
    }
    const std::optional<Parts> parts = parts_of(text);
    if (!parts) {
        return std::nullopt;
    }
    std::string digits(parts->whole);
    digits += parts->fraction;
    auto point = static_cast<std::ptrdiff_t>(parts->whole.size()) + parts->exponent;
    const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, zeros);
    point -= static_cast<std::ptrdiff_t>(zeros);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.empty()) {
        return "0";
    }
    scratch.clear();
    if (parts->negative) {
        scratch.push_back('-');
    }
    const auto count = static_cast<std::ptrdiff_t>(digits.size());
    if (point <= 0) {
        scratch.push_back('0');
        scratch.push_back('.');
        scratch.append(static_cast<std::size_t>(-point), '0');
        scratch += digits;
    } else if (point >= count) {
        scratch += digits;
        scratch.append(static_cast<std::size_t>(point - count), '0');
    } else {
        scratch.append(digits, 0, static_cast<std::size_t>(point));
        scratch.push_back('.');
        scratch.append(digits, static_cast<std::size_t>(point));
    }
    return scratch;
}

std::optional<std::int64_t> plain_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = problem == std::errc() && end == text.data() + text.size();
    return is_whole ? std::optional(value) : std::nullopt;
}

}  // namespace majed::driver::oracle
