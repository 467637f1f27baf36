// SPDX-License-Identifier: Apache-2.0
#include "migrate/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace majed::migrate {

namespace {

constexpr std::chrono::milliseconds longest_pause{200};

/// A descriptor; closing it lets go of the lock.
class FileLock final : public RunLock {
public:
    explicit FileLock(int descriptor) noexcept : descriptor_(descriptor) {}
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() override { ::close(descriptor_); }

    Result<void> check(Deadline) override { return {}; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

}  // namespace

Result<void> Patience::pause() {
    if (!std::exchange(told_, true) && wait_.waiting) {
        wait_.waiting();
    }
    const auto now = SteadyClock::now();
    if (now >= wait_.deadline) {
        return Error{.code = ErrorCode::timeout,
                     .message = "another run of migrations holds the lock",
                     .hint = "wait for it to end, or give more time to wait",
                     .failure = FailureClass::contention};
    }
    std::this_thread::sleep_until(std::min(now + next_, wait_.deadline));
    next_ = std::min(next_ * 2, longest_pause);
    return {};
}

Result<std::unique_ptr<RunLock>> lock_file_beside(const std::string& file, const LockWait& wait) {
    const std::string path = file + "-migrating";
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "the file that keeps two runs apart cannot be opened: " + path,
                     .native_code = errno};
    }
    auto lock = std::make_unique<FileLock>(descriptor);
    Patience patience(wait);
    while (::flock(lock->descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "the file that keeps two runs apart cannot be locked: " + path,
                         .native_code = errno};
        }
        MAJED_TRY(patience.pause());
    }
    return std::unique_ptr<RunLock>(std::move(lock));
}

}  // namespace majed::migrate
