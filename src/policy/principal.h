/// Who asks, after a door has proven it.
///
/// Why      Every later step decides by this value alone; nothing in the SQL text can change it.
/// Life     Made by store/ after a credential was checked; immutable for one request.
/// Threads  A value.
/// Not here Credentials (store/), sessions and tokens (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::policy {

/// Least to most permissive; a principal with several roles acts under the greatest.
enum class Role : std::uint8_t { integration, normal, superuser, admin };

inline constexpr std::array<Role, 4> all_roles{Role::integration, Role::normal, Role::superuser, Role::admin};

[[nodiscard]] std::string_view to_string(Role role) noexcept;
/// nullopt for a name that is no role.
[[nodiscard]] std::optional<Role> role_from(std::string_view name) noexcept;

enum class PrincipalKind : std::uint8_t { user, client };

struct Principal {
    PrincipalKind kind = PrincipalKind::user;
    std::int64_t id = 0;           ///< Key in `users` or `integration_clients`.
    std::string name;              ///< Username or client_id.
    std::optional<Role> role;      ///< Most permissive role held; none: may see nothing.
    Attributes attributes;         ///< `region`, `regions`, ... as the administrator set them.
    std::string authenticated_by;  ///< `password`, `api_key`, `local` (command line).
};

}  // namespace majed::policy
