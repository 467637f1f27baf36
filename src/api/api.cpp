// SPDX-License-Identifier: Apache-2.0
#include "api/api.h"

#include "api/answers.h"
#include "api/problem.h"
#include "api/query_answer.h"
#include "api/request_body.h"
#include "format/json.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace majed::api {
namespace {

constexpr std::string_view bearer = "bearer ";
constexpr std::string_view session_prefix = "ms_";

HttpAnswer json_answer(std::string body) {
    HttpAnswer answer;
    answer.body = std::move(body);
    return answer;
}

HttpAnswer empty_answer() {
    HttpAnswer answer;
    answer.status = 204;
    answer.content_type.clear();
    return answer;
}

bool starts_without_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(), [](char a, char b) {
               return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
           });
}

Error not_authenticated() {
    return {ErrorCode::unauthenticated, "valid credentials are required"};
}

/// The one credential of the request. Errors: unauthenticated, invalid_argument (two different ones).
Result<std::string_view> credential_of(const HttpRequest& request) {
    if (!request.authorization.empty() && !request.api_key.empty()) {
        return Error{ErrorCode::invalid_argument, "give Authorization or X-API-Key, not both"};
    }
    if (!request.api_key.empty()) {
        return std::string_view(request.api_key);
    }
    if (!starts_without_case(request.authorization, bearer)) {
        return not_authenticated();
    }
    return std::string_view(request.authorization).substr(bearer.size());
}

Result<void> check_shape(const HttpRequest& request) {
    if (!request.query.empty()) {
        return Error{ErrorCode::invalid_argument, "this call has no query parameters"};
    }
    if (!request.body.empty() && !starts_without_case(request.content_type, "application/json")) {
        return Error{ErrorCode::invalid_argument, "Content-Type: expected application/json"};
    }
    return {};
}

gateway::RequestOrigin origin_of(const HttpRequest& request) {
    return {request.request_id, request.remote_address, request.user_agent};
}

bool sees_operation(const policy::Principal& principal) {
    return principal.role == policy::Role::admin || principal.role == policy::Role::superuser;
}

}  // namespace

Api::Api(ApiParts parts, const ApiOptions& options)
    : parts_(std::move(parts)),
      metrics_audience_(options.metrics),
      sessions_(options.session_lifetime, options.max_sessions, parts_.now),
      throttle_(options.throttle, parts_.now) {}

std::span<const Api::Route> Api::routes() {
    static constexpr std::array<Route, 11> all{
        {{"GET", "/livez", Access::anyone, &Api::live},
         {"GET", "/readyz", Access::anyone, &Api::ready},
         {"GET", "/metrics", Access::anyone, &Api::metrics},
         {"POST", "/api/v1/login", Access::anyone, &Api::login},
         {"POST", "/api/v1/logout", Access::any_caller, &Api::logout},
         {"POST", "/api/v1/password", Access::any_caller, &Api::change_password},
         {"GET", "/api/v1/health", Access::settled_caller, &Api::health},
         {"GET", "/api/v1/migrations", Access::settled_caller, &Api::migrations},
         {"GET", "/api/v1/me", Access::settled_caller, &Api::me},
         {"POST", "/api/v1/query", Access::settled_caller, nullptr},
         {"POST", "/api/v1/query/check", Access::settled_caller, &Api::check}}};
    return all;
}

void Api::handle(const HttpRequest& request, Responder& responder) {
    const Route* other_method = nullptr;
    for (const Route& route : routes()) {
        if (route.path != request.path) {
            continue;
        }
        if (route.method == request.method) {
            answer_route(route, request, responder);
            return;
        }
        other_method = &route;
    }
    if (other_method != nullptr) {
        responder.send(wrong_method_answer(other_method->method, request.request_id));
        return;
    }
    responder.send(
        problem_answer({ErrorCode::not_found, "there is nothing at this path"}, request.request_id));
}

void Api::answer_route(const Route& route, const HttpRequest& request, Responder& responder) {
    if (const auto shape = check_shape(request); !shape) {
        responder.send(problem_answer(shape.error(), request.request_id));
        return;
    }
    Caller caller;
    if (route.access != Access::anyone) {
        auto proven = authenticate(request);
        if (!proven) {
            responder.send(problem_answer(proven.error(), request.request_id));
            return;
        }
        caller = std::move(*proven);
    }
    if (route.access == Access::settled_caller && caller.must_change_password) {
        const Error error{ErrorCode::denied, "the password must be changed first", "POST /api/v1/password"};
        responder.send(problem_answer(error, request.request_id));
        return;
    }
    if (route.answer != nullptr) {
        responder.send((this->*route.answer)(request, caller));
        return;
    }
    query(request, caller, responder);
}

Result<Api::Caller> Api::authenticate(const HttpRequest& request) {
    MAJED_TRY_ASSIGN(const std::string_view credential, credential_of(request));
    if (credential.substr(0, session_prefix.size()) == session_prefix) {
        return caller_of_session(credential);
    }
    MAJED_TRY_ASSIGN(auto principal, parts_.store.authenticate_api_key(credential));
    return Caller{std::move(principal)};
}

Result<Api::Caller> Api::caller_of_session(std::string_view token) {
    const auto session = sessions_.find(token);
    if (!session) {
        return not_authenticated();
    }
    // Asked again at every request: a user who was disabled or changed is so at once.
    auto user = parts_.store.user(session->username);
    if (!user && user.error().code != ErrorCode::not_found) {
        return user.error();
    }
    if (!user || user->id != session->user_id || !user->active) {
        sessions_.close(token);
        return not_authenticated();
    }
    Caller caller;
    caller.principal.kind = policy::PrincipalKind::user;
    caller.principal.id = user->id;
    caller.principal.name = user->username;
    caller.principal.role = user->role;
    caller.principal.attributes = std::move(user->attributes);
    caller.principal.authenticated_by = "password";
    caller.must_change_password = user->must_change_password;
    caller.session_token = token;
    return caller;
}

HttpAnswer Api::live(const HttpRequest& /*request*/, const Caller& /*nobody*/) {
    return json_answer("{\"status\":\"live\"}\n");
}

HttpAnswer Api::ready(const HttpRequest& request, const Caller& /*nobody*/) {
    if (!parts_.ready()) {
        // Which source is down and why is for the log, not for whoever asks.
        return problem_answer({ErrorCode::unavailable, "not ready"}, request.request_id);
    }
    return json_answer("{\"status\":\"ready\"}\n");
}

HttpAnswer Api::metrics(const HttpRequest& request, const Caller& /*nobody*/) {
    const bool local = request.remote_address.starts_with("127.") || request.remote_address == "::1";
    const bool open = metrics_audience_ == MetricsAudience::everybody ||
                      (metrics_audience_ == MetricsAudience::loopback && local);
    if (!open) {
        const auto caller = authenticate(request);
        if (!caller) {
            return problem_answer(caller.error(), request.request_id);
        }
        if (caller->must_change_password || !sees_operation(caller->principal)) {
            return problem_answer({ErrorCode::denied, "only administrators and superusers see the metrics"},
                                  request.request_id);
        }
    }
    HttpAnswer answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = parts_.metrics();
    return answer;
}

HttpAnswer Api::health(const HttpRequest& request, const Caller& caller) {
    if (!sees_operation(caller.principal)) {
        return problem_answer(
            {ErrorCode::denied, "only administrators and superusers see the state of sources"},
            request.request_id);
    }
    const format::HealthDocument document = parts_.health();
    HttpAnswer answer = json_answer(format::health_json(document));
    answer.status = format::http_status(document.status);
    answer.content_type = format::health_media_type;
    return answer;
}

HttpAnswer Api::migrations(const HttpRequest& request, const Caller& caller) {
    if (!sees_operation(caller.principal)) {
        return problem_answer({ErrorCode::denied, "only administrators and superusers see the migrations"},
                              request.request_id);
    }
    return json_answer(parts_.migrations());
}

HttpAnswer Api::login(const HttpRequest& request, const Caller& /*nobody*/) {
    auto answer = try_login(request);
    return answer ? std::move(*answer) : problem_answer(answer.error(), request.request_id);
}

Result<HttpAnswer> Api::try_login(const HttpRequest& request) {
    MAJED_TRY_ASSIGN(const LoginBody body, read_login(request.body));
    MAJED_TRY(throttle_.admit(body.username, request.remote_address));
    auto principal = parts_.store.authenticate_password(body.username, body.password);
    if (!principal) {
        policy::Principal claimed;
        claimed.name = body.username;
        MAJED_TRY(record(request, claimed, "login", principal.error()));
        return principal.error();
    }
    throttle_.forgive(body.username, request.remote_address);
    MAJED_TRY_ASSIGN(const auto user, parts_.store.user(principal->name));
    MAJED_TRY(record(request, *principal, "login", {}));
    const Secret token = sessions_.open({user.id, user.username});
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    json.key("token").text(token.reveal());
    json.key("token_type").text("Bearer");
    json.key("expires_in").integer(std::chrono::floor<std::chrono::seconds>(sessions_.lifetime()).count());
    json.key("must_change_password").boolean(user.must_change_password);
    json.end_object();
    return json_answer(out + "\n");
}

HttpAnswer Api::logout(const HttpRequest& request, const Caller& caller) {
    sessions_.close(caller.session_token);
    if (const auto recorded = record(request, caller.principal, "logout", {}); !recorded) {
        return problem_answer(recorded.error(), request.request_id);
    }
    return empty_answer();
}

HttpAnswer Api::change_password(const HttpRequest& request, const Caller& caller) {
    const auto outcome = try_change_password(request, caller);
    const auto recorded = record(request, caller.principal, "user.set_password", outcome);
    if (!outcome || !recorded) {
        return problem_answer(outcome ? recorded.error() : outcome.error(), request.request_id);
    }
    return empty_answer();
}

Result<void> Api::try_change_password(const HttpRequest& request, const Caller& caller) {
    if (caller.session_token.empty()) {
        return Error{ErrorCode::denied, "only a user who logged in has a password to change"};
    }
    MAJED_TRY_ASSIGN(const PasswordBody body, read_password_change(request.body));
    const std::string& name = caller.principal.name;
    if (body.current_password.reveal() == body.new_password.reveal()) {
        return Error{ErrorCode::invalid_argument, "the new password is the old one"};
    }
    MAJED_TRY(throttle_.admit(name, request.remote_address));
    if (const auto proven = parts_.store.authenticate_password(name, body.current_password); !proven) {
        return proven.error().code == ErrorCode::unauthenticated
                   ? Error{ErrorCode::denied, "the current password is wrong"}
                   : proven.error();
    }
    throttle_.forgive(name, request.remote_address);
    MAJED_TRY(parts_.store.set_password(name, body.new_password));
    sessions_.close_others(caller.principal.id, caller.session_token);
    return {};
}

HttpAnswer Api::me(const HttpRequest& /*request*/, const Caller& caller) {
    return json_answer(principal_json(caller.principal, caller.must_change_password));
}

HttpAnswer Api::check(const HttpRequest& request, const Caller& caller) {
    auto statement = read_statement(request.body, StatementCall::check);
    if (!statement) {
        return problem_answer(statement.error(), request.request_id);
    }
    statement->origin = origin_of(request);
    const auto report = parts_.gateway.check(caller.principal, *statement);
    if (!report) {
        return problem_answer(report.error(), request.request_id);
    }
    const bool admin = caller.principal.role == policy::Role::admin;
    return json_answer(check_json(*report, admin ? Audience::admin : Audience::everyone));
}

void Api::query(const HttpRequest& request, const Caller& caller, Responder& responder) {
    const auto format = accepted_format(request.accept);
    auto statement = read_statement(request.body, StatementCall::query);
    if (!format || !statement) {
        responder.send(problem_answer(format ? statement.error() : format.error(), request.request_id));
        return;
    }
    statement->origin = origin_of(request);
    QueryAnswer answer(*format, responder);
    auto summary = parts_.gateway.query(caller.principal, *statement, answer);
    if (!summary) {
        answer.fail(summary.error(), request.request_id);
        return;
    }
    answer.complete(std::move(*summary));
}

Result<void> Api::record(const HttpRequest& request, const policy::Principal& principal,
                         std::string_view action, const Result<void>& outcome) {
    audit::AuditRecord record;
    record.phase = audit::Phase::event;
    if (principal.kind == policy::PrincipalKind::user && principal.id != 0) {
        record.user_id = principal.id;
    }
    constexpr std::size_t longest_name = 255;
    record.username = principal.name.substr(0, longest_name);
    record.role = principal.role ? std::string(policy::to_string(*principal.role)) : std::string();
    record.action = action;
    record.resource = "user";
    record.resource_id = record.username;
    record.ip_address = request.remote_address;
    record.user_agent = request.user_agent;
    record.request_id = request.request_id;
    record.success = outcome.has_value();
    if (!outcome) {
        record.error_message =
            std::string(traits(outcome.error().code).name) + ": " + outcome.error().message;
    }
    return parts_.audit.append(std::move(record), audit::Assurance::strict);
}

}  // namespace majed::api
