// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/login_plan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace majed::driver::postgres {

namespace {

const char* nothing_set(const char*) {
    return nullptr;
}

Target target_of(std::string url) {
    Target target;
    target.url = std::move(url);
    target.user = "ada";
    target.password = Secret("hunter2");
    return target;
}

Result<LoginPlan> plan_of(std::string url) {
    return LoginPlan::read(target_of(std::move(url)), &nothing_set);
}

std::string setting(std::string url, std::string_view keyword) {
    const auto plan = plan_of(std::move(url));
    return plan ? plan->setting(keyword) : "error: " + plan.error().message;
}

TEST(LoginPlan, reads_hosts_ports_and_database) {
    const auto plan = plan_of("postgresql://[2001:db8::1]:6000,db.example,10.0.0.1:5433/my%20db");
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->hosts, (std::vector<LoginPlan::Host>{
                               {"2001:db8::1", "6000"}, {"db.example", "5432"}, {"10.0.0.1", "5433"}}));
    EXPECT_EQ(plan->setting("dbname"), "my db");
    EXPECT_EQ(plan->setting("user"), "ada");
    const auto socket = plan_of("postgresql:///app?host=/run/pg&port=6001");
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(socket->hosts, (std::vector<LoginPlan::Host>{{"/run/pg", "6001"}}));
    EXPECT_TRUE(socket->hosts[0].is_socket());
    const auto one_port = plan_of("postgres:///app?host=a,b&port=7");
    ASSERT_TRUE(one_port);
    EXPECT_EQ(one_port->hosts, (std::vector<LoginPlan::Host>{{"a", "7"}, {"b", "7"}}));
    EXPECT_EQ(setting("postgresql://h", "dbname"), "ada");
}

TEST(LoginPlan, encrypts_off_the_machine_and_verifies_where_it_can) {
    EXPECT_EQ(setting("postgresql://localhost/a", "sslmode"), "prefer");
    EXPECT_EQ(setting("postgresql://127.0.0.1/a", "sslmode"), "prefer");
    EXPECT_EQ(setting("postgresql://[::1]/a", "sslmode"), "prefer");
    EXPECT_EQ(setting("postgresql:///a?host=/run/pg", "sslmode"), "prefer");
    EXPECT_EQ(setting("postgresql://db.example/a", "sslmode"), "require");
    EXPECT_EQ(setting("postgresql://localhost,db.example/a", "sslmode"), "require");
    EXPECT_EQ(setting("postgresql://db.example/a?sslrootcert=/etc/ca.pem", "sslmode"), "verify-full");
    EXPECT_EQ(setting("postgresql://db.example/a?sslrootcert=/etc/ca.pem", "sslrootcert"), "/etc/ca.pem");
    for (const char* const mode : {"disable", "allow", "prefer", "require"}) {
        EXPECT_EQ(setting(std::string("postgresql://db.example/a?sslmode=") + mode, "sslmode"), mode);
    }
    EXPECT_EQ(setting("postgresql://h/a?sslmode=verify-ca&sslrootcert=/ca", "sslmode"), "verify-ca");
    EXPECT_EQ(setting("postgresql://h/a?sslmode=verify-full", "sslmode"),
              "error: sslmode=verify-full needs sslrootcert");
    EXPECT_EQ(setting("postgresql://h/a?sslcert=/c", "sslmode"), "error: sslcert and sslkey need each other");
}

TEST(LoginPlan, refuses_what_is_not_a_plain_url) {
    for (const char* const url :
         {"host=h dbname=d", "mysql://h/d", "postgresql://h:x/d", "postgresql://h:0/d",
          "postgresql://h:70000/d", "postgresql:///d", "postgresql://a,b:1,c:2,d/x?port=1,2,3,4,5",
          "postgresql://h/d?nosuch=1", "postgresql://[::1/d", "postgresql://h/d?target_session_attrs=no",
          "postgresql://h/d?connect_timeout=0", "postgresql://h/%00"}) {
        const auto plan = plan_of(url);
        ASSERT_FALSE(plan) << url;
        EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument) << url;
    }
    Target nobody = target_of("postgresql://h/d");
    nobody.user.clear();
    EXPECT_FALSE(LoginPlan::read(nobody, &nothing_set));
}

TEST(LoginPlan, refuses_parameters_that_would_reach_around_the_configuration) {
    for (const char* const keyword :
         {"options", "passfile", "service", "hostaddr", "requirepeer", "fallback_application_name",
          "krbsrvname", "gssencmode", "replication", "client_encoding"}) {
        const auto plan = plan_of(std::string("postgresql://h/d?") + keyword + "=1");
        ASSERT_FALSE(plan) << keyword;
        EXPECT_EQ(plan.error().message, "the URL's parameter " + std::string(keyword) + " is not allowed");
    }
}

TEST(LoginPlan, refuses_credentials_in_the_url_without_showing_them) {
    for (const char* const url :
         {"postgresql://eve@h/d", "postgresql://eve:s3cret@h/d", "postgresql://h/d?user=eve",
          "postgresql://h/d?password=s3cret", "postgresql://eve:s3cret@h:bad/d?x=s3cret"}) {
        const auto plan = plan_of(url);
        ASSERT_FALSE(plan) << url;
        EXPECT_EQ(plan.error().message.find("s3cret"), std::string::npos);
        EXPECT_EQ(plan.error().message.find("eve"), std::string::npos);
        EXPECT_EQ(plan.error().hint.find("s3cret"), std::string::npos);
    }
}

TEST(LoginPlan, no_setting_holds_the_password) {
    const auto plan = plan_of("postgresql://h/d");
    ASSERT_TRUE(plan);
    for (const auto& [keyword, value] : plan->settings) {
        EXPECT_EQ(value.find("hunter2"), std::string::npos) << keyword;
    }
}

TEST(LoginPlan, variables_that_have_a_counterpart_are_overruled) {
    for (const char* const variable :
         {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGOPTIONS", "PGAPPNAME", "PGSSLMODE",
          "PGPASSFILE", "PGSSLCERT", "PGHOSTADDR", "PGTARGETSESSIONATTRS"}) {
        static const char* set = nullptr;
        set = variable;
        EXPECT_TRUE(LoginPlan::read(target_of("postgresql://h/d"), [](const char* name) -> const char* {
            return std::strcmp(name, set) == 0 ? "elsewhere" : nullptr;
        })) << variable;
    }
}

TEST(LoginPlan, variables_that_cannot_be_overruled_are_refused_by_name) {
    for (const char* const variable :
         {"PGSERVICE", "PGREQUIREPEER", "PGSSLCRL", "PGDATESTYLE", "PGTZ", "PGGEQO"}) {
        static const char* set = nullptr;
        set = variable;
        const auto plan = LoginPlan::read(target_of("postgresql://h/d"), [](const char* name) -> const char* {
            return std::strcmp(name, set) == 0 ? "s3cret" : nullptr;
        });
        ASSERT_FALSE(plan) << variable;
        EXPECT_NE(plan.error().message.find(variable), std::string::npos);
        EXPECT_EQ(plan.error().message.find("s3cret"), std::string::npos);
    }
    Target no_password = target_of("postgresql://h/d");
    no_password.password = Secret();
    EXPECT_FALSE(LoginPlan::read(no_password, [](const char* name) -> const char* {
        return std::strcmp(name, "PGPASSWORD") == 0 ? "x" : nullptr;
    }));
}

TEST(LoginPlan, a_reading_connection_asks_the_server_to_refuse_writes) {
    Target target = target_of("postgresql://h/d");
    const std::string wish = "default_transaction_read_only=on";
    EXPECT_NE(LoginPlan::read(target, &nothing_set)->setting("options").find(wish), std::string::npos);
    target.access = Access::read_write;
    EXPECT_EQ(LoginPlan::read(target, &nothing_set)->setting("options").find(wish), std::string::npos);
}

}  // namespace

}  // namespace majed::driver::postgres
