// SPDX-License-Identifier: Apache-2.0
#include "api/login_throttle.h"

#include <algorithm>
#include <utility>

namespace majed::api {

LoginThrottle::LoginThrottle(const ThrottleOptions& options, Now now)
    : options_(options), now_(std::move(now)) {}

std::array<LoginThrottle::Counted, 3> LoginThrottle::counted(std::string_view username,
                                                             std::string_view address) const {
    // Neither name nor address can hold a line feed, so the three kinds of keys never meet.
    constexpr std::size_t longest_name = 255;
    const std::string name(username.substr(0, longest_name));
    const std::string from(address);
    return {{{from + "\n" + name, options_.failures_per_user},
             {"\n" + name, options_.failures_per_account},
             {from, options_.failures_per_address}}};
}

Result<void> LoginThrottle::admit(std::string_view username, std::string_view address) {
    const auto all = counted(username, address);
    const auto now = now_();
    const Lock lock(mutex_);
    for (const Counted& one : all) {
        const Entry& entry = entry_of(one.key);
        if (now < entry.paused_until) {
            Error error{ErrorCode::rate_limited, "too many attempts to log in"};
            error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(entry.paused_until - now);
            return error;
        }
    }
    for (const Counted& one : all) {
        Entry& entry = entry_of(one.key);
        entry.last = now;
        if (++entry.failures < one.free) continue;
        constexpr std::size_t most_doublings = 20;
        const auto doublings = std::min(entry.failures - one.free, most_doublings);
        entry.paused_until =
            now + std::min(options_.first_pause * (std::int64_t{1} << doublings), options_.longest_pause);
    }
    return {};
}

void LoginThrottle::forgive(std::string_view username, std::string_view address) {
    const auto all = counted(username, address);
    const Lock lock(mutex_);
    entries_.erase(all[0].key);
    for (const Counted& one : {all[1], all[2]}) {
        Entry& entry = entry_of(one.key);
        if (entry.failures > 0) --entry.failures;
        if (entry.failures < one.free) entry.paused_until = {};
    }
}

LoginThrottle::Entry& LoginThrottle::entry_of(const std::string& key) {
    const auto now = now_();
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
        // As long as the longest pause since it could try again: it begins anew.
        const bool old =
            now - std::max(found->second.last, found->second.paused_until) >= options_.longest_pause;
        if (old) found->second = Entry{0, now, {}};
        return found->second;
    }
    if (entries_.size() >= options_.max_entries) make_room();
    return entries_.insert_or_assign(key, Entry{0, now, {}}).first->second;
}

void LoginThrottle::make_room() {
    const auto now = now_();
    std::erase_if(entries_,
                  [&](const auto& entry) { return now - entry.second.last >= options_.longest_pause; });
    if (entries_.size() < options_.max_entries) return;
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
    }));
}

}  // namespace majed::api
