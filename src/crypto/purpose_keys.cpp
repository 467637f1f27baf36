// SPDX-License-Identifier: Apache-2.0
#include "crypto/purpose_keys.h"

#include "crypto/digest.h"
#include "crypto/hkdf.h"

#include <algorithm>
#include <string>

namespace majed::crypto {
namespace {

// Part of what every key derives from: to change it is to lose what is encrypted.
constexpr std::string_view label = "majed-fernet-purpose-v1";
constexpr std::size_t purpose_key_size = 32;
constexpr std::size_t prefix_size = 4;
static_assert(prefix_size + label.size() + PurposeKeys::max_purpose_size <= max_hkdf_info);

Error wrong(std::string_view what) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::string(what)};
}

/// Its length before each part, so that no two lists of parts look alike.
void append_part(std::string& info, std::string_view part) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (unsigned shift = 32; shift > 0;) info.push_back(static_cast<char>(size >> (shift -= 8) & 0xFFU));
    info.append(part);
}

Result<std::string> info_of(const Purpose& purpose) {
    if (purpose.empty()) return wrong("the purpose of a key has no part");
    std::string info;
    append_part(info, label);
    std::size_t left = PurposeKeys::max_purpose_size;
    for (const std::string_view part : purpose) {
        if (part.empty()) return wrong("a part of the purpose of a key is empty");
        if (left < prefix_size || part.size() > left - prefix_size) {
            return wrong("the purpose of a key is too long");
        }
        left -= prefix_size + part.size();
        append_part(info, part);
    }
    return info;
}

}  // namespace

Result<PurposeKeys> PurposeKeys::from_roots(std::vector<Secret> roots) {
    if (roots.empty()) return wrong("no root secret to derive keys from");
    if (roots.size() > KeyRing::max_keys) return wrong("too many root secrets to derive keys from");
    for (auto root = roots.begin(); root != roots.end(); ++root) {
        if (root->reveal().size() < min_root_size) return wrong("a root secret has at least 32 bytes");
        const auto same = [&](const Secret& other) {
            return equal_constant_time(root->reveal(), other.reveal());
        };
        if (std::any_of(roots.begin(), root, same)) return wrong("a root secret stands twice");
    }
    return PurposeKeys(std::move(roots));
}

Result<PurposeKeys> PurposeKeys::from_root(Secret root) {
    std::vector<Secret> roots;
    roots.push_back(std::move(root));
    return from_roots(std::move(roots));
}

Result<KeyRing> PurposeKeys::ring_for(const Purpose& purpose) const {
    MAJED_TRY_ASSIGN(const std::string info, info_of(purpose));
    if (roots_.empty())
        return Error{.code = ErrorCode::internal, .message = "purpose keys were used after a move"};
    std::vector<Fernet> keys;
    keys.reserve(roots_.size());
    for (const Secret& root : roots_) {
        const HkdfContext context{.salt = {}, .info = bytes_of(info)};
        MAJED_TRY_ASSIGN(const Secret key, hkdf_sha256(bytes_of(root.reveal()), context, purpose_key_size));
        MAJED_TRY_ASSIGN(Fernet fernet, Fernet::from_bytes(key));
        keys.push_back(std::move(fernet));
    }
    return KeyRing::create(std::move(keys));
}

}  // namespace majed::crypto
