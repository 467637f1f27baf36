// SPDX-License-Identifier: Apache-2.0
#include "migrate/repair_run.h"

#include "migrate/statement_step.h"
#include "migrate/stepwise_run.h"

#include <string>
#include <utility>

namespace majed::migrate {

namespace {

/// `work` and a commit, or a rollback.
template <class Work>
Result<void> in_transaction(RunSession& session, const Work& work) {
    MAJED_TRY(session.begin());
    if (auto done = work(); !done) {
        static_cast<void>(session.connection().rollback(RunSession::own_deadline()));
        return done;
    }
    return session.connection().commit(RunSession::own_deadline());
}

Result<void> write_baseline(RunSession& session, const Version& version, const std::string& description) {
    if (session.dialect() != Dialect::oracle) {
        MAJED_TRY(session.ensure_ledger());
    }
    // Again, inside: where no lock of ours keeps others away, the transaction does.
    MAJED_TRY_ASSIGN(const KnownState known, session.look());
    if (!known.rows.empty()) {
        return Error{.code = ErrorCode::conflict,
                     .message = "migrations are recorded already: a baseline comes before all of them",
                     .hint = "`status` shows what is recorded"};
    }
    LedgerRow row;
    row.id = known.next_id();
    row.version = version.text();
    row.description = description;
    row.state = LedgerState::baseline;
    sign(row, session.surroundings().options);
    MAJED_TRY_ASSIGN(row.schema_hash, session.renew_picture());
    return session.ledger().write(row, RunSession::own_deadline());
}

class Repair {
public:
    Repair(RunSession& session, const RepairOptions& options) : session_(session), options_(options) {}

    Result<void> run() {
        MAJED_TRY_ASSIGN(const KnownState known, session_.look());
        if (!known.tables.rows) {
            return Error{ErrorCode::not_found, "the database has no ledger of migrations"};
        }
        if (options_.key) {
            return settle(known, *options_.key);
        }
        for (const MigrationStatus& status : known.statuses) {
            MAJED_TRY(take_up(status));
        }
        return options_.accept_drift ? accept_drift(known) : Result<void>();
    }

    std::vector<std::string> done() && { return std::move(done_); }

private:
    Result<void> take_up(const MigrationStatus& status) {
        const bool forgets = status.state == MigrationState::missing && options_.forget_missing;
        if (forgets && status.row) {
            MAJED_TRY(session_.ledger().forget(status.row->version, RunSession::own_deadline()));
            done_.push_back("Forgot " + status.row->version + ", whose file is gone.");
            return {};
        }
        const bool takes = status.state == MigrationState::cosmetic ||
                           (status.state == MigrationState::changed && options_.accept_changes);
        if (!takes || !status.row || status.migration == nullptr) {
            return {};
        }
        LedgerRow row = *status.row;
        row.checksum = status.migration->checksum;
        row.tokens_checksum = status.migration->tokens_checksum;
        MAJED_TRY(session_.ledger().write_checksums(row, RunSession::own_deadline()));
        done_.push_back("Took up " + status.migration->file + " as it is now" +
                        (status.state == MigrationState::cosmetic
                             ? ": its statements are those that ran."
                             : ": its statements are NOT those that ran, which was accepted."));
        return {};
    }

    Result<void> accept_drift(const KnownState& known) {
        MAJED_TRY_ASSIGN(const SchemaPicture now, session_.take_picture());
        MAJED_TRY_ASSIGN(const SchemaPicture kept, known.tables.picture
                                                       ? session_.ledger().picture(RunSession::own_deadline())
                                                       : Result<SchemaPicture>(SchemaPicture{}));
        const std::size_t changed = differences(kept, now).size();
        if (changed == 0 && known.tables.picture) {
            return {};
        }
        if (!known.tables.picture) {
            MAJED_TRY(session_.ensure_ledger());
        }
        MAJED_TRY(session_.renew_picture());
        done_.push_back("Took a new picture of the schema: " + std::to_string(changed) + " objects differ.");
        return {};
    }

    Result<void> settle(const KnownState& known, const std::string& key) {
        const MigrationStatus* const status = known.find(key);
        if (status == nullptr || !status->row) {
            return Error{ErrorCode::not_found, "the ledger has no row for " + key};
        }
        if (!is_unfinished(*status->row)) {
            return Error{
                .code = ErrorCode::conflict,
                .message = key + " has nothing to be settled: it is " + std::string(name_of(status->state)),
                .hint = "without a migration's name `repair` takes up changed files"};
        }
        if (status->migration == nullptr) {
            return Error{ErrorCode::not_found, "there is no file for " + key};
        }
        Job job;
        job.migration = status->migration;
        job.row = *status->row;
        job.direction = is_undoing(job.row) ? Direction::down : Direction::up;
        if (options_.accept_changes) {
            MAJED_TRY(accept_changes(job));
        }
        MAJED_TRY(check_progress(job));
        return options_.resolution == Resolution::applied ? count_one(job) : clear_doubt(job);
    }

    /// What ran is from now on what the file says, as far as it ran.
    Result<void> accept_changes(Job& job) {
        const std::size_t applied = job.row.statements_applied;
        if (applied > job.script().statements.size()) {
            return Error{ErrorCode::conflict, "more statements ran than " + job.file() + " has"};
        }
        const std::string digest = progress_digest(job.script(), applied, job.direction);
        if (digest == job.row.progress_digest) {
            return {};
        }
        job.row.progress_digest = digest;
        MAJED_TRY(session_.ledger().write_checksums(job.row, RunSession::own_deadline()));
        done_.push_back("Took the first " + std::to_string(applied) + " statements of " + job.file() +
                        " for those that ran.");
        return {};
    }

    Result<void> count_one(Job& job) {
        const std::size_t number = job.row.statements_applied + 1;
        if (number > job.script().statements.size()) {
            return Error{ErrorCode::conflict, "every statement of " + job.file() + " ran already"};
        }
        job.row.statements_applied = number;
        job.row.progress_digest = progress_digest(job.script(), number, job.direction);
        MAJED_TRY(write(job));
        done_.push_back("Statement " + std::to_string(number) + " of " + job.file() + " counts as applied.");
        return {};
    }

    Result<void> clear_doubt(Job& job) {
        const bool doubted = job.row.statement_begun != 0;
        MAJED_TRY(write(job));
        if (doubted) {
            done_.push_back("Statement " + std::to_string(job.row.statements_applied + 1) + " of " +
                            job.file() + " counts as not applied: the next run begins there.");
        }
        return {};
    }

    Result<void> write(Job& job) {
        job.row.statement_begun = 0;
        job.row.state = LedgerState::running;
        job.row.error.clear();
        return session_.ledger().write_progress(job.row, RunSession::own_deadline());
    }

    RunSession& session_;
    const RepairOptions& options_;
    std::vector<std::string> done_;
};

}  // namespace

Result<void> run_baseline(const Surroundings& surroundings, const Version& version,
                          const std::string& description) {
    MAJED_TRY_ASSIGN(const auto session, RunSession::open(surroundings, Locking::exclusive));
    if (session->dialect() == Dialect::oracle) {
        MAJED_TRY(session->ensure_ledger());
    }
    return in_transaction(*session, [&] { return write_baseline(*session, version, description); });
}

Result<RepairReport> run_repair(const Surroundings& surroundings, const RepairOptions& options) {
    MAJED_TRY_ASSIGN(const auto session, RunSession::open(surroundings, Locking::exclusive));
    MAJED_TRY_ASSIGN(const LedgerTables present, session->ledger().tables(RunSession::own_deadline()));
    if (session->dialect() == Dialect::oracle && present.rows && !present.picture) {
        MAJED_TRY(session->ensure_ledger());
    }
    Repair repair(*session, options);
    MAJED_TRY(in_transaction(*session, [&] { return repair.run(); }));
    return RepairReport{std::move(repair).done()};
}

}  // namespace majed::migrate
