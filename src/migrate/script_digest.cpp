// SPDX-License-Identifier: Apache-2.0
#include "migrate/script_digest.h"

#include "core/ascii.h"
#include "crypto/digest.h"
#include "crypto/encoding.h"

#include <algorithm>
#include <cstddef>

namespace majed::migrate {
namespace {

/// Without the `\r` of line ends.
std::string with_plain_line_ends(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
            plain += text[i];
        }
    }
    return plain;
}

}  // namespace

void TokenDigest::take(const Lexer& lexer, const Token& token) {
    std::string text = with_plain_line_ends(lexer.of(token));
    std::size_t folded = 0;
    if (token.kind == TokenKind::word || token.kind == TokenKind::number) {
        folded = text.size();
    } else if (token.kind == TokenKind::text) {
        folded = std::min(text.find_first_of("'$"), text.size());
    } else if (token.kind == TokenKind::name) {
        folded = text.front() == 'U' ? 1 : 0;
    }
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(folded), text.begin(),
                   [](char c) { return ascii_lower(c); });
    take_exactly(text);
}

void TokenDigest::take_exactly(std::string_view bytes) {
    std::size_t length = bytes.size();
    for (; length >= 0x80U; length >>= 7U) {
        stream_ += static_cast<char>((length & 0x7FU) | 0x80U);
    }
    stream_ += static_cast<char>(length);
    stream_ += bytes;
}

std::string TokenDigest::finish() {
    const crypto::Digest digest = crypto::sha256(crypto::bytes_of(stream_));
    stream_.clear();
    return crypto::to_hex(digest);
}

}  // namespace majed::migrate
