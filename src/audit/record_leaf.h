/// A stored audit record as the bytes that are hashed: its leaf in the tree.
///
/// Why      Who writes a record and who checks it later must hash the same bytes, and no two records may have the same.
/// Life     One buffer, used again for each record.
/// Threads  One at a time.
/// Not here The tree (tree_writer.h, crypto/merkle_tree.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"
#include "crypto/digest.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace majed::audit {

/// The columns of audit_log that are hashed, in this order, which may never change.
inline constexpr std::string_view hashed_columns =
    "id, event_id, phase, user_id, username, role, action, resource, resource_id, details, ip_address, "
    "user_agent, request_id, timestamp, success, error_message";
inline constexpr int hashed_column_count = 16;

/// `majed-audit-record-v1`, then every cell: a letter for its storage class (`n`, `i`, `r`, `t`, `b`), the length of its
/// bytes as 8 bytes, the bytes; numbers as 8 bytes; all of them most significant first.
class RecordLeaf {
public:
    void clear();
    /// As SQLite stores it: a truth value is an integer there.
    void add(const ValueView& cell);
    [[nodiscard]] crypto::Digest hash() const;

private:
    void add(char storage_class, std::string_view bytes);
    void add(char storage_class, std::uint64_t number);
    void append(std::uint64_t number);

    std::vector<std::uint8_t> bytes_;
};

}  // namespace majed::audit
