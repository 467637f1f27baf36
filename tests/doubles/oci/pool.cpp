// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include <algorithm>
#include <atomic>

namespace majed::oci_double {
namespace {

std::atomic<std::uint64_t> pools_made{0};

}  // namespace

PooledSession::PooledSession(Environment* environment, const std::string& connect_string) {
    server.connect_string = connect_string;
    server.session = &session;
    service.environment = environment;
    service.server = &server;
    service.session = &session;
}

Failure PooledSession::open(const Credentials& credentials) {
    const ConnectTarget target = parse_connect_string(server.connect_string);
    if (Failure failure = attach(target)) {
        return failure;
    }
    session.attribute(attribute::user_name) = credentials.user;
    session.attribute(attribute::password) = credentials.password;
    return session.log_on(target);
}

Failure Pool::create(Environment* environment, std::string connect_string, Credentials credentials,
                     PoolLimits limits) {
    environment_ = environment;
    connect_string_ = std::move(connect_string);
    own_ = std::move(credentials);
    limits_ = limits;
    name_ = "POOL" + std::to_string(++pools_made);
    for (std::uint32_t count = 0; count < limits_.minimum && !own_.user.empty(); ++count) {
        std::unique_ptr<PooledSession> session;
        if (Failure failure = open_one(own_, session)) {
            destroy();
            return failure;
        }
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(session));
    }
    return std::nullopt;
}

void Pool::destroy() {
    const std::lock_guard lock(mutex_);
    idle_.clear();
    busy_.clear();
}

Failure Pool::open_one(const Credentials& credentials, std::unique_ptr<PooledSession>& out) {
    auto session = std::make_unique<PooledSession>(environment_, connect_string_);
    if (Failure failure = session->open(credentials)) {
        return failure;
    }
    session->service.pool = this;
    session->service.statement_cache_size = statement_cache_size;
    out = std::move(session);
    return std::nullopt;
}

std::unique_ptr<PooledSession> Pool::take_idle(const std::string& user) {
    const auto found =
        std::find_if(idle_.begin(), idle_.end(), [&](const std::unique_ptr<PooledSession>& candidate) {
            return candidate->session.attribute(attribute::user_name) == user;
        });
    if (found == idle_.end()) {
        return nullptr;
    }
    std::unique_ptr<PooledSession> taken = std::move(*found);
    idle_.erase(found);
    return taken;
}

Failure Pool::wait_for_place(std::unique_lock<std::mutex>& lock) {
    const auto has_place = [this] { return !idle_.empty() || busy_.size() + opening_ < limits_.maximum; };
    switch (wait) {
        case PoolWait::forever:
            freed_.wait(lock, has_place);
            return std::nullopt;
        case PoolWait::force:
            return std::nullopt;
        case PoolWait::limited:
            if (freed_.wait_for(lock, std::chrono::milliseconds{wait_timeout_ms}, has_place)) {
                return std::nullopt;
            }
            return oracle_error(24457);
        case PoolWait::not_at_all:
            break;
    }
    return has_place() ? Failure{} : Failure{oracle_error(24418)};
}

Failure Pool::get(const Credentials& credentials, Service*& out) {
    const Credentials& wanted = credentials.user.empty() ? own_ : credentials;
    std::unique_lock lock(mutex_);
    if (Failure failure = wait_for_place(lock)) {
        return failure;
    }
    std::unique_ptr<PooledSession> session = take_idle(wanted.user);
    if (!session) {
        if (busy_.size() + idle_.size() + opening_ >= limits_.maximum && !idle_.empty()) {
            // A session of another user makes place.
            idle_.pop_back();
        }
        ++opening_;
        lock.unlock();
        Failure failure = open_one(wanted, session);
        lock.lock();
        --opening_;
        if (failure) {
            freed_.notify_one();
            return failure;
        }
    }
    out = &session->service;
    busy_.push_back(std::move(session));
    return std::nullopt;
}

void Pool::put_back(Service& service, bool drops) {
    std::unique_ptr<PooledSession> session;
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(
            busy_.begin(), busy_.end(),
            [&](const std::unique_ptr<PooledSession>& candidate) { return &candidate->service == &service; });
        if (found == busy_.end()) {
            return;
        }
        session = std::move(*found);
        busy_.erase(found);
        if (!drops && !session->session.is_lost()) {
            session->session.rollback();
            session->service.call_timeout = 0;
            idle_.push_back(std::move(session));
        }
    }
    session.reset();
    freed_.notify_one();
}

std::uint32_t Pool::open_count() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(idle_.size() + busy_.size());
}

std::uint32_t Pool::busy_count() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(busy_.size());
}

}  // namespace majed::oci_double
