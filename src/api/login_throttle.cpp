// SPDX-License-Identifier: Apache-2.0
#include "api/login_throttle.h"

#include <algorithm>
#include <utility>

namespace majed::api {
namespace {

// A user name cannot hold a line feed, so the two kinds of keys never meet.
std::string key_of(std::string_view username, std::string_view address) {
    constexpr std::size_t longest_name = 255;
    return std::string(address) + "\n" + std::string(username.substr(0, longest_name));
}

}  // namespace

LoginThrottle::LoginThrottle(const ThrottleOptions& options, Now now)
    : options_(options), now_(std::move(now)) {}

Result<void> LoginThrottle::admit(std::string_view username, std::string_view address) {
    const std::string user_key = key_of(username, address);
    const std::string address_key(address);
    const Lock lock(mutex_);
    const auto refuse = [this](const Entry& entry) {
        Error error{ErrorCode::rate_limited, "too many attempts to log in"};
        error.retry_after =
            std::chrono::ceil<std::chrono::milliseconds>(entry.started + options_.window - now_());
        return error;
    };
    if (const Entry& entry = entry_of(address_key); entry.attempts >= options_.failures_per_address) {
        return refuse(entry);
    }
    if (const Entry& entry = entry_of(user_key); entry.attempts >= options_.failures_per_user) {
        return refuse(entry);
    }
    ++entry_of(address_key).attempts;
    ++entry_of(user_key).attempts;
    return {};
}

void LoginThrottle::forgive(std::string_view username, std::string_view address) {
    const Lock lock(mutex_);
    entries_.erase(key_of(username, address));
    if (Entry& entry = entry_of(std::string(address)); entry.attempts > 0) {
        --entry.attempts;
    }
}

LoginThrottle::Entry& LoginThrottle::entry_of(const std::string& key) {
    const auto now = now_();
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
        if (now - found->second.started >= options_.window) {
            found->second = Entry{0, now};
        }
        return found->second;
    }
    if (entries_.size() >= options_.max_entries) {
        std::erase_if(entries_,
                      [&](const auto& entry) { return now - entry.second.started >= options_.window; });
    }
    if (entries_.size() >= options_.max_entries) {
        entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
            return a.second.started < b.second.started;
        }));
    }
    return entries_.insert_or_assign(key, Entry{0, now}).first->second;
}

}  // namespace majed::api
