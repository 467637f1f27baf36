/// A call of the API: its path, who may make it, and the function that answers.
///
/// Why      Who may do what is a table to be read, and is decided before a call's own code runs.
/// Life     Routes are constants; a Call lives as long as its request.
/// Threads  As Api::handle: any, one call on one thread.
/// Not here Choosing the route and proving who asks (api.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"
#include "api/login_throttle.h"
#include "api/query_parameters.h"
#include "audit/audit_trail.h"
#include "audit/record_reader.h"
#include "audit/trail_verification.h"
#include "core/result.h"
#include "format/health_json.h"
#include "gateway/gateway.h"
#include "policy/principal.h"
#include "store/primary_store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace majed::api {

/// Who may read /metrics without credentials; administrators and superusers always may.
enum class MetricsAudience { nobody, loopback, everybody };

/// What the calls work with.
struct ApiParts {
    gateway::Gateway& gateway;
    store::PrimaryStore& store;
    audit::AuditTrail& audit;
    std::function<bool()> ready;                     ///< Is every required source there? From memory.
    std::function<format::HealthDocument()> health;  ///< From memory.
    std::function<std::string()> metrics;            ///< Text of Prometheus.
    std::function<std::string()> migrations;         ///< JSON; asks the databases.
    std::function<Result<audit::RecordReader>()> audit_records;
    std::function<Result<audit::VerificationReport>()> verify_audit;  ///< Reads all of it.
    MetricsAudience metrics_audience = MetricsAudience::loopback;
    std::chrono::milliseconds session_lifetime = std::chrono::hours(12);
    Now now = [] { return SteadyClock::now(); };
};

/// Who asks, and how that was proven.
struct Caller {
    policy::Principal principal;
    bool must_change_password = false;
    std::string session_id = {};  ///< Public; empty for API keys and access tokens.
};

enum class Access : std::uint8_t {
    anyone,          ///< Credentials are not looked at.
    any_caller,      ///< Also one who must change the password first.
    settled_caller,  ///< Has no password to change first.
    operators,       ///< Settled administrators and superusers.
    administrators,  ///< Settled ones.
};

struct Call {
    const ApiParts& parts;
    LoginThrottle& throttle;
    const HttpRequest& request;
    const Caller& caller;
    std::string_view parameter;  ///< What stands for `{}` in the path, decoded.
    const QueryParameters& query;
};

struct Route {
    std::string_view method;
    std::string_view path;  ///< `/api/v1/users/{}/x`: one part that is not empty.
    Access access;
    Result<HttpAnswer> (*answer)(const Call&);
    /// Instead of `answer`: a call that streams, and answers its own failures.
    void (*stream)(const Call&, Responder&) = nullptr;
    std::span<const std::string_view> query = {};  ///< Names of the parameters it knows.
    std::string_view content_type = "application/json";
};

[[nodiscard]] HttpAnswer json_answer(std::string body, int status = 200);
[[nodiscard]] HttpAnswer empty_answer();

/// The caller as the store's journal names it.
[[nodiscard]] store::Actor actor_of(const Call& call);

}  // namespace majed::api
