// SPDX-License-Identifier: Apache-2.0
#include "app/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace majed::app {
namespace {

Error refused(const std::string& folder, int number) {
    return {.code = ErrorCode::unavailable,
            .message = "cannot lock the folder " + folder + ": " + std::strerror(number),
            .native_code = number};
}

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::string& folder,
                                                     const migrate::LockWait& wait) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return refused(folder, errno);
    }
    std::unique_ptr<FolderLock> lock(new FolderLock(descriptor));
    migrate::Patience patience(wait);
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return refused(folder, errno);
        }
        MAJED_TRY(patience.pause());
    }
    return lock;
}

FolderLock::~FolderLock() {
    ::close(descriptor_);
}

}  // namespace majed::app
