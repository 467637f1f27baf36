// SPDX-License-Identifier: Apache-2.0
#include "audit/sensitive_details.h"

#include "format/json.h"
#include "telemetry/safe_text.h"

#include <algorithm>

namespace majed::audit {
namespace {

constexpr std::string_view member = "\"sensitive\":";

bool is_of_sealed_text(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '=' || c == '.';
}

/// What the record is known by, as it is stored.
std::string text_of_place(const RecordPlace& place) {
    return telemetry::safe_text(place.event_id) + "/" + std::string(place.phase);
}

bool is_object(std::string_view details) {
    return details.size() >= 2 && details.front() == '{' && details.back() == '}';
}

/// Last of its members, so that it can be found again.
std::string with_member(std::string_view details, std::string_view value) {
    std::string out(is_object(details) ? details.substr(0, details.size() - 1) : "{");
    if (out.size() > 1) out += ',';
    return out.append(member).append(value).append("}");
}

/// Where the value of the member begins; absent: nothing in these details is sealed. Inside a text every quotation mark
/// stands behind a backslash, and what is deeper ends with more than one bracket.
std::optional<std::size_t> begin_of_sealed(std::string_view details) {
    if (!is_object(details)) return {};
    const std::size_t at = details.rfind(member);
    if (at == std::string_view::npos || (details[at - 1] != '{' && details[at - 1] != ',')) return {};
    const std::size_t begin = at + member.size();
    const std::string_view value = details.substr(begin, details.size() - 1 - begin);
    if (value.size() < 3 || value.front() != '"' || value.back() != '"' ||
        !std::ranges::all_of(value.substr(1, value.size() - 2), is_of_sealed_text)) {
        return {};
    }
    return begin;
}

Result<Secret> opened(std::string_view sealed, const RecordPlace& place, DetailSeal* seal) {
    if (seal == nullptr) return Error{ErrorCode::unavailable, "the keys are not at hand"};
    return seal->open(text_of_place(place), sealed);
}

std::string_view reason_of(const Error& error) {
    if (error.code == ErrorCode::not_found) return "its data key is gone";
    if (error.code == ErrorCode::invalid_argument)
        return "it was not sealed here, for this record, or its key is gone";
    return error.message;
}

}  // namespace

Error cannot_seal() {
    return Error{.code = ErrorCode::unavailable,
                 .message = "the audit's sensitive details cannot be encrypted",
                 .hint = "see what is wrong with the keys: majed key list"};
}

Result<std::string> with_sealed(std::string_view details, std::string_view sensitive,
                                const RecordPlace& place, DetailSeal* seal) {
    if (!details.empty() && !is_object(details)) {
        return Error{ErrorCode::invalid_argument, "details that hold something sensitive are an object"};
    }
    if (place.event_id.empty()) {
        return Error{ErrorCode::invalid_argument, "a record that holds something sensitive has an event id"};
    }
    if (seal == nullptr) return cannot_seal();
    auto sealed = seal->seal(text_of_place(place), telemetry::safe_text(sensitive));
    if (!sealed) return cannot_seal();
    return with_member(details, "\"" + *sealed + "\"");
}

std::string with_nothing_sealed(std::string_view details) {
    return with_member(details, "null");
}

std::optional<std::string> with_opened(std::string_view details, const RecordPlace& place, DetailSeal* seal) {
    const auto begin = begin_of_sealed(details);
    if (!begin) return {};
    const std::string_view sealed = details.substr(*begin + 1, details.size() - *begin - 3);
    std::string out(details.substr(0, *begin));
    const auto text = opened(sealed, place, seal);
    if (text) {
        out += text->reveal();
    } else {
        format::JsonWriter(out).text("unreadable: " + std::string(reason_of(text.error())));
    }
    return out + "}";
}

}  // namespace majed::audit
