/// The client library's own pool of sessions, as ODPI-C and node-oracledb use it.
///
/// Why      node-oracledb pools through it; its ways of being empty are errors a gateway must know.
/// Life     A pool handle of the application.
/// Threads  Any.
/// Not here The gateway's own pool.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "handles.h"
#include "session.h"

namespace majed::oci_double {

struct PoolLimits {
    std::uint32_t minimum = 0;
    std::uint32_t maximum = 1;
    std::uint32_t increment = 1;
};

struct Credentials {
    std::string user;
    std::string password;
};

/// The three handles of one session of a pool, or of a session without one got in the same way.
struct PooledSession {
    Server server;
    Session session;
    Service service;

    PooledSession(Environment* environment, const std::string& connect_string);
    Failure open(const Credentials& credentials);
};

class Pool : public Handle {
public:
    Pool() : Handle(HandleKind::pool) {}

    /// Opens the minimum when the pool has credentials of its own.
    Failure create(Environment* environment, std::string connect_string, Credentials credentials,
                   PoolLimits limits);
    void destroy();

    /// With credentials: a session of that user; without: one of the pool's own.
    Failure get(const Credentials& credentials, Service*& out);
    void put_back(Service& service, bool drops);

    const std::string& name() const { return name_; }
    std::uint32_t open_count() const;
    std::uint32_t busy_count() const;

    PoolWait wait = PoolWait::not_at_all;
    std::uint32_t wait_timeout_ms = 0;
    std::uint32_t timeout = 0;
    std::uint32_t maximum_lifetime = 0;
    std::uint32_t statement_cache_size = 20;
    std::uint32_t maximum_per_shard = 0;
    Session* credentials_handle = nullptr;

private:
    Failure wait_for_place(std::unique_lock<std::mutex>& lock);
    std::unique_ptr<PooledSession> take_idle(const std::string& user);
    Failure open_one(const Credentials& credentials, std::unique_ptr<PooledSession>& out);

    Environment* environment_ = nullptr;
    std::string connect_string_;
    Credentials own_;
    PoolLimits limits_;
    std::string name_;

    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<PooledSession>> idle_;
    std::vector<std::unique_ptr<PooledSession>> busy_;
    std::uint32_t opening_ = 0;
};

}  // namespace majed::oci_double
