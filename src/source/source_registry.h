/// The named databases that are queried through the gateway.
///
/// Why      A statement names a source; everything about reaching it is behind this.
/// Life     Built by app/ from the configuration; outlives the gateway.
/// Threads  All methods may be called from any thread.
/// Not here Policies' meaning (policy/), the SQL of guards (rewrite/): a source is told its GuardSet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/deadline.h"
#include "core/result.h"
#include "driver/guard.h"
#include "driver/session.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::source {

struct SourceLimits {
    std::uint64_t max_rows = 10000;
    std::uint64_t max_bytes = 64ULL * 1024 * 1024;
    std::chrono::milliseconds statement_timeout{30000};
};

struct SourceOptions {
    std::string name;
    std::string path;  ///< Of the SQLite file.
    std::size_t max_sessions = 10;
    std::chrono::milliseconds acquire_timeout{30000};
    SourceLimits limits;
};

class Source;

/// Sole right to one session; gives it back, or closes it when it is no longer reusable.
class SessionLease {
public:
    SessionLease(SessionLease&& other) noexcept;
    SessionLease(const SessionLease&) = delete;
    SessionLease& operator=(const SessionLease&) = delete;
    SessionLease& operator=(SessionLease&&) = delete;
    ~SessionLease();
    driver::Session* operator->() const noexcept { return session_.get(); }

private:
    friend class Source;
    SessionLease(Source& source, std::unique_ptr<driver::Session> session, std::uint64_t generation) noexcept;
    Source* source_;
    std::unique_ptr<driver::Session> session_;
    std::uint64_t generation_;
};

class Source {
public:
    /// Opens the file read-only and reads its catalogue. Errors: unavailable, not_found, unsupported.
    [[nodiscard]] static Result<std::unique_ptr<Source>> open(SourceOptions options);
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source();

    [[nodiscard]] const SourceOptions& options() const noexcept;

    /// The catalogue as last read.
    [[nodiscard]] std::shared_ptr<const catalog::Snapshot> catalog() const;
    /// Reads it again. Errors: unavailable.
    [[nodiscard]] Result<std::shared_ptr<const catalog::Snapshot>> refresh_catalog();

    /// From now on sessions are opened with `guard`; sessions of older generations are closed on return.
    void install_guard(std::shared_ptr<const driver::GuardSet> guard);

    /// A session whose guard is the installed one. FIFO among waiters.
    /// Errors: pool_timeout (none free before `deadline`), unavailable, internal (no guard installed).
    [[nodiscard]] Result<SessionLease> lease(Deadline deadline);

    /// True when the file answers. Errors: unavailable.
    [[nodiscard]] Result<void> ping();

private:
    friend class SessionLease;
    class State;
    explicit Source(std::unique_ptr<State> state);
    void give_back(std::unique_ptr<driver::Session> session, std::uint64_t generation) noexcept;
    std::unique_ptr<State> state_;
};

class SourceRegistry {
public:
    /// Errors: conflict (name taken).
    [[nodiscard]] Result<void> add(std::unique_ptr<Source> source);
    /// Errors: not_found. An empty name means the only source there is.
    [[nodiscard]] Result<Source*> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::unique_ptr<Source>>& sources() const noexcept { return sources_; }

private:
    std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace majed::source
