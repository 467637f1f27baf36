// SPDX-License-Identifier: Apache-2.0
#include "gateway/kept_rows.h"

namespace majed::gateway {

Result<void> KeptRows::begin(std::span<const driver::ResultColumn> columns) {
    columns_.assign(columns.begin(), columns.end());
    return {};
}

Result<void> KeptRows::row(std::span<const ValueView> cells) {
    std::vector<Value>& kept = rows_.emplace_back();
    kept.reserve(cells.size());
    for (const ValueView& cell : cells) kept.push_back(to_owned(cell));
    return {};
}

Result<void> KeptRows::hand_on(driver::RowSink& sink) const {
    if (!columns_.empty()) MAJED_TRY(sink.begin(columns_));
    std::vector<ValueView> cells;
    for (const std::vector<Value>& row : rows_) {
        cells.clear();
        for (const Value& value : row) cells.push_back(to_view(value));
        MAJED_TRY(sink.row(cells));
    }
    return {};
}

}  // namespace majed::gateway
