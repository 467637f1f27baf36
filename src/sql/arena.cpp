// SPDX-License-Identifier: Apache-2.0
#include "sql/arena.h"

#include <algorithm>
#include <cstring>

namespace majed::sql {
namespace {
constexpr std::size_t chunk_bytes = std::size_t{32} * 1024;
}

void* Arena::allocate(std::size_t size, std::size_t alignment) {
    std::size_t at = (used_ + alignment - 1) & ~(alignment - 1);
    if (chunks_.empty() || at + size > chunks_.back().size) {
        const std::size_t bytes = std::max(chunk_bytes, size);
        // Not make_unique: it would write zeros over memory that every node overwrites.
        chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(bytes), bytes});
        at = 0;
    }
    used_ = at + size;
    return chunks_.back().bytes.get() + at;
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* bytes = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
}

void Arena::clear() noexcept {
    if (chunks_.size() > 1) chunks_.erase(chunks_.begin() + 1, chunks_.end());
    used_ = 0;
}

}  // namespace majed::sql
