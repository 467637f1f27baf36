/// ODPI-C as a table of functions of our own: counts handles, and fails the call that a test names.
///
/// Why      What holds a handle must give it back whatever fails; the real library cannot be told to fail anywhere.
/// Life     One per test; the functions have no argument to find it by, so there is one at a time.
/// Threads  Calls come from the sessions' threads.
/// Not here Behaviour of a database: tests/doubles/oci.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/oracle/client_library.h"

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::oracle {

class FakeOdpi {
public:
    FakeOdpi() { instance = this; }
    ~FakeOdpi() { instance = nullptr; }
    FakeOdpi(const FakeOdpi&) = delete;
    FakeOdpi& operator=(const FakeOdpi&) = delete;

    [[nodiscard]] ClientLibrary library() const { return {table(), nullptr}; }

    int fail_call = 0;                ///< Counted from 1; 0: none.
    int failing_code = 3113;          ///< Its ORA code.
    std::atomic<int> calls{0};        ///< That can fail.
    std::atomic<int> connections{0};  ///< Handles not released yet.
    std::atomic<int> statements{0};
    std::atomic<int> variables{0};
    std::atomic<int> commits{0};
    std::atomic<int> rollbacks{0};
    std::atomic<int> breaks{0};
    std::atomic<int> pings{0};
    std::atomic<bool> healthy{true};
    std::function<void()> while_executing;  ///< Runs on the thread of the call.
    std::atomic<int> answer_of_execute{0};  ///< ORA code; 0: it works.

private:
    struct Variable {
        std::vector<dpiData> cells;
        std::vector<std::string> bytes;
    };

    static inline FakeOdpi* instance = nullptr;
    static inline thread_local int error_code = 0;

    template <class Handle>
    static Handle* handle(std::atomic<int>& count) {
        ++count;
        static std::atomic<std::uintptr_t> next{0};
        return reinterpret_cast<Handle*>((next += 16));
    }
    static int fails(int code) {
        error_code = code;
        return DPI_FAILURE;
    }
    static int kind_of_text(std::string_view sql) {
        if (sql.starts_with("SELECT")) {
            return DPI_STMT_TYPE_SELECT;
        }
        return sql.find("ADD") == std::string_view::npos ? DPI_STMT_TYPE_INSERT : DPI_STMT_TYPE_ALTER;
    }
    static int step() {
        return ++instance->calls == instance->fail_call ? fails(instance->failing_code) : DPI_SUCCESS;
    }

    static void error(const dpiContext*, dpiErrorInfo* info) {
        info->code = error_code;
        info->message = "text of the server";
        info->messageLength = static_cast<std::uint32_t>(std::strlen(info->message));
    }
    static int create_variable(dpiConn*, dpiOracleTypeNum, dpiNativeTypeNum, std::uint32_t count,
                               std::uint32_t, int, int, dpiObjectType*, dpiVar** made, dpiData** cells) {
        if (step() != DPI_SUCCESS) {
            return DPI_FAILURE;
        }
        auto variable = std::make_unique<Variable>();
        variable->cells.resize(count);
        variable->bytes.resize(count, "7");
        for (std::uint32_t i = 0; i < count; ++i) {
            variable->cells[i].value.asBytes = {variable->bytes[i].data(), 1, nullptr};
        }
        *cells = variable->cells.data();
        *made = reinterpret_cast<dpiVar*>(variable.release());
        ++instance->variables;
        return DPI_SUCCESS;
    }
    static int release_variable(dpiVar* variable) {
        const std::unique_ptr<Variable> owned(reinterpret_cast<Variable*>(variable));
        --instance->variables;
        return DPI_SUCCESS;
    }
    static int execute(dpiStmt*, dpiExecMode, std::uint32_t* columns) {
        if (columns != nullptr) {
            *columns = 1;
        }
        if (instance->while_executing) {
            instance->while_executing();
        }
        const int answer = instance->answer_of_execute;
        return answer != 0 ? fails(answer) : step();
    }
    static int describe(dpiStmt*, std::uint32_t, dpiQueryInfo* column) {
        column->name = "N";
        column->nameLength = 1;
        column->typeInfo.oracleTypeNum = DPI_ORACLE_TYPE_NUMBER;
        column->typeInfo.precision = 9;
        return step();
    }
    static int fetch(dpiStmt*, std::uint32_t, std::uint32_t* first, std::uint32_t* count, int* more) {
        *first = 0;
        *count = 1;
        *more = 0;
        return step();
    }
    static int bind_names(dpiStmt*, std::uint32_t* count, const char** names, std::uint32_t* lengths) {
        *count = 1;
        names[0] = "1";
        lengths[0] = 1;
        return step();
    }

    static void add_connection(OdpiFunctions& f) {
        f.context_error = error;
        f.release_connection = [](dpiConn*) {
            return --instance->connections >= 0 ? DPI_SUCCESS : DPI_FAILURE;
        };
        f.break_execution = [](dpiConn*) {
            ++instance->breaks;
            return DPI_SUCCESS;
        };
        f.ping = [](dpiConn*) {
            ++instance->pings;
            return step();
        };
        f.commit = [](dpiConn*) {
            ++instance->commits;
            return step();
        };
        f.rollback = [](dpiConn*) {
            ++instance->rollbacks;
            return step();
        };
        f.is_healthy = [](dpiConn*, int* answer) {
            *answer = instance->healthy ? 1 : 0;
            return DPI_SUCCESS;
        };
        f.set_call_timeout = [](dpiConn*, std::uint32_t) { return DPI_SUCCESS; };
        const auto set_text = [](dpiConn*, const char*, std::uint32_t) { return step(); };
        f.set_client_identifier = set_text;
        f.set_module = set_text;
        f.set_action = set_text;
        f.set_client_info = set_text;
    }
    static OdpiFunctions table() {
        OdpiFunctions f;
        add_connection(f);
        f.prepare = [](dpiConn*, int, const char* sql, std::uint32_t length, const char*, std::uint32_t,
                       dpiStmt** made) {
            if (step() != DPI_SUCCESS) {
                return DPI_FAILURE;
            }
            instance->kind = kind_of_text(std::string_view(sql, length));
            *made = handle<dpiStmt>(instance->statements);
            return DPI_SUCCESS;
        };
        f.release_statement = [](dpiStmt*) {
            return --instance->statements >= 0 ? DPI_SUCCESS : DPI_FAILURE;
        };
        f.statement_kind = [](dpiStmt*, dpiStmtInfo* info) {
            info->statementType = static_cast<dpiStatementType>(instance->kind);
            info->isDML = instance->kind == DPI_STMT_TYPE_INSERT ? 1 : 0;
            return step();
        };
        f.bind_names = bind_names;
        f.bind_by_name = [](dpiStmt*, const char*, std::uint32_t, dpiVar*) { return step(); };
        f.set_prefetch = [](dpiStmt*, std::uint32_t) { return step(); };
        f.set_fetch_array = [](dpiStmt*, std::uint32_t) { return step(); };
        f.execute = execute;
        f.execute_many = [](dpiStmt*, dpiExecMode, std::uint32_t) { return step(); };
        f.row_count = [](dpiStmt*, std::uint64_t* count) {
            *count = 1;
            return DPI_SUCCESS;
        };
        f.column = describe;
        f.define = [](dpiStmt*, std::uint32_t, dpiVar*) { return step(); };
        f.fetch = fetch;
        f.new_variable = create_variable;
        f.release_variable = release_variable;
        f.set_bytes = [](dpiVar*, std::uint32_t, const char*, std::uint32_t) { return step(); };
        return f;
    }

    int kind = DPI_STMT_TYPE_SELECT;

public:
    [[nodiscard]] dpiConn* connect() { return handle<dpiConn>(connections); }
    [[nodiscard]] bool holds_nothing() const { return connections == 0 && statements == 0 && variables == 0; }
};

}  // namespace majed::driver::oracle
