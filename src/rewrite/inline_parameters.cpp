// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_parameters.h"

namespace majed::rewrite {

std::string InlineParameters::fill(const GappedText& text, std::string_view row) {
    std::string result;
    fill_into(result, text, row);
    return result;
}

}  // namespace majed::rewrite
