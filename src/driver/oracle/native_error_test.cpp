// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/native_error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::driver::oracle {

namespace {

struct Row {
    FailureClass failure;
    ErrorCode code;
    std::vector<int> ora;
};

/// The lists of codes as Oracle, ODPI-C and python-oracledb publish them; docs/reference/error-classes.md.
const std::vector<Row>& table() {
    static const std::vector<Row> rows{
        {FailureClass::lost,
         ErrorCode::unavailable,
         {22,   28,   31,   45,   378,  600,   602,   603,   609,   1012,  1041,  1043,  1089, 1092,
          2396, 3113, 3114, 3122, 3135, 12153, 12537, 12547, 12570, 12583, 27146, 28511, 56600}},
        {FailureClass::lost, ErrorCode::unavailable, {1033,  1034,  1090,  12514, 12571, 12757, 12541, 12170,
                                                      12543, 12545, 12528, 12516, 12518, 12519, 12520, 12154,
                                                      12505, 12150, 12151, 12152, 12157, 12521, 12523, 12529,
                                                      12540, 12564, 12569, 12585, 12592, 12599}},
        {FailureClass::refused_login, ErrorCode::unavailable, {1017, 28000, 28001, 28002, 1045, 1005, 28009}},
        {FailureClass::exhausted,
         ErrorCode::unavailable,
         {18, 20, 4030, 4031, 1536, 1652, 1653, 2391, 24418, 24457, 24459, 24496}},
        {FailureClass::timeout, ErrorCode::timeout, {40, 56720, 56735, 2393, 2395, 7455}},
        {FailureClass::contention, ErrorCode::conflict, {54, 60, 8177, 30006}},
        {FailureClass::read_only, ErrorCode::unsupported, {1456, 16000, 28193, 28194}},
        {FailureClass::user_error, ErrorCode::conflict, {1, 1400, 2290, 2291, 2292, 21525, 40479, 2091}},
        {FailureClass::user_error,
         ErrorCode::invalid_argument,
         {900,  904,  907,  911,  918,  923,  933, 936,   942,   999,   1722,  1036, 1008,  1031,
          1438, 1476, 1917, 4043, 6550, 1007, 932, 28110, 28112, 28113, 12899, 1453, 20001, 99999}},
    };
    return rows;
}

}  // namespace

TEST(NativeError, classes_every_code_of_the_table) {
    for (const Row& row : table()) {
        for (const int ora : row.ora) {
            const Error error = error_of({.ora = ora}, StopCause::none);
            EXPECT_EQ(error.failure, row.failure) << ora << " is " << name_of(error.failure);
            EXPECT_EQ(error.code, row.code) << ora << " is " << traits(error.code).name;
            EXPECT_EQ(error.native_code, ora);
        }
    }
}

TEST(NativeError, reads_the_code_when_there_is_one) {
    EXPECT_EQ(read_native_error(942, "ORA-00942: table or view does not exist", 14),
              (NativeError{.ora = 942, .dpi = 0, .offset = 14}));
}

TEST(NativeError, reads_what_closed_a_connection_out_of_the_text) {
    const NativeError native = read_native_error(0, "DPI-1080: connection was closed by ORA-3113", 0);
    EXPECT_EQ(native, (NativeError{.ora = 3113, .dpi = 1080, .offset = 0}));
    const Error error = error_of(native, StopCause::none);
    EXPECT_EQ(error.failure, FailureClass::lost);
    EXPECT_EQ(error.native_state, "ORA-03113");
    EXPECT_TRUE(reply_was_lost(native));
}

TEST(NativeError, keeps_the_name_of_a_call_timeout) {
    const NativeError native =
        read_native_error(0, "DPI-1067: call timeout of 300 ms exceeded with ORA-3136", 0);
    const Error error = error_of(native, StopCause::deadline);
    EXPECT_EQ(error.failure, FailureClass::timeout);
    EXPECT_EQ(error.code, ErrorCode::timeout);
    EXPECT_EQ(error.native_state, "DPI-1067");
    EXPECT_EQ(error.native_code, 3136);
    EXPECT_TRUE(is_break(native));
}

TEST(NativeError, takes_a_timeout_during_login_for_a_lost_way) {
    const Error error =
        error_of(read_native_error(3136, "ORA-03136: inbound connection timed out", 0), StopCause::none);
    EXPECT_EQ(error.failure, FailureClass::lost);
}

TEST(NativeError, knows_errors_of_odpi_without_a_code_of_the_database) {
    const auto failure = [](const char* text) {
        return error_of(read_native_error(0, text, 0), StopCause::none);
    };
    EXPECT_EQ(failure("DPI-1010: not connected").failure, FailureClass::lost);
    EXPECT_EQ(failure("DPI-1010: not connected").native_state, "DPI-1010");
    EXPECT_EQ(failure("DPI-1044: value cannot be represented as an Oracle number").code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(failure("DPI-1059: bind variables are not supported in DDL statements").failure,
              FailureClass::user_error);
    EXPECT_EQ(failure("DPI-1047: Cannot locate a 64-bit Oracle Client library").code, ErrorCode::unavailable);
    EXPECT_EQ(failure("DPI-1013: not supported").code, ErrorCode::unsupported);
    EXPECT_EQ(failure("DPI-1001: out of memory").code, ErrorCode::overloaded);
    EXPECT_EQ(failure("DPI-1002: invalid dpiStmt handle").code, ErrorCode::internal);
    EXPECT_EQ(failure("something else").code, ErrorCode::internal);
    EXPECT_EQ(failure("").native_state, "");
}

TEST(NativeError, calls_a_break_by_who_wanted_it) {
    for (const int ora : {1013, 3111}) {
        EXPECT_EQ(failure_class_of({.ora = ora}, StopCause::deadline), FailureClass::timeout);
        EXPECT_EQ(failure_class_of({.ora = ora}, StopCause::interrupt), FailureClass::cancelled);
        EXPECT_EQ(failure_class_of({.ora = ora}, StopCause::none), FailureClass::cancelled);
    }
}

TEST(NativeError, says_when_a_request_may_have_been_carried_out) {
    EXPECT_TRUE(reply_was_lost({.ora = 3113}));
    EXPECT_TRUE(reply_was_lost({.ora = 12537}));
    EXPECT_TRUE(reply_was_lost({.ora = 12592}));
    EXPECT_FALSE(reply_was_lost({.ora = 12564}));
    // These are the server's word that the session was ended before.
    EXPECT_FALSE(reply_was_lost({.ora = 28}));
    EXPECT_FALSE(reply_was_lost({.ora = 2396}));
    EXPECT_FALSE(reply_was_lost({.ora = 3114}));
    EXPECT_FALSE(reply_was_lost({.ora = 0, .dpi = 1010}));
}

TEST(NativeError, shows_no_text_of_the_server) {
    const NativeError native =
        read_native_error(1, "ORA-00001: unique constraint (HR.SECRET_UK) violated on row 'alice'", 0);
    const Error error = error_of(native, StopCause::none);
    EXPECT_EQ(error.message.find("SECRET"), std::string::npos);
    EXPECT_EQ(error.message.find("alice"), std::string::npos);
    EXPECT_EQ(error.native_state, "ORA-00001");
}

}  // namespace majed::driver::oracle
