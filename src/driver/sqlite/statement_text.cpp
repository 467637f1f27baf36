// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/statement_text.h"

#include "driver/sqlite/database.h"

#include <sqlite3.h>

#include <memory>

namespace majed::driver::sqlite {

bool holds_no_statement(sqlite3* database, const char* text, const char* end) {
    while (text < end) {
        sqlite3_stmt* compiled = nullptr;
        const char* tail = nullptr;
        const auto length = static_cast<int>(end - text);
        const int result = sqlite3_prepare_v3(database, text, length, 0, &compiled, &tail);
        const std::unique_ptr<sqlite3_stmt, FinalizeStatement> owned(compiled);
        if (result != SQLITE_OK || compiled != nullptr || tail <= text) {
            return false;
        }
        text = tail;
    }
    return true;
}

}  // namespace majed::driver::sqlite
