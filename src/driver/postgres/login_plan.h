/// Where to log in and with which settings, read from a URL; what libpq would take from elsewhere is shut out.
///
/// Why      A connection of a gateway depends on its configuration alone: not on PG* variables, service files, password
///          files or certificates in somebody's home folder.
/// Life     A value, made once per driver.
/// Threads  Immutable once made.
/// Not here Connecting (login.h), the password (Target).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver::postgres {

struct LoginPlan {
    struct Host {
        std::string name;  ///< A host name, an address, or the folder of a Unix socket.
        std::string port;
        [[nodiscard]] bool is_socket() const noexcept { return name.starts_with('/'); }
        friend bool operator==(const Host&, const Host&) = default;
    };
    using Environment = const char* (*)(const char*);

    std::vector<Host> hosts;
    /// Keywords and values for libpq, the same for every host; without host, port and password.
    std::vector<std::pair<std::string, std::string>> settings;
    std::string session = "any";                            ///< target_session_attrs
    std::optional<std::chrono::seconds> connect_timeout{};  ///< For one address.

    /// `environment` is std::getenv, or a test's own. Errors: invalid_argument (not such a URL; user or password in it;
    /// a parameter that is not allowed; a PG* variable that cannot be shut out). No error shows what the URL holds.
    [[nodiscard]] static Result<LoginPlan> read(const Target& target, Environment environment);

    /// Empty when it is not set.
    [[nodiscard]] std::string setting(std::string_view keyword) const;
};

}  // namespace majed::driver::postgres
