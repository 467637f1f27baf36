// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include "crypto/key_ring.h"
#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::gateway {
namespace {

using Rows = std::vector<std::string>;
using policy::Role;

crypto::Fernet column_key(char letter) {
    return *crypto::Fernet::from_bytes(Secret(std::string(32, letter)));
}

std::string token_of(const crypto::Fernet& key, std::string_view plaintext) {
    return *key.encrypt(crypto::bytes_of(plaintext), crypto::FernetTime(std::chrono::seconds(1000000)));
}

/// Patients, whose ssn and diagnosis are encrypted with keys of their own. Row 1 is whole; of the others each has one
/// kind of broken ssn. Tokens differ in every run, so nothing here can pass by looking at one.
class EncryptedColumnsTest : public GatewayTest {
protected:
    void SetUp() override {
        GatewayTest::SetUp();
        const crypto::Fernet ssn = column_key('s');
        std::string tampered = token_of(ssn, "tampered");
        tampered[40] = tampered[40] == 'A' ? 'B' : 'A';
        token_ = token_of(ssn, "111-22-3333");
        execute("shop.db",
                "CREATE TABLE patients (id INTEGER PRIMARY KEY, name TEXT, region TEXT, ssn TEXT, diagnosis);"
                "CREATE INDEX by_ssn ON patients (ssn);"
                "INSERT INTO patients VALUES (1, 'ann', 'NORTH', '" +
                    token_ + "', '" + token_of(column_key('d'), "flu") +
                    "'), (2, 'bob', 'NORTH', NULL, NULL), (3, 'cem', 'NORTH', '" + tampered +
                    "', ''), (4, 'dee', 'NORTH', '" + token_of(column_key('x'), "another key") +
                    "', x'00ff'), (5, 'eve', 'NORTH', 'plain', 5), (6, 'fay', 'NORTH', '', '" +
                    token_of(column_key('d'), std::string_view("\xff\x00\xfe", 3)) +
                    "'), (7, 'gil', 'EAST', '" + token_of(ssn, "") + "', NULL)");
        ASSERT_TRUE((*sources_.find(""))->refresh_catalog());
        install(Role::normal);
    }

    /// `reader` and admins see both columns decrypted, superusers neither.
    void install(Role reader) {
        auto set = policy::PolicySet::create(
            {{"", "patients", {Role::admin, Role::superuser, Role::integration}, "*", {}, "t"},
             {"", "patients", {Role::normal}, "region = :user.region", {}, "t"}},
            {},
            {{"", "patients", "ssn", {Role::admin, reader}, "t"},
             {"", "patients", "diagnosis", {Role::admin, reader}, "t"}});
        ASSERT_TRUE(set) << set.error().message;
        auto keys = std::make_shared<ColumnKeys>();
        keys->push_back(ring('s'));
        keys->push_back(ring('d'));
        const auto done =
            gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(set)), std::move(keys));
        ASSERT_TRUE(done) << done.error().message;
    }

    static crypto::KeyRing ring(char letter) {
        std::vector<crypto::Fernet> keys;
        keys.push_back(column_key(letter));
        return *crypto::KeyRing::create(std::move(keys));
    }

    std::string token_;
};

TEST_F(EncryptedColumnsTest, decrypts_for_the_roles_listed_and_shows_null_to_others) {
    const std::string sql = "SELECT name, ssn, diagnosis FROM patients WHERE id = 1";
    EXPECT_EQ(rows(nora(), sql), Rows{"ann|111-22-3333|flu"});
    EXPECT_EQ(rows(principal(Role::admin), sql), Rows{"ann|111-22-3333|flu"});
    EXPECT_EQ(rows(principal(Role::superuser), sql), Rows{"ann|~|~"});
    EXPECT_EQ(rows(principal(Role::integration), sql), Rows{"ann|~|~"});
}

TEST_F(EncryptedColumnsTest, works_under_row_filters_and_unsafe_conditions) {
    EXPECT_EQ(rows(principal(Role::normal, {{"region", {"EAST"}}}), "SELECT id, ssn FROM patients"),
              Rows{"7|"});
    EXPECT_EQ(rows(nora(), "SELECT * FROM patients WHERE name || 'x' = 'annx' AND abs(id) = 1"),
              Rows{"1|ann|NORTH|111-22-3333|flu"});
    EXPECT_EQ(rows(principal(Role::normal), "SELECT ssn FROM patients"), Rows{});
}

TEST_F(EncryptedColumnsTest, puts_an_error_in_the_place_of_a_cell_that_is_no_token_of_the_key) {
    CollectedRows sink;
    const auto answer =
        run(principal(Role::admin), "SELECT id, ssn, diagnosis FROM patients ORDER BY id", sink);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(sink.rows(), (Rows{"1|111-22-3333|flu", "2|~|~", "3|!undecryptable|!undecryptable",
                                 "4|!undecryptable|!undecryptable", "5|!undecryptable|!undecryptable",
                                 "6|!undecryptable|blob", "7||~"}));
    EXPECT_EQ(answer->undecryptable, 7U);
    EXPECT_EQ(answer->decrypted_columns, (Rows{"patients.diagnosis", "patients.ssn"}));
    EXPECT_EQ(answer->masked_columns, Rows{});
    EXPECT_EQ(answer->row_count, 7U);
}

TEST_F(EncryptedColumnsTest, follows_the_column_through_queries) {
    for (const char* sql :
         {"SELECT x FROM (SELECT ssn AS x, id FROM patients) WHERE id = 1",
          "SELECT (SELECT ssn FROM patients WHERE id = 1)",
          "WITH c(a, b) AS (SELECT id, ssn FROM patients) SELECT b FROM c WHERE a = 1",
          "SELECT p.ssn FROM patients p JOIN patients q USING (id) WHERE p.id = 1",
          "SELECT ssn FROM patients WHERE id = 1 UNION ALL SELECT ssn FROM patients WHERE 0",
          "SELECT ssn FROM (SELECT * FROM patients ORDER BY id LIMIT 1) GROUP BY id",
          "SELECT ssn FROM patients GROUP BY region HAVING id = min(id) AND min(id) = 1 ORDER BY region "
          "LIMIT 1",
          "WITH RECURSIVE r(i, x) AS (SELECT id, ssn FROM patients WHERE id = 1 UNION ALL SELECT i + 1, x "
          "FROM r "
          "WHERE i < 3) SELECT x FROM r LIMIT 1"}) {
        EXPECT_EQ(rows(nora(), sql), Rows{"111-22-3333"}) << sql;
    }
    EXPECT_EQ(rows(nora(), "SELECT ssn IS NULL, count(ssn), count(*) FROM patients GROUP BY 1 ORDER BY 1"),
              (Rows{"0|5|5", "1|0|1"}));
}

TEST_F(EncryptedColumnsTest, takes_each_column_for_its_own_key) {
    EXPECT_EQ(
        rows(
            nora(),
            "SELECT ssn, diagnosis FROM patients WHERE id = 1 UNION ALL SELECT diagnosis, ssn FROM patients"),
        Rows{"unsupported: diagnosis is encrypted in the source: nothing can be computed on it"});
    EXPECT_EQ(rows(nora(), "SELECT diagnosis, ssn, diagnosis AS ssn FROM patients WHERE id = 1"),
              Rows{"flu|111-22-3333|flu"});
}

TEST_F(EncryptedColumnsTest, never_shows_a_token_and_never_computes_on_one) {
    for (const char* part :
         {"ssn || ''", "substr(ssn, 1, 5)", "max(ssn)", "(SELECT max(ssn) FROM patients)",
          "CAST(ssn AS BLOB)", "coalesce(ssn, '')", "CASE WHEN 1 THEN ssn END", "json_array(ssn)",
          "quote(ssn)", "iif(1, ssn, 0)", "group_concat(ssn)", "nth_value(ssn, 1) OVER ()",
          "ssn COLLATE BINARY", "+ssn", "ssn > 'g'", "length(ssn)"}) {
        for (const policy::Principal& who : {nora(), principal(Role::admin)}) {
            const Rows got = rows(who, "SELECT " + std::string(part) + " FROM patients");
            ASSERT_EQ(got.size(), 1U) << part;
            EXPECT_EQ(got[0].rfind("unsupported: ", 0), 0U) << part << ": " << got[0];
        }
        // For others it is NULL, of which anything may be computed.
        for (const std::string& row :
             rows(principal(Role::superuser), "SELECT " + std::string(part) + " FROM patients"))
            EXPECT_EQ(row.find("gAAAA"), std::string::npos) << part;
    }
    EXPECT_EQ(rows(nora(), "SELECT ssn FROM patients ORDER BY 1")[0].rfind("unsupported", 0), 0U);
    EXPECT_EQ(rows(nora(), "SELECT DISTINCT ssn FROM patients")[0].rfind("unsupported", 0), 0U);
    EXPECT_EQ(rows(nora(), "SELECT 1 FROM patients WHERE ssn = '" + token_ + "'")[0].rfind("unsupported", 0),
              0U);
}

TEST_F(EncryptedColumnsTest, shares_no_plan_between_those_who_see_it_and_those_who_do_not) {
    const std::string sql = "SELECT ssn FROM patients WHERE id = 1";
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(rows(principal(Role::admin), sql), Rows{"111-22-3333"});
        EXPECT_EQ(rows(principal(Role::superuser), sql), Rows{"~"});
    }
    install(Role::superuser);
    EXPECT_EQ(rows(principal(Role::superuser), sql), Rows{"111-22-3333"});
    EXPECT_EQ(rows(nora(), sql), Rows{"~"});
}

TEST_F(EncryptedColumnsTest, counts_the_bytes_of_what_was_decrypted) {
    const auto with_limit = [&](std::uint64_t bytes, const std::string& sql) {
        const std::string name = "limited" + std::to_string(bytes) + std::to_string(sql.size());
        source::SourceRegistry registry;
        source::SourceOptions options;
        options.name = name;
        options.limits.max_bytes = bytes;
        EXPECT_TRUE(registry.add(*source::start_sqlite(std::move(options), directory_.file("shop.db"))));
        EXPECT_TRUE((*registry.find(""))->catalog());
        Gateway limited(registry, *audit_, std::vector<std::uint8_t>(32, 7));
        auto set = policy::PolicySet::create({{"", "patients", {Role::normal}, "*", {}, "t"}}, {},
                                             {{"", "patients", "ssn", {Role::normal}, "t"}});
        auto keys = std::make_shared<ColumnKeys>();
        keys->push_back(ring('s'));
        EXPECT_TRUE(limited.install_policies(std::make_shared<policy::PolicySet>(*std::move(set)), keys));
        QueryRequest request;
        request.sql = sql;
        CollectedRows sink;
        const auto answer = limited.query(nora(), request, sink);
        return answer ? std::string("ok") : std::string(traits(answer.error().code).name);
    };
    // The token of 11 bytes has more than 100; an integer counts 8.
    EXPECT_EQ(with_limit(11, "SELECT ssn FROM patients WHERE id = 1"), "ok");
    EXPECT_EQ(with_limit(10, "SELECT ssn FROM patients WHERE id = 1"), "too_large");
    EXPECT_EQ(with_limit(18, "SELECT ssn, id FROM patients WHERE id = 1"), "too_large");
    EXPECT_EQ(with_limit(19, "SELECT ssn, id FROM patients WHERE id = 1"), "ok");
}

TEST_F(EncryptedColumnsTest, says_in_the_audit_what_was_decrypted_and_what_could_not_be) {
    ASSERT_EQ(rows(nora(), "SELECT ssn FROM patients WHERE id IN (1, 3, 4)").size(), 3U);
    const Rows details = audited("SELECT details FROM audit_log WHERE action = 'query' ORDER BY id");
    ASSERT_EQ(details.size(), 2U);
    EXPECT_NE(details[0].find("\"decrypted_columns\":[\"patients.ssn\"]"), std::string::npos) << details[0];
    EXPECT_NE(details[1].find("\"undecryptable\":2"), std::string::npos) << details[1];
    for (const std::string& each : details) {
        EXPECT_EQ(each.find("111-22"), std::string::npos);
        EXPECT_EQ(each.find("gAAAA"), std::string::npos);
    }
}

TEST_F(EncryptedColumnsTest, is_told_by_check) {
    QueryRequest request;
    request.sql = "SELECT name, ssn FROM patients WHERE diagnosis IS NULL";
    const auto report = gateway_->check(nora(), request);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->allowed);
    ASSERT_EQ(report->relations.size(), 1U);
    EXPECT_EQ(report->relations[0].decrypted, Rows{"ssn"});
    request.sql = "SELECT name FROM patients WHERE ssn = 'x'";
    const auto refused = gateway_->check(nora(), request);
    ASSERT_TRUE(refused);
    ASSERT_EQ(refused->problems.size(), 1U);
    EXPECT_EQ(refused->problems[0].code, ErrorCode::unsupported);
    EXPECT_EQ(refused->problems[0].offset, 32U);
    EXPECT_FALSE(refused->problems[0].hint.empty());
}

TEST_F(EncryptedColumnsTest, is_not_taken_up_without_its_key_or_its_table) {
    const auto complaint = [&](const char* source, const char* table, std::shared_ptr<ColumnKeys> keys) {
        auto set = policy::PolicySet::create({}, {}, {{source, table, "ssn", {Role::admin}, "majed.toml:7"}});
        const auto done =
            gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(set)), std::move(keys));
        return done ? std::string() : done.error().message;
    };
    const auto one_key = [] {
        auto keys = std::make_shared<ColumnKeys>();
        keys->push_back(ring('s'));
        return keys;
    };
    EXPECT_EQ(complaint("", "patients", nullptr), "every encrypted column needs its key");
    EXPECT_EQ(complaint("", "nothing", one_key()), "majed.toml:7: no source has a table nothing");
    EXPECT_EQ(complaint("hr", "patients", one_key()), "majed.toml:7: there is no source hr");
    EXPECT_EQ(complaint("", "orders", one_key()), "majed.toml:7: table orders has no column ssn");
    EXPECT_EQ(complaint("shop", "patients", one_key()), "");
}

}  // namespace
}  // namespace majed::gateway
