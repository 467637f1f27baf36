/// One session with the server: who it is, its SQLite connection, its transaction, whether it still lives.
///
/// Why      Every round trip begins and ends here, so that a lost server, a break and a timeout look alike everywhere.
/// Life     A session handle of the application; opened by logon, closed by logoff or when the handle is freed.
/// Threads  One at a time, except break_call, is_lost and kill, which any thread may call.
/// Not here Statements: statement.h. What the script answers: script.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "connect_target.h"
#include "database.h"
#include "handles.h"
#include "script.h"
#include "table_lock.h"

namespace majed::oci_double {

class Statement;

/// What ended a call early.
enum class Stop : std::uint8_t { none, broken, timed_out, lost, killed };

enum class TransactionState : std::uint8_t { none, writing, read_only, serializable };

class Session : public Handle {
public:
    Session();
    ~Session() override;

    /// Asks the script, checks the password, opens the database. Counts an attempt before, see attach.
    Failure log_on(const ConnectTarget& target);
    void log_off();
    bool is_open() const { return database_.is_open(); }

    /// A round trip: afterwards end_call. The fate's error is in the answer already; its rows are for the caller.
    Failure begin_call(Event event, std::string_view subject, std::uint32_t timeout_ms);
    void end_call();
    const Fate& fate() const { return fate_; }
    /// A fate from elsewhere than the script, as from a hint in the statement.
    Failure suffer(const Fate& fate);
    /// The error for what stopped the call, if anything did.
    Failure stopped();
    /// Asked by SQLite while it works or waits.
    Stop must_stop() const;
    /// Sleeps until the time is over or the call must stop.
    Failure sleep(std::chrono::milliseconds time);

    void break_call();
    void kill() { killed_ = true; }
    bool is_lost() const { return lost_; }

    Failure commit();
    Failure rollback();
    /// Opens a transaction for a change, waiting for other writers; `impatient` does not wait.
    Failure begin_writing(bool impatient);
    Failure begin_snapshot(TransactionState state);
    Failure begin_savepoint_scope();
    TransactionState transaction() const { return transaction_; }
    void release_locks() { locks_.release(); }
    bool is_in_transaction() const { return transaction_ != TransactionState::none || !locks_.empty(); }
    /// LOCK TABLE, until the transaction ends. `patience` at 0 does not wait.
    Failure lock_table(const std::string& table, TableLockMode mode, std::chrono::milliseconds patience);

    /// Attributes the application set: user name, client identifier, module and so on, by number.
    std::string& attribute(std::uint32_t number) { return attributes_[number]; }
    std::string user() const;
    std::string current_schema() const;
    /// SYS_CONTEXT.
    std::string context(const std::string& space, const std::string& name) const;
    void set_context(const std::string& space, const std::string& name, const std::string& value);
    void clear_contexts(const std::string& space);
    void set_time_zone(int minutes) { time_zone_ = minutes; }
    int time_zone() const { return time_zone_; }

    Database& database() { return database_; }
    /// Zeroed; ends with the session at the latest.
    void* give_memory(std::size_t size);
    void take_memory_back(void* memory) { memory_.erase(memory); }
    std::map<std::string, void*>& library_context() { return library_context_; }
    /// Statements whose rows are not all taken.
    std::set<Statement*>& cursors() { return cursors_; }
    /// A dead session's statements are never released by the application: they end with the session.
    Statement* adopt(std::unique_ptr<Statement> statement);
    void drop(Statement* statement);

private:
    Failure lose(int code);
    Failure run_transaction_statement(const char* sql);

    std::map<std::uint32_t, std::string> attributes_;
    std::map<std::string, std::map<std::string, std::string>> contexts_;
    std::map<std::string, void*> library_context_;
    std::map<void*, std::unique_ptr<std::byte[]>> memory_;
    std::set<Statement*> cursors_;
    std::map<Statement*, std::unique_ptr<Statement>> statements_;
    std::string service_;
    Database database_;
    TransactionState transaction_ = TransactionState::none;
    TableLocks locks_;
    int time_zone_ = 0;
    std::uint64_t id_ = 0;
    std::uint64_t generation_ = 0;
    bool counted_ = false;

    Fate fate_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    std::atomic<bool> lost_{false};
    std::atomic<bool> killed_{false};
    mutable std::mutex mutex_;
    std::condition_variable woken_;
    bool in_call_ = false;
    std::atomic<bool> broken_{false};
};

/// Begins a round trip and ends it.
class RoundTrip {
public:
    RoundTrip(Service& service, Event event, std::string_view subject = {});
    RoundTrip(const RoundTrip&) = delete;
    RoundTrip& operator=(const RoundTrip&) = delete;
    ~RoundTrip();

    const Failure& failure() const { return failure_; }

private:
    Session* session_;
    Failure failure_;
};

/// A session by its id, for ALTER SYSTEM KILL SESSION.
bool kill_session(std::uint64_t id);

/// A server that went away leaves no lock behind: rolls back what lost sessions had open.
void abandon_lost_transactions();

/// The first part of a connection: the listener answers or does not.
Failure attach(const ConnectTarget& target);

}  // namespace majed::oci_double
