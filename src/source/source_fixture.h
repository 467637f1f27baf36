/// A SQLite file as a source, for tests and benchmarks of every module above.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/sqlite/sqlite_driver.h"
#include "source/source.h"

#include <memory>
#include <string>
#include <utility>

namespace majed::source {

/// Its catalogue is read, so that rules can be checked against it. Errors: as Source::start and Source::catalog.
[[nodiscard]] inline Result<std::unique_ptr<Source>> start_sqlite(SourceOptions options,
                                                                  const std::string& path) {
    driver::Target target;
    target.url = "sqlite:" + path;
    target.access = options.access;
    MAJED_TRY_ASSIGN(auto driver, driver::sqlite::SqliteDriver::create(std::move(target)));
    MAJED_TRY_ASSIGN(auto source, Source::start(std::move(options), std::move(driver)));
    MAJED_TRY(source->catalog());
    return source;
}

}  // namespace majed::source
