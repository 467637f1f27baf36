/// Cuts a statement of Oracle's dialect into tokens.
///
/// Why      Translation, binds, statement kinds and the script's patterns all read tokens, none reads characters.
/// Life     The tokens own their text.
/// Threads  Any.
/// Not here What the tokens mean: sql_translation.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oracle_error.h"

namespace majed::oci_double {

enum class TokenKind : std::uint8_t { word, quoted_name, number, text, bind, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    /// Words and binds in upper case, names and texts without their quotes, binds without the colon.
    std::string text;
    /// Bytes of the statement.
    std::size_t begin = 0;
    std::size_t end = 0;

    bool is(std::string_view word) const { return kind == TokenKind::word && text == word; }
    bool is_symbol(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }
    bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted_name; }
};

struct ScannedSql {
    /// Ends with one token of kind end.
    std::vector<Token> tokens;
    /// What stood in comments that begin with "double:".
    std::vector<std::string> hints;
    Failure problem;
};

ScannedSql scan_sql(std::string_view sql);

/// Tokens with one space between them: SELECT NAME FROM T WHERE ID = :1.
std::string normalised(const std::vector<Token>& tokens);

std::string upper(std::string_view text);

}  // namespace majed::oci_double
