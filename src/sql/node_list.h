/// How nodes of a syntax tree stand in a row, and the names in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace majed::sql {

/// Singly linked list of nodes with a `next` member, in source order.
template <class T>
struct List {
    T* first = nullptr;
    T* last = nullptr;
    std::uint32_t size = 0;

    void append(T* node) noexcept {
        (last != nullptr ? last->next : first) = node;
        last = node;
        ++size;
    }
    [[nodiscard]] bool empty() const noexcept { return first == nullptr; }

    struct Iterator {
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T*;
        using reference = T&;

        T* node = nullptr;
        T& operator*() const noexcept { return *node; }
        Iterator& operator++() noexcept {
            node = node->next;
            return *this;
        }
        Iterator operator++(int) noexcept {
            const Iterator before = *this;
            node = node->next;
            return before;
        }
        friend bool operator==(Iterator, Iterator) = default;
    };
    [[nodiscard]] Iterator begin() const noexcept { return {first}; }
    [[nodiscard]] Iterator end() const noexcept { return {nullptr}; }
};

enum class Quote : std::uint8_t { none, double_quote, backtick, bracket, single_quote };

/// A name as written: `value` has its quotes removed.
struct Name {
    std::string_view value;
    Span span;
    Quote quote = Quote::none;
    [[nodiscard]] bool present() const noexcept { return !span.empty(); }
};

struct NameNode {
    Name name;
    NameNode* next = nullptr;
};

}  // namespace majed::sql
