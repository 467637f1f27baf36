// SPDX-License-Identifier: Apache-2.0
#include "rewrite/splice.h"

#include <algorithm>

namespace majed::rewrite {

bool Splicer::touches(sql::Span span) const noexcept {
    return std::any_of(edits_.begin(), edits_.end(), [span](const Edit& edit) {
        return edit.span.begin >= span.begin && edit.span.end <= span.end;
    });
}

std::string Splicer::apply(std::string_view text) {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
    std::size_t size = text.size();
    for (const Edit& edit : edits_) size += edit.text.size();
    std::string result;
    result.reserve(size);
    std::uint32_t copied = 0;
    for (const Edit& edit : edits_) {
        result.append(text.substr(copied, edit.span.begin - copied));
        result.append(edit.text);
        copied = edit.span.end;
    }
    result.append(text.substr(copied));
    return result;
}

}  // namespace majed::rewrite
