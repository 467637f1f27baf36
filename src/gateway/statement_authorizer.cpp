// SPDX-License-Identifier: Apache-2.0
#include "gateway/statement_authorizer.h"

#include "rewrite/inline_rewriter.h"

#include <atomic>
#include <utility>

namespace majed::gateway {

Result<driver::AuthorizedStatement> StatementAuthorizer::authorize(rewrite::Rewritten rewritten,
                                                                   const sql::Resolution& original,
                                                                   const rewrite::Enforcement& enforcement,
                                                                   const rewrite::Profile& profile,
                                                                   sql::Parser& parser) {
    static std::atomic<std::uint64_t> last_id{0};
    const bool on_server = enforcement.dialect().id != sql::DialectId::sqlite;
    if (rewritten.write && on_server) {
        MAJED_TRY(rewrite::verify_inline_write(rewritten, original, enforcement, profile, parser));
    } else if (rewritten.write) {
        MAJED_TRY(rewrite::verify_write(rewritten, original, enforcement, parser));
    } else if (!on_server) {
        MAJED_TRY(rewrite::verify(rewritten, original, enforcement, parser));
    } else {
        MAJED_TRY(rewrite::verify_inline(rewritten, original, enforcement, profile, parser));
    }
    driver::AuthorizedStatement statement;
    statement.id_ = ++last_id;
    statement.generation_ = enforcement.guard_set()->generation;
    statement.sql_ = std::move(rewritten.sql);
    statement.guard_views_ = std::move(rewritten.guard_views);
    statement.local_names_ = std::move(rewritten.local_names);
    statement.uses_json_tables_ = rewritten.uses_json_tables;
    statement.caller_parameters_ = rewritten.caller_parameters;
    statement.attributes_ = std::move(rewritten.attributes);
    statement.caller_binds_ = std::move(rewritten.caller_binds);
    statement.write_ = std::move(rewritten.write);
    return statement;
}

}  // namespace majed::gateway
