// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/governed_session.h"

#include "driver/sqlite/catalog_reader.h"
#include "driver/sqlite/governed_session_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace majed::driver::sqlite {
namespace {

using Rows = std::vector<std::vector<Value>>;

const Attributes european{{"regions", {"EU"}}, {"region", {"EU"}}};
const Attributes american{{"regions", {"US"}}, {"region", {"US"}}};
const Attributes both{{"regions", {"EU", "US"}}};

class GovernedSessionTest : public testing::Test {
protected:
    Result<Rows> run(const AuthorizedStatement& statement, const Attributes& identity = european,
                     const Parameters& parameters = {}, const RunLimits& limits = {}) {
        CollectedRows sink;
        auto summary = session_->run(statement, parameters, identity, limits, sink);
        if (!summary) {
            return summary.error();
        }
        summary_ = *summary;
        return std::move(sink.rows);
    }

    std::int64_t integer(const AuthorizedStatement& statement, const Attributes& identity = european) {
        auto rows = run(statement, identity);
        EXPECT_TRUE(rows) << rows.error().message;
        return rows && !rows->empty() ? std::get<std::int64_t>(rows->front().front()) : -1;
    }

    ErrorCode code_of(const AuthorizedStatement& statement) {
        auto rows = run(statement);
        EXPECT_FALSE(rows) << statement.sql();
        return rows ? ErrorCode::in_doubt : rows.error().code;
    }

    GuardedSource source_;
    std::unique_ptr<GovernedSession> session_ = source_.open();
    RunSummary summary_;
};

TEST_F(GovernedSessionTest, shows_each_identity_its_own_rows_through_the_same_prepared_statement) {
    const auto statement = authorized(R"(SELECT count(*), min(id) FROM "mvq7f3_employees")");
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(*run(statement, european), (Rows{{std::int64_t{4}, std::int64_t{1}}}));
        EXPECT_EQ(*run(statement, american), (Rows{{std::int64_t{4}, std::int64_t{2}}}));
        EXPECT_EQ(*run(statement, both), (Rows{{std::int64_t{8}, std::int64_t{1}}}));
        EXPECT_EQ(*run(statement, {}), (Rows{{std::int64_t{0}, Null{}}}));
    }
}

TEST_F(GovernedSessionTest, shows_no_row_for_an_absent_or_manifold_single_attribute) {
    const auto statement = authorized(Claim{R"(SELECT count(*) FROM "mvq7f3_own")", {"mvq7f3_own"}});
    EXPECT_EQ(integer(statement, european), 4);
    EXPECT_EQ(integer(statement, {}), 0);
    EXPECT_EQ(integer(statement, {{"region", {}}}), 0);
    EXPECT_EQ(integer(statement, {{"region", {"EU", "US"}}}), 0);
}

TEST_F(GovernedSessionTest, reads_attribute_values_as_text_whatever_they_hold) {
    source_.execute("UPDATE employees SET region = 'a\"b\\c' || char(10) || '&'';é' WHERE id = 1");
    const auto statement = authorized(R"(SELECT count(*) FROM "mvq7f3_employees")");
    EXPECT_EQ(integer(statement, {{"regions", {"x", "a\"b\\c\n&';é"}}}), 1);
    EXPECT_EQ(integer(statement, {{"regions", {"EU\",\"US"}}}), 0);
    EXPECT_EQ(integer(statement, {{"regions", {"' OR 1=1 --"}}}), 0);
}

TEST_F(GovernedSessionTest, joins_guard_views_with_aliases_subqueries_and_common_table_expressions) {
    EXPECT_EQ(integer(authorized(R"(SELECT sum(e.salary) FROM "mvq7f3_employees" AS e
                                    JOIN "mvq7f3_departments" d ON d.id = e.dept)")),
              16000);
    EXPECT_EQ(integer(authorized(Claim{R"(WITH employees AS (SELECT id FROM "mvq7f3_employees")
                                          SELECT count(*) FROM employees)",
                                       {"mvq7f3_employees"},
                                       {"employees"}})),
              4);
    EXPECT_EQ(integer(authorized(R"(SELECT count(*) FROM "mvq7f3_employees" e WHERE EXISTS
                                    (SELECT 1 FROM "mvq7f3_departments"
                                     WHERE id = e.dept AND title = 'Works'))")),
              4);
    EXPECT_EQ(integer(authorized(R"(SELECT count(*) FROM "mvq7f3_employees" a
                                    JOIN "mvq7f3_employees" b USING (id))")),
              4);
}

TEST_F(GovernedSessionTest, counts_rows_of_a_view_that_uses_no_column_of_its_table) {
    const auto statement =
        authorized(Claim{R"(SELECT count(*), count(secret) FROM "mvq7f3_masked")", {"mvq7f3_masked"}});
    EXPECT_EQ(*run(statement), (Rows{{std::int64_t{2}, std::int64_t{0}}}));
}

TEST_F(GovernedSessionTest, reads_json_tables_only_when_the_statement_was_authorized_to) {
    const std::string sql = "SELECT count(*) FROM json_each('[1,2,3]')";
    EXPECT_EQ(code_of(authorized(Claim{sql, {}})), ErrorCode::denied);
    EXPECT_EQ(integer(authorized(Claim{sql, {}, {}, true})), 3);
    EXPECT_EQ(code_of(authorized(Claim{"SELECT value FROM json_tree('[1,2]')", {"mvq7f3_departments"}})),
              ErrorCode::denied);
}

TEST_F(GovernedSessionTest, hashes_equal_values_alike_and_keeps_the_key_out) {
    const auto statement = authorized(R"(SELECT secret FROM "mvq7f3_employees" ORDER BY id)");
    const auto first = *run(statement);
    std::set<std::string> distinct;
    for (const auto& row : first) {
        const auto& text = std::get<std::string>(row[0]);
        EXPECT_EQ(text.size(), 32U);
        EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
        distinct.insert(text);
    }
    EXPECT_EQ(distinct.size(), 4U);
    session_ = source_.open();
    EXPECT_EQ(*run(statement), first);
    GuardSet other = GuardedSource::guard();
    other.hash_key.assign(32, 8);
    session_ = *GovernedSession::open(source_.path(), std::make_shared<const GuardSet>(other));
    const auto rekeyed = *run(statement);
    EXPECT_NE(rekeyed[0][0], first[0][0]);
}

TEST_F(GovernedSessionTest, binds_positional_and_named_parameters) {
    const auto statement = authorized(R"(SELECT ?, ?, :word, @word)");
    Parameters given{{std::int64_t{7}, Null{}}, {{"word", std::string("x")}}};
    EXPECT_EQ(*run(statement, {}, given),
              (Rows{{std::int64_t{7}, Null{}, std::string("x"), std::string("x")}}));
    const auto numbered = authorized(R"(SELECT ?2 || ?1)");
    EXPECT_EQ(*run(numbered, {}, {{std::string("a"), std::string("b")}, {}}), (Rows{{std::string("ba")}}));
}

TEST_F(GovernedSessionTest, wants_every_parameter_once_and_names_the_wrong_one) {
    const auto statement = authorized(R"(SELECT ?1, ?2, :word)");
    const Value one{std::int64_t{1}};
    const std::pair<std::string, Value> word{"word", one};
    const std::vector<std::pair<Parameters, std::string>> cases{
        {{{one}, {word}}, "no value was given for parameter ?2"},
        {{{one, one}, {}}, "no value was given for parameter :word"},
        {{{one, one, one}, {word}}, "the statement has no parameter ?3"},
        {{{one, one}, {word, {"other", one}}}, "the statement has no parameter :other"},
        {{{one, one}, {word, word}}, "parameter :word was given twice"}};
    for (const auto& [given, message] : cases) {
        auto rows = run(statement, {}, given);
        ASSERT_FALSE(rows) << message;
        EXPECT_EQ(rows.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(rows.error().message, message);
    }
    EXPECT_TRUE(run(statement, {}, {{one, one}, {word}}));
}

TEST_F(GovernedSessionTest, forgets_bound_values_after_the_run) {
    const auto statement = authorized("SELECT ?1");
    ASSERT_TRUE(run(statement, {}, {{std::string("LEAK")}, {}}));
    EXPECT_FALSE(run(statement));
}

TEST_F(GovernedSessionTest, proves_truncation_by_one_row_more) {
    const auto statement = authorized(R"(SELECT id FROM "mvq7f3_employees")");
    EXPECT_EQ(run(statement, european, {}, {.max_rows = 4})->size(), 4U);
    EXPECT_FALSE(summary_.truncated);
    EXPECT_EQ(summary_.rows, 4U);
    EXPECT_EQ(run(statement, european, {}, {.max_rows = 3})->size(), 3U);
    EXPECT_TRUE(summary_.truncated);
    EXPECT_EQ(run(statement, european, {}, {.max_rows = 0})->size(), 0U);
    EXPECT_TRUE(summary_.truncated);
    EXPECT_EQ(run(statement, {}, {}, {.max_rows = 0})->size(), 0U);
    EXPECT_FALSE(summary_.truncated);
}

TEST_F(GovernedSessionTest, says_too_large_when_the_answer_exceeds_the_byte_limit) {
    const auto statement = authorized("SELECT 'abcdef' UNION ALL SELECT 'ghi'");
    EXPECT_TRUE(run(statement, {}, {}, {.max_bytes = 9}));
    auto rows = run(statement, {}, {}, {.max_bytes = 8});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::too_large);
    EXPECT_TRUE(session_->reusable());
}

const std::string endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";

TEST_F(GovernedSessionTest, stops_a_statement_at_its_deadline_and_serves_the_next) {
    const auto statement = authorized(Claim{endless, {}, {"n"}});
    auto rows = run(statement, {}, {}, {.deadline = deadline_after(std::chrono::milliseconds(20))});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::timeout);
    EXPECT_TRUE(session_->reusable());
    EXPECT_EQ(integer(authorized("SELECT 5")), 5);
}

TEST_F(GovernedSessionTest, does_not_begin_a_statement_whose_deadline_has_passed) {
    auto rows = run(authorized("SELECT 1"), {}, {}, {.deadline = SteadyClock::now()});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::timeout);
}

/// Says when the first row came.
class Announcing final : public RowSink {
public:
    Result<void> row(std::span<const ValueView> /*cells*/) override {
        started.store(true);
        return {};
    }
    std::atomic<bool> started{false};
};

TEST_F(GovernedSessionTest, ends_with_cancelled_when_another_thread_interrupts_it) {
    const auto statement = authorized(
        Claim{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n", {}, {"n"}});
    Announcing sink;
    std::thread other([&] {
        while (!sink.started.load()) {
            std::this_thread::yield();
        }
        session_->interrupt();
    });
    auto summary = session_->run(statement, {}, {}, {}, sink);
    other.join();
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ErrorCode::cancelled);
    EXPECT_TRUE(session_->reusable());
    EXPECT_EQ(integer(authorized("SELECT 5")), 5);
}

TEST_F(GovernedSessionTest, is_not_stopped_by_an_interrupt_meant_for_an_earlier_run) {
    session_->interrupt();
    EXPECT_EQ(integer(authorized("SELECT 5")), 5);
}

class Refusing final : public RowSink {
public:
    Result<void> row(std::span<const ValueView> /*cells*/) override {
        return Error{ErrorCode::rate_limited, "no more"};
    }
};

TEST_F(GovernedSessionTest, returns_the_error_of_the_sink_as_it_is_and_can_run_again) {
    const auto statement = authorized(R"(SELECT id FROM "mvq7f3_employees")");
    Refusing sink;
    auto summary = session_->run(statement, {}, european, {}, sink);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error(), (Error{ErrorCode::rate_limited, "no more"}));
    EXPECT_EQ(run(statement)->size(), 4U);
}

TEST_F(GovernedSessionTest, refuses_a_statement_of_another_generation) {
    const auto statement = authorized(Claim{"SELECT 1", {}, {}, false, 2});
    EXPECT_EQ(code_of(statement), ErrorCode::conflict);
    EXPECT_EQ(session_->prepare(statement).error().code, ErrorCode::conflict);
    EXPECT_TRUE(session_->reusable());
}

TEST_F(GovernedSessionTest, ends_with_conflict_and_no_row_when_the_schema_changed_under_it) {
    const auto statement = authorized(R"(SELECT id FROM "mvq7f3_employees")");
    ASSERT_TRUE(run(statement));
    source_.execute("CREATE TABLE later(a)");
    CollectedRows sink;
    auto summary = session_->run(statement, {}, european, {}, sink);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ErrorCode::conflict);
    EXPECT_TRUE(sink.rows.empty());
    EXPECT_FALSE(session_->reusable());
    EXPECT_EQ(code_of(authorized("SELECT 1")), ErrorCode::unavailable);
}

TEST_F(GovernedSessionTest, ends_with_conflict_when_a_table_was_dropped_before_it_compiled) {
    source_.execute("DROP TABLE departments");
    EXPECT_EQ(code_of(authorized(R"(SELECT title FROM "mvq7f3_departments")")), ErrorCode::conflict);
    EXPECT_FALSE(session_->reusable());
}

/// The guard, written for the schema as it is now.
GuardSet guard_for(const GuardedSource& source) {
    auto database = Database::open(source.path(), OpenMode::read_only);
    GuardSet guard = GuardedSource::guard();
    guard.schema_version = read_schema(*database)->version;
    return guard;
}

TEST_F(GovernedSessionTest, answers_when_its_guard_was_written_for_the_schema_of_the_file) {
    session_ = source_.open_with(guard_for(source_));
    EXPECT_EQ(integer(authorized(R"(SELECT count(*) FROM "mvq7f3_employees")")), 4);
}

TEST_F(GovernedSessionTest, ends_with_conflict_when_it_was_opened_with_the_guard_of_an_older_schema) {
    const auto guard = guard_for(source_);
    source_.execute("ALTER TABLE departments ADD COLUMN later INT");
    const auto statement = authorized(R"(SELECT * FROM "mvq7f3_departments")");
    session_ = source_.open_with(guard);
    EXPECT_TRUE(session_->reusable());
    EXPECT_EQ(code_of(statement), ErrorCode::conflict);
    EXPECT_FALSE(session_->reusable());
    session_ = source_.open_with(guard);
    EXPECT_EQ(session_->prepare(statement).error().code, ErrorCode::conflict);
    EXPECT_FALSE(session_->reusable());
}

TEST_F(GovernedSessionTest, ends_with_conflict_when_its_guard_is_of_a_newer_schema_than_the_file) {
    auto guard = guard_for(source_);
    ++*guard.schema_version;
    session_ = source_.open_with(guard);
    EXPECT_EQ(code_of(authorized(R"(SELECT * FROM "mvq7f3_departments")")), ErrorCode::conflict);
    EXPECT_FALSE(session_->reusable());
}

TEST_F(GovernedSessionTest, prepares_nothing_once_the_schema_changed_though_it_would_compile) {
    const auto statement = authorized(R"(SELECT id FROM "mvq7f3_employees")");
    ASSERT_TRUE(session_->prepare(statement));
    source_.execute("CREATE TABLE later(a)");
    EXPECT_EQ(session_->prepare(statement).error().code, ErrorCode::conflict);
    EXPECT_FALSE(session_->reusable());
}

TEST_F(GovernedSessionTest, opens_whatever_a_writer_does_to_the_schema_meanwhile) {
    for (const char* journal : {"DELETE", "WAL"}) {
        source_.execute(std::string("PRAGMA journal_mode=") + journal);
        std::atomic<bool> done{false};
        std::thread writer([&] {
            while (!done.load()) {
                source_.execute("CREATE TABLE later(a); DROP TABLE later");
            }
        });
        for (int i = 0; i < 50; ++i) {
            auto opened = GovernedSession::open(source_.path(),
                                                std::make_shared<const GuardSet>(GuardedSource::guard()));
            EXPECT_TRUE(opened) << journal << ": " << opened.error().message;
        }
        done.store(true);
        writer.join();
    }
}

TEST_F(GovernedSessionTest, sees_new_rows_without_a_conflict) {
    const auto statement = authorized(R"(SELECT count(*) FROM "mvq7f3_employees")");
    EXPECT_EQ(integer(statement), 4);
    source_.execute("INSERT INTO employees(id, region) VALUES(100, 'EU')");
    EXPECT_EQ(integer(statement), 5);
}

TEST_F(GovernedSessionTest, prepares_without_running) {
    EXPECT_TRUE(session_->prepare(authorized(R"(SELECT ?1 FROM "mvq7f3_employees")")));
    EXPECT_EQ(session_->prepare(authorized("SELECT nowhere")).error().message, "no such column: nowhere");
}

TEST_F(GovernedSessionTest, keeps_working_past_the_number_of_statements_it_keeps) {
    std::vector<AuthorizedStatement> statements;
    for (int i = 0; i < 200; ++i) {
        statements.push_back(authorized("SELECT " + std::to_string(i)));
    }
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 200; ++i) {
            EXPECT_EQ(integer(statements[static_cast<std::size_t>(i)]), i);
        }
    }
}

TEST_F(GovernedSessionTest, reads_while_a_writer_uses_the_same_file_in_wal_mode) {
    source_.execute("PRAGMA journal_mode=WAL");
    session_ = source_.open();
    auto writer = Database::open(source_.path(), OpenMode::read_write);
    ASSERT_TRUE(writer && writer->execute("BEGIN IMMEDIATE; DELETE FROM employees"));
    EXPECT_EQ(integer(authorized(R"(SELECT count(*) FROM "mvq7f3_employees")")), 4);
    ASSERT_TRUE(writer->execute("COMMIT"));
    EXPECT_EQ(integer(authorized(R"(SELECT count(*) FROM "mvq7f3_employees")")), 0);
}

TEST(GovernedSessionOpening, says_why_a_source_cannot_be_opened) {
    const GuardedSource source;
    const auto guard = std::make_shared<const GuardSet>(GuardedSource::guard());
    EXPECT_EQ(GovernedSession::open(source.directory().file("none.db"), guard).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(GovernedSession::open(source.directory().file("."), guard).error().code,
              ErrorCode::unavailable);
    GuardSet broken = GuardedSource::guard();
    broken.views[0].select = "not sql";
    auto opened = GovernedSession::open(source.path(), std::make_shared<const GuardSet>(broken));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::internal);
    EXPECT_EQ(opened.error().message.find(broken.secret_prefix), std::string::npos);
}

TEST(GovernedSessionOpening, waits_no_longer_for_a_lock_than_its_deadline) {
    GuardedSource source;
    auto writer = Database::open(source.path(), OpenMode::read_write);
    ASSERT_TRUE(writer && writer->execute("BEGIN EXCLUSIVE"));
    const auto guard = std::make_shared<const GuardSet>(GuardedSource::guard());
    const auto opened = GovernedSession::open(source.path(), guard, SteadyClock::now());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
    EXPECT_EQ(opened.error().failure, FailureClass::contention);
    ASSERT_TRUE(writer->execute("COMMIT"));
    EXPECT_TRUE(GovernedSession::open(source.path(), guard));
}

TEST(GovernedSessionOpening, opens_files_whatever_characters_their_names_hold) {
    for (const char* name :
         {"a b.db", "q?mode=rw.db", "h#x.db", "p%41.db", "quote'\".db", "é.db", "a&b=c.db"}) {
        const GuardedSource source(name);
        auto session = source.open();
        CollectedRows sink;
        EXPECT_TRUE(session->run(authorized(R"(SELECT * FROM "mvq7f3_departments")"), {}, {}, {}, sink));
        EXPECT_EQ(sink.rows.size(), 2U) << name;
    }
}

}  // namespace
}  // namespace majed::driver::sqlite
