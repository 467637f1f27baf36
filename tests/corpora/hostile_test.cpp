// SPDX-License-Identifier: Apache-2.0
// Statements written to get around a policy, sent through the gateway: nothing hidden comes out, by any channel.
#include "corpora/corpus.h"
#include "corpora/governed_file.h"
#include "driver/sqlite/database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {
namespace hostile_test {

/// Every value that must not be seen holds one of these.
constexpr std::array<std::string_view, 4> markers{"LEAK", "MASKME", "BLOCKED", "777"};

const char* const company =
    "CREATE TABLE employees(id INTEGER PRIMARY KEY, name TEXT, email TEXT, region TEXT, salary INT, secret "
    "TEXT, "
    "dept_id INT); CREATE INDEX ie_secret ON employees(secret); CREATE INDEX ie_region ON employees(region);"
    "CREATE INDEX ie_dept ON employees(dept_id, salary);"
    "CREATE TABLE departments(id INTEGER PRIMARY KEY, title TEXT, secret TEXT);"
    "CREATE TABLE blocked(id INTEGER PRIMARY KEY, secret TEXT, region TEXT);"
    "CREATE VIEW v_all AS SELECT * FROM employees;"
    "CREATE VIEW v_dept AS SELECT d.title, e.name FROM departments d JOIN employees e ON e.dept_id = d.id;"
    "CREATE VIRTUAL TABLE notes USING fts5(body); CREATE TABLE audit(id INTEGER PRIMARY KEY, what TEXT);"
    "CREATE TRIGGER tr_audit AFTER INSERT ON audit BEGIN UPDATE audit SET what = what || (SELECT "
    "group_concat(secret) FROM employees) WHERE id = new.id; END;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40), r AS (SELECT i, i % 2 = 0 "
    "AS hid, "
    "CASE i % 2 WHEN 0 THEN 'LEAK' ELSE 'vis' END AS tag FROM n) INSERT INTO employees SELECT i, tag || "
    "'_name' || i, "
    "'MASKME_' || tag || '_mail' || i, CASE WHEN hid THEN 'US' ELSE 'EU' END, CASE WHEN hid THEN 777000 ELSE "
    "1000 END "
    "+ i, tag || '_sec' || i, i % 4 FROM r;"
    "INSERT INTO departments VALUES(0,'dept0','vis_sec1'),(1,'dept1','vis_sec3'),(2,'dept2','vis_sec5'),"
    "(3,'dept3','vis_sec7'),(9,'deptx','dx_sec2x'); INSERT INTO blocked VALUES(1,'BLOCKED_1','EU');"
    "INSERT INTO notes VALUES('LEAK_note confidential'); INSERT INTO audit VALUES(1,'ok');"
    "CREATE TABLE t(id INTEGER, secret TEXT, region TEXT); INSERT INTO t "
    "VALUES(1,'vis','EU'),(2,'LEAK_t','US');"
    "ANALYZE;";

std::shared_ptr<const policy::PolicySet> company_policies(policy::ActionSet actions = {}) {
    const std::vector<policy::Role> roles{policy::Role::normal, policy::Role::admin};
    auto set = policy::PolicySet::create(
        {{"", "employees", roles, "region = :user.region", {}, "test", false, actions},
         {"", "t", roles, "region = :user.region", {}, "test", false, actions},
         {"", "departments", roles, "*", {}, "test", false, actions},
         {"", "audit", roles, "id > 0", {}, "test", false, actions}},
        {{"", "employees", "email", roles, *policy::parse_mask("email"), "test"}});
    EXPECT_TRUE(set);
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::set<std::string> files_in(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.insert(entry.path().filename());
    return names;
}

struct Tally {
    std::size_t answered = 0;
    std::size_t refused = 0;
    std::size_t leaks = 0;
};

/// Every row of the company that a European may neither see nor touch.
std::vector<std::string> out_of_reach(const std::string& path) {
    auto database = driver::sqlite::Database::open(path, driver::sqlite::OpenMode::read_only);
    auto statement = database->prepare(
        "SELECT 'e' || quote(id) || quote(name) || quote(email) || quote(region) || quote(salary) || "
        "quote(secret) || quote(dept_id) FROM employees WHERE region IS NOT 'EU'"
        " UNION ALL SELECT 't' || quote(id) || quote(secret) || quote(region) FROM t WHERE region IS NOT 'EU'"
        " UNION ALL SELECT 'b' || quote(id) || quote(secret) FROM blocked"
        " UNION ALL SELECT 'a' || quote(id) || quote(what) FROM audit"
        " UNION ALL SELECT 'n' || quote(body) FROM notes"
        " UNION ALL SELECT 's' || quote(type) || quote(name) || quote(sql) FROM sqlite_schema");
    std::vector<std::string> rows;
    while (*statement->step()) rows.push_back(statement->text(0));
    return rows;
}

class Hostile : public testing::Test {
protected:
    AuditFolder audit_;
    GovernedFile file_{company, company_policies(), audit_};
    const Attributes european_{{"region", {"EU"}}};
    std::map<std::string, Tally> tallies_;

    void SetUp() override { ASSERT_EQ(file_.error(), ""); }

    void attack(const Record& record) {
        std::string sql = record.sql;
        for (std::size_t at = sql.find("%PATH%"); at != std::string::npos; at = sql.find("%PATH%")) {
            sql.replace(at, 6, file_.path());
        }
        Tally& tally = tallies_[record.category];
        const GovernedAnswer answer = file_.run(european_, sql);
        const std::size_t failures = failure_count();
        expect_no_marker(record, sql, answer);
        if (answer.error) {
            ++tally.refused;
            expect_code_and_place(record, *answer.error);
        } else {
            ++tally.answered;
            // A comment or quote that hides a second statement leaves one query, which policy may answer.
            const bool must_refuse = record.expect == "deny" && record.category != "lexical/stacked";
            EXPECT_FALSE(must_refuse) << record.id << " was answered: " << sql;
        }
        if (!record.pair_of.empty())
            expect_same_outcome(record, answer, file_.run(european_, record.pair_of));
        if (failure_count() != failures) ++tally.leaks;
    }

    /// On a source that takes writes from who attacks: what is answered is answered under policy.
    /// True when rows were changed.
    bool attack_writing(const Record& record, GovernedFile& file) {
        Tally& tally = tallies_[record.category];
        const GovernedAnswer answer = file.run(european_, record.sql);
        const std::size_t failures = failure_count();
        expect_no_marker(record, record.sql, answer);
        if (answer.error) {
            ++tally.refused;
            EXPECT_FALSE(answer.error->message.empty()) << record.id;
            EXPECT_NE(answer.error->code, ErrorCode::internal) << record.id << ": " << record.sql << "\n"
                                                               << answer.error->message;
        } else {
            ++tally.answered;
        }
        if (failure_count() != failures) ++tally.leaks;
        return answer.rows_affected.value_or(0) > 0;
    }

    void print() const {
        for (const auto& [category, tally] : tallies_) {
            std::printf("%-22s %4zu answered under policy, %4zu refused, %zu leaks\n", category.c_str(),
                        tally.answered, tally.refused, tally.leaks);
        }
    }

private:
    static std::size_t failure_count() {
        return static_cast<std::size_t>(
            testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count());
    }

    /// A marker may come back only where the statement itself has the whole text around it as a literal.
    static void expect_no_marker(const Record& record, const std::string& sql, const GovernedAnswer& answer) {
        for (const std::string_view marker : markers) {
            for (const std::string& row : answer.answer.rows) {
                EXPECT_EQ(row.find(marker), std::string::npos) << record.id << ": " << sql << "\n" << row;
            }
            if (answer.error && sql.find(marker) == std::string::npos) {
                EXPECT_EQ((answer.error->message + answer.error->hint).find(marker), std::string::npos)
                    << record.id << ": " << sql << "\n"
                    << answer.error->message;
            }
        }
        for (const std::string& row : answer.answer.rows) {
            EXPECT_EQ(row.find("CREATE "), std::string::npos) << record.id << ": " << row;
        }
    }

    static void expect_code_and_place(const Record& record, const Error& error) {
        EXPECT_FALSE(error.message.empty()) << record.id;
        EXPECT_NE(error.code, ErrorCode::internal) << record.id << ": " << record.sql << "\n"
                                                   << error.message;
        if (error.code == ErrorCode::timeout) return;
        EXPECT_TRUE(error.offset) << record.id << ": " << record.sql << "\n" << error.message;
        EXPECT_LE(error.offset.value_or(0), record.sql.size()) << record.id;
    }

    static void expect_same_outcome(const Record& record, const GovernedAnswer& one,
                                    const GovernedAnswer& other) {
        EXPECT_TRUE(one.answer.same_rows(other.answer))
            << record.id << ": " << record.sql << " answers unlike\n"
            << record.pair_of;
        EXPECT_EQ(one.error.has_value(), other.error.has_value()) << record.id;
        if (!one.error || !other.error) return;
        EXPECT_EQ(one.error->code, other.error->code) << record.id;
        EXPECT_EQ(one.error->message, other.error->message) << record.id;
    }
};

TEST_F(Hostile, statements_get_nothing_that_policy_hides) {
    std::string reason;
    const auto records = read_corpus("hostile", reason);
    if (!records) GTEST_SKIP() << reason;
    const std::string before = bytes_of(file_.path());
    const auto folder = files_in(file_.folder());
    const auto here = files_in(".");
    std::size_t run = 0;
    for (const Record& record : *records) {
        if (record.dialect != "sqlite") continue;
        ++run;
        attack(record);
    }
    print();
    EXPECT_GT(run, 500U);
    EXPECT_TRUE(bytes_of(file_.path()) == before) << "the source file was changed";
    EXPECT_EQ(files_in(file_.folder()), folder);
    EXPECT_EQ(files_in("."), here);
}

TEST_F(Hostile, statements_change_nothing_that_policy_hides) {
    using policy::Action;
    std::string reason;
    const auto records = read_corpus("hostile", reason);
    if (!records) GTEST_SKIP() << reason;
    GovernedFile file(company,
                      company_policies({Action::select, Action::insert, Action::update, Action::delete_}),
                      audit_, driver::Access::read_write);
    ASSERT_EQ(file.error(), "");
    const std::vector<std::string> before = out_of_reach(file.path());
    std::size_t run = 0;
    std::size_t written = 0;
    for (const Record& record : *records) {
        // The path of the file is for ATTACH and the like, which are refused whatever stands there.
        if (record.dialect != "sqlite" || record.sql.find("%PATH%") != std::string::npos) continue;
        ++run;
        if (!attack_writing(record, file)) continue;
        ++written;
        EXPECT_EQ(out_of_reach(file.path()), before) << record.id << ": " << record.sql;
    }
    print();
    std::printf("%zu of %zu statements wrote something they may\n", written, run);
    EXPECT_GT(run, 500U);
    EXPECT_GT(written, 3U);
    EXPECT_EQ(out_of_reach(file.path()), before);
}

}  // namespace hostile_test
}  // namespace majed::corpora
