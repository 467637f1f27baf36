// SPDX-License-Identifier: Apache-2.0
#include "api/request_body.h"

#include "api/query_parameters.h"
#include "core/ascii.h"
#include "crypto/encoding.h"

#include <simdjson.h>
#include <algorithm>
#include <array>
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

Member flag_member(std::string_view name, Member::Need need, std::optional<bool>& target) {
    return {name, need, [name, &target](const element& value) -> Result<void> {
                bool flag = false;
                if (value.get(flag) != simdjson::SUCCESS) return wrong(name, "true or false");
                target = flag;
                return {};
            }};
}

Member role_member(std::optional<policy::Role>& target) {
    return {"role", Member::Need::optional, [&target](const element& value) -> Result<void> {
                MAJED_TRY_ASSIGN(const std::string text, read_text("role", value));
                target = policy::role_from(text);
                if (!target) return wrong("role", "admin, superuser, normal or integration");
                return {};
            }};
}

/// A whole number of seconds from `least` to ten years.
Member seconds_member(std::string_view name, std::int64_t least,
                      std::optional<std::chrono::seconds>& target) {
    return {name, Member::Need::optional, [name, least, &target](const element& value) -> Result<void> {
                constexpr std::int64_t ten_years = 10LL * 366 * 24 * 60 * 60;
                std::int64_t number = 0;
                if (value.get(number) != simdjson::SUCCESS || number < least || number > ten_years) {
                    return wrong(name, "whole seconds, from " + std::to_string(least) + " to ten years");
                }
                target = std::chrono::seconds(number);
                return {};
            }};
}

Result<std::vector<std::string>> read_texts(std::string_view name, const element& value) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return wrong(name, "arrays of texts");
    std::vector<std::string> texts;
    for (const element item : array) {
        MAJED_TRY_ASSIGN(std::string text, read_text(name, item));
        texts.push_back(std::move(text));
    }
    return texts;
}

Member attributes_member(Attributes& target) {
    return {"attributes", Member::Need::optional, [&target](const element& value) -> Result<void> {
                simdjson::dom::object object;
                if (value.get(object) != simdjson::SUCCESS)
                    return wrong("attributes", "an object of arrays of texts");
                for (const auto field : object) {
                    MAJED_TRY_ASSIGN(auto values, read_texts("attributes", field.value));
                    target[std::string(field.key)] = std::move(values);
                }
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

Result<NewUserBody> read_new_user(std::string_view body) {
    NewUserBody read;
    std::optional<policy::Role> role;
    std::optional<bool> must_change;
    std::vector<Member> members{text_member("username", Member::Need::required, read.user.username),
                                secret_member("password", read.password), role_member(role),
                                attributes_member(read.user.attributes),
                                flag_member("must_change_password", Member::Need::optional, must_change)};
    MAJED_TRY(read_body(body, members));
    read.user.role = role.value_or(read.user.role);
    read.user.must_change_password = must_change.value_or(true);
    return read;
}

Result<UserPatch> read_user_patch(std::string_view body) {
    UserPatch patch;
    Secret password;
    std::vector<Member> members{role_member(patch.role),
                                flag_member("active", Member::Need::optional, patch.active),
                                attributes_member(patch.attributes), secret_member("password", password)};
    members.back().need = Member::Need::optional;
    MAJED_TRY(read_body(body, members));
    if (members.back().seen) patch.password = std::move(password);
    return patch;
}

Result<NewClientBody> read_new_client(std::string_view body) {
    NewClientBody read;
    std::vector<Member> members{text_member("client_name", Member::Need::required, read.client_name),
                                seconds_member("expires_in", 1, read.valid_for)};
    MAJED_TRY(read_body(body, members));
    return read;
}

Result<void> read_client_patch(std::string_view body) {
    std::optional<bool> active;
    std::vector<Member> members{flag_member("active", Member::Need::required, active)};
    MAJED_TRY(read_body(body, members));
    if (*active) return wrong("active", "false: a revoked client does not come back, add a new one");
    return {};
}

Result<std::chrono::seconds> read_rotation(std::string_view body) {
    std::optional<std::chrono::seconds> overlap;
    if (body.empty()) return default_overlap;
    std::vector<Member> members{seconds_member("overlap", 0, overlap)};
    MAJED_TRY(read_body(body, members));
    return overlap.value_or(default_overlap);
}

namespace {

/// `Basic base64(id:secret)`, both form-encoded as RFC 6749 has it.
Result<ClientForm> read_basic(std::string_view credentials) {
    const Error bad{ErrorCode::invalid_argument,
                    "Authorization: expected Basic with client_id:client_secret"};
    // The alphabets of Base64 differ in two signs only.
    std::string in_url_alphabet(credentials);
    std::ranges::replace(in_url_alphabet, '+', '-');
    std::ranges::replace(in_url_alphabet, '/', '_');
    const auto bytes = crypto::from_padded_base64url(in_url_alphabet);
    if (!bytes) return bad;
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const auto colon = text.find(':');
    if (colon == text.npos) return bad;
    ClientForm form;
    MAJED_TRY_ASSIGN(form.client_id, percent_decoded(text.substr(0, colon), PlusSign::blank));
    MAJED_TRY_ASSIGN(std::string secret, percent_decoded(text.substr(colon + 1), PlusSign::blank));
    form.client_secret = Secret(std::move(secret));
    return form;
}

}  // namespace

Result<ClientForm> read_client_form(std::string_view body, std::string_view authorization) {
    constexpr std::string_view basic = "basic ";
    static constexpr std::array<std::string_view, 3> in_form{"grant_type", "client_id", "client_secret"};
    const bool by_basic = equal_ascii_case(authorization.substr(0, basic.size()), basic);
    const std::span<const std::string_view> names(in_form.data(), by_basic ? 1 : in_form.size());
    MAJED_TRY_ASSIGN(const auto form, QueryParameters::read(body, names));
    if (form.text("grant_type") != "client_credentials") {
        return wrong("grant_type", "client_credentials");
    }
    if (by_basic) return read_basic(authorization.substr(basic.size()));
    const auto id = form.find("client_id");
    const auto secret = form.find("client_secret");
    if (!id || !secret) return Error{ErrorCode::invalid_argument, "client_id and client_secret: missing"};
    return ClientForm{std::string(*id), Secret(std::string(*secret))};
}

Result<store::ConfigurationValue> read_configuration_value(std::string_view body) {
    store::ConfigurationValue read;
    std::vector<Member> members{
        {"value", Member::Need::required, [&read](const element& value) -> Result<void> {
             bool flag = false;
             std::int64_t number = 0;
             std::string_view text;
             if (value.get(flag) == simdjson::SUCCESS) {
                 read = flag;
             } else if (value.type() == element_type::INT64 && value.get(number) == simdjson::SUCCESS) {
                 read = number;
             } else if (value.get(text) == simdjson::SUCCESS) {
                 read = std::string(text);
             } else {
                 return wrong("value", "true, false, a whole number or a text");
             }
             return {};
         }}};
    MAJED_TRY(read_body(body, members));
    return read;
}

Result<store::NewTurn> read_new_turn(std::string_view body) {
    store::NewTurn turn;
    const auto optional_text = [](std::string_view name, std::optional<std::string>& target) {
        return Member{name, Member::Need::optional, [name, &target](const element& value) -> Result<void> {
                          MAJED_TRY_ASSIGN(target, read_text(name, value));
                          return {};
                      }};
    };
    std::vector<Member> members{
        text_member("message", Member::Need::required, turn.message),
        optional_text("session_id", turn.session_id),
        optional_text("response", turn.response),
        {"tools_used", Member::Need::optional,
         [&turn](const element& value) -> Result<void> {
             MAJED_TRY_ASSIGN(turn.tools_used, read_texts("tools_used", value));
             return {};
         }},
        {"execution_time_ms", Member::Need::optional, [&turn](const element& value) -> Result<void> {
             double number = 0;
             if (value.get(number) != simdjson::SUCCESS) return wrong("execution_time_ms", "a number");
             turn.execution_time_ms = number;
             return {};
         }}};
    MAJED_TRY(read_body(body, members));
    return turn;
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
