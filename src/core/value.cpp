// SPDX-License-Identifier: Apache-2.0
#include "core/value.h"

#include <type_traits>

namespace majed {

Value to_owned(const ValueView& view) {
    return std::visit(
        [](const auto& cell) -> Value {
            using Cell = std::decay_t<decltype(cell)>;
            if constexpr (std::is_same_v<Cell, std::string_view>) {
                return std::string(cell);
            } else if constexpr (std::is_same_v<Cell, BlobView>) {
                return Blob{{cell.bytes.begin(), cell.bytes.end()}};
            } else {
                return cell;
            }
        },
        view);
}

ValueView to_view(const Value& value) {
    return std::visit(
        [](const auto& cell) -> ValueView {
            using Cell = std::decay_t<decltype(cell)>;
            if constexpr (std::is_same_v<Cell, std::string>) {
                return std::string_view(cell);
            } else if constexpr (std::is_same_v<Cell, Blob>) {
                return BlobView{cell.bytes};
            } else {
                return cell;
            }
        },
        value);
}

}  // namespace majed
