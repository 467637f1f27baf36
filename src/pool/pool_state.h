/// Every decision of a pool: who is lent what, who waits, what is opened, checked and closed, and when.
///
/// Why      Without threads, clock and database in it, each rule can be tested by itself, and every order of events tried.
/// Life     Owned by a ConnectionPool, which keeps the sessions of its slots.
/// Threads  None of its own; all calls under one lock. Time comes in as an argument.
/// Not here Sessions, waking, threads (connection_pool.h); which failure means what (core/error.h).
///
/// A slot is a place in the pool: vacant, or holding one session in one state. It becomes vacant in one function only,
/// `vacate`, so that idle + lent + opening + pinging + closing = total <= max holds whatever fails.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "pool/borrower.h"
#include "pool/open_backoff.h"
#include "pool/pool_options.h"
#include "pool/pool_stats.h"
#include "pool/waiter_queue.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace majed::pool {

enum class Place : std::uint8_t { vacant, opening, idle, lent, pinging, closing };

/// What a borrower is told.
struct Borrowing {
    enum class Answer : std::uint8_t {
        lend,      ///< `slot` is theirs.
        validate,  ///< `slot` is theirs once it has answered a ping: `validated` next.
        wait,      ///< Until the waiter is resolved: `collect` next; or until its deadline: `give_up`.
        refuse,
    };
    Answer answer = Answer::refuse;
    SlotId slot = 0;
    Refusal refusal = Refusal::none;
};

/// Work for a thread that is nobody's: each ends with the call of the same name.
struct PoolJob {
    enum class Kind : std::uint8_t { open, ping, close };
    Kind kind = Kind::close;
    SlotId slot = 0;
};

/// How a session answered.
enum class PingOutcome : std::uint8_t {
    alive,
    dead,
    lost,  ///< Dead, and all as old as it with it.
};

/// What an answer of a session says about it and its like.
[[nodiscard]] PingOutcome outcome_of(const Result<void>& answer) noexcept;

/// In which condition a session comes back.
enum class ReturnedAs : std::uint8_t { clean, broken, invalid };

class PoolState {
public:
    using Time = SteadyClock::time_point;

    PoolState(const PoolOptions& options, std::uint64_t seed);

    // Borrowing -------------------------------------------------------------------------------------------------------
    /// The quick way: an idle session that needs no check, when nobody waits. Nothing is counted unless it succeeds.
    [[nodiscard]] std::optional<SlotId> try_borrow(const Borrower& borrower, Time now) noexcept;
    /// The whole way. `waiter` carries borrower, since and deadline; after `wait` it must stay where it is.
    [[nodiscard]] Borrowing borrow(Waiter& waiter, Time now);
    /// For a waiter that was granted a session or refused.
    [[nodiscard]] Borrowing collect(Waiter& waiter, Time now);
    /// Its deadline passed. False: it has been resolved meanwhile, `collect` it.
    [[nodiscard]] bool give_up(Waiter& waiter) noexcept;
    [[nodiscard]] Borrowing validated(Waiter& waiter, SlotId slot, PingOutcome outcome, Time now);
    /// `measured`: the time of use, where the clock was read for it.
    void give_back(SlotId slot, ReturnedAs condition, Time now,
                   std::optional<std::chrono::nanoseconds> measured = {}) noexcept;
    /// Whether the use that begins now is worth exact readings of the clock: one in a while is.
    [[nodiscard]] bool is_worth_measuring(Time now) noexcept;
    /// A session of this slot was lost: all as old as it are invalid.
    void report_lost(SlotId slot, Time now) noexcept;

    // Work of nobody's thread -----------------------------------------------------------------------------------------
    [[nodiscard]] std::optional<PoolJob> take_job(Time now) noexcept;
    [[nodiscard]] std::size_t jobs_ready(Time now) const noexcept;
    void opened(SlotId slot, Time now) noexcept;
    /// A cause of class none: the opener was not allowed to ask; see ConnectionPool::Open.
    void open_failed(SlotId slot, const Error& cause, Time now);
    void pinged(SlotId slot, PingOutcome outcome, Time now) noexcept;
    void closed(SlotId slot) noexcept;
    /// Does what is due; says when to call again at the latest.
    [[nodiscard]] Time housekeep(Time now) noexcept;

    // Orders of the owner ---------------------------------------------------------------------------------------------
    /// No session opened before this call is lent after it.
    void renew(Time now) noexcept;
    /// One opening, whether anybody needs it or not.
    void probe() noexcept {
        probe_ = true;
        stirred_ = true;
    }
    /// Nothing is lent, opened or pinged until `resume`. Deadlines of those who wait run on.
    void suspend() noexcept;
    void resume(Time now) noexcept;
    /// The caller has checked both numbers.
    void resize(std::size_t min, std::size_t max, Time now);
    /// Refuses all from now on; idle sessions are closed, lent ones when they come back.
    void end(Time now) noexcept;
    /// Lent sessions not asked before; they stay in their slots until `unpin`.
    [[nodiscard]] std::vector<SlotId> pin_lent();
    void unpin(SlotId slot) noexcept;

    // What came of a call; to be taken before the lock is left --------------------------------------------------------
    /// True when one of the following may have something.
    [[nodiscard]] bool stirred() const noexcept { return stirred_; }
    void settle() noexcept { stirred_ = false; }
    /// Waiters resolved, by `next`.
    [[nodiscard]] Waiter* take_resolved() noexcept;
    [[nodiscard]] bool has_events() const noexcept { return !events_.empty(); }
    /// Into a vector that is empty and keeps its capacity, so that both sides allocate once.
    void take_events(std::vector<PoolEvent>& into);
    /// The time `housekeep` said is out of date.
    [[nodiscard]] bool take_hurry() noexcept;

    [[nodiscard]] PoolStats stats() const;
    [[nodiscard]] const Error& open_cause() const noexcept {
        return deferral_ ? *deferral_ : backoff_.cause();
    }
    /// Until an attempt makes sense: after a refusal.
    [[nodiscard]] std::chrono::milliseconds retry_after(Refusal refusal, Time now) const noexcept;
    [[nodiscard]] std::size_t lent() const noexcept { return count(Place::lent); }
    [[nodiscard]] std::size_t total() const noexcept { return total_; }
    [[nodiscard]] std::size_t slot_count() const noexcept { return slots_.size(); }
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    /// Counts everything again; the first thing that is not as it must be, or nothing.
    [[nodiscard]] std::optional<std::string_view> audit() const;

private:
    struct Slot {
        Place place = Place::vacant;
        bool leak_reported = false;
        bool pinned = false;
        bool interrupted = false;
        std::uint64_t epoch = 0;
        Time since{};    ///< In its place: lent, idle, opening, closing.
        Time used_at{};  ///< Last proof of life.
        Time expires_at{};
        Time keepalive_at{};
        Borrower borrower{};
    };

    [[nodiscard]] std::size_t count(Place place) const noexcept {
        return counts_[static_cast<std::size_t>(place)];
    }
    void move(SlotId id, Place place) noexcept {
        Slot& slot = slots_[id];
        --counts_[static_cast<std::size_t>(slot.place)];
        ++counts_[static_cast<std::size_t>(place)];
        slot.place = place;
    }
    void lend(SlotId id, const Borrower& borrower, Time now) noexcept;
    void offer(SlotId id, Time now) noexcept;
    void grant_first(SlotId id, Time now) noexcept;
    void serve_waiters(Time now) noexcept;
    void refuse_all(Refusal refusal) noexcept;
    void resolve(Waiter& waiter) noexcept;
    enum class Turn { newcomer, once_served };
    [[nodiscard]] Borrowing seek(Waiter& waiter, Turn turn, Time now) noexcept;
    [[nodiscard]] Borrowing queue_or_refuse(Waiter& waiter, Turn turn, Time now) noexcept;
    [[nodiscard]] Borrowing refuse(Refusal refusal) noexcept;
    enum class Proof { by_age, by_ping };
    [[nodiscard]] Borrowing accept(Waiter& waiter, SlotId id, Proof proof, Time now) noexcept;
    void count_refusal(Refusal refusal) noexcept;
    [[nodiscard]] bool is_usable(const Slot& slot, Time now) const noexcept {
        return !ended_ && slot.epoch == epoch_ && now < slot.expires_at && !is_over_max();
    }
    [[nodiscard]] CloseReason reason_against(const Slot& slot, Time now) const noexcept;
    [[nodiscard]] bool needs_check(const Slot& slot, Time now) const noexcept {
        return options_.alive_bypass.count() == 0 || now - slot.used_at >= options_.alive_bypass;
    }
    void close(SlotId id, CloseReason reason, Time now) noexcept;
    void close_all_idle(CloseReason reason, Time now) noexcept;
    void outdate_all(CloseReason reason, Time now) noexcept;
    void vacate(SlotId id) noexcept;
    void end_leak(Slot& slot, Time now) noexcept;
    void begin_keepalive(Time now) noexcept;
    void report_leaks(Time now) noexcept;
    void expire_idle(Time now) noexcept;
    [[nodiscard]] Time next_due(Time now) const noexcept;
    [[nodiscard]] std::size_t openings_wanted(Time now) const noexcept;
    [[nodiscard]] bool is_over_max() const noexcept { return total_ - count(Place::closing) > options_.max; }
    void note(const PoolEvent& event) noexcept;
    [[nodiscard]] Time after(Time from, std::chrono::milliseconds span, double low, double high) noexcept;
    [[nodiscard]] std::optional<std::string_view> audit_lists() const;
    [[nodiscard]] std::chrono::nanoseconds shortest_interval() const noexcept;

    PoolOptions options_;
    std::vector<Slot> slots_;
    std::vector<SlotId> vacant_;
    std::vector<SlotId> idle_;  ///< In the order they became idle; lent from the back.
    std::vector<SlotId> to_close_;
    std::optional<SlotId> to_ping_;  ///< At most one session is kept from borrowers for its keep-alive.
    std::array<std::size_t, 6> counts_{};
    std::size_t total_ = 0;
    std::size_t ceiling_ = 0;  ///< max, or what was there when max became smaller.
    WaiterQueue waiting_;
    Waiter* resolved_ = nullptr;
    std::uint64_t epoch_ = 1;
    CloseReason epoch_reason_ = CloseReason::renewed;
    OpenBackoff backoff_;
    static constexpr std::chrono::milliseconds deferral{250};
    std::optional<Error> deferral_;  ///< The last opening was not allowed to ask.
    Time deferred_until_{};
    bool probe_ = false;  ///< Somebody left empty-handed and an opening would help the next.
    bool suspended_ = false;
    bool ended_ = false;
    bool stirred_ = true;
    bool hurry_ = false;
    std::uint64_t random_;
    std::vector<PoolEvent> events_;
    PoolCounters counters_;
    DurationHistogram wait_time_;
    DurationHistogram open_time_;
    DurationHistogram use_time_;
    Time measured_at_{};
    std::uint64_t unmeasured_ = 0;  ///< Short uses that the next measured one stands for.
    std::size_t max_waiting_seen_ = 0;
    std::size_t leaked_ = 0;
};

}  // namespace majed::pool
