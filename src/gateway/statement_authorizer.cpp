// SPDX-License-Identifier: Apache-2.0
#include "gateway/statement_authorizer.h"

#include <atomic>
#include <utility>

namespace majed::gateway {

Result<driver::AuthorizedStatement> StatementAuthorizer::authorize(rewrite::Rewritten rewritten,
                                                                   const sql::Resolution& original,
                                                                   const rewrite::Enforcement& enforcement,
                                                                   sql::Parser& parser) {
    static std::atomic<std::uint64_t> last_id{0};
    MAJED_TRY(rewrite::verify(rewritten, original, enforcement, parser));
    driver::AuthorizedStatement statement;
    statement.id_ = ++last_id;
    statement.generation_ = enforcement.guard_set()->generation;
    statement.sql_ = std::move(rewritten.sql);
    statement.guard_views_ = std::move(rewritten.guard_views);
    statement.local_names_ = std::move(rewritten.local_names);
    statement.uses_json_tables_ = rewritten.uses_json_tables;
    return statement;
}

}  // namespace majed::gateway
