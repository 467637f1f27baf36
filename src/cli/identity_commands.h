/// `majed user ...` and `majed client ...`.
///
/// Why      Identities are made and changed by whoever holds the files, and every change is audited.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here The rules for names and passwords (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "cli/terminal.h"
#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::cli {

struct NewUserOptions {
    std::string username;
    std::string role = "normal";
    std::vector<std::string> attributes = {};  ///< `name=value`; the same name again adds a value.
    bool must_change_password = true;
    PasswordChoice password = {};
};

// Errors of all: those of the store (conflict, not_found, invalid_argument) and of the audit.
[[nodiscard]] Result<void> add_user(Context& context, const NewUserOptions& options);
[[nodiscard]] Result<void> list_users(Context& context);
[[nodiscard]] Result<void> show_user(Context& context, const std::string& username);
/// The user's sessions end; the password must be changed at the next login unless `must_change` says otherwise.
[[nodiscard]] Result<void> set_password(Context& context, const std::string& username,
                                        const PasswordChoice& choice, bool must_change);
[[nodiscard]] Result<void> set_role(Context& context, const std::string& username, const std::string& role);
/// No values removes the attribute.
[[nodiscard]] Result<void> set_attribute(Context& context, const std::string& username,
                                         const std::string& name, const std::vector<std::string>& values);
enum class Activity { enabled, disabled };
[[nodiscard]] Result<void> set_activity(Context& context, const std::string& username, Activity activity);

/// For ever; the name is not given again.
[[nodiscard]] Result<void> delete_user(Context& context, const std::string& username);

struct ClientOptions {
    std::string name;                             ///< For people, of a new one.
    std::string client_id = {};                   ///< Of one that exists.
    std::optional<std::int64_t> valid_days = {};  ///< Of key and secret; absent: they do not expire.
    std::int64_t overlap_hours = 24;              ///< How long what it had before stays good.
};
[[nodiscard]] Result<void> add_client(Context& context, const ClientOptions& options);
[[nodiscard]] Result<void> list_clients(Context& context);
[[nodiscard]] Result<void> rotate_client(Context& context, const ClientOptions& options);
[[nodiscard]] Result<void> revoke_client(Context& context, const std::string& client_id);

}  // namespace majed::cli
