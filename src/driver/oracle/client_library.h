/// The Oracle client of this process: ODPI-C and Oracle's own library below it, found when a source asks for them.
///
/// Why      The program must start, and serve its other sources, where nothing of Oracle is installed: nothing is linked.
/// Life     Loaded once and never unloaded: client libraries keep threads and exit handlers of their own. One folder per
///          process, because ODPI-C loads libclntsh.so once.
/// Threads  load: any. The rest is immutable.
/// Not here Connections (physical_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <dpi.h>
#include <memory>
#include <string>

namespace majed::driver::oracle {

/// The functions of ODPI-C in use, each with the signature of dpi.h.
struct OdpiFunctions {
    decltype(&dpiContext_createWithParams) context_create = nullptr;
    decltype(&dpiContext_getError) context_error = nullptr;
    decltype(&dpiContext_getClientVersion) client_version = nullptr;
    decltype(&dpiContext_initCommonCreateParams) init_common = nullptr;
    decltype(&dpiContext_initConnCreateParams) init_connection = nullptr;
    decltype(&dpiConn_create) connect = nullptr;
    decltype(&dpiConn_release) release_connection = nullptr;
    decltype(&dpiConn_breakExecution) break_execution = nullptr;
    decltype(&dpiConn_ping) ping = nullptr;
    decltype(&dpiConn_commit) commit = nullptr;
    decltype(&dpiConn_rollback) rollback = nullptr;
    decltype(&dpiConn_getIsHealthy) is_healthy = nullptr;
    decltype(&dpiConn_setCallTimeout) set_call_timeout = nullptr;
    decltype(&dpiConn_setClientIdentifier) set_client_identifier = nullptr;
    decltype(&dpiConn_setModule) set_module = nullptr;
    decltype(&dpiConn_setAction) set_action = nullptr;
    decltype(&dpiConn_setClientInfo) set_client_info = nullptr;
    decltype(&dpiConn_prepareStmt) prepare = nullptr;
    decltype(&dpiConn_newVar) new_variable = nullptr;
    decltype(&dpiConn_newTempLob) new_lob = nullptr;
    decltype(&dpiStmt_release) release_statement = nullptr;
    decltype(&dpiStmt_getInfo) statement_kind = nullptr;
    decltype(&dpiStmt_getBindCount) bind_count = nullptr;
    decltype(&dpiStmt_getBindNames) bind_names = nullptr;
    decltype(&dpiStmt_bindByName) bind_by_name = nullptr;
    decltype(&dpiStmt_setPrefetchRows) set_prefetch = nullptr;
    decltype(&dpiStmt_setFetchArraySize) set_fetch_array = nullptr;
    decltype(&dpiStmt_execute) execute = nullptr;
    decltype(&dpiStmt_executeMany) execute_many = nullptr;
    decltype(&dpiStmt_getRowCount) row_count = nullptr;
    decltype(&dpiStmt_getQueryInfo) column = nullptr;
    decltype(&dpiStmt_define) define = nullptr;
    decltype(&dpiStmt_fetchRows) fetch = nullptr;
    decltype(&dpiVar_release) release_variable = nullptr;
    decltype(&dpiVar_setFromBytes) set_bytes = nullptr;
    decltype(&dpiVar_setFromLob) set_lob = nullptr;
    decltype(&dpiLob_release) release_lob = nullptr;
    decltype(&dpiLob_getSize) lob_size = nullptr;
    decltype(&dpiLob_readBytes) read_lob = nullptr;
    decltype(&dpiLob_writeBytes) write_lob = nullptr;
    decltype(&dpiRowid_getStringValue) rowid_text = nullptr;
};

class ClientLibrary {
public:
    /// `folder` holds libclntsh.so; empty: where ODPI-C looks by itself. `program` is shown by the server as the driver.
    /// Errors: unavailable, with a hint that says what to install or to change; the next call tries again.
    [[nodiscard]] static Result<const ClientLibrary*> load(const std::string& folder,
                                                           const std::string& program);

    /// Over functions and a context that are there already.
    ClientLibrary(const OdpiFunctions& functions, dpiContext* context)
        : functions_(functions), context_(context) {}

    [[nodiscard]] const OdpiFunctions& functions() const noexcept { return functions_; }
    [[nodiscard]] const dpiContext* context() const noexcept { return context_; }

private:
    friend struct ClientRegistry;
    ClientLibrary() = default;

    OdpiFunctions functions_;
    dpiContext* context_ = nullptr;
    std::string folder_;
    std::string program_;
};

}  // namespace majed::driver::oracle
