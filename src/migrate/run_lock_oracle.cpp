// SPDX-License-Identifier: Apache-2.0
#include "migrate/ledger_tables.h"
#include "migrate/query_rows.h"
#include "migrate/run_lock.h"

#include <utility>

namespace majed::migrate {

namespace {

constexpr std::chrono::seconds question_time{30};
constexpr int name_is_taken = 955;  // ORA-00955
constexpr int lock_is_taken = 54;   // ORA-00054

class TableLock final : public RunLock {
public:
    explicit TableLock(std::unique_ptr<driver::Connection> aside) noexcept : aside_(std::move(aside)) {}

    Result<void> check(Deadline deadline) override {
        auto alive = aside_->reusable() ? aside_->ping(deadline) : Result<void>();
        if (!aside_->reusable() || !alive || !aside_->in_transaction()) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "the session that holds the lock of this run is lost",
                         .hint = "run it again: what is done stays, and it goes on behind it",
                         .failure = FailureClass::lost};
        }
        return {};
    }

private:
    std::unique_ptr<driver::Connection> aside_;
};

Result<void> make_table(driver::Connection& connection) {
    const std::string sql = "CREATE TABLE " + std::string(lock_table) + " (nothing NUMBER(1))";
    const auto made = change(connection, sql, {}, deadline_after(question_time));
    // Another may have been quicker.
    return made || made.error().native_code == name_is_taken ? Result<void>() : Result<void>(made.error());
}

}  // namespace

Result<std::unique_ptr<RunLock>> lock_table_aside(driver::Driver& connections, const LockWait& wait) {
    MAJED_TRY_ASSIGN(std::unique_ptr<driver::Connection> aside, connections.open(wait.deadline));
    MAJED_TRY_ASSIGN(const std::vector<Row> found,
                     fetch(*aside, "SELECT table_name FROM user_tables WHERE table_name = UPPER(:p_table)",
                           {{"p_table", std::string(lock_table)}}, deadline_after(question_time)));
    if (found.empty()) {
        MAJED_TRY(make_table(*aside));
    }
    const std::string sql = "LOCK TABLE " + std::string(lock_table) + " IN EXCLUSIVE MODE NOWAIT";
    Patience patience(wait);
    MAJED_TRY(aside->begin(driver::TransactionMode::read_write, deadline_after(question_time)));
    for (;;) {
        const auto locked = change(*aside, sql, {}, deadline_after(question_time));
        if (locked) {
            return std::unique_ptr<RunLock>(std::make_unique<TableLock>(std::move(aside)));
        }
        if (locked.error().native_code != lock_is_taken) {
            return locked.error();
        }
        MAJED_TRY(patience.pause());
    }
}

}  // namespace majed::migrate
