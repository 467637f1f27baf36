// SPDX-License-Identifier: Apache-2.0
#include "pool/circuit_breaker.h"

#include <functional>
#include <random>
#include <utility>

namespace majed::pool {
namespace {

constexpr std::size_t ring_size = 1024;
/// Kept free for transitions when single calls fill the ring.
constexpr std::size_t ring_reserve = 256;

BreakerState::Random chance() {
    // Spreads the probes of several gateways; no secret depends on it.
    const auto seed = static_cast<std::uint32_t>(SteadyClock::now().time_since_epoch().count());
    return [generator = std::minstd_rand(std::random_device{}() ^ seed)]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
    };
}

std::string_view complaint(TripReason reason) {
    switch (reason) {
        case TripReason::slow_rate:
            return "too many calls to it were slow";
        case TripReason::probe_lost:
            return "a trial call to it did not come back";
        case TripReason::refused_login:
            return "it refused the gateway's login";
        case TripReason::none:
        case TripReason::failures_in_a_row:
        case TripReason::failure_rate:
        case TripReason::probe_failed:
        case TripReason::by_operator:
            break;
    }
    return "calls to it failed";
}

/// What a caller who was turned away is told, taken while the lock is held and put into words after.
struct TurnedAway {
    BreakerStatus status = BreakerStatus::closed;
    TripReason reason = TripReason::none;
    FailureClass cause = FailureClass::none;
};

Error turned_away(const TurnedAway& refusal, std::chrono::milliseconds retry_after) {
    std::string text;
    std::string hint;
    switch (refusal.status) {
        case BreakerStatus::forced_open:
            text = "an operator has taken the source out of service";
            break;
        case BreakerStatus::login_refused:
            text = "the database refuses the gateway's login; it is tried again later, one call at a time";
            hint = "an administrator should check user and password of the source";
            break;
        case BreakerStatus::half_open:
            text = "the source is being tried again by other calls; before, ";
            text += complaint(refusal.reason);
            break;
        case BreakerStatus::closed:
        case BreakerStatus::disabled:
        case BreakerStatus::open:
            text = "the source is not asked for now: ";
            text += complaint(refusal.reason);
            break;
    }
    if (refusal.status != BreakerStatus::forced_open && refusal.cause != FailureClass::none) {
        text += " (";
        text += name_of(refusal.cause);
        text += ')';
    }
    // `failure` stays none: this refusal is ours, and must not count against the database a second time.
    return Error{.code = ErrorCode::unavailable,
                 .message = std::move(text),
                 .hint = std::move(hint),
                 .offset = {},
                 .retry_after = retry_after};
}

}  // namespace

CircuitBreaker::Permit::Permit(CircuitBreaker& breaker, const Admission& admission) noexcept
    : breaker_(&breaker), generation_(admission.generation), probe_(admission.probe) {}

CircuitBreaker::Permit::Permit(Permit&& other) noexcept
    : breaker_(std::exchange(other.breaker_, nullptr)),
      generation_(other.generation_),
      probe_(other.probe_) {}

CircuitBreaker::Permit& CircuitBreaker::Permit::operator=(Permit&& other) noexcept {
    if (this != &other) {
        end({});
        breaker_ = std::exchange(other.breaker_, nullptr);
        generation_ = other.generation_;
        probe_ = other.probe_;
    }
    return *this;
}

CircuitBreaker::Permit::~Permit() {
    end({});
}

void CircuitBreaker::Permit::succeeded(std::chrono::nanoseconds duration) noexcept {
    end({CallVerdict::success, FailureClass::none, duration});
}

void CircuitBreaker::Permit::failed(const Error& error, std::chrono::nanoseconds duration) noexcept {
    if (breaker_ != nullptr) {
        end({verdict_of(error, breaker_->target_), error.failure, duration});
    }
}

void CircuitBreaker::Permit::end(const CallResult& result) noexcept {
    if (CircuitBreaker* const breaker = std::exchange(breaker_, nullptr); breaker != nullptr) {
        breaker->record(generation_, result);
    }
}

CircuitBreaker::CircuitBreaker(BreakerState state, TargetUse target, BreakerWiring wiring)
    : target_(target), wiring_(std::move(wiring)), state_(std::move(state)) {
    if (wiring_.on_event) {
        ring_.resize(ring_size);
    }
}

Result<std::unique_ptr<CircuitBreaker>> CircuitBreaker::create(const BreakerOptions& options,
                                                               BreakerWiring wiring) {
    if (!wiring.now) {
        wiring.now = [] { return SteadyClock::now(); };
    }
    if (!wiring.random) {
        wiring.random = chance();
    }
    MAJED_TRY_ASSIGN(auto state, BreakerState::create(options, wiring.random, wiring.now()));
    return std::unique_ptr<CircuitBreaker>(
        new CircuitBreaker(std::move(state), options.target, std::move(wiring)));
}

Result<CircuitBreaker::Permit> CircuitBreaker::admit() {
    const auto now = wiring_.now();
    Admission admission;
    TurnedAway refusal;
    bool to_deliver = false;
    {
        const Lock lock(mutex_);
        admission = state_.admit(now);
        refusal = {state_.status(), state_.reason(), state_.cause()};
        to_deliver = queue(admission.events);
    }
    if (to_deliver) {
        deliver();
    }
    if (admission.admitted) {
        return Permit(*this, admission);
    }
    return turned_away(refusal, admission.retry_after);
}

void CircuitBreaker::record(std::uint64_t generation, const CallResult& result) noexcept {
    const auto now = wiring_.now();
    bool to_deliver = false;
    {
        const Lock lock(mutex_);
        to_deliver = queue(state_.record(generation, result, now));
    }
    if (to_deliver) {
        deliver();
    }
}

BreakerStatus CircuitBreaker::state() const {
    const Lock lock(mutex_);
    return state_.status();
}

BreakerSnapshot CircuitBreaker::snapshot() const {
    const auto now = wiring_.now();
    const Lock lock(mutex_);
    BreakerSnapshot view = state_.snapshot(now);
    view.operator_reason = operator_reason_;
    view.events_lost = events_lost_;
    return view;
}

bool CircuitBreaker::opening_allowed() const {
    const auto now = wiring_.now();
    const Lock lock(mutex_);
    return state_.opening_allowed(now);
}

void CircuitBreaker::force_open(std::string reason) {
    const auto now = wiring_.now();
    bool to_deliver = false;
    {
        const Lock lock(mutex_);
        operator_reason_ = std::move(reason);
        to_deliver = queue(state_.force_open(now));
    }
    if (to_deliver) {
        deliver();
    }
}

void CircuitBreaker::disable(std::string reason) {
    const auto now = wiring_.now();
    bool to_deliver = false;
    {
        const Lock lock(mutex_);
        operator_reason_ = std::move(reason);
        to_deliver = queue(state_.disable(now));
    }
    if (to_deliver) {
        deliver();
    }
}

void CircuitBreaker::reset() {
    const auto now = wiring_.now();
    bool to_deliver = false;
    {
        const Lock lock(mutex_);
        operator_reason_.clear();
        to_deliver = queue(state_.reset(now));
    }
    if (to_deliver) {
        deliver();
    }
}

bool CircuitBreaker::wanted(BreakerEventKind kind) const noexcept {
    switch (kind) {
        case BreakerEventKind::succeeded:
        case BreakerEventKind::failed:
        case BreakerEventKind::ignored:
        case BreakerEventKind::late:
        case BreakerEventKind::rejected:
            return wiring_.detail == EventDetail::calls;
        case BreakerEventKind::failure_rate_exceeded:
        case BreakerEventKind::slow_rate_exceeded:
        case BreakerEventKind::reset:
        case BreakerEventKind::transition:
            break;
    }
    return true;
}

bool CircuitBreaker::queue(const BreakerEvents& events) noexcept {
    if (ring_.empty()) {
        return false;
    }
    for (const BreakerEvent& event : events.all()) {
        if (!wanted(event.kind)) {
            continue;
        }
        const bool may_fill = event.kind == BreakerEventKind::transition;
        if (queued_ >= (may_fill ? ring_size : ring_size - ring_reserve)) {
            ++events_lost_;
            continue;
        }
        ring_[(first_ + queued_) % ring_size] = event;
        ++queued_;
    }
    // Who delivers already takes these as well, in their order.
    if (queued_ == 0 || delivering_) {
        return false;
    }
    delivering_ = true;
    return true;
}

void CircuitBreaker::deliver() noexcept {
    for (;;) {
        BreakerEvent next;
        {
            const Lock lock(mutex_);
            if (queued_ == 0) {
                delivering_ = false;
                return;
            }
            next = ring_[first_];
            first_ = (first_ + 1) % ring_size;
            --queued_;
        }
        wiring_.on_event(next);
    }
}

}  // namespace majed::pool
