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

/// A descriptor; closing it lets go of the lock. Whoever holds it takes the file away first.
class FileLock final : public RunLock {
public:
    FileLock(std::string path, int descriptor) noexcept : path_(std::move(path)), descriptor_(descriptor) {}
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() override {
        if (held_) {
            ::unlink(path_.c_str());
        }
        ::close(descriptor_);
    }

    Result<void> check(Deadline) override { return {}; }

    /// False when the file was taken away by the one who held it: another one of the name is to be locked.
    [[nodiscard]] bool take_hold() noexcept {
        struct stat locked {};
        struct stat named {};
        held_ = ::fstat(descriptor_, &locked) == 0 && ::lstat(path_.c_str(), &named) == 0 &&
                locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
        return held_;
    }

private:
    const std::string path_;
    int descriptor_;
    bool held_ = false;
};

Error file_error(const std::string& path, const std::string& failure, int number) {
    return {.code = ErrorCode::unavailable,
            .message = "the file that keeps two runs apart cannot be " + failure + ": " + path,
            .native_code = number};
}

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
    Patience patience(wait);
    while (true) {
        const int descriptor =
            ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
        if (descriptor < 0) {
            return file_error(path, "opened", errno);
        }
        auto lock = std::make_unique<FileLock>(path, descriptor);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            if (lock->take_hold()) {
                return std::unique_ptr<RunLock>(std::move(lock));
            }
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return file_error(path, "locked", errno);
        }
        lock.reset();
        MAJED_TRY(patience.pause());
    }
}

}  // namespace majed::migrate
