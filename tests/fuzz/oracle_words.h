/// A text of Oracle cut into words, by hand: for judges that must not ask our own lexer.
///
/// Why      No parser of Oracle's can be had; where its quotes and comments end is simple enough to be read twice.
/// Life     Values.
/// Threads  Pure.
/// Not here What the words mean (oracle_reads.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

enum class OracleWordKind : std::uint8_t {
    name,    ///< In capitals, as it is found; `quoted` as it stands.
    quoted,  ///< Without its quotes.
    bind,    ///< `:NAME`
    other,   ///< Strings and numbers as they are written, each other character alone.
};

struct OracleWord {
    OracleWordKind kind = OracleWordKind::other;
    std::string text = {};

    [[nodiscard]] bool is(std::string_view what) const {
        return kind != OracleWordKind::quoted && text == what;
    }
    [[nodiscard]] bool is_name() const {
        return kind == OracleWordKind::name || kind == OracleWordKind::quoted;
    }
    /// A name in quotes and one in capitals are the same name.
    friend bool operator==(const OracleWord& a, const OracleWord& b) {
        return a.text == b.text && (a.kind == b.kind || (a.is_name() && b.is_name()));
    }
};

/// Without blanks and comments.
[[nodiscard]] std::vector<OracleWord> oracle_words(std::string_view text);

}  // namespace majed::fuzz
