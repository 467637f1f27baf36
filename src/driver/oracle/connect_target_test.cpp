// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/connect_target.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace majed::driver::oracle {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string connect_string(std::string_view url, std::chrono::nanoseconds left = seconds(30)) {
    const auto target = parse_connect_target(url);
    return target ? target->connect_string(left) : target.error().message;
}

}  // namespace

TEST(ConnectTarget, becomes_an_easy_connect_string) {
    EXPECT_EQ(connect_string("oracle://db.example.com:1522/sales"),
              "db.example.com:1522/sales?transport_connect_timeout=5&expire_time=2");
    EXPECT_EQ(connect_string("oracle://db/FREEPDB1"),
              "db:1521/FREEPDB1?transport_connect_timeout=5&expire_time=2");
    EXPECT_EQ(connect_string("oracle://[2001:db8::1]:1521/x"),
              "[2001:db8::1]:1521/x?transport_connect_timeout=5&expire_time=2");
}

TEST(ConnectTarget, speaks_tls_with_a_checked_name_of_the_server) {
    EXPECT_EQ(connect_string("oracle://db/x?protocol=tcps&wallet_location=/etc/majed/wallet"
                             "&ssl_server_cert_dn=CN%3Ddb.example.com%2CO%3DExample"),
              "tcps://db:1521/x?transport_connect_timeout=5&expire_time=2&ssl_server_dn_match=yes"
              "&wallet_location=/etc/majed/wallet&ssl_server_cert_dn=\"CN=db.example.com,O=Example\"");
}

TEST(ConnectTarget, never_waits_longer_for_the_network_than_the_opening_may_take) {
    const std::string url = "oracle://db/x?transport_connect_timeout=20&expire_time=0";
    EXPECT_EQ(connect_string(url, seconds(60)), "db:1521/x?transport_connect_timeout=20&expire_time=0");
    EXPECT_EQ(connect_string(url, milliseconds(2500)), "db:1521/x?transport_connect_timeout=3&expire_time=0");
    EXPECT_EQ(connect_string(url, milliseconds(-5)), "db:1521/x?transport_connect_timeout=1&expire_time=0");
    EXPECT_EQ(connect_string(url, std::chrono::nanoseconds::max()),
              "db:1521/x?transport_connect_timeout=20&expire_time=0");
}

TEST(ConnectTarget, asks_for_a_pooled_server) {
    const auto target = parse_connect_target("oracle://db/x?pooled=yes&purity=self&connection_class=GATEWAY");
    ASSERT_TRUE(target);
    EXPECT_TRUE(target->pooled);
    EXPECT_EQ(target->purity, Purity::reused);
    EXPECT_EQ(target->connection_class, "GATEWAY");
    EXPECT_TRUE(target->connect_string(seconds(9)).starts_with("db:1521/x:pooled?"));
    EXPECT_EQ(parse_connect_target("oracle://db/x?pooled=yes")->purity, Purity::fresh);
}

TEST(ConnectTarget, keeps_the_folder_of_the_client_library_out_of_the_connect_string) {
    const auto target = parse_connect_target("oracle://db/x?client_library=/opt/oracle/instantclient_23_5");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->client_library, "/opt/oracle/instantclient_23_5");
    EXPECT_EQ(target->connect_string(seconds(9)).find("opt"), std::string::npos);
}

TEST(ConnectTarget, refuses_what_it_does_not_know_without_repeating_it) {
    for (const char* const url : {"",
                                  "oracle:",
                                  "oracle://",
                                  "oracle://db",
                                  "oracle://db/",
                                  "oracle://db?x=/y",
                                  "postgresql://db/x",
                                  "oracle:///x",
                                  "oracle://db:/x",
                                  "oracle://db:0/x",
                                  "oracle://db:65536/x",
                                  "oracle://db:1521x/x",
                                  "oracle://[::1/x",
                                  "oracle://[::1]1521/x",
                                  "oracle://user:secret@db/x",
                                  "oracle://d(b)/x",
                                  "oracle://db/x)(y",
                                  "oracle://db/x?secret=1",
                                  "oracle://db/x?expire_time",
                                  "oracle://db/x?expire_time=",
                                  "oracle://db/x?expire_time=-1",
                                  "oracle://db/x?expire_time=2&expire_time=3",
                                  "oracle://db/x?transport_connect_timeout=0",
                                  "oracle://db/x?protocol=ipc",
                                  "oracle://db/x?wallet_location=relative",
                                  "oracle://db/x?wallet_location=/a)(b",
                                  "oracle://db/x?ssl_server_cert_dn=a%22b",
                                  "oracle://db/x?ssl_server_cert_dn=%zz",
                                  "oracle://db/x?ssl_server_cert_dn=%4",
                                  "oracle://db/x?pooled=maybe",
                                  "oracle://db/x?purity=old",
                                  "oracle://db/x?connection_class=a%20b",
                                  "oracle://db/x?client_library=lib",
                                  "oracle://db/x?ssl_server_dn_match=1"}) {
        const auto target = parse_connect_target(url);
        ASSERT_FALSE(target) << url;
        EXPECT_EQ(target.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(target.error().message.find("secret"), std::string::npos) << target.error().message;
    }
}

}  // namespace majed::driver::oracle
