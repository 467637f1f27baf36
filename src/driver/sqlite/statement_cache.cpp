// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/statement_cache.h"

namespace majed::driver::sqlite {

PreparedStatement* StatementCache::find(std::uint64_t id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
}

PreparedStatement* StatementCache::put(std::uint64_t id, PreparedStatement prepared) {
    if (const auto known = by_id_.find(id); known != by_id_.end()) {
        entries_.erase(known->second);
        by_id_.erase(known);
    }
    while (entries_.size() >= capacity_ && !entries_.empty()) {
        by_id_.erase(entries_.back().first);
        entries_.pop_back();
    }
    entries_.emplace_front(id, std::move(prepared));
    by_id_.emplace(id, entries_.begin());
    return &entries_.front().second;
}

void StatementCache::abandon() noexcept {
    for (auto& [id, prepared] : entries_) {
        static_cast<void>(prepared.statement.release());
    }
}

}  // namespace majed::driver::sqlite
