/// The names under which a server that enforces the rules itself is told who asks.
///
/// Why      Policies written for the server (rewrite/) and sessions that set what they read (driver/postgres) must agree.
/// Life     Constants.
/// Threads  Pure.
/// Not here Policies (rewrite/native_rules.h, rewrite/native_oracle.h), setting them (governed_session.h of driver/postgres and
///          driver/oracle).
///
/// On PostgreSQL they are settings, which end with the transaction they were set in; what is not set reads as NULL or as
/// an empty text. On Oracle they are an application context of the session, which one package alone can set and take away.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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

/// Oracle: of `CREATE CONTEXT`, in capitals as the dictionary has it, and the packages beside it.
inline constexpr std::string_view oracle_context = "MAJED_CTX";
inline constexpr std::string_view oracle_context_package = "MAJED_CONTEXT";
inline constexpr std::string_view oracle_rules_package = "MAJED_RULES";
/// Bytes of one value of a context.
inline constexpr std::size_t longest_context_value = 4000;
/// Bytes of the name of one; two stand before an attribute's.
inline constexpr std::size_t longest_context_name = 128;

/// The only value of an attribute; empty where it has none or several. All its values, as a JSON array of text.
[[nodiscard]] inline std::string oracle_one_value(std::string_view attribute) {
    return "v_" + std::string(attribute);
}
[[nodiscard]] inline std::string oracle_all_values(std::string_view attribute) {
    return "u_" + std::string(attribute);
}

}  // namespace majed::driver
