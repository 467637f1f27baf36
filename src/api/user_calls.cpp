// SPDX-License-Identifier: Apache-2.0
#include "api/user_calls.h"

#include "api/request_body.h"
#include "format/json.h"
#include "store/record_json.h"

#include <array>
#include <charconv>

namespace majed::api {
namespace {

Result<store::User> user_in_path(const Call& call) {
    std::int64_t id = 0;
    const std::string_view text = call.parameter;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        return Error{ErrorCode::not_found, "there is no user with this id"};
    }
    return call.parts.store.user(id);
}

Result<HttpAnswer> list_users(const Call& call) {
    MAJED_TRY_ASSIGN(const auto users, call.parts.store.users());
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& user : users) store::append_user(json, user);
    json.end_array().key("next").null().end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> add_user(const Call& call) {
    MAJED_TRY_ASSIGN(const NewUserBody body, read_new_user(call.request.body));
    MAJED_TRY_ASSIGN(const auto user, call.parts.store.add_user(actor_of(call), body.user, body.password));
    HttpAnswer answer = json_answer(store::user_json(user), 201);
    answer.headers.emplace_back("Location", "/api/v1/users/" + std::to_string(user.id));
    return answer;
}

Result<HttpAnswer> show_user(const Call& call) {
    MAJED_TRY_ASSIGN(const auto user, user_in_path(call));
    return json_answer(store::user_json(user));
}

/// One after the other, each audited: a later one that is refused leaves the earlier ones done.
Result<HttpAnswer> change_user(const Call& call) {
    MAJED_TRY_ASSIGN(const UserPatch patch, read_user_patch(call.request.body));
    MAJED_TRY_ASSIGN(const auto user, user_in_path(call));
    store::PrimaryStore& store = call.parts.store;
    const store::Actor actor = actor_of(call);
    if (patch.role && *patch.role != user.role) MAJED_TRY(store.set_role(actor, user.username, *patch.role));
    for (const auto& [name, values] : patch.attributes) {
        MAJED_TRY(store.set_attribute(actor, user.username, name, values));
    }
    if (patch.password) {
        MAJED_TRY(store.set_password(actor, user.username, *patch.password,
                                     store::PrimaryStore::PasswordChange::by_administrator));
    }
    if (patch.active && *patch.active != user.active) {
        MAJED_TRY(store.set_active(actor, user.username, *patch.active));
    }
    return show_user(call);
}

Result<HttpAnswer> delete_user(const Call& call) {
    MAJED_TRY_ASSIGN(const auto user, user_in_path(call));
    MAJED_TRY(call.parts.store.delete_user(actor_of(call), user.username));
    return empty_answer();
}

}  // namespace

std::span<const Route> user_routes() {
    static constexpr std::array<Route, 5> routes{
        {{"GET", "/api/v1/users", Access::administrators, list_users},
         {"POST", "/api/v1/users", Access::administrators, add_user},
         {"GET", "/api/v1/users/{}", Access::administrators, show_user},
         {"PATCH", "/api/v1/users/{}", Access::administrators, change_user},
         {"DELETE", "/api/v1/users/{}", Access::administrators, delete_user}}};
    return routes;
}

}  // namespace majed::api
