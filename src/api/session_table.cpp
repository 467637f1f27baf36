// SPDX-License-Identifier: Apache-2.0
#include "api/session_table.h"

#include "crypto/api_key.h"
#include "crypto/random.h"

#include <algorithm>
#include <utility>

namespace majed::api {
namespace {

constexpr std::size_t token_bytes = 32;

}  // namespace

SessionTable::SessionTable(std::chrono::milliseconds lifetime, std::size_t max_sessions, Now now)
    : lifetime_(lifetime), max_sessions_(max_sessions), now_(std::move(now)) {}

Secret SessionTable::open(UserSession session) {
    Secret token("ms_" + crypto::random_base64url(token_bytes));
    const Lock lock(mutex_);
    make_room();
    by_digest_.insert_or_assign(crypto::digest_of_secret(token.reveal()),
                                Entry{std::move(session), now_() + lifetime_});
    return token;
}

std::optional<UserSession> SessionTable::find(std::string_view token) {
    const std::string digest = crypto::digest_of_secret(token);
    const Lock lock(mutex_);
    const auto found = by_digest_.find(digest);
    if (found == by_digest_.end()) {
        return std::nullopt;
    }
    if (found->second.expires <= now_()) {
        by_digest_.erase(found);
        return std::nullopt;
    }
    return found->second.session;
}

void SessionTable::close(std::string_view token) {
    const std::string digest = crypto::digest_of_secret(token);
    const Lock lock(mutex_);
    by_digest_.erase(digest);
}

void SessionTable::close_others(std::int64_t user_id, std::string_view kept_token) {
    const std::string kept = crypto::digest_of_secret(kept_token);
    const Lock lock(mutex_);
    std::erase_if(by_digest_, [&](const auto& entry) {
        return entry.second.session.user_id == user_id && entry.first != kept;
    });
}

void SessionTable::make_room() {
    if (by_digest_.size() < max_sessions_) {
        return;
    }
    const auto now = now_();
    std::erase_if(by_digest_, [now](const auto& entry) { return entry.second.expires <= now; });
    if (by_digest_.size() >= max_sessions_ && !by_digest_.empty()) {
        by_digest_.erase(std::min_element(
            by_digest_.begin(), by_digest_.end(),
            [](const auto& a, const auto& b) { return a.second.expires < b.second.expires; }));
    }
}

}  // namespace majed::api
