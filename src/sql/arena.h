/// Memory for one syntax tree: handed out in sequence, freed together, reused for the next statement.
///
/// Why      A statement is a hundred small nodes that die at once; the heap would cost more than the parse.
/// Life     Nodes live until `clear` or the arena's end. Only trivially destructible types. As a memory_resource it serves
///          what is made beside the tree and dies before it: what such a vector leaves as it grows is not used again.
/// Threads  One thread at a time.
/// Not here Limits on how many nodes a statement may have (parser.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace majed::sql {

class Arena final : public std::pmr::memory_resource {
public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    /// What is made with it points to it.
    Arena(Arena&&) = delete;
    Arena& operator=(Arena&&) = delete;
    ~Arena() override = default;

    template <class T, class... Arguments>
    [[nodiscard]] T* make(Arguments&&... arguments) {
        static_assert(std::is_trivially_destructible_v<T>);
        return ::new (take(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
    }

    /// An array of `count` default-made T.
    template <class T>
    [[nodiscard]] T* make_array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        T* first = static_cast<T*>(take(sizeof(T) * count, alignof(T)));
        for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T{};
        return first;
    }

    /// A copy of `text` that lives as long as the nodes.
    [[nodiscard]] std::string_view copy(std::string_view text);

    /// Forgets every node; keeps the memory of the first chunks, which most statements never fill.
    void clear() noexcept;

private:
    [[nodiscard]] void* take(std::size_t size, std::size_t alignment);

    [[nodiscard]] void* do_allocate(std::size_t size, std::size_t alignment) override {
        return take(size, alignment);
    }
    void do_deallocate(void* /*block*/, std::size_t /*size*/, std::size_t /*alignment*/) override {}
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    struct Chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size = 0;
    };
    std::vector<Chunk> chunks_;
    std::size_t current_ = 0;  // the chunk in use
    std::size_t used_ = 0;     // in that chunk
};

}  // namespace majed::sql
