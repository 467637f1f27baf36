// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/client_library.h"

#include "core/mutex.h"

#include <dlfcn.h>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace majed::driver::oracle {

namespace {

constexpr const char* library_name = "libodpic.so.4";
/// Easy Connect Plus and call timeouts, which the promises of this driver stand on.
constexpr int oldest_client = 19;

constexpr std::string_view what_to_install =
    "install the Debian packages libodpic4 (contrib) and libaio1, unpack Oracle Instant Client 19 or later, "
    "and name its "
    "folder as client_library in the URL of the source; see docs/guide/oracle.md";

Error unavailable(std::string message) {
    return Error{
        .code = ErrorCode::unavailable, .message = std::move(message), .hint = std::string(what_to_install)};
}

template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

bool find_connection_functions(void* library, OdpiFunctions& f) {
    return find(library, "dpiContext_createWithParams", f.context_create) &&
           find(library, "dpiContext_getError", f.context_error) &&
           find(library, "dpiContext_getClientVersion", f.client_version) &&
           find(library, "dpiContext_initCommonCreateParams", f.init_common) &&
           find(library, "dpiContext_initConnCreateParams", f.init_connection) &&
           find(library, "dpiConn_create", f.connect) &&
           find(library, "dpiConn_release", f.release_connection) &&
           find(library, "dpiConn_breakExecution", f.break_execution) &&
           find(library, "dpiConn_ping", f.ping) && find(library, "dpiConn_commit", f.commit) &&
           find(library, "dpiConn_rollback", f.rollback) &&
           find(library, "dpiConn_getIsHealthy", f.is_healthy) &&
           find(library, "dpiConn_setCallTimeout", f.set_call_timeout) &&
           find(library, "dpiConn_setClientIdentifier", f.set_client_identifier) &&
           find(library, "dpiConn_setModule", f.set_module) &&
           find(library, "dpiConn_setAction", f.set_action) &&
           find(library, "dpiConn_setClientInfo", f.set_client_info);
}

bool find_statement_functions(void* library, OdpiFunctions& f) {
    return find(library, "dpiConn_prepareStmt", f.prepare) &&
           find(library, "dpiConn_newVar", f.new_variable) &&
           find(library, "dpiConn_newTempLob", f.new_lob) &&
           find(library, "dpiStmt_release", f.release_statement) &&
           find(library, "dpiStmt_getInfo", f.statement_kind) &&
           find(library, "dpiStmt_getBindCount", f.bind_count) &&
           find(library, "dpiStmt_getBindNames", f.bind_names) &&
           find(library, "dpiStmt_bindByName", f.bind_by_name) &&
           find(library, "dpiStmt_setPrefetchRows", f.set_prefetch) &&
           find(library, "dpiStmt_setFetchArraySize", f.set_fetch_array) &&
           find(library, "dpiStmt_execute", f.execute) &&
           find(library, "dpiStmt_executeMany", f.execute_many) &&
           find(library, "dpiStmt_getRowCount", f.row_count) &&
           find(library, "dpiStmt_getQueryInfo", f.column) && find(library, "dpiStmt_define", f.define) &&
           find(library, "dpiStmt_fetchRows", f.fetch) &&
           find(library, "dpiVar_release", f.release_variable) &&
           find(library, "dpiVar_setFromBytes", f.set_bytes) &&
           find(library, "dpiVar_setFromLob", f.set_lob) && find(library, "dpiLob_release", f.release_lob) &&
           find(library, "dpiLob_getSize", f.lob_size) && find(library, "dpiLob_readBytes", f.read_lob) &&
           find(library, "dpiLob_writeBytes", f.write_lob) &&
           find(library, "dpiRowid_getStringValue", f.rowid_text);
}

}  // namespace

/// What is loaded in this process; a library cannot be loaded twice, so neither can this be per driver.
struct ClientRegistry {
    Mutex mutex;
    std::unique_ptr<ClientLibrary> loaded MAJED_GUARDED_BY(mutex);

    /// Left for ever: at exit, threads of the client library may still run.
    static ClientRegistry& instance() {
        static ClientRegistry& registry = *std::make_unique<ClientRegistry>().release();
        return registry;
    }

    static Result<void> find_functions(OdpiFunctions& functions) {
        void* const library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            return unavailable("the library ODPI-C (libodpic.so.4) is not installed");
        }
        if (!find_connection_functions(library, functions) || !find_statement_functions(library, functions)) {
            return unavailable("the library ODPI-C (libodpic.so.4) lacks functions: it is older than 4.6");
        }
        return {};
    }

    static Result<std::unique_ptr<ClientLibrary>> load(const std::string& folder,
                                                       const std::string& program) {
        // A unique_ptr of its own, since the constructor is private.
        std::unique_ptr<ClientLibrary> made(new ClientLibrary());
        made->folder_ = folder;
        made->program_ = program;
        MAJED_TRY(find_functions(made->functions_));
        dpiContextCreateParams parameters{};
        parameters.defaultDriverName = made->program_.c_str();
        parameters.defaultEncoding = "UTF-8";
        parameters.oracleClientLibDir = folder.empty() ? nullptr : made->folder_.c_str();
        dpiErrorInfo problem{};
        if (made->functions_.context_create(DPI_MAJOR_VERSION, DPI_MINOR_VERSION, &parameters,
                                            &made->context_, &problem) != DPI_SUCCESS) {
            return unavailable("the Oracle client library (libclntsh.so) cannot be loaded");
        }
        dpiVersionInfo version{};
        if (made->functions_.client_version(made->context_, &version) != DPI_SUCCESS ||
            version.versionNum < oldest_client) {
            return unavailable("the Oracle client library is older than version 19");
        }
        return made;
    }
};

Result<const ClientLibrary*> ClientLibrary::load(const std::string& folder, const std::string& program) {
    ClientRegistry& registry = ClientRegistry::instance();
    const Lock lock(registry.mutex);
    if (registry.loaded == nullptr) {
        MAJED_TRY_ASSIGN(registry.loaded, ClientRegistry::load(folder, program));
    }
    if (!folder.empty() && folder != registry.loaded->folder_) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "another Oracle client library is loaded in this process already",
                     .hint = "give every Oracle source the same client_library"};
    }
    return registry.loaded.get();
}

}  // namespace majed::driver::oracle
