/// Owners of libpq's objects: closed on every path.
///
/// Why      C handles live in a unique_ptr, so that no early return can forget one.
/// Life     As unique_ptr.
/// Threads  As the object owned.
/// Not here What is done with them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <memory>

namespace majed::driver::postgres {

struct CloseNative {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

using NativeConnection = std::unique_ptr<PGconn, CloseNative>;
using NativeResult = std::unique_ptr<PGresult, CloseNative>;
using NativeCancel = std::unique_ptr<PGcancel, CloseNative>;
using NativeOptions = std::unique_ptr<PQconninfoOption, CloseNative>;

}  // namespace majed::driver::postgres
