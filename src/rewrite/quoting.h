/// Names and strings written so that they can only be read as names and strings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::rewrite {

/// `quoted("a\"b", '"')` is `"a""b"`.
[[nodiscard]] inline std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    result.reserve(text.size() + 2);
    for (const char c : text) {
        if (c == quote) result += quote;
        result += c;
    }
    result += quote;
    return result;
}

[[nodiscard]] inline std::string quoted_name(std::string_view name) {
    return quoted(name, '"');
}
[[nodiscard]] inline std::string quoted_string(std::string_view text) {
    return quoted(text, '\'');
}

}  // namespace majed::rewrite
