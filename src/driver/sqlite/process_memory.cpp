// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/process_memory.h"

#include <sqlite3.h>

namespace majed::driver::sqlite {

void limit_process_memory(std::uint64_t bytes) noexcept {
    sqlite3_hard_heap_limit64(static_cast<sqlite3_int64>(bytes));
}

}  // namespace majed::driver::sqlite
