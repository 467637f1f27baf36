// SPDX-License-Identifier: Apache-2.0
#include "api/conversation_calls.h"

#include "api/page_cursor.h"
#include "api/request_body.h"
#include "format/json.h"
#include "store/record_json.h"

#include <array>
#include <string>

namespace majed::api {
namespace {

constexpr std::array<std::string_view, 2> page_parameters{"limit", "cursor"};
constexpr PageLimits page_limits{50, store::max_conversations_page};
constexpr char of_sessions = 's';
constexpr char of_turns = 't';

Result<std::int64_t> user_who_asks(const Call& call) {
    const policy::Principal& principal = call.caller.principal;
    if (principal.kind == policy::PrincipalKind::user) return principal.id;
    return Error{ErrorCode::denied, "only users have conversations"}.with_hint(
        "log in as a user: POST /api/v1/login");
}

void append_next(format::JsonWriter& json, char kind, std::span<const std::int64_t> numbers) {
    json.key("next");
    if (numbers.empty()) {
        json.null();
    } else {
        json.text(cursor_text(kind, numbers));
    }
}

Result<HttpAnswer> add_turn(const Call& call) {
    MAJED_TRY_ASSIGN(const std::int64_t user, user_who_asks(call));
    MAJED_TRY_ASSIGN(const store::NewTurn body, read_new_turn(call.request.body));
    MAJED_TRY_ASSIGN(const auto turn, call.parts.store.add_turn(actor_of(call), user, body));
    std::string out;
    format::JsonWriter json(out);
    store::append_turn(json, turn);
    return json_answer(std::move(out), 201);
}

Result<HttpAnswer> list_conversations(const Call& call) {
    MAJED_TRY_ASSIGN(const std::int64_t user, user_who_asks(call));
    MAJED_TRY_ASSIGN(const std::size_t limit, page_limit(call.query, page_limits));
    std::optional<store::ConversationsPlace> place;
    if (const auto cursor = call.query.find("cursor"); cursor) {
        MAJED_TRY_ASSIGN(const auto numbers, cursor_numbers(of_sessions, 2, *cursor));
        place = store::ConversationsPlace{numbers[0], numbers[1]};
    }
    MAJED_TRY_ASSIGN(const auto page, call.parts.store.conversations(user, limit, place));
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& conversation : page.items) store::append_conversation(json, conversation);
    json.end_array();
    std::vector<std::int64_t> next;
    if (page.next) next = {page.next->as_of, page.next->before};
    append_next(json, of_sessions, next);
    json.end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> show_conversation(const Call& call) {
    MAJED_TRY_ASSIGN(const std::int64_t user, user_who_asks(call));
    MAJED_TRY_ASSIGN(const std::size_t limit, page_limit(call.query, page_limits));
    std::int64_t after = 0;
    if (const auto cursor = call.query.find("cursor"); cursor) {
        MAJED_TRY_ASSIGN(const auto numbers, cursor_numbers(of_turns, 1, *cursor));
        after = numbers[0];
    }
    MAJED_TRY_ASSIGN(const auto page,
                     call.parts.store.turns(user, std::string(call.parameter), limit, after));
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const auto& turn : page.items) store::append_turn(json, turn);
    json.end_array();
    std::vector<std::int64_t> next;
    if (page.next) next = {*page.next};
    append_next(json, of_turns, next);
    json.end_object();
    return json_answer(std::move(out));
}

Result<HttpAnswer> delete_conversation(const Call& call) {
    MAJED_TRY_ASSIGN(const std::int64_t user, user_who_asks(call));
    MAJED_TRY(call.parts.store.delete_conversation(actor_of(call), user, std::string(call.parameter)));
    return empty_answer();
}

}  // namespace

std::span<const Route> conversation_routes() {
    static constexpr std::array<Route, 4> routes{
        {{"GET", "/api/v1/conversations", Access::settled_caller, list_conversations, nullptr,
          page_parameters},
         {"POST", "/api/v1/conversations", Access::settled_caller, add_turn},
         {"GET", "/api/v1/conversations/{}", Access::settled_caller, show_conversation, nullptr,
          page_parameters},
         {"DELETE", "/api/v1/conversations/{}", Access::settled_caller, delete_conversation}}};
    return routes;
}

}  // namespace majed::api
