/// A session on a SQLite file that only authorized statements can use, behind three locks.
///
/// Why      What policy decided must hold in the engine also when the parser before it is mistaken.
/// Life     Opened by source/ for one GuardSet; closed when the guard is replaced or doubt remains.
/// Threads  One thread at a time; `interrupt` from any. It stops the run that is under way: one that has not
///          begun is not stopped.
/// Not here Plain connections: database.h. The process-wide memory limit: app/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/lru_cache.h"
#include "driver/driver.h"
#include "driver/session.h"
#include "driver/sqlite/authorizer.h"
#include "driver/sqlite/guard_functions.h"
#include "driver/sqlite/guard_index.h"
#include "driver/sqlite/prepared_statement.h"
#include "driver/sqlite/program_audit.h"
#include "driver/sqlite/run_control.h"
#include "driver/sqlite/session_opening.h"

#include <memory>
#include <string>
#include <vector>

namespace majed::driver::sqlite {

class GovernedSession final : public driver::Session {
public:
    /// When the file's schema is not of the guard's version, every statement ends with conflict: what the guard says
    /// was decided about another schema.
    /// One that is opened to write runs reads too.
    /// Errors: not_found (no such file), unavailable (unreadable, not writable, no database, late), conflict (the schema kept
    /// changing), internal (guards do not install).
    [[nodiscard]] static Result<std::unique_ptr<GovernedSession>> open(const std::string& path,
                                                                       std::shared_ptr<const GuardSet> guard,
                                                                       Deadline deadline = Deadline::max(),
                                                                       Access access = Access::read_only);

    [[nodiscard]] Result<RunSummary> run(const AuthorizedStatement& statement, const Parameters& parameters,
                                         const Attributes& identity, const RunLimits& limits,
                                         RowSink& sink) override;
    [[nodiscard]] Result<void> prepare(const AuthorizedStatement& statement) override;
    [[nodiscard]] Result<void> ping(Deadline deadline) override;
    /// Nothing of a run outlives it, so there is nothing to clear but an interrupt that came late.
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override;
    void abandon() noexcept override;
    [[nodiscard]] bool reusable() const noexcept override { return reusable_; }

private:
    GovernedSession(std::shared_ptr<const GuardSet> guard, Access access);
    [[nodiscard]] Result<void> connect(const std::string& path);
    [[nodiscard]] Result<PreparedStatement*> prepared(const AuthorizedStatement& statement);
    [[nodiscard]] Result<PreparedStatement> compile(const AuthorizedStatement& statement);
    [[nodiscard]] Result<RunSummary> stream(PreparedStatement& prepared, const RunLimits& limits,
                                            RowSink& sink);
    [[nodiscard]] Result<RunSummary> write(PreparedStatement& prepared, const Parameters& parameters,
                                           const RunLimits& limits, RowSink& sink);
    [[nodiscard]] Result<RunSummary> change(PreparedStatement& prepared, const RunLimits& limits,
                                            RowSink& sink);
    [[nodiscard]] Result<void> hand_out(PreparedStatement& prepared, std::uint64_t& bytes_left,
                                        RowSink& sink);
    [[nodiscard]] Error write_failure(int native);
    [[nodiscard]] Error run_failure(int native, bool began);
    [[nodiscard]] Error schema_changed();
    [[nodiscard]] bool schema_moved();
    [[nodiscard]] bool guards_another_schema() const;

    const Access access_;
    GuardContext context_;
    GuardIndex index_;
    Authorizer authorizer_;
    RunControl control_;
    ConnectionHandle connection_;
    RootPages roots_;
    LruCache<std::uint64_t, PreparedStatement> cache_;  ///< By AuthorizedStatement::id.
    std::vector<ValueView> cells_;
    bool reusable_ = true;
};

}  // namespace majed::driver::sqlite
