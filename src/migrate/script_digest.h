/// The digest of a token stream, which comments, blanks and the case of keywords leave as it is.
///
/// Why      A migration that was reformatted is not a migration that was changed.
/// Life     A value; one statement at a time.
/// Threads  One.
/// Not here What is a token (script_lexer.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/script_lexer.h"

#include <string>
#include <string_view>

namespace majed::migrate {

/// SHA-256 over its tokens, each behind the number of its bytes (LEB128), so that no two streams are one.
class TokenDigest {
public:
    void take(const Lexer& lexer, const Token& token);
    /// Bytes that count as they are.
    void take_exactly(std::string_view bytes);
    /// 64 hexadecimal digits; what was taken is forgotten.
    [[nodiscard]] std::string finish();

private:
    std::string stream_;
};

}  // namespace majed::migrate
