/// One connection's protocol with time in it: sends, waits, stops what takes too long, and knows when all is over.
///
/// Why      libpq's own calls wait without end. Here each wait has a limit, and a statement that must stop is stopped by
///          a cancel request from another thread, so that this one never blocks.
/// Life     Owns the libpq connection. Uses `cancels`, which outlives it.
/// Threads  One; `interrupt` from any.
/// Not here What is sent (postgres_connection.h, statement_run.h).
///
/// An operation is: `begin_operation`, a PQsend..., `next` until it answers nullptr. At the deadline, or when
/// interrupted, `next` asks the server to stop and waits for its word for at most `grace`; then the connection is broken.
/// While rows are with their reader nobody listens to the server: that time is not its silence, see reader_is_back.
/// A cancel request that is still under way when the next operation begins is waited for first: it must not hit it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/postgres/blocking_calls.h"
#include "driver/postgres/native_handle.h"
#include "driver/postgres/sqlstate.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace majed::driver::postgres {

class StatementText;

/// How long the server has to confirm that it stopped; the contract gives a call 250 ms beyond its deadline.
constexpr std::chrono::milliseconds grace{175};
/// After an interrupt the caller's time is not over: the server may take longer to stop.
constexpr std::chrono::milliseconds interrupt_grace{1000};

class Wire {
public:
    enum class Stop { none, deadline, interrupted, surplus };
    enum class Interrupts { felt, ignored };

    Wire(NativeConnection native, BlockingCalls& cancels) noexcept;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire();

    /// Makes the descriptor that `interrupt` wakes a waiting thread by. Errors: unavailable (exhausted).
    [[nodiscard]] Result<void> prepare_waking();

    [[nodiscard]] PGconn* native() const noexcept { return native_.get(); }

    /// Errors: unavailable (broken, or an earlier cancel request is still under way at the deadline), timeout (the
    /// deadline has passed: nothing was sent).
    [[nodiscard]] Result<void> begin_operation(Deadline deadline, Interrupts interrupts = Interrupts::felt);

    /// Goes on with the operation after its statement was stopped, to undo what it began: until the last moment.
    /// Errors: as begin_operation.
    [[nodiscard]] Result<void> begin_epilogue();

    /// The next result; nullptr when the command has no more. Errors: unavailable (lost), timeout (the connection is broken
    /// all the same, but by a slow reader, or in the middle of an answer that was still coming).
    [[nodiscard]] Result<NativeResult> next();

    /// Waits until all that was given to libpq is sent, or the operation must stop: see stopped().
    /// Errors: unavailable (lost).
    [[nodiscard]] Result<void> push();

    /// Asks the server to stop, because the rest is not wanted; `next` goes on as after a deadline, for `patience`. Of a
    /// surplus that is for each piece: what was on its way is read, slowly if need be, but not for ever.
    void stop(Stop why, std::chrono::milliseconds patience);
    [[nodiscard]] Stop stopped() const noexcept { return stop_; }
    /// For what the server finished before it heard that it should stop, once stopped() is deadline or interrupted.
    [[nodiscard]] Error stop_error() const;
    /// What was handed on came back. When the deadline passed meanwhile, the server has its whole grace from now on, and
    /// whether it uses it says nothing about it.
    void reader_is_back() noexcept;

    /// Why libpq did not take what was to be sent.
    [[nodiscard]] Error sending_failed();

    /// What the server's error means here: a cancel of ours by its cause, a place in `text` when given.
    [[nodiscard]] Error error_of(const PGresult* result, const StatementText* text);
    /// No word came when one was due. Breaks the connection.
    [[nodiscard]] Error lost(std::string_view state = {});

    /// The server's own words for what failed in this operation: message, detail and hint. See Connection::last_message.
    [[nodiscard]] const std::string& last_message() const noexcept { return last_message_; }

    /// Any thread.
    void interrupt() noexcept;
    [[nodiscard]] bool usable() const noexcept;
    /// This connection must not be lent again.
    void break_off() noexcept { broken_ = true; }
    /// In a forked child: closes the descriptors, says nothing.
    void abandon() noexcept;

private:
    void ask_for_cancel();
    /// An earlier cancel request must have ended. Errors: unavailable (it is still under way at `deadline`).
    [[nodiscard]] Result<void> settle(Deadline deadline);
    [[nodiscard]] bool must_stop() noexcept;
    /// The server did not end in its grace.
    [[nodiscard]] Error unanswered();
    /// Reads what came while nobody asked: the server's goodbye, so that nothing is sent after it.
    void hear() noexcept;
    /// Waits for the socket, a wake or the limit.
    [[nodiscard]] Result<void> wait(bool to_write);

    NativeConnection native_;
    BlockingCalls& cancels_;
    int wake_ = -1;
    std::atomic<bool> interrupted_{false};
    bool feels_interrupts_ = true;
    bool broken_ = false;
    bool reader_was_late_ = false;  ///< The deadline passed while rows were with their reader.
    Stop stop_ = Stop::none;
    Deadline heard_{};  ///< When the server last gave a result after it was told to stop.
    std::string last_message_;
    Deadline limit_ = Deadline::max();
    Deadline surplus_ends_ = Deadline::max();
    std::chrono::milliseconds patience_{};    ///< Of the last stop.
    Deadline last_moment_ = Deadline::max();  ///< Of the whole operation, whatever happens in it.
    Deadline next_cancel_ = Deadline::max();  ///< When to ask again, should the server not have felt it.
    std::shared_ptr<BlockingCall> cancel_;    ///< Under way, or ended and not looked at.
};

}  // namespace majed::driver::postgres
