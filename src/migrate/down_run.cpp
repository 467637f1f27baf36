// SPDX-License-Identifier: Apache-2.0
#include "migrate/stepwise_run.h"
#include "migrate/transactional_run.h"
#include "migrate/up_run.h"

#include <algorithm>
#include <string>
#include <utility>

namespace majed::migrate {

namespace {

class DownRun {
public:
    DownRun(const Surroundings& surroundings, const DownOptions& options)
        : surroundings_(surroundings), options_(options) {
        report_.dry_run = options.dry_run;
    }

    Result<RunReport> run() {
        const bool plans = options_.dry_run && surroundings_.options.dialect == Dialect::oracle;
        MAJED_TRY_ASSIGN(session_,
                         RunSession::open(surroundings_, plans ? Locking::none : Locking::exclusive));
        auto done = options_.dry_run ? try_out(plans) : run_all();
        return conclude(std::move(report_), done, at_, Direction::down);
    }

private:
    /// The ledger with an undoing that has not ended shown as what it undoes, so that it is the first to be undone.
    Result<KnownState> look() {
        MAJED_TRY_ASSIGN(KnownState known, session_->look());
        std::vector<LedgerRow> shown = known.rows;
        for (LedgerRow& row : shown) {
            if (is_undoing(row)) {
                if (row.statement_begun != 0) {
                    return Error{.code = ErrorCode::conflict,
                                 .message = "whether statement " + std::to_string(row.statement_begun) +
                                            " of the undoing of " + row.version + " happened is not known",
                                 .hint = "look, then settle it with `repair`"};
                }
                row.state = LedgerState::applied;
            }
        }
        known.statuses = compare(surroundings_.migrations, shown);
        return known;
    }

    Result<std::vector<std::string>> keys_of(const KnownState& known) {
        MAJED_TRY_ASSIGN(const auto undone, to_undo(known.statuses, options_.to));
        std::vector<std::string> keys;
        for (const MigrationStatus* const status : undone) {
            keys.push_back(status->key);
        }
        return keys;
    }

    /// The status of `key` as one that can be undone. Errors: conflict (another run changed it meanwhile).
    static Result<const MigrationStatus*> undoable(const KnownState& known, const std::string& key) {
        const MigrationStatus* const status = known.find(key);
        const bool can =
            status != nullptr && status->migration != nullptr && status->row && status->migration->down &&
            (status->state == MigrationState::applied || status->state == MigrationState::cosmetic);
        if (!can) {
            return Error{ErrorCode::conflict, "another run changed the state of " + key + " meanwhile"};
        }
        return status;
    }

    Job job_of(const KnownState& known, const MigrationStatus& status) const {
        Job job;
        job.migration = status.migration;
        job.known = known.rows;
        job.direction = Direction::down;
        const auto stored = std::find_if(known.rows.begin(), known.rows.end(),
                                         [&](const LedgerRow& row) { return row.version == status.key; });
        job.row = stored == known.rows.end() ? *status.row : *stored;
        sign(job.row, surroundings_.options);
        return job;
    }

    Result<void> run_all() {
        MAJED_TRY_ASSIGN(const KnownState known, look());
        MAJED_TRY_ASSIGN(const std::vector<std::string> keys, keys_of(known));
        for (const std::string& key : keys) {
            MAJED_TRY(session_->renew());
            MAJED_TRY_ASSIGN(const KnownState now, look());
            MAJED_TRY_ASSIGN(const MigrationStatus* const status, undoable(now, key));
            at_ = status->migration;
            MAJED_TRY(job_of(now, *status).stepwise() ? run_steps(now, *status) : run_one(key));
            if (report_.failure() != nullptr) {
                return {};
            }
        }
        MAJED_TRY_ASSIGN(const SchemaPicture picture, session_->take_picture());
        report_.schema_hash = hash_of(picture);
        return {};
    }

    Result<void> first_check(const KnownState& known) {
        return report_.outcomes.empty() ? check_start(*session_, known, Drift::refused) : Result<void>();
    }

    void settle(MigrationOutcome outcome, const Result<void>& done) {
        if (!done) {
            outcome.failure = done.error();
        }
        report_.outcomes.push_back(std::move(outcome));
        surroundings_.observer.ended(report_.outcomes.back());
    }

    Result<void> run_steps(const KnownState& known, const MigrationStatus& status) {
        const MigratorOptions& options = surroundings_.options;
        if (options.dialect == Dialect::sqlite && options.sqlite_file.empty()) {
            return Error{ErrorCode::invalid_argument,
                         "a migration that runs statement by statement needs a file to lock"};
        }
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
        settle(std::move(outcome), done);
        return {};
    }

    Result<void> run_one(const std::string& key) {
        if (at_->down_foreign_keys_off) {
            MAJED_TRY(session_->stop_enforcing_keys());
        }
        MAJED_TRY(session_->begin());
        auto done = undo(key);
        if (!done || session_->connection().in_transaction()) {
            static_cast<void>(session_->connection().rollback(RunSession::own_deadline()));
        }
        return done;
    }

    Result<void> undo(const std::string& key) {
        MAJED_TRY_ASSIGN(const KnownState known, look());
        MAJED_TRY_ASSIGN(const MigrationStatus* const status, undoable(known, key));
        MAJED_TRY(first_check(known));
        const Job job = job_of(known, *status);
        MigrationOutcome outcome = outcome_of(job);
        auto done = end_transaction(*session_, job, run_whole(*session_, job, outcome));
        settle(std::move(outcome), done);
        return {};
    }

    Result<void> try_out(bool plans) {
        if (!plans) {
            const auto& all = surroundings_.migrations;
            if (std::any_of(all.begin(), all.end(),
                            [](const Migration& m) { return m.down_foreign_keys_off; })) {
                MAJED_TRY(session_->stop_enforcing_keys());
            }
            MAJED_TRY(session_->begin());
        }
        auto done = try_all(plans);
        static_cast<void>(session_->connection().rollback(RunSession::own_deadline()));
        return done;
    }

    Result<void> try_all(bool plans) {
        MAJED_TRY_ASSIGN(const KnownState first, look());
        MAJED_TRY_ASSIGN(const std::vector<std::string> keys, keys_of(first));
        bool executes = !plans;
        for (const std::string& key : keys) {
            MAJED_TRY_ASSIGN(const KnownState known, look());
            MAJED_TRY_ASSIGN(const MigrationStatus* const status, undoable(known, key));
            at_ = status->migration;
            MAJED_TRY(first_check(known));
            const Job job = job_of(known, *status);
            MigrationOutcome outcome = outcome_of(job);
            executes = executes && !job.stepwise();
            outcome.executed = executes;
            auto done = executes ? run_whole(*session_, job, outcome) : Result<void>();
            const bool failed = !done;
            settle(std::move(outcome), done);
            if (failed) {
                return {};
            }
        }
        return {};
    }

    const Surroundings surroundings_;
    const DownOptions& options_;
    std::unique_ptr<RunSession> session_;
    RunReport report_;
    const Migration* at_ = nullptr;
};

}  // namespace

Result<RunReport> run_down(const Surroundings& surroundings, const DownOptions& options) {
    return DownRun(surroundings, options).run();
}

}  // namespace majed::migrate
