// SPDX-License-Identifier: Apache-2.0
#include "policy/principal.h"

namespace majed::policy {

std::string_view to_string(Role role) noexcept {
    switch (role) {
        case Role::integration:
            return "integration";
        case Role::normal:
            return "normal";
        case Role::superuser:
            return "superuser";
        case Role::admin:
            return "admin";
    }
    return "";
}

std::optional<Role> role_from(std::string_view name) noexcept {
    for (const Role role : all_roles) {
        if (to_string(role) == name) {
            return role;
        }
    }
    return std::nullopt;
}

}  // namespace majed::policy
