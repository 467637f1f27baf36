/// Does a text that was made by splicing still hold the text it was made of?
///
/// Why      What a user wrote must reach the server byte for byte, but for the places where a rule was put.
/// Life     A free function.
/// Threads  Pure.
/// Not here What may be put in (postgres_rewrite_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace majed::fuzz {

/// Can `made` be had from `text` by putting words in and taking words of `replaceable`, in any case, out? Blanks between
/// two words that stayed together must be those of `text`. A word is a run of letters and digits, or any other byte.
[[nodiscard]] bool keeps_text(std::string_view text, std::string_view made,
                              const std::set<std::string>& replaceable);

}  // namespace majed::fuzz
