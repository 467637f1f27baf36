/// A seal for tests, which hides what it seals from a search and knows its place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/detail_seal.h"
#include "crypto/encoding.h"

#include <string>
#include <string_view>

namespace majed::audit {

class FakeDetailSeal final : public DetailSeal {
public:
    bool works = true;

    [[nodiscard]] Result<std::string> seal(std::string_view place, std::string_view text) override {
        MAJED_TRY(prepare());
        return "fake." + crypto::to_hex(crypto::bytes_of(std::string(place) + "|" + std::string(text)));
    }
    [[nodiscard]] Result<Secret> open(std::string_view place, std::string_view sealed) override {
        if (!sealed.starts_with("fake.")) return Error{ErrorCode::not_found, "no such key"};
        const auto bytes = crypto::from_hex(sealed.substr(5));
        const std::string text = bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
        const std::string mark = std::string(place) + "|";
        if (!text.starts_with(mark)) return Error{ErrorCode::invalid_argument, "not for this place"};
        return Secret(text.substr(mark.size()));
    }
    [[nodiscard]] Result<void> prepare() override {
        if (works) return {};
        return Error{ErrorCode::unavailable, "no key: /etc/majed.key"};
    }
};

}  // namespace majed::audit
