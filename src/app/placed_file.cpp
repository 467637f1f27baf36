// SPDX-License-Identifier: Apache-2.0
#include "app/placed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace majed::app {
namespace {

Error failed(const std::string& doing, int number) {
    return {.code = number == EEXIST ? ErrorCode::conflict : ErrorCode::unavailable,
            .message = doing + ": " + std::strerror(number),
            .native_code = number};
}

Result<void> synchronise(const std::string& path, int flags) {
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    if (opened < 0) {
        return failed("cannot open " + path, errno);
    }
    const int done = ::fsync(opened);
    const int number = errno;
    ::close(opened);
    return done == 0 ? Result<void>() : failed("cannot write " + path, number);
}

/// 0, or why not.
int rename_to_new(const std::string& made, const std::string& name) noexcept {
    if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return errno;
    }
    // A file system that cannot rename so; a link does not replace either.
    if (::link(made.c_str(), name.c_str()) != 0) {
        return errno;
    }
    ::unlink(made.c_str());
    return 0;
}

}  // namespace

std::string folder_of(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

Result<void> place_file(const std::string& made, const std::string& name) {
    MAJED_TRY(synchronise(made, O_NOFOLLOW));
    if (const int number = rename_to_new(made, name); number != 0) {
        return failed("cannot create " + name, number);
    }
    return synchronise(folder_of(name), O_DIRECTORY);
}

void remove_database(const std::string& path) noexcept {
    constexpr std::array<const char*, 4> suffixes{"", "-wal", "-shm", "-journal"};
    for (const char* suffix : suffixes) {
        std::error_code absent;
        std::filesystem::remove(path + suffix, absent);
    }
}

}  // namespace majed::app
