/// The parameters that rules bring into a statement, numbered behind the caller's.
///
/// Why      What a rule asks about the principal is never part of the text.
/// Life     Of one rewriting.
/// Threads  One thread.
/// Not here Their values: they come with each run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/attribute_parameter.h"
#include "rewrite/inline_view.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::rewrite {

class InlineParameters {
public:
    /// `taken`: `$1` to this are the caller's. `before` stands before each number.
    explicit InlineParameters(std::size_t taken, std::string before = "$")
        : taken_(taken), before_(std::move(before)) {}

    /// Makes room for so many.
    void expect(std::size_t parameters) { attributes_.reserve(parameters); }

    /// Adds the text with a parameter of its own in each gap, and `row` where the row's name belongs.
    template <class String>
    void fill_into(String& into, const GappedText& text, std::string_view row = {}) {
        std::size_t copied = 0;
        for (const GappedText::Gap& gap : text.gaps) {
            into.append(text.text, copied, gap.offset - copied);
            copied = gap.offset;
            if (gap.row) {
                into += row;
            } else {
                append_number(gap, into);
            }
        }
        into.append(text.text, copied);
    }
    [[nodiscard]] std::string fill(const GappedText& text, std::string_view row = {});
    [[nodiscard]] std::size_t highest() const noexcept { return taken_ + attributes_.size(); }
    [[nodiscard]] std::vector<driver::AttributeParameter> take() && { return std::move(attributes_); }

private:
    /// `$n`, or as the words before the number are.
    template <class String>
    void append_number(const GappedText::Gap& gap, String& into) {
        attributes_.push_back(gap.attribute);
        std::array<char, 20> digits{};
        char* const end = std::to_chars(digits.begin(), digits.end(), highest()).ptr;
        into.append(before_).append(digits.begin(), end);
    }

    std::size_t taken_;
    std::string before_;
    std::vector<driver::AttributeParameter> attributes_;
};

}  // namespace majed::rewrite
