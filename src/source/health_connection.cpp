// SPDX-License-Identifier: Apache-2.0
#include "source/health_connection.h"

#include <utility>

namespace majed::source {
namespace {

Error ended() {
    return {
        .code = ErrorCode::cancelled, .message = "the check was stopped", .failure = FailureClass::cancelled};
}

}  // namespace

HealthConnection::HealthConnection(Open open) : open_(std::move(open)) {}

void HealthConnection::close() noexcept {
    std::unique_ptr<driver::Lendable> gone;  // Says goodbye after the lock is let go.
    const Lock lock(mutex_);
    gone = std::move(connection_);
}

Result<driver::Lendable*> HealthConnection::connected(CheckKind kind, Deadline deadline) {
    if (kind == CheckKind::probe) {
        close();
    }
    {
        const Lock lock(mutex_);
        if (ended_) {
            return ended();
        }
        if (connection_ != nullptr) {
            return connection_.get();
        }
    }
    MAJED_TRY_ASSIGN(auto opened, open_(deadline));
    const Lock lock(mutex_);
    if (ended_) {
        return ended();
    }
    connection_ = std::move(opened);
    return connection_.get();
}

Result<std::chrono::nanoseconds> HealthConnection::check(CheckKind kind, Deadline deadline) {
    MAJED_TRY_ASSIGN(driver::Lendable* const connection, connected(kind, deadline));
    const auto asked = SteadyClock::now();
    auto answered = connection->ping(deadline);
    const auto took = SteadyClock::now() - asked;
    if (!answered || !connection->reusable()) {
        close();
    }
    if (!answered) {
        return std::move(answered).error();
    }
    return std::chrono::nanoseconds(took);
}

void HealthConnection::interrupt() noexcept {
    const Lock lock(mutex_);
    ended_ = true;
    if (connection_ != nullptr) {
        connection_->interrupt();
    }
}

}  // namespace majed::source
