// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/batch_chunks.h"

#include <algorithm>
#include <string>
#include <variant>

namespace majed::driver::oracle {

namespace {

constexpr std::size_t chunk_bytes = 4U << 20U;
constexpr std::size_t most_rows = 32768;
constexpr std::size_t cell_overhead = 64;

std::size_t size_of(const Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value)) {
        return text->size();
    }
    const auto* const blob = std::get_if<Blob>(&value);
    return blob == nullptr ? sizeof(double) : blob->bytes.size();
}

}  // namespace

std::size_t rows_in_chunk(std::span<const std::vector<Value>> rows) {
    std::vector<std::size_t> widest;
    std::size_t width = 0;
    std::size_t count = 0;
    for (const std::vector<Value>& row : rows.first(std::min(rows.size(), most_rows))) {
        if (widest.size() < row.size()) {
            width += (row.size() - widest.size()) * cell_overhead;
            widest.resize(row.size());
        }
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::size_t size = size_of(row[i]);
            width += size > widest[i] ? size - widest[i] : 0;
            widest[i] = std::max(widest[i], size);
        }
        if (count > 0 && (count + 1) * width > chunk_bytes) {
            break;
        }
        ++count;
    }
    return count;
}

}  // namespace majed::driver::oracle
