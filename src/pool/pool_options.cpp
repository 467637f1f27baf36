// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_options.h"

#include <string>

namespace majed::pool {
namespace {

Error out_of_bounds(std::string_view key, std::string_view expected) {
    return Error{ErrorCode::invalid_argument,
                 "pool." + std::string(key) + ": expected " + std::string(expected)};
}

}  // namespace

Result<void> check(const PoolOptions& options) {
    for (const PoolCountKey& key : pool_count_keys) {
        const std::size_t value = options.*key.member;
        if (value < key.min || value > key.max) {
            return out_of_bounds(key.key, std::to_string(key.min) + " to " + std::to_string(key.max));
        }
    }
    for (const PoolDurationKey& key : pool_duration_keys) {
        const auto value = options.*key.member;
        const bool off = value == key.min && key.min.count() == 0;
        if (!off && (value < key.floor || value > key.max)) {
            return out_of_bounds(key.key, (key.min.count() == 0 ? "0, or " : "") +
                                              std::to_string(key.floor.count()) + " ms to " +
                                              std::to_string(key.max.count()) + " ms");
        }
    }
    if (options.min > options.max) return out_of_bounds("min", "at most max");
    const bool both = options.keepalive.count() > 0 && options.max_lifetime.count() > 0;
    if (both && options.keepalive >= options.max_lifetime) {
        return out_of_bounds("keepalive", "less than max_lifetime");
    }
    return {};
}

}  // namespace majed::pool
