/// What pools and breakers count, in the text format of Prometheus 0.0.4.
///
/// Why      How many sessions a database needs is a guess until waiting, use and refusal are seen.
/// Life     A pure function of what it is given.
/// Threads  Any.
/// Not here What is counted (pool/pool_stats.h, pool/breaker_state.h), who may read it (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pool/breaker_state.h"
#include "pool/pool_stats.h"

#include <span>
#include <string>

namespace majed::source {

/// One source at one moment.
struct SourceCounts {
    std::string source;
    pool::PoolStats pool;
    pool::BreakerSnapshot breaker;
};

/// Names of OpenTelemetry where it has one, with dots as underscores; every sample has the label `source`.
[[nodiscard]] std::string metrics_text(std::span<const SourceCounts> sources);

}  // namespace majed::source
