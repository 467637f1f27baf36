// SPDX-License-Identifier: Apache-2.0
#include "api/statement_calls.h"

#include "api/answers.h"
#include "api/problem.h"
#include "api/query_answer.h"
#include "api/request_body.h"

#include <array>
#include <utility>

namespace majed::api {
namespace {

gateway::RequestOrigin origin_of(const HttpRequest& request) {
    return {request.request_id, request.remote_address, request.user_agent};
}

Result<HttpAnswer> check_statement(const Call& call) {
    MAJED_TRY_ASSIGN(auto statement, read_statement(call.request.body, StatementCall::check));
    statement.origin = origin_of(call.request);
    MAJED_TRY_ASSIGN(const auto report, call.parts.gateway.check(call.caller.principal, statement));
    const bool admin = call.caller.principal.role == policy::Role::admin;
    return json_answer(check_json(report, admin ? Audience::admin : Audience::everyone));
}

void run_statement(const Call& call, Responder& responder) {
    const auto format = accepted_format(call.request.accept);
    auto statement = read_statement(call.request.body, StatementCall::query);
    if (!format || !statement) {
        responder.send(problem_answer(format ? statement.error() : format.error(), call.request.request_id));
        return;
    }
    statement->origin = origin_of(call.request);
    QueryAnswer answer(*format, responder);
    auto summary = call.parts.gateway.query(call.caller.principal, *statement, answer);
    if (!summary) {
        answer.fail(summary.error(), call.request.request_id);
        return;
    }
    answer.complete(std::move(*summary));
}

}  // namespace

std::span<const Route> statement_routes() {
    static constexpr std::array<Route, 2> routes{
        {{"POST", "/api/v1/query", Access::settled_caller, nullptr, run_statement},
         {"POST", "/api/v1/query/check", Access::settled_caller, check_statement}}};
    return routes;
}

}  // namespace majed::api
