// SPDX-License-Identifier: Apache-2.0
#include "migrate/dialect.h"

#include <array>
#include <cstddef>
#include <string>

namespace majed::migrate {
namespace {

constexpr std::array<std::string_view, 3> names{"sqlite", "postgresql", "oracle"};

}  // namespace

std::string_view name_of(Dialect dialect) noexcept {
    return names.at(static_cast<std::size_t>(dialect));
}

Result<Dialect> dialect_of(std::string_view driver_name) {
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql, Dialect::oracle}) {
        if (name_of(dialect) == driver_name) {
            return dialect;
        }
    }
    return Error{.code = ErrorCode::unsupported,
                 .message = "there are no migrations for this make of database",
                 .hint = "they are for sqlite, postgresql and oracle"};
}

}  // namespace majed::migrate
