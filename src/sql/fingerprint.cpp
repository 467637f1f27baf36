// SPDX-License-Identifier: Apache-2.0
#include "sql/fingerprint.h"

#include "core/ascii.h"

#include <cstddef>

namespace majed::sql {
namespace {

bool is_value(TokenKind kind) noexcept {
    return kind == TokenKind::string || kind == TokenKind::blob || kind == TokenKind::integer ||
           kind == TokenKind::real || kind == TokenKind::bind;
}

/// Feeds `emit` the tokens that count; a list of values, `1, 2, 3`, counts as one.
template <class Emit>
void significant(std::span<const Token> tokens, Emit&& emit) {
    for (std::size_t i = 0; i < tokens.size() && tokens[i].kind != TokenKind::end; ++i) {
        if (tokens[i].kind == TokenKind::semicolon) continue;
        emit(tokens[i]);
        if (!is_value(tokens[i].kind)) continue;
        while (i + 2 < tokens.size() && tokens[i + 1].kind == TokenKind::comma &&
               is_value(tokens[i + 2].kind))
            i += 2;
    }
}

bool is_word(const Token& token) noexcept {
    return token.kind == TokenKind::identifier || token.kind == TokenKind::keyword ||
           token.kind == TokenKind::quoted || is_value(token.kind);
}

/// A space keeps two words apart, and reads well around operators and after commas.
bool needs_space(const Token& before, const Token& token) noexcept {
    if (token.kind == TokenKind::comma || token.kind == TokenKind::dot ||
        token.kind == TokenKind::right_paren) {
        return false;
    }
    if (before.kind == TokenKind::dot || before.kind == TokenKind::left_paren) return false;
    if (token.kind == TokenKind::left_paren) return before.kind != TokenKind::identifier;
    return is_word(token) || is_word(before) || before.kind == TokenKind::comma ||
           before.kind == TokenKind::right_paren;
}

}  // namespace

std::uint64_t fingerprint(std::span<const Token> tokens, std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto mix = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
    significant(tokens, [&](const Token& token) {
        if (is_value(token.kind)) {
            mix('?');
        } else if (token.kind == TokenKind::quoted) {
            for (const char c : token.span().in(text)) mix(static_cast<unsigned char>(c));
        } else {
            for (const char c : token.span().in(text)) mix(static_cast<unsigned char>(ascii_lower(c)));
        }
        mix(0);
    });
    return hash;
}

std::string normalized(std::span<const Token> tokens, std::string_view text) {
    std::string result;
    result.reserve(text.size());
    Token before;
    significant(tokens, [&](const Token& token) {
        if (!result.empty() && needs_space(before, token)) result += ' ';
        if (is_value(token.kind)) {
            result += '?';
        } else if (token.kind == TokenKind::quoted) {
            result += token.span().in(text);
        } else {
            for (const char c : token.span().in(text)) result += ascii_lower(c);
        }
        before = token;
    });
    return result;
}

std::string to_hex(std::uint64_t fingerprint) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result(16, '0');
    for (std::size_t i = result.size(); i-- > 0; fingerprint >>= 4U) result[i] = digits[fingerprint & 15U];
    return result;
}

}  // namespace majed::sql
