/// Memory for one syntax tree: handed out in sequence, freed together, reused for the next statement.
///
/// Why      A statement is a hundred small nodes that die at once; the heap would cost more than the parse.
/// Life     Nodes live until `clear` or the arena's end. Only trivially destructible types.
/// Threads  One thread at a time.
/// Not here Limits on how many nodes a statement may have (parser.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace majed::sql {

class Arena {
public:
    Arena() = default;
    Arena(Arena&&) noexcept = default;
    Arena& operator=(Arena&&) noexcept = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() = default;

    template <class T, class... Arguments>
    [[nodiscard]] T* make(Arguments&&... arguments) {
        static_assert(std::is_trivially_destructible_v<T>);
        return ::new (allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
    }

    /// An array of `count` default-made T.
    template <class T>
    [[nodiscard]] T* make_array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
        for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T{};
        return first;
    }

    /// A copy of `text` that lives as long as the nodes.
    [[nodiscard]] std::string_view copy(std::string_view text);

    /// Forgets every node; keeps the memory of the first chunk.
    void clear() noexcept;

private:
    [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);

    struct Chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size = 0;
    };
    std::vector<Chunk> chunks_;
    std::size_t used_ = 0;  // in the last chunk
};

}  // namespace majed::sql
