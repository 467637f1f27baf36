// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/backup.h"

#include "driver/sqlite/database.h"
#include "driver/sqlite/native_error.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace majed::driver::sqlite {
namespace {

constexpr int whole_database = -1;

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

Error refused(std::string_view doing, const std::string& path, int number) {
    return {.code = number == EEXIST ? ErrorCode::conflict : ErrorCode::unavailable,
            .message = std::string(doing) + " " + path + ": " + std::strerror(number),
            .native_code = number};
}

Result<void> make_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return refused("cannot create", path, errno);
    }
    ::close(file);
    return {};
}

Result<void> copy(const std::string& source, const std::string& target) {
    MAJED_TRY_ASSIGN(Database from, Database::open(source, OpenMode::read_write));
    MAJED_TRY_ASSIGN(Database to, Database::open(target, OpenMode::read_write));
    // A copy that was not finished is thrown away: it needs no journal, and is synchronised once, whole.
    MAJED_TRY(to.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
        sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
    if (backup == nullptr) {
        return own_error(to.handle(), sqlite3_extended_errcode(to.handle()), "cannot copy to " + target);
    }
    // In one step: between two of them a writer would make it begin again, with many writers for ever.
    const int result = sqlite3_backup_step(backup.get(), whole_database);
    if (result == SQLITE_DONE) {
        return {};
    }
    // The step leaves no message in the connection.
    return Error{.code = ErrorCode::unavailable,
                 .message = "cannot copy to " + target + ": " + sqlite3_errstr(result),
                 .native_code = result};
}

Result<void> synchronise(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return refused("cannot open", path, errno);
    }
    const int done = ::fsync(file);
    const int number = errno;
    ::close(file);
    return done == 0 ? Result<void>() : refused("cannot write", path, number);
}

Result<void> check(const std::string& path) {
    MAJED_TRY_ASSIGN(Database copied, Database::open(path, OpenMode::read_write));
    MAJED_TRY_ASSIGN(auto statement, copied.prepare("PRAGMA quick_check(1)"));
    MAJED_TRY_ASSIGN(const bool answered, statement.step());
    if (!answered || statement.text(0) != "ok") {
        return Error{ErrorCode::unavailable, "the copy " + path + " does not pass SQLite's quick_check"};
    }
    return {};
}

Result<void> fill(const std::string& source, const std::string& target) {
    MAJED_TRY(copy(source, target));
    MAJED_TRY(synchronise(target));
    return check(target);
}

}  // namespace

Result<void> back_up(const std::string& source, const std::string& target) {
    MAJED_TRY(make_private_file(target));
    auto filled = fill(source, target);
    if (!filled) {
        for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
            ::unlink((target + suffix).c_str());
        }
    }
    return filled;
}

}  // namespace majed::driver::sqlite
