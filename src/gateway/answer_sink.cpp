// SPDX-License-Identifier: Apache-2.0
#include "gateway/answer_sink.h"

#include "core/utf8.h"
#include "crypto/key_ring.h"

#include <algorithm>
#include <utility>

namespace majed::gateway {
namespace {

Error plan_does_not_fit() {
    return Error{ErrorCode::internal, "the answer's columns are not those that were planned"};
}

}  // namespace

Result<void> AnswerSink::announce() {
    if (announced_) return {};
    announced_ = true;
    return sink_.columns(plan_.columns);
}

/// Where a function in FROM made columns that the plan does not know, it is not known either which of them is masked.
Result<void> AnswerSink::begin(std::span<const driver::ResultColumn> columns) {
    if (announced_) return {};
    announced_ = true;
    const bool any_masked = std::any_of(plan_.columns.begin(), plan_.columns.end(),
                                        [](const ResultColumn& column) { return column.masked; });
    std::vector<ResultColumn> known;
    for (const driver::ResultColumn& column : columns) {
        const bool planned = columns.size() == plan_.columns.size();
        const bool masked = planned ? plan_.columns[known.size()].masked : any_masked;
        const std::string_view type =
            column.native_type.empty() ? driver::name_of(column.type) : column.native_type;
        known.push_back({column.name, std::string(type), masked});
    }
    return sink_.columns(known);
}

Result<void> AnswerSink::row(std::span<const ValueView> cells) {
    MAJED_TRY(announce());
    if (plan_.encryptions.empty()) return sink_.row(cells);
    auto done = decrypt(cells);
    if (done) done = sink_.row(cells_);
    cells_.clear();
    plaintexts_.clear();
    return done;
}

/// Fills cells_. NULL stays NULL; what is no token of the column's key becomes an error, never what was stored.
Result<void> AnswerSink::decrypt(std::span<const ValueView> cells) {
    if (cells.size() != plan_.encryptions.size()) return plan_does_not_fit();
    plaintexts_.reserve(cells.size());  // Views into them must hold until the row is gone.
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        ValueView cell = cells[i];
        const std::uint32_t encryption = plan_.encryptions[i];
        if (encryption > keys_.size()) return plan_does_not_fit();
        if (encryption != 0 && !std::holds_alternative<Null>(cell)) {
            const auto* token = std::get_if<std::string_view>(&cell);
            auto plain = token != nullptr ? opened(*token, keys_[encryption - 1])
                                          : Result<ValueView>(ValueView(undecryptable_cell));
            if (!plain) return std::move(plain).error();
            cell = *plain;
            if (std::holds_alternative<CellError>(cell)) ++undecryptable_;
        }
        bytes += payload_size(cell);
        cells_.push_back(cell);
    }
    if (bytes > bytes_left_) return Error{ErrorCode::too_large, "the answer exceeds the byte limit"};
    bytes_left_ -= bytes;
    return {};
}

Result<ValueView> AnswerSink::opened(std::string_view token, const crypto::KeyRing& key) {
    auto plain = key.decrypt(token);
    if (!plain && plain.error().code == ErrorCode::invalid_argument) return ValueView(undecryptable_cell);
    if (!plain) return std::move(plain).error();
    plaintexts_.push_back(std::move(*plain));
    const std::string_view text = plaintexts_.back().reveal();
    if (is_utf8(text)) return ValueView(text);
    return ValueView(BlobView{std::as_bytes(std::span(text.data(), text.size()))});
}

}  // namespace majed::gateway
