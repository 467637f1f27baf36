/// The `limit` and the `cursor` of a list that comes in pages.
///
/// Why      A cursor is opaque to callers and strictly read: one of another list is an error, not another place.
/// Life     Pure functions.
/// Threads  Any.
/// Not here What the numbers of a cursor mean (the calls).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/query_parameters.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::api {

/// `kind` is a letter of the list's own.
[[nodiscard]] std::string cursor_text(char kind, std::span<const std::int64_t> numbers);
/// Exactly `count` numbers that are not negative. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<std::int64_t>> cursor_numbers(char kind, std::size_t count,
                                                               std::string_view cursor);

struct PageLimits {
    std::size_t usual;
    std::size_t most;
};
/// Of the parameter `limit`. Errors: invalid_argument.
[[nodiscard]] Result<std::size_t> page_limit(const QueryParameters& query, PageLimits limits);

}  // namespace majed::api
