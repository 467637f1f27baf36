/// The values of one run in the form libpq takes them.
///
/// Why      Every parameter must be given and nothing else; a value that its type cannot take is refused before the
///          server sees it.
/// Life     Borrows texts and blobs of the values it was made from: they outlive it.
/// Threads  One.
/// Not here Names to positions (statement_text.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/postgres/native_type.h"
#include "driver/run.h"

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::postgres {

class BoundParameters {
public:
    /// `types` by position, as the server described them. Errors: invalid_argument (missing, left over, a NUL byte in a
    /// text, a blob for what is not bytea).
    [[nodiscard]] static Result<BoundParameters> bind(const std::vector<std::string>& names,
                                                      std::span<const Oid> types, const Parameters& given);
    [[nodiscard]] static Result<BoundParameters> bind(std::span<const Oid> types,
                                                      std::span<const Value> given);

    [[nodiscard]] int count() const noexcept { return static_cast<int>(values_.size()); }
    [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// Every value means the same whether or not `types` are still those of the tables: parameter_fit.h.
    [[nodiscard]] bool exact() const noexcept { return exact_; }

private:
    BoundParameters() = default;
    [[nodiscard]] Result<void> add(const Value& value, Oid type);
    void add_text(std::string text);
    void add_bytes(const char* begin, std::size_t size, int format);

    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::deque<std::string> texts_;  ///< Numbers as text; a deque, since values_ points into it.
    std::size_t bytes_ = 0;
    bool exact_ = true;
};

}  // namespace majed::driver::postgres
