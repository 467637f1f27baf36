/// What the name of a file of migrations says: version or repeatable, description, whether it undoes.
///
/// Why      A name that is almost right (`V1__a.sql`, `2 add.sql`) must be refused, never left out in silence.
/// Life     Values.
/// Threads  Pure.
/// Not here What stands in the file (migration_parts.h), names that exclude each other (migration.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/version.h"

#include <optional>
#include <string>
#include <string_view>

namespace majed::migrate {

/// What the name of a migration that is run again whenever it changed begins with.
inline constexpr std::string_view repeatable_prefix = "R__";

struct MigrationName {
    std::optional<Version> version = {};  ///< Absent for a repeatable one.
    std::string description = {};
    std::string stem =
        {};  ///< Without `.sql` and `.down.sql`: what a file and that of its way down have in common.
    bool undoes = false;  ///< It ends in `.down.sql`.
};

/// False for hidden files and those that end otherwise than `.sql` in whatever case: they are none of our business.
[[nodiscard]] bool is_migration_file(std::string_view file) noexcept;

/// Of a file of which `is_migration_file` holds. Errors: invalid_argument, with what is wrong and without the name.
[[nodiscard]] Result<MigrationName> parse_migration_name(std::string_view file);

}  // namespace majed::migrate
