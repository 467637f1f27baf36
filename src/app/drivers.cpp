// SPDX-License-Identifier: Apache-2.0
#include "app/drivers.h"

#include "driver/sqlite/sqlite_driver.h"

#include <utility>

namespace majed::app {

Result<std::unique_ptr<driver::Driver>> make_driver(driver::Target target) {
    MAJED_TRY_ASSIGN(auto made, driver::sqlite::SqliteDriver::create(std::move(target)));
    return std::unique_ptr<driver::Driver>(std::move(made));
}

}  // namespace majed::app
