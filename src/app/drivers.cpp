// SPDX-License-Identifier: Apache-2.0
#include "app/drivers.h"

#include "driver/oracle/oracle_driver.h"
#include "driver/postgres/postgres_driver.h"
#include "driver/sqlite/sqlite_driver.h"

#include <string_view>
#include <utility>

namespace majed::app {

Result<std::unique_ptr<driver::Driver>> make_driver(driver::Target target) {
    const std::string_view url = target.url;
    if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
        return driver::postgres::open_driver(std::move(target));
    }
    if (url.starts_with("oracle:")) {
        return driver::oracle::open_driver(std::move(target));
    }
    MAJED_TRY_ASSIGN(auto made, driver::sqlite::SqliteDriver::create(std::move(target)));
    return std::unique_ptr<driver::Driver>(std::move(made));
}

}  // namespace majed::app
