/// A bounded map that forgets what was used least recently.
///
/// Why      Prepared statements and plans are worth keeping, and an unbounded map is a leak that users can drive.
/// Life     Values are destroyed when they are pushed out. A pointer to a value lives until the next `put` or `clear`.
/// Threads  One at a time.
/// Not here Expiry by time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace majed {

template <class Key, class Value>
class LruCache {
public:
    /// Text is looked up without making a string of it.
    using KeyView = std::conditional_t<std::is_same_v<Key, std::string>, std::string_view, Key>;

    explicit LruCache(std::size_t capacity) : capacity_(capacity) {}
    LruCache(const LruCache&) = delete;
    LruCache& operator=(const LruCache&) = delete;
    ~LruCache() = default;

    /// nullptr when it is not kept; else it counts as used now.
    [[nodiscard]] Value* find(KeyView key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) {
            return nullptr;
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->second;
    }

    /// Replaces what was kept under `key`. At least the newest value is kept, whatever the capacity.
    Value* put(Key key, Value value) {
        erase(KeyView(key));
        while (entries_.size() >= capacity_ && !entries_.empty()) {
            erase(KeyView(entries_.back().first));
        }
        entries_.emplace_front(std::move(key), std::move(value));
        by_key_.emplace(KeyView(entries_.front().first), entries_.begin());
        return &entries_.front().second;
    }

    void erase(KeyView key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) {
            return;
        }
        const auto entry = found->second;
        by_key_.erase(found);  // First: its key may be a view into the entry.
        entries_.erase(entry);
    }

    /// The one that `put` would push out next; nullptr unless it would push one out.
    [[nodiscard]] Value* next_out() {
        return entries_.size() >= capacity_ && !entries_.empty() ? &entries_.back().second : nullptr;
    }

    void clear() {
        by_key_.clear();
        entries_.clear();
    }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    /// Calls `visit(value)` for each, most recently used first.
    template <class Visit>
    void for_each(Visit visit) {
        for (auto& [key, value] : entries_) {
            visit(value);
        }
    }

private:
    using Entries = std::list<std::pair<Key, Value>>;
    std::size_t capacity_;
    Entries entries_;  ///< Most recently used first.
    std::unordered_map<KeyView, typename Entries::iterator> by_key_;
};

}  // namespace majed
