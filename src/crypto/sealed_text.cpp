// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealed_text.h"

#include <algorithm>
#include <cstdint>

namespace majed::crypto {
namespace {

// The plaintext: the row id after its length in four bytes, most significant first, then the text.
constexpr std::size_t row_id_prefix = 4;

bool is_row_id(std::string_view row_id) {
    return !row_id.empty() && row_id.size() <= TextSeal::max_row_id_size;
}

std::string head_of(std::string_view row_id) {
    std::string head;
    const auto size = static_cast<std::uint32_t>(row_id.size());
    for (unsigned shift = 32; shift > 0;) head.push_back(static_cast<char>(size >> (shift -= 8) & 0xFFU));
    head.append(row_id);
    return head;
}

}  // namespace

// One for every cause: whether the row, the column, the key or the bytes are wrong is nobody's to know.
Error TextSeal::not_opened() {
    return Error{.code = ErrorCode::invalid_argument, .message = "the sealed text cannot be opened"};
}

Result<TextSeal> TextSeal::create(const PurposeKeys& keys, const SealedColumn& column) {
    MAJED_TRY_ASSIGN(KeyRing ring, keys.ring_for({"store", column.table, column.column}));
    return TextSeal(std::move(ring));
}

Result<std::string> TextSeal::seal(std::string_view row_id, std::string_view text, FernetTime now) const {
    if (!is_row_id(row_id)) {
        return Error{.code = ErrorCode::invalid_argument, .message = "a text is sealed for a row with an id"};
    }
    if (text.size() > max_fernet_plaintext) {
        return Error{.code = ErrorCode::too_large, .message = "the text is too long to be sealed"};
    }
    std::string plaintext;
    plaintext.reserve(row_id_prefix + row_id.size() +
                      text.size());  // One allocation: no copy is left behind.
    plaintext.append(head_of(row_id)).append(text);
    const Secret whole(std::move(plaintext));
    return keys_.encrypt(bytes_of(whole.reveal()), now);
}

Result<Secret> TextSeal::open(std::string_view row_id, std::string_view sealed) const {
    const auto plaintext = keys_.decrypt(sealed);
    if (!plaintext) {
        return plaintext.error().code == ErrorCode::internal ? plaintext.error() : not_opened();
    }
    const std::string_view whole = plaintext->reveal();
    // With its length before it, no row id is the beginning of another.
    if (!is_row_id(row_id) || !whole.starts_with(head_of(row_id))) return not_opened();
    return Secret(std::string(whole.substr(row_id_prefix + row_id.size())));
}

Result<std::optional<std::string>> TextSeal::reseal(std::string_view row_id, std::string_view sealed) const {
    MAJED_TRY(open(row_id, sealed));
    MAJED_TRY_ASSIGN(const bool needed, keys_.needs_rotation(sealed));
    if (!needed) return std::optional<std::string>();
    MAJED_TRY_ASSIGN(std::string again, keys_.rotate(sealed));
    return std::optional(std::move(again));
}

Result<std::size_t> TextSeal::key_of(std::string_view sealed) const {
    const auto id = keys_.key_id_of(sealed);
    if (!id) return id.error().code == ErrorCode::internal ? id.error() : not_opened();
    const auto ids = keys_.ids();
    return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), *id) - ids.begin());
}

}  // namespace majed::crypto
