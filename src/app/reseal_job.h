/// Goes on, while the server runs, with what a rotation of the root key left to do.
///
/// Why      A rotation that was killed, or a key file that was changed by other means, must not wait for somebody to notice.
/// Life     Borrows the log.
/// Threads  One at a time.
/// Not here The walk itself (store/seal_walk.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/housekeeping.h"
#include "core/result.h"
#include "store/seal_walk.h"
#include "store/store_seals.h"
#include "telemetry/log.h"

#include <memory>
#include <string>

namespace majed::app {

class ResealJob {
public:
    ResealJob(std::string store_path, std::shared_ptr<store::StoreSeals> seals, telemetry::Log& log);
    ResealJob(const ResealJob&) = delete;
    ResealJob& operator=(const ResealJob&) = delete;
    ~ResealJob() = default;

    /// One look, and the walk when something is to be done; told to stop it ends after its step, and the next run goes on.
    /// Errors: as store::SealWalk.
    [[nodiscard]] Result<void> run(const Stopping& stopping);

private:
    const std::string store_path_;
    const std::shared_ptr<store::StoreSeals> seals_;
    telemetry::Log& log_;
    std::string
        incomplete_;  ///< The root under which not everything could be put: not again with every look.
};

}  // namespace majed::app
