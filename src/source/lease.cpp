// SPDX-License-Identifier: Apache-2.0
// Sessions and connections lent by a source: what pool and breaker learn from their use.
#include "source/source.h"

#include <chrono>
#include <span>
#include <utility>

namespace majed::source {

namespace {

/// Measures how long the reader of an answer takes, which the database has no part in.
class TimedSink final : public driver::RowSink {
public:
    explicit TimedSink(driver::RowSink& sink) : sink_(sink) {}

    Result<void> begin(std::span<const driver::ResultColumn> columns) override {
        const auto began = SteadyClock::now();
        auto taken = sink_.begin(columns);
        spent_ += SteadyClock::now() - began;
        return taken;
    }
    Result<void> row(std::span<const ValueView> cells) override {
        const auto began = SteadyClock::now();
        auto taken = sink_.row(cells);
        spent_ += SteadyClock::now() - began;
        return taken;
    }
    [[nodiscard]] std::chrono::nanoseconds spent() const noexcept { return spent_; }

private:
    driver::RowSink& sink_;
    std::chrono::nanoseconds spent_{0};
};

}  // namespace

SessionLease::SessionLease(pool::CircuitBreaker::Permit permit, pool::Lease lease, bool timed) noexcept
    : permit_(std::move(permit)), lease_(std::move(lease)), timed_(timed) {}

template <class T>
void SessionLease::learn(const Result<T>& outcome, std::chrono::nanoseconds took) noexcept {
    if (outcome.has_value()) {
        permit_.succeeded(took);
        return;
    }
    const Error& failure = outcome.error();
    permit_.failed(failure, took);
    lease_.report(failure);
}

Result<driver::RunSummary> SessionLease::run(const driver::AuthorizedStatement& statement,
                                             const driver::Parameters& parameters, const Attributes& identity,
                                             const driver::RunLimits& limits, driver::RowSink& sink) {
    const auto began = SteadyClock::now();
    auto& session = lease_.as<driver::Session>();
    if (!timed_) {
        auto ran = session.run(statement, parameters, identity, limits, sink);
        learn(ran, SteadyClock::now() - began);
        return ran;
    }
    TimedSink timed(sink);
    auto ran = session.run(statement, parameters, identity, limits, timed);
    const auto took = SteadyClock::now() - began - timed.spent();
    if (!ran && ran.error().failure == FailureClass::timeout && timed.spent() > took) {
        return ran;  // It was read too slowly: that says nothing about the database.
    }
    learn(ran, took);
    return ran;
}

Result<void> SessionLease::prepare(const driver::AuthorizedStatement& statement) {
    const auto began = SteadyClock::now();
    auto prepared = lease_.as<driver::Session>().prepare(statement);
    learn(prepared, SteadyClock::now() - began);
    return prepared;
}

void SessionLease::interrupt() noexcept {
    lease_->interrupt();
}

ConnectionLease::ConnectionLease(pool::CircuitBreaker::Permit permit, pool::Lease lease) noexcept
    : permit_(std::move(permit)), lease_(std::move(lease)) {}

driver::Connection& ConnectionLease::operator*() const noexcept {
    return lease_.as<driver::Connection>();
}

driver::Connection* ConnectionLease::operator->() const noexcept {
    return &**this;
}

void ConnectionLease::failed(const Error& error) noexcept {
    permit_.failed(error, SteadyClock::now() - began_);
    lease_.report(error);
}

void ConnectionLease::succeeded() noexcept {
    permit_.succeeded(SteadyClock::now() - began_);
}

void ConnectionLease::discard() noexcept {
    lease_.discard();
}

}  // namespace majed::source
