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
    for (std::size_t i = 0; i < edits_.size(); ++i)
        edits_[i].end = i + 1 < edits_.size() ? edits_[i + 1].begin : texts_.size();
    std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) {
        return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.place < b.place;
    });
    const std::string_view texts = texts_;
    std::string result;
    result.reserve(text.size() + texts.size() + edits_.size() * 2);
    std::uint32_t copied = 0;
    for (const Edit& edit : edits_) {
        append(result, text.substr(copied, edit.span.begin - copied));
        append(result, texts.substr(edit.begin, edit.end - edit.begin));
        copied = edit.span.end;
    }
    append(result, text.substr(copied));
    edits_.clear();
    texts_.clear();
    return result;
}

}  // namespace majed::rewrite
