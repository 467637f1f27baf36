// SPDX-License-Identifier: Apache-2.0
#include "api/session_calls.h"

#include "api/answers.h"
#include "api/request_body.h"
#include "format/json.h"
#include "store/record_json.h"

#include <array>
#include <chrono>
#include <utility>

namespace majed::api {
namespace {

/// What changes nothing in the store and is worth a record all the same: a proof that failed.
Result<void> record_failure(const Call& call, std::string_view action, std::string_view resource,
                            std::string_view name, const Error& error) {
    audit::AuditRecord record;
    constexpr std::size_t longest_name = 255;
    record.username = name.substr(0, longest_name);
    record.action = action;
    record.resource = resource;
    record.resource_id = record.username;
    record.ip_address = call.request.remote_address;
    record.user_agent = call.request.user_agent;
    record.request_id = call.request.request_id;
    record.fail(error);
    return call.parts.audit.append(std::move(record), audit::Assurance::strict);
}

std::string token_json(std::string_view token, std::string_view name, std::chrono::seconds lifetime,
                       std::optional<bool> must_change_password) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    json.key(name).text(token);
    json.key("token_type").text("Bearer");
    json.key("expires_in").integer(lifetime.count());
    if (must_change_password) json.key("must_change_password").boolean(*must_change_password);
    json.end_object();
    return out;
}

Result<HttpAnswer> log_in(const Call& call) {
    MAJED_TRY_ASSIGN(const LoginBody body, read_login(call.request.body));
    MAJED_TRY(call.throttle.admit(body.username, call.request.remote_address));
    auto login = call.parts.store.log_in(actor_of(call), body.username, body.password);
    if (!login) {
        MAJED_TRY(record_failure(call, "login", "user", body.username, login.error()));
        return login.error();
    }
    call.throttle.forgive(body.username, call.request.remote_address);
    return json_answer(token_json(login->token.reveal(), "token",
                                  std::chrono::floor<std::chrono::seconds>(call.parts.session_lifetime),
                                  login->user.must_change_password));
}

Result<HttpAnswer> log_out(const Call& call) {
    if (!call.caller.session_id.empty()) {
        MAJED_TRY(
            call.parts.store.close_session(actor_of(call), call.caller.principal.id, call.caller.session_id));
    }
    return empty_answer();
}

Result<HttpAnswer> change_password(const Call& call) {
    if (call.caller.session_id.empty()) {
        return Error{ErrorCode::denied, "only a user who logged in has a password to change"};
    }
    MAJED_TRY_ASSIGN(const PasswordBody body, read_password_change(call.request.body));
    const std::string& name = call.caller.principal.name;
    MAJED_TRY(call.throttle.admit(name, call.request.remote_address));
    if (const auto proven = call.parts.store.authenticate_password(name, body.current_password); !proven) {
        const Error error = proven.error().code == ErrorCode::unauthenticated
                                ? Error{ErrorCode::denied, "the current password is wrong"}
                                : proven.error();
        MAJED_TRY(record_failure(call, "user.set_password", "user", name, error));
        return error;
    }
    call.throttle.forgive(name, call.request.remote_address);
    // Both are proven to be the caller's own: how long the comparison takes tells nobody anything.
    if (body.current_password.reveal() == body.new_password.reveal()) {
        return Error{ErrorCode::invalid_argument, "the new password is the old one"};
    }
    MAJED_TRY(call.parts.store.set_password(actor_of(call), name, body.new_password,
                                            store::PrimaryStore::PasswordChange::by_user,
                                            call.caller.session_id));
    return empty_answer();
}

Result<HttpAnswer> who_am_i(const Call& call) {
    return json_answer(principal_json(call.caller.principal, call.caller.must_change_password));
}

Result<HttpAnswer> list_sessions(const Call& call) {
    std::vector<store::UserSession> sessions;
    if (!call.caller.session_id.empty()) {
        MAJED_TRY_ASSIGN(sessions, call.parts.store.sessions_of(call.caller.principal.id));
    }
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& session : sessions) store::append_session(json, session);
    json.end_array().key("next").null().end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> end_session(const Call& call) {
    if (call.caller.session_id.empty()) return Error{ErrorCode::not_found, "there is no such session"};
    MAJED_TRY(call.parts.store.close_session(actor_of(call), call.caller.principal.id, call.parameter));
    return empty_answer();
}

/// RFC 6749, 4.4: the client's credentials in the form or by HTTP Basic (2.3.1), not both.
Result<HttpAnswer> issue_token(const Call& call) {
    MAJED_TRY_ASSIGN(const ClientForm form, read_client_form(call.request.body, call.request.authorization));
    MAJED_TRY(call.throttle.admit(form.client_id, call.request.remote_address));
    auto principal = call.parts.store.authenticate_client(form.client_id, form.client_secret);
    if (!principal) {
        MAJED_TRY(record_failure(call, "token.issue", "client", form.client_id, principal.error()));
        return principal.error();
    }
    call.throttle.forgive(form.client_id, call.request.remote_address);
    Caller proven;
    proven.principal = *principal;
    const Call as_client{call.parts, call.throttle, call.request, proven, call.parameter, call.query};
    MAJED_TRY_ASSIGN(const auto made,
                     call.parts.store.issue_token(actor_of(as_client), *principal, form.client_secret));
    return json_answer(token_json(made.token.reveal(), "access_token", made.lifetime, {}));
}

}  // namespace

std::span<const Route> session_routes() {
    static constexpr std::array<Route, 7> routes{
        {{"POST", "/api/v1/login", Access::anyone, log_in},
         {"POST", "/api/v1/logout", Access::any_caller, log_out},
         {"POST", "/api/v1/password", Access::any_caller, change_password},
         {"GET", "/api/v1/me", Access::settled_caller, who_am_i},
         {"GET", "/api/v1/sessions", Access::settled_caller, list_sessions},
         {"DELETE", "/api/v1/sessions/{}", Access::settled_caller, end_session},
         {"POST",
          "/api/v1/oauth/token",
          Access::anyone,
          issue_token,
          nullptr,
          {},
          "application/x-www-form-urlencoded"}}};
    return routes;
}

}  // namespace majed::api
