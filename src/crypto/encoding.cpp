// SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.h"

#include "crypto/wipe.h"

#include <sodium.h>

namespace majed::crypto {
namespace {

constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr int padded_base64url = sodium_base64_VARIANT_URLSAFE;

std::string encode(BytesView bytes, int variant) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
    text.pop_back();
    return text;
}

/// libsodium 1.0.18 reads every byte from 0x80 on as the last character of the alphabet. Looks at all bytes,
/// whatever they are: the text may be a key.
bool is_ascii(std::string_view text) {
    unsigned bits = 0;
    for (const char character : text) bits |= static_cast<unsigned char>(character);
    return bits < 0x80;
}

std::optional<Bytes> decode(std::string_view text, int variant) {
    if (!is_ascii(text)) return std::nullopt;
    Bytes bytes(text.size() / 4 * 3 + 3);
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length, &end,
                          variant) != 0 ||
        end != text.data() + text.size()) {
        wipe(bytes);  // It may have been most of a key.
        return std::nullopt;
    }
    bytes.resize(length);
    return bytes;
}

}  // namespace

BytesView bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string to_hex(BytesView bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes bytes(text.size() / 2 + 1);  // Never empty: libsodium takes no null pointer.
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length, &end) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(length);
    return bytes;
}

std::string to_base64url(BytesView bytes) {
    return encode(bytes, base64url);
}

std::optional<Bytes> from_base64url(std::string_view text) {
    return decode(text, base64url);
}

std::string to_padded_base64url(BytesView bytes) {
    return encode(bytes, padded_base64url);
}

std::optional<Bytes> from_padded_base64url(std::string_view text) {
    return decode(text, padded_base64url);
}

}  // namespace majed::crypto
