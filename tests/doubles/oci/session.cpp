// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <algorithm>

#include "sql_scan.h"
#include "statement.h"
#include "world.h"

namespace majed::oci_double {
namespace {

using Clock = std::chrono::steady_clock;

/// Sessions by id, for the ones that are killed from another.
struct Directory {
    std::mutex mutex;
    std::map<std::uint64_t, Session*> sessions;
};

Directory& directory() {
    static Directory& only = *std::make_unique<Directory>().release();
    return only;
}

constexpr std::chrono::milliseconds stall_time{10000};
constexpr std::chrono::milliseconds look_for_lock_every{5};
constexpr std::chrono::milliseconds longest_patience{3'600'000};

}  // namespace

Session::Session() : Handle(HandleKind::session) {}

Session::~Session() {
    log_off();
}

Failure attach(const ConnectTarget& target) {
    World& server = world();
    server.refresh();
    ++server.counts.connect_attempts;
    if (server.is_down() || target.host.find("nolistener") != std::string::npos) {
        return oracle_error(12541);
    }
    if (target.host.find("stall") != std::string::npos) {
        server.hang(std::min(target.connect_timeout, stall_time));
        return oracle_error(12170);
    }
    if (target.host.find("noservice") != std::string::npos || target.service == "noservice") {
        return oracle_error(12514);
    }
    return server.script_problem();
}

Failure Session::log_on(const ConnectTarget& target) {
    World& server = world();
    const std::string who = user();
    if (const auto fate = server.fate_of(Event::connect, who, 0)) {
        server.hang(std::min(fate->delay + fate->hang, target.connect_timeout));
        if (fate->delay + fate->hang > target.connect_timeout) {
            return oracle_error(12170);
        }
        if (fate->loses_session) {
            return oracle_error(3113);
        }
        if (fate->error) {
            return fate->error;
        }
    }
    const std::string& password = attributes_[attribute::password];
    if (password.empty()) {
        return oracle_error(1005);
    }
    if (!server.accepts_password(password)) {
        return oracle_error(1017);
    }
    const auto file = server.database_of(target.service);
    if (!file) {
        return oracle_error(12514);
    }
    generation_ = server.generation();
    service_ = target.service;
    lost_ = false;
    if (const Failure failure = database_.open(*file, *this)) {
        return failure;
    }
    id_ = server.next_session_id();
    {
        const std::lock_guard lock(directory().mutex);
        directory().sessions[id_] = this;
    }
    counted_ = true;
    ++server.counts.sessions_opened;
    ++server.counts.sessions_open;
    return std::nullopt;
}

void Session::log_off() {
    {
        const std::lock_guard lock(directory().mutex);
        directory().sessions.erase(id_);
    }
    for (Statement* cursor : std::set<Statement*>{cursors_}) {
        cursor->forget_cursor();
    }
    cursors_.clear();
    statements_.clear();
    database_.close();
    transaction_ = TransactionState::none;
    locks_.release();
    if (counted_) {
        --world().counts.sessions_open;
        counted_ = false;
    }
}

Statement* Session::adopt(std::unique_ptr<Statement> statement) {
    Statement* given = statement.get();
    statements_.emplace(given, std::move(statement));
    return given;
}

void* Session::give_memory(std::size_t size) {
    auto memory = std::make_unique<std::byte[]>(size);
    void* given = memory.get();
    memory_.emplace(given, std::move(memory));
    return given;
}

void Session::drop(Statement* statement) {
    statements_.erase(statement);
}

Failure Session::lose(int code) {
    lost_ = true;
    return oracle_error(code);
}

Failure Session::begin_call(Event event, std::string_view subject, std::uint32_t timeout_ms) {
    World& server = world();
    server.refresh();
    {
        const std::lock_guard lock(mutex_);
        in_call_ = true;
        broken_ = false;
    }
    deadline_ =
        timeout_ms == 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds{timeout_ms};
    fate_ = {};
    if (lost_) {
        return oracle_error(killed_ ? 1012 : 3114);
    }
    ++server.counts.round_trips;
    if (!is_open()) {
        return oracle_error(1012);
    }
    if (const Failure failure = stopped()) {
        return failure;
    }
    if (const Failure failure = server.script_problem()) {
        return failure;
    }
    if (const auto fate = server.fate_of(event, subject, 0)) {
        return suffer(*fate);
    }
    return std::nullopt;
}

void Session::end_call() {
    const std::lock_guard lock(mutex_);
    in_call_ = false;
    broken_ = false;
}

Failure Session::suffer(const Fate& fate) {
    fate_ = fate;
    if (fate.hang.count() > 0) {
        world().hang(fate.hang);
    }
    if (fate.delay.count() > 0) {
        if (const Failure failure = sleep(fate.delay)) {
            return failure;
        }
    }
    if (fate.loses_session) {
        return lose(3113);
    }
    if (const Failure failure = stopped()) {
        return failure;
    }
    return fate.error;
}

Stop Session::must_stop() const {
    if (killed_) {
        return Stop::killed;
    }
    if (lost_ || world().is_down() || world().generation() != generation_) {
        return Stop::lost;
    }
    if (broken_) {
        return Stop::broken;
    }
    return Clock::now() >= deadline_ ? Stop::timed_out : Stop::none;
}

Failure Session::stopped() {
    switch (must_stop()) {
        case Stop::none:
            return std::nullopt;
        case Stop::broken:
            return oracle_error(1013);
        case Stop::timed_out:
            if (world().timeout_loses_session()) {
                lost_ = true;
            }
            return oracle_error(3136);
        case Stop::killed:
            return lose(28);
        case Stop::lost:
            return lose(3113);
    }
    return std::nullopt;
}

Failure Session::sleep(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds slice{5};
    const auto end = Clock::now() + time;
    std::unique_lock lock(mutex_);
    while (Clock::now() < end && must_stop() == Stop::none) {
        woken_.wait_until(lock, std::min({end, deadline_, Clock::now() + slice}));
    }
    lock.unlock();
    return stopped();
}

void Session::break_call() {
    const std::lock_guard lock(mutex_);
    if (in_call_) {
        broken_ = true;
        woken_.notify_all();
    }
}

Failure Session::run_transaction_statement(const char* sql) {
    const int result = database_.run(sql);
    if (result == SQLITE_OK) {
        return std::nullopt;
    }
    if (const Failure stop = stopped()) {
        return stop;
    }
    return database_.error(result);
}

Failure Session::commit() {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        if (const Failure failure = run_transaction_statement("COMMIT")) {
            return failure;
        }
    }
    transaction_ = TransactionState::none;
    locks_.release();
    return std::nullopt;
}

Failure Session::rollback() {
    for (Statement* cursor : std::set<Statement*>{cursors_}) {
        cursor->keep_rest();
    }
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        if (const Failure failure = run_transaction_statement("ROLLBACK")) {
            return failure;
        }
    }
    transaction_ = TransactionState::none;
    locks_.release();
    return std::nullopt;
}

Failure Session::begin_writing(bool impatient) {
    if (world().is_read_only()) {
        return oracle_error(16000);
    }
    if (transaction_ == TransactionState::read_only) {
        return oracle_error(1456);
    }
    if (transaction_ != TransactionState::none || sqlite3_get_autocommit(database_.get()) == 0) {
        return std::nullopt;
    }
    // A cursor of ours may read an older snapshot, from which SQLite lets nobody write.
    for (Statement* cursor : std::set<Statement*>{cursors_}) {
        cursor->keep_rest();
    }
    if (impatient) {
        sqlite3_busy_handler(database_.get(), nullptr, nullptr);
    }
    const int result = database_.run("BEGIN IMMEDIATE");
    if (impatient) {
        database_.wait_for_locks(*this);
    }
    if (result != SQLITE_OK) {
        if (const Failure stop = stopped()) {
            return stop;
        }
        return impatient && (result & 0xff) == SQLITE_BUSY ? oracle_error(54) : database_.error(result);
    }
    transaction_ = TransactionState::writing;
    return std::nullopt;
}

Failure Session::lock_table(const std::string& table, TableLockMode mode,
                            std::chrono::milliseconds patience) {
    if (world().is_read_only()) {
        return oracle_error(16000);
    }
    if (transaction_ == TransactionState::read_only) {
        return oracle_error(1456);
    }
    if (database_.text_of("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1", table)
            .empty()) {
        return oracle_error(942);
    }
    const auto file = world().database_of(service_);
    const bool at_once = patience.count() == 0;
    const auto end = Clock::now() + std::min(patience, longest_patience);
    while (!file || !locks_.try_lock(*file, table, mode)) {
        if (Clock::now() >= end) {
            return oracle_error(at_once ? 54 : 30006);
        }
        if (const Failure failure = sleep(look_for_lock_every)) {
            return failure;
        }
    }
    return std::nullopt;
}

Failure Session::begin_snapshot(TransactionState state) {
    if (transaction_ != TransactionState::none) {
        return oracle_error(1453);
    }
    // Reading anything is what takes the snapshot.
    if (const Failure failure = run_transaction_statement("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")) {
        return failure;
    }
    transaction_ = state;
    return std::nullopt;
}

Failure Session::begin_savepoint_scope() {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        return std::nullopt;
    }
    return begin_writing(false);
}

std::string Session::user() const {
    const auto found = attributes_.find(attribute::user_name);
    if (found == attributes_.end()) {
        return {};
    }
    // gateway[alice]: the proxy's session is alice's.
    std::string name = found->second;
    if (const std::size_t proxy = name.find('['); proxy != std::string::npos && name.ends_with("]")) {
        name = name.substr(proxy + 1, name.size() - proxy - 2);
    }
    if (name.size() > 1 && name.front() == '"' && name.back() == '"') {
        return name.substr(1, name.size() - 2);
    }
    return upper(name);
}

std::string Session::current_schema() const {
    const auto found = attributes_.find(attribute::current_schema);
    return found == attributes_.end() || found->second.empty() ? user() : upper(found->second);
}

std::string Session::context(const std::string& space, const std::string& name) const {
    const auto attribute_text = [this](std::uint32_t number) {
        const auto found = attributes_.find(number);
        return found == attributes_.end() ? std::string{} : found->second;
    };
    if (space == "USERENV") {
        const std::map<std::string_view, std::string> known{
            {"CLIENT_IDENTIFIER", attribute_text(attribute::client_identifier)},
            {"MODULE", attribute_text(attribute::module)},
            {"ACTION", attribute_text(attribute::action)},
            {"CLIENT_INFO", attribute_text(attribute::client_info)},
            {"CURRENT_SCHEMA", current_schema()},
            {"SESSION_USER", user()},
            {"CURRENT_USER", user()},
            {"SID", std::to_string(id_)},
            {"SESSIONID", std::to_string(id_)},
            {"SERVICE_NAME", service_},
            {"DB_NAME", upper(service_)},
            {"LANGUAGE", "AMERICAN_AMERICA.AL32UTF8"},
        };
        const auto found = known.find(name);
        return found == known.end() ? std::string{} : found->second;
    }
    const auto names = contexts_.find(space);
    if (names == contexts_.end()) {
        return {};
    }
    const auto value = names->second.find(name);
    return value == names->second.end() ? std::string{} : value->second;
}

void Session::set_context(const std::string& space, const std::string& name, const std::string& value) {
    contexts_[space][name] = value;
}

void Session::clear_contexts(const std::string& space) {
    if (space.empty()) {
        contexts_.clear();
    } else {
        contexts_.erase(space);
    }
}

RoundTrip::RoundTrip(Service& service, Event event, std::string_view subject) : session_(service.session) {
    failure_ = session_ == nullptr ? Failure{oracle_error(1012)}
                                   : session_->begin_call(event, subject, service.call_timeout);
}

RoundTrip::~RoundTrip() {
    if (session_ != nullptr) {
        session_->end_call();
    }
}

bool kill_session(std::uint64_t id) {
    const std::lock_guard lock(directory().mutex);
    const auto found = directory().sessions.find(id);
    if (found == directory().sessions.end()) {
        return false;
    }
    found->second->kill();
    return true;
}

void abandon_lost_transactions() {
    const std::lock_guard lock(directory().mutex);
    for (const auto& [id, session] : directory().sessions) {
        if (session->must_stop() != Stop::lost) {
            continue;
        }
        session->release_locks();
        if (sqlite3_get_autocommit(session->database().get()) == 0) {
            session->database().run("ROLLBACK");
        }
    }
}

}  // namespace majed::oci_double
