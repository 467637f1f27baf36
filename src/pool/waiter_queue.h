/// Those who wait for a session, in the order they came, and what became of their wait.
///
/// Why      Queueing must not allocate: each waiter lies on the stack of the thread that waits.
/// Life     A waiter outlives its place in a queue; whoever resolves it says so before it may go.
/// Threads  Under the lock of the pool.
/// Not here Sleeping and waking (parking_place.h), who is served when (pool_state.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "pool/borrower.h"

#include <cstddef>
#include <cstdint>

namespace majed::pool {

using SlotId = std::uint32_t;

/// Why a borrower goes away with nothing.
enum class Refusal : std::uint8_t {
    none,
    timed_out,
    queue_full,
    database_down,  ///< The last failure of opening says how.
    pool_ended,
};

enum class WaitState : std::uint8_t { apart, queued, granted, refused };

struct Waiter {
    Borrower borrower{};
    Deadline since{};  ///< When it first asked.
    Deadline deadline{};
    WaitState state = WaitState::apart;
    Refusal refusal = Refusal::none;
    bool has_waited = false;
    SlotId slot = 0;
    Waiter* previous = nullptr;
    Waiter* next = nullptr;
};

/// First in, first out, with removal from the middle; links only.
class WaiterQueue {
public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Waiter* front() const noexcept { return first_; }

    void push_back(Waiter& waiter) noexcept {
        waiter.previous = last_;
        waiter.next = nullptr;
        (last_ == nullptr ? first_ : last_->next) = &waiter;
        last_ = &waiter;
        ++size_;
    }
    /// For one who was served and got a session that was dead: it does not lose its turn.
    void push_front(Waiter& waiter) noexcept {
        waiter.previous = nullptr;
        waiter.next = first_;
        (first_ == nullptr ? last_ : first_->previous) = &waiter;
        first_ = &waiter;
        ++size_;
    }
    void remove(Waiter& waiter) noexcept {
        (waiter.previous == nullptr ? first_ : waiter.previous->next) = waiter.next;
        (waiter.next == nullptr ? last_ : waiter.next->previous) = waiter.previous;
        waiter.previous = nullptr;
        waiter.next = nullptr;
        --size_;
    }
    /// All of them, as a list by `next`; the queue is empty afterwards.
    [[nodiscard]] Waiter* take_all() noexcept {
        Waiter* const all = first_;
        first_ = nullptr;
        last_ = nullptr;
        size_ = 0;
        return all;
    }

private:
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace majed::pool
