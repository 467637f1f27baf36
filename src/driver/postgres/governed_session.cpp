// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/governed_session.h"

#include "driver/postgres/checked_rows.h"
#include "driver/postgres/schema_queries.h"
#include "driver/postgres/statement_run.h"
#include "driver/row_refused.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace majed::driver::postgres {

namespace {

const std::string setting_name = "majed_setting";
const std::string dragged_name = "majed_dragged";
constexpr std::chrono::seconds preparing_patience{30};

Error misused(std::string message) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::move(message),
                 .failure = FailureClass::user_error};
}

Value value_of(const AttributeParameter& parameter, const Attributes& identity) {
    const auto found = identity.find(parameter.name);
    if (found == identity.end() || found->second.empty()) {
        return Null{};
    }
    if (parameter.list) {
        return text_array(found->second);
    }
    return found->second.size() == 1 ? Value(found->second.front()) : Value(Null{});
}

/// The caller's values, and behind them the principal's. Errors: invalid_argument.
Result<std::vector<Value>> values_of(const AuthorizedStatement& statement, const Parameters& parameters,
                                     const Attributes& identity) {
    if (!parameters.named.empty()) {
        return misused("parameters of PostgreSQL are written $1, $2, ...; values with names were given");
    }
    const std::size_t taken = statement.caller_parameters();
    if (parameters.positional.size() != taken) {
        return misused("the statement takes " + std::to_string(taken) + " parameters, " +
                       std::to_string(parameters.positional.size()) + " were given");
    }
    std::vector<Value> values = parameters.positional;
    values.reserve(taken + statement.attributes().size());
    for (const AttributeParameter& attribute : statement.attributes()) {
        values.push_back(value_of(attribute, identity));
    }
    return values;
}

/// Whether the names and types of the statement may be those of a schema that has changed since.
bool may_be_of_another_schema(std::string_view state) {
    constexpr std::array<std::string_view, 9> states{"42P01", "42703", "42883", "42704", "3F000",
                                                     "42804", "42501", "0A000", "42809"};
    return std::find(states.begin(), states.end(), state) != states.end();
}

}  // namespace

GovernedSession::GovernedSession(NativeConnection native, BlockingCalls& cancels, const Target& target,
                                 Terms terms)
    : guard_(std::move(terms.guard)),
      kind_(terms.statements),
      setting_(*guard_),
      wire_(std::move(native), cancels),
      statements_(wire_, target.cached_statements, StatementCache::Texts::rewritten) {}

Result<std::unique_ptr<GovernedSession>> GovernedSession::open(NativeConnection native,
                                                               BlockingCalls& cancels, const Target& target,
                                                               Terms terms, Deadline deadline) {
    if (terms.guard == nullptr) {
        return Error{ErrorCode::internal, "no guard is installed"};
    }
    std::unique_ptr<GovernedSession> session(
        new GovernedSession(std::move(native), cancels, target, std::move(terms)));
    MAJED_TRY(session->wire_.prepare_waking());
    MAJED_TRY(session->wire_.begin_operation(deadline));
    MAJED_TRY(session->set_up());
    return session;
}

Result<void> GovernedSession::set_up() {
    MAJED_TRY_ASSIGN(Pipeline pipeline, Pipeline::open(wire_));
    for (const std::string& statement :
         SessionSetting::at_opening(*guard_, PQserverVersion(wire_.native()))) {
        MAJED_TRY(pipeline.command(statement.c_str()));
    }
    MAJED_TRY(pipeline.prepare(setting_name, setting_.sql()));
    if (kind_ == Statements::writes) {
        MAJED_TRY(pipeline.prepare(dragged_name, std::string(schema_queries::dragged)));
    }
    MAJED_TRY(pipeline.sync());
    MAJED_TRY_ASSIGN(auto failure, pipeline.read([](std::size_t, PGresult*) {}));
    MAJED_TRY(pipeline.close());
    if (failure) {
        return std::move(failure->error);
    }
    return {};
}

Result<void> GovernedSession::is_for(const AuthorizedStatement& statement) const {
    if (statement.generation() != guard_->generation) {
        return Error{ErrorCode::conflict,
                     "the statement was decided under other rules; it can be tried again"};
    }
    if (statement.write() && kind_ == Statements::queries) {
        return Error{ErrorCode::internal, "a write was given to a session that reads"};
    }
    return {};
}

Result<void> GovernedSession::ping(Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline, Wire::Interrupts::ignored));
    MAJED_TRY(ask(wire_, ""));
    return {};
}

Result<void> GovernedSession::reset(Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline, Wire::Interrupts::ignored));
    return PQtransactionStatus(wire_.native()) == PQTRANS_IDLE ? Result<void>() : wire_.lost();
}

Result<void> GovernedSession::prepare(const AuthorizedStatement& statement) {
    MAJED_TRY(is_for(statement));
    MAJED_TRY(wire_.begin_operation(deadline_after(preparing_patience)));
    statements_.forget(statement.sql());  // What is kept may be of tables that have changed since.
    const auto found = statements_.get(statement.sql());
    return found ? Result<void>() : outward(found.error());
}

Result<RunSummary> GovernedSession::run(const AuthorizedStatement& statement, const Parameters& parameters,
                                        const Attributes& identity, const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(is_for(statement));
    MAJED_TRY_ASSIGN(const std::vector<Value> values, values_of(statement, parameters, identity));
    MAJED_TRY(wire_.begin_operation(limits.deadline));
    const Run run{statement, values, identity, limits, sink};
    bool try_again = false;
    auto summary = run_once(run, try_again);
    if (try_again) {
        summary = run_once(run, try_again);
    }
    return summary ? std::move(summary) : Result<RunSummary>(outward(std::move(summary).error()));
}

Result<StatementCache::Found> GovernedSession::found_for(const AuthorizedStatement& statement,
                                                         const std::vector<Value>& values,
                                                         std::optional<BoundParameters>& bound) {
    MAJED_TRY_ASSIGN(StatementCache::Found found, statements_.get(statement.sql()));
    auto given = BoundParameters::bind(found.statement->parameters, values);
    if (!found.fresh && (!given || !given->exact())) {
        // The types it was prepared with may be those of a table that has changed since.
        statements_.forget(statement.sql());
        MAJED_TRY_ASSIGN(found, statements_.get(statement.sql()));
        given = BoundParameters::bind(found.statement->parameters, values);
    }
    MAJED_TRY(given);
    bound = std::move(*given);
    return found;
}

Result<RunSummary> GovernedSession::run_once(const Run& run, bool& try_again) {
    try_again = false;
    std::optional<BoundParameters> bound;
    MAJED_TRY_ASSIGN(const StatementCache::Found found, found_for(run.statement, run.values, bound));
    const std::vector<Value> settings = setting_.values(run.identity, run.limits.deadline);
    const std::vector<Oid> texts(settings.size(), 0);
    MAJED_TRY_ASSIGN(const BoundParameters setting, BoundParameters::bind(texts, settings));
    MAJED_TRY_ASSIGN(Pipeline pipeline, Pipeline::open(wire_));
    bool stale = false;
    auto summary = [&]() -> Result<RunSummary> {
        if (run.statement.write()) {
            return write(pipeline, run, {setting, *found.statement, *bound}, stale);
        }
        if (auto sent = send(pipeline, {setting, *found.statement, *bound}); !sent) {
            return std::move(sent).error();
        }
        return receive(pipeline, run, *found.statement, stale);
    }();
    end_transaction();
    try_again = !summary && stale && !found.fresh && wire_.usable();
    if (!summary && stale) {
        statements_.forget(run.statement.sql());
    }
    return summary;
}

Result<void> GovernedSession::send(Pipeline& pipeline, const Ready& ready) {
    MAJED_TRY(pipeline.command("BEGIN READ ONLY"));
    MAJED_TRY(pipeline.run(setting_name, ready.setting));
    MAJED_TRY(pipeline.run(ready.statement.name, ready.bound, ready.statement.form));
    MAJED_TRY(pipeline.sync());
    MAJED_TRY(pipeline.command("ROLLBACK"));
    return pipeline.sync();
}

/// What the write drags along is asked behind it, when its lock keeps everybody from changing that.
Result<void> GovernedSession::send_write(Pipeline& pipeline, const Ready& ready, const WriteGrant& grant) {
    const std::vector<Value> asked{grant.schema, grant.table, grant.deletes, text_array(grant.updates)};
    const std::vector<Oid> untyped(asked.size(), 0);
    MAJED_TRY_ASSIGN(const BoundParameters question, BoundParameters::bind(untyped, asked));
    MAJED_TRY(pipeline.command("BEGIN READ WRITE"));
    MAJED_TRY(pipeline.run(setting_name, ready.setting));
    MAJED_TRY(pipeline.run(ready.statement.name, ready.bound, ready.statement.form));
    MAJED_TRY(pipeline.run(dragged_name, question));
    return pipeline.sync();
}

Result<RunSummary> GovernedSession::receive_rows(Pipeline& pipeline, const Run& run,
                                                 const PreparedStatement& statement, bool& stale) {
    MAJED_TRY_ASSIGN(auto not_begun, pipeline.read_one());
    if (!not_begun) {
        MAJED_TRY_ASSIGN(not_begun, pipeline.read_one());
    }
    if (not_begun) {
        return std::move(not_begun->error);
    }
    StatementRun rows(wire_, statement, run.limits, run.sink);
    auto summary = rows.receive();
    stale = rows.stale();
    return summary;
}

Result<RunSummary> GovernedSession::receive(Pipeline& pipeline, const Run& run,
                                            const PreparedStatement& statement, bool& stale) {
    auto summary = receive_rows(pipeline, run, statement, stale);
    if (!wire_.usable()) {
        return summary;
    }
    const auto nothing = [](std::size_t, PGresult*) {};
    for (int syncs = 0; syncs < 2; ++syncs) {
        // What is missing now is only the end; who has the rows need not hear of it, the session is given up.
        if (const auto rest = pipeline.read(nothing); !rest) {
            return summary;
        }
    }
    if (const auto closed = pipeline.close(); !closed) {
        wire_.break_off();
    }
    return summary;
}

Result<RunSummary> GovernedSession::write(Pipeline& pipeline, const Run& run, const Ready& ready,
                                          bool& stale) {
    const WriteGrant& grant = *run.statement.write();
    MAJED_TRY(send_write(pipeline, ready, grant));
    auto summary = receive_checked(pipeline, run, ready.statement, stale);
    if (!wire_.usable()) {
        return summary;
    }
    std::optional<bool> dragged;
    const auto heard = pipeline.read([&dragged](std::size_t, PGresult* result) {
        if (PQntuples(result) == 1) {
            dragged = *PQgetvalue(result, 0, 0) != 'f';
        }
    });
    if (!heard) {
        wire_.break_off();
        return summary ? heard.error() : std::move(summary);
    }
    if (!pipeline.close()) {
        return summary ? Result<RunSummary>(wire_.lost()) : std::move(summary);
    }
    MAJED_TRY(summary);
    if (*heard) {
        return (*heard)->error;
    }
    if (!dragged || *dragged) {
        return Error{ErrorCode::conflict,
                     "the schema of the source changed; the statement can be tried again"};
    }
    MAJED_TRY(conclude(run, grant));
    return summary;
}

Result<RunSummary> GovernedSession::receive_checked(Pipeline& pipeline, const Run& run,
                                                    const PreparedStatement& statement, bool& stale) {
    const bool reports_check = run.statement.write()->reports_check;
    if (reports_check && statement.columns.empty()) {
        return Error{ErrorCode::internal, "a write does not say whether its rows may be so"};
    }
    const std::size_t columns = statement.columns.size() - (reports_check ? 1 : 0);
    CheckedRows rows(run.sink, reports_check, columns, run.limits.max_rows);
    RunLimits limits = run.limits;
    limits.max_rows = UINT64_MAX;
    if (columns == 0) {
        limits.max_bytes = UINT64_MAX;
    }
    const Run checked{run.statement, run.values, run.identity, limits, rows};
    MAJED_TRY_ASSIGN(RunSummary summary, receive_rows(pipeline, checked, statement, stale));
    if (reports_check && rows.checked() != summary.rows_affected) {
        return Error{ErrorCode::internal, "the write changed other rows than it told; nothing was written"};
    }
    if (columns == 0) {
        summary.rows = 0;
    }
    return summary;
}

Result<void> GovernedSession::conclude(const Run& run, const WriteGrant& grant) {
    if (!grant.check.empty()) {
        std::vector<Value> values;
        for (const AttributeParameter& attribute : grant.check_attributes) {
            values.push_back(value_of(attribute, run.identity));
        }
        const std::vector<Oid> untyped(values.size(), 0);
        MAJED_TRY_ASSIGN(const BoundParameters bound, BoundParameters::bind(untyped, values));
        MAJED_TRY_ASSIGN(const NativeResult found, ask(wire_, grant.check.c_str(), &bound));
        if (PQntuples(found.get()) != 0) {
            return row_refused();
        }
    }
    if (wire_.stopped() != Wire::Stop::none) {
        // It was done before it heard that it should stop; whoever asked for that is told that nothing was written.
        return wire_.stop_error();
    }
    return commit();
}

Result<void> GovernedSession::commit() {
    auto answer = ask(wire_, "COMMIT");
    if (!answer) {
        Error error = std::move(answer).error();
        if (!wire_.usable()) {
            error.code = ErrorCode::in_doubt;
            error.failure = FailureClass::in_doubt;
            error.message = "the reply to the commit was lost: it happened or not";
        }
        return error;
    }
    if (tag_of(answer->get()) != "COMMIT") {
        return Error{ErrorCode::internal, "the transaction had failed before: nothing was written"};
    }
    return {};
}

void GovernedSession::end_transaction() {
    if (!wire_.usable() || PQtransactionStatus(wire_.native()) == PQTRANS_IDLE) {
        return;
    }
    // A cancel request that came late may have met the ROLLBACK.
    const bool undone = wire_.begin_epilogue().has_value() && ask(wire_, "ROLLBACK").has_value() &&
                        PQtransactionStatus(wire_.native()) == PQTRANS_IDLE;
    if (!undone) {
        wire_.break_off();
    }
}

bool GovernedSession::schema_moved() {
    if (!guard_->schema_version || !wire_.usable() || !wire_.begin_epilogue()) {
        return false;
    }
    const auto answer = ask(wire_, std::string(schema_queries::version).c_str());
    if (!answer || PQntuples(answer->get()) != 1) {
        return false;
    }
    const char* const digits = PQgetvalue(answer->get(), 0, 0);
    std::int64_t version = 0;
    std::from_chars(digits, digits + std::strlen(digits), version);
    return version != *guard_->schema_version;
}

Error GovernedSession::outward(Error error) {
    error.offset.reset();  // It points into the rewritten text.
    const std::string met = guard_->secret_prefix + std::string(met_a_hidden_row);
    if (error.native_state == "22P02" && wire_.last_message().find(met) != std::string::npos) {
        // Nothing to tell from what any other row would say that is there already.
        constexpr std::string_view unique_violation = "23505";
        error = error_of_state(unique_violation, Phase::statement);
        error.native_state = unique_violation;
    }
    if (error.failure == FailureClass::contention) {
        error.code = ErrorCode::unavailable;  // `conflict` is for what is decided anew.
        return error;
    }
    // What a write clashes with it would meet again.
    if (error.code == ErrorCode::conflict && kind_ == Statements::queries) {
        error.code = ErrorCode::invalid_argument;
    }
    if (may_be_of_another_schema(error.native_state) && schema_moved()) {
        return Error{.code = ErrorCode::conflict,
                     .message = "the schema of the source changed; the statement can be tried again",
                     .native_code = error.native_code,
                     .native_state = error.native_state};  // Of no class: neither we nor the caller erred.
    }
    if (error.native_state == "42501" || error.failure == FailureClass::read_only) {
        error.code = ErrorCode::denied;
        error.failure = FailureClass::user_error;
        error.message =
            kind_ == Statements::writes
                ? "the database refused the write: a row may not be so, or the login may not write there"
                : "the database refused the statement: it reaches for something no policy opened";
    }
    return error;
}

}  // namespace majed::driver::postgres
