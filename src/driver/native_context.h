/// The names under which a server that enforces the rules itself is told who asks.
///
/// Why      Policies written for the server (rewrite/) and sessions that set what they read (driver/postgres) must agree.
/// Life     Constants.
/// Threads  Pure.
/// Not here Policies (rewrite/native_rules.h), setting them (driver/postgres/governed_session.h).
///
/// On PostgreSQL they are settings, which end with the transaction they were set in; what is not set reads as NULL or as
/// an empty text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::driver {

/// The principal's role: `normal`. Empty: none.
inline constexpr std::string_view native_role_setting = "majed.role";
/// Among the attributes of a run, the one that holds the role.
inline constexpr std::string_view role_attribute = "role";

/// All values of an attribute, as the text of an array of text: `{"north","south"}`. Empty: it is absent.
[[nodiscard]] inline std::string native_attribute_setting(std::string_view attribute) {
    return "majed.user." + std::string(attribute);
}

}  // namespace majed::driver
