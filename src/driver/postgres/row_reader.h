/// Reads rows of a native result as cells, without a copy where the bytes are already what they should be.
///
/// Why      A row is handed on as views; only what must be rewritten (dates, bytea in text form) is, into one buffer
///          that is used again for every row.
/// Life     One per running statement. The cells live until the next `read`, and no longer than the native result.
/// Threads  One.
/// Not here Which types there are (native_type.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/postgres/native_handle.h"
#include "driver/postgres/native_type.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::postgres {

/// `2025-01-31 23:59:59+02 BC` in ISO 8601, as result_column.h writes it. `infinity` stays as it is.
/// `out` gets at most 16 bytes more than the text has. False for the style of a session that changed it: which of two
/// numbers is the month cannot be told.
[[nodiscard]] bool append_iso(std::string_view native, Reading reading, std::string& out);

class RowReader {
public:
    /// `form` as PQfformat: 0 text, 1 binary, for all columns.
    RowReader(std::vector<Reading> readings, int form);

    /// Errors: internal (a cell does not have the form of its type).
    [[nodiscard]] Result<std::span<const ValueView>> read(const PGresult* result, int row);

    /// Payload of the cells of the last row.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

private:
    [[nodiscard]] bool read_text(std::string_view raw, Reading reading, ValueView& cell);
    [[nodiscard]] bool read_binary(std::string_view raw, Reading reading, ValueView& cell);
    [[nodiscard]] bool read_bytea(std::string_view hex, ValueView& cell);
    void read_uuid(std::string_view raw, ValueView& cell);

    std::vector<Reading> readings_;
    int form_;
    std::vector<ValueView> cells_;
    std::string scratch_;  ///< Reserved before each row, so that views into it stay.
    std::uint64_t bytes_ = 0;
};

}  // namespace majed::driver::postgres
