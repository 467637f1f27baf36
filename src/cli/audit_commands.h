/// `majed audit ...`: the record of what was asked, and whether it is as it was written.
///
/// Why      Evidence is worth what its check is worth: an operator makes it with one command.
/// Life     Called once per run of the program.
/// Threads  One.
/// Not here How it is read and checked (audit/record_reader.h, audit/trail_verification.h, audit/record_purge.h), its lines (audit/record_text.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

#include <cstddef>
#include <string>

namespace majed::cli {

struct TailOptions {
    std::size_t count = 20;
    std::string action = {};  ///< As audit::RecordFilter has it.
    std::string username = {};
};

/// The newest records, the oldest of them first. Errors: those of reading.
[[nodiscard]] Result<void> show_last_records(Context& context, const TailOptions& options);

enum class ExportFormat { jsonl, cef };

struct ExportOptions {
    ExportFormat format = ExportFormat::jsonl;
    std::string since = {};
    std::string until = {};
    std::string output = {};  ///< A file, which is made; empty: standard output.
};

/// A line for each record there is when it begins, its own intent among them, in the order they were written.
/// Errors: conflict (the file is there already), unavailable (it cannot be written), those of reading and of the audit.
[[nodiscard]] Result<void> export_audit(Context& context, const ExportOptions& options);

struct PurgeCommand {
    std::string older_than = {};  ///< `400d`
    bool dry_run = false;
};

/// Takes out what is older, and tells how much. Errors: as audit::purge_records.
[[nodiscard]] Result<void> purge_audit(Context& context, const PurgeCommand& command);

/// Errors: conflict (something is not as it was written; said in the answer too), those of reading.
[[nodiscard]] Result<void> verify_audit(Context& context);

}  // namespace majed::cli
