/// Keeps other processes that ask for the same folder away for as long as it lives, and dies with its process.
///
/// Why      Several servers that start on one old store must take one backup of it, not one each. The lock is of the folder
///          itself, so that it leaves no file behind; SQLite's own locks are not touched by it.
/// Life     Released by its destructor, and by the end of its process.
/// Threads  One.
/// Not here What keeps two migrations apart (migrate/run_lock.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/run_lock.h"

#include <memory>
#include <string>

namespace majed::app {

class FolderLock {
public:
    /// Errors: timeout, unavailable (the folder cannot be opened, or its file system has no such locks).
    [[nodiscard]] static Result<std::unique_ptr<FolderLock>> take(const std::string& folder,
                                                                  const migrate::LockWait& wait);
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock();

private:
    explicit FolderLock(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace majed::app
