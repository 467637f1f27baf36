// SPDX-License-Identifier: Apache-2.0
#include "store/record_json.h"

namespace majed::store {
namespace {

void append_optional(format::JsonWriter& json, std::string_view name,
                     const std::optional<std::string>& text) {
    json.key(name);
    if (text) {
        json.text(*text);
    } else {
        json.null();
    }
}

void append_problem(format::JsonWriter& json, const std::optional<Error>& problem) {
    if (!problem) return;
    json.key("error").begin_object();
    format::append_error_members(json, *problem);
    json.end_object();
}

}  // namespace

void append_user_members(format::JsonWriter& json, const User& user) {
    json.key("id").integer(user.id).key("username").text(user.username);
    json.key("role").text(policy::to_string(user.role)).key("active").boolean(user.active);
    json.key("must_change_password").boolean(user.must_change_password);
}

void append_user(format::JsonWriter& json, const User& user) {
    json.begin_object();
    append_user_members(json, user);
    json.key("attributes").begin_object();
    for (const auto& [name, values] : user.attributes) json.key(name).texts(values);
    json.end_object().key("created_at").text(user.created_at).end_object();
}

void append_client_members(format::JsonWriter& json, const Client& client) {
    json.key("id").integer(client.id).key("client_id").text(client.client_id);
    json.key("client_name").text(client.client_name).key("role").text(policy::to_string(client.role));
    json.key("active").boolean(client.active).key("created_at").text(client.created_at);
    json.key("expires_at").text_or_null(client.expires_at);
    json.key("last_used_at").text_or_null(client.last_used_at);
    json.key("previous_valid_until").text_or_null(client.previous_valid_until);
}

void append_client(format::JsonWriter& json, const Client& client) {
    json.begin_object();
    append_client_members(json, client);
    json.end_object();
}

void append_session(format::JsonWriter& json, const UserSession& session) {
    json.begin_object().key("id").text(session.id).key("ip_address").text(session.ip_address);
    json.key("user_agent").text(session.user_agent).key("created_at").text(session.created_at);
    json.key("last_used_at")
        .text(session.last_used_at)
        .key("expires_at")
        .text(session.expires_at)
        .end_object();
}

void append_turn(format::JsonWriter& json, const Turn& turn) {
    json.begin_object().key("id").integer(turn.id).key("session_id").text(turn.session_id);
    append_optional(json, "message", turn.message);
    append_optional(json, "response", turn.response);
    json.key("tools_used").texts(turn.tools_used).key("execution_time_ms");
    if (turn.execution_time_ms) {
        json.real(*turn.execution_time_ms);
    } else {
        json.null();
    }
    json.key("created_at").text(turn.created_at);
    append_problem(json, turn.problem);
    json.end_object();
}

void append_conversation(format::JsonWriter& json, const Conversation& conversation) {
    json.begin_object().key("session_id").text(conversation.session_id);
    append_optional(json, "title", conversation.title);
    json.key("turns").integer(conversation.turns).key("created_at").text(conversation.created_at);
    json.key("updated_at").text(conversation.updated_at);
    append_problem(json, conversation.problem);
    json.end_object();
}

std::string user_json(const User& user) {
    std::string out;
    format::JsonWriter json(out);
    append_user(json, user);
    return out;
}

std::string user_image(const User& user, Sensitivity sensitivity) {
    if (sensitivity == Sensitivity::sensitive) return user_json(user);
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    append_user_members(json, user);
    json.key("created_at").text(user.created_at).end_object();
    return out;
}

std::string client_json(const Client& client) {
    std::string out;
    format::JsonWriter json(out);
    append_client(json, client);
    return out;
}

}  // namespace majed::store
