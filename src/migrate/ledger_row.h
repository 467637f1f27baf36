/// One row of `schema_migrations`: what the database itself remembers of one migration.
///
/// Why      The ledger lives where the schema lives, so that a restored backup remembers what it holds.
/// Life     A value.
/// Threads  A value.
/// Not here The SQL that reads and writes it (ledger.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/script.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace majed::migrate {

enum class LedgerState : std::uint8_t {
    applied,   ///< All of it.
    running,   ///< Stepwise ones only: begun and not ended. Nobody holding the lock means: its process died.
    failed,    ///< Stepwise ones only: a statement failed, those before it stay.
    undone,    ///< Applied once, taken back since.
    baseline,  ///< Declared to be there: it and everything below it.
};

/// `applied`, `running`, `failed`, `undone`, `baseline`.
[[nodiscard]] std::string_view name_of(LedgerState state) noexcept;

struct LedgerRow {
    std::int64_t id = 0;       ///< In order of application.
    std::string version = {};  ///< Migration::key.
    std::string description = {};
    std::string applied_at = {};  ///< UTC, ISO 8601, of its end; of its beginning while it runs.
    std::string checksum = {};    ///< Migration::checksum.
    std::string tokens_checksum = {};
    LedgerState state = LedgerState::applied;
    std::size_t statements_total = 0;
    std::size_t statements_applied = 0;
    /// Number, from 1, of a statement sent outside a transaction whose end was not seen; 0: none.
    std::size_t statement_begun = 0;
    /// Of the statements applied, in order: SHA-256 over the digest before and the statement's. Empty: none, or not stepwise.
    /// While it is being taken back: `undoing_mark` and that of the statements of its way down.
    std::string progress_digest = {};
    std::chrono::milliseconds duration{0};
    std::string error = {};       ///< Of the last failure: `code: message`, native state, statement and line.
    std::string applied_by = {};  ///< Operating system user and machine: `ann@build7`.
    std::string tool_version = {};
    std::string schema_hash = {};  ///< Of the schema right after it: see picture.h.
    bool out_of_order = false;     ///< It ran after a later one, and somebody allowed that.

    friend bool operator==(const LedgerRow&, const LedgerRow&) = default;
};

/// Begins the progress of a way down, so that nobody goes on upwards behind it.
inline constexpr std::string_view undoing_mark = "down:";

/// `LedgerRow::progress_digest` once `next` is applied too; `before` is empty for the first statement.
[[nodiscard]] std::string extended_digest(std::string_view before, const ScriptStatement& next);

/// `LedgerRow::progress_digest` of exactly these, in this order; empty for none.
[[nodiscard]] std::string progress_digest(std::span<const ScriptStatement> applied);

}  // namespace majed::migrate
