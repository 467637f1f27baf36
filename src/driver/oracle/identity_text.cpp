// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/identity_text.h"

#include "core/utf8.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace majed::driver::oracle {

namespace {

constexpr std::size_t longest_client = 64;
constexpr std::size_t longest_module = 48;
constexpr std::size_t longest_action = 32;
constexpr std::size_t longest_info = 64;

Error cannot_hold(std::string what) {
    return Error{ErrorCode::invalid_argument, "Oracle cannot hold " + std::move(what)};
}

bool is_printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void append_quoted(std::string& json, std::string_view text) {
    json += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
        }
        json += c;
    }
    json += '"';
}

}  // namespace

Result<IdentityText> text_of(const SessionIdentity& identity) {
    if (identity.client.size() > longest_client || !is_printable(identity.client)) {
        return cannot_hold("this client identifier: 64 bytes without control characters is the limit");
    }
    IdentityText text{.client = identity.client,
                      .module = std::string(whole_characters(identity.module, longest_module)),
                      .action = std::string(whole_characters(identity.action, longest_action)),
                      .info = {}};
    if (!is_printable(text.module) || !is_printable(text.action)) {
        return cannot_hold("control characters in a module or an action");
    }
    for (const auto& [name, value] : identity.attributes) {
        if (!is_printable(name) || !is_printable(value)) {
            return cannot_hold("control characters in an attribute");
        }
        text.info += text.info.empty() ? '{' : ',';
        append_quoted(text.info, name);
        text.info += ':';
        append_quoted(text.info, value);
    }
    if (!text.info.empty()) {
        text.info += '}';
    }
    if (text.info.size() > longest_info) {
        return cannot_hold("these attributes: as JSON they exceed the 64 bytes of CLIENT_INFO");
    }
    return text;
}

}  // namespace majed::driver::oracle
