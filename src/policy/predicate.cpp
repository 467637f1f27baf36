// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include <algorithm>

namespace majed::policy {

namespace {

constexpr std::string_view attribute_prefix = ":user.";

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9');
}

std::size_t after(std::string_view text, std::size_t from, std::string_view end) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
}

/// End of the quoted text or comment that begins at `at`; `at` itself when none does. A doubled quote closes
/// one text and opens the next, which comes to the same.
std::size_t skip_opaque(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c == '\'' || c == '"' || c == '`') {
        return after(text, at + 1, text.substr(at, 1));
    }
    if (c == '[') {
        return after(text, at + 1, "]");
    }
    if (text.substr(at, 2) == "--") {
        return after(text, at + 2, "\n");
    }
    if (text.substr(at, 2) == "/*") {
        return after(text, at + 2, "*/");
    }
    return at;
}

}  // namespace

std::string predicate_of(std::string_view rows) {
    if (rows == "own_region") {
        return "region = :user.region";
    }
    if (rows == "region_based") {
        return "region IN (:user.regions)";
    }
    return std::string(rows);
}

std::vector<std::string> attributes_in(std::string_view predicate) {
    std::vector<std::string> names;
    std::size_t at = 0;
    while (at < predicate.size()) {
        if (const std::size_t end = skip_opaque(predicate, at); end != at) {
            at = end;
            continue;
        }
        const std::size_t begin = at + attribute_prefix.size();
        if (predicate.substr(at, attribute_prefix.size()) != attribute_prefix || begin >= predicate.size() ||
            !starts_name(predicate[begin])) {
            ++at;
            continue;
        }
        const auto* const stop = std::find_if_not(predicate.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  predicate.end(), continues_name);
        at = static_cast<std::size_t>(stop - predicate.begin());
        std::string name(predicate.substr(begin, at - begin));
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

}  // namespace majed::policy
