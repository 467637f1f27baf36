/// The reports of migrations as JSON, the same on the command line and over HTTP.
///
/// Why      CI reads `--json` and a console reads the API; a member that has two names, or none, breaks one of them.
/// Life     Free functions; they append to the caller's text.
/// Threads  Pure.
/// Not here Text for people (cli/), HTTP (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/json.h"
#include "migrate/migrator.h"

namespace majed::migrate {

// Each writes its members into an object that is open, so that the caller can say more in it (`source`).
// What is not known is null: a row that never ran has no `applied_at`, a migration without a file no `file`.

/// `success`: nothing blocks a run; `has_ledger`, `current` (greatest version, or null), `pending` (how many would run) and
/// `migrations`, each with
///   version             its key: `003`, or `R__name`
///   description, state, file
///   repeatable          true for `R__name`
///   blocks              true when it stands in the way of the next run
///   reversible          true when its file has a way down
///   of its file or else its row: checksum, tokens_checksum, statements_total
///   of its row: applied_checksum, applied_tokens_checksum, applied_at, duration_ms, statements_applied, success (it ran
///   whole, or is the baseline), error, applied_by, tool_version, schema_hash, out_of_order
void append_json(format::JsonWriter& json, const StatusReport& report);

/// `success`, `dry_run`, `schema_hash` (null in a dry run) and `migrations`, those of this run, each with version, description,
/// file, direction (`up`, `down`), statements_total, statements_applied, resumed_at (null: from the beginning), stepwise,
/// executed, duration_ms, success and error (an object with code, detail and so on, or null).
void append_json(format::JsonWriter& json, const RunReport& report);

/// `success` (no drift, and nothing changed, missing, in doubt, failed or interrupted), `has_picture`, `drift` (each with
/// difference: `added`, `removed`, `altered`; kind, name, before, after, the last two null where there is none) and
/// `migrations` as above.
void append_json(format::JsonWriter& json, const VerifyReport& report);

/// `done`, a list of sentences, and `success`, which is true.
void append_json(format::JsonWriter& json, const RepairReport& report);

}  // namespace majed::migrate
