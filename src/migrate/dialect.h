/// The makes of database that migrations are written for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string_view>

namespace majed::migrate {

enum class Dialect : std::uint8_t { sqlite, postgresql, oracle };

/// `sqlite`, `postgresql`, `oracle`: the names of the drivers.
[[nodiscard]] std::string_view name_of(Dialect dialect) noexcept;

/// From `Driver::name()`. Errors: unsupported.
[[nodiscard]] Result<Dialect> dialect_of(std::string_view driver_name);

}  // namespace majed::migrate
