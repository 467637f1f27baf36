/// Owners of ODPI-C's reference-counted handles.
///
/// Why      The release functions are found at run time, so the deleter carries them.
/// Life     A handle is released where its owner dies: on the session's thread when that may talk to the server.
/// Threads  As the handle.
/// Not here Which functions there are (client_library.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dpi.h>
#include <memory>

namespace majed::driver::oracle {

template <class Handle>
struct ReleaseOdpi {
    int (*release)(Handle*) = nullptr;
    void operator()(Handle* handle) const noexcept {
        // Nothing can be done about a failure: the memory is freed by the library in every case.
        static_cast<void>(release(handle));
    }
};

template <class Handle>
using OdpiHandle = std::unique_ptr<Handle, ReleaseOdpi<Handle>>;

}  // namespace majed::driver::oracle
