// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/native_error.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <utility>

namespace majed::driver::sqlite {
namespace {

TEST(NativeError, has_the_class_that_says_whether_the_database_is_ill) {
    using enum FailureClass;
    constexpr std::array<std::pair<int, FailureClass>, 24> table{{
        {SQLITE_CANTOPEN, lost},
        {SQLITE_CANTOPEN_ISDIR, lost},
        {SQLITE_IOERR, lost},
        {SQLITE_IOERR_READ, lost},
        {SQLITE_IOERR_FSYNC, lost},
        {SQLITE_NOTADB, lost},
        {SQLITE_CORRUPT, lost},
        {SQLITE_FULL, exhausted},
        {SQLITE_NOMEM, exhausted},
        {SQLITE_INTERRUPT, cancelled},
        {SQLITE_BUSY, contention},
        {SQLITE_BUSY_SNAPSHOT, contention},
        {SQLITE_LOCKED, contention},
        {SQLITE_SCHEMA, contention},
        {SQLITE_READONLY, read_only},
        {SQLITE_ERROR, user_error},
        {SQLITE_CONSTRAINT, user_error},
        {SQLITE_CONSTRAINT_UNIQUE, user_error},
        {SQLITE_MISMATCH, user_error},
        {SQLITE_AUTH, user_error},
        {SQLITE_RANGE, user_error},
        {SQLITE_TOOBIG, user_error},
        {SQLITE_MISUSE, none},
        {SQLITE_INTERNAL, none},
    }};
    for (const auto& [native, expected] : table) {
        EXPECT_EQ(failure_class_of(native), expected) << native_state_of(native);
    }
}

TEST(NativeError, has_the_name_sqlite_gives_it_or_that_of_its_primary_code) {
    EXPECT_EQ(native_state_of(SQLITE_BUSY_SNAPSHOT), "SQLITE_BUSY_SNAPSHOT");
    EXPECT_EQ(native_state_of(SQLITE_IOERR_VNODE), "SQLITE_IOERR");
    EXPECT_EQ(native_state_of(200), "SQLITE_200");
}

}  // namespace
}  // namespace majed::driver::sqlite
