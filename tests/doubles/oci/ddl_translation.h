/// CREATE, ALTER, DROP, TRUNCATE and their kin in SQLite's words.
///
/// Why      Declared types drive every describe, and Oracle's clauses for storage mean nothing to SQLite.
/// Life     For one translation.
/// Threads  Any.
/// Not here Expressions inside: sql_writer.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sql_translation.h"

namespace majed::oci_double {

/// Fills the translation's sql; its tokens are scanned already.
void translate_definition(Translation& out, const std::string& owner);

}  // namespace majed::oci_double
