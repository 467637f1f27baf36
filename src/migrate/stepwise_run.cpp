// SPDX-License-Identifier: Apache-2.0
#include "migrate/stepwise_run.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace majed::migrate {

namespace {

constexpr std::string_view undoing = "down:";

/// The end of the statement was seen: it did not happen, whatever else did.
bool is_certain(const driver::Connection& connection, const Error& error) {
    return connection.reusable() && error.failure != FailureClass::lost &&
           error.failure != FailureClass::in_doubt && error.code != ErrorCode::in_doubt;
}

void append_hint(Error& error, const std::string& text) {
    error.hint += (error.hint.empty() ? "" : "\n") + text;
}

class Steps {
public:
    Steps(RunSession& session, Job job, MigrationOutcome& outcome)
        : session_(session),
          job_(std::move(job)),
          outcome_(outcome),
          begun_(SteadyClock::now()),
          before_(job_.row.duration) {}

    Result<void> run() {
        const bool resumes = is_unfinished(job_.row);
        if (resumes) {
            MAJED_TRY(check_progress(job_));
            outcome_.resumed_at = job_.row.statements_applied + 1;
            outcome_.statements_applied = job_.row.statements_applied;
        }
        MAJED_TRY(start(resumes));
        if (resumes) {
            MAJED_TRY(repeat_settings());
        }
        const std::size_t total = job_.script().statements.size();
        for (std::size_t number = job_.row.statements_applied + 1; number <= total; ++number) {
            if (auto held = session_.check_lock(); !held) {
                return in_file(job_, std::move(held).error());
            }
            const bool inside = job_.script().statements[number - 1].fit == TransactionFit::inside;
            if (auto done = inside ? step_inside(number) : step_outside(number); !done) {
                return note_failure(number, std::move(done).error());
            }
            outcome_.statements_applied = number;
        }
        auto ended = finish();
        return ended ? Result<void>() : Result<void>(in_file(job_, std::move(ended).error()));
    }

private:
    [[nodiscard]] std::chrono::milliseconds spent() const {
        return before_ + std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begun_);
    }

    /// `writes` in a transaction of its own.
    template <class Writes>
    Result<void> together(const Writes& writes) {
        MAJED_TRY(session_.begin());
        auto done = writes();
        if (done) {
            return session_.connection().commit(RunSession::own_deadline());
        }
        static_cast<void>(session_.connection().rollback(RunSession::own_deadline()));
        return done;
    }

    Result<void> start(bool resumes) {
        LedgerRow& row = job_.row;
        row.state = LedgerState::running;
        row.statements_total = job_.script().statements.size();
        row.statement_begun = 0;
        row.error.clear();
        if (!resumes) {
            row.statements_applied = 0;
            row.progress_digest = progress_digest(job_.script(), 0, job_.direction);
            before_ = std::chrono::milliseconds(0);
        }
        Ledger& ledger = session_.ledger();
        MAJED_TRY_ASSIGN(const LedgerTables present, ledger.tables(RunSession::own_deadline()));
        const bool commits = session_.dialect() == Dialect::oracle;
        if (commits) {
            MAJED_TRY(ledger.create(present, RunSession::own_deadline()));
        }
        return together([&]() -> Result<void> {
            if (!commits) {
                MAJED_TRY(ledger.create(present, RunSession::own_deadline()));
            }
            if (!present.rows || !present.picture) {
                // The first picture is of the schema before anything ran.
                MAJED_TRY_ASSIGN(row.schema_hash, session_.renew_picture());
            }
            return session_.ledger().write(row, RunSession::own_deadline());
        });
    }

    /// What the statements before the resumption set for the session only is gone with that session.
    Result<void> repeat_settings() {
        for (std::size_t number = 1; number <= job_.row.statements_applied; ++number) {
            if (job_.script().statements[number - 1].session_only) {
                MAJED_TRY(run_statement(session_, job_, number));
            }
        }
        return {};
    }

    void count(std::size_t number) {
        LedgerRow& row = job_.row;
        row.statements_applied = number;
        row.statement_begun = 0;
        row.progress_digest = progress_digest(job_.script(), number, job_.direction);
        row.duration = spent();
    }

    Result<void> write_progress() {
        MAJED_TRY(session_.be_ourselves());
        return session_.ledger().write_progress(job_.row, RunSession::own_deadline());
    }

    Result<void> step_inside(std::size_t number) {
        const LedgerRow before = job_.row;
        auto done = together([&]() -> Result<void> {
            MAJED_TRY(run_statement(session_, job_, number));
            if (!session_.connection().in_transaction()) {
                return in_file(job_, Error{ErrorCode::internal, "statement " + std::to_string(number) +
                                                                    " ended the transaction around it"});
            }
            count(number);
            return write_progress();
        });
        if (!done) {
            job_.row = before;
        }
        return done;
    }

    Result<void> step_outside(std::size_t number) {
        job_.row.statement_begun = number;
        MAJED_TRY(together([&] { return write_progress(); }));
        MAJED_TRY(run_statement(session_, job_, number));
        count(number);
        return together([&] { return write_progress(); });
    }

    /// Only what is known is written: a lost connection leaves the row as it is, and that says what is known.
    Error note_failure(std::size_t number, Error error) {
        LedgerRow& row = job_.row;
        if (!error.message.starts_with(job_.file())) {
            error = in_file(job_, std::move(error));
        }
        const bool counted = row.statements_applied >= number;
        if (counted || !is_certain(session_.connection(), error)) {
            if (counted) {
                append_hint(error, "statement " + std::to_string(number) +
                                       " happened, which could not be written down: say so with `repair`");
            } else if (row.statement_begun == number) {
                append_hint(error, "whether statement " + std::to_string(number) +
                                       " happened is not known: look, then settle it with `repair`");
            }
            return error;
        }
        row.state = LedgerState::failed;
        row.statement_begun = 0;
        row.error = ledger_text(error);
        row.duration = spent();
        auto noted = together([&]() -> Result<void> {
            MAJED_TRY(session_.come_back());
            MAJED_TRY(session_.renew_picture());
            return write_progress();
        });
        if (!noted) {
            // The row still says that it runs; with nobody holding the lock that means interrupted, or in doubt.
            append_hint(error, "the failure could not be written to the ledger");
        }
        return error;
    }

    Result<void> finish() {
        LedgerRow& row = job_.row;
        row.state = job_.direction == Direction::up ? LedgerState::applied : LedgerState::undone;
        row.duration = spent();
        if (job_.direction == Direction::down) {
            row.progress_digest.clear();
        }
        MAJED_TRY(session_.check_lock());
        return together([&]() -> Result<void> {
            MAJED_TRY(session_.come_back());
            if (job_.foreign_keys_off()) {
                MAJED_TRY(session_.check_keys());
            }
            MAJED_TRY_ASSIGN(row.schema_hash, session_.renew_picture());
            return session_.ledger().write(row, RunSession::own_deadline());
        });
    }

    RunSession& session_;
    Job job_;
    MigrationOutcome& outcome_;
    Deadline begun_;
    std::chrono::milliseconds before_;
};

}  // namespace

bool is_unfinished(const LedgerRow& row) noexcept {
    return row.state == LedgerState::running || row.state == LedgerState::failed;
}

bool is_undoing(const LedgerRow& row) noexcept {
    return is_unfinished(row) && row.progress_digest.starts_with(undoing);
}

std::string progress_digest(const Script& script, std::size_t count, Direction direction) {
    const auto applied = std::span(script.statements).first(std::min(count, script.statements.size()));
    std::string digest = progress_digest(applied);
    return direction == Direction::down ? std::string(undoing) + digest : digest;
}

Result<void> check_progress(const Job& job) {
    const LedgerRow& row = job.row;
    const std::size_t total = job.script().statements.size();
    const bool same =
        row.statements_applied <= total &&
        progress_digest(job.script(), row.statements_applied, job.direction) == row.progress_digest;
    if (same) {
        return {};
    }
    return in_file(job, Error{.code = ErrorCode::conflict,
                              .message = "one of the " + std::to_string(row.statements_applied) +
                                         " statements that ran was changed since",
                              .hint = "put the file back as it was, or accept it with "
                                      "`repair --accept-changes` for this migration"});
}

Result<void> run_stepwise(RunSession& session, Job job, MigrationOutcome& outcome) {
    const auto begun = SteadyClock::now();
    session.surroundings().observer.began(*job.migration, job.direction);
    auto done = Steps(session, std::move(job), outcome).run();
    outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begun);
    return done;
}

}  // namespace majed::migrate
