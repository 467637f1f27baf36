// SPDX-License-Identifier: Apache-2.0
#include "core/value.h"

#include <type_traits>

namespace majed {

std::uint64_t payload_size(const ValueView& view) {
    if (const auto* text = std::get_if<std::string_view>(&view)) {
        return text->size();
    }
    if (const auto* blob = std::get_if<BlobView>(&view)) {
        return blob->bytes.size();
    }
    const bool number = std::holds_alternative<std::int64_t>(view) || std::holds_alternative<double>(view);
    return number ? sizeof(std::int64_t) : 1;
}

Value to_owned(const ValueView& view) {
    return std::visit(
        [](const auto& cell) -> Value {
            using Cell = std::decay_t<decltype(cell)>;
            if constexpr (std::is_same_v<Cell, std::string_view>) {
                return std::string(cell);
            } else if constexpr (std::is_same_v<Cell, BlobView>) {
                return Blob{{cell.bytes.begin(), cell.bytes.end()}};
            } else if constexpr (std::is_same_v<Cell, CellError>) {
                return Null{};
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
