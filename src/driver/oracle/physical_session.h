/// One session with the server, and the rules for every call over it: deadline, break, interrupt, walking away.
///
/// Why      No call outlasts its deadline by more than a quarter of a second, whatever the client library does; and a
///          break meant for one statement is never felt by a later one.
/// Life     Owned by a connection; handed to AbandonedSessions when `is_stuck`. Library and watchdog outlive it.
/// Threads  One user at a time; `interrupt` from any, `break_off` by the watchdog. Calls run on a thread of its own: they
///          may touch the session, the library and what is held (CallState), never the stack of the caller.
/// Not here Which calls make a statement (statement_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/oracle/call_thread.h"
#include "driver/oracle/client_library.h"
#include "driver/oracle/native_error.h"
#include "driver/oracle/odpi_handle.h"
#include "driver/oracle/watchdog.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace majed::driver::oracle {

/// Why a call failed: numbers of the client library, or an error of ours.
struct CallFailure {
    NativeError native;
    std::optional<Error> own = {};
    std::string words = {};  ///< The library's own text: for Connection::last_message alone.
};
using CallAnswer = std::optional<CallFailure>;
using Call = std::function<CallAnswer()>;

/// What calls read and write. Held by the session, so that a call that nobody waits for any more finds it in place.
class CallState {
public:
    CallState() = default;
    CallState(const CallState&) = delete;
    CallState& operator=(const CallState&) = delete;
    virtual ~CallState() = default;
    /// Destroying it may talk to the server.
    [[nodiscard]] virtual bool speaks_when_dropped() const noexcept { return false; }
};

class PhysicalSession final : public Breakable {
public:
    /// Not connected yet. Errors: overloaded (no thread).
    [[nodiscard]] static Result<std::unique_ptr<PhysicalSession>> create(const ClientLibrary& library,
                                                                         Watchdog& watchdog);
    /// After `close`, or after `has_left`.
    ~PhysicalSession() override;
    PhysicalSession(const PhysicalSession&) = delete;
    PhysicalSession& operator=(const PhysicalSession&) = delete;

    /// From begin to end, `interrupt` is heard.
    void begin_operation();
    void end_operation();
    void interrupt() noexcept;
    void break_off() noexcept override;

    /// Runs `work` on the session's thread. Errors: timeout and cancelled (after which the session may or may not be
    /// usable), unavailable, and what the failure means; `offset` is set when it is one into the statement's text.
    [[nodiscard]] Result<void> call(Deadline deadline, Call work);
    /// Of the last failed call: it may have been carried out all the same.
    [[nodiscard]] bool outcome_unknown() const noexcept { return outcome_unknown_; }
    /// Of the last failed call: what the library said.
    [[nodiscard]] NativeError last_native() const noexcept;
    /// Likewise: in its own words, until the next operation.
    [[nodiscard]] const std::string& last_words() const noexcept { return last_words_; }

    /// For calls inside `work`, on the thread that made them; and for local functions of the library on any.
    [[nodiscard]] CallAnswer answer(int status) const;
    [[nodiscard]] Result<void> local(int status) const;

    /// Keeps `state` until drop; what was held before is dropped first.
    void hold(std::unique_ptr<CallState> state);
    void drop();

    [[nodiscard]] bool usable() const noexcept { return usable_; }
    void give_up() noexcept { usable_ = false; }
    /// A call never came back: nothing here may be touched but `leave`.
    [[nodiscard]] bool is_stuck() const noexcept { return stuck_; }

    /// Says goodbye, in half a second at most. False when it did not: then `is_stuck`.
    [[nodiscard]] bool close();
    /// Lets the thread clean up by itself when it comes back.
    void leave();
    /// It came back, and everything may be destroyed.
    [[nodiscard]] bool has_left();

    [[nodiscard]] const OdpiFunctions& odpi() const noexcept { return library_.functions(); }
    [[nodiscard]] const ClientLibrary& library() const noexcept { return library_; }
    [[nodiscard]] dpiConn* connection() const noexcept { return connection_.get(); }
    /// By the call that connects.
    void set_connection(dpiConn* connection);
    [[nodiscard]] bool is_interrupted() const noexcept { return interrupted_; }

private:
    enum class CallPhase : std::uint8_t { idle, submitted, running };

    PhysicalSession(const ClientLibrary& library, Watchdog& watchdog)
        : library_(library), watchdog_(watchdog) {}

    [[nodiscard]] Result<void> may_begin(Deadline deadline) const;
    /// False when it did not come back by `hard`.
    [[nodiscard]] bool run(Call work, Deadline deadline, Deadline hard);
    [[nodiscard]] bool wait(Deadline hard);
    void run_work();
    void release_everything();
    void set_call_timeout();
    [[nodiscard]] Error settle(Deadline deadline);
    /// A round trip that swallows breaks still on their way. False: no answer in time, or a bad one.
    [[nodiscard]] bool confirm(Deadline until);
    [[nodiscard]] Error unanswered(StopCause cause);
    [[nodiscard]] StopCause cause_of_stop(Deadline deadline) const noexcept;

    const ClientLibrary& library_;
    Watchdog& watchdog_;
    OdpiHandle<dpiConn> connection_;  ///< Changed under break_mutex_ only.
    std::unique_ptr<CallState> state_;

    // Of the call in flight: written before it is handed over, or by its thread before it is handed back.
    Call work_;
    CallAnswer answer_;
    Deadline call_deadline_ = Deadline::max();

    bool usable_ = true;
    bool stuck_ = false;
    bool healthy_ = true;
    bool outcome_unknown_ = false;
    std::string last_words_;

    Mutex stop_mutex_;  ///< Never held while anything can block.
    bool operating_ MAJED_GUARDED_BY(stop_mutex_) = false;
    std::atomic<bool> interrupted_{false};

    Mutex break_mutex_;  ///< Held while the library breaks off: no break is sent after the end of a call.
    CallPhase phase_ MAJED_GUARDED_BY(break_mutex_) = CallPhase::idle;
    std::atomic<bool> broke_off_{false};

    std::unique_ptr<CallThread> thread_;
};

}  // namespace majed::driver::oracle
