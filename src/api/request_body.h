/// JSON bodies of requests, read strictly: members nobody knows, twice the same, and wrong types are refused.
///
/// Why      A misspelt limit must be an error, not a default.
/// Life     Values that own their text.
/// Threads  Any.
/// Not here Writing JSON (format/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "gateway/gateway.h"
#include "policy/principal.h"
#include "store/primary_store.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace majed::api {

struct LoginBody {
    std::string username;
    Secret password;
};

struct PasswordBody {
    Secret current_password;
    Secret new_password;
};

struct NewUserBody {
    store::NewUser user;
    Secret password;
};

/// What is absent stays as it is.
struct UserPatch {
    std::optional<policy::Role> role = {};
    std::optional<bool> active = {};
    std::optional<Secret> password = {};
    Attributes attributes = {};  ///< Those that change; no values remove one.
};

struct NewClientBody {
    std::string client_name;
    std::optional<std::chrono::seconds> valid_for = {};
};

struct ClientForm {
    std::string client_id;
    Secret client_secret;
};

/// How long what a client had before stays good when nobody says.
inline constexpr std::chrono::seconds default_overlap = std::chrono::hours(24);

/// All: errors: invalid_argument, saying which member is wrong.
[[nodiscard]] Result<LoginBody> read_login(std::string_view body);
[[nodiscard]] Result<PasswordBody> read_password_change(std::string_view body);
/// `{username, password, role?, attributes?, must_change_password?}`
[[nodiscard]] Result<NewUserBody> read_new_user(std::string_view body);
/// `{role?, active?, password?, attributes?}`
[[nodiscard]] Result<UserPatch> read_user_patch(std::string_view body);
/// `{client_name, expires_in?}` in seconds.
[[nodiscard]] Result<NewClientBody> read_new_client(std::string_view body);
/// `{"active": false}`
[[nodiscard]] Result<void> read_client_patch(std::string_view body);
/// Nothing, or `{overlap?}` in seconds.
[[nodiscard]] Result<std::chrono::seconds> read_rotation(std::string_view body);
/// `grant_type=client_credentials`, and `client_id` and `client_secret` unless `authorization` has them as HTTP Basic.
[[nodiscard]] Result<ClientForm> read_client_form(std::string_view body, std::string_view authorization);
/// `{value}`: a boolean, a whole number or a text.
[[nodiscard]] Result<store::ConfigurationValue> read_configuration_value(std::string_view body);
/// `{session_id?, message, response?, tools_used?, execution_time_ms?}`
[[nodiscard]] Result<store::NewTurn> read_new_turn(std::string_view body);
/// `{source, sql, params?, max_rows?, timeout_ms?}`; a check knows only `source`, `sql`. `origin` is left empty.
enum class StatementCall { query, check };
[[nodiscard]] Result<gateway::QueryRequest> read_statement(std::string_view body, StatementCall call);

}  // namespace majed::api
