// SPDX-License-Identifier: Apache-2.0
// Statements written to get around a policy on Oracle, through the gateway to the double: nothing hidden comes out, and what
// should be refused is, before anything is sent. Oracle itself might read an answered one otherwise than the double does; so
// each is also looked at as it was sent: every table with a rule stands inside its query.
#include "corpora/corpus.h"
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>

namespace majed::governed_oracle {
namespace hostile_oracle_test {

using policy::Role;

/// Every value that must not be seen holds one of these.
constexpr std::array<std::string_view, 3> markers{"LEAK", "MASKME", "BLOCKED_"};

const std::vector<std::string> company{
    "CREATE TABLE employees (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), email VARCHAR2(80), region "
    "VARCHAR2(10), salary NUMBER(9), secret VARCHAR2(40), dept_id NUMBER(9), dept VARCHAR2(40))",
    "CREATE TABLE departments (id NUMBER(9) PRIMARY KEY, title VARCHAR2(40), secret VARCHAR2(40))",
    "CREATE TABLE blocked (id NUMBER(9) PRIMARY KEY, secret VARCHAR2(40), region VARCHAR2(10))",
    "CREATE TABLE t (id NUMBER(9), secret VARCHAR2(40), region VARCHAR2(10), c VARCHAR2(40))",
    "INSERT INTO employees VALUES (1, 'vis_1', 'MASKME_1@x', 'EU', 1, 'vis_sec1', 1, 'dept1')",
    "INSERT INTO employees VALUES (2, 'LEAK_2', 'MASKME_2@x', 'US', 2, 'LEAK_sec2', 2, 'dept2')",
    "INSERT INTO employees VALUES (3, 'vis_3', 'MASKME_3@x', 'EU', 3, 'vis_sec3', 1, 'dept1')",
    "INSERT INTO departments VALUES (1, 'dept1', 'vis')",
    "INSERT INTO blocked VALUES (1, 'BLOCKED_1', 'EU')",
    "INSERT INTO t VALUES (1, 'vis', 'EU', 'vis')",
    "INSERT INTO t VALUES (2, 'LEAK_t', 'US', 'LEAK_c')"};

std::shared_ptr<const policy::PolicySet> company_rules() {
    const std::vector<Role> roles{Role::normal, Role::admin};
    auto set =
        policy::PolicySet::create({{"", "EMPLOYEES", roles, "region = :user.region", {}, "test"},
                                   {"", "T", roles, "region = :user.region", {}, "test"},
                                   {"", "DEPARTMENTS", roles, "*", {}, "test"}},
                                  {{"", "EMPLOYEES", "EMAIL", roles, *policy::parse_mask("null"), "test"}});
    EXPECT_TRUE(set);
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

/// They read what the rules show, or nothing.
bool is_harmless(std::string_view id) {
    return id ==
               "h-oracle-0759" ||  // JSON_QUERY((SELECT JSON_OBJECTAGG(id VALUE secret) FROM employees), '$')
           id == "h-oracle-1034";  // SELECT 1 FROM dual WHERE 1=(SELECT 1 FROM dual)
}

struct Tally {
    std::size_t answered = 0;
    std::size_t refused = 0;
    std::size_t not_of_the_double = 0;  ///< Sent, and the double did not understand it.
};

class OracleHostile : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(company_.error(), "");
        ASSERT_EQ(native_.error(), "");
    }

    void attack(GovernedDouble& shop, const std::string& id, const std::string& sql, bool must_refuse,
                Tally& tally) {
        const Answer answer = shop.run(european_, sql);
        const bool sent = !answer.error || answer.error->native_code != 0;
        ++(!sent ? tally.refused : answer.error ? tally.not_of_the_double : tally.answered);
        EXPECT_FALSE(must_refuse && sent) << id << " was sent: " << sql << "\n" << answer.text();
        for (const std::string_view marker : markers) {
            if (sql.find(marker) != std::string::npos) continue;
            EXPECT_EQ(answer.text().find(marker), std::string::npos) << id << ": " << sql;
        }
        if (!sent) {
            EXPECT_NE(answer.error->code, ErrorCode::internal) << id << ": " << sql << "\n" << answer.text();
            EXPECT_FALSE(answer.error->message.empty()) << id;
        }
    }

    const Attributes european_{{"region", {"EU"}}};
    GovernedDouble company_{"hostile", company, company_rules()};
    /// The same, filtered by the database.
    GovernedDouble native_{"hostile_native", company, company_rules(), driver::Access::read_only,
                           source::Enforcement::native};
};

TEST_F(OracleHostile, statements_of_every_category) {
    std::string reason;
    const auto records = corpora::read_corpus("hostile", reason);
    if (!records) GTEST_SKIP() << reason;
    std::map<std::string, Tally> tallies;
    std::size_t number = 0;
    for (const corpora::Record& record : *records) {
        const bool own = record.dialect == "oracle";
        // Those of the other engines in turns: whatever they become here.
        if (!own && ++number % 4 != 0) continue;
        // A comment or quote that hides a second statement leaves one query, which policy may answer.
        const bool must_refuse =
            own && record.expect == "deny" && record.category != "stacked/lexical" && !is_harmless(record.id);
        attack(company_, record.id, record.sql, must_refuse,
               tallies[own ? record.category : "of other dialects"]);
        if (own) attack(native_, record.id, record.sql, must_refuse, tallies["filtered by the database"]);
    }
    for (const auto& [category, tally] : tallies) {
        std::printf("%-26s %4zu answered under policy, %4zu refused, %3zu beyond the double\n",
                    category.c_str(), tally.answered, tally.refused, tally.not_of_the_double);
    }
}

}  // namespace hostile_oracle_test
}  // namespace majed::governed_oracle
