// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include <charconv>
#include <optional>

namespace majed::policy {

namespace {

constexpr std::string_view blanks = " \t\r\n\f";
constexpr std::size_t most_kept = 1000;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::string_view> after_prefix(std::string_view text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix) {
        return std::nullopt;
    }
    return text.substr(prefix.size());
}

std::optional<std::size_t> count_from(std::string_view text) {
    text = trimmed(text);
    std::size_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end || value > most_kept) {
        return std::nullopt;
    }
    return value;
}

Error bad_mask(std::string_view why) {
    return Error{ErrorCode::invalid_argument,
                 "a mask is null, email, hash, partial(START,END), constant:TEXT or sql: EXPRESSION; " +
                     std::string(why)};
}

Result<Mask> parse_partial(std::string_view arguments) {
    const std::size_t comma = arguments.find(',');
    if (arguments.empty() || arguments.back() != ')' || comma == std::string_view::npos) {
        return bad_mask("partial needs two numbers, as in partial(2,2)");
    }
    const auto start = count_from(arguments.substr(0, comma));
    const auto end = count_from(arguments.substr(comma + 1, arguments.size() - comma - 2));
    if (!start || !end) {
        return bad_mask("partial needs two numbers from 0 to 1000");
    }
    return Mask{.kind = MaskKind::partial, .keep_start = *start, .keep_end = *end};
}

}  // namespace

Result<Mask> parse_mask(std::string_view text) {
    // A constant is kept as written: blanks at its end may be meant.
    const std::size_t first = text.find_first_not_of(blanks);
    const std::string_view from_first =
        first == std::string_view::npos ? text.substr(0, 0) : text.substr(first);
    if (const auto constant = after_prefix(from_first, "constant:")) {
        return Mask{.kind = MaskKind::constant, .text = std::string(*constant)};
    }
    const std::string_view name = trimmed(text);
    if (name == "null") {
        return Mask{.kind = MaskKind::null};
    }
    if (name == "email") {
        return Mask{.kind = MaskKind::email};
    }
    if (name == "hash") {
        return Mask{.kind = MaskKind::hash};
    }
    if (const auto arguments = after_prefix(name, "partial(")) {
        return parse_partial(*arguments);
    }
    if (const auto expression = after_prefix(name, "sql:")) {
        const std::string_view sql = trimmed(*expression);
        if (sql.empty()) {
            return bad_mask("sql: needs an expression");
        }
        return Mask{.kind = MaskKind::expression, .text = std::string(sql)};
    }
    return bad_mask("not `" + std::string(name.substr(0, 60)) + "`");
}

}  // namespace majed::policy
