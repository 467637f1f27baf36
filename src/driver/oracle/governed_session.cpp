// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/governed_session.h"

#include "driver/oracle/catalog_reader.h"
#include "driver/row_refused.h"

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

/// WITH CHECK OPTION, of a query or of an access policy: a row would be none that it shows.
constexpr int check_option_broken = 1402;
constexpr int policy_check_broken = 28115;
constexpr int privilege_missing = 1031;

/// For who asked: nothing of the rewritten text.
Error outward(Error error, GovernedSession::Statements statements) {
    error.offset.reset();  // It points into the rewritten text.
    const bool writes = statements == GovernedSession::Statements::writes;
    if (writes && (error.native_code == check_option_broken || error.native_code == policy_check_broken)) {
        Error refused = row_refused();
        refused.native_code = error.native_code;
        return refused;
    }
    if (error.failure == FailureClass::contention) {
        error.code = ErrorCode::unavailable;  // `conflict` is for what is decided anew.
    } else if (error.code == ErrorCode::conflict && !writes) {
        error.code = ErrorCode::invalid_argument;  // What a write clashes with it would meet again.
    }
    if (error.failure == FailureClass::read_only || (writes && error.native_code == privilege_missing)) {
        error.code = ErrorCode::denied;
        error.failure = FailureClass::user_error;
        error.hint.clear();
        error.message = writes
                            ? "the database refused the write: the login may not write there"
                            : "the database refused the statement: it reaches for something no policy opened";
    }
    return error;
}

/// One of those that an attribute has, of which none is empty; past the last, the last again.
Result<Value> spelled_value(const AttributeParameter& attribute, const std::vector<std::string>& values) {
    std::vector<const std::string*> said;
    for (const std::string& value : values) {
        if (!value.empty()) {
            said.push_back(&value);
        }
    }
    if (said.size() > most_spelled_values) {
        return misused("attribute " + attribute.name + " has more than " +
                       std::to_string(most_spelled_values) + " values: no write can be held to them");
    }
    if (said.empty()) {
        return Value(Null{});
    }
    return Value(*said[std::min(attribute.place, said.size()) - 1]);
}

Result<Value> value_of(const AttributeParameter& attribute, const Attributes& identity) {
    const auto found = identity.find(attribute.name);
    if (found == identity.end()) {
        return Value(Null{});
    }
    if (attribute.list && attribute.place == 0) {
        return Value(json_list(found->second));
    }
    Value value = Null{};
    if (attribute.list) {
        MAJED_TRY_ASSIGN(value, spelled_value(attribute, found->second));
    } else if (found->second.size() == 1) {
        value = found->second.front();
    }
    const auto* const text = std::get_if<std::string>(&value);
    if (text != nullptr && text->size() > longest_attribute) {
        return misused("attribute " + attribute.name + " is longer than 2000 bytes");
    }
    return value;
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
        MAJED_TRY_ASSIGN(Value value, value_of(attribute, identity));
        const bool document = attribute.list && attribute.place == 0;
        binds.texts.emplace(name, document ? TextBind::document : TextBind::literal);
        binds.parameters.named.emplace_back(std::move(name), std::move(value));
    }
    return binds;
}

Result<void> GovernedSession::is_for(const AuthorizedStatement& statement) const {
    if (statement.generation() != guard_->generation) {
        return Error{ErrorCode::conflict,
                     "the statement was decided under other rules; it can be tried again"};
    }
    if (statement.write().has_value() != (statements_ == Statements::writes)) {
        return Error{ErrorCode::internal, "a statement was given to a session for others"};
    }
    return {};
}

Result<RunSummary> GovernedSession::run(const AuthorizedStatement& statement, const Parameters& parameters,
                                        const Attributes& identity, const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(is_for(statement));
    MAJED_TRY_ASSIGN(const GovernedBinds binds,
                     governed_binds(statement.caller_binds(), parameters, statement.attributes(), identity,
                                    guard_->bind_prefix));
    MAJED_TRY(say_who_asks(identity, limits.deadline));
    auto summary =
        statement.write() ? write(statement, binds, limits, sink) : read(statement, binds, limits, sink);
    end_transaction();
    forget_who_asked();
    return summary ? std::move(summary) : Result<RunSummary>(told(std::move(summary).error()));
}

Result<void> GovernedSession::say_who_asks(const Attributes& identity, Deadline deadline) {
    if (!context_.wanted()) {
        return {};
    }
    if (!context_.possible()) {
        return Error{ErrorCode::unavailable, "the database has nothing that could be told who asks"};
    }
    MAJED_TRY_ASSIGN(const Parameters values, context_.values(identity));
    told_ = true;
    const auto done = connection_->tell(context_.begin(), values, deadline);
    if (done) {
        return {};
    }
    // Half of it may have been heard.
    connection_->give_up();
    Error error = done.error();
    if (error.failure == FailureClass::user_error) {
        error.code = ErrorCode::unavailable;
        error.failure = FailureClass::none;
        error.message = "the database could not be told who asks";
        error.hint.clear();
    }
    return outward(std::move(error), statements_);
}

/// Once, with time of its own; a session that still knows whom it served serves nobody else.
void GovernedSession::forget_who_asked() {
    if (!told_ || !connection_->reusable()) {
        return;
    }
    if (connection_->tell(context_.end(), {}, deadline_after(time_to_end))) {
        told_ = false;
    } else {
        connection_->give_up();
    }
}

Result<void> GovernedSession::reset(Deadline deadline) {
    forget_who_asked();
    return connection_->reset(deadline);
}

Result<RunSummary> GovernedSession::read(const AuthorizedStatement& statement, const GovernedBinds& binds,
                                         const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(connection_->begin(TransactionMode::read_only, limits.deadline));
    return connection_->execute_bound(statement.sql(), binds.parameters, binds.texts, limits, sink);
}

Result<RunSummary> GovernedSession::write(const AuthorizedStatement& statement, const GovernedBinds& binds,
                                          const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(connection_->begin(TransactionMode::read_write, limits.deadline));
    MAJED_TRY_ASSIGN(RunSummary summary, connection_->execute_bound(statement.sql(), binds.parameters,
                                                                    binds.texts, limits, sink));
    MAJED_TRY(conclude(*statement.write(), limits.deadline));
    return summary;
}

/// A trigger that the write fired is in the dictionary by now, whoever made it meanwhile.
Result<void> GovernedSession::conclude(const WriteGrant& grant, Deadline deadline) {
    MAJED_TRY_ASSIGN(const bool dragged, drags_others(*connection_, grant, deadline));
    if (dragged) {
        return Error{
            ErrorCode::unsupported,
            "the table has triggers, or rows of others would change with its own: that is not governed; "
            "nothing was written"};
    }
    return connection_->commit(deadline);
}

Error GovernedSession::told(Error error) {
    if (!may_be_of_another_schema(error.native_code) || !schema_moved()) {
        return outward(std::move(error), statements_);
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
