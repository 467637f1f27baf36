// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_stats.h"

namespace majed::pool {
namespace {

template <auto Member>
double gauge(const PoolStats& stats) {
    return static_cast<double>(stats.*Member);
}

template <auto Member>
double counter(const PoolStats& stats) {
    return static_cast<double>(stats.counters.*Member);
}

template <CloseReason Reason>
double closed(const PoolStats& stats) {
    return static_cast<double>(stats.counters.closed_for(Reason));
}

constexpr auto kind_counter = MetricKind::counter;
constexpr auto kind_gauge = MetricKind::gauge;
constexpr auto kind_histogram = MetricKind::seconds_histogram;

}  // namespace

const std::array<PoolMetric, 32>& pool_metrics() noexcept {
    using C = PoolCounters;
    using S = PoolStats;
    static constexpr std::array<PoolMetric, 32> metrics{{
        {"db.client.connection.count", "state=idle", kind_gauge, gauge<&S::idle>},
        {"db.client.connection.count", "state=used", kind_gauge, gauge<&S::lent>},
        {"db.client.connection.idle.min", "", kind_gauge, gauge<&S::min>},
        {"db.client.connection.idle.max", "", kind_gauge, gauge<&S::max>},
        {"db.client.connection.max", "", kind_gauge, gauge<&S::max>},
        {"db.client.connection.pending_requests", "", kind_gauge, gauge<&S::waiting>},
        {"db.client.connection.timeouts", "", kind_counter, counter<&C::timed_out>},
        {"db.client.connection.create_time", "", kind_histogram, nullptr, &S::open_time},
        {"db.client.connection.wait_time", "", kind_histogram, nullptr, &S::wait_time},
        {"db.client.connection.use_time", "", kind_histogram, nullptr, &S::use_time},
        {"majed.pool.requests", "", kind_counter, counter<&C::requests>},
        {"majed.pool.requests.direct", "", kind_counter, counter<&C::direct>},
        {"majed.pool.requests.waited", "", kind_counter, counter<&C::waited>},
        {"majed.pool.requests.rejected", "", kind_counter, counter<&C::rejected>},
        {"majed.pool.requests.failed", "", kind_counter, counter<&C::failed>},
        {"majed.pool.requests.cancelled", "", kind_counter, counter<&C::cancelled>},
        {"majed.pool.sessions.opened", "", kind_counter, counter<&C::opened>},
        {"majed.pool.sessions.open_failures", "", kind_counter, counter<&C::open_failures>},
        {"majed.pool.sessions.opening", "", kind_gauge, gauge<&S::opening>},
        {"majed.pool.sessions.leaked", "", kind_gauge, gauge<&S::leaked>},
        {"majed.pool.sessions.leaks", "", kind_counter, counter<&C::leaks>},
        {"majed.pool.sessions.validations", "", kind_counter, counter<&C::validations>},
        {"majed.pool.sessions.keepalives", "", kind_counter, counter<&C::keepalives>},
        {"majed.pool.sessions.closed", "reason=broken", kind_counter, closed<CloseReason::broken>},
        {"majed.pool.sessions.closed", "reason=invalid", kind_counter, closed<CloseReason::invalid>},
        {"majed.pool.sessions.closed", "reason=max_lifetime", kind_counter,
         closed<CloseReason::max_lifetime>},
        {"majed.pool.sessions.closed", "reason=idle", kind_counter, closed<CloseReason::idle>},
        {"majed.pool.sessions.closed", "reason=renewed", kind_counter, closed<CloseReason::renewed>},
        {"majed.pool.sessions.closed", "reason=shrunk", kind_counter, closed<CloseReason::shrunk>},
        {"majed.pool.sessions.closed", "reason=shutdown", kind_counter, closed<CloseReason::shutdown>},
        {"majed.pool.queue.longest", "", kind_gauge, gauge<&S::max_waiting_seen>},
        {"majed.pool.events.dropped", "", kind_counter, counter<&C::events_dropped>},
    }};
    return metrics;
}

}  // namespace majed::pool
