/// Decimal numbers as text in the one form that ColumnType::decimal promises: exact digits, no exponent.
///
/// Why      NUMBER holds 40 digits and exponents to 125: no binary type keeps that.
/// Life     Free functions.
/// Threads  Pure.
/// Not here How a NUMBER becomes text at all: ODPI-C, asked for DPI_NATIVE_TYPE_BYTES.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::driver::oracle {

/// `text` itself when it has the form already, else the form written to `scratch`: no exponent, one zero before a point,
/// no `+`, no needless zeros in front or behind, no `-0`. Empty when `text` is no number or has more than 1000 digits.
[[nodiscard]] std::optional<std::string_view> plain_decimal(std::string_view text, std::string& scratch);

/// The integer that `text` spells, when it is one and fits.
[[nodiscard]] std::optional<std::int64_t> plain_integer(std::string_view text) noexcept;

}  // namespace majed::driver::oracle
