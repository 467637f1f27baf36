/// The only maker of AuthorizedStatement: a rewritten and verified text becomes one a session accepts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/authorized_statement.h"
#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/parser.h"

namespace majed::gateway {

class StatementAuthorizer {
public:
    /// Verifies `rewritten` against `enforcement` and seals it. Errors: internal (it does not verify).
    [[nodiscard]] static Result<driver::AuthorizedStatement> authorize(
        rewrite::Rewritten rewritten, const sql::Resolution& original,
        const rewrite::Enforcement& enforcement, const rewrite::Profile& profile, sql::Parser& parser);
};

}  // namespace majed::gateway
