/// The append-only record of what was asked and what came of it.
///
/// Why      An intent is on disk before anything runs; an outcome follows; an intent without one is evidence.
/// Life     One per process, over its own connection to the primary store; flushes and stops in its destructor.
/// Threads  All methods may be called from any thread; one writer thread commits in groups.
/// Not here What is recorded about a statement (gateway/), checking that nothing was changed (trail_verification.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/detail_seal.h"
#include "core/deadline.h"
#include "core/result.h"
#include "crypto/signing_key.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::audit {

enum class Phase { intent, outcome, event };

/// As it is stored.
[[nodiscard]] std::string_view to_string(Phase phase) noexcept;

/// How a lost record is met: strict waits for the disk and fails; best effort queues and counts.
enum class Assurance { strict, best_effort };

struct AuditRecord {
    Phase phase = Phase::event;
    std::string event_id = {};  ///< Shared by the intent and outcome of one statement.
    std::optional<std::int64_t> user_id = {};
    std::string username = {};
    std::string role = {};
    std::string action = {};       ///< `query`, `check`, `login`, `user.add`, ...
    std::string resource = {};     ///< Source, or kind of thing touched.
    std::string resource_id = {};  ///< Tables, or the thing's key.
    std::string details =
        {};  ///< JSON: normalised SQL, fingerprint, rules applied, rows, microseconds. No values.
    /// JSON object that is stored encrypted, as member `sensitive` of the details; the record needs an event id.
    std::string sensitive = {};
    std::string ip_address = {};
    std::string user_agent = {};
    std::string request_id = {};
    bool success = true;
    std::string error_message = {};  ///< `code: message`, when not a success.

    /// It did not succeed, and why.
    void fail(const Error& error);
};

/// How a statement is told: without its values, or besides, encrypted, as it was sent.
enum class StatementText { normalised, sealed };

struct AuditOptions {
    std::string database_path = {};            ///< The primary store's file.
    Assurance reads = Assurance::best_effort;  ///< Writes and administration are always strict.
    StatementText statements = StatementText::normalised;
    std::shared_ptr<DetailSeal> seal = {};  ///< Of sensitive details; absent: they cannot be kept.
    std::size_t max_queued =
        65536;  ///< Records waiting for the writer; past it best effort drops, strict fails.
    std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);  ///< For another writer of the file.
    std::chrono::milliseconds strict_wait = std::chrono::seconds(10);  ///< Of a strict caller, at most.
    std::chrono::milliseconds slow_after = std::chrono::seconds(1);  ///< A commit that takes longer is slow.
    std::chrono::milliseconds retry_gap =
        std::chrono::seconds(1);  ///< Between tries to tell of what was lost.
    std::chrono::milliseconds gather_for{
        5};  ///< How long best-effort records wait for company; 0: not at all.
    std::shared_ptr<const crypto::SigningKey> signing_key =
        {};                       ///< Of the tree's heads; absent: they are not signed.
    std::string heads_path = {};  ///< Second place of the signed heads; empty: none.
    std::chrono::milliseconds sign_every = std::chrono::seconds(10);  ///< While records come; and at the end.
};

struct AuditStats {
    std::uint64_t written = 0;  ///< Records of callers that are on disk.
    std::uint64_t dropped = 0;  ///< Best-effort records lost: queue full, or their commit failed.
    std::uint64_t refused = 0;  ///< Strict records that are not on disk; their callers know.
    std::uint64_t late = 0;     ///< Strict callers that gave up waiting; their records were settled later.
    std::uint64_t waiting = 0;  ///< Records taken and not settled.
    std::uint64_t failed_commits = 0;  ///< Batches rolled back.
    std::uint64_t slow_commits = 0;    ///< That took longer than they should.
    std::uint64_t unfiled_heads =
        0;  ///< Signed heads that the second file has not got, for it cannot be written.
    std::uint64_t unsealed =
        0;  ///< Best-effort records without their sensitive details, which could not be encrypted.
    bool failing = false;  ///< The last commit failed, and none has succeeded since.
    bool slow = false;     ///< The last commit was slow, not long ago, or one is under way for too long.
};

class AuditTrail {
public:
    /// Opens the trail over an initialised primary store. Errors: unavailable, not_found (no such file).
    [[nodiscard]] static Result<std::unique_ptr<AuditTrail>> open(AuditOptions options);
    AuditTrail(const AuditTrail&) = delete;
    AuditTrail& operator=(const AuditTrail&) = delete;
    ~AuditTrail();

    /// Assurance configured for reads.
    [[nodiscard]] Assurance read_assurance() const noexcept;
    /// Likewise.
    [[nodiscard]] StatementText statements() const noexcept;
    /// Whether sensitive details can be kept: asked before something is done that has them. Errors: unavailable.
    [[nodiscard]] Result<void> can_seal();

    /// Strict: returns when the record is committed; errors: unavailable (disk, lock, or neither done nor failed within
    /// `strict_wait`), timeout (or by `until`), overloaded (queue full). An intent that was not waited for any longer may be
    /// written later: it gets an outcome that says so.
    /// Sensitive details that cannot be encrypted fail a strict record, and are left out of another, with a mark.
    /// Best effort: returns at once and never fails; a full queue drops the record, counts it, and leaves a gap
    /// record with the count when the writer catches up.
    [[nodiscard]] Result<void> append(AuditRecord record, Assurance assurance,
                                      Deadline until = Deadline::max());

    /// Waits until everything queued before the call is committed or has failed.
    void flush();
    [[nodiscard]] AuditStats stats() const;

private:
    class Writer;
    explicit AuditTrail(std::unique_ptr<Writer> writer);
    std::unique_ptr<Writer> writer_;
};

}  // namespace majed::audit
