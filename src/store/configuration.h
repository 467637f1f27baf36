/// Values of the configuration that is stored: as callers give them, as the table holds them, as everybody shows them.
///
/// Why      What is refused, what is stored and what is read back must be one rule.
/// Life     Values and pure functions.
/// Threads  Any.
/// Not here Which keys there are (configuration_keys.h), the table (primary_configuration.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "format/json.h"
#include "store/configuration_keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace majed::store {

/// As JSON has it: a duration is a text.
using ConfigurationValue = std::variant<bool, std::int64_t, std::string>;

struct ConfigurationItem {
    ConfigurationKey key{};
    std::optional<std::int64_t> number = {};  ///< nullopt: this program does not understand what is stored.
    bool set = false;
    std::string updated_by = {};  ///< Of what is set; else empty.
    std::string updated_at = {};
};

/// Texts as the table holds them; nullopt is the default.
struct ConfigurationChange {
    std::optional<std::string> old_value;
    std::optional<std::string> new_value;
    std::string changed_by;
    std::string changed_at;
};

/// Errors: not_found, naming the keys there are.
[[nodiscard]] Result<ConfigurationKey> configuration_key(std::string_view name);
/// Errors: invalid_argument, saying what is expected.
[[nodiscard]] Result<std::int64_t> number_of(const ConfigurationTraits& traits,
                                             const ConfigurationValue& value);
/// `true`, `10000`, `90d`: what `number_in` reads back.
[[nodiscard]] std::string text_of(const ConfigurationTraits& traits, std::int64_t number);
/// nullopt: not a value of this key, or out of its bounds; another program wrote it, or a hand.
[[nodiscard]] std::optional<std::int64_t> number_in(const ConfigurationTraits& traits, std::string_view text);
/// conflict: for whoever needs the value.
[[nodiscard]] Error not_understood(const ConfigurationTraits& traits);

/// The members alone, for an object that has more: a value that is not understood is null beside an `error`.
void append_configuration_members(format::JsonWriter& json, const ConfigurationItem& item);
void append_configuration_change(format::JsonWriter& json, const ConfigurationTraits& traits,
                                 const ConfigurationChange& change);
[[nodiscard]] std::string configuration_json(const ConfigurationItem& item);

}  // namespace majed::store
