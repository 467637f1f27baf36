// SPDX-License-Identifier: Apache-2.0
#include "api/api.h"

#include "api/audit_calls.h"
#include "api/client_calls.h"
#include "api/configuration_calls.h"
#include "api/conversation_calls.h"
#include "api/operation_calls.h"
#include "api/problem.h"
#include "api/session_calls.h"
#include "api/statement_calls.h"
#include "api/user_calls.h"
#include "core/ascii.h"

#include <array>
#include <optional>
#include <utility>

namespace majed::api {
namespace {

constexpr std::string_view bearer = "bearer ";
constexpr std::string_view session_prefix = "ms_";
constexpr std::string_view token_prefix = "mt_";

Error not_authenticated() {
    return {ErrorCode::unauthenticated, "valid credentials are required"};
}

bool starts_without_case(std::string_view text, std::string_view start) {
    return equal_ascii_case(text.substr(0, start.size()), start);
}

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

/// What stands for the `{}` of the pattern; nullopt: another path. Empty for a pattern without one.
std::optional<std::string_view> matched(std::string_view pattern, std::string_view path) {
    const auto hole = pattern.find("{}");
    if (hole == pattern.npos) {
        return pattern == path ? std::optional(std::string_view()) : std::nullopt;
    }
    const std::string_view before = pattern.substr(0, hole);
    const std::string_view after = pattern.substr(hole + 2);
    const bool fits =
        path.size() > before.size() + after.size() && path.starts_with(before) && path.ends_with(after);
    if (!fits) return std::nullopt;
    const std::string_view part = path.substr(before.size(), path.size() - before.size() - after.size());
    return part.find('/') == part.npos ? std::optional(part) : std::nullopt;
}

Result<void> check_access(Access access, const Caller& caller) {
    if (access == Access::any_caller) {
        return {};
    }
    if (caller.must_change_password) {
        return Error{ErrorCode::denied, "the password must be changed first", "POST /api/v1/password"};
    }
    const bool admin = caller.principal.role == policy::Role::admin;
    if (access == Access::administrators && !admin) {
        return Error{ErrorCode::denied, "only administrators may do this"};
    }
    if (access == Access::operators && !admin && caller.principal.role != policy::Role::superuser) {
        return Error{ErrorCode::denied, "only administrators and superusers may do this"};
    }
    return {};
}

Result<void> check_content_type(const Route& route, const HttpRequest& request) {
    if (!request.body.empty() && !starts_without_case(request.content_type, route.content_type)) {
        return Error{ErrorCode::invalid_argument,
                     "Content-Type: expected " + std::string(route.content_type)};
    }
    return {};
}

}  // namespace

HttpAnswer json_answer(std::string body, int status) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    if (!answer.body.ends_with('\n')) answer.body += '\n';
    return answer;
}

HttpAnswer empty_answer() {
    HttpAnswer answer;
    answer.status = 204;
    answer.content_type.clear();
    return answer;
}

store::Actor actor_of(const Call& call) {
    const policy::Principal& principal = call.caller.principal;
    store::Actor actor;
    if (principal.kind == policy::PrincipalKind::user && principal.id != 0) actor.user_id = principal.id;
    actor.name = principal.name;
    if (principal.role) actor.role = policy::to_string(*principal.role);
    actor.ip_address = call.request.remote_address;
    actor.user_agent = call.request.user_agent;
    actor.request_id = call.request.request_id;
    return actor;
}

Result<Caller> authenticate(const ApiParts& parts, const HttpRequest& request) {
    MAJED_TRY_ASSIGN(const std::string_view credential, credential_of(request));
    if (credential.starts_with(token_prefix)) {
        MAJED_TRY_ASSIGN(auto principal, parts.store.authenticate_token(credential));
        return Caller{std::move(principal)};
    }
    if (!credential.starts_with(session_prefix)) {
        MAJED_TRY_ASSIGN(auto principal, parts.store.authenticate_api_key(credential));
        return Caller{std::move(principal)};
    }
    // Asked again at every request: a user who was disabled or changed is so at once.
    MAJED_TRY_ASSIGN(auto held, parts.store.session(credential));
    Caller caller;
    caller.principal.kind = policy::PrincipalKind::user;
    caller.principal.id = held.user.id;
    caller.principal.name = std::move(held.user.username);
    caller.principal.role = held.user.role;
    caller.principal.attributes = std::move(held.user.attributes);
    caller.principal.authenticated_by = "password";
    caller.must_change_password = held.user.must_change_password;
    caller.session_id = std::move(held.session_id);
    return caller;
}

Api::Api(ApiParts parts, const ThrottleOptions& throttle)
    : parts_(std::move(parts)), throttle_(throttle, parts_.now) {}

const std::vector<Route>& Api::routes() {
    static const std::vector<Route> all = [] {
        std::vector<Route> joined;
        for (const auto part :
             {operation_routes(), session_routes(), statement_routes(), user_routes(), client_routes(),
              audit_routes(), configuration_routes(), conversation_routes()}) {
            joined.insert(joined.end(), part.begin(), part.end());
        }
        return joined;
    }();
    return all;
}

void Api::handle(const HttpRequest& request, Responder& responder) {
    std::string allowed;
    for (const Route& route : routes()) {
        const auto part = matched(route.path, request.path);
        if (!part) {
            continue;
        }
        if (route.method == request.method) {
            answer(route, *part, request, responder);
            return;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(route.method);
    }
    if (!allowed.empty()) {
        responder.send(wrong_method_answer(allowed, request.request_id));
        return;
    }
    responder.send(
        problem_answer({ErrorCode::not_found, "there is nothing at this path"}, request.request_id));
}

void Api::answer(const Route& route, std::string_view parameter, const HttpRequest& request,
                 Responder& responder) {
    const auto done = [&]() -> Result<std::optional<HttpAnswer>> {
        MAJED_TRY_ASSIGN(const auto query, QueryParameters::read(request.query, route.query));
        MAJED_TRY_ASSIGN(const std::string decoded, percent_decoded(parameter, PlusSign::plus));
        MAJED_TRY(check_content_type(route, request));
        Caller caller;
        if (route.access != Access::anyone) {
            MAJED_TRY_ASSIGN(caller, authenticate(parts_, request));
            MAJED_TRY(check_access(route.access, caller));
        }
        const Call call{parts_, throttle_, request, caller, decoded, query};
        if (route.stream != nullptr) {
            route.stream(call, responder);
            return std::optional<HttpAnswer>();
        }
        MAJED_TRY_ASSIGN(HttpAnswer made, route.answer(call));
        return std::optional(std::move(made));
    }();
    if (!done) {
        responder.send(problem_answer(done.error(), request.request_id));
    } else if (*done) {
        responder.send(**done);
    }
}

}  // namespace majed::api
