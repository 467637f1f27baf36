/// What a rule lets somebody do with the rows of a table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace majed::policy {

enum class Action : std::uint8_t { select, insert, update, delete_ };

inline constexpr std::array<Action, 4> all_actions{Action::select, Action::insert, Action::update,
                                                   Action::delete_};

/// `select`, `insert`, `update`, `delete`: as rules and reports spell it.
[[nodiscard]] constexpr std::string_view to_string(Action action) noexcept {
    constexpr std::array<std::string_view, 4> names{"select", "insert", "update", "delete"};
    return names.at(static_cast<std::size_t>(action));
}

/// nullopt for a name that is no action.
[[nodiscard]] constexpr std::optional<Action> action_from(std::string_view name) noexcept {
    for (const Action action : all_actions) {
        if (to_string(action) == name) return action;
    }
    return std::nullopt;
}

/// A set of actions; a rule that says nothing about them is one for reading.
class ActionSet {
public:
    constexpr ActionSet() = default;
    constexpr ActionSet(std::initializer_list<Action> actions) : bits_(0) {
        for (const Action action : actions) add(action);
    }
    constexpr void add(Action action) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit(action)); }
    [[nodiscard]] constexpr bool has(Action action) const noexcept { return (bits_ & bit(action)) != 0; }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    /// The first action that is in both; nullopt: they are apart.
    [[nodiscard]] constexpr std::optional<Action> shared_with(ActionSet other) const noexcept {
        for (const Action action : all_actions) {
            if (has(action) && other.has(action)) return action;
        }
        return std::nullopt;
    }
    friend constexpr bool operator==(ActionSet, ActionSet) = default;

private:
    static constexpr std::uint8_t bit(Action action) noexcept {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(action));
    }
    std::uint8_t bits_ = bit(Action::select);
};

}  // namespace majed::policy
