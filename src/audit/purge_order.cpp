// SPDX-License-Identifier: Apache-2.0
#include "audit/purge_order.h"

#include "crypto/encoding.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace majed::audit {
namespace {

/// A head, which the same key signs, begins otherwise.
constexpr std::string_view order_tag = "majed-audit-purge-v1";

/// Each part behind its length: no two orders have the same bytes.
crypto::Bytes bytes_of_order(const PurgeOrder& order) {
    crypto::Bytes bytes;
    const auto add = [&bytes](std::string_view part) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<std::uint8_t>(part.size() >> static_cast<unsigned>(shift)));
        }
        bytes.insert(bytes.end(), part.begin(), part.end());
    };
    add(order_tag);
    add(order.log_id);
    add(order.event_id);
    add(std::to_string(order.through));
    add(order.before);
    return bytes;
}

}  // namespace

std::string signature_of(const PurgeOrder& order, const crypto::SigningKey& key) {
    return crypto::to_base64url(key.sign(bytes_of_order(order)));
}

bool is_signed(const PurgeOrder& order, std::string_view signature, const crypto::VerifyingKey& key) {
    const auto bytes = crypto::from_base64url(signature);
    crypto::Signature read{};
    if (!bytes || bytes->size() != read.size()) return false;
    std::ranges::copy(*bytes, read.begin());
    return key.accepts(bytes_of_order(order), read);
}

std::optional<std::int64_t> record_id_from(std::string_view text) {
    std::int64_t id = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, id);
    if (error != std::errc() || end != last || id <= 0 || std::to_string(id) != text) return {};
    return id;
}

}  // namespace majed::audit
