// SPDX-License-Identifier: Apache-2.0
#include "rewrite/splice.h"

#include "sql/lexer.h"

#include <algorithm>

namespace majed::rewrite {

bool Splicer::touches(sql::Span span) const noexcept {
    return std::any_of(edits_.begin(), edits_.end(), [span](const Edit& edit) {
        return edit.span.begin >= span.begin && edit.span.end <= span.end;
    });
}

namespace {

/// Would two pieces, put side by side, read as one word or one quoted text?
bool runs_together(char left, char right) noexcept {
    const bool quote = left == '"' || left == '\'' || left == '`';
    return (quote && left == right) || (sql::continues_word(left) && sql::continues_word(right));
}

void append(std::string& result, std::string_view piece) {
    if (piece.empty()) return;
    if (!result.empty() && runs_together(result.back(), piece.front())) result += ' ';
    result += piece;
}

}  // namespace

std::string Splicer::apply(std::string_view text) {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
    std::size_t size = text.size();
    for (const Edit& edit : edits_) size += edit.text.size() + 2;
    std::string result;
    result.reserve(size);
    std::uint32_t copied = 0;
    for (const Edit& edit : edits_) {
        append(result, text.substr(copied, edit.span.begin - copied));
        append(result, edit.text);
        copied = edit.span.end;
    }
    append(result, text.substr(copied));
    return result;
}

}  // namespace majed::rewrite
