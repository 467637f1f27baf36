// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/physical_session.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace majed::driver::oracle {

namespace {

using std::chrono::milliseconds;

/// What the contract allows beyond a deadline, less what this thread needs to come back itself.
constexpr milliseconds answer_grace{235};
/// Of that, for the server to show that it is still there.
constexpr milliseconds confirm_grace{200};
/// The call timeout strikes first and leaves the session in a cleaner state than a break; a break follows when the
/// timeout did not help.
constexpr milliseconds break_lag{40};
/// A break that came before its call began is lost: it is repeated while the call runs.
constexpr milliseconds break_again{100};
/// How long an interrupted statement may take to end.
constexpr milliseconds interrupt_grace{2000};
constexpr milliseconds goodbye_call{400};
constexpr milliseconds goodbye_wait{500};
constexpr int breaks_to_swallow = 3;

Deadline later(Deadline when, milliseconds span) noexcept {
    return when > Deadline::max() - span ? Deadline::max() : when + span;
}

}  // namespace

Result<std::unique_ptr<PhysicalSession>> PhysicalSession::create(const ClientLibrary& library,
                                                                 Watchdog& watchdog) {
    std::unique_ptr<PhysicalSession> made(new PhysicalSession(library, watchdog));
    MAJED_TRY_ASSIGN(made->thread_, CallThread::start());
    watchdog.add(*made);
    return made;
}

PhysicalSession::~PhysicalSession() = default;

void PhysicalSession::begin_operation() {
    last_words_.clear();
    const Lock lock(stop_mutex_);
    operating_ = true;
    interrupted_ = false;
}

void PhysicalSession::end_operation() {
    const Lock lock(stop_mutex_);
    operating_ = false;
    interrupted_ = false;
    Watchdog::disarm(*this);
}

void PhysicalSession::interrupt() noexcept {
    const Lock lock(stop_mutex_);
    if (operating_) {
        interrupted_ = true;
        watchdog_.arm(*this, SteadyClock::now());
        thread_->nudge();
    }
}

void PhysicalSession::break_off() noexcept {
    const Lock lock(break_mutex_);
    if (phase_ == CallPhase::idle) {
        return;
    }
    if (phase_ == CallPhase::running && connection_ != nullptr) {
        broke_off_ = true;
        static_cast<void>(odpi().break_execution(connection_.get()));
    }
    watchdog_.arm(*this, later(SteadyClock::now(), break_again));
}

Result<void> PhysicalSession::may_begin(Deadline deadline) const {
    if (!usable_) {
        return not_usable();
    }
    if (interrupted_) {
        return error_of({.ora = 1013}, StopCause::interrupt);
    }
    if (SteadyClock::now() >= deadline) {
        return Error{.code = ErrorCode::timeout,
                     .message = "the statement did not end in time",
                     .failure = FailureClass::timeout};
    }
    return {};
}

Result<void> PhysicalSession::call(Deadline deadline, Call work) {
    outcome_unknown_ = false;
    MAJED_TRY(may_begin(deadline));
    if (!run(std::move(work), deadline, later(deadline, answer_grace))) {
        return unanswered(cause_of_stop(deadline));
    }
    if (answer_) {
        return settle(deadline);
    }
    // The call ended before the break reached it; what is on its way must not meet the next one.
    if (broke_off_ && !confirm(later(SteadyClock::now(), confirm_grace))) {
        usable_ = false;
    }
    return {};
}

bool PhysicalSession::run(Call work, Deadline deadline, Deadline hard) {
    work_ = std::move(work);
    answer_.reset();
    call_deadline_ = deadline;
    healthy_ = true;
    broke_off_ = false;
    {
        const Lock lock(break_mutex_);
        phase_ = CallPhase::submitted;
    }
    thread_->submit([this] { run_work(); });
    if (hard > later(deadline, break_lag)) {
        watchdog_.arm(*this, later(deadline, break_lag));
    }
    const bool came_back = wait(hard);
    Watchdog::disarm(*this);
    if (!came_back) {
        stuck_ = true;
        usable_ = false;
    }
    return came_back;
}

bool PhysicalSession::wait(Deadline hard) {
    for (;;) {
        // Asked here, since an interrupt may have come between the first look and the hand-over.
        if (interrupted_ && hard > later(SteadyClock::now(), interrupt_grace)) {
            watchdog_.arm(*this, SteadyClock::now());
            hard = later(SteadyClock::now(), interrupt_grace);
        }
        switch (thread_->wait(hard)) {
            case CallThread::Waited::finished:
                return true;
            case CallThread::Waited::timed_out:
                return false;
            case CallThread::Waited::nudged:
                break;
        }
    }
}

void PhysicalSession::run_work() {
    {
        const Lock lock(break_mutex_);
        phase_ = CallPhase::running;
    }
    set_call_timeout();
    answer_ = work_();
    if (answer_ && connection_ != nullptr) {
        int healthy = 0;
        healthy_ = odpi().is_healthy(connection_.get(), &healthy) == DPI_SUCCESS && healthy != 0;
    }
    const Lock lock(break_mutex_);
    phase_ = CallPhase::idle;
}

void PhysicalSession::set_call_timeout() {
    if (connection_ == nullptr) {
        return;
    }
    std::uint32_t span = 0;
    if (call_deadline_ != Deadline::max()) {
        const auto left = std::chrono::ceil<milliseconds>(call_deadline_ - SteadyClock::now()).count();
        span = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, INT32_MAX));
    }
    static_cast<void>(odpi().set_call_timeout(connection_.get(), span));
}

StopCause PhysicalSession::cause_of_stop(Deadline deadline) const noexcept {
    if (interrupted_) {
        return StopCause::interrupt;
    }
    return SteadyClock::now() >= deadline ? StopCause::deadline : StopCause::none;
}

Error PhysicalSession::unanswered(StopCause cause) {
    usable_ = false;
    outcome_unknown_ = true;
    if (cause == StopCause::interrupt) {
        return error_of({.ora = 1013}, cause);
    }
    return Error{.code = ErrorCode::timeout,
                 .message = "the database did not answer in time",
                 .failure = FailureClass::lost};
}

Error PhysicalSession::settle(Deadline deadline) {
    const CallFailure failure = *answer_;
    last_words_ = failure.words;
    if (failure.own) {
        return *failure.own;
    }
    const StopCause cause = cause_of_stop(deadline);
    Error error = error_of(failure.native, cause);
    if (is_about_text(failure.native)) {
        error.offset = failure.native.offset;
    }
    if (error.failure == FailureClass::lost || !healthy_) {
        usable_ = false;
        outcome_unknown_ = reply_was_lost(failure.native);
        return error;
    }
    if (is_break(failure.native) || broke_off_) {
        const Deadline now = SteadyClock::now();
        const Deadline until = std::max(std::min(later(now, confirm_grace), later(deadline, answer_grace)),
                                        later(now, milliseconds(10)));
        if (!confirm(until)) {
            return unanswered(cause);
        }
        answer_ = failure;
    }
    return error;
}

bool PhysicalSession::confirm(Deadline until) {
    for (int i = 0; i < breaks_to_swallow; ++i) {
        const auto ping = [this] { return answer(odpi().ping(connection_.get())); };
        // No break may be sent here: `hard` is not later than the deadline.
        if (connection_ == nullptr || !run(ping, until, until)) {
            return false;
        }
        if (!answer_) {
            return true;
        }
        if (!is_break(answer_->native)) {
            return false;
        }
    }
    return false;
}

NativeError PhysicalSession::last_native() const noexcept {
    return !stuck_ && answer_ ? answer_->native : NativeError{};
}

void PhysicalSession::set_connection(dpiConn* connection) {
    const Lock lock(break_mutex_);
    connection_ = {connection, {odpi().release_connection}};
}

void PhysicalSession::release_everything() {
    state_.reset();
    OdpiHandle<dpiConn> connection;
    {
        // From here on no break can reach it.
        const Lock lock(break_mutex_);
        connection = std::move(connection_);
    }
}

CallAnswer PhysicalSession::answer(int status) const {
    if (status == DPI_SUCCESS) {
        return std::nullopt;
    }
    dpiErrorInfo info{};
    odpi().context_error(library_.context(), &info);
    const std::string_view words(info.message, info.messageLength);
    return CallFailure{
        .native = read_native_error(info.code, words, info.offset), .own = {}, .words = std::string(words)};
}

Result<void> PhysicalSession::local(int status) const {
    const CallAnswer failed = answer(status);
    return failed ? error_of(failed->native, StopCause::none) : Result<void>();
}

void PhysicalSession::hold(std::unique_ptr<CallState> state) {
    drop();
    state_ = std::move(state);
}

void PhysicalSession::drop() {
    if (stuck_ || state_ == nullptr) {
        return;
    }
    if (!state_->speaks_when_dropped()) {
        state_.reset();
        return;
    }
    const Deadline until = later(SteadyClock::now(), goodbye_wait);
    const auto work = [this]() -> CallAnswer {
        state_.reset();
        return std::nullopt;
    };
    static_cast<void>(run(work, later(SteadyClock::now(), goodbye_call), until));
}

bool PhysicalSession::close() {
    if (stuck_) {
        return false;
    }
    const auto work = [this]() -> CallAnswer {
        release_everything();
        return std::nullopt;
    };
    const Deadline now = SteadyClock::now();
    if (!run(work, later(now, goodbye_call), later(now, goodbye_wait)) ||
        !watchdog_.remove(*this, later(SteadyClock::now(), break_lag))) {
        stuck_ = true;
        return false;
    }
    return true;
}

void PhysicalSession::leave() {
    thread_->finish_with([this] { release_everything(); });
}

bool PhysicalSession::has_left() {
    return thread_->has_ended() && watchdog_.remove(*this, SteadyClock::now());
}

}  // namespace majed::driver::oracle
