/// Edits to a text, applied in one pass; everything not edited stays byte for byte.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

class Splicer {
public:
    /// `memory`: for the edits until they are applied.
    explicit Splicer(std::pmr::memory_resource* memory = std::pmr::get_default_resource())
        : edits_(memory), texts_(memory) {}

    void replace(sql::Span span, std::string_view text) { replacing(span) += text; }
    void insert(std::uint32_t at, std::string_view text) { replacing({at, at}) += text; }

    /// To be added to, until the next edit, what will stand instead of `span`.
    [[nodiscard]] std::pmr::string& replacing(sql::Span span) {
        edits_.push_back({span, texts_.size(), edits_.size(), 0});
        return texts_;
    }
    [[nodiscard]] std::pmr::string& inserting(std::uint32_t at) { return replacing({at, at}); }

    /// Is there an edit inside `span`?
    [[nodiscard]] bool touches(sql::Span span) const noexcept;
    /// Bytes of all texts that will stand instead of others.
    [[nodiscard]] std::size_t added() const noexcept { return texts_.size(); }
    [[nodiscard]] bool empty() const noexcept { return edits_.empty(); }

    /// `text` with all edits; insertions at one place keep the order they were added in. Once: the edits are gone then.
    [[nodiscard]] std::string apply(std::string_view text);

private:
    struct Edit {
        sql::Span span;
        std::size_t begin = 0;  // of its text
        std::size_t place = 0;  // among all edits
        std::size_t end = 0;
    };
    std::pmr::vector<Edit> edits_;
    std::pmr::string texts_;
};

}  // namespace majed::rewrite
