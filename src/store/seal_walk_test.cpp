// SPDX-License-Identifier: Apache-2.0
#include "store/seal_walk.h"

#include "crypto/key_file.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"
#include "store/records.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <semaphore>
#include <thread>

namespace majed::store {
namespace {

using driver::sqlite::Database;

constexpr crypto::RootTime time_of_roots{std::chrono::seconds(1'800'000'000)};
const ResealWatch to_the_end = [](const ResealProgress&) { return WalkOn::yes; };

/// One process that uses a store: its own connection, its own view of the key file.
class Participant {
public:
    Participant(const std::string& path, const std::string& key)
        : seals(std::make_shared<StoreSeals>(key)),
          database(Database::open(path, driver::sqlite::OpenMode::read_write).value()),
          walk(SealWalk::open(path, seals).value()) {
        EXPECT_TRUE(database.execute("PRAGMA foreign_keys = ON"));
    }

    template <class Work>
    Result<void> in_transaction(Work&& work) {
        MAJED_TRY(database.execute("BEGIN IMMEDIATE"));
        auto done = work();
        if (done) return database.execute("COMMIT");
        EXPECT_TRUE(database.execute("ROLLBACK"));
        return done;
    }

    /// A conversation whose message is `message <id>` and whose response is absent in every third row.
    Result<void> insert(std::int64_t id) {
        MAJED_TRY_ASSIGN(std::string message,
                         seals->seal(database, Sealed::message, id, "message " + std::to_string(id)));
        Value response{Null{}};
        if (id % 3 != 0) {
            MAJED_TRY_ASSIGN(std::string text,
                             seals->seal(database, Sealed::response, id, "response " + std::to_string(id)));
            response = std::move(text);
        }
        MAJED_TRY(change(database,
                         "INSERT INTO conversations (id, user_id, session_id, message, response)"
                         " VALUES (?1, 1, 's', ?2, ?3)",
                         {id, std::move(message), std::move(response)}));
        return {};
    }
    Result<void> fill(std::int64_t first, std::int64_t last) {
        const auto all = [&]() -> Result<void> {
            for (std::int64_t id = first; id <= last; ++id) MAJED_TRY(insert(id));
            return {};
        };
        return in_transaction(all);
    }

    const std::shared_ptr<StoreSeals> seals;
    Database database;
    const std::unique_ptr<SealWalk> walk;
};

/// Lets another thread work so many times, so that it cannot keep everybody else from the store.
class Turns {
public:
    void give(std::ptrdiff_t count) { turns_.release(count); }
    void end() {
        over_ = true;
        turns_.release();
    }
    [[nodiscard]] bool next() {
        turns_.acquire();
        return !over_;
    }

private:
    std::counting_semaphore<> turns_{0};
    std::atomic<bool> over_{false};
};

class SealWalkTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto::KeyFile::create(key_, time_of_roots));
        ASSERT_TRUE(make_primary_tables(path_));
        me_.emplace(path_, key_);
        ASSERT_TRUE(me_->database.execute(
            "INSERT INTO users (id, username, hashed_password, role) VALUES (1, 'nora', 'x', 'normal')"));
    }

    [[nodiscard]] std::string rotate() const {
        return crypto::KeyFile::rotate(key_, time_of_roots)->roots().front().id;
    }
    [[nodiscard]] std::vector<std::string> roots() const {
        std::vector<std::string> ids;
        for (auto& root : crypto::KeyFile::read(key_)->roots()) ids.push_back(root.id);
        return ids;
    }
    [[nodiscard]] std::int64_t number(const std::string& sql) {
        auto rows = me_->database.prepare(sql);
        EXPECT_TRUE(rows && *rows->step()) << sql;
        return rows->integer(0);
    }
    /// How many texts there are; each opens, and says what it should.
    [[nodiscard]] std::size_t opened() {
        std::size_t count = 0;
        StoreSeals seals(key_);
        auto rows = me_->database.prepare("SELECT id, message, response FROM conversations");
        while (*rows->step()) {
            const std::string id = std::to_string(rows->integer(0));
            const auto message = seals.open(Sealed::message, rows->integer(0), rows->text(1));
            EXPECT_TRUE(message && message->reveal() == "message " + id) << id;
            ++count;
            if (rows->integer(0) % 3 == 0) continue;
            const auto response = seals.open(Sealed::response, rows->integer(0), rows->text(2));
            EXPECT_TRUE(response && response->reveal() == "response " + id) << id;
            ++count;
        }
        return count;
    }
    void expect_all_under(const std::string& root) {
        const auto census = Participant(path_, key_).walk->count();
        ASSERT_TRUE(census);
        EXPECT_EQ(census->current, root);
        EXPECT_TRUE(census->resealed);
        EXPECT_EQ(census->unknown, 0U);
        EXPECT_EQ(census->by_root.size(), 1U);
        EXPECT_EQ(census->by_root.count(root), 1U);
    }
    [[nodiscard]] std::string token_of(std::int64_t id) {
        auto rows =
            me_->database.prepare("SELECT message FROM conversations WHERE id = " + std::to_string(id));
        EXPECT_TRUE(rows && *rows->step());
        return rows->text(0);
    }

    driver::sqlite::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("majed.db");
    const std::string key_ = directory_.file("majed.key");
    std::optional<Participant> me_;
};

TEST_F(SealWalkTest, puts_every_text_of_every_column_under_the_newest_root) {
    ASSERT_TRUE(me_->fill(1, 450));
    const auto more = [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(std::string password,
                         me_->seals->seal(me_->database, Sealed::source_password, 5, "p"));
        MAJED_TRY_ASSIGN(std::string data_key, me_->seals->seal(me_->database, Sealed::data_key, 9, "k"));
        MAJED_TRY(
            change(me_->database,
                   "INSERT INTO source_passwords (id, source, password, updated_at) VALUES (5, 's', ?1, 't')",
                   {std::move(password)}));
        MAJED_TRY(change(me_->database,
                         "INSERT INTO data_keys (id, key_id, purpose, wrapped_key, created_at)"
                         " VALUES (9, '0123456789abcdef', 'audit', ?1, 't')",
                         {std::move(data_key)}));
        return {};
    };
    ASSERT_TRUE(me_->in_transaction(more));
    const std::string former = roots().front();
    const std::string root = rotate();
    EXPECT_TRUE(*me_->walk->is_pending());

    std::vector<ResealProgress> told;
    const auto report = me_->walk->reseal([&](const ResealProgress& progress) {
        told.push_back(progress);
        return WalkOn::yes;
    });
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->root, root);
    EXPECT_EQ(report->texts, 752U);
    EXPECT_EQ(report->resealed, 752U);
    EXPECT_EQ(report->unopened, 0U);
    ASSERT_GE(told.size(), 7U);  // Three steps of messages, two of responses, one each of the others.
    EXPECT_EQ(told[0].done, 200U);
    EXPECT_EQ(told[0].total, 450U);
    EXPECT_EQ(told[2].done, 450U);
    EXPECT_EQ(told.back().column, Sealed::data_key);

    expect_all_under(root);
    EXPECT_EQ(opened(), 750U);
    EXPECT_FALSE(*me_->walk->is_pending());
    EXPECT_EQ(number("SELECT count(*) FROM encryption_roots WHERE resealed_at IS NOT NULL AND root_id = '" +
                     root + "'"),
              1);
    EXPECT_EQ(number("SELECT count(*) FROM encryption_roots WHERE root_id = '" + former + "'"), 1);
}

TEST_F(SealWalkTest, changes_nothing_the_second_time) {
    ASSERT_TRUE(me_->fill(1, 20));
    static_cast<void>(rotate());
    ASSERT_TRUE(me_->walk->reseal(to_the_end));
    const std::string token = token_of(7);
    const auto again = me_->walk->reseal(to_the_end);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->complete);
    EXPECT_EQ(again->resealed, 0U);
    EXPECT_GT(again->texts, 20U);
    EXPECT_EQ(token_of(7), token);
}

TEST_F(SealWalkTest, of_a_store_without_texts_has_nothing_pending) {
    EXPECT_FALSE(*me_->walk->is_pending());
    static_cast<void>(rotate());
    EXPECT_FALSE(*me_->walk->is_pending());
    const auto report = me_->walk->reseal(to_the_end);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->texts, 0U);
    EXPECT_FALSE(*me_->walk->is_pending());
    static_cast<void>(rotate());
    EXPECT_TRUE(*me_->walk->is_pending());
}

TEST_F(SealWalkTest, leaves_what_does_not_open_and_says_so) {
    ASSERT_TRUE(me_->fill(1, 30));
    const std::string root = rotate();
    std::string changed = token_of(4);
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    ASSERT_TRUE(change(me_->database, "UPDATE conversations SET message = ?1 WHERE id = 4", {changed}));
    // Another row's text: its key is right, its place is not.
    ASSERT_TRUE(
        me_->database.execute("UPDATE conversations SET response = (SELECT response FROM conversations WHERE "
                              "id = 1) WHERE id = 5"));
    const auto report = me_->walk->reseal(to_the_end);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->complete);
    EXPECT_EQ(report->unopened, 2U);
    EXPECT_EQ(report->unopened_places,
              (std::vector<std::string>{"conversations.message 4", "conversations.response 5"}));
    EXPECT_EQ(token_of(4), changed);
    EXPECT_EQ(number("SELECT count(*) FROM encryption_roots WHERE resealed_at IS NOT NULL"), 0);
    EXPECT_TRUE(*me_->walk->is_pending());
    const auto census = me_->walk->count();
    ASSERT_TRUE(census);
    EXPECT_EQ(census->unknown, 1U);
    EXPECT_EQ(census->by_root.at(root), 48U);
    // Without them it can be done.
    ASSERT_TRUE(me_->database.execute("DELETE FROM conversations WHERE id IN (4, 5)"));
    EXPECT_TRUE(me_->walk->reseal(to_the_end)->complete);
    expect_all_under(root);
}

TEST_F(SealWalkTest, goes_on_where_another_was_ended) {
    ASSERT_TRUE(me_->fill(1, 500));
    const std::string root = rotate();
    const auto ended = me_->walk->reseal([](const ResealProgress&) { return WalkOn::no; });
    ASSERT_TRUE(ended);
    EXPECT_FALSE(ended->complete);
    EXPECT_EQ(ended->resealed, 200U);
    EXPECT_TRUE(*me_->walk->is_pending());
    Participant other(path_, key_);
    const auto report = other.walk->reseal(to_the_end);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->resealed, report->texts - 200);
    expect_all_under(root);
    EXPECT_EQ(opened(), 834U);
}

TEST_F(SealWalkTest, begins_anew_when_the_root_is_replaced_meanwhile) {
    ASSERT_TRUE(me_->fill(1, 450));
    static_cast<void>(rotate());
    std::string last;
    const auto report = me_->walk->reseal([&](const ResealProgress&) {
        if (last.empty()) last = rotate();
        return WalkOn::yes;
    });
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->root, last);
    expect_all_under(last);
    EXPECT_EQ(opened(), 750U);
}

TEST_F(SealWalkTest, reseals_under_the_current_root_though_the_file_has_a_newer_one) {
    ASSERT_TRUE(me_->fill(1, 3));
    const std::string adopted = rotate();
    ASSERT_TRUE(me_->walk->adopt());
    const auto again = me_->seals->reseal(me_->database, Sealed::message, 1, token_of(1));
    ASSERT_TRUE(again && *again);
    EXPECT_EQ(*me_->seals->root_of(Sealed::message, **again), adopted);
}

TEST_F(SealWalkTest, misses_nothing_that_others_write_and_delete_meanwhile) {
    ASSERT_TRUE(me_->fill(1, 420));
    std::atomic<int> refused{0};
    // Each adds rows and deletes some that the walk has passed, and some that it has not.
    const auto write = [&](Turns& turns, std::int64_t first) {
        Participant other(path_, key_);
        for (std::int64_t id = first; turns.next(); id += 2) {
            const auto work = [&]() -> Result<void> {
                MAJED_TRY(other.insert(id));
                MAJED_TRY(change(other.database, "DELETE FROM conversations WHERE id IN (?1, ?2)",
                                 {id - first + 1, 420 - (id - first)}));
                return {};
            };
            if (!other.in_transaction(work)) ++refused;
        }
    };
    Turns of_first;
    Turns of_second;
    std::thread first([&] { write(of_first, 100'001); });
    std::thread second([&] { write(of_second, 200'002); });
    std::string newest;
    for (int i = 0; i < 2; ++i) {
        newest = rotate();
        const auto report = me_->walk->reseal([&](const ResealProgress&) {
            of_first.give(4);
            of_second.give(4);
            return WalkOn::yes;
        });
        EXPECT_TRUE(report && report->complete);
        // Some are still at it: everything is under the newest root already.
        const auto census = me_->walk->count();
        ASSERT_TRUE(census);
        EXPECT_TRUE(census->resealed);
        EXPECT_EQ(census->by_root.size(), 1U);
        EXPECT_EQ(census->by_root.count(newest), 1U);
    }
    of_first.end();
    of_second.end();
    first.join();
    second.join();
    EXPECT_EQ(refused, 0);
    expect_all_under(newest);
    EXPECT_GT(opened(), 0U);
    EXPECT_GT(number("SELECT count(*) FROM conversations WHERE id > 100000"), 0);
    EXPECT_LT(number("SELECT count(*) FROM conversations WHERE id <= 420"), 420);
}

TEST_F(SealWalkTest, loses_nothing_wherever_it_is_killed) {
    ASSERT_TRUE(me_->fill(1, 210));
    const std::size_t texts = opened();
    me_.reset();  // A connection must not be carried into another process.
    std::string root;
    for (int round = 0; round < 4; ++round) {
        root = rotate();
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            Participant other(path_, key_);
            int left = round;
            const auto report = other.walk->reseal([&](const ResealProgress&) {
                if (left-- == 0) ::raise(SIGKILL);
                return WalkOn::yes;
            });
            ::_exit(report ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        me_.emplace(path_, key_);
        EXPECT_EQ(opened(), texts) << round;
        if (round == 1) {
            EXPECT_TRUE(me_->walk->reseal(to_the_end)->complete);
            expect_all_under(root);
        }
        me_.reset();
    }
    me_.emplace(path_, key_);
    EXPECT_TRUE(me_->walk->reseal(to_the_end)->complete);
    expect_all_under(root);
    EXPECT_EQ(opened(), texts);
}

TEST_F(SealWalkTest, lets_go_of_a_root_only_when_nothing_is_under_it) {
    static_cast<void>(rotate());
    ASSERT_TRUE(me_->fill(1, 10));
    const std::string middle = roots()[0];
    const std::string oldest = roots()[1];
    const std::string newest = rotate();
    const auto refusal = [&](const std::string& root) {
        const auto retired = me_->walk->retire(root);
        EXPECT_FALSE(retired);
        return retired ? Error{} : retired.error();
    };
    // Not adopted yet.
    EXPECT_EQ(refusal(middle).code, ErrorCode::conflict);
    EXPECT_NE(refusal(middle).hint.find("majed key reseal"), std::string::npos);
    ASSERT_TRUE(me_->walk->adopt());
    EXPECT_EQ(refusal(middle).message, "17 stored texts are sealed under the root key " + middle);
    EXPECT_NE(refusal(middle).hint.find("majed key reseal"), std::string::npos);
    EXPECT_EQ(refusal(newest).code, ErrorCode::conflict);
    EXPECT_EQ(refusal(oldest).code, ErrorCode::conflict);
    EXPECT_EQ(refusal("0000000000000000").code, ErrorCode::not_found);
    EXPECT_EQ(roots(), (std::vector{newest, middle, oldest}));

    ASSERT_TRUE(me_->walk->reseal(to_the_end)->complete);
    const auto retired = me_->walk->retire(middle);
    ASSERT_TRUE(retired) << retired.error().message;
    EXPECT_EQ(roots(), (std::vector{newest, oldest}));
    EXPECT_EQ(opened(), 17U);
    EXPECT_TRUE(me_->fill(11, 12));
    expect_all_under(newest);
}

TEST_F(SealWalkTest, lets_go_of_a_root_while_somebody_reads_and_changes_nothing_in_the_store) {
    static_cast<void>(rotate());
    ASSERT_TRUE(me_->fill(1, 3));
    const std::string middle = roots()[0];
    static_cast<void>(rotate());
    ASSERT_TRUE(me_->walk->reseal(to_the_end)->complete);
    const auto written = [&] {
        auto rows = me_->database.prepare(
            "SELECT group_concat(root_id || ifnull(resealed_at, '-')) FROM"
            " encryption_roots");
        EXPECT_TRUE(rows && *rows->step());
        return rows->text(0);
    };
    const std::string before = written();
    auto reader = Database::open(path_, driver::sqlite::OpenMode::read_only);
    ASSERT_TRUE(reader && reader->execute("BEGIN; SELECT count(*) FROM users"));
    ASSERT_TRUE(me_->fill(4, 5));
    const auto retired = me_->walk->retire(middle);
    EXPECT_TRUE(retired) << retired.error().message;
    EXPECT_EQ(written(), before);
    EXPECT_EQ(before.find('?'), std::string::npos);
}

TEST_F(SealWalkTest, lets_go_of_no_root_while_others_write_under_it) {
    // Rotated, resealed, retired and written at once: a text that is lost would not open.
    ASSERT_TRUE(me_->fill(1, 30));
    std::atomic<int> refused{0};
    Turns turns;
    std::thread writer([&] {
        Participant other(path_, key_);
        for (std::int64_t id = 1000; turns.next(); ++id) {
            if (!other.in_transaction([&] { return other.insert(id); })) ++refused;
        }
    });
    int gone = 0;
    for (int i = 0; i < 6; ++i) {
        const std::string former = roots().front();
        turns.give(3);
        static_cast<void>(rotate());
        turns.give(3);
        if (i % 2 == 1) {
            const auto report = me_->walk->reseal(to_the_end);
            EXPECT_TRUE(report && report->complete);
        }
        turns.give(3);
        if (me_->walk->retire(former)) ++gone;
    }
    turns.end();
    writer.join();
    EXPECT_EQ(refused, 0);
    EXPECT_GT(gone, 0);
    EXPECT_GE(opened(), 50U);
}

TEST_F(SealWalkTest, is_refused_with_an_old_copy_of_the_key_file) {
    const std::string copy = directory_.file("copy");
    std::filesystem::copy_file(key_, copy);
    ASSERT_TRUE(me_->fill(1, 3));
    static_cast<void>(rotate());
    ASSERT_TRUE(me_->walk->reseal(to_the_end));
    std::filesystem::rename(copy, key_);
    Participant later(path_, key_);
    const auto refused = later.walk->reseal(to_the_end);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(later.walk->count()->unknown, 5U);
}

}  // namespace
}  // namespace majed::store
