// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"

#include <gtest/gtest.h>

namespace majed::api {
namespace {

using format::RowsFormat;

TEST(AcceptedFormat, is_json_when_the_caller_does_not_say) {
    EXPECT_EQ(accepted_format("").value(), RowsFormat::json);
    EXPECT_EQ(accepted_format("*/*").value(), RowsFormat::json);
}

TEST(AcceptedFormat, is_the_first_we_offer) {
    EXPECT_EQ(accepted_format("text/html, text/csv;q=0.9").value(), RowsFormat::csv);
    EXPECT_EQ(accepted_format("Application/X-NDJSON").value(), RowsFormat::ndjson);
}

TEST(AcceptedFormat, is_refused_when_we_offer_nothing_of_it) {
    const auto format = accepted_format("text/html,");
    ASSERT_FALSE(format);
    EXPECT_EQ(format.error().code, ErrorCode::invalid_argument);
}

gateway::CheckReport report() {
    gateway::CheckReport report;
    report.allowed = false;
    report.statement_class = "read";
    report.fingerprint = "00112233aabbccdd";
    report.relations.push_back({"CUSTOMERS", {"REGION"}, gateway::RelationVerdict::filter, "REGION = 'x'"});
    report.relations.push_back({"PRODUCTS", {}, gateway::RelationVerdict::deny, {}});
    report.problems.push_back(Error{ErrorCode::not_found, "no table PRODUCTS"}.at(14));
    report.rewritten = "SELECT secret";
    return report;
}

TEST(CheckAnswer, keeps_filters_rewritten_sql_and_denied_tables_from_callers) {
    EXPECT_EQ(
        check_json(report(), Audience::everyone),
        R"({"allowed":false,"class":"read","fingerprint":"00112233aabbccdd",)"
        R"("tables":[{"table":"CUSTOMERS","columns":["REGION"],"decision":"filter"}],)"
        R"("audit":"best_effort","problems":[{"code":"not_found","message":"no table PRODUCTS","offset":14}]})"
        "\n");
}

TEST(CheckAnswer, names_the_columns_that_would_be_decrypted) {
    gateway::CheckReport decrypting = report();
    decrypting.relations.front().decrypted = {"SSN"};
    EXPECT_NE(check_json(decrypting, Audience::everyone).find(R"("decision":"filter","decrypted":["SSN"])"),
              std::string::npos);
}

TEST(CheckAnswer, shows_an_admin_everything) {
    const std::string json = check_json(report(), Audience::admin);
    EXPECT_NE(json.find(R"("filter":"REGION = 'x'")"), std::string::npos);
    EXPECT_NE(json.find(R"("rewritten":"SELECT secret")"), std::string::npos);
    EXPECT_NE(json.find(R"("decision":"deny")"), std::string::npos);
}

TEST(CheckAnswer, says_when_the_intent_must_be_on_disk_first) {
    gateway::CheckReport strict = report();
    strict.audited_strictly = true;
    EXPECT_NE(check_json(strict, Audience::everyone).find(R"("audit":"strict")"), std::string::npos);
}

TEST(PrincipalAnswer, names_role_and_attributes) {
    policy::Principal sam;
    sam.name = "sam";
    sam.role = policy::Role::superuser;
    sam.attributes["regions"] = {"NORTH", "EAST"};
    sam.authenticated_by = "password";
    EXPECT_EQ(
        principal_json(sam, false),
        R"({"kind":"user","name":"sam","roles":["superuser"],"attributes":{"regions":["NORTH","EAST"]},)"
        R"("authenticated_by":"password","must_change_password":false})"
        "\n");
}

}  // namespace
}  // namespace majed::api
