// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/abandoned_sessions.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace majed::driver::oracle {

AbandonedSessions::~AbandonedSessions() {
    static_cast<void>(collect());
    const Lock lock(mutex_);
    for (std::unique_ptr<PhysicalSession>& session : stuck_) {
        // On purpose: its thread still runs in it.
        static_cast<void>(session.release());
    }
}

void AbandonedSessions::take(std::unique_ptr<PhysicalSession> session) {
    session->leave();
    const Lock lock(mutex_);
    stuck_.push_back(std::move(session));
}

std::size_t AbandonedSessions::collect() {
    std::vector<std::unique_ptr<PhysicalSession>> left;
    const Lock lock(mutex_);
    const auto first_left = std::partition(stuck_.begin(), stuck_.end(),
                                           [](const auto& session) { return !session->has_left(); });
    std::move(first_left, stuck_.end(), std::back_inserter(left));
    stuck_.erase(first_left, stuck_.end());
    return stuck_.size();
}

}  // namespace majed::driver::oracle
