// SPDX-License-Identifier: Apache-2.0
#include "api/operation_calls.h"

#include "api/api.h"

#include <array>

namespace majed::api {
namespace {

Result<HttpAnswer> live(const Call& /*call*/) {
    return json_answer("{\"status\":\"live\"}");
}

Result<HttpAnswer> ready(const Call& call) {
    if (!call.parts.ready()) {
        // Which source is down and why is for the log, not for whoever asks.
        return Error{ErrorCode::unavailable, "not ready"};
    }
    return json_answer("{\"status\":\"ready\"}");
}

bool sees_operation(const Caller& caller) {
    const auto role = caller.principal.role;
    return !caller.must_change_password && (role == policy::Role::admin || role == policy::Role::superuser);
}

Result<HttpAnswer> metrics(const Call& call) {
    const std::string& address = call.request.remote_address;
    const bool local = address.starts_with("127.") || address == "::1";
    const bool open = call.parts.metrics_audience == MetricsAudience::everybody ||
                      (call.parts.metrics_audience == MetricsAudience::loopback && local);
    if (!open) {
        MAJED_TRY_ASSIGN(const Caller caller, authenticate(call.parts, call.request));
        if (!sees_operation(caller)) {
            return Error{ErrorCode::denied, "only administrators and superusers see the metrics"};
        }
    }
    HttpAnswer answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = call.parts.metrics();
    return answer;
}

Result<HttpAnswer> health(const Call& call) {
    const format::HealthDocument document = call.parts.health();
    HttpAnswer answer = json_answer(format::health_json(document), format::http_status(document.status));
    answer.content_type = format::health_media_type;
    return answer;
}

Result<HttpAnswer> migrations(const Call& call) {
    return json_answer(call.parts.migrations());
}

}  // namespace

std::span<const Route> operation_routes() {
    static constexpr std::array<Route, 5> routes{
        {{"GET", "/livez", Access::anyone, live},
         {"GET", "/readyz", Access::anyone, ready},
         {"GET", "/metrics", Access::anyone, metrics},
         {"GET", "/api/v1/health", Access::operators, health},
         {"GET", "/api/v1/migrations", Access::operators, migrations}}};
    return routes;
}

}  // namespace majed::api
