/// The rows a write answers, kept until it is committed.
///
/// Why      What was not done must not be shown, and what is done must not wait for its reader.
/// Life     Of one run.
/// Threads  One thread at a time.
/// Not here How many there may be: the session that runs the write counts them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/run.h"

#include <span>
#include <vector>

namespace majed::gateway {

class KeptRows final : public driver::RowSink {
public:
    Result<void> begin(std::span<const driver::ResultColumn> columns) override;
    Result<void> row(std::span<const ValueView> cells) override;
    /// Errors: those of `sink`.
    [[nodiscard]] Result<void> hand_on(driver::RowSink& sink) const;

private:
    std::vector<driver::ResultColumn> columns_;  ///< As a server says of them; SQLite says nothing.
    std::vector<std::vector<Value>> rows_;
};

}  // namespace majed::gateway
