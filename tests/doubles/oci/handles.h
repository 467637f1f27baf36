/// What the application's opaque pointers point to, except sessions, pools and statements.
///
/// Why      ODPI-C hands each pointer back with a number for its kind; a wrong one must be told, not followed.
/// Life     Made by OCIHandleAlloc and OCIDescriptorAlloc, ended by their Free.
/// Threads  A handle belongs to one thread at a time, as the interface demands.
/// Not here session.h, pool.h, statement.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "date_time.h"
#include "oci_constants.h"
#include "oracle_error.h"

namespace majed::oci_double {

struct Column;
struct Environment;
class Pool;
class Session;

struct Handle {
    explicit Handle(HandleKind its_kind) : kind(its_kind) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    virtual ~Handle() = default;

    const HandleKind kind;
    /// Ends this handle when it ends before it.
    Environment* owner = nullptr;
};

/// Ends what was allocated from it and never freed, as ODPI-C relies on.
struct Environment : Handle {
    Environment() : Handle(HandleKind::environment) {}
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() override;

    void adopt(Handle& handle);
    void forget(Handle& handle);

    std::uint16_t charset = charset_utf8;
    std::uint16_t national_charset = charset_utf8;

private:
    std::mutex mutex_;
    std::set<Handle*> handles_;
};

struct BatchError {
    std::uint32_t row = 0;
    OracleError error;
};

struct ErrorHandle : Handle {
    ErrorHandle() : Handle(HandleKind::error) {}

    OracleError error;
    /// Of the last execution with batch errors.
    std::vector<BatchError> batch;
    std::int32_t row_offset = 0;
};

struct Server : Handle {
    Server() : Handle(HandleKind::server) {}

    std::string connect_string;
    Session* session = nullptr;
    std::uint32_t receive_timeout = 0;
    std::uint8_t break_on_timeout = 1;
};

struct Service : Handle {
    Service() : Handle(HandleKind::service) {}

    Environment* environment = nullptr;
    Server* server = nullptr;
    Session* session = nullptr;
    Pool* pool = nullptr;
    std::uint32_t statement_cache_size = 0;
    /// Milliseconds, zero for none.
    std::uint32_t call_timeout = 0;
};

struct Parameter : Handle {
    explicit Parameter(const Column& its_column) : Handle(HandleKind::parameter), column(its_column) {}

    const Column& column;
};

struct TimestampDescriptor : Handle {
    using Handle::Handle;

    DateTime moment;
};

struct IntervalDescriptor : Handle {
    using Handle::Handle;

    Interval interval;
};

struct RowidDescriptor : Handle {
    RowidDescriptor() : Handle(HandleKind::rowid) {}

    std::string text;
};

/// A locator copies its content when it is assigned, as reading one never changes another.
struct LobDescriptor : Handle {
    LobDescriptor() : Handle(HandleKind::lob) {}

    std::string content;
    bool is_set = false;
    bool is_text = false;
    bool is_temporary = false;
    bool is_open = false;
};

/// A handle kind without anything of its own.
struct PlainHandle : Handle {
    using Handle::Handle;
};

/// Nothing for a null pointer and for a handle of another kind.
template <class Kind>
Kind* handle_as(void* pointer) {
    return dynamic_cast<Kind*>(static_cast<Handle*>(pointer));
}

template <class Kind>
const Kind* handle_as(const void* pointer) {
    return dynamic_cast<const Kind*>(static_cast<const Handle*>(pointer));
}

/// For the application to keep, until handle_free.
inline void* give_handle(std::unique_ptr<Handle> handle) {
    return handle.release();
}

inline void take_handle_back(void* pointer) {
    const std::unique_ptr<Handle> ended{static_cast<Handle*>(pointer)};
    if (ended && ended->owner != nullptr) {
        ended->owner->forget(*ended);
    }
}

/// Keeps the error where the application looks for it; answers answer_error.
inline int fail(void* error_handle, const OracleError& error) {
    if (auto* handle = handle_as<ErrorHandle>(error_handle)) {
        handle->error = error;
    }
    return answer_error;
}

inline int answer(void* error_handle, const Failure& failure) {
    return failure ? fail(error_handle, *failure) : answer_success;
}

}  // namespace majed::oci_double
