// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/wire.h"

#include "driver/postgres/statement_text.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// A statement that ended by itself may have left its cancel request behind on a slow way to the server.
constexpr std::chrono::milliseconds longest_cancel{2000};
/// A request that came before the server had begun the statement was lost on it: it is sent again.
constexpr std::chrono::milliseconds between_cancels{40};
/// What is in the buffer already may be read after the limit, so that a final word is not missed.
constexpr std::chrono::milliseconds last_rows{20};
/// A server that gave a row so short a time ago is alive, though its answer was too long to end in time.
constexpr std::chrono::milliseconds still_sending{50};
/// What is on its way when a server is told to stop are megabytes; who takes longer is dearer than a new connection.
constexpr std::chrono::seconds longest_surplus{10};

class CancelRequest final : public BlockingCall {
public:
    explicit CancelRequest(NativeCancel cancel) noexcept : cancel_(std::move(cancel)) {}

private:
    void run() noexcept override {
        std::array<char, 256> message{};
        // A request that fails changes nothing: the statement ends by itself or the wait for it does.
        static_cast<void>(PQcancel(cancel_.get(), message.data(), static_cast<int>(message.size())));
        cancel_.reset();
    }
    NativeCancel cancel_;
};

int milliseconds_until(Deadline limit) {
    if (limit == Deadline::max()) {
        return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

Deadline later(Deadline deadline, std::chrono::milliseconds span) {
    return deadline > Deadline::max() - span ? Deadline::max() : deadline + span;
}

/// Each of the server's fields on a line of its own.
std::string words_of(const PGresult* result) {
    std::string words;
    for (const char code : {PG_DIAG_MESSAGE_PRIMARY, PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
        if (const char* const field = PQresultErrorField(result, static_cast<unsigned char>(code));
            field != nullptr) {
            words += (words.empty() ? "" : "\n") + std::string(field);
        }
    }
    return words;
}

}  // namespace

Wire::Wire(NativeConnection native, BlockingCalls& cancels) noexcept
    : native_(std::move(native)), cancels_(cancels) {}

Wire::~Wire() {
    // A cancel request still on its way is left to go: what the server runs for nobody should end.
    if (native_ != nullptr && !usable()) {
        // libpq says goodbye in its own time; a socket that is shut down makes it short.
        static_cast<void>(::shutdown(PQsocket(native_.get()), SHUT_RDWR));
    }
    if (wake_ >= 0) {
        ::close(wake_);
    }
}

Result<void> Wire::prepare_waking() {
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "this process has no descriptor left",
                     .failure = FailureClass::exhausted};
    }
    return {};
}

Result<void> Wire::begin_operation(Deadline deadline, Interrupts interrupts) {
    hear();
    stop_ = Stop::none;
    reader_was_late_ = false;
    heard_ = {};
    last_message_.clear();
    if (!usable()) {
        return lost();
    }
    MAJED_TRY(settle(deadline));
    interrupted_.store(false);
    std::uint64_t count = 0;
    while (::read(wake_, &count, sizeof count) > 0) {
    }
    feels_interrupts_ = interrupts == Interrupts::felt;
    limit_ = deadline;
    last_moment_ = later(deadline, grace);
    if (SteadyClock::now() >= deadline) {
        return Error{.code = ErrorCode::timeout,
                     .message = "the deadline passed before the statement was sent",
                     .failure = FailureClass::timeout};
    }
    return {};
}

void Wire::hear() noexcept {
    if (!usable()) {
        return;
    }
    pollfd watched{PQsocket(native_.get()), POLLIN, 0};
    while (usable() && ::poll(&watched, 1, 0) > 0 && PQconsumeInput(native_.get()) == 1) {
        PGnotify* notification = PQnotifies(native_.get());
        while (notification != nullptr) {
            PQfreemem(notification);
            notification = PQnotifies(native_.get());
        }
    }
}

Result<void> Wire::begin_epilogue() {
    if (!usable()) {
        return lost();
    }
    MAJED_TRY(settle(last_moment_));
    feels_interrupts_ = false;
    limit_ = stop_ == Stop::none ? limit_ : last_moment_;
    stop_ = Stop::none;
    return {};
}

Result<void> Wire::settle(Deadline deadline) {
    if (cancel_ == nullptr) {
        return {};
    }
    if (!cancel_->wait(std::min(deadline, deadline_after(longest_cancel)))) {
        return lost();
    }
    cancel_.reset();
    return {};
}

bool Wire::must_stop() noexcept {
    if (stop_ == Stop::none && feels_interrupts_ && interrupted_.load()) {
        stop(Stop::interrupted, interrupt_grace);
    } else if (stop_ == Stop::none && SteadyClock::now() >= limit_) {
        stop(Stop::deadline, grace);
    } else if (stop_ != Stop::none && SteadyClock::now() >= next_cancel_) {
        if (cancel_ == nullptr || cancel_->done()) {
            ask_for_cancel();
        } else {
            next_cancel_ = deadline_after(between_cancels);
        }
    }
    return stop_ != Stop::none && SteadyClock::now() >= limit_;
}

void Wire::stop(Stop why, std::chrono::milliseconds patience) {
    stop_ = why;
    patience_ = patience;
    surplus_ends_ = std::min(last_moment_, deadline_after(longest_surplus));
    limit_ = std::min(last_moment_, deadline_after(patience));
    ask_for_cancel();
}

void Wire::ask_for_cancel() {
    next_cancel_ = deadline_after(between_cancels);
    NativeCancel cancel(PQgetCancel(native_.get()));
    if (cancel == nullptr) {
        return;
    }
    auto call = std::make_shared<CancelRequest>(std::move(cancel));
    if (cancels_.start(call)) {
        cancel_ = std::move(call);
    }
}

Result<NativeResult> Wire::next() {
    while (true) {
        const bool over = must_stop();
        const int left = PQflush(native_.get());
        // A broken socket may still hold the server's last words: libpq hands them out before its own error.
        if (PQisBusy(native_.get()) == 0 && !(over && SteadyClock::now() >= later(limit_, last_rows))) {
            if (stop_ != Stop::none) heard_ = SteadyClock::now();
            if (stop_ == Stop::surplus) limit_ = std::min(surplus_ends_, deadline_after(patience_));
            return NativeResult(PQgetResult(native_.get()));
        }
        if (over) {
            return unanswered();
        }
        MAJED_TRY(wait(left > 0));
        if (PQconsumeInput(native_.get()) == 0 && PQisBusy(native_.get()) != 0) {
            return lost();
        }
    }
}

void Wire::reader_is_back() noexcept {
    if (const Deadline now = SteadyClock::now(); stop_ == Stop::none && now >= limit_) {
        reader_was_late_ = true;
        last_moment_ = later(now, grace);
    }
}

Error Wire::unanswered() {
    const bool excused = reader_was_late_ || SteadyClock::now() < later(heard_, still_sending);
    Error error = lost();
    if (stop_ == Stop::deadline && excused && PQstatus(native_.get()) == CONNECTION_OK) {
        error = stop_error();
    }
    return error;
}

Error Wire::stop_error() const {
    const bool interrupted = stop_ == Stop::interrupted;
    return Error{.code = interrupted ? ErrorCode::cancelled : ErrorCode::timeout,
                 .message = interrupted ? "the statement was cancelled" : "the statement's deadline passed",
                 .failure = interrupted ? FailureClass::cancelled : FailureClass::timeout};
}

Result<void> Wire::push() {
    while (true) {
        const bool over = must_stop();
        const int left = PQflush(native_.get());
        if (over || left < 0) {
            return lost();
        }
        if (left == 0 || stop_ != Stop::none) {
            return {};
        }
        MAJED_TRY(wait(true));
        // What the server says meanwhile must not be left to wake every wait; it is read by `next`.
        if (PQconsumeInput(native_.get()) == 0) {
            return lost();
        }
    }
}

Result<void> Wire::wait(bool to_write) {
    const short events = static_cast<short>(POLLIN | (to_write ? POLLOUT : 0));
    std::array<pollfd, 2> watched{pollfd{PQsocket(native_.get()), events, 0}, pollfd{wake_, POLLIN, 0}};
    if (watched[0].fd < 0) {
        return lost();
    }
    const Deadline until = stop_ == Stop::none ? limit_ : std::min(limit_, next_cancel_);
    // While the answer to a cancel is awaited, a further wake would only spin.
    const nfds_t count = stop_ == Stop::none && feels_interrupts_ ? 2 : 1;
    if (::poll(watched.data(), count, milliseconds_until(until)) < 0 && errno != EINTR) {
        return lost();
    }
    return {};
}

Error Wire::sending_failed() {
    if (PQstatus(native_.get()) == CONNECTION_BAD) {
        return lost();
    }
    broken_ = true;
    return Error{ErrorCode::internal, "the statement could not be sent"};
}

Error Wire::lost(std::string_view state) {
    broken_ = true;
    Error error = error_of_state(state.size() == 5 ? state : "08006", Phase::statement);
    error.native_state = state;
    if (stop_ == Stop::interrupted) {
        error.code = ErrorCode::cancelled;
        error.failure = FailureClass::cancelled;
        error.message = "the statement was cancelled; the server did not confirm it";
    } else if (stop_ == Stop::deadline) {
        error.message = "the database did not answer in time";
    }
    return error;
}

Error Wire::error_of(const PGresult* result, const StatementText* text) {
    last_message_ = words_of(result);
    const char* const field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view state = field == nullptr ? std::string_view() : field;
    const char* const severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const std::string_view gravity = severity == nullptr ? std::string_view() : severity;
    if (state.empty() || ends_connection(state) || gravity == "FATAL" || gravity == "PANIC") {
        const bool same =
            !state.empty() && judge(state, Phase::statement).failure != FailureClass::user_error;
        Error error = lost(same && ends_connection(state) ? state : std::string_view());
        error.native_state = state;
        return error;
    }
    Error error = error_of_state(state, Phase::statement);
    if (state == "57014" && stop_ == Stop::interrupted) {
        error.code = ErrorCode::cancelled;
        error.failure = FailureClass::cancelled;
        error.message = "the statement was cancelled";
    } else if (state == "57014" && stop_ == Stop::deadline) {
        error.message = "the statement's deadline passed";
    }
    // The parser has no complaint: it is the protocol that takes one command only.
    const char* const function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    if (state == "42601" && function != nullptr && std::string_view(function) == "exec_parse_message") {
        error.message = "only one statement can be run at a time";
        error.hint.clear();
    }
    const char* const position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (text != nullptr && position != nullptr) {
        error.offset = text->offset_of(std::strtoul(position, nullptr, 10));
    }
    return error;
}

void Wire::interrupt() noexcept {
    interrupted_.store(true);
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) < 0) {
        return;  // The counter is full: the thread is awake already.
    }
}

bool Wire::usable() const noexcept {
    return !broken_ && native_ != nullptr && PQstatus(native_.get()) == CONNECTION_OK;
}

void Wire::abandon() noexcept {
    broken_ = true;
    // Any call of libpq could say goodbye in the parent's name: its object stays behind, unfreed.
    if (PGconn* const native = native_.release(); native != nullptr) {
        ::close(PQsocket(native));
    }
    // The thread that would end the request lives in the parent only.
    cancel_.reset();
    if (wake_ >= 0) {
        ::close(std::exchange(wake_, -1));
    }
}

}  // namespace majed::driver::postgres
