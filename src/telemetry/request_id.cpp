// SPDX-License-Identifier: Apache-2.0
#include "telemetry/request_id.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace majed::telemetry {

std::string make_request_id() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, 16> bytes{};
    // Cannot fail for so few bytes on a kernel that has it; were it to, all requests would share one id.
    if (::getentropy(bytes.data(), bytes.size()) != 0) std::abort();
    std::string id;
    id.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        id += digits[byte >> 4U];
        id += digits[byte & 0xFU];
    }
    return id;
}

bool is_acceptable_request_id(std::string_view text) noexcept {
    constexpr std::size_t longest = 128;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    });
}

}  // namespace majed::telemetry
