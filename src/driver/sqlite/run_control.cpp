// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/run_control.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace majed::driver::sqlite {

namespace {

/// Some 10 microseconds of SQLite's work: a cancellation is noticed soon and asking costs nothing that shows.
constexpr int steps_between_questions = 1000;

/// A writer holds the lock of a rollback-journal database for one commit; who waits longer than this meets a
/// stuck one.
constexpr std::chrono::milliseconds longest_lock_wait{5000};
constexpr std::chrono::milliseconds lock_poll{1};

}  // namespace

void RunControl::install(sqlite3* database) {
    sqlite3_progress_handler(database, steps_between_questions, &RunControl::on_progress, this);
    sqlite3_busy_handler(database, &RunControl::on_busy, this);
}

void RunControl::begin(Deadline deadline) noexcept {
    cancelled_.store(false, std::memory_order_relaxed);
    deadline_ = deadline;
}

bool RunControl::must_stop() const noexcept {
    return is_cancelled() || SteadyClock::now() >= deadline_;
}

Error RunControl::stop_error(int native) const {
    return is_cancelled() ? Error{.code = ErrorCode::cancelled,
                                  .message = "the statement was cancelled",
                                  .native_code = native,
                                  .failure = FailureClass::cancelled}
                          : Error{.code = ErrorCode::timeout,
                                  .message = "the statement's deadline passed",
                                  .native_code = native,
                                  .failure = FailureClass::timeout};
}

int RunControl::on_progress(void* self) {
    return static_cast<const RunControl*>(self)->must_stop() ? 1 : 0;
}

int RunControl::on_busy(void* self, int attempts) {
    if (attempts >= longest_lock_wait / lock_poll || static_cast<const RunControl*>(self)->must_stop()) {
        return 0;
    }
    std::this_thread::sleep_for(lock_poll);
    return 1;
}

}  // namespace majed::driver::sqlite
