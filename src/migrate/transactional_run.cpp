// SPDX-License-Identifier: Apache-2.0
#include "migrate/transactional_run.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace majed::migrate {

namespace {

Result<void> run_statements(RunSession& session, const Job& job, MigrationOutcome& outcome) {
    for (std::size_t number = 1; number <= job.script().statements.size(); ++number) {
        MAJED_TRY(run_statement(session, job, number));
        if (!session.connection().in_transaction()) {
            return in_file(job,
                           Error{.code = ErrorCode::internal,
                                 .message = "statement " + std::to_string(number) +
                                            " ended the migration's transaction: what ran may have stayed",
                                 .hint = "look at the schema before the next run"});
        }
        outcome.statements_applied = number;
    }
    return {};
}

/// A migration may have emptied the ledger, or written into it; then what ran before would run again, or never.
Result<void> check_kept(RunSession& session, const Job& job) {
    MAJED_TRY_ASSIGN(const std::vector<LedgerRow> rows, session.ledger().rows(RunSession::own_deadline()));
    const bool kept = std::ranges::all_of(job.known, [&](const LedgerRow& row) {
        return row.version == job.row.version || std::ranges::find(rows, row) != rows.end();
    });
    if (kept) {
        return {};
    }
    return Error{ErrorCode::conflict, "it changed the ledger, schema_migrations: that is not for migrations"};
}

Result<void> record(RunSession& session, const Job& job, std::chrono::milliseconds duration) {
    const bool is_up = job.direction == Direction::up;
    MAJED_TRY(session.come_back());
    if (job.foreign_keys_off()) {
        MAJED_TRY(session.check_keys());
    }
    MAJED_TRY(session.ensure_ledger());
    LedgerRow row = job.row;
    MAJED_TRY_ASSIGN(row.schema_hash, session.renew_picture());
    row.state = is_up ? LedgerState::applied : LedgerState::undone;
    row.statements_total = job.script().statements.size();
    row.statements_applied = row.statements_total;
    row.statement_begun = 0;
    row.progress_digest.clear();
    row.error.clear();
    row.duration = duration;
    MAJED_TRY(session.ledger().write(row, RunSession::own_deadline()));
    return check_kept(session, job);
}

}  // namespace

Result<void> run_whole(RunSession& session, const Job& job, MigrationOutcome& outcome) {
    const auto begun = SteadyClock::now();
    const auto spent = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begun);
    };
    session.surroundings().observer.began(*job.migration, job.direction);
    auto done = run_statements(session, job, outcome);
    if (done) {
        if (auto recorded = record(session, job, spent()); !recorded) {
            done = in_file(job, std::move(recorded).error());
        }
    }
    outcome.duration = spent();
    return done;
}

Result<void> end_transaction(RunSession& session, const Job& job, Result<void> done) {
    driver::Connection& connection = session.connection();
    if (!done) {
        // A session that cannot roll back is lost, and the server rolls back what a lost one leaves.
        static_cast<void>(connection.rollback(RunSession::own_deadline()));
        return done;
    }
    auto committed = connection.commit(session.statement_deadline());
    if (committed) {
        return {};
    }
    Error error = in_file(job, std::move(committed).error());
    if (error.code == ErrorCode::in_doubt) {
        error.hint = "all of it is there or nothing: the ledger tells, and the next `up` reads it";
    } else if (const std::string words = connection.last_message(); !words.empty()) {
        error.hint = "the database says: " + words;
    }
    static_cast<void>(connection.rollback(RunSession::own_deadline()));
    return error;
}

}  // namespace majed::migrate
