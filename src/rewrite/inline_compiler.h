/// Policies and the catalogue of a server, compiled: which query each role reads each table through.
///
/// Why      A server shows the same views to every session; there the rule stands in the statement (inline_view.h).
/// Life     One call makes one Enforcement.
/// Threads  Pure.
/// Not here SQLite, whose sessions have views of their own (enforcement.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/enforcement.h"

#include <memory>
#include <string_view>

namespace majed::rewrite {

/// As Enforcement::compile, of a catalogue that has a server. Errors: also as governed_tables and server_attributes; invalid_argument
/// for an encrypted column.
[[nodiscard]] Result<std::shared_ptr<const Enforcement>> compile_inlined(const policy::PolicySet& policies,
                                                                         std::string_view source,
                                                                         const catalog::Snapshot& catalog,
                                                                         Nonce nonce, Enforcer enforcer);

}  // namespace majed::rewrite
