/// Sessions of users who logged in with a password.
///
/// Why      A token proves a login until it expires; only its digest is kept, so memory gives no token away.
/// Life     One per server; sessions end with the process.
/// Threads  All methods may be called from any thread.
/// Not here Whether the user may still act (asked of store/ at every request).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/secret.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace majed::api {

/// Tells the time; tests give their own.
using Now = std::function<SteadyClock::time_point()>;

struct UserSession {
    std::int64_t user_id = 0;
    std::string username;
};

class SessionTable {
public:
    /// Past `max_sessions` the session that would expire first ends.
    SessionTable(std::chrono::milliseconds lifetime, std::size_t max_sessions, Now now);

    /// `ms_<43 base64url>`; shown once.
    [[nodiscard]] Secret open(UserSession session);
    /// nullopt: unknown or expired.
    [[nodiscard]] std::optional<UserSession> find(std::string_view token);
    void close(std::string_view token);
    /// After a change of password: every session of the user but the one of `kept_token`.
    void close_others(std::int64_t user_id, std::string_view kept_token);

    [[nodiscard]] std::chrono::milliseconds lifetime() const noexcept { return lifetime_; }

private:
    struct Entry {
        UserSession session;
        SteadyClock::time_point expires;
    };
    void make_room() MAJED_REQUIRES(mutex_);

    const std::chrono::milliseconds lifetime_;
    const std::size_t max_sessions_;
    const Now now_;
    Mutex mutex_;
    std::map<std::string, Entry, std::less<>> by_digest_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::api
