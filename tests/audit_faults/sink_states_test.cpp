// SPDX-License-Identifier: Apache-2.0
// A disk that is full, slow, read-only or gone, a file that is locked: what strict and other callers get, what is counted,
// what health says, and what the record tells when it is over.
#include "audit/trail_status.h"
#include "audit_faults/audited_store.h"
#include "audit_faults/faulty_disk.h"

#include <sqlite3.h>

#include <optional>
#include <string>
#include <thread>

namespace majed::audit {
namespace {

using format::HealthLevel;
using std::chrono::hours;
using std::chrono::milliseconds;

class SinkStates : public ::testing::Test {
protected:
    static HealthLevel health(AuditedStore& store) {
        format::HealthDocument document;
        document.status = HealthLevel::pass;
        add_health(document, store.trail().stats(), "now");
        return document.status;
    }
    static Result<void> strictly(AuditedStore& store, const std::string& event) {
        return store.trail().append({.phase = Phase::intent, .event_id = event, .action = "strict"},
                                    Assurance::strict);
    }
    static void loosely(AuditedStore& store, int records) {
        for (int i = 0; i < records; ++i) {
            EXPECT_TRUE(store.trail().append({.action = "loose"}, Assurance::best_effort));
        }
    }

    /// While it is broken: strict callers are refused, the others go on and are counted, health fails.
    static void expect_refused_and_counted(AuditedStore& store) {
        const auto refused = strictly(store, "refused");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
        EXPECT_TRUE(refused.error().retry_after);
        EXPECT_FALSE(store.store().add_client({}, "nobody"));
        loosely(store, 5);
        store.trail().flush();
        const AuditStats stats = store.trail().stats();
        EXPECT_EQ(stats.refused, 2U);
        EXPECT_EQ(stats.dropped, 5U);
        EXPECT_EQ(stats.waiting, 0U);
        EXPECT_EQ(health(store), HealthLevel::fail);
        EXPECT_NE(metrics_text(stats).find("\nmajed_audit_dropped_total 5\n"), std::string::npos);
        EXPECT_NE(metrics_text(stats).find("\nmajed_audit_refused_total 2\n"), std::string::npos);
    }
    /// Once it is well: all is written again, and the record tells what it lacks.
    static void expect_well_and_told(AuditedStore& store) {
        EXPECT_TRUE(strictly(store, "after"));
        EXPECT_FALSE(store.trail().stats().failing);
        EXPECT_EQ(health(store), HealthLevel::warn) << "of what was lost";
        store.close();
        EXPECT_EQ(store.told_as_lost(), 5U);
        EXPECT_EQ(store.count("action = 'audit.gap'"), 1U);
        EXPECT_EQ(store.count("action = 'loose'"), 0U);
        EXPECT_EQ(store.count("action = 'strict'"), 1U);
        EXPECT_EQ(store.cell("SELECT count(*) FROM integration_clients"), "0");
        EXPECT_EQ(store.finding(), "");
    }

    FaultyDisk disk_;
};

TEST_F(SinkStates, full) {
    AuditedStore store;
    static_cast<void>(store.store());
    disk_.plan({.after = 0, .error = SQLITE_FULL, .stays = true});
    expect_refused_and_counted(store);
    disk_.mend();
    expect_well_and_told(store);
}

TEST_F(SinkStates, locked_for_longer_than_it_is_waited_for) {
    AuditedStore store({.busy_timeout = milliseconds(20)});
    static_cast<void>(store.store());
    auto other = driver::sqlite::Database::open(store.path(), driver::sqlite::OpenMode::read_write);
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
    expect_refused_and_counted(store);
    ASSERT_TRUE(other->execute("ROLLBACK"));
    other = Error{};
    expect_well_and_told(store);
}

TEST_F(SinkStates, read_only_when_it_is_opened) {
    std::optional<AuditedStore> store;
    static_cast<void>(AuditedStore::tables());
    disk_.open_read_only();
    store.emplace();
    expect_refused_and_counted(*store);
    EXPECT_EQ(store->count("1"), 0U);
    store->close();
    EXPECT_EQ(store->count("1"), 0U) << "nothing to tell it to";
}

TEST_F(SinkStates, read_only_from_one_moment_on) {
    AuditedStore store;
    static_cast<void>(store.store());
    ASSERT_TRUE(strictly(store, "before"));
    disk_.plan({.after = 0, .error = SQLITE_IOERR_WRITE, .stays = true});
    expect_refused_and_counted(store);
    disk_.mend();
    EXPECT_TRUE(strictly(store, "after"));
    store.close();
    EXPECT_EQ(store.told_as_lost(), 5U);
}

TEST_F(SinkStates, moved_away_so_that_nobody_would_find_what_is_written) {
    AuditedStore store;
    static_cast<void>(store.store());
    ASSERT_TRUE(strictly(store, "before"));
    const std::string away = store.path() + ".away";
    std::filesystem::rename(store.path(), away);
    expect_refused_and_counted(store);
    std::filesystem::copy_file(away, store.path());
    EXPECT_FALSE(strictly(store, "into_the_old_file")) << "the path names another file now";
    std::filesystem::rename(away, store.path());
    EXPECT_TRUE(strictly(store, "after"));
    store.close();
    EXPECT_EQ(store.told_as_lost(), 5U);
    EXPECT_EQ(store.count("action = 'strict'"), 2U);
}

TEST_F(SinkStates, slow_best_effort_callers_do_not_wait_and_lose_nothing) {
    AuditedStore store({.max_queued = 100, .slow_after = milliseconds(0), .gather_for = milliseconds(0)});
    disk_.hold();
    loosely(store, 1);
    disk_.wait_until_held();
    loosely(store, 103);
    AuditStats stats = store.trail().stats();
    EXPECT_EQ(stats.waiting, 101U) << "one at the disk, and as many as may wait";
    EXPECT_EQ(stats.dropped, 3U) << "past the queue's bound";
    EXPECT_TRUE(stats.slow);
    EXPECT_EQ(health(store), HealthLevel::warn);
    EXPECT_EQ(strictly(store, "refused").error().code, ErrorCode::overloaded);
    disk_.mend();
    store.trail().flush();
    stats = store.trail().stats();
    EXPECT_EQ(stats.written, 101U);
    EXPECT_GE(stats.slow_commits, 1U);
    store.close();
    EXPECT_EQ(store.count("action = 'loose'"), 101U);
    EXPECT_EQ(store.told_as_lost(), 3U);
}

TEST_F(SinkStates, slow_strict_callers_wait_for_so_long_and_are_refused_on_the_record) {
    AuditedStore store({.strict_wait = milliseconds(5)});
    disk_.hold();
    const auto refused = strictly(store, "late");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().message.find("too long"), std::string::npos);
    EXPECT_EQ(store.trail().stats().late, 1U);
    disk_.mend();
    store.trail().flush();
    EXPECT_EQ(store.trail().stats().written, 2U);
    EXPECT_EQ(store.trail().stats().refused, 0U) << "its caller went away, but it is on disk";
    store.close();
    EXPECT_EQ(
        store.cell("SELECT group_concat(phase || ' ' || success) FROM (SELECT * FROM audit_log ORDER BY id)"),
        "intent 1,outcome 0");
    EXPECT_EQ(store.count("event_id = 'late'"), 2U);
    EXPECT_EQ(store.count("error_message LIKE 'unavailable: %too long%'"), 1U);
}

TEST_F(SinkStates, slow_strict_callers_keep_to_their_own_deadline) {
    AuditedStore store({.strict_wait = hours(1)});
    disk_.hold();
    EXPECT_EQ(store.trail()
                  .append({.action = "strict"}, Assurance::strict, deadline_after(milliseconds(5)))
                  .error()
                  .code,
              ErrorCode::timeout);
    disk_.mend();
    store.close();
    EXPECT_EQ(store.count("action = 'strict'"), 1U);
}

TEST_F(SinkStates, slow_and_then_full_everybody_who_waited_is_refused_and_all_is_counted) {
    AuditedStore store({.gather_for = milliseconds(0)});
    disk_.hold();
    std::optional<Error> first;
    std::thread waiting([&] {
        if (auto done = strictly(store, "waiting"); !done) first = done.error();
    });
    disk_.wait_until_held();
    loosely(store, 7);
    disk_.plan({.after = 0, .error = SQLITE_FULL, .stays = true});
    disk_.release();
    waiting.join();
    store.trail().flush();
    EXPECT_TRUE(first) << "its sync failed";
    EXPECT_EQ(store.trail().stats().dropped, 7U);
    disk_.mend();
    store.close();
    EXPECT_EQ(store.told_as_lost(), 7U) << "told at the end, when nothing else came";
    EXPECT_EQ(store.count("action = 'strict'"), 0U);
}

TEST_F(SinkStates, the_gap_is_told_when_the_disk_is_back_although_nobody_writes) {
    AuditedStore store({.retry_gap = milliseconds(1)});
    disk_.plan({.after = 0, .error = SQLITE_FULL, .stays = true});
    loosely(store, 4);
    store.trail().flush();
    disk_.mend();
    const Deadline in_time = deadline_after(std::chrono::minutes(1));
    while (store.told_as_lost() == 0 && SteadyClock::now() < in_time) std::this_thread::yield();
    EXPECT_EQ(store.told_as_lost(), 4U);
    EXPECT_FALSE(store.trail().stats().failing);
    store.close();
    EXPECT_EQ(store.count("action = 'audit.gap'"), 1U) << "once";
}

}  // namespace
}  // namespace majed::audit
