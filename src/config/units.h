/// Spans of time and sizes as people write them: `500ms`, `30s`, `64MiB`.
///
/// Why      A bare number says nothing about its unit; one place reads and writes the ones that do.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Bounds and defaults (document.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::config {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

/// A whole number and one of ms, s, m, h, d. nullopt for anything else, or more than 64 bits hold.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The shortest form that reads back as the same span.
[[nodiscard]] std::string format_duration(std::chrono::milliseconds span);

/// A whole number, alone (bytes) or with one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace majed::config
