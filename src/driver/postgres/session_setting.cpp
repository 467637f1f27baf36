// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/session_setting.h"

#include "driver/native_context.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// The server stops by itself what a gateway that died, or a cancel request that was lost, left running.
constexpr std::chrono::milliseconds after_the_deadline{500};
constexpr std::chrono::milliseconds longest_statement{std::chrono::hours(1)};

/// A reader waits for a lock only behind a change of the schema. What a statement may take is bounded, for a server that
/// runs out of memory ends everybody's work: `WITH RECURSIVE` alone can eat all there is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> per_transaction{{
    {"lock_timeout", "10s"},
    {"idle_in_transaction_session_timeout", "60s"},
    {"standard_conforming_strings", "on"},
    {"row_security", "on"},
    {"transform_null_equals", "off"},
    {"work_mem", "32MB"},
    {"hash_mem_multiplier", "2"},
    {"default_transaction_read_only", "on"},
}};

std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote) {
            result += quote;
        }
        result += c;
    }
    return result + quote;
}

std::string set_to(std::string_view name, std::string_view value, std::string_view is_local) {
    return "pg_catalog.set_config(" + quoted(name, '\'') + ", " + std::string(value) + ", " +
           std::string(is_local) + ')';
}

/// Temporary objects come last, lest one of them stand for a name of the source.
std::string search_path_of(const GuardSet& guard) {
    std::string path = "pg_catalog";
    for (const std::string& schema : guard.search_path) {
        path += ", " + quoted(schema, '"');
    }
    return path + ", pg_temp";
}

}  // namespace

std::string text_array(const std::vector<std::string>& texts) {
    std::string array = "{";
    for (const std::string& text : texts) {
        array += array.size() == 1 ? "\"" : ",\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                array += '\\';
            }
            array += c;
        }
        array += '"';
    }
    return array + '}';
}

SessionSetting::SessionSetting(const GuardSet& guard) {
    // A lock that outlives transactions would be the only thing of the last user that a rollback leaves.
    sql_ = "SELECT pg_catalog.pg_advisory_unlock_all(), " + set_to("statement_timeout", "$1", "true") + ", " +
           set_to("search_path", quoted(search_path_of(guard), '\''), "true");
    for (const auto& [name, value] : per_transaction) {
        sql_ += ", " + set_to(name, quoted(value, '\''), "true");
    }
    if (!guard.native) {
        return;
    }
    context_.emplace_back(role_attribute);
    sql_ += ", " + set_to(native_role_setting, "$2", "true");
    for (const std::string& attribute : guard.context_attributes) {
        context_.push_back(attribute);
        sql_ += ", " + set_to(native_attribute_setting(attribute), "$" + std::to_string(context_.size() + 1),
                              "true");
    }
}

std::vector<std::string> SessionSetting::at_opening(const GuardSet& guard, int server_version) {
    // The same search path within transactions and without: a kept plan is made anew when it finds another.
    std::vector<std::string> statements{"SELECT " +
                                        set_to("search_path", quoted(search_path_of(guard), '\''), "false") +
                                        ", " + set_to("default_transaction_read_only", "'on'", "false")};
    constexpr int can_be_asked = 150000;
    if (server_version >= can_be_asked) {
        statements.push_back(
            "SELECT CASE WHEN pg_catalog.has_parameter_privilege('temp_file_limit', 'SET') THEN " +
            set_to("temp_file_limit", "'2GB'", "false") + " END");
    }
    return statements;
}

std::vector<Value> SessionSetting::values(const Attributes& identity, Deadline deadline) const {
    std::vector<Value> values;
    values.reserve(context_.size() + 1);
    auto left = longest_statement;
    if (deadline != Deadline::max()) {
        const auto given = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
        left = std::clamp(given + after_the_deadline, after_the_deadline, longest_statement);
    }
    values.emplace_back(std::to_string(left.count()));
    for (const std::string& attribute : context_) {
        const auto found = identity.find(attribute);
        const bool is_role = &attribute == &context_.front();
        std::string value;
        if (found != identity.end() && is_role) {
            value = found->second.size() == 1 ? found->second.front() : std::string();
        } else if (found != identity.end() && !found->second.empty()) {
            value = text_array(found->second);
        }
        values.emplace_back(std::move(value));
    }
    return values;
}

}  // namespace majed::driver::postgres
