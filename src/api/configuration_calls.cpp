// SPDX-License-Identifier: Apache-2.0
#include "api/configuration_calls.h"

#include "api/request_body.h"
#include "format/json.h"

#include <array>

namespace majed::api {
namespace {

Result<HttpAnswer> list_configuration(const Call& call) {
    MAJED_TRY_ASSIGN(const auto items, call.parts.store.configuration());
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& item : items) {
        json.begin_object();
        store::append_configuration_members(json, item);
        json.end_object();
    }
    json.end_array().key("next").null().end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> show_configuration(const Call& call) {
    MAJED_TRY_ASSIGN(const auto key, store::configuration_key(call.parameter));
    MAJED_TRY_ASSIGN(const auto item, call.parts.store.configuration(key));
    MAJED_TRY_ASSIGN(const auto history, call.parts.store.configuration_history(key));
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    store::append_configuration_members(json, item);
    json.key("history").begin_array();
    for (const auto& change : history) {
        store::append_configuration_change(json, store::traits_of(key), change);
    }
    json.end_array().end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> set_configuration(const Call& call) {
    MAJED_TRY_ASSIGN(const auto key, store::configuration_key(call.parameter));
    MAJED_TRY_ASSIGN(const auto value, read_configuration_value(call.request.body));
    MAJED_TRY_ASSIGN(const auto item, call.parts.store.set_configuration(actor_of(call), key, value));
    return json_answer(store::configuration_json(item));
}

Result<HttpAnswer> reset_configuration(const Call& call) {
    MAJED_TRY_ASSIGN(const auto key, store::configuration_key(call.parameter));
    MAJED_TRY(call.parts.store.reset_configuration(actor_of(call), key));
    return empty_answer();
}

}  // namespace

std::span<const Route> configuration_routes() {
    static constexpr std::array<Route, 4> routes{
        {{"GET", "/api/v1/configuration", Access::administrators, list_configuration},
         {"GET", "/api/v1/configuration/{}", Access::administrators, show_configuration},
         {"PUT", "/api/v1/configuration/{}", Access::administrators, set_configuration},
         {"DELETE", "/api/v1/configuration/{}", Access::administrators, reset_configuration}}};
    return routes;
}

}  // namespace majed::api
