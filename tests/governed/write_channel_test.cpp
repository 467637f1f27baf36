// SPDX-License-Identifier: Apache-2.0
// What a write must not tell of hidden rows, and what it must not do to rows that others are changing meanwhile.
#include "corpora/corpus.h"
#include "governed/governed_server.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

namespace majed::governed {
namespace write_channel_test {

using policy::Action;
using policy::Role;

std::string filled(std::string text, const std::string& mark, const std::string& with) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size()))
        text.replace(at, mark.size(), with);
    return text;
}

/// `@` stands for a condition that fails on the row guessed.
const std::vector<std::string> writes{
    "UPDATE e SET dept = dept WHERE @",
    "UPDATE e SET dept = dept WHERE dept = 2 AND @ RETURNING id",
    "UPDATE e SET dept = CASE WHEN @ THEN dept ELSE dept END WHERE salary > 777000",
    "UPDATE e SET dept = e.dept FROM (VALUES (2)) a (d) WHERE e.dept = a.d AND @",
    "UPDATE e SET dept = e.dept FROM e v WHERE v.id = e.id AND (SELECT @ FROM (SELECT v.salary, v.secret) z)",
    "UPDATE e SET dept = dept WHERE id IN (SELECT id FROM e WHERE dept = 2 AND @)",
    "UPDATE e SET dept = (SELECT count(*) FROM e f WHERE (SELECT @ FROM (SELECT f.salary, f.secret) z))::int "
    "WHERE id = 0",
    "DELETE FROM e WHERE @ AND id < 0",
    "DELETE FROM e USING (VALUES (2)) a (d) WHERE dept = d AND id < 0 AND @",
    "MERGE INTO e USING (VALUES (2)) a (d) ON e.dept = a.d AND @ WHEN MATCHED THEN DO NOTHING",
    "MERGE INTO e USING (VALUES (2)) a (d) ON e.dept = a.d WHEN MATCHED AND @ THEN UPDATE SET dept = e.dept",
    "INSERT INTO log SELECT id FROM e WHERE @",
    "INSERT INTO e (id, region) VALUES (2, 'EU') ON CONFLICT (id) DO UPDATE SET dept = e.dept WHERE (SELECT "
    "@ "
    "FROM (SELECT e.salary, e.secret) z)",
    "INSERT INTO e (id, region) VALUES (2, 'EU') ON CONFLICT (id) DO UPDATE SET dept = CASE WHEN (SELECT @ "
    "FROM (SELECT e.salary, e.secret) z) THEN 1 ELSE 1 END",
};

/// `#` stands for the guess about a salary; each is true or fails.
const std::vector<std::string> guesses{
    "1 / (salary - #) < 2",
    "CASE WHEN salary = # THEN 1 / (salary - salary) ELSE 1 END = 1",
    "(CASE WHEN salary = # THEN '{' ELSE '{}' END)::jsonb IS NOT NULL",
    "secret ~ (CASE WHEN salary = # THEN '(' ELSE '.' END)",
    "(SELECT count(*) FROM generate_series(1, CASE WHEN salary = # THEN 1 / (salary - salary) ELSE 1 END)) = "
    "1",
    "(SELECT 1 FROM (VALUES (1), (2)) t (n) WHERE salary = # OR n = 1) = 1",
};

constexpr std::array rules{"region = :user.region", "EXISTS (SELECT 1 FROM acl WHERE acl.region = e.region)",
                           "upper(region) = 'EU' AND abs(id) > 0"};

const std::vector<std::string> script{
    "CREATE TABLE e (id int PRIMARY KEY, region text, salary int, secret text, dept int)",
    "CREATE TABLE acl (region text)",
    "CREATE TABLE log (id int)",
    "INSERT INTO acl VALUES ('EU')",
    "INSERT INTO e SELECT n, CASE n % 2 WHEN 0 THEN 'US' ELSE 'EU' END, CASE n % 2 WHEN 0 THEN 777000 ELSE "
    "1000 END + n, CASE n % 2 WHEN 0 THEN 'LEAK' ELSE 'vis' END || n, n % 4 FROM generate_series(1, 60) n",
    "CREATE INDEX ON e (dept, salary)",
    "CREATE INDEX ON e (salary)",
    "ANALYZE e"};

std::shared_ptr<const policy::PolicySet> rules_with(const char* rows) {
    const policy::ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
    auto set = policy::PolicySet::create({{"", "e", {Role::normal, Role::admin}, rows, {}, "t", false, all},
                                          {"", "log", {Role::normal}, "*", {}, "t", false, {Action::insert}}},
                                         {});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class WriteChannel : public OnServer, public testing::WithParamInterface<std::size_t> {};

TEST_P(WriteChannel, tells_a_right_guess_from_a_wrong_one_by_nothing) {
    GovernedSchema shop(server(), script, rules_with(rules.at(GetParam())), driver::Access::read_write);
    ASSERT_EQ(shop.error(), "");
    const Attributes who{{"region", {"EU"}}};
    constexpr std::size_t step = corpora::corpus_parts == 1 ? 1 : 5;
    std::size_t answered = 0;
    std::size_t pairs = 0;
    for (std::size_t i = GetParam() % step; i < writes.size() * guesses.size(); i += step) {
        const std::string text = filled(writes[i / guesses.size()], "@", guesses[i % guesses.size()]);
        const Answer right = shop.run(who, filled(text, "#", "777002"));
        const Answer wrong = shop.run(who, filled(text, "#", "123"));
        ++pairs;
        answered += wrong.error ? 0U : 1U;
        EXPECT_EQ(right.text(), wrong.text()) << text << "\n"
                                              << shop.rewritten(who, filled(text, "#", "777002"));
        EXPECT_EQ(right.affected, wrong.affected) << text;
    }
    std::printf("side channels of writes, %s: %zu pairs, %zu answered\n", rules.at(GetParam()), pairs,
                answered);
    EXPECT_GT(answered * 10, pairs * 7);
    EXPECT_EQ(shop.plain("shop", "SELECT count(*) FROM e WHERE region = 'US' AND dept = id % 4").text(),
              "30|\n");
}

INSTANTIATE_TEST_SUITE_P(Rules, WriteChannel, testing::Range<std::size_t>(0, rules.size()));

class WriteRace : public OnServer {};

TEST_F(WriteRace, a_row_that_becomes_hidden_while_it_is_waited_for_is_left_alone) {
    GovernedSchema shop(server(), script, rules_with(rules[0]), driver::Access::read_write);
    ASSERT_EQ(shop.error(), "");
    const Attributes who{{"region", {"EU"}}};
    shop.execute("BEGIN");
    shop.execute("UPDATE e SET region = 'US' WHERE id = 1");
    shop.execute("UPDATE e SET region = 'EU', salary = 5 WHERE id = 3");
    Answer updated;
    std::thread other(
        [&] { updated = shop.run(who, "UPDATE e SET dept = 9 WHERE id IN (1, 3) RETURNING id, salary"); });
    // The other one waits for the row's lock, and finds it as it is then.
    for (int tries = 0; tries < 400; ++tries) {
        if (shop.plain("shop", "SELECT 1 FROM pg_locks WHERE NOT granted").text() == "1|\n") break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    shop.execute("COMMIT");
    other.join();
    EXPECT_EQ(updated.text(), "3|5|\n");
    EXPECT_EQ(shop.plain("shop", "SELECT id, dept FROM e WHERE id IN (1, 3) ORDER BY 1").text(),
              "1|1|\n3|9|\n");
}

}  // namespace write_channel_test
}  // namespace majed::governed
