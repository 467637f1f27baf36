/// The calls of the HTTP API: a request in, an answer out; the network is elsewhere.
///
/// Why      Authentication, the forced change of a password and the shape of answers are decided in one place.
/// Life     Borrows the gateway, the store and the audit trail, which outlive it.
/// Threads  `handle` may be called from any thread; it blocks while a statement runs.
/// Not here Sockets (http_server.h), what a principal may see (gateway/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"
#include "api/login_throttle.h"
#include "api/session_table.h"
#include "audit/audit_trail.h"
#include "core/result.h"
#include "format/health_json.h"
#include "gateway/gateway.h"
#include "policy/principal.h"
#include "store/primary_store.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace majed::api {

/// Who may read /metrics without credentials; administrators and superusers always may.
enum class MetricsAudience { nobody, loopback, everybody };

struct ApiOptions {
    std::chrono::milliseconds session_lifetime = std::chrono::hours(12);
    std::size_t max_sessions = 10000;
    ThrottleOptions throttle = {};
    MetricsAudience metrics = MetricsAudience::loopback;
};

/// What the calls work with.
struct ApiParts {
    gateway::Gateway& gateway;
    store::PrimaryStore& store;
    audit::AuditTrail& audit;
    std::function<bool()> ready;                     ///< Is every required source there? From memory.
    std::function<format::HealthDocument()> health;  ///< From memory.
    std::function<std::string()> metrics;            ///< Text of Prometheus.
    std::function<std::string()> migrations;         ///< JSON; asks the databases.
    Now now = [] { return SteadyClock::now(); };
};

class Api {
public:
    Api(ApiParts parts, const ApiOptions& options);

    /// Answers every request exactly once, whatever it holds.
    void handle(const HttpRequest& request, Responder& responder);

private:
    /// Who asks, and how that was proven.
    struct Caller {
        policy::Principal principal;
        bool must_change_password = false;
        std::string session_token = {};  ///< Empty for an API key.
    };
    enum class Access { anyone, any_caller, settled_caller };  // settled: has no password to change first
    struct Route {
        std::string_view method;
        std::string_view path;
        Access access;
        HttpAnswer (Api::*answer)(const HttpRequest&, const Caller&);  ///< Null: the call streams.
    };
    [[nodiscard]] static std::span<const Route> routes();

    [[nodiscard]] Result<Caller> authenticate(const HttpRequest& request);
    [[nodiscard]] Result<Caller> caller_of_session(std::string_view token);
    void answer_route(const Route& route, const HttpRequest& request, Responder& responder);
    void query(const HttpRequest& request, const Caller& caller, Responder& responder);

    HttpAnswer live(const HttpRequest& request, const Caller& nobody);
    HttpAnswer health(const HttpRequest& request, const Caller& caller);
    HttpAnswer migrations(const HttpRequest& request, const Caller& caller);
    HttpAnswer metrics(const HttpRequest& request, const Caller& nobody);
    HttpAnswer ready(const HttpRequest& request, const Caller& nobody);
    HttpAnswer login(const HttpRequest& request, const Caller& nobody);
    HttpAnswer logout(const HttpRequest& request, const Caller& caller);
    HttpAnswer change_password(const HttpRequest& request, const Caller& caller);
    HttpAnswer me(const HttpRequest& request, const Caller& caller);
    HttpAnswer check(const HttpRequest& request, const Caller& caller);

    [[nodiscard]] Result<HttpAnswer> try_login(const HttpRequest& request);
    [[nodiscard]] Result<void> try_change_password(const HttpRequest& request, const Caller& caller);
    [[nodiscard]] Result<void> record(const HttpRequest& request, const policy::Principal& principal,
                                      std::string_view action, const Result<void>& outcome);

    ApiParts parts_;
    const MetricsAudience metrics_audience_;
    SessionTable sessions_;
    LoginThrottle throttle_;
};

}  // namespace majed::api
