// SPDX-License-Identifier: Apache-2.0
// Connecting, pools, attributes, transactions' ends: oracle.md, section 1.2, upper half.
#include <chrono>
#include <cstring>

#include "odpi_fixture.h"

namespace majed::oracle_client {
namespace {

using OracleConnect = OdpiOnDouble;

PoolHandle make_pool(const std::string& target, std::uint32_t maximum) {
    dpiCommonCreateParams common{};
    dpiContext_initCommonCreateParams(context(), &common);
    common.createMode = DPI_MODE_CREATE_THREADED;
    dpiPoolCreateParams params{};
    dpiContext_initPoolCreateParams(context(), &params);
    params.minSessions = 1;
    params.maxSessions = maximum;
    params.getMode = DPI_MODE_POOL_GET_TIMEDWAIT;
    params.waitTimeout = 50;
    params.pingInterval = 0;
    dpiPool* pool = nullptr;
    EXPECT_TRUE(outcome_of(dpiPool_create(context(), "app", 3, "good", 4, target.c_str(),
                                          static_cast<std::uint32_t>(target.size()), &common, &params, &pool))
                    .ok());
    return PoolHandle{pool};
}

dpiConn* take(dpiPool* pool) {
    dpiConn* connection = nullptr;
    return dpiPool_acquireConnection(pool, nullptr, 0, nullptr, 0, nullptr, &connection) < 0 ? nullptr
                                                                                             : connection;
}

TEST_F(OracleConnect, says_why_a_listener_or_a_service_cannot_be_reached) {
    EXPECT_EQ(OdpiSession::try_connect("nolistener/x", "app", "good").code, 12541);
    EXPECT_EQ(OdpiSession::try_connect("//noservice:1521/x", "app", "good").code, 12514);
    EXPECT_EQ(OdpiSession::try_connect("double/../x", "app", "good").code, 12514);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(OdpiSession::try_connect("stall/x?transport_connect_timeout=50ms", "app", "good").code, 12170);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{3});
}

TEST_F(OracleConnect, refuses_a_wrong_password_and_a_locked_user) {
    EXPECT_EQ(OdpiSession::try_connect(target(), "app", "wrong").code, 1017);
    ASSERT_TRUE(oci_double().script("on connect LOCKED\n error 28000"));
    EXPECT_EQ(OdpiSession::try_connect(target(), "locked", "good").code, 28000);
    EXPECT_TRUE(OdpiSession::try_connect(target(), "app", "good").ok());
}

TEST_F(OracleConnect, counts_every_attempt_and_every_open_session) {
    const auto attempts = oci_double().connect_attempts();
    OdpiSession::try_connect("nolistener/x", "app", "good");
    const OdpiSession session(service());
    EXPECT_EQ(oci_double().connect_attempts(), attempts + 2);
    EXPECT_EQ(oci_double().sessions_open(), 1U);
}

TEST_F(OracleConnect, tells_its_version) {
    const OdpiSession session(service());
    const char* release = nullptr;
    std::uint32_t length = 0;
    dpiVersionInfo version{};
    ASSERT_EQ(dpiConn_getServerVersion(session.get(), &release, &length, &version), 0);
    EXPECT_EQ(version.versionNum, 19);
    EXPECT_EQ(version.releaseNum, 3);
    EXPECT_NE(std::string(release, length).find("test double"), std::string::npos);
}

TEST_F(OracleConnect, shows_identity_set_by_attributes_to_sql) {
    const OdpiSession session(service());
    EXPECT_EQ(session.value("select sys_context('userenv','client_identifier') from dual"), "NULL");
    ASSERT_EQ(dpiConn_setClientIdentifier(session.get(), "alice", 5), 0);
    ASSERT_EQ(dpiConn_setModule(session.get(), "gateway", 7), 0);
    ASSERT_EQ(dpiConn_setAction(session.get(), "query", 5), 0);
    ASSERT_EQ(dpiConn_setClientInfo(session.get(), "desk 4", 6), 0);
    ASSERT_EQ(dpiConn_setCurrentSchema(session.get(), "hr", 2), 0);
    EXPECT_EQ(
        session.value(
            "select sys_context('USERENV','CLIENT_IDENTIFIER') || ',' || sys_context('USERENV','MODULE')"
            " || ',' || sys_context('USERENV','ACTION') || ',' || sys_context('USERENV','CLIENT_INFO')"
            " || ',' || sys_context('USERENV','CURRENT_SCHEMA') || ',' || user from dual"),
        "alice,gateway,query,desk 4,HR,APP");
    ASSERT_EQ(dpiConn_setClientIdentifier(session.get(), nullptr, 0), 0);
    EXPECT_EQ(session.value("select sys_context('USERENV','CLIENT_IDENTIFIER') from dual"), "NULL");
}

TEST_F(OracleConnect, sets_and_clears_identity_in_blocks) {
    const OdpiSession session(service());
    EXPECT_TRUE(
        session
            .run("begin dbms_session.set_identifier('bob'); dbms_application_info.set_module('m','a'); end;")
            .outcome.ok());
    EXPECT_EQ(session.value("select sys_context('USERENV','CLIENT_IDENTIFIER') from dual"), "bob");
    EXPECT_TRUE(session.run("BEGIN DBMS_SESSION.SET_CONTEXT('app_ctx','tenant','7'); END;").outcome.ok());
    EXPECT_EQ(session.value("select sys_context('APP_CTX','TENANT') from dual"), "7");
    EXPECT_TRUE(session
                    .run("BEGIN DBMS_SESSION.CLEAR_IDENTIFIER; DBMS_SESSION.CLEAR_CONTEXT('app_ctx'); "
                         "DBMS_SESSION.RESET_PACKAGE; END;")
                    .outcome.ok());
    EXPECT_EQ(session.value("select nvl(sys_context('USERENV','CLIENT_IDENTIFIER'), '-') || "
                            "nvl(sys_context('APP_CTX','TENANT'), '-') from dual"),
              "--");
    EXPECT_EQ(session.run("begin drop_everything; end;").outcome.code, 6550);
}

TEST_F(OracleConnect, takes_zone_and_schema_of_alter_session) {
    const OdpiSession session(service());
    EXPECT_TRUE(
        session.run("ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD' TIME_ZONE = '+02:00'").outcome.ok());
    EXPECT_NE(session.value("select systimestamp from dual").find("+02:00"), std::string::npos);
    EXPECT_TRUE(session.run("ALTER SESSION SET CURRENT_SCHEMA = hr").outcome.ok());
    EXPECT_EQ(session.value("select sys_context('USERENV','CURRENT_SCHEMA') from dual"), "HR");
}

TEST_F(OracleConnect, lends_pooled_sessions_and_says_when_there_is_none) {
    const PoolHandle pool = make_pool(target(), 1);
    const OdpiSession first(take(pool.get()));
    ASSERT_NE(first.get(), nullptr);
    EXPECT_EQ(dpiConn_ping(first.get()), 0);
    EXPECT_EQ(take(pool.get()), nullptr);
    EXPECT_EQ(last_error().code, 24457);
    std::uint32_t open = 0;
    std::uint32_t busy = 0;
    dpiPool_getOpenCount(pool.get(), &open);
    dpiPool_getBusyCount(pool.get(), &busy);
    EXPECT_EQ(open, 1U);
    EXPECT_EQ(busy, 1U);
}

TEST_F(OracleConnect, gives_a_pooled_session_back_without_its_transaction) {
    const PoolHandle pool = make_pool(target(), 1);
    {
        const OdpiSession session(take(pool.get()));
        ASSERT_TRUE(session.run("create table t(a number)").outcome.ok());
        ASSERT_TRUE(session.run("insert into t values(1)").outcome.ok());
    }
    const OdpiSession again(take(pool.get()));
    EXPECT_EQ(again.value("select count(*) from t"), "0");
}

TEST_F(OracleConnect, replaces_a_dead_pooled_session) {
    const PoolHandle pool = make_pool(target(), 1);
    const auto opened = oci_double().sessions_opened();
    {
        const OdpiSession session(take(pool.get()));
        EXPECT_TRUE(session.is_healthy());
        const Outcome lost = session.run("select 1 from dual /* double: lose */").outcome;
        EXPECT_NE(lost.text.find("ORA-3113"), std::string::npos) << lost.text;
        EXPECT_FALSE(session.is_healthy());
    }
    const OdpiSession again(take(pool.get()));
    EXPECT_EQ(again.value("select 1 from dual"), "1");
    EXPECT_EQ(oci_double().sessions_opened(), opened + 1);
}

}  // namespace
}  // namespace majed::oracle_client
