// SPDX-License-Identifier: Apache-2.0
#include "app/health_clock.h"

#include <fmt/chrono.h>

#include <chrono>

namespace majed::app {

std::string wall_time_of(SteadyClock::time_point when) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - when);
    const auto wall =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) - age;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(wall - seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

std::chrono::system_clock::time_point wall_time_now() {
    return std::chrono::system_clock::now();
}

}  // namespace majed::app
