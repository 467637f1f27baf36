// SPDX-License-Identifier: Apache-2.0
#include "sql/arena.h"

#include <algorithm>
#include <cstring>

namespace majed::sql {
namespace {
constexpr std::size_t chunk_bytes = std::size_t{32} * 1024;
constexpr std::size_t kept_chunks = 8;
}  // namespace

void* Arena::take(std::size_t size, std::size_t alignment) {
    std::size_t at = (used_ + alignment - 1) & ~(alignment - 1);
    if (chunks_.empty() || at + size > chunks_[current_].size) {
        const bool kept = current_ + 1 < chunks_.size() && size <= chunks_[current_ + 1].size;
        if (!kept) {
            // Those behind are too small.
            chunks_.resize(std::min(chunks_.size(), current_ + 1));
            const std::size_t bytes = std::max(chunk_bytes, size);
            // Not make_unique: it would write zeros over memory that every node overwrites.
            chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(bytes), bytes});
        }
        current_ = chunks_.size() == 1 ? 0 : current_ + 1;
        at = 0;
    }
    used_ = at + size;
    return chunks_[current_].bytes.get() + at;
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* bytes = static_cast<char*>(take(text.size(), 1));
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
}

void Arena::clear() noexcept {
    std::size_t bytes = 0;
    std::size_t kept = 0;
    while (kept < chunks_.size() && bytes + chunks_[kept].size <= kept_chunks * chunk_bytes)
        bytes += chunks_[kept++].size;
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(kept), chunks_.end());
    current_ = 0;
    used_ = 0;
}

}  // namespace majed::sql
