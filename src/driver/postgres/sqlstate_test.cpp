// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/sqlstate.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace majed::driver::postgres {

namespace {

struct Expected {
    std::string_view state;
    FailureClass failure;
    ErrorCode code;
};

TEST(SqlState, every_named_state_and_class_has_its_verdict) {
    using enum FailureClass;
    using Code = ErrorCode;
    const Expected table[]{
        {"08000", lost, Code::unavailable},
        {"08001", lost, Code::unavailable},
        {"08003", lost, Code::unavailable},
        {"08006", lost, Code::unavailable},
        {"08P01", lost, Code::unavailable},
        {"57P01", lost, Code::unavailable},
        {"57P02", lost, Code::unavailable},
        {"57P03", lost, Code::unavailable},
        {"57P04", lost, Code::unavailable},
        {"57P05", lost, Code::unavailable},
        {"53000", exhausted, Code::unavailable},
        {"53100", exhausted, Code::unavailable},
        {"53200", exhausted, Code::unavailable},
        {"53300", exhausted, Code::unavailable},
        {"53400", exhausted, Code::unavailable},
        {"57014", timeout, Code::timeout},
        {"57000", cancelled, Code::cancelled},
        {"40001", contention, Code::conflict},
        {"40P01", contention, Code::conflict},
        {"55P03", contention, Code::conflict},
        {"55006", contention, Code::conflict},
        {"40000", contention, Code::conflict},
        {"40002", user_error, Code::conflict},
        {"42601", user_error, Code::invalid_argument},
        {"42501", user_error, Code::invalid_argument},
        {"42P01", user_error, Code::invalid_argument},
        {"42703", user_error, Code::invalid_argument},
        {"42999", user_error, Code::invalid_argument},
        {"22012", user_error, Code::invalid_argument},
        {"22P02", user_error, Code::invalid_argument},
        {"22999", user_error, Code::invalid_argument},
        {"23502", user_error, Code::conflict},
        {"23503", user_error, Code::conflict},
        {"23505", user_error, Code::conflict},
        {"23514", user_error, Code::conflict},
        {"23P01", user_error, Code::conflict},
        {"25001", user_error, Code::invalid_argument},
        {"25P02", user_error, Code::invalid_argument},
        {"25P03", lost, Code::unavailable},
        {"25006", read_only, Code::unsupported},
        {"28000", user_error, Code::invalid_argument},
        {"28P01", user_error, Code::invalid_argument},
        {"2D000", user_error, Code::invalid_argument},
        {"54000", user_error, Code::invalid_argument},
        {"54001", user_error, Code::invalid_argument},
        {"55000", user_error, Code::invalid_argument},
        {"58000", lost, Code::unavailable},
        {"58030", lost, Code::unavailable},
        {"58P01", user_error, Code::invalid_argument},
        {"P0001", user_error, Code::invalid_argument},
        {"P0002", user_error, Code::invalid_argument},
        {"0A000", user_error, Code::unsupported},
        {"XX000", user_error, Code::internal},
        {"XX001", lost, Code::unavailable},
        {"XX002", lost, Code::unavailable},
        {"99999", user_error, Code::invalid_argument},
    };
    for (const Expected& row : table) {
        EXPECT_EQ(judge(row.state, Phase::statement), (Verdict{row.failure, row.code})) << row.state;
        EXPECT_EQ(ends_connection(row.state), row.failure == lost) << row.state;
        EXPECT_FALSE(meaning_of(row.state).empty()) << row.state;
    }
}

TEST(SqlState, the_commonest_mistakes_have_words_and_a_hint_of_their_own) {
    std::set<std::string> words{std::string(meaning_of("42999"))};
    for (const std::string_view state : {"21000", "42601", "42701", "42702", "42703", "42704", "42712",
                                         "42803", "42804", "428C9", "42P10", "42P20"}) {
        const Error error = error_of_state(state, Phase::statement);
        EXPECT_TRUE(words.insert(error.message).second) << state;
        EXPECT_FALSE(error.hint.empty()) << state;
        EXPECT_EQ(error.code, ErrorCode::invalid_argument) << state;
    }
    EXPECT_EQ(error_of_state("42702", Phase::statement).message,
              "the name of a column may mean more than one");
}

TEST(SqlState, a_refusal_while_logging_in_is_about_our_credentials) {
    for (const std::string_view state : {"28000", "28P01", "42501", "42704", "22023"}) {
        EXPECT_EQ(judge(state, Phase::login).failure, FailureClass::refused_login) << state;
        EXPECT_EQ(judge(state, Phase::login).code, ErrorCode::unavailable) << state;
    }
    EXPECT_EQ(judge("3D000", Phase::login).code, ErrorCode::not_found);
    EXPECT_EQ(judge("3D000", Phase::login).failure, FailureClass::refused_login);
    EXPECT_EQ(judge("57P03", Phase::login).failure, FailureClass::lost);
    EXPECT_EQ(judge("57014", Phase::login).failure, FailureClass::lost);
    EXPECT_EQ(judge("XX000", Phase::login).failure, FailureClass::lost);
    EXPECT_EQ(judge("53300", Phase::login).failure, FailureClass::exhausted);
}

TEST(SqlState, the_number_is_the_one_that_the_server_uses_inside) {
    EXPECT_EQ(number_of("00000"), 0);
    EXPECT_EQ(number_of("01000"), 64);
    EXPECT_EQ(number_of("42601"), 16801924);  // ERRCODE_SYNTAX_ERROR
    EXPECT_EQ(number_of("4260"), 0);
}

TEST(SqlState, the_last_state_of_a_terse_message_is_found) {
    EXPECT_EQ(state_in("connection to server at \"::1\", port 5432 failed: FATAL:  28P01\n"), "28P01");
    EXPECT_EQ(state_in("x failed: FATAL:  28000\ny failed: FATAL:  53300\n"), "53300");
    EXPECT_EQ(state_in("failed: Connection refused\n\tIs the server running?"), "");
    EXPECT_EQ(state_in("failed: FATAL:  role does not exist"), "");
    EXPECT_EQ(state_in("failed: FATAL:  ROLES"), "ROLES");
    EXPECT_EQ(state_in(""), "");
    EXPECT_EQ(state_in(":  "), "");
}

TEST(SqlState, an_error_says_class_number_and_state) {
    const Error error = error_of_state("23505", Phase::statement);
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_EQ(error.failure, FailureClass::user_error);
    EXPECT_EQ(error.native_state, "23505");
    EXPECT_NE(error.native_code, 0);
    EXPECT_EQ(error_of_state("28P01", Phase::login).message, "the server refuses the login");
}

}  // namespace

}  // namespace majed::driver::postgres
