// SPDX-License-Identifier: Apache-2.0
#include "api/request_body.h"

#include <simdjson.h>
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace majed::api {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

Error wrong(std::string_view member, std::string_view expected) {
    return Error{ErrorCode::invalid_argument, std::string(member) + ": expected " + std::string(expected)};
}

/// One member a body may have: reads it into what the call needs.
struct Member {
    std::string_view name;
    enum class Need { required, optional } need;
    std::function<Result<void>(const element&)> read;
    bool seen = false;
};

Result<void> read_members(const element& document, std::span<Member> members) {
    simdjson::dom::object object;
    if (document.get(object) != simdjson::SUCCESS) {
        return Error{ErrorCode::invalid_argument, "the body must be a JSON object"};
    }
    for (const auto field : object) {
        const auto member = std::find_if(members.begin(), members.end(),
                                         [&](const Member& m) { return m.name == field.key; });
        if (member == members.end()) {
            return Error{ErrorCode::invalid_argument, "unknown member in the body"};
        }
        if (std::exchange(member->seen, true)) {
            return Error{ErrorCode::invalid_argument, std::string(member->name) + ": given twice"};
        }
        MAJED_TRY(member->read(field.value));
    }
    for (const Member& member : members) {
        if (!member.seen && member.need == Member::Need::required) {
            return Error{ErrorCode::invalid_argument, std::string(member.name) + ": missing"};
        }
    }
    return {};
}

Result<void> read_body(std::string_view body, std::span<Member> members) {
    // Exceptions of the library are not used: every call below answers with a code.
    simdjson::dom::parser parser;
    element document;
    const simdjson::padded_string padded(body);
    if (parser.parse(padded).get(document) != simdjson::SUCCESS) {
        return Error{ErrorCode::invalid_argument, "the body is not JSON"};
    }
    return read_members(document, members);
}

Result<std::string> read_text(std::string_view name, const element& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
        return wrong(name, "a text");
    }
    return std::string(text);
}

Result<Value> read_value(std::string_view name, const element& value) {
    switch (value.type()) {
        case element_type::NULL_VALUE:
            return Value(Null{});
        case element_type::BOOL:
            return Value(std::int64_t{bool(value) ? 1 : 0});
        case element_type::INT64:
            return Value(std::int64_t(value));
        case element_type::DOUBLE:
            return Value(double(value));
        case element_type::STRING:
            return Value(std::string(std::string_view(value)));
        case element_type::UINT64:
            return wrong(name, "integers of 64 bits with a sign");
        case element_type::ARRAY:
        case element_type::OBJECT:
            break;
    }
    return wrong(name, "plain values: null, true, false, numbers, texts");
}

Result<driver::Parameters> read_parameters(const element& value) {
    driver::Parameters parameters;
    simdjson::dom::array array;
    if (value.get(array) == simdjson::SUCCESS) {
        for (const element item : array) {
            MAJED_TRY_ASSIGN(Value cell, read_value("params", item));
            parameters.positional.push_back(std::move(cell));
        }
        return parameters;
    }
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
        return wrong("params", "an array, or an object of names and values");
    }
    for (const auto field : object) {
        MAJED_TRY_ASSIGN(Value cell, read_value("params", field.value));
        parameters.named.emplace_back(std::string(field.key), std::move(cell));
    }
    return parameters;
}

Result<std::int64_t> read_positive(std::string_view name, const element& value) {
    std::int64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS || number <= 0) {
        return wrong(name, "a whole number above 0");
    }
    return number;
}

Member text_member(std::string_view name, Member::Need need, std::string& target) {
    return {name, need, [name, &target](const element& value) -> Result<void> {
                MAJED_TRY_ASSIGN(target, read_text(name, value));
                return {};
            }};
}

Member secret_member(std::string_view name, Secret& target) {
    return {name, Member::Need::required, [name, &target](const element& value) -> Result<void> {
                MAJED_TRY_ASSIGN(std::string text, read_text(name, value));
                target = Secret(std::move(text));
                return {};
            }};
}

}  // namespace

Result<LoginBody> read_login(std::string_view body) {
    LoginBody login;
    std::vector<Member> members{text_member("username", Member::Need::required, login.username),
                                secret_member("password", login.password)};
    MAJED_TRY(read_body(body, members));
    return login;
}

Result<PasswordBody> read_password_change(std::string_view body) {
    PasswordBody change;
    std::vector<Member> members{secret_member("current_password", change.current_password),
                                secret_member("new_password", change.new_password)};
    MAJED_TRY(read_body(body, members));
    return change;
}

Result<gateway::QueryRequest> read_statement(std::string_view body, StatementCall call) {
    gateway::QueryRequest request;
    std::vector<Member> members{text_member("sql", Member::Need::required, request.sql),
                                text_member("source", Member::Need::optional, request.source)};
    if (call == StatementCall::query) {
        members.push_back({"params", Member::Need::optional, [&](const element& value) -> Result<void> {
                               MAJED_TRY_ASSIGN(request.parameters, read_parameters(value));
                               return {};
                           }});
        members.push_back({"max_rows", Member::Need::optional, [&](const element& value) -> Result<void> {
                               MAJED_TRY_ASSIGN(const std::int64_t rows, read_positive("max_rows", value));
                               request.max_rows = static_cast<std::uint64_t>(rows);
                               return {};
                           }});
        members.push_back({"timeout_ms", Member::Need::optional, [&](const element& value) -> Result<void> {
                               MAJED_TRY_ASSIGN(const std::int64_t span, read_positive("timeout_ms", value));
                               // Beyond a day the source's own limit is the smaller one in any case.
                               constexpr std::int64_t day = 24LL * 60 * 60 * 1000;
                               request.timeout = std::chrono::milliseconds(std::min(span, day));
                               return {};
                           }});
    }
    MAJED_TRY(read_body(body, members));
    return request;
}

}  // namespace majed::api
