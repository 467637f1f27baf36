// SPDX-License-Identifier: Apache-2.0
#include "statement.h"

#include <algorithm>
#include <cctype>

#include "access_policies.h"
#include "block.h"
#include "session.h"
#include "world.h"

namespace majed::oci_double {
namespace {

/// "error=942,14 delay=300 lose" in a comment.
Fate fate_of_hint(std::string_view hint) {
    Fate fate;
    while (true) {
        const std::size_t begin = hint.find_first_not_of(" \t\n");
        if (begin == std::string_view::npos) {
            return fate;
        }
        hint.remove_prefix(begin);
        const std::string_view word = hint.substr(0, hint.find_first_of(" \t\n"));
        hint.remove_prefix(word.size());
        const std::size_t equals = std::min(word.find('='), word.size());
        std::string value{word.substr(std::min(equals + 1, word.size()))};
        std::replace(value.begin(), value.end(), ',', ' ');
        read_fate(fate, word.substr(0, equals), value);
    }
}

std::string id_of(const std::string& sql) {
    constexpr std::string_view digits = "0123456789abcdfghjkmnpqrstuvwxyz";
    constexpr std::size_t length = 13;
    std::uint64_t hash = std::hash<std::string>{}(sql);
    std::string id(length, '0');
    for (char& place : id) {
        place = digits[hash % digits.size()];
        hash /= digits.size();
    }
    return id;
}

/// "APP"."T"."A" of a sentence that ends in (T.A).
std::string quoted_place(const std::string& schema, const std::string& sentence) {
    const std::size_t open = sentence.find('(') + 1;
    const std::string place = sentence.substr(open, sentence.rfind(')') - open);
    const std::size_t dot = place.find('.');
    const std::string column = dot == std::string::npos ? std::string{} : "\".\"" + place.substr(dot + 1);
    return '"' + schema + "\".\"" + place.substr(0, dot) + column + '"';
}

bool opens_no_transaction(sqlite3* database, sqlite3_int64 changes_before) {
    return sqlite3_total_changes64(database) == changes_before;
}

}  // namespace

Statement::Statement(Service& service, std::string sql)
    : Handle(HandleKind::statement),
      service_(&service),
      session_(*service.session),
      sql_(std::move(sql)),
      sql_id_(id_of(sql_)),
      translation_(
          translate(sql_, service.session->current_schema(), tables_under_policies(*service.session))),
      subject_(normalised(translation_.scanned.tokens)) {}

Statement::~Statement() {
    session().cursors().erase(this);
}

Binding* Statement::bind_by_name(const std::string& name) {
    const std::string wanted = upper(name.starts_with(":") ? name.substr(1) : name);
    const std::vector<std::string>& names = translation_.binds;
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
        return nullptr;
    }
    auto& binding = by_name_[wanted];
    if (!binding) {
        binding = std::make_unique<Binding>();
    }
    return binding.get();
}

Binding* Statement::bind_by_position(std::uint32_t position) {
    if (position == 0 || position > translation_.binds.size()) {
        return nullptr;
    }
    auto& binding = by_position_[position];
    if (!binding) {
        binding = std::make_unique<Binding>();
    }
    return binding.get();
}

Define& Statement::define(std::uint32_t position) {
    auto& define = defines_[position];
    if (!define) {
        define = std::make_unique<Define>();
    }
    return *define;
}

Binding* Statement::binding_of(std::size_t occurrence) {
    if (const auto named = by_name_.find(translation_.binds[occurrence]); named != by_name_.end()) {
        return named->second.get();
    }
    const auto placed = by_position_.find(static_cast<std::uint32_t>(occurrence + 1));
    return placed == by_position_.end() ? nullptr : placed->second.get();
}

int Statement::execute(Service& service, ErrorHandle& errors, const Execution& execution) {
    service_ = &service;
    errors.batch.clear();
    error_offset_ = 0;
    row_count_ = 0;
    dml_row_counts_.clear();
    dml_error_count_ = 0;
    pending_.clear();
    pending_failure_.reset();
    exhausted_ = true;
    const RoundTrip trip(service, Event::execute, subject_);
    Failure failure = trip.failure();
    if (!failure) {
        failure = run(errors, execution);
    }
    if (failure) {
        error_offset_ = std::max(failure->offset, 0);
        return fail(&errors, *failure);
    }
    if (!errors.batch.empty()) {
        dml_error_count_ = static_cast<std::uint32_t>(errors.batch.size());
        errors.error = oracle_error(24381);
        return answer_success_with_warning;
    }
    return answer_success;
}

Failure Statement::run(ErrorHandle& errors, const Execution& execution) {
    if (const auto canned = session().fate().answer) {
        return take_canned(*canned);
    }
    if (const Failure failure = run_hints()) {
        return failure;
    }
    if (translation_.problem) {
        return translation_.problem;
    }
    Failure failure;
    switch (translation_.action) {
        case Action::run:
            failure = apply_access_policies(session());
            if (!failure) {
                failure = translation_.kind == StatementKind::select ? run_query(execution.mode)
                                                                     : run_changes(errors, execution);
            }
            break;
        case Action::access_policies:
            failure = define_access_policies(session(), sql_, translation_.scanned.tokens);
            break;
        case Action::define:
            failure = run_definition();
            break;
        case Action::block:
            failure = run_block(session(), translation_, [this](std::size_t occurrence) {
                Cell cell;
                Binding* binding = binding_of(occurrence);
                if (binding == nullptr || read_binding(*binding, 0, cell)) {
                    return std::string{};
                }
                return cell_text(cell, Column{});
            });
            break;
        case Action::accept:
        case Action::commit:
        case Action::rollback:
        case Action::savepoint:
        case Action::rollback_to:
        case Action::set_read_only:
        case Action::set_serializable:
        case Action::alter_session:
        case Action::kill_session:
        case Action::lock_table:
            failure = run_simple(translation_.action);
            break;
    }
    if (!failure && (execution.mode & execute_mode::commit_on_success) != 0 &&
        translation_.kind != StatementKind::select) {
        failure = session().commit();
    }
    return failure;
}

Failure Statement::run_hints() {
    for (const std::string& hint : translation_.scanned.hints) {
        if (const Failure failure = session().suffer(fate_of_hint(hint))) {
            return failure;
        }
    }
    return std::nullopt;
}

Failure Statement::take_canned(const CannedAnswer& answer) {
    if (columns_.empty()) {
        columns_ = answer.columns;
    } else if (columns_.size() != answer.columns.size()) {
        return oracle_error(1007);
    }
    pending_.assign(answer.rows.begin(), answer.rows.end());
    row_count_ = answer.affected;
    return std::nullopt;
}

Failure Statement::failed(int result) {
    if (Failure stop = session().stopped()) {
        return stop;
    }
    OracleError error = session().database().error(result);
    error.offset = error.offset < 0 ? 0 : original_offset(translation_, error.offset);
    const std::string place = '(' + session().current_schema() + '.';
    if (error.code == 1) {
        error.text = "unique constraint " + place + error.text.substr(error.text.find('(') + 1);
    }
    if (error.code == 1400) {
        error = oracle_error(translation_.kind == StatementKind::update ? 1407 : 1400,
                             quoted_place(session().current_schema(), error.text));
    }
    if (error.code == 2291 && translation_.kind == StatementKind::delete_rows) {
        error = oracle_error(2292, "FOREIGN KEY");
    }
    if (error.code == 942) {
        // Oracle points at the table's name.
        for (const Token& token : translation_.scanned.tokens) {
            const bool named = std::find(translation_.tables.begin(), translation_.tables.end(),
                                         token.text) != translation_.tables.end();
            if (token.is_name() && named &&
                std::string_view{sqlite3_errmsg(session().database().get())}.ends_with(": " + token.text)) {
                error.offset = static_cast<int>(token.begin);
                break;
            }
        }
    }
    return error;
}

Failure Statement::prepare() {
    sqlite3_stmt* prepared = nullptr;
    prepared_.reset();
    const int result =
        sqlite3_prepare_v2(session().database().get(), translation_.sql.c_str(), -1, &prepared, nullptr);
    prepared_.reset(prepared);
    return result == SQLITE_OK ? Failure{} : failed(result);
}

Failure Statement::bind_values(sqlite3_stmt* prepared, std::uint32_t iteration) {
    sqlite3_clear_bindings(prepared);
    const std::size_t inputs = translation_.binds.size() - translation_.returning;
    for (std::size_t occurrence = 0; occurrence < inputs; ++occurrence) {
        Binding* binding = binding_of(occurrence);
        if (binding == nullptr) {
            return oracle_error(1008);
        }
        Cell cell;
        if (Failure failure = read_binding(*binding, iteration, cell)) {
            return failure;
        }
        bind_cell(prepared, static_cast<int>(occurrence + 1), cell);
    }
    return std::nullopt;
}

Failure Statement::run_query(std::uint32_t mode) {
    if (translation_.locks_rows) {
        if (const Failure failure = session().begin_writing(translation_.is_impatient)) {
            return failure;
        }
    }
    if (const Failure failure = prepare()) {
        return failure;
    }
    if ((mode & (execute_mode::describe_only | execute_mode::parse_only)) != 0) {
        describe(prepared_.get());
        return std::nullopt;
    }
    if (const Failure failure = bind_values(0)) {
        return failure;
    }
    exhausted_ = false;
    session().cursors().insert(this);
    // The first row is taken now: errors of the values show, and columns without a declared type take its types.
    if (const Failure failure = step()) {
        return failure;
    }
    describe(prepared_.get());
    return std::nullopt;
}

Failure Statement::step() {
    if (!prepared_) {
        exhausted_ = true;
        return std::nullopt;
    }
    const int result = sqlite3_step(prepared_.get());
    if (result == SQLITE_ROW) {
        Row row;
        const int count = sqlite3_column_count(prepared_.get());
        row.reserve(static_cast<std::size_t>(count));
        for (int index = 0; index < count; ++index) {
            row.push_back(read_column(prepared_.get(), index));
        }
        pending_.push_back(std::move(row));
        return std::nullopt;
    }
    exhausted_ = true;
    Failure failure = result == SQLITE_DONE ? Failure{} : failed(result);
    sqlite3_reset(prepared_.get());
    session().cursors().erase(this);
    return failure;
}

void Statement::keep_rest() {
    while (!exhausted_ && !pending_failure_) {
        pending_failure_ = step();
    }
}

void Statement::forget_cursor() {
    prepared_.reset();
    exhausted_ = true;
}

int Statement::fetch(ErrorHandle& errors, std::uint32_t rows) {
    fetched_ = 0;
    const RoundTrip trip(*service_, Event::fetch, subject_);
    if (trip.failure()) {
        return fail(&errors, *trip.failure());
    }
    while (fetched_ < rows) {
        if (const auto fate = world().fate_of(Event::fetch, subject_, row_count_ + 1)) {
            if (const Failure failure = session().suffer(*fate)) {
                return fail(&errors, *failure);
            }
        }
        if (pending_.empty() && !exhausted_) {
            if (const Failure failure = step()) {
                return fail(&errors, *failure);
            }
        }
        if (pending_.empty()) {
            break;
        }
        const Row row = std::move(pending_.front());
        pending_.pop_front();
        for (auto& [position, define] : defines_) {
            if (position == 0 || position > row.size()) {
                return fail(&errors, oracle_error(1007));
            }
            if (const Failure failure = store_fetched(*define, fetched_, row[position - 1],
                                                      columns_[position - 1], session().time_zone())) {
                return fail(&errors, *failure);
            }
        }
        ++fetched_;
        ++row_count_;
    }
    if (pending_.empty() && pending_failure_) {
        return fail(&errors, *pending_failure_);
    }
    return fetched_ < rows ? answer_no_rows : answer_success;
}

Failure Statement::run_changes(ErrorHandle& errors, const Execution& execution) {
    if ((execution.mode & execute_mode::parse_only) != 0) {
        return prepare();
    }
    sqlite3* database = session().database().get();
    const bool opens = session().transaction() == TransactionState::none;
    const sqlite3_int64 changes_before = sqlite3_total_changes64(database);
    if (Failure failure = session().begin_writing(false)) {
        return failure;
    }
    Failure failure = prepare();
    const std::uint32_t end = std::max<std::uint32_t>(execution.iterations, 1);
    for (std::uint32_t iteration = execution.first; iteration < end && !failure; ++iteration) {
        failure = run_one_change(iteration, errors, execution.mode);
        if (failure && end > 1) {
            // Of an array, the offset is the number of the row.
            failure->offset = static_cast<int>(iteration);
        }
    }
    prepared_.reset();
    // What changed nothing leaves nothing locked.
    if (opens && opens_no_transaction(database, changes_before) && !session().is_lost()) {
        session().rollback();
    }
    return failure;
}

Failure Statement::run_one_change(std::uint32_t iteration, ErrorHandle& errors, std::uint32_t mode) {
    const std::uint64_t before = row_count_;
    const bool in_steps = !translation_.steps.empty();
    Failure failure = in_steps ? Failure{} : bind_values(iteration);
    if (!failure) {
        const bool whole = in_steps || !translation_.check.empty();
        failure = whole ? checked_change(iteration) : change(iteration);
    }
    sqlite3_reset(prepared_.get());
    if (failure && (mode & execute_mode::batch_errors) != 0 && session().must_stop() == Stop::none) {
        errors.batch.push_back({.row = iteration, .error = *failure});
        dml_row_counts_.push_back(0);
        return std::nullopt;
    }
    if (!failure) {
        dml_row_counts_.push_back(row_count_ - before);
    }
    return failure;
}

Failure Statement::change(std::uint32_t iteration) {
    sqlite3* database = session().database().get();
    std::vector<Row> returned;
    int result = sqlite3_step(prepared_.get());
    while (result == SQLITE_ROW) {
        Row row;
        for (int index = 0; index < sqlite3_column_count(prepared_.get()); ++index) {
            row.push_back(read_column(prepared_.get(), index));
        }
        returned.push_back(std::move(row));
        result = sqlite3_step(prepared_.get());
    }
    if (result != SQLITE_DONE) {
        return failed(result);
    }
    row_count_ += static_cast<std::uint64_t>(sqlite3_changes64(database));
    if (translation_.kind == StatementKind::insert) {
        last_rowid_ = session().database().text_of("SELECT majed_rowid(CAST(?1 AS INTEGER))",
                                                   std::to_string(sqlite3_last_insert_rowid(database)));
    }
    if (!translation_.check.empty()) {
        return check_rows(iteration, returned);
    }
    return translation_.returning == 0 ? Failure{} : give_returned(iteration, returned);
}

Failure Statement::checked_change(std::uint32_t iteration) {
    Database& database = session().database();
    const std::uint64_t before = row_count_;
    if (const int result = database.run("SAVEPOINT majed_check"); result != SQLITE_OK) {
        return failed(result);
    }
    Failure failure = translation_.steps.empty() ? change(iteration) : merge(iteration);
    sqlite3_reset(prepared_.get());
    if (failure) {
        row_count_ = before;
        database.run("ROLLBACK TO majed_check");
    }
    database.run("RELEASE majed_check");
    return failure;
}

Failure Statement::check_rows(std::uint32_t iteration, const std::vector<Row>& rows) {
    std::string ids = "[";
    for (const Row& row : rows) {
        ids += (ids.size() == 1 ? "" : ",") + cell_text(row[0], Column{});
    }
    ids += "]";
    const PreparedStatement check = session().database().prepare(translation_.check);
    if (!check) {
        return failed(SQLITE_ERROR);
    }
    if (Failure failure = bind_values(check.get(), iteration)) {
        return failure;
    }
    const int place = static_cast<int>(translation_.binds.size() + 1);
    sqlite3_bind_text(check.get(), place, ids.c_str(), -1, SQLITE_TRANSIENT);
    const int result = sqlite3_step(check.get());
    if (result != SQLITE_ROW) {
        return failed(result);
    }
    return sqlite3_column_int64(check.get(), 0) == 0 ? Failure{} : Failure{oracle_error(1402)};
}

Failure Statement::give_returned(std::uint32_t iteration, const std::vector<Row>& rows) {
    const std::size_t inputs = translation_.binds.size() - translation_.returning;
    describe(prepared_.get());
    for (std::size_t place = 0; place < translation_.returning; ++place) {
        Binding* binding = binding_of(inputs + place);
        if (binding == nullptr || place >= columns_.size()) {
            return oracle_error(1008);
        }
        binding->rows_returned = static_cast<std::uint32_t>(rows.size());
        for (std::size_t index = 0; index < rows.size(); ++index) {
            if (Failure failure = store_returned(*binding, iteration, static_cast<std::uint32_t>(index),
                                                 rows[index][place], columns_[place])) {
                return failure;
            }
        }
    }
    return std::nullopt;
}

Failure Statement::run_definition() {
    if (world().is_read_only()) {
        return oracle_error(16000);
    }
    // DDL commits before and after itself.
    for (Statement* cursor : std::set<Statement*>{session().cursors()}) {
        cursor->keep_rest();
    }
    if (Failure failure = session().commit()) {
        return failure;
    }
    const int result = session().database().run(translation_.sql);
    return result == SQLITE_OK ? Failure{} : failed(result);
}

Failure Statement::run_simple(Action action) {
    Database& database = session().database();
    switch (action) {
        case Action::commit:
            return session().commit();
        case Action::rollback:
            return session().rollback();
        case Action::set_read_only:
            return session().begin_snapshot(TransactionState::read_only);
        case Action::set_serializable:
            return session().begin_snapshot(TransactionState::serializable);
        case Action::alter_session:
            return alter_session();
        case Action::kill_session: {
            const std::uint64_t id = std::strtoull(translation_.argument.c_str(), nullptr, 10);
            return kill_session(id) ? Failure{}
                                    : Failure{oracle_error(30, "User session ID does not exist.")};
        }
        case Action::lock_table:
            return lock_table();
        case Action::savepoint:
            if (Failure failure = session().begin_savepoint_scope()) {
                return failure;
            }
            return database.run("SAVEPOINT \"" + translation_.argument + "\"") == SQLITE_OK
                       ? Failure{}
                       : failed(SQLITE_ERROR);
        case Action::rollback_to: {
            for (Statement* cursor : std::set<Statement*>{session().cursors()}) {
                cursor->keep_rest();
            }
            const int result = database.run("ROLLBACK TO \"" + translation_.argument + "\"");
            return result == SQLITE_OK ? Failure{} : failed(result);
        }
        case Action::run:
        case Action::define:
        case Action::accept:
        case Action::block:
        case Action::access_policies:
            break;
    }
    return std::nullopt;
}

Failure Statement::lock_table() {
    auto mode = TableLockMode::shared;
    std::chrono::milliseconds patience{translation_.is_impatient ? 0 : 3'600'000};
    const std::vector<Token>& tokens = translation_.scanned.tokens;
    for (std::size_t index = 0; index + 1 < tokens.size(); ++index) {
        if (tokens[index].is("EXCLUSIVE") && !tokens[index - 1].is("ROW")) {
            mode = TableLockMode::exclusive;
        } else if (tokens[index].is("EXCLUSIVE") && index > 1 && tokens[index - 2].is("SHARE")) {
            mode = TableLockMode::exclusive;
        } else if (tokens[index].is("WAIT")) {
            patience = std::chrono::seconds{std::strtoll(tokens[index + 1].text.c_str(), nullptr, 10)};
        }
    }
    return session().lock_table(translation_.argument, mode, patience);
}

/// ALTER SESSION SET CURRENT_SCHEMA = X, TIME_ZONE = '+02:00'; the rest is accepted.
Failure Statement::alter_session() {
    const std::vector<Token>& tokens = translation_.scanned.tokens;
    for (std::size_t index = 2; index + 2 < tokens.size(); ++index) {
        if (!tokens[index + 1].is_symbol("=")) {
            continue;
        }
        const std::string& value = tokens[index + 2].text;
        if (tokens[index].is("CURRENT_SCHEMA")) {
            session().attribute(attribute::current_schema) = value;
        } else if (tokens[index].is("TIME_ZONE")) {
            const auto moment = parse_date_time("2000-01-01 00:00:00 " + value);
            if (!moment) {
                return oracle_error(1882, "timezone region not found");
            }
            session().set_time_zone(moment->zone_hour * 60 + moment->zone_minute);
        }
    }
    return std::nullopt;
}

}  // namespace majed::oci_double
