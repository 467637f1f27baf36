/// Oracle's NUMBER between its wire form (base 100, up to 21 bytes), decimal text and what SQLite stores.
///
/// Why      Numbers of 38 digits must pass without loss, and SQLite has 64-bit integers and doubles only.
/// Life     Pure functions.
/// Threads  Any.
/// Not here OCINumberFromInt and its like: calls_values.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::oci_double {

/// A length byte, then the number: the variable-length form ODPI-C binds.
inline constexpr std::size_t number_bytes = 22;
using NumberBytes = std::array<std::uint8_t, number_bytes>;

/// A decimal number taken apart: 0.DIGITS times ten to the power `point`, no zero at either end.
struct Decimal {
    bool negative = false;
    std::string digits;
    long point = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text);

/// Plain notation, no exponent, no superfluous zero: what TO_CHAR gives.
std::string print_decimal(const Decimal& decimal);

/// Rounds half away from zero, as the server does when it stores.
Decimal round_decimal(Decimal decimal, int scale);

/// Digits before and after the decimal point that a NUMBER(precision, scale) must have room for.
bool fits(const Decimal& decimal, int precision, int scale);

/// Nothing when the magnitude is beyond 1E126; below 1E-130 it is zero. Rounds to the 20 base-100 digits there are.
std::optional<NumberBytes> encode_number(const Decimal& decimal);

Decimal decode_number(const std::uint8_t* length_and_bytes);

/// The shortest text that reads back as the same double.
std::string shortest_text(double value);
std::string shortest_text(float value);

}  // namespace majed::oci_double
