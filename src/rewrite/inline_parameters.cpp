// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_parameters.h"

namespace majed::rewrite {

std::string InlineParameters::fill(const GappedText& text, std::string_view row) {
    std::string result;
    std::size_t copied = 0;
    for (const GappedText::Gap& gap : text.gaps) {
        result.append(text.text, copied, gap.offset - copied);
        copied = gap.offset;
        if (gap.row) {
            result += row;
            continue;
        }
        attributes_.push_back(gap.attribute);
        result += "$" + std::to_string(highest());
    }
    return result.append(text.text, copied);
}

}  // namespace majed::rewrite
