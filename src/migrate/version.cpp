// SPDX-License-Identifier: Apache-2.0
#include "migrate/version.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace majed::migrate {
namespace {

constexpr std::size_t max_parts = 8;
/// A number of 18 digits fits 64 bits with room for its successor.
constexpr std::size_t max_digits = 18;

Error refused(std::string_view what) {
    return Error{
        .code = ErrorCode::invalid_argument,
        .message = "a version is numbers with dots between them, like 3 or 2.1: " + std::string(what)};
}

}  // namespace

Result<Version> Version::parse(std::string_view text) {
    Version version;
    version.text_ = text;
    while (true) {
        const std::size_t dot = text.find('.');
        const std::string_view digits = text.substr(0, dot);
        if (version.parts_.size() == max_parts) {
            return refused("this one has more than 8");
        }
        if (digits.size() > max_digits) {
            return refused("one of these has more than 18 digits");
        }
        if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
            return refused("this is none");
        }
        std::uint64_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        version.parts_.push_back(number);
        if (dot == std::string_view::npos) {
            break;
        }
        text.remove_prefix(dot + 1);
    }
    while (!version.parts_.empty() && version.parts_.back() == 0) {
        version.parts_.pop_back();
    }
    return version;
}

}  // namespace majed::migrate
