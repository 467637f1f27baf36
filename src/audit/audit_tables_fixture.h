/// The audit's tables of the primary store, for tests of this module, which does not know the store.
///
/// Why      The tables come from `migrations/primary`; tests of the store and of the program run on those themselves.
/// Life     A text.
/// Threads  A constant.
/// Not here The tables in force (`migrations/primary`).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace majed::audit {

inline constexpr std::string_view audit_tables =
    "PRAGMA journal_mode = WAL; CREATE TABLE audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT "
    "NOT NULL,"
    " phase TEXT NOT NULL CHECK (phase IN ('intent', 'outcome', 'event')), user_id INTEGER, username "
    "VARCHAR(255),"
    " role VARCHAR(50), action VARCHAR(255) NOT NULL, resource VARCHAR(255), resource_id VARCHAR(255), "
    "details TEXT,"
    " ip_address VARCHAR(45), user_agent TEXT, request_id VARCHAR(255), timestamp TIMESTAMP NOT NULL,"
    " success BOOLEAN NOT NULL, error_message TEXT);"
    "CREATE TABLE audit_tree (id INTEGER PRIMARY KEY CHECK (id = 1), log_id TEXT NOT NULL, frontier BLOB NOT "
    "NULL);"
    "CREATE TABLE audit_leaves (leaf INTEGER PRIMARY KEY, record_id INTEGER NOT NULL UNIQUE, hash BLOB NOT "
    "NULL);"
    "CREATE TABLE audit_heads (tree_size INTEGER PRIMARY KEY, head TEXT NOT NULL);";

/// What keeps records from being deleted, but by a purge.
inline constexpr std::string_view audit_purge_trigger =
    "CREATE INDEX idx_audit_log_purges ON audit_log (id) WHERE action = 'audit.purge' AND phase = 'intent';"
    "CREATE TRIGGER audit_log_is_deleted_by_purges_only BEFORE DELETE ON audit_log WHEN NOT EXISTS ("
    "SELECT 1 FROM audit_log WHERE action = 'audit.purge' AND phase = 'intent' AND id > OLD.id"
    " AND resource = 'audit' AND CAST(resource_id AS INTEGER) >= OLD.id"
    " AND CAST(resource_id AS INTEGER) < id)"
    "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;";

}  // namespace majed::audit
