/// Names and strings written so that they can only be read as names and strings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::rewrite {

/// `a"b` becomes `"a""b"`, behind what `into` holds.
template <class String>
void append_quoted(String& into, std::string_view text, char quote = '"') {
    into += quote;
    for (const char c : text) {
        if (c == quote) into += quote;
        into += c;
    }
    into += quote;
}

/// `quoted("a\"b", '"')` is `"a""b"`.
[[nodiscard]] inline std::string quoted(std::string_view text, char quote) {
    std::string result;
    result.reserve(text.size() + 2);
    append_quoted(result, text, quote);
    return result;
}

[[nodiscard]] inline std::string quoted_name(std::string_view name) {
    return quoted(name, '"');
}
[[nodiscard]] inline std::string quoted_string(std::string_view text) {
    return quoted(text, '\'');
}

}  // namespace majed::rewrite
