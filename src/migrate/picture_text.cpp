// SPDX-License-Identifier: Apache-2.0
// Differences of two pictures for people.
#include "migrate/picture.h"
#include "telemetry/safe_text.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace majed::migrate {

namespace {

using Lines = std::vector<std::string_view>;

/// Of lines on either side; above it both definitions are shown whole.
constexpr std::size_t most_compared_lines = 2000;
constexpr std::size_t longest_shown_line = 2000;

Lines lines_of(std::string_view text) {
    Lines lines;
    std::size_t end = text.find('\n');
    for (; end != std::string_view::npos; end = text.find('\n')) {
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    // A line end at the very end is a difference, too.
    lines.push_back(text);
    return lines;
}

std::string shown(std::string_view line) {
    if (line.size() <= longest_shown_line) {
        return telemetry::safe_text(line);
    }
    std::size_t end = longest_shown_line;
    // Not in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return telemetry::safe_text(line.substr(0, end)) + " ... (" + std::to_string(line.size()) + " bytes)";
}

class LineDiff {
public:
    LineDiff(Lines before, Lines after) : before_(std::move(before)), after_(std::move(after)) {}

    std::string text() {
        cut_common_ends();
        if (before_.size() > most_compared_lines || after_.size() > most_compared_lines) {
            return whole();
        }
        measure();
        return walk();
    }

private:
    void cut_common_ends() {
        const auto [old_end, new_end] =
            std::mismatch(before_.begin(), before_.end(), after_.begin(), after_.end());
        before_.erase(before_.begin(), old_end);
        after_.erase(after_.begin(), new_end);
        while (!before_.empty() && !after_.empty() && before_.back() == after_.back()) {
            before_.pop_back();
            after_.pop_back();
        }
    }

    static std::string line(char sign, std::string_view text) {
        return std::string("    ") + sign + ' ' + shown(text) + '\n';
    }

    std::string whole() const {
        std::string text;
        for (const std::string_view old_line : before_) {
            text += line('-', old_line);
        }
        for (const std::string_view new_line : after_) {
            text += line('+', new_line);
        }
        return text;
    }

    /// longest(i, j): length of the longest common subsequence of the lines from i and from j on.
    std::size_t place(std::size_t i, std::size_t j) const { return i * (after_.size() + 1) + j; }
    void measure() {
        longest_.assign((before_.size() + 1) * (after_.size() + 1), 0);
        for (std::size_t i = before_.size(); i-- > 0;) {
            for (std::size_t j = after_.size(); j-- > 0;) {
                longest_[place(i, j)] = before_[i] == after_[j]
                                            ? static_cast<std::uint16_t>(longest_[place(i + 1, j + 1)] + 1)
                                            : std::max(longest_[place(i + 1, j)], longest_[place(i, j + 1)]);
            }
        }
    }

    std::string walk() const {
        std::string text;
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < before_.size() || j < after_.size()) {
            if (i < before_.size() && j < after_.size() && before_[i] == after_[j]) {
                ++i;
                ++j;
            } else if (j == after_.size() ||
                       (i < before_.size() && longest_[place(i + 1, j)] >= longest_[place(i, j + 1)])) {
                text += line('-', before_[i++]);
            } else {
                text += line('+', after_[j++]);
            }
        }
        return text;
    }

    Lines before_;
    Lines after_;
    std::vector<std::uint16_t> longest_;
};

std::string headline(const SchemaDifference& difference) {
    constexpr std::string_view signs = "+-~";
    return std::string(1, signs.at(static_cast<std::size_t>(difference.difference))) + ' ' +
           shown(difference.kind) + ' ' + shown(difference.name) + '\n';
}

}  // namespace

std::string readable(std::span<const SchemaDifference> differences) {
    std::string text;
    for (const SchemaDifference& difference : differences) {
        text += headline(difference);
        if (difference.difference == Difference::altered) {
            text += LineDiff(lines_of(difference.before), lines_of(difference.after)).text();
        }
    }
    return text;
}

}  // namespace majed::migrate
