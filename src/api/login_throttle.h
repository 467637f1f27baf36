/// Slows down guessing of passwords: so many failures per user and address, so many per address, per window.
///
/// Why      Argon2id makes one guess dear for us too; a bounded number of guesses is all a caller gets.
/// Life     One per server; forgets with the process.
/// Threads  All methods may be called from any thread.
/// Not here Checking the password (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/session_table.h"
#include "core/mutex.h"
#include "core/result.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace majed::api {

struct ThrottleOptions {
    std::size_t failures_per_user = 5;      ///< For one user name from one address.
    std::size_t failures_per_address = 30;  ///< For one address, whatever the names.
    std::chrono::milliseconds window = std::chrono::minutes(1);
    std::size_t max_entries = 8192;  ///< Past it the oldest entries are forgotten.
};

class LoginThrottle {
public:
    LoginThrottle(const ThrottleOptions& options, Now now);

    /// Counts one attempt before the password is looked at, so that attempts at the same time count too.
    /// Errors: rate_limited, with the time until the window ends.
    [[nodiscard]] Result<void> admit(std::string_view username, std::string_view address);
    /// The attempt was good: it does not count.
    void forgive(std::string_view username, std::string_view address);

private:
    struct Entry {
        std::size_t attempts = 0;
        SteadyClock::time_point started;
    };
    Entry& entry_of(const std::string& key) MAJED_REQUIRES(mutex_);

    const ThrottleOptions options_;
    const Now now_;
    Mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::api
