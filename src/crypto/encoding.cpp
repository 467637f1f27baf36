// SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.h"

#include <sodium.h>

namespace majed::crypto {
namespace {

constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

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
    std::string text(sodium_base64_encoded_len(bytes.size(), base64url), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), base64url);
    text.pop_back();
    return text;
}

std::optional<Bytes> from_base64url(std::string_view text) {
    Bytes bytes(text.size() / 4 * 3 + 3);
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length, &end,
                          base64url) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(length);
    return bytes;
}

}  // namespace majed::crypto
