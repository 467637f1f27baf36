/// What an administrator can set while the program runs: every key with its type, default and bounds.
///
/// Why      A key exists once, in code: nothing can be set that nothing reads, and nothing is read as another type.
/// Life     Constants.
/// Threads  Any.
/// Not here What is set (primary_store.h); `majed.toml`, which the program reads at its start (app/settings.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace majed::store {

enum class ConfigurationKey : std::uint8_t {
    conversations_enabled,
    conversations_retention,
    conversations_max_turns,
    audit_retention,
};

/// A duration is a text with a unit, `90d`.
enum class ConfigurationType : std::uint8_t { boolean, integer, duration };

[[nodiscard]] constexpr std::string_view name_of(ConfigurationType type) noexcept {
    constexpr std::array<std::string_view, 3> names{"boolean", "integer", "duration"};
    return names[static_cast<std::size_t>(type)];
}

/// Values are numbers here: 0 and 1 for a boolean, milliseconds for a duration.
struct ConfigurationTraits {
    ConfigurationKey key;
    std::string_view name;
    ConfigurationType type;
    std::int64_t initial;
    std::int64_t minimum;
    std::int64_t maximum;
    bool zero_is_endless;  ///< 0 is taken beside the bounds, and means that it never ends.
    std::string_view description;
};

inline constexpr std::int64_t hour_of_configuration = 3'600'000;
inline constexpr std::int64_t day_of_configuration = 24 * hour_of_configuration;

/// In the order of `ConfigurationKey`.
inline constexpr std::array<ConfigurationTraits, 4> configuration_keys{{
    {ConfigurationKey::conversations_enabled, "conversations.enabled", ConfigurationType::boolean, 1, 0, 1,
     false, "Whether new turns of conversations are taken; old ones can be read and deleted in any case."},
    {ConfigurationKey::conversations_retention, "conversations.retention", ConfigurationType::duration,
     365 * day_of_configuration, hour_of_configuration, 3650 * day_of_configuration, true,
     "How long a turn of a conversation is kept; 0 keeps it for ever."},
    {ConfigurationKey::conversations_max_turns, "conversations.max_turns", ConfigurationType::integer, 10'000,
     1, 1'000'000, false, "How many turns one user may have; past it a new one is refused."},
    {ConfigurationKey::audit_retention, "audit.retention", ConfigurationType::duration, 0,
     30 * day_of_configuration, 36'500 * day_of_configuration, true,
     "How long the content of a record of the audit is kept; 0 keeps it for ever."},
}};

[[nodiscard]] constexpr const ConfigurationTraits& traits_of(ConfigurationKey key) noexcept {
    return configuration_keys[static_cast<std::size_t>(key)];
}

/// A key that can only be read as what it is: bool, std::int64_t or std::chrono::milliseconds.
template <class T>
struct TypedKey {
    ConfigurationKey key;
};

inline constexpr TypedKey<bool> conversations_enabled{ConfigurationKey::conversations_enabled};
inline constexpr TypedKey<std::chrono::milliseconds> conversations_retention{
    ConfigurationKey::conversations_retention};
inline constexpr TypedKey<std::int64_t> conversations_max_turns{ConfigurationKey::conversations_max_turns};
inline constexpr TypedKey<std::chrono::milliseconds> audit_retention{ConfigurationKey::audit_retention};

template <class T>
[[nodiscard]] constexpr bool is_declared_so(TypedKey<T> typed) noexcept {
    const ConfigurationType type = traits_of(typed.key).type;
    if constexpr (std::is_same_v<T, bool>) return type == ConfigurationType::boolean;
    if constexpr (std::is_same_v<T, std::int64_t>) return type == ConfigurationType::integer;
    if constexpr (std::is_same_v<T, std::chrono::milliseconds>) return type == ConfigurationType::duration;
    return false;
}
static_assert(is_declared_so(conversations_enabled) && is_declared_so(conversations_retention) &&
              is_declared_so(conversations_max_turns) && is_declared_so(audit_retention));

}  // namespace majed::store
