// SPDX-License-Identifier: Apache-2.0
#include "migrate/ledger_row.h"

#include "crypto/digest.h"
#include "crypto/encoding.h"

#include <array>

namespace majed::migrate {

std::string_view name_of(LedgerState state) noexcept {
    constexpr std::array<std::string_view, 5> names{"applied", "running", "failed", "undone", "baseline"};
    return names.at(static_cast<std::size_t>(state));
}

std::string extended_digest(std::string_view before, const ScriptStatement& next) {
    // Both are of fixed length, so nothing needs to stand between them.
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(std::string(before) + next.tokens_digest)));
}

std::string progress_digest(std::span<const ScriptStatement> applied) {
    std::string digest;
    for (const ScriptStatement& statement : applied) {
        digest = extended_digest(digest, statement);
    }
    return digest;
}

}  // namespace majed::migrate
