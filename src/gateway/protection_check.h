/// Whether a source's rules hold where its rows are, looked at before anything is served and whenever its catalogue is read.
///
/// Why      A rule that the gateway's own login can be used to get around, or that its server was trusted with and does not
///          hold, must be said loudly or stop the source: nobody would see it in an answer.
/// Life     Pure functions.
/// Threads  Any.
/// Not here What follows from rules and catalogue (rewrite/), showing it (source/), asking again (gateway.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "policy/policy_set.h"
#include "source/source.h"

#include <optional>

namespace majed::gateway {

struct Protection {
    source::ProtectionNotice notice;  ///< For its operator.
    std::optional<Error> refusal;     ///< For who asks: the source is not served. Names no table.
};

/// nullopt where there is nothing to look at: SQLite.
/// Errors: invalid_argument (rules that do not fit the catalogue, or that its server cannot hold).
[[nodiscard]] Result<std::optional<Protection>> protection_of(const policy::PolicySet& policies,
                                                              const source::SourceOptions& source,
                                                              const catalog::Snapshot& catalog);

}  // namespace majed::gateway
