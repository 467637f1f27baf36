/// The rows of a write on their way to whom they are for, without the last column, which says whether each may be so.
///
/// Why      One row that may not be undoes the whole write; nobody else needs to see the verdict.
/// Life     Of one run; borrows the sink.
/// Threads  The connection's.
/// Not here What the verdict is made of (rewrite/), the transaction (governed_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/run.h"

#include <cstdint>
#include <span>

namespace majed::driver::postgres {

class CheckedRows final : public RowSink {
public:
    /// `reports_check`: the last column is a verdict. `columns`: how many there are before it.
    CheckedRows(RowSink& sink, bool reports_check, std::size_t columns, std::uint64_t max_rows) noexcept
        : sink_(sink), reports_check_(reports_check), columns_(columns), rows_left_(max_rows) {}

    Result<void> begin(std::span<const ResultColumn> columns) override;
    /// Errors: denied (a row may not be so), too_large (more rows than allowed), those of the sink.
    Result<void> row(std::span<const ValueView> cells) override;

    [[nodiscard]] std::uint64_t checked() const noexcept { return checked_; }

private:
    RowSink& sink_;
    const bool reports_check_;
    const std::size_t columns_;
    std::uint64_t rows_left_;
    std::uint64_t checked_ = 0;
};

}  // namespace majed::driver::postgres
