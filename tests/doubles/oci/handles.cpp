// SPDX-License-Identifier: Apache-2.0
#include "handles.h"

#include <utility>

namespace majed::oci_double {

Environment::~Environment() {
    for (Handle* handle : std::exchange(handles_, {})) {
        const std::unique_ptr<Handle> ended{handle};
    }
}

void Environment::adopt(Handle& handle) {
    const std::lock_guard lock(mutex_);
    handle.owner = this;
    handles_.insert(&handle);
}

void Environment::forget(Handle& handle) {
    const std::lock_guard lock(mutex_);
    handles_.erase(&handle);
}

}  // namespace majed::oci_double
