/// A stored record as one line of text: JSON for programs, CEF for systems that watch security events.
///
/// Why      Evidence leaves the house in forms that others read; nothing in a record may end its line (CWE-117).
/// Life     Pure functions.
/// Threads  Any.
/// Not here Reading records (record_reader.h), where the lines go (cli/, api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/record_reader.h"
#include "format/json.h"

#include <string>
#include <string_view>

namespace majed::audit {

/// An object whose members are the columns of audit_log; `details` is an object when it holds one, else a text.
void append_record(format::JsonWriter& json, const StoredRecord& record);

/// The same as a text without line end.
[[nodiscard]] std::string json_line(const StoredRecord& record);

/// ArcSight Common Event Format, version 0, without line end; `version` is the program's. What is absent is left out.
/// Severity: 9 when the audit itself is not well, 6 for what failed or was refused, else 2.
[[nodiscard]] std::string cef_line(const StoredRecord& record, std::string_view version);

}  // namespace majed::audit
