// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/governed_session.h"

#include "driver/oracle/catalog_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace majed::driver::oracle {

namespace {

/// Of a CHAR, as which an attribute is bound.
constexpr std::size_t longest_attribute = 2000;
constexpr std::chrono::seconds preparing_patience{30};
constexpr std::chrono::seconds asking_patience{5};
/// With time of its own: the statement's may be over.
constexpr std::chrono::milliseconds time_to_end{200};

Error misused(std::string message) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::move(message),
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

/// Empty ones are left out: they would be NULL, which no value is like and none is unlike.
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

std::optional<std::size_t> number_of(std::string_view name) {
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool read = problem == std::errc() && end == name.data() + name.size() && number > 0;
    return read ? std::optional<std::size_t>(number) : std::nullopt;
}

/// Whether the names and types of the statement may be those of a schema that has changed since.
bool may_be_of_another_schema(int ora) {
    constexpr std::array<int, 5> codes{904, 932, 942, 1031, 4043};
    return std::find(codes.begin(), codes.end(), ora) != codes.end();
}

/// For who asked: nothing of the rewritten text.
Error outward(Error error) {
    error.offset.reset();  // It points into the rewritten text.
    if (error.failure == FailureClass::contention) {
        error.code = ErrorCode::unavailable;  // `conflict` is for what is decided anew.
    } else if (error.code == ErrorCode::conflict) {
        error.code = ErrorCode::invalid_argument;
    }
    if (error.failure == FailureClass::read_only) {
        error.code = ErrorCode::denied;
        error.failure = FailureClass::user_error;
        error.message = "the database refused the statement: it reaches for something no policy opened";
    }
    return error;
}

}  // namespace

std::vector<std::string> governed_settings(const GuardSet& guard) {
    // How long a CHAR is that a rule casts to; that a character which a column cannot hold is no error on some row.
    std::vector<std::string> settings{
        "ALTER SESSION SET NLS_LENGTH_SEMANTICS = BYTE NLS_NCHAR_CONV_EXCP = FALSE"};
    // Names without a schema are looked for where the catalogue says they are.
    if (!guard.search_path.empty()) {
        settings.push_back("ALTER SESSION SET CURRENT_SCHEMA = \"" + guard.search_path.front() + "\"");
    }
    return settings;
}

Result<GovernedBinds> governed_binds(const std::vector<std::string>& caller_binds, const Parameters& given,
                                     const std::vector<AttributeParameter>& attributes,
                                     const Attributes& identity, std::string_view bind_prefix) {
    GovernedBinds binds;
    MAJED_TRY_ASSIGN(const auto values, match_parameters(caller_binds, given));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto number = number_of(caller_binds[i]);
        if (!number) {
            binds.parameters.named.emplace_back(caller_binds[i], *values[i]);
            continue;
        }
        auto& positional = binds.parameters.positional;
        positional.resize(std::max(positional.size(), *number), Value(Null{}));
        positional[*number - 1] = *values[i];
    }
    std::size_t place = 0;
    for (const AttributeParameter& attribute : attributes) {
        std::string name = std::string(bind_prefix) + std::to_string(++place);
        const auto found = identity.find(attribute.name);
        Value value = Null{};
        if (found != identity.end() && attribute.list) {
            value = json_list(found->second);
        } else if (found != identity.end() && found->second.size() == 1) {
            value = found->second.front();
            if (found->second.front().size() > longest_attribute) {
                return misused("attribute " + attribute.name + " is longer than 2000 bytes");
            }
        }
        binds.texts.emplace(name, attribute.list ? TextBind::document : TextBind::literal);
        binds.parameters.named.emplace_back(std::move(name), std::move(value));
    }
    return binds;
}

Result<void> GovernedSession::is_for(const AuthorizedStatement& statement) const {
    if (statement.generation() != guard_->generation) {
        return Error{ErrorCode::conflict,
                     "the statement was decided under other rules; it can be tried again"};
    }
    if (statement.write()) {
        return Error{ErrorCode::unsupported, "users' writes are not offered on Oracle"};
    }
    return {};
}

Result<RunSummary> GovernedSession::run(const AuthorizedStatement& statement, const Parameters& parameters,
                                        const Attributes& identity, const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(is_for(statement));
    MAJED_TRY_ASSIGN(const GovernedBinds binds,
                     governed_binds(statement.caller_binds(), parameters, statement.attributes(), identity,
                                    guard_->bind_prefix));
    if (const auto begun = connection_->begin(TransactionMode::read_only, limits.deadline); !begun) {
        end_transaction();
        return outward(begun.error());
    }
    auto summary = connection_->execute_bound(statement.sql(), binds.parameters, binds.texts, limits, sink);
    end_transaction();
    return summary ? std::move(summary) : Result<RunSummary>(told(std::move(summary).error()));
}

Error GovernedSession::told(Error error) {
    if (!may_be_of_another_schema(error.native_code) || !schema_moved()) {
        return outward(std::move(error));
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "the schema of the source changed; the statement can be tried again",
                 .native_code = error.native_code};  // Of no class: neither we nor the caller erred.
}

bool GovernedSession::schema_moved() {
    if (!guard_->schema_version || !connection_->reusable()) {
        return false;
    }
    const auto version = read_catalog_version(*connection_, deadline_after(asking_patience));
    return version && *version != guard_->schema_version;
}

/// What is missing now is only the end; who has the rows need not hear of it, the session is given up.
void GovernedSession::end_transaction() {
    if (!connection_->reusable()) {
        return;
    }
    if (!connection_->rollback(deadline_after(time_to_end))) {
        connection_->give_up();
    }
}

Result<void> GovernedSession::prepare(const AuthorizedStatement& statement) {
    MAJED_TRY(is_for(statement));
    const auto described = connection_->prepare(statement.sql(), deadline_after(preparing_patience));
    return described ? Result<void>() : told(described.error());
}

}  // namespace majed::driver::oracle
