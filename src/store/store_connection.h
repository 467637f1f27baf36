/// The one connection to the primary store's file: reads, and changes that tell the journal.
///
/// Why      A change is a transaction with a name: whoever writes has to say what, and it is audited before and after.
/// Life     One per process, shared by the stores over it; borrows nothing, owns the connection.
/// Threads  All methods may be called from any thread; one works at a time.
/// Not here What is stored (primary_store.h and its neighbours).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "driver/sqlite/database.h"
#include "store/change.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace majed::store {

/// The time of day: what is stored outlives the process, so a steady clock cannot serve.
using WallClock = std::function<std::chrono::system_clock::time_point()>;

/// The clock that was given, or the system's.
[[nodiscard]] WallClock or_system_clock(WallClock clock);

class StoreConnection {
public:
    /// Foreign keys on. `journal` hears of every change. Errors: of the database.
    [[nodiscard]] static Result<std::shared_ptr<StoreConnection>> over(driver::sqlite::Database connection,
                                                                       std::shared_ptr<ChangeJournal> journal,
                                                                       WallClock clock);

    [[nodiscard]] std::chrono::system_clock::time_point now() const { return clock_(); }
    /// `2025-01-31T23:59:59.123Z`, as the tables hold it; texts compare as times do.
    [[nodiscard]] std::string now_text() const { return time_text(now()); }
    [[nodiscard]] static std::string time_text(std::chrono::system_clock::time_point when);

    /// Runs `work(connection)` alone.
    template <class Work>
    auto read(Work&& work) {
        const Lock lock(mutex_);
        return work(connection_);
    }

    /// Runs `work(connection, images)` in one transaction, between the two records of the journal; an error rolls it back
    /// and is recorded. Nothing is done when the intent cannot be recorded. A change whose outcome cannot be recorded is
    /// made: its intent tells of it, and the error is answered.
    template <class Work>
    auto change(const Change& what, Work&& work)
        -> decltype(work(std::declval<driver::sqlite::Database&>(), std::declval<Images&>())) {
        MAJED_TRY_ASSIGN(const std::string event, journal_->intend(what));
        Images images;
        auto done =
            transaction([&](driver::sqlite::Database& connection) { return work(connection, images); });
        const Error failure = done ? Error{} : done.error();
        const auto told = journal_->conclude(event, what, images, done ? nullptr : &failure);
        if (done && !told) return told.error();
        return done;
    }

    /// One change in as many transactions as it takes, with others between them: each `batch(connection, images)` answers
    /// whether there is more. Told to the journal as one. An error ends it and is answered; what was made before it stays,
    /// and is told as made.
    template <class Batch>
    Result<void> change_in_batches(const Change& what, Batch&& batch) {
        MAJED_TRY_ASSIGN(const std::string event, journal_->intend(what));
        Images made;
        bool any = false;
        Result<bool> more = true;
        while (more && *more) {
            Images images = made;
            more =
                transaction([&](driver::sqlite::Database& connection) { return batch(connection, images); });
            if (!more) break;
            made = std::move(images);
            any = true;
        }
        const Error failure = more ? Error{} : more.error();
        MAJED_TRY(journal_->conclude(event, what, made, any ? nullptr : &failure));
        if (!more) return failure;
        return {};
    }

    /// What is nobody's act: a time of last use, what has expired, a hash under newer parameters. Not in the journal.
    template <class Work>
    auto maintain(Work&& work) {
        return transaction(std::forward<Work>(work));
    }

private:
    StoreConnection(driver::sqlite::Database connection, std::shared_ptr<ChangeJournal> journal,
                    WallClock clock) noexcept;

    template <class Work>
    auto transaction(Work&& work) -> decltype(work(std::declval<driver::sqlite::Database&>())) {
        const Lock lock(mutex_);
        MAJED_TRY(connection_.execute("BEGIN IMMEDIATE"));
        auto done = work(connection_);
        if (done) {
            auto committed = connection_.execute("COMMIT");
            if (committed) return done;
            roll_back();
            return std::move(committed).error();
        }
        roll_back();
        return done;
    }
    void roll_back() MAJED_REQUIRES(mutex_);

    Mutex mutex_;
    driver::sqlite::Database connection_ MAJED_GUARDED_BY(mutex_);
    const std::shared_ptr<ChangeJournal> journal_;
    const WallClock clock_;
};

}  // namespace majed::store
