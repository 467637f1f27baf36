// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/checked_rows.h"

#include "driver/row_refused.h"

#include <variant>

namespace majed::driver::postgres {

Result<void> CheckedRows::begin(std::span<const ResultColumn> columns) {
    if (columns_ == 0) {
        return {};
    }
    return sink_.begin(columns.first(columns_));
}

Result<void> CheckedRows::row(std::span<const ValueView> cells) {
    if (reports_check_) {
        const bool* const verdict = std::get_if<bool>(&cells.back());
        if (verdict == nullptr || !*verdict) {
            return row_refused();
        }
    }
    ++checked_;
    if (columns_ == 0) {
        return {};
    }
    if (rows_left_-- == 0) {
        return Error{ErrorCode::too_large, "the write answers more rows than allowed; nothing was written"};
    }
    return sink_.row(cells.first(columns_));
}

}  // namespace majed::driver::postgres
