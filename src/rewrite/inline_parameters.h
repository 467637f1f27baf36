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

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::rewrite {

class InlineParameters {
public:
    /// `taken`: `$1` to this are the caller's.
    explicit InlineParameters(std::size_t taken) noexcept : taken_(taken) {}

    /// The text with a parameter of its own in each gap, and `row` where the row's name belongs.
    [[nodiscard]] std::string fill(const GappedText& text, std::string_view row = {});
    [[nodiscard]] std::size_t highest() const noexcept { return taken_ + attributes_.size(); }
    [[nodiscard]] std::vector<driver::AttributeParameter> take() && { return std::move(attributes_); }

private:
    std::size_t taken_;
    std::vector<driver::AttributeParameter> attributes_;
};

}  // namespace majed::rewrite
