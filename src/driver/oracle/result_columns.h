/// How each column of a query is fetched, and what its cells are called outside.
///
/// Why      Every NUMBER travels as text and every LOB by its locator: the defaults of ODPI-C lose digits and read without bound.
/// Life     A value per column and execution.
/// Threads  Values.
/// Not here The fetching (row_reader.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/result_column.h"

#include <dpi.h>
#include <cstddef>
#include <cstdint>

namespace majed::driver::oracle {

/// How the bytes of a cell become a ValueView.
enum class CellForm : std::uint8_t {
    integer,
    decimal,
    text,
    blob,
    real32,
    real64,
    boolean,
    timestamp,
    timestamp_tz,
    interval_ds,
    interval_ym,
    rowid,
    character_lob,
    binary_lob,
};

struct ColumnPlan {
    ResultColumn column;
    CellForm form = CellForm::text;
    dpiOracleTypeNum oracle_type = DPI_ORACLE_TYPE_NONE;
    dpiNativeTypeNum native_type = DPI_NATIVE_TYPE_BYTES;
    std::uint32_t size = 0;  ///< Bytes of a cell, where the type does not say.
    std::size_t width = 0;   ///< Bytes of memory per row, about.

    [[nodiscard]] bool is_lob() const noexcept {
        return form == CellForm::character_lob || form == CellForm::binary_lob;
    }
};

/// Errors: unsupported, with a hint how to select it as something else.
[[nodiscard]] Result<ColumnPlan> plan_column(const dpiQueryInfo& column);

}  // namespace majed::driver::oracle
