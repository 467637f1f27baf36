// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>

namespace majed::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Smallest first; formatting takes the greatest that divides.
constexpr std::array<Unit, 5> spans{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 10> sizes{{{"", 1},
                                      {"B", 1},
                                      {"kB", 1000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000},
                                      {"TB", 1'000'000'000'000},
                                      {"KiB", 1ULL << 10U},
                                      {"MiB", 1ULL << 20U},
                                      {"GiB", 1ULL << 30U},
                                      {"TiB", 1ULL << 40U}}};
constexpr auto binary_sizes = std::span(sizes).subspan(6);

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc()) return std::nullopt;
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& unit : units) {
        if (unit.name != name) continue;
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (number > most / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

std::string format(std::uint64_t number, std::span<const Unit> units, std::string_view smallest) {
    std::string text = std::to_string(number).append(smallest);
    if (number == 0) return text;
    for (const Unit& unit : units) {
        if (number % unit.factor == 0) text = std::to_string(number / unit.factor).append(unit.name);
    }
    return text;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto number = parse(text, spans);
    if (!number) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::string format_duration(std::chrono::milliseconds span) {
    return format(static_cast<std::uint64_t>(span.count()), spans, "ms");
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, sizes);
}

std::string format_size(std::uint64_t bytes) {
    return format(bytes, binary_sizes, "");
}

}  // namespace majed::config
