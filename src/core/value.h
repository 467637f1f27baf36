/// One cell: owned (`Value`, for parameters) or borrowed (`ValueView`, for rows being streamed).
///
/// Why      Rows are handed on without a copy per cell; parameters outlive the request's buffer.
/// Life     A ValueView points into the driver's row buffer: valid until the next row is fetched.
/// Threads  Values; no shared state.
/// Not here Conversion to JSON, CSV and text: api/ and cli/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace majed {

struct Null {
    friend bool operator==(Null, Null) = default;
};

struct Blob {
    std::vector<std::byte> bytes;
    friend bool operator==(const Blob&, const Blob&) = default;
};

struct BlobView {
    std::span<const std::byte> bytes;
};

/// What stands in a row where a value cannot be shown: a stable code, never a part of the value.
struct CellError {
    std::string_view code;  ///< Of static life.
};

/// An encrypted cell that is no token, or of another key, or changed.
inline constexpr CellError undecryptable_cell{"undecryptable"};

/// What has no alternative of its own (exact decimals, dates, times, JSON) is text in the form that the column's type
/// says: docs/reference/types.md.
using Value = std::variant<Null, std::int64_t, double, std::string, Blob, bool>;
using ValueView = std::variant<Null, std::int64_t, double, std::string_view, BlobView, bool, CellError>;

/// Bytes a cell counts for under a limit on answers: its text or blob, 8 for a number, 1 for the rest.
[[nodiscard]] std::uint64_t payload_size(const ValueView& view);
/// Copies a borrowed cell. An error, which only the gateway puts into rows it hands out, has no value: Null.
[[nodiscard]] Value to_owned(const ValueView& view);
/// Borrows an owned cell; `value` must outlive the view.
[[nodiscard]] ValueView to_view(const Value& value);

}  // namespace majed
