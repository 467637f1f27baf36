/// Edits to a text, applied in one pass; everything not edited stays byte for byte.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

class Splicer {
public:
    void replace(sql::Span span, std::string text) { edits_.push_back({span, std::move(text)}); }
    void insert(std::uint32_t at, std::string text) { edits_.push_back({{at, at}, std::move(text)}); }

    /// Is there an edit inside `span`?
    [[nodiscard]] bool touches(sql::Span span) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return edits_.empty(); }

    /// `text` with all edits; insertions at one place keep the order they were added in.
    [[nodiscard]] std::string apply(std::string_view text);

private:
    struct Edit {
        sql::Span span;
        std::string text;
    };
    std::vector<Edit> edits_;
};

}  // namespace majed::rewrite
