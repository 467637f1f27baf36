/// A text made for one look, of names or the like: on the stack, unless it is long.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ascii.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <memory_resource>
#include <string>
#include <string_view>

namespace majed {

class ShortText {
public:
    ShortText() { text_.reserve(room_.size() - 1); }
    explicit ShortText(std::string_view text) : ShortText() { text_ += text; }
    ShortText(const ShortText&) = delete;
    ShortText& operator=(const ShortText&) = delete;
    ShortText(ShortText&&) = delete;
    ShortText& operator=(ShortText&&) = delete;
    ~ShortText() = default;

    /// In lower case, as ASCII has it.
    [[nodiscard]] static ShortText lower(std::string_view text) { return ShortText(text, Lowered()); }

    ShortText& add(std::string_view text) {
        text_ += text;
        return *this;
    }
    ShortText& add(char c) {
        text_ += c;
        return *this;
    }

    ShortText& add(std::size_t number) {
        std::array<char, 20> digits{};
        char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
        text_.append(digits.begin(), end);
        return *this;
    }

    [[nodiscard]] std::string_view view() const noexcept { return text_; }

private:
    struct Lowered {};
    ShortText(std::string_view text, Lowered /*how*/) : ShortText(text) {
        for (char& c : text_) c = ascii_lower(c);
    }

    std::array<std::byte, 192> room_{};
    std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
    std::pmr::string text_{&memory_};
};

}  // namespace majed
