// SPDX-License-Identifier: Apache-2.0
#include "number_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace majed::oci_double {
namespace {

constexpr int largest_pairs = 20;
constexpr int exponent_bias = 65;
constexpr std::uint8_t sign_bit = 0x80;
constexpr std::uint8_t negative_end = 102;
constexpr long exponent_limit = 100000;

bool is_decimal_digit(char c) {
    return c >= '0' && c <= '9';
}

void strip_zeros(Decimal& decimal) {
    const std::size_t first = decimal.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        decimal = Decimal{};
        return;
    }
    decimal.digits.erase(0, first);
    decimal.point -= static_cast<long>(first);
    decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
}

/// Keeps the first `count` digits, rounding half away from zero.
void keep_digits(Decimal& decimal, long count) {
    if (count >= static_cast<long>(decimal.digits.size())) {
        return;
    }
    if (count < 0) {
        decimal = Decimal{};
        return;
    }
    const auto kept = static_cast<std::size_t>(count);
    bool carry = decimal.digits[kept] >= '5';
    decimal.digits.resize(kept);
    for (std::size_t place = kept; carry && place-- > 0;) {
        carry = decimal.digits[place] == '9';
        decimal.digits[place] = carry ? '0' : static_cast<char>(decimal.digits[place] + 1);
    }
    if (carry) {
        decimal.digits.insert(decimal.digits.begin(), '1');
        ++decimal.point;
    }
    strip_zeros(decimal);
}

int pair_at(const std::string& digits, std::size_t pair) {
    return (digits[2 * pair] - '0') * 10 + (digits[2 * pair + 1] - '0');
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
    while (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    while (!text.empty() && text.back() == ' ') {
        text.remove_suffix(1);
    }
    Decimal decimal;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        decimal.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::size_t at = 0;
    bool in_fraction = false;
    for (; at < text.size() && (is_decimal_digit(text[at]) || (text[at] == '.' && !in_fraction)); ++at) {
        if (text[at] == '.') {
            in_fraction = true;
            continue;
        }
        decimal.digits += text[at];
        decimal.point += in_fraction ? 0 : 1;
    }
    if (decimal.digits.empty()) {
        return std::nullopt;
    }
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') {
            return std::nullopt;
        }
        ++at;
        at += at < text.size() && text[at] == '+' ? 1U : 0U;
        long exponent = 0;
        const char* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data() + at, end, exponent);
        if (parsed.ec != std::errc{} || parsed.ptr != end || std::abs(exponent) > exponent_limit) {
            return std::nullopt;
        }
        decimal.point += exponent;
    }
    strip_zeros(decimal);
    return decimal;
}

std::string print_decimal(const Decimal& decimal) {
    if (decimal.digits.empty()) {
        return "0";
    }
    const auto count = static_cast<long>(decimal.digits.size());
    std::string text = decimal.negative ? "-" : "";
    if (decimal.point <= 0) {
        text += "0.";
        text.append(static_cast<std::size_t>(-decimal.point), '0');
        text += decimal.digits;
    } else if (decimal.point >= count) {
        text += decimal.digits;
        text.append(static_cast<std::size_t>(decimal.point - count), '0');
    } else {
        const auto whole = static_cast<std::size_t>(decimal.point);
        text += decimal.digits.substr(0, whole) + "." + decimal.digits.substr(whole);
    }
    return text;
}

Decimal round_decimal(Decimal decimal, int scale) {
    keep_digits(decimal, decimal.point + scale);
    return decimal;
}

bool fits(const Decimal& decimal, int precision, int scale) {
    return decimal.digits.empty() || decimal.point <= precision - scale;
}

std::optional<NumberBytes> encode_number(const Decimal& given) {
    NumberBytes bytes{};
    Decimal decimal = given;
    if (!decimal.digits.empty()) {
        // An odd position of the point leaves half a pair in front.
        keep_digits(decimal, decimal.point % 2 == 0 ? 2 * largest_pairs : 2 * largest_pairs - 1);
    }
    if (decimal.digits.empty() || decimal.point < -129) {
        bytes[0] = 1;
        bytes[1] = sign_bit;
        return bytes;
    }
    if (decimal.point > 126) {
        return std::nullopt;
    }
    if (decimal.point % 2 != 0) {
        decimal.digits.insert(decimal.digits.begin(), '0');
        ++decimal.point;
    }
    if (decimal.digits.size() % 2 != 0) {
        decimal.digits += '0';
    }
    const auto exponent = static_cast<std::uint8_t>(sign_bit | (decimal.point / 2 - 1 + exponent_bias));
    const std::size_t pairs = decimal.digits.size() / 2;
    bytes[1] = decimal.negative ? static_cast<std::uint8_t>(~exponent) : exponent;
    for (std::size_t pair = 0; pair < pairs; ++pair) {
        const int value = pair_at(decimal.digits, pair);
        bytes[2 + pair] = static_cast<std::uint8_t>(decimal.negative ? 101 - value : value + 1);
    }
    std::size_t length = pairs + 1;
    if (decimal.negative && pairs < largest_pairs) {
        bytes[1 + length] = negative_end;
        ++length;
    }
    bytes[0] = static_cast<std::uint8_t>(length);
    return bytes;
}

Decimal decode_number(const std::uint8_t* length_and_bytes) {
    const std::size_t length = length_and_bytes[0];
    const std::uint8_t* bytes = length_and_bytes + 1;
    if (length == 0 || length >= number_bytes || (length == 1 && bytes[0] == sign_bit)) {
        return {};
    }
    Decimal decimal;
    decimal.negative = (bytes[0] & sign_bit) == 0;
    const auto head = static_cast<std::uint8_t>(decimal.negative ? ~bytes[0] : bytes[0]);
    const int exponent = (head & 0x7f) - exponent_bias;
    std::size_t end = length;
    if (decimal.negative && end > 1 && bytes[end - 1] == negative_end) {
        --end;
    }
    for (std::size_t at = 1; at < end; ++at) {
        const int value = decimal.negative ? 101 - bytes[at] : bytes[at] - 1;
        decimal.digits += static_cast<char>('0' + value / 10);
        decimal.digits += static_cast<char>('0' + value % 10);
    }
    decimal.point = 2L * (exponent + 1);
    strip_zeros(decimal);
    return decimal;
}

std::string shortest_text(double value) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string shortest_text(float value) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

}  // namespace majed::oci_double
