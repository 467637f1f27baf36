/// Rows on their way from a session to the caller: announced, and encrypted columns decrypted.
///
/// Why      A value is decrypted at the last moment and in one place, by what the plan says of its column.
/// Life     Of one run; borrows the caller's sink, the plan and the keys.
/// Threads  One thread at a time.
/// Not here Which columns are encrypted, and what may be done with them (sql/, rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/secret.h"
#include "driver/run.h"
#include "gateway/gateway.h"
#include "gateway/plan.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace majed::gateway {

class AnswerSink final : public driver::RowSink {
public:
    /// `keys` has one for every encryption of the plan. `max_bytes` holds for what is handed out, so only here when
    /// that is not what the session counts: see counts_bytes.
    AnswerSink(ResultSink& sink, const Plan& plan, const ColumnKeys& keys, std::uint64_t max_bytes)
        : sink_(sink), plan_(plan), keys_(keys), bytes_left_(max_bytes) {}

    /// Whether this sink, and not the session, holds the limit on bytes.
    [[nodiscard]] static bool counts_bytes(const Plan& plan) noexcept { return !plan.encryptions.empty(); }

    /// What a server says of the columns; those of SQLite are known from the plan.
    Result<void> begin(std::span<const driver::ResultColumn> columns) override;
    /// Errors: those of the caller's sink; too_large; internal.
    Result<void> row(std::span<const ValueView> cells) override;
    /// Tells the caller the columns, once; for an answer without rows.
    Result<void> announce();
    [[nodiscard]] bool announced() const noexcept { return announced_; }
    /// Cells handed out as errors so far.
    [[nodiscard]] std::uint64_t undecryptable() const noexcept { return undecryptable_; }

private:
    Result<void> decrypt(std::span<const ValueView> cells);
    Result<ValueView> opened(std::string_view token, const crypto::KeyRing& key);

    ResultSink& sink_;
    const Plan& plan_;
    const ColumnKeys& keys_;
    std::uint64_t bytes_left_;
    std::uint64_t undecryptable_ = 0;
    bool announced_ = false;
    std::vector<ValueView> cells_;    ///< Of one row; views into plaintexts_.
    std::vector<Secret> plaintexts_;  ///< Wiped when the row has been handed on.
};

}  // namespace majed::gateway
