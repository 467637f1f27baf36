// SPDX-License-Identifier: Apache-2.0
#include "migrate/up_run.h"

#include "migrate/stepwise_run.h"
#include "migrate/transactional_run.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace majed::migrate {

namespace {

/// Others may get ahead of us so often, where no lock of ours keeps them away.
constexpr int most_overtakings = 1000;

class UpRun {
public:
    UpRun(const Surroundings& surroundings, const UpOptions& options)
        : surroundings_(surroundings), options_(options) {
        report_.dry_run = options.dry_run;
    }

    Result<RunReport> run() {
        MAJED_TRY(find_target());
        const bool plans = options_.dry_run && surroundings_.options.dialect == Dialect::oracle;
        MAJED_TRY_ASSIGN(session_,
                         RunSession::open(surroundings_, plans ? Locking::none : Locking::exclusive));
        auto done = options_.dry_run ? try_out(plans) : run_all();
        return conclude(std::move(report_), done, at_, Direction::up);
    }

private:
    Result<void> find_target() {
        const auto is_target = [&](const Migration& m) { return m.version && *m.version == *options_.to; };
        if (options_.to &&
            std::none_of(surroundings_.migrations.begin(), surroundings_.migrations.end(), is_target)) {
            return Error{ErrorCode::not_found, "no migration has the version " + options_.to->text()};
        }
        if (options_.force && !options_.to) {
            return Error{ErrorCode::invalid_argument, "which migration to force is said by its version"};
        }
        return {};
    }

    /// What runs next; nullptr: nothing. Errors: conflict (check_runnable).
    Result<const MigrationStatus*> next_of(const KnownState& known) {
        for (const LedgerRow& row : known.rows) {
            if (is_undoing(row)) {
                return Error{.code = ErrorCode::conflict,
                             .message = "the undoing of " + row.version + " has not ended",
                             .hint = "`down` goes on with it; `repair` settles a statement in doubt"};
            }
        }
        const Allowances allowances{.out_of_order = options_.allow_out_of_order};
        MAJED_TRY(check_runnable(known.statuses, allowances));
        for (const MigrationStatus* const status : to_apply(known.statuses, options_.to, allowances)) {
            // In a dry run those behind the first that cannot be tried out stay pending.
            if (status->migration != nullptr && !ran_.contains(status->key)) {
                return status;
            }
        }
        return forced(known);
    }

    Result<const MigrationStatus*> forced(const KnownState& known) {
        const MigrationStatus* none = nullptr;
        if (!options_.force) {
            return none;
        }
        for (const MigrationStatus& status : known.statuses) {
            const bool is_target = status.migration != nullptr && status.migration->version &&
                                   *status.migration->version == *options_.to;
            if (is_target && !ran_.contains(status.key)) {
                const bool ran =
                    status.state == MigrationState::applied || status.state == MigrationState::cosmetic;
                if (ran) {
                    return &status;
                }
                return Error{ErrorCode::conflict,
                             "only a migration that ran can be forced to run again: " + status.key + " is " +
                                 std::string(name_of(status.state))};
            }
        }
        return none;
    }

    Job job_of(const KnownState& known, const MigrationStatus& status) const {
        Job job;
        job.migration = status.migration;
        job.known = known.rows;
        job.row = row_of(*status.migration, surroundings_.options, known.next_id());
        if (status.row && is_unfinished(*status.row)) {
            // It goes on: its place and progress are those of the ledger, its texts are those of the file.
            job.row.id = status.row->id;
            job.row.state = status.row->state;
            job.row.statements_applied = status.row->statements_applied;
            job.row.statement_begun = status.row->statement_begun;
            job.row.progress_digest = status.row->progress_digest;
            job.row.duration = status.row->duration;
        }
        job.row.out_of_order = status.state == MigrationState::out_of_order ||
                               (status.row && is_unfinished(*status.row) && status.row->out_of_order);
        return job;
    }

    Result<void> run_all() {
        for (int overtaken = 0; overtaken < most_overtakings;) {
            MAJED_TRY(session_->renew());
            MAJED_TRY_ASSIGN(const KnownState known, session_->look());
            MAJED_TRY_ASSIGN(const MigrationStatus* const next, next_of(known));
            if (next == nullptr) {
                MAJED_TRY_ASSIGN(const SchemaPicture picture, session_->take_picture());
                report_.schema_hash = hash_of(picture);
                return {};
            }
            at_ = next->migration;
            const std::size_t before = report_.outcomes.size();
            MAJED_TRY(job_of(known, *next).stepwise() ? run_steps(known, *next) : run_one(*at_));
            if (report_.failure() != nullptr) {
                return {};
            }
            overtaken += report_.outcomes.size() == before ? 1 : 0;
        }
        return Error{ErrorCode::conflict, "others change the ledger faster than it can be followed"};
    }

    void settle(const Job& job, MigrationOutcome outcome, const Result<void>& done) {
        ran_.insert(job.migration->key);
        if (!done) {
            outcome.failure = done.error();
        }
        report_.outcomes.push_back(std::move(outcome));
        surroundings_.observer.ended(report_.outcomes.back());
    }

    Result<void> first_check(const KnownState& known) {
        return report_.outcomes.empty()
                   ? check_start(*session_, known, options_.allow_drift ? Drift::allowed : Drift::refused)
                   : Result<void>();
    }

    Result<void> run_steps(const KnownState& known, const MigrationStatus& status) {
        MAJED_TRY(may_step(surroundings_.options));
        MAJED_TRY(first_check(known));
        const Job job = job_of(known, status);
        if (is_unfinished(job.row)) {
            MAJED_TRY(check_progress(job));
        }
        if (job.foreign_keys_off()) {
            MAJED_TRY(session_->stop_enforcing_keys());
        }
        MigrationOutcome outcome = outcome_of(job);
        auto done = run_stepwise(*session_, job, outcome);
        settle(job, std::move(outcome), done);
        return {};
    }

    static Result<void> may_step(const MigratorOptions& options) {
        if (options.dialect == Dialect::sqlite && options.sqlite_file.empty()) {
            return Error{ErrorCode::invalid_argument,
                         "a migration that runs statement by statement needs a file to lock"};
        }
        return {};
    }

    /// Decides again inside the transaction; runs nothing when another was quicker.
    Result<void> run_one(const Migration& candidate) {
        if (candidate.foreign_keys_off) {
            MAJED_TRY(session_->stop_enforcing_keys());
        }
        MAJED_TRY(session_->begin());
        auto done = run_candidate(candidate);
        if (!done || session_->connection().in_transaction()) {
            static_cast<void>(session_->connection().rollback(RunSession::own_deadline()));
        }
        return done;
    }

    Result<void> run_candidate(const Migration& candidate) {
        MAJED_TRY_ASSIGN(const KnownState known, session_->look());
        MAJED_TRY_ASSIGN(const MigrationStatus* const next, next_of(known));
        if (next == nullptr || next->migration != &candidate) {
            return {};
        }
        MAJED_TRY(first_check(known));
        const Job job = job_of(known, *next);
        MigrationOutcome outcome = outcome_of(job);
        auto done = end_transaction(*session_, job, run_whole(*session_, job, outcome));
        settle(job, std::move(outcome), done);
        return {};
    }

    /// Everything that can be taken back runs in one transaction, which is; the rest is listed.
    Result<void> try_out(bool plans) {
        if (!plans) {
            const auto& all = surroundings_.migrations;
            if (std::any_of(all.begin(), all.end(), [](const Migration& m) { return m.foreign_keys_off; })) {
                MAJED_TRY(session_->stop_enforcing_keys());
            }
            MAJED_TRY(session_->begin());
        }
        auto done = try_all(plans);
        static_cast<void>(session_->connection().rollback(RunSession::own_deadline()));
        return done;
    }

    Result<void> try_all(bool plans) {
        bool executes = !plans;
        for (;;) {
            MAJED_TRY_ASSIGN(const KnownState known, session_->look());
            MAJED_TRY_ASSIGN(const MigrationStatus* const next, next_of(known));
            if (next == nullptr) {
                return {};
            }
            at_ = next->migration;
            MAJED_TRY(first_check(known));
            const Job job = job_of(known, *next);
            MigrationOutcome outcome = outcome_of(job);
            // What comes behind one that cannot be tried out may need what it makes.
            executes = executes && !job.stepwise();
            outcome.executed = executes;
            if (job.row.statements_applied > 0 && job.stepwise()) {
                MAJED_TRY(check_progress(job));
                outcome.resumed_at = job.row.statements_applied + 1;
            }
            auto done = executes ? run_whole(*session_, job, outcome) : Result<void>();
            const bool failed = !done;
            settle(job, std::move(outcome), done);
            if (failed) {
                return {};
            }
        }
    }

    const Surroundings surroundings_;
    const UpOptions& options_;
    std::unique_ptr<RunSession> session_;
    RunReport report_;
    std::set<std::string, std::less<>> ran_;
    const Migration* at_ = nullptr;  ///< The last one that was to run.
};

bool holds_half_done(const KnownState& known) {
    return std::any_of(known.rows.begin(), known.rows.end(), is_unfinished);
}

}  // namespace

Result<void> check_start(RunSession& session, const KnownState& known, Drift drift) {
    if (known.rows.empty()) {
        MAJED_TRY_ASSIGN(const SchemaPicture picture, session.take_picture());
        if (picture.empty()) {
            return {};
        }
        return Error{.code = ErrorCode::conflict,
                     .message = "the database has " + std::to_string(picture.size()) +
                                " objects and no ledger of migrations",
                     .hint = "declare what is there with `baseline`, or take an empty database"};
    }
    if (drift == Drift::allowed || !known.tables.picture || holds_half_done(known)) {
        return {};
    }
    MAJED_TRY_ASSIGN(const SchemaPicture picture, session.take_picture());
    MAJED_TRY_ASSIGN(const SchemaPicture kept, session.ledger().picture(RunSession::own_deadline()));
    const auto changed = differences(kept, picture);
    if (changed.empty()) {
        return {};
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "the schema is not as the last run left it: " + std::to_string(changed.size()) +
                            " objects differ",
                 .hint = readable(changed) +
                         "put it back, accept it with `repair --accept-drift`, or allow drift for this run"};
}

Result<RunReport> conclude(RunReport report, const Result<void>& done, const Migration* at,
                           Direction direction) {
    if (done) {
        return report;
    }
    if (report.outcomes.empty()) {
        return done.error();
    }
    if (report.failure() == nullptr) {
        MigrationOutcome outcome;
        if (at != nullptr && report.outcomes.back().key != at->key) {
            outcome.key = at->key;
            outcome.description = at->description;
            outcome.file = at->file;
        }
        outcome.direction = direction;
        outcome.executed = false;
        outcome.failure = done.error();
        report.outcomes.push_back(std::move(outcome));
    }
    return report;
}

Result<RunReport> run_up(const Surroundings& surroundings, const UpOptions& options) {
    return UpRun(surroundings, options).run();
}

}  // namespace majed::migrate
