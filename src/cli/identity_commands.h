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
[[nodiscard]] Result<void> set_password(Context& context, const std::string& username,
                                        const PasswordChoice& choice);
[[nodiscard]] Result<void> set_role(Context& context, const std::string& username, const std::string& role);
/// No values removes the attribute.
[[nodiscard]] Result<void> set_attribute(Context& context, const std::string& username,
                                         const std::string& name, const std::vector<std::string>& values);
enum class Activity { enabled, disabled };
[[nodiscard]] Result<void> set_activity(Context& context, const std::string& username, Activity activity);

[[nodiscard]] Result<void> add_client(Context& context, const std::string& client_name);
[[nodiscard]] Result<void> list_clients(Context& context);
[[nodiscard]] Result<void> rotate_client(Context& context, const std::string& client_id);
[[nodiscard]] Result<void> revoke_client(Context& context, const std::string& client_id);

}  // namespace majed::cli
