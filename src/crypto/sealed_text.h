/// Text that is stored encrypted, and opens only in the row and the column it was sealed for.
///
/// Why      Fernet cannot tell where a token lies: whoever can write the store could show one row's text in another.
/// Life     Move-only; owns the keys of one column. One that was moved from refuses everything.
/// Threads  All methods are const and may be called from any thread.
/// Not here Walking through the rows to reseal them (their owner), where the keys come from (key_file.h).
///
/// Who can write the store can still put back an older text of the same row, or take one out: that is the audit's to
/// find. How long a text is, and when it was sealed, is not hidden.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/key_ring.h"
#include "crypto/purpose_keys.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace majed::crypto {

/// Where a sealed text lies. Another name for a table or a column is another key: what was sealed is lost with it.
struct SealedColumn {
    std::string_view table;
    std::string_view column;
};

class TextSeal {
public:
    /// Ids are numbers or random names.
    static constexpr std::size_t max_row_id_size = 256;

    /// For the purpose {"store", table, column}. Errors: as PurposeKeys::ring_for.
    [[nodiscard]] static Result<TextSeal> create(const PurposeKeys& keys, const SealedColumn& column);

    /// What `open`, `reseal` and `key_of` answer of a text that does not open, whatever the cause.
    [[nodiscard]] static Error not_opened();

    /// A row id that is used again for another row makes the two one. Errors: invalid_argument (an empty or long row
    /// id), too_large (text of nearly max_fernet_plaintext), internal.
    [[nodiscard]] Result<std::string> seal(std::string_view row_id, std::string_view text,
                                           FernetTime now) const;
    /// Errors: invalid_argument, the same for every cause; internal.
    [[nodiscard]] Result<Secret> open(std::string_view row_id, std::string_view sealed) const;
    /// The same text under the newest key, sealed when it was; nullopt when it is under that key already.
    /// Errors: as open, whether or not there is something to do.
    [[nodiscard]] Result<std::optional<std::string>> reseal(std::string_view row_id,
                                                            std::string_view sealed) const;

    /// The place of its key among the keys, 0 for the newest; whether it opens in any row is not asked.
    /// Errors: as open.
    [[nodiscard]] Result<std::size_t> key_of(std::string_view sealed) const;

private:
    explicit TextSeal(KeyRing keys) noexcept : keys_(std::move(keys)) {}
    KeyRing keys_;
};

}  // namespace majed::crypto
