/// Audit records as rows: one connection, one transaction per batch.
///
/// Why      The disk half of the trail, apart from its threads and queues.
/// Life     Owned by the trail's writer thread.
/// Threads  One at a time.
/// Not here Queueing, waiting and counting (audit_trail.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "audit/record_leaf.h"
#include "audit/tree_writer.h"
#include "driver/sqlite/database.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace majed::audit {

struct QueuedRecord {
    AuditRecord record;
    std::chrono::system_clock::time_point when;
    std::size_t waiter = no_waiter;  ///< Slot of the strict caller that waits for it.

    static constexpr std::size_t no_waiter = SIZE_MAX;
};

class RecordWriter {
public:
    /// Errors: not_found (no such file), unavailable (cannot be opened, or holds no audit table).
    [[nodiscard]] static Result<RecordWriter> open(const AuditOptions& options);

    /// Appends a gap record when `lost` is not 0, then the batch, in one transaction that is on disk when this
    /// returns. An element of the answer is the error of that record alone (a value SQLite refuses).
    /// Errors: unavailable; then nothing of the batch is written.
    [[nodiscard]] Result<std::vector<std::optional<Error>>> write(std::span<const QueuedRecord> batch,
                                                                  std::uint64_t lost);
    /// A head for what has none, in a transaction of its own. Errors: unavailable.
    [[nodiscard]] Result<void> sign();
    [[nodiscard]] const TreeWriter& tree() const noexcept { return tree_; }

private:
    RecordWriter(driver::sqlite::Database connection, driver::sqlite::Statement insert,
                 TreeWriter tree) noexcept;
    [[nodiscard]] Result<void> insert(const AuditRecord& record, std::chrono::system_clock::time_point when);
    /// All or nothing, and on disk when it returns. Errors: as write.
    [[nodiscard]] Result<std::vector<std::optional<Error>>> commit(std::span<const QueuedRecord> batch,
                                                                   std::uint64_t lost,
                                                                   TreeWriter::Signing signing);
    [[nodiscard]] Result<std::vector<std::optional<Error>>> write_in_transaction(
        std::span<const QueuedRecord> batch, std::uint64_t lost, TreeWriter::Signing signing);
    [[nodiscard]] Result<std::vector<std::optional<Error>>> insert_all(std::span<const QueuedRecord> batch,
                                                                       std::uint64_t lost);

    driver::sqlite::Database connection_;
    driver::sqlite::Statement insert_;  ///< After the connection: must die first.
    TreeWriter tree_;                   ///< Likewise.
    std::vector<Value> cells_;
    RecordLeaf leaf_;
};

}  // namespace majed::audit
