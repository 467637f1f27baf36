/// Keeps calls from a database that is down: lets them through, turns them away, and learns from how they end.
///
/// Why      A database that is down is asked by a few, not by everybody; who is turned away knows at once and why.
/// Life     One per database. Outlives its permits and whatever its listener uses.
/// Threads  All methods may be called from any thread. Events reach the listener in order, one at a time, with no lock
///          held: it may call the breaker. It may run on the thread of any caller, and must not throw.
/// Not here The rules (breaker_state.h). Who asks: everything that opens a connection or runs a statement (source/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"
#include "core/mutex.h"
#include "core/result.h"
#include "pool/breaker_options.h"
#include "pool/breaker_state.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace majed::pool {

enum class EventDetail : std::uint8_t {
    transitions,  ///< Transitions, resets and exceeded rates.
    calls,        ///< And every single call.
};

/// What the breaker has from outside. Empty functions: the steady clock, chance, nobody listens.
struct BreakerWiring {
    std::function<SteadyClock::time_point()> now = {};
    BreakerState::Random random = {};
    std::function<void(const BreakerEvent&)> on_event = {};
    EventDetail detail = EventDetail::transitions;
};

class CircuitBreaker {
public:
    /// Leave for one call. Says how the call ended, once; destroyed without a word it is given back and counts neither
    /// way. Moved, not copied. One thread at a time.
    class Permit {
    public:
        Permit(Permit&& other) noexcept;
        Permit& operator=(Permit&& other) noexcept;
        Permit(const Permit&) = delete;
        Permit& operator=(const Permit&) = delete;
        ~Permit();

        void succeeded(std::chrono::nanoseconds duration) noexcept;
        void failed(const Error& error, std::chrono::nanoseconds duration) noexcept;
        /// It was given to find out whether the database is back.
        [[nodiscard]] bool is_probe() const noexcept { return probe_; }

    private:
        friend class CircuitBreaker;
        Permit(CircuitBreaker& breaker, const Admission& admission) noexcept;
        void end(const CallResult& result) noexcept;

        CircuitBreaker* breaker_;  ///< Null once the end was told, or moved from.
        std::uint64_t generation_;
        bool probe_;
    };

    /// Errors: invalid_argument.
    [[nodiscard]] static Result<std::unique_ptr<CircuitBreaker>> create(const BreakerOptions& options,
                                                                        BreakerWiring wiring = {});
    CircuitBreaker(const CircuitBreaker&) = delete;
    CircuitBreaker& operator=(const CircuitBreaker&) = delete;
    ~CircuitBreaker() = default;

    /// Errors: unavailable, with retry_after and the class of the cause in the text; at once, nothing is waited for.
    [[nodiscard]] Result<Permit> admit();

    [[nodiscard]] BreakerStatus state() const;
    [[nodiscard]] BreakerSnapshot snapshot() const;
    /// Whether work without a permit of its own (filling a pool) may open connections now.
    [[nodiscard]] bool opening_allowed() const;

    /// For operators, until `reset`. The caller has audited it.
    void force_open(std::string reason);
    void disable(std::string reason);
    void reset();

private:
    CircuitBreaker(BreakerState state, TargetUse target, BreakerWiring wiring);

    void record(std::uint64_t generation, const CallResult& result) noexcept;
    /// True: the caller is to deliver, after it let go of the lock.
    [[nodiscard]] bool queue(const BreakerEvents& events) noexcept MAJED_REQUIRES(mutex_);
    void deliver() noexcept;
    [[nodiscard]] bool wanted(BreakerEventKind kind) const noexcept;

    const TargetUse target_;
    const BreakerWiring wiring_;
    mutable Mutex mutex_;
    BreakerState state_ MAJED_GUARDED_BY(mutex_);
    std::string operator_reason_ MAJED_GUARDED_BY(mutex_);

    std::vector<BreakerEvent> ring_ MAJED_GUARDED_BY(mutex_);  ///< Of fixed size: destructors queue events.
    std::size_t first_ MAJED_GUARDED_BY(mutex_) = 0;
    std::size_t queued_ MAJED_GUARDED_BY(mutex_) = 0;
    bool delivering_ MAJED_GUARDED_BY(mutex_) = false;
    std::uint64_t events_lost_ MAJED_GUARDED_BY(mutex_) = 0;
};

}  // namespace majed::pool
