/// Slows down guessing of passwords: after some failures each one more doubles the pause before the next attempt.
///
/// Why      Argon2id makes one guess dear for us too; a bounded number of guesses is all a caller gets. Pauses end by
///          themselves, so nobody is locked out of an account for good by somebody else.
/// Life     One per server; forgets with the process.
/// Threads  All methods may be called from any thread.
/// Not here Checking the password (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace majed::api {

/// Tells the time; tests give their own.
using Now = std::function<SteadyClock::time_point()>;

/// Failures that cost no pause, of each of the three things that are counted.
struct ThrottleOptions {
    std::size_t failures_per_user = 5;      ///< For one account from one address.
    std::size_t failures_per_account = 50;  ///< For one account, from wherever.
    std::size_t failures_per_address = 30;  ///< For one address, whatever the names.
    std::chrono::milliseconds first_pause = std::chrono::seconds(1);
    std::chrono::milliseconds longest_pause = std::chrono::minutes(15);
    std::size_t max_entries = 8192;  ///< Past it the oldest entries are forgotten.
};

class LoginThrottle {
public:
    LoginThrottle(const ThrottleOptions& options, Now now);

    /// Counts one attempt before the password is looked at, so that attempts at the same time count too.
    /// Errors: rate_limited, with the time until the pause ends; such an attempt does not count.
    [[nodiscard]] Result<void> admit(std::string_view username, std::string_view address);
    /// The attempt was good: it does not count, and the account's failures from there are forgotten.
    void forgive(std::string_view username, std::string_view address);

private:
    struct Entry {
        std::size_t failures = 0;
        SteadyClock::time_point last;
        SteadyClock::time_point paused_until;
    };
    /// What is counted, and how many of it cost nothing.
    struct Counted {
        std::string key;
        std::size_t free;
    };
    [[nodiscard]] std::array<Counted, 3> counted(std::string_view username, std::string_view address) const;
    Entry& entry_of(const std::string& key) MAJED_REQUIRES(mutex_);
    void make_room() MAJED_REQUIRES(mutex_);

    const ThrottleOptions options_;
    const Now now_;
    Mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::api
