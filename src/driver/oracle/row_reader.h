/// The buffers that rows are fetched into, and their cells as ValueViews.
///
/// Why      One array per column, bounded in bytes, filled by one round trip; a cell is a look at it, not a call.
/// Life     Part of a StatementRun. A view lives until the next row or fetch.
/// Threads  define and fetch inside calls of the session; the rest by its user between calls.
/// Not here Executing (statement_run.h), what becomes what (result_columns.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/oracle/odpi_handle.h"
#include "driver/oracle/physical_session.h"
#include "driver/oracle/result_columns.h"
#include "driver/oracle/temporal_text.h"

#include <dpi.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace majed::driver::oracle {

class RowReader {
public:
    /// Describes the columns, makes the arrays for `wanted` rows at most, and fetches the first of them. Inside a call.
    [[nodiscard]] CallAnswer start(PhysicalSession& session, dpiStmt* statement, std::uint64_t wanted);
    /// Describes only. Inside a call.
    [[nodiscard]] CallAnswer describe(PhysicalSession& session, dpiStmt* statement, std::uint32_t columns);
    /// The next rows. Inside a call.
    [[nodiscard]] CallAnswer fetch(PhysicalSession& session, dpiStmt* statement);

    [[nodiscard]] const std::vector<ResultColumn>& columns() const noexcept { return columns_; }
    [[nodiscard]] std::uint32_t rows() const noexcept { return fetched_; }
    [[nodiscard]] bool has_more() const noexcept { return more_ != 0; }
    [[nodiscard]] bool has_lobs() const noexcept { return has_lobs_; }

    /// The cells of one fetched row; `bytes_left` is lessened by what they hold. LOBs are read, piece by piece.
    /// Errors: too_large (before a LOB is read to its end), internal, and those of a call.
    [[nodiscard]] Result<std::span<const ValueView>> row(PhysicalSession& session, std::uint32_t index,
                                                         std::uint64_t& bytes_left, Deadline deadline);

private:
    struct Column {
        ColumnPlan plan;
        OdpiHandle<dpiVar> variable;
        dpiData* cells = nullptr;
        TemporalText temporal{};
        std::string scratch;
    };

    [[nodiscard]] CallAnswer make_arrays(PhysicalSession& session, dpiStmt* statement, std::uint64_t wanted);
    [[nodiscard]] std::uint32_t rows_that_fit(std::uint64_t wanted) const;
    [[nodiscard]] Result<ValueView> cell(PhysicalSession& session, Column& column, const dpiData& cell) const;
    [[nodiscard]] Result<void> read_lob(PhysicalSession& session, Column& column, dpiLob* lob,
                                        std::uint64_t most, Deadline deadline);
    [[nodiscard]] Result<void> read_piece(PhysicalSession& session, dpiLob* lob, std::uint64_t offset,
                                          std::uint64_t left, Deadline deadline);

    std::vector<Column> described_;
    std::vector<ResultColumn> columns_;
    std::vector<ValueView> cells_;
    std::uint32_t array_ = 0;
    std::uint32_t first_ = 0;
    std::uint32_t fetched_ = 0;
    int more_ = 0;
    bool has_lobs_ = false;
    std::string piece_;               ///< Of a LOB, as the call in flight fills it.
    std::uint64_t piece_length_ = 0;  ///< Likewise.
    std::uint64_t lob_length_ = 0;    ///< Likewise.
};

}  // namespace majed::driver::oracle
