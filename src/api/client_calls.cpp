// SPDX-License-Identifier: Apache-2.0
#include "api/client_calls.h"

#include "api/request_body.h"
#include "format/json.h"
#include "store/record_json.h"

#include <array>

namespace majed::api {
namespace {

HttpAnswer shown_once(const store::ClientCredentials& made, int status) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    store::append_client_members(json, made.client);
    json.key("client_secret").text(made.client_secret.reveal());
    json.key("api_key").text(made.api_key.reveal());
    json.end_object();
    return json_answer(std::move(out), status);
}

Result<HttpAnswer> list_clients(const Call& call) {
    MAJED_TRY_ASSIGN(const auto clients, call.parts.store.clients());
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& client : clients) {
        store::append_client(json, client);
    }
    json.end_array().key("next").null().end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> add_client(const Call& call) {
    MAJED_TRY_ASSIGN(const NewClientBody body, read_new_client(call.request.body));
    MAJED_TRY_ASSIGN(const auto made,
                     call.parts.store.add_client(actor_of(call), body.client_name, body.valid_for));
    return shown_once(made, 201);
}

Result<HttpAnswer> rotate_client(const Call& call) {
    MAJED_TRY_ASSIGN(const std::chrono::seconds overlap, read_rotation(call.request.body));
    MAJED_TRY_ASSIGN(const auto made,
                     call.parts.store.rotate_client(actor_of(call), call.parameter, overlap));
    return shown_once(made, 200);
}

/// All that can be changed of a client is that it is active no more.
Result<HttpAnswer> change_client(const Call& call) {
    MAJED_TRY(read_client_patch(call.request.body));
    MAJED_TRY(call.parts.store.revoke_client(actor_of(call), call.parameter));
    MAJED_TRY_ASSIGN(const auto client, call.parts.store.client(call.parameter));
    return json_answer(store::client_json(client));
}

Result<HttpAnswer> revoke_client(const Call& call) {
    MAJED_TRY(call.parts.store.revoke_client(actor_of(call), call.parameter));
    return empty_answer();
}

}  // namespace

std::span<const Route> client_routes() {
    static constexpr std::array<Route, 5> routes{
        {{"GET", "/api/v1/clients", Access::administrators, list_clients},
         {"POST", "/api/v1/clients", Access::administrators, add_client},
         {"PATCH", "/api/v1/clients/{}", Access::administrators, change_client},
         {"DELETE", "/api/v1/clients/{}", Access::administrators, revoke_client},
         {"POST", "/api/v1/clients/{}/rotate", Access::administrators, rotate_client}}};
    return routes;
}

}  // namespace majed::api
