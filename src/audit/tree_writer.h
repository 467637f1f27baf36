/// Grows the tree over the audit's records inside the transaction that writes them, and signs its heads.
///
/// Why      A record and its place in the tree are one commit: none is without the other, whatever happens.
/// Life     Owned by RecordWriter, over its connection.
/// Threads  One at a time. Several processes may grow one tree: it is read anew in each transaction.
/// Not here Checking it (trail_verification.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "audit/record_leaf.h"
#include "core/deadline.h"
#include "crypto/merkle_tree.h"
#include "driver/sqlite/database.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::audit {

class TreeWriter {
public:
    enum class Signing { when_due, now };

    /// Errors: unavailable (the tables are not there).
    [[nodiscard]] static Result<TreeWriter> open(driver::sqlite::Database& connection,
                                                 const AuditOptions& options);

    // In a transaction that writes, in this order. Errors: of the database; internal (the tree was tampered with, so that
    // it cannot grow).
    /// Reads the tree as the last commit left it. The first time of a store, takes in the records that are there already.
    [[nodiscard]] Result<void> catch_up();
    [[nodiscard]] Result<void> append(std::int64_t record_id, const crypto::Digest& leaf);
    [[nodiscard]] Result<void> conclude(Signing signing, std::chrono::system_clock::time_point now);

    /// After the commit: puts the new head into the second file. What cannot be written there is kept for the next time.
    void file_heads();

    /// Whether records are in the tree that no head vouches for, as this process knows.
    [[nodiscard]] bool has_unsigned() const noexcept { return signing_key_ != nullptr && unsigned_; }
    /// When the next head is to be made.
    [[nodiscard]] SteadyClock::time_point due_at() const noexcept { return due_at_; }
    /// A head could not be made: the next try comes when the next would have been due.
    void postpone() noexcept;
    [[nodiscard]] std::size_t unfiled() const noexcept { return unfiled_.size(); }

private:
    struct Statements {
        driver::sqlite::Statement read_tree;
        driver::sqlite::Statement write_tree;
        driver::sqlite::Statement insert_leaf;
        driver::sqlite::Statement last_head;
        driver::sqlite::Statement insert_head;
        driver::sqlite::Statement records;
    };

    TreeWriter(Statements statements, const AuditOptions& options);
    /// False: the store has none yet.
    [[nodiscard]] Result<bool> read_tree();
    [[nodiscard]] Result<void> begin_tree();
    [[nodiscard]] Result<void> sign(std::chrono::system_clock::time_point now);

    Statements sql_;
    std::shared_ptr<const crypto::SigningKey> signing_key_;
    std::string heads_path_;
    std::chrono::milliseconds sign_every_;

    crypto::MerkleFrontier tree_;
    std::string log_id_;
    std::uint64_t signed_size_ = 0;
    bool unsigned_ = false;
    bool grown_ = false;                ///< In this transaction.
    SteadyClock::time_point due_at_{};  ///< The first head of a process is due at once.
    std::string new_head_;
    std::vector<std::string> unfiled_;
    RecordLeaf leaf_;
};

}  // namespace majed::audit
