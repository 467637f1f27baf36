/// A database for tests of the pool: its sessions do nothing, and do it as the script says.
///
/// Why      A pool is judged by what it does when a call fails, hangs, or comes at the wrong moment.
/// Life     Outlives its sessions.
/// Threads  All methods may be called from any thread.
/// Not here Statements (tests/contract holds real drivers to theirs).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/lendable.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace majed::driver {

enum class FakeCall { open, ping, reset, close };

[[nodiscard]] inline Error fake_failure(FailureClass failure) {
    return Error{.code = ErrorCode::unavailable,
                 .message = "scripted: " + std::string(name_of(failure)),
                 .failure = failure};
}

class FakeDatabase {
public:
    // The script ------------------------------------------------------------------------------------------------------
    /// Every call of this kind fails, until none does.
    void fail_all(FakeCall call, FailureClass failure) {
        set(call, [&](Script& s) { s.every = failure; });
    }
    void fail_none(FakeCall call) {
        set(call, [](Script& s) {
            s.every.reset();
            s.share = 0;
        });
    }
    /// The n-th call from now on fails, counted from 1, and no other.
    void fail_nth(FakeCall call, std::uint64_t nth, FailureClass failure = FailureClass::lost) {
        set(call, [&](Script& s) {
            s.nth = s.calls + nth;
            s.failure = failure;
        });
    }
    /// This share of the calls fails, by chance.
    void fail_some(FakeCall call, double share, FailureClass failure) {
        set(call, [&](Script& s) {
            s.share = share;
            s.failure = failure;
        });
    }
    /// Calls of this kind do not return until `release`.
    void hold(FakeCall call) {
        set(call, [](Script& s) { s.held = true; });
    }
    void release(FakeCall call) {
        set(call, [](Script& s) { s.held = false; });
        changed_.notify_all();
    }
    /// Calls of this kind take this long. For suites about time only.
    void delay(FakeCall call, std::chrono::milliseconds span) {
        set(call, [&](Script& s) { s.delay = span; });
    }
    /// Until so many calls of this kind have begun, whatever became of them.
    void wait_for_calls(FakeCall call, std::uint64_t number) {
        const Lock lock(mutex_);
        while (scripts_.at(index(call)).calls < number) changed_.wait(mutex_);
    }

    // What came to pass -----------------------------------------------------------------------------------------------
    [[nodiscard]] std::uint64_t calls(FakeCall call) const {
        const Lock lock(mutex_);
        return scripts_.at(index(call)).calls;
    }
    [[nodiscard]] std::size_t alive() const { return alive_; }
    [[nodiscard]] std::size_t most_alive() const { return most_alive_; }
    [[nodiscard]] std::size_t most_opening() const { return most_opening_; }
    [[nodiscard]] std::size_t abandoned() const { return abandoned_; }
    [[nodiscard]] std::size_t interrupts() const { return interrupts_; }
    /// Two threads in one session, or a session used after it was abandoned.
    [[nodiscard]] std::size_t misuses() const { return misuses_; }

    [[nodiscard]] Result<std::unique_ptr<Lendable>> open();

private:
    friend class FakeLendable;
    struct Script {
        std::uint64_t calls = 0;
        std::optional<FailureClass> every;
        std::uint64_t nth = 0;
        FailureClass failure = FailureClass::lost;
        double share = 0;
        bool held = false;
        std::chrono::milliseconds delay{0};
    };

    static std::size_t index(FakeCall call) { return static_cast<std::size_t>(call); }
    static void raise(std::atomic<std::size_t>& highest, std::size_t value) {
        std::size_t seen = highest;
        while (seen < value && !highest.compare_exchange_weak(seen, value)) {
        }
    }
    template <class Change>
    void set(FakeCall call, Change&& change) {
        const Lock lock(mutex_);
        change(scripts_.at(index(call)));
    }

    /// Counts the call, waits and fails as the script says.
    Result<void> play(FakeCall call) {
        std::chrono::milliseconds delay{0};
        {
            const Lock lock(mutex_);
            delay = scripts_.at(index(call)).delay;
        }
        if (delay.count() > 0) std::this_thread::sleep_for(delay);
        const Lock lock(mutex_);
        Script& script = scripts_.at(index(call));
        const std::uint64_t turn = ++script.calls;
        changed_.notify_all();
        while (script.held) changed_.wait(mutex_);
        if (script.every) return fake_failure(*script.every);
        if (turn == script.nth || by_chance(script.share)) return fake_failure(script.failure);
        return {};
    }
    bool by_chance(double share) MAJED_REQUIRES(mutex_) {
        random_ = random_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<double>(random_ >> 33U) < share * 2147483648.0;
    }

    mutable Mutex mutex_;
    std::condition_variable_any changed_;
    std::array<Script, 4> scripts_ MAJED_GUARDED_BY(mutex_){};
    std::uint64_t random_ MAJED_GUARDED_BY(mutex_) = 42;
    std::atomic<std::size_t> alive_{0};
    std::atomic<std::size_t> most_alive_{0};
    std::atomic<std::size_t> opening_{0};
    std::atomic<std::size_t> most_opening_{0};
    std::atomic<std::size_t> abandoned_{0};
    std::atomic<std::size_t> interrupts_{0};
    std::atomic<std::size_t> misuses_{0};
};

class FakeLendable final : public Lendable {
public:
    FakeLendable(FakeDatabase& database, std::uint64_t turn) : number(turn), database_(database) {}
    FakeLendable(const FakeLendable&) = delete;
    FakeLendable& operator=(const FakeLendable&) = delete;
    ~FakeLendable() override {
        if (!abandoned_) static_cast<void>(database_.play(FakeCall::close));
        --database_.alive_;
    }

    Result<void> ping(Deadline) override { return alone(FakeCall::ping); }
    Result<void> reset(Deadline) override {
        trace.clear();
        return alone(FakeCall::reset);
    }
    void interrupt() noexcept override {
        ++database_.interrupts_;
        const Lock lock(mutex_);
        interrupted_ = true;
        changed_.notify_all();
    }
    [[nodiscard]] bool reusable() const noexcept override { return !broken; }
    void abandon() noexcept override {
        abandoned_ = true;
        ++database_.abandoned_;
    }

    /// A statement that runs until it is interrupted.
    void run_until_interrupted() {
        const Lock lock(mutex_);
        while (!interrupted_) changed_.wait(mutex_);
    }

    const std::uint64_t number;  ///< In the order of opening, from 1.
    std::string trace = {};      ///< What a user leaves behind, until reset.
    bool broken = false;         ///< As after an error that leaves it in doubt.

private:
    Result<void> alone(FakeCall call) {
        if (busy_.exchange(true) || abandoned_) ++database_.misuses_;
        auto result = database_.play(call);
        busy_ = false;
        return result;
    }

    FakeDatabase& database_;
    std::atomic<bool> busy_{false};
    std::atomic<bool> abandoned_{false};
    Mutex mutex_;
    std::condition_variable_any changed_;
    bool interrupted_ MAJED_GUARDED_BY(mutex_) = false;
};

inline Result<std::unique_ptr<Lendable>> FakeDatabase::open() {
    raise(most_opening_, ++opening_);
    auto played = play(FakeCall::open);
    --opening_;
    MAJED_TRY(std::move(played));
    raise(most_alive_, ++alive_);
    return std::make_unique<FakeLendable>(*this, calls(FakeCall::open));
}

}  // namespace majed::driver
