// SPDX-License-Identifier: Apache-2.0
// A workload during which each write of the disk fails once in turn: every strict operation is refused or on record, and
// what is lost of the others is counted to the record.
#include "audit_faults/audited_store.h"
#include "audit_faults/faulty_disk.h"

#include <sqlite3.h>

#include <string>
#include <vector>

namespace majed::audit {
namespace {

/// What a caller was told.
struct Told {
    std::string name;
    bool done = false;
};

/// One store for all turns: what a fault left behind must not hurt the next one.
class EveryWrite : public ::testing::Test {
protected:
    void strictly(const std::string& event, Phase phase) {
        const auto done =
            store_.trail().append({.phase = phase, .event_id = event, .action = "strict"}, Assurance::strict);
        EXPECT_TRUE(done || done.error().code == ErrorCode::unavailable);
        strict_.push_back({event, done.has_value()});
    }
    void loosely() {
        for (int i = 0; i < 2; ++i) {
            EXPECT_TRUE(store_.trail().append({.action = "loose"}, Assurance::best_effort));
            ++loose_;
        }
        store_.trail().flush();
    }

    /// True: the fault was met.
    bool work(const std::string& turn, const DiskFault& fault) {
        strict_.clear();
        disk_.plan(fault);
        strictly("first " + turn, Phase::intent);
        loosely();
        client_ = {"client " + turn, store_.store().add_client({}, "client " + turn).has_value()};
        strictly("second " + turn, Phase::event);
        const bool met = disk_.met();
        disk_.mend();
        strictly("last " + turn, Phase::event);
        EXPECT_TRUE(strict_.back().done) << "the disk is well again";
        return met;
    }

    void expect_nothing_lost() {
        for (const Told& one : strict_) {
            EXPECT_EQ(store_.count("event_id = '" + one.name + "'"), one.done ? 1U : 0U) << one.name;
        }
        const AuditStats stats = store_.trail().stats();
        EXPECT_EQ(store_.count("action = 'loose'") + stats.dropped, loose_);
        EXPECT_EQ(store_.told_as_lost(), stats.dropped);
        EXPECT_EQ(store_.count("action <> 'audit.gap'"), stats.written);
        EXPECT_EQ(stats.waiting, 0U);
        EXPECT_FALSE(stats.failing);
    }
    void expect_no_client_off_the_record() {
        const std::string of_it = "action = 'client.add' AND resource_id = '" + client_.name + "' AND ";
        const bool there = store_.cell("SELECT count(*) FROM integration_clients WHERE client_name = '" +
                                       client_.name + "'") == "1";
        EXPECT_GE(store_.count(of_it + "phase = 'intent'"), there ? 1U : 0U)
            << "it is there, and nobody said so before";
        EXPECT_GE(there ? 1U : 0U, client_.done ? 1U : 0U);
        EXPECT_EQ(store_.count(of_it + "phase = 'outcome' AND success"), client_.done ? 1U : 0U);
    }

    void fail_each(int error, bool stays) {
        static_cast<void>(store_.store());
        std::uint64_t turn = 0;
        for (bool met = true; met && !HasFailure(); ++turn) {
            SCOPED_TRACE("at write " + std::to_string(turn));
            met = work(std::to_string(turn), {.after = turn, .error = error, .stays = stays});
            expect_nothing_lost();
            expect_no_client_off_the_record();
        }
        EXPECT_GT(turn, 50U) << "the fault was met too seldom to show anything";
        EXPECT_GT(store_.trail().stats().refused, 10U);
        EXPECT_GT(store_.trail().stats().dropped, 10U);
        store_.close();
        EXPECT_EQ(store_.finding(), "");
        EXPECT_EQ(store_.cell("PRAGMA integrity_check"), "ok");
    }

    FaultyDisk disk_;
    // Nothing but SQLite writes: see faulty_disk.h.
    AuditedStore store_{{}, AuditedStore::Heads::in_the_database};
    std::vector<Told> strict_;
    Told client_;
    std::uint64_t loose_ = 0;
};

TEST_F(EveryWrite, of_a_disk_that_is_full_from_there_on) {
    fail_each(SQLITE_FULL, true);
}

TEST_F(EveryWrite, that_fails_once) {
    fail_each(SQLITE_IOERR_WRITE, false);
}

TEST_F(EveryWrite, of_a_disk_that_becomes_read_only) {
    fail_each(SQLITE_READONLY, true);
}

}  // namespace
}  // namespace majed::audit
