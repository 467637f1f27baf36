/// Plain ODPI-C, unmodified, for the scenarios of this folder: statements run, rows as text, errors as they come.
///
/// Why      What the double answers is judged through Oracle's own open library and nothing of ours in between.
/// Life     The context once per process; a session releases itself.
/// Threads  A session belongs to one thread; break_call may come from another.
/// Not here The gateway's driver: src/driver/oracle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dpi.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::oracle_client {

struct ReleaseConnection {
    void operator()(dpiConn* connection) const { dpiConn_release(connection); }
};
struct ReleaseStatement {
    void operator()(dpiStmt* statement) const { dpiStmt_release(statement); }
};
struct ReleaseVariable {
    void operator()(dpiVar* variable) const { dpiVar_release(variable); }
};
struct ReleasePool {
    void operator()(dpiPool* pool) const { dpiPool_release(pool); }
};
struct ReleaseLob {
    void operator()(dpiLob* lob) const { dpiLob_release(lob); }
};
using Statement = std::unique_ptr<dpiStmt, ReleaseStatement>;
using Variable = std::unique_ptr<dpiVar, ReleaseVariable>;
using PoolHandle = std::unique_ptr<dpiPool, ReleasePool>;
using Lob = std::unique_ptr<dpiLob, ReleaseLob>;

/// Code zero is success; ODPI-C hides the number of a dead session and of a timeout in its own sentence.
struct Outcome {
    int code = 0;
    unsigned offset = 0;
    std::string text;

    bool ok() const { return text.empty(); }
};

using TextRow = std::vector<std::optional<std::string>>;

struct Answer {
    Outcome outcome;
    std::vector<std::string> names;
    std::vector<dpiDataTypeInfo> types;
    std::vector<bool> nullable;
    std::vector<TextRow> rows;
    std::uint64_t row_count = 0;
};

dpiContext* context();
Outcome last_error();
/// The outcome of a call of ODPI-C.
Outcome outcome_of(int status);

class OdpiSession {
public:
    /// `service` is the database; the host is "double".
    explicit OdpiSession(const std::string& service);
    static Outcome try_connect(const std::string& connect_string, const std::string& user,
                               const std::string& password);
    explicit OdpiSession(dpiConn* connection) : connection_(connection) {}

    dpiConn* get() const { return connection_.get(); }
    Statement prepare(std::string_view sql) const;
    /// Rows as text: numbers exact, times as in ISO with offset, raw values and BLOBs in hexadecimal.
    Answer run(std::string_view sql) const;
    Answer run(dpiStmt* statement, std::uint32_t mode = DPI_MODE_EXEC_DEFAULT) const;
    /// The only value of the only row.
    std::string value(std::string_view sql) const;
    Outcome commit() const { return outcome_of(dpiConn_commit(get())); }
    Outcome rollback() const { return outcome_of(dpiConn_rollback(get())); }
    bool is_healthy() const;

private:
    std::unique_ptr<dpiConn, ReleaseConnection> connection_;
};

}  // namespace majed::oracle_client
