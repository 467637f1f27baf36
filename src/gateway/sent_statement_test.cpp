// SPDX-License-Identifier: Apache-2.0
#include "gateway/sent_statement.h"

#include "audit/fake_detail_seal.h"
#include "audit/record_reader.h"
#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace majed::gateway {
namespace {

std::string sent(std::string sql, driver::Parameters parameters = {}) {
    QueryRequest request;
    request.sql = std::move(sql);
    request.parameters = std::move(parameters);
    return sent_statement_json(request);
}

driver::Parameters values(std::vector<Value> positional) {
    return {std::move(positional), {}};
}

TEST(SentStatement, is_told_with_its_values_as_they_were_sent) {
    EXPECT_EQ(sent("SELECT  'x'"), R"({"statement":"SELECT  'x'","parameters":[],"cut":false})");
    EXPECT_EQ(
        sent("S", {.positional = {std::int64_t{7}, 1.5, Null{}, std::string("a\"b"), true},
                   .named = {{"", std::string("n")}, {"x", std::int64_t{1}}}}),
        R"({"statement":"S","parameters":[7,1.5,null,"a\"b",true],"named":{"":"n","x":1},"cut":false})");
}

TEST(SentStatement, is_cut_between_characters_and_says_so) {
    const std::string room(most_sent_text - 1, 'x');
    EXPECT_TRUE(sent(room + "y").ends_with(R"(y","parameters":[],"cut":false})"));
    EXPECT_TRUE(sent(room + "\xc3\xa4").ends_with(R"(x","parameters":[],"cut":true})"));
    EXPECT_TRUE(sent(room, values({std::string("value")})).ends_with(R"(x","parameters":[],"cut":true})"));
    // Nothing stands behind what was left out.
    EXPECT_TRUE(sent("S", values({room + room, std::int64_t{1}})).ends_with(R"([],"cut":true})"));
    EXPECT_TRUE(sent("S", driver::Parameters{{}, {{room + room, std::int64_t{1}}}})
                    .ends_with(R"("named":{},"cut":true})"));
    EXPECT_LT(sent(std::string(most_sent_text * 4, '\x80')).size(), most_sent_text);
}

class SealedStatements : public GatewayTest {
protected:
    void open_with(std::shared_ptr<audit::DetailSeal> seal, audit::Assurance reads) {
        gateway_.reset();
        audit_.reset();
        audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db"),
                                           .reads = reads,
                                           .statements = audit::StatementText::sealed,
                                           .seal = std::move(seal)});
        gateway_ = std::make_unique<Gateway>(sources_, *audit_, std::vector<std::uint8_t>(32, 7));
        ASSERT_TRUE(gateway_->install_policies(policies()));
    }
    std::vector<std::string> shown(std::shared_ptr<audit::DetailSeal> seal) {
        audit_->flush();
        auto reader = audit::RecordReader::open(directory_.file("majed.db"), std::move(seal));
        std::vector<std::string> details;
        const auto page = reader->read({}, {.order = audit::RecordOrder::oldest_first});
        for (const auto& record : page->records) {
            details.push_back(record.phase + " " + record.details.value_or(""));
        }
        return details;
    }
};

TEST_F(SealedStatements, are_in_the_intent_of_what_runs_and_the_record_of_what_is_refused) {
    const auto seal = std::make_shared<audit::FakeDetailSeal>();
    open_with(seal, audit::Assurance::strict);
    rows(nora(), "SELECT name FROM customers WHERE name = 'ann'");
    rows(nora(), "SELECT word FROM secrets WHERE word = 'LEAK'");
    QueryRequest request;
    request.sql = "SELECT 'looked'";
    ASSERT_TRUE(gateway_->check(nora(), request));
    EXPECT_EQ(audited("SELECT count(*) FROM audit_log WHERE details LIKE '%ann%' OR details LIKE '%LEAK%'"
                      " OR details LIKE '%looked%'"),
              std::vector<std::string>{"0"});
    const auto details = shown(seal);
    ASSERT_EQ(details.size(), 4U);
    EXPECT_TRUE(details[0].ends_with(
        R"("sensitive":{"statement":"SELECT name FROM customers WHERE name = 'ann'","parameters":[],"cut":false}})"))
        << details[0];
    EXPECT_EQ(details[1].find("sensitive"), std::string::npos) << details[1];
    EXPECT_NE(details[2].find("word = 'LEAK'"), std::string::npos) << details[2];
    EXPECT_NE(details[3].find("SELECT 'looked'"), std::string::npos) << details[3];
}

TEST_F(SealedStatements, do_not_run_unkept_when_reads_are_strict_and_are_marked_when_not) {
    open_with({}, audit::Assurance::strict);
    EXPECT_EQ(rows(nora(), "SELECT name FROM customers").front().substr(0, 11), "unavailable");
    EXPECT_EQ(shown({}), std::vector<std::string>{});
    open_with({}, audit::Assurance::best_effort);
    EXPECT_EQ(rows(nora(), "SELECT name FROM customers").size(), 2U);
    EXPECT_TRUE(shown({}).front().ends_with(R"(,"sensitive":null})")) << shown({}).front();
    EXPECT_EQ(audit_->stats().unsealed, 1U);
}

TEST_F(GatewayTest, seals_nothing_unless_it_is_told_to) {
    rows(nora(), "SELECT name FROM customers WHERE name = 'ann'");
    EXPECT_EQ(audited("SELECT count(*) FROM audit_log WHERE details LIKE '%sensitive%'"),
              std::vector<std::string>{"0"});
}

}  // namespace
}  // namespace majed::gateway
