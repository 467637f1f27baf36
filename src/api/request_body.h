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

/// All three: errors: invalid_argument, saying which member is wrong.
[[nodiscard]] Result<LoginBody> read_login(std::string_view body);
[[nodiscard]] Result<PasswordBody> read_password_change(std::string_view body);
/// `{source, sql, params?, max_rows?, timeout_ms?}`; a check knows only `source`, `sql`. `origin` is left empty.
enum class StatementCall { query, check };
[[nodiscard]] Result<gateway::QueryRequest> read_statement(std::string_view body, StatementCall call);

}  // namespace majed::api
