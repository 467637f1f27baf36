// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/statement_parameters.h"

#include "driver/sqlite/native_error.h"
#include "driver/sqlite/native_value.h"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>

namespace majed::driver::sqlite {

namespace {

/// `:name`, `@name` and `$name` are one name to the caller.
std::string_view bare(std::string_view spelling) {
    return spelling.substr(std::min<std::size_t>(1, spelling.size()));
}

Error wrong_parameters(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

const Value* find(const Parameters& given, std::string_view name) {
    const auto found = std::find_if(given.named.begin(), given.named.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    return found == given.named.end() ? nullptr : &found->second;
}

}  // namespace

StatementParameters::StatementParameters(sqlite3_stmt* statement) {
    const int count = sqlite3_bind_parameter_count(statement);
    for (int i = 1; i <= count; ++i) {
        const char* name = sqlite3_bind_parameter_name(statement, i);
        const bool positional = name == nullptr || *name == '?';
        spelling_.emplace_back(positional ? "" : name);
        positional_ += positional ? 1 : 0;
    }
}

Result<void> StatementParameters::bind(sqlite3_stmt* statement, const Parameters& given) const {
    std::size_t next_positional = 0;
    for (std::size_t i = 0; i < spelling_.size(); ++i) {
        const std::string& spelling = spelling_[i];
        const Value* value = nullptr;
        if (!spelling.empty()) {
            value = find(given, bare(spelling));
        } else if (next_positional < given.positional.size()) {
            value = &given.positional[next_positional++];
        }
        if (value == nullptr) {
            Error error =
                wrong_parameters("no value was given for parameter " +
                                 (spelling.empty() ? "?" + std::to_string(next_positional + 1) : spelling));
            // $$text$$ is a parameter to SQLite, and a value to who wrote it.
            error.recorded = "no value was given for a parameter";
            return error;
        }
        const int result = bind_value(statement, static_cast<int>(i + 1), *value, BoundBytes::borrowed);
        if (result == SQLITE_TOOBIG) {
            return Error{.code = ErrorCode::too_large,
                         .message = "the value of a parameter is too large",
                         .native_code = result};
        }
        if (result != SQLITE_OK) {
            return Error{.code = error_code_of(result),
                         .message = "a parameter cannot be bound",
                         .native_code = result};
        }
    }
    return refuse_left_over(given);
}

Result<void> StatementParameters::refuse_left_over(const Parameters& given) const {
    if (given.positional.size() > positional_) {
        return wrong_parameters("the statement has no parameter ?" + std::to_string(positional_ + 1));
    }
    for (auto entry = given.named.begin(); entry != given.named.end(); ++entry) {
        const auto same = [&](const auto& other) { return other.first == entry->first; };
        if (std::any_of(given.named.begin(), entry, same)) {
            return wrong_parameters("parameter :" + entry->first + " was given twice");
        }
        if (std::none_of(spelling_.begin(), spelling_.end(), [&](const std::string& spelling) {
                return !spelling.empty() && bare(spelling) == entry->first;
            })) {
            return wrong_parameters("the statement has no parameter :" + entry->first);
        }
    }
    return {};
}

}  // namespace majed::driver::sqlite
