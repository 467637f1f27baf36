/// Makes a statement ready for its next run, whoever asks then: no row, no bound value stays.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

namespace majed::driver::sqlite {

class RewindAtEnd {
public:
    explicit RewindAtEnd(sqlite3_stmt* statement) noexcept : statement_(statement) {}
    RewindAtEnd(const RewindAtEnd&) = delete;
    RewindAtEnd& operator=(const RewindAtEnd&) = delete;
    ~RewindAtEnd() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

private:
    sqlite3_stmt* statement_;
};

}  // namespace majed::driver::sqlite
