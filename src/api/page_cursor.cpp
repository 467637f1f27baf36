// SPDX-License-Identifier: Apache-2.0
#include "api/page_cursor.h"

#include "crypto/encoding.h"

#include <charconv>

namespace majed::api {

std::string cursor_text(char kind, std::span<const std::int64_t> numbers) {
    std::string text(1, kind);
    for (const std::int64_t number : numbers) {
        if (text.size() > 1) text += '.';
        text += std::to_string(number);
    }
    return crypto::to_base64url(crypto::bytes_of(text));
}

Result<std::vector<std::int64_t>> cursor_numbers(char kind, std::size_t count, std::string_view cursor) {
    const Error bad{ErrorCode::invalid_argument, "cursor: expected the `next` of the page before"};
    const auto bytes = crypto::from_base64url(cursor);
    if (!bytes || bytes->empty() || bytes->front() != static_cast<std::uint8_t>(kind)) return bad;
    const std::string text(bytes->begin() + 1, bytes->end());
    const char* at = text.data();
    const char* const end = at + text.size();
    std::vector<std::int64_t> numbers;
    while (numbers.size() < count) {
        std::int64_t number = 0;
        const auto read = std::from_chars(at, end, number);
        if (read.ec != std::errc() || number < 0) return bad;
        numbers.push_back(number);
        at = read.ptr;
        const bool last = numbers.size() == count;
        if (last != (at == end) || (!last && *at++ != '.')) return bad;
    }
    return numbers;
}

Result<std::size_t> page_limit(const QueryParameters& query, PageLimits limits) {
    const auto text = query.find("limit");
    if (!text) return limits.usual;
    std::size_t number = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
    const bool good = read.ec == std::errc() && read.ptr == text->data() + text->size() && number >= 1 &&
                      number <= limits.most;
    if (good) return number;
    return Error{ErrorCode::invalid_argument,
                 "limit: expected a number from 1 to " + std::to_string(limits.most)};
}

}  // namespace majed::api
