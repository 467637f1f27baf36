// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/context_block.h"

#include "driver/native_context.h"

#include <utility>

namespace majed::driver::oracle {

namespace {

/// As of one that is bound (governed_session.cpp).
constexpr std::size_t longest_value = 2000;

Error too_long(const std::string& attribute, const std::string& what) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "attribute " + attribute + " " + what,
                 .failure = FailureClass::user_error};
}

void append_json_text(std::string& json, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    json += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            json += "\\u00";
            json += digits[byte >> 4U];
            json += digits[byte & 0xfU];
            continue;
        }
        if (c == '"' || c == '\\') {
            json += '\\';
        }
        json += c;
    }
    json += '"';
}

std::string quoted_owner(const std::string& owner) {
    std::string name = "\"";
    for (const char c : owner) {
        name += c;
        name += c == '"' ? "\"" : "";
    }
    return name + "\"";
}

}  // namespace

std::string json_list(const std::vector<std::string>& values) {
    std::string json = "[";
    for (const std::string& value : values) {
        if (value.empty()) {
            continue;
        }
        json += json.size() == 1 ? "" : ",";
        append_json_text(json, value);
    }
    return json + "]";
}

ContextBlock::ContextBlock(const GuardSet& guard)
    : wanted_(guard.native), attributes_(guard.context_attributes) {
    if (!wanted_ || guard.context_owner.empty()) {
        return;
    }
    const std::string package =
        quoted_owner(guard.context_owner) + "." + std::string(oracle_context_package) + ".";
    begin_ = "BEGIN " + package + "begin_for(:1);";
    std::size_t place = 1;
    for (const std::string& attribute : attributes_) {
        // Its name is one that needs no quoting (rewrite/native_oracle.h).
        begin_ += " " + package + "attribute('" + attribute + "', :" + std::to_string(place + 1) +
                  ", :" + std::to_string(place + 2) + ");";
        place += 2;
    }
    begin_ += " END;";
    end_ = "BEGIN " + package + "forget; END;";
}

Result<Parameters> ContextBlock::values(const Attributes& identity) const {
    Parameters parameters;
    auto& values = parameters.positional;
    const auto role = identity.find(std::string(role_attribute));
    const bool has_role = role != identity.end() && role->second.size() == 1;
    values.push_back(has_role ? Value(role->second.front()) : Value(Null{}));
    for (const std::string& attribute : attributes_) {
        Value one = Null{};
        Value all = Null{};
        const auto found = identity.find(attribute);
        if (found != identity.end()) {
            if (found->second.size() == 1 && !found->second.front().empty()) {
                one = found->second.front();
                if (found->second.front().size() > longest_value) {
                    return too_long(attribute, "is longer than 2000 bytes");
                }
            }
            std::string json = json_list(found->second);
            if (json.size() > longest_context_value) {
                return too_long(attribute, "has more values than the database's policies can be told of");
            }
            if (json != "[]") {
                all = std::move(json);
            }
        }
        values.push_back(std::move(one));
        values.push_back(std::move(all));
    }
    return parameters;
}

}  // namespace majed::driver::oracle
