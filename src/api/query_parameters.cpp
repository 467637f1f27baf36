// SPDX-License-Identifier: Apache-2.0
#include "api/query_parameters.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace majed::api {

Result<std::string> percent_decoded(std::string_view text, PlusSign plus) {
    const Error bad{ErrorCode::invalid_argument, "a percent sign must be followed by two hexadecimal digits"};
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '+' && plus == PlusSign::blank) c = ' ';
        if (c == '%') {
            if (at + 2 >= text.size()) return bad;
            unsigned value = 0;
            const char* const digits = text.data() + at + 1;
            const auto read = std::from_chars(digits, digits + 2, value, 16);
            if (read.ec != std::errc() || read.ptr != digits + 2 || value == 0) return bad;
            c = static_cast<char>(value);
            at += 2;
        }
        out.push_back(c);
    }
    return out;
}

Result<QueryParameters> QueryParameters::read(std::string_view query,
                                              std::span<const std::string_view> allowed) {
    QueryParameters read;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto sign = pair.find('=');
        MAJED_TRY_ASSIGN(std::string name, percent_decoded(pair.substr(0, sign), PlusSign::blank));
        MAJED_TRY_ASSIGN(
            std::string value,
            percent_decoded(sign == pair.npos ? std::string_view() : pair.substr(sign + 1), PlusSign::blank));
        if (std::ranges::find(allowed, std::string_view(name)) == allowed.end()) {
            return Error{ErrorCode::invalid_argument,
                         allowed.empty() ? "this call has no query parameters" : "unknown query parameter"};
        }
        if (!read.values_.emplace(name, std::move(value)).second) {
            return Error{ErrorCode::invalid_argument, name + ": given twice"};
        }
    }
    return read;
}

std::optional<std::string_view> QueryParameters::find(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return std::string_view(found->second);
}

}  // namespace majed::api
