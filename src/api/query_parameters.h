/// The parameters after the `?` of a request, decoded and read strictly.
///
/// Why      A misspelt filter must be an error, not an answer about everything.
/// Life     Values that own their text.
/// Threads  Any.
/// Not here Bodies (request_body.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace majed::api {

/// `%41` and, in queries and forms, `+` as a blank. Errors: invalid_argument (a bad escape, a NUL).
enum class PlusSign { plus, blank };
[[nodiscard]] Result<std::string> percent_decoded(std::string_view text, PlusSign plus);

class QueryParameters {
public:
    QueryParameters() = default;
    /// `a=1&b=2`. Errors: invalid_argument (a name that is not `allowed`, twice the same, a bad escape).
    [[nodiscard]] static Result<QueryParameters> read(std::string_view query,
                                                      std::span<const std::string_view> allowed);

    /// nullopt: not given.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] std::string_view text(std::string_view name) const { return find(name).value_or(""); }

private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace majed::api
