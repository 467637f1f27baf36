// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace majed::pool {
namespace {

using std::chrono::milliseconds;

/// `from` plus `span`, or the end of time.
SteadyClock::time_point later(SteadyClock::time_point from, std::chrono::nanoseconds span) {
    using TimePoint = SteadyClock::time_point;
    return span > TimePoint::max() - std::max(from, TimePoint{}) ? TimePoint::max() : from + span;
}

void add_one(std::uint32_t& count) {
    if (count != UINT32_MAX) {
        ++count;
    }
}

bool share_reached(std::uint64_t part, std::uint64_t all, double share) {
    return static_cast<double>(part) >= share * static_cast<double>(all);
}

}  // namespace

std::string_view name_of(BreakerStatus status) noexcept {
    constexpr std::array<std::string_view, 6> names{"closed",      "open",     "half_open",
                                                    "forced_open", "disabled", "login_refused"};
    return names.at(static_cast<std::size_t>(status));
}

std::string_view name_of(TripReason reason) noexcept {
    constexpr std::array<std::string_view, 8> names{"none",          "failures_in_a_row", "failure_rate",
                                                    "slow_rate",     "probe_failed",      "probe_lost",
                                                    "refused_login", "by_operator"};
    return names.at(static_cast<std::size_t>(reason));
}

CallVerdict verdict_of(const Error& error, TargetUse target) noexcept {
    // The wait for a place in the pool is our own queue, whatever the cause it names.
    if (error.code == ErrorCode::pool_timeout) {
        return CallVerdict::silent;
    }
    switch (error.failure) {
        case FailureClass::lost:
        case FailureClass::exhausted:
        case FailureClass::in_doubt:
            return CallVerdict::failure;
        case FailureClass::read_only:
            return target == TargetUse::writes ? CallVerdict::failure : CallVerdict::answered;
        case FailureClass::refused_login:
            return CallVerdict::refused_login;
        case FailureClass::timeout:
            return CallVerdict::slow;
        case FailureClass::contention:
        case FailureClass::user_error:
            return CallVerdict::answered;
        case FailureClass::none:
        case FailureClass::cancelled:
            break;
    }
    return CallVerdict::silent;
}

BreakerState::BreakerState(const BreakerOptions& options, Random random, TimePoint now)
    : options_(options), random_(std::move(random)), window_(options, now), since_(now), until_(now) {}

Result<BreakerState> BreakerState::create(const BreakerOptions& options, Random random, TimePoint now) {
    MAJED_TRY(check(options));
    if (!random) {
        return Error{ErrorCode::invalid_argument, "breaker: a source of chance is needed for the jitter"};
    }
    return BreakerState(options, std::move(random), now);
}

BreakerEvent BreakerState::event(BreakerEventKind kind, TimePoint now) const {
    return {kind, status_, status_, reason_, cause_, now};
}

void BreakerState::enter(BreakerStatus status, TripReason reason, TimePoint now, BreakerEvents& events) {
    ++generation_;
    permits_out_ = 0;
    successes_ = 0;
    reason_ = reason;
    if (status == status_) {
        return;
    }
    const BreakerStatus from = std::exchange(status_, status);
    since_ = now;
    ++counters_.transitions;
    counters_.opened += status == BreakerStatus::open || status == BreakerStatus::login_refused ? 1 : 0;
    BreakerEvent change = event(BreakerEventKind::transition, now);
    change.from = from;
    events.add(change);
}

BreakerState::TimePoint BreakerState::wait_over(milliseconds first, milliseconds longest,
                                                std::uint32_t attempt, TimePoint now) {
    const auto most = static_cast<double>(longest.count());
    const double grown = static_cast<double>(first.count()) * std::pow(options_.open_growth, attempt);
    const double wait = grown < most ? grown : most;
    // Only ever longer: the configured time is a promise to the database. Clamped, for a Random that keeps no bounds.
    const double chance = std::clamp(random_(), 0.0, 1.0);
    return later(now,
                 std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::duration<double, std::milli>(wait * (1.0 + options_.jitter * chance))));
}

void BreakerState::open(TripReason reason, TimePoint now, BreakerEvents& events) {
    until_ = wait_over(options_.open_for, options_.open_max, openings_, now);
    add_one(openings_);
    enter(BreakerStatus::open, reason, now, events);
}

void BreakerState::refuse_login(TimePoint now, BreakerEvents& events) {
    until_ = wait_over(options_.login_retry, options_.login_retry_max, refusals_, now);
    add_one(refusals_);
    enter(BreakerStatus::login_refused, TripReason::refused_login, now, events);
}

void BreakerState::forget_failures(TimePoint now) {
    failures_in_a_row_ = 0;
    openings_ = 0;
    refusals_ = 0;
    cause_ = FailureClass::none;
    window_.clear(now);
}

void BreakerState::close(TimePoint now, BreakerEvents& events) {
    forget_failures(now);
    enter(BreakerStatus::closed, TripReason::none, now, events);
}

bool BreakerState::overdue(TimePoint now) const {
    const bool probing = status_ == BreakerStatus::half_open || status_ == BreakerStatus::login_refused;
    return probing && permits_out_ != 0 && now >= later(probing_since_, options_.half_open_max_age);
}

void BreakerState::expire(TimePoint now, BreakerEvents& events) {
    if (overdue(now)) {
        if (status_ == BreakerStatus::half_open) {
            open(TripReason::probe_lost, now, events);
        } else {
            refuse_login(now, events);
        }
    }
}

bool BreakerState::may_pass(TimePoint now, BreakerEvents& events) {
    switch (status_) {
        case BreakerStatus::closed:
        case BreakerStatus::disabled:
            return true;
        case BreakerStatus::forced_open:
            return false;
        case BreakerStatus::open:
            if (now < until_) {
                return false;
            }
            enter(BreakerStatus::half_open, reason_, now, events);
            probing_since_ = now;
            return true;
        case BreakerStatus::half_open:
            if (permits_out_ == 0) {
                probing_since_ = now;  // Nobody is missing: a quiet hour is no failure.
            }
            return permits_out_ < options_.half_open_permits;
        case BreakerStatus::login_refused:
            if (permits_out_ != 0 || now < until_) {
                return false;
            }
            probing_since_ = now;
            return true;
    }
    return false;
}

Admission BreakerState::admit(TimePoint now) {
    Admission answer;
    expire(now, answer.events);
    answer.admitted = may_pass(now, answer.events);
    if (!answer.admitted) {
        ++counters_.rejected;
        answer.retry_after = retry_after(now);
        answer.events.add(event(BreakerEventKind::rejected, now));
        return answer;
    }
    ++counters_.admitted;
    ++permits_out_;
    answer.probe = status_ == BreakerStatus::half_open || status_ == BreakerStatus::login_refused;
    answer.generation = generation_;
    return answer;
}

milliseconds BreakerState::retry_after(TimePoint now) const {
    // When the calls under way decide is not known; somebody turned away may come soon.
    constexpr milliseconds soon{1000};
    switch (status_) {
        case BreakerStatus::open:
        case BreakerStatus::login_refused:
            if (now < until_) {
                return std::chrono::ceil<milliseconds>(until_ - now);
            }
            break;
        case BreakerStatus::forced_open:
            return options_.open_for;
        case BreakerStatus::closed:
        case BreakerStatus::disabled:
        case BreakerStatus::half_open:
            break;
    }
    return std::min(soon, options_.half_open_max_age);
}

BreakerEvents BreakerState::record(std::uint64_t generation, const CallResult& result, TimePoint now) {
    BreakerEvents events;
    expire(now, events);
    if (generation != generation_ || permits_out_ == 0) {
        ++counters_.late;
        events.add(event(BreakerEventKind::late, now));
        return events;
    }
    --permits_out_;
    switch (status_) {
        case BreakerStatus::closed:
            count(result, now, events);
            record_closed(result, now, events);
            break;
        case BreakerStatus::half_open:
            count(result, now, events);
            record_half_open(result, now, events);
            break;
        case BreakerStatus::login_refused:
            count(result, now, events);
            record_login_probe(result, now, events);
            break;
        case BreakerStatus::disabled:  // Counts nothing.
        case BreakerStatus::open:      // Nothing was let through in this generation.
        case BreakerStatus::forced_open:
            break;
    }
    return events;
}

bool BreakerState::is_slow(const CallResult& result) const {
    const bool measured = options_.slow_call_duration > milliseconds::zero();
    return measured &&
           (result.verdict == CallVerdict::slow || result.duration >= options_.slow_call_duration);
}

void BreakerState::count(const CallResult& result, TimePoint now, BreakerEvents& events) {
    BreakerEventKind kind = BreakerEventKind::ignored;
    const bool counted = result.verdict != CallVerdict::silent && result.verdict != CallVerdict::answered;
    if (counted && is_slow(result)) {
        ++counters_.slow;
    }
    switch (result.verdict) {
        case CallVerdict::success:
            ++counters_.succeeded;
            failures_in_a_row_ = 0;
            kind = BreakerEventKind::succeeded;
            break;
        case CallVerdict::failure:
        case CallVerdict::refused_login:
            ++counters_.failed;
            add_one(failures_in_a_row_);
            last_failure_ = now;
            cause_ = result.failure;
            kind = BreakerEventKind::failed;
            break;
        case CallVerdict::slow:
        case CallVerdict::answered:
        case CallVerdict::silent:
            ++counters_.ignored;
            break;
    }
    events.add(event(kind, now));
}

void BreakerState::record_closed(const CallResult& result, TimePoint now, BreakerEvents& events) {
    if (result.verdict == CallVerdict::refused_login) {
        refuse_login(now, events);
        return;
    }
    const bool failed = result.verdict == CallVerdict::failure;
    const bool slow = is_slow(result);
    const bool counts =
        failed || result.verdict == CallVerdict::success || (result.verdict == CallVerdict::slow && slow);
    if (!counts) {
        return;
    }
    window_.record({failed, slow}, now);
    if (failed && options_.failure_threshold != 0 && failures_in_a_row_ >= options_.failure_threshold) {
        open(TripReason::failures_in_a_row, now, events);
        return;
    }
    judge_rates(now, events);
}

void BreakerState::judge_rates(TimePoint now, BreakerEvents& events) {
    if (options_.window == WindowKind::none) {
        return;
    }
    const WindowCounts counts = window_.counts(now);
    if (counts.calls < options_.minimum_calls) {
        return;
    }
    if (share_reached(counts.failures, counts.calls, options_.failure_rate)) {
        events.add(event(BreakerEventKind::failure_rate_exceeded, now));
        open(TripReason::failure_rate, now, events);
        return;
    }
    const bool measured = options_.slow_call_duration > milliseconds::zero();
    if (measured && share_reached(counts.slow, counts.calls, options_.slow_rate)) {
        events.add(event(BreakerEventKind::slow_rate_exceeded, now));
        open(TripReason::slow_rate, now, events);
    }
}

void BreakerState::record_half_open(const CallResult& result, TimePoint now, BreakerEvents& events) {
    switch (result.verdict) {
        case CallVerdict::refused_login:
            refuse_login(now, events);
            return;
        case CallVerdict::failure:
            open(TripReason::probe_failed, now, events);
            return;
        case CallVerdict::success:
        case CallVerdict::slow:
            if (is_slow(result)) {
                open(TripReason::probe_failed, now, events);
            } else if (result.verdict == CallVerdict::success &&
                       ++successes_ >= options_.successes_to_close) {
                close(now, events);
            }
            return;
        case CallVerdict::answered:
        case CallVerdict::silent:
            return;
    }
}

void BreakerState::record_login_probe(const CallResult& result, TimePoint now, BreakerEvents& events) {
    switch (result.verdict) {
        case CallVerdict::refused_login:
            refuse_login(now, events);
            return;
        case CallVerdict::failure:
            open(TripReason::probe_failed, now, events);
            return;
        case CallVerdict::success:
        case CallVerdict::slow:
        case CallVerdict::answered: {
            // Whatever the statement did, the login was taken.
            const bool counts = result.verdict == CallVerdict::success && !is_slow(result);
            if (counts && options_.successes_to_close <= 1) {
                close(now, events);
                return;
            }
            enter(BreakerStatus::half_open, TripReason::refused_login, now, events);
            probing_since_ = now;
            successes_ = counts ? 1 : 0;
            return;
        }
        case CallVerdict::silent:
            // It may have been refused unseen: wait again, or callers who give up early hammer the server.
            until_ = wait_over(options_.login_retry, options_.login_retry_max, 0, now);
            return;
    }
}

BreakerEvents BreakerState::force_open(TimePoint now) {
    BreakerEvents events;
    enter(BreakerStatus::forced_open, TripReason::by_operator, now, events);
    return events;
}

BreakerEvents BreakerState::disable(TimePoint now) {
    BreakerEvents events;
    enter(BreakerStatus::disabled, TripReason::by_operator, now, events);
    return events;
}

BreakerEvents BreakerState::reset(TimePoint now) {
    BreakerEvents events;
    close(now, events);
    last_failure_.reset();
    events.add(event(BreakerEventKind::reset, now));
    return events;
}

bool BreakerState::opening_allowed(TimePoint now) const {
    switch (status_) {
        case BreakerStatus::closed:
        case BreakerStatus::disabled:
            return true;
        case BreakerStatus::half_open:
        case BreakerStatus::login_refused:
            return permits_out_ != 0 && !overdue(now);
        case BreakerStatus::open:
        case BreakerStatus::forced_open:
            break;
    }
    return false;
}

BreakerSnapshot BreakerState::snapshot(TimePoint now) const {
    BreakerSnapshot view;
    view.status = status_;
    view.reason = reason_;
    view.cause = cause_;
    view.failures_in_a_row = failures_in_a_row_;
    view.half_open_successes = successes_;
    view.openings = openings_;
    view.generation = generation_;
    view.permits_out = permits_out_;
    view.since = since_;
    view.last_failure = last_failure_;
    if (status_ == BreakerStatus::open || status_ == BreakerStatus::login_refused) {
        view.retry_after =
            now < until_ ? std::chrono::ceil<milliseconds>(until_ - now) : milliseconds::zero();
    }
    view.window = window_.counts(now);
    view.counters = counters_;
    view.failure_threshold = options_.failure_threshold;
    view.open_for = options_.open_for;
    return view;
}

}  // namespace majed::pool
