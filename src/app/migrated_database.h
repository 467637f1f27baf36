/// Puts together what migrates a database: its files, a driver with the login for it, the ledger's who and with what.
///
/// Why      Migrations go past pool and policies, over connections of their own: only here, and only for operators.
/// Life     Functions; what they answer borrows nothing.
/// Threads  Any.
/// Not here The backup and start of the primary store (primary_migration.h), the commands (cli/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/source_settings.h"
#include "audit/audit_trail.h"
#include "cli/installation.h"
#include "core/result.h"
#include "format/json.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace majed::app {

/// The primary store, which `options` write the audit to. Errors: internal.
[[nodiscard]] Result<cli::MigratedDatabase> migrated_primary(
    const audit::AuditOptions& options, std::optional<std::chrono::milliseconds> lock_wait);

/// Of a source, with the files of `folder`. Errors: not_found (no such folder), invalid_argument (mistakes in its files,
/// all of them), unsupported.
[[nodiscard]] Result<cli::MigratedDatabase> migrated_source(
    const SourceMigrations& settings, const std::string& folder,
    std::optional<std::chrono::milliseconds> lock_wait);

/// An element of the answer of `GET /api/v1/migrations`: the ledger beside the files, or why it cannot be told.
void append_listing(format::JsonWriter& json, std::string_view name,
                    const Result<cli::MigratedDatabase>& database);

}  // namespace majed::app
