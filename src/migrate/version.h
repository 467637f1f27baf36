/// The version of a migration: numbers with dots between them, compared as numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// `1`, `002`, `2.1`, `20261123130000`. As numbers: 2 < 10, 1 = 001 = 1.0. The text is kept as it was written.
class Version {
public:
    /// 1..8 parts of 1..18 digits, `.` between them. Errors: invalid_argument.
    [[nodiscard]] static Result<Version> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    friend bool operator==(const Version& a, const Version& b) noexcept { return a.parts_ == b.parts_; }
    friend std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
        return a.parts_ <=> b.parts_;
    }

private:
    std::string text_;
    std::vector<std::uint64_t> parts_;  ///< Without trailing zeros.
};

}  // namespace majed::migrate
