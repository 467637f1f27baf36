// SPDX-License-Identifier: Apache-2.0
#include "cli/parameter_text.h"

#include <charconv>
#include <cmath>

namespace majed::cli {
namespace {

/// `0042` is a code or a telephone number, not the number 42.
bool has_leading_zero(std::string_view text) {
    if (!text.empty() && text.front() == '-') {
        text.remove_prefix(1);
    }
    return text.size() > 1 && text[0] == '0' && text[1] != '.';
}

}  // namespace

Value value_of(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.empty() || has_leading_zero(text)) {
        return std::string(text);
    }
    std::int64_t integer = 0;
    const auto as_integer = std::from_chars(text.data(), end, integer);
    if (as_integer.ec == std::errc() && as_integer.ptr == end) {
        return integer;
    }
    double real = 0;
    const auto as_real = std::from_chars(text.data(), end, real);
    const bool digits_only = text.find_first_of(".eE") == std::string_view::npos;
    if (as_real.ec == std::errc() && as_real.ptr == end && std::isfinite(real) && !digits_only) {
        return real;
    }
    return std::string(text);
}

Result<std::pair<std::string, Value>> named_value_of(std::string_view text) {
    const auto sign = text.find('=');
    if (sign == std::string_view::npos || sign == 0) {
        return Error{ErrorCode::invalid_argument, "--param: expected name=value"};
    }
    return std::pair(std::string(text.substr(0, sign)), value_of(text.substr(sign + 1)));
}

}  // namespace majed::cli
