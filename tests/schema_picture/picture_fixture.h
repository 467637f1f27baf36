/// A database to change and to take pictures of.
///
/// Why      The same questions are asked of every engine: what is told, what is not.
/// Life     A connection per test; what it was opened on outlives it.
/// Threads  One.
/// Not here Which database (the tests of each engine).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/connection.h"
#include "driver/driver.h"
#include "migrate/picture.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::schema_picture {

using Statements = std::vector<std::string>;

/// Statements of one change, and all that may be said of it.
struct Change {
    Statements statements;
    std::string told;  ///< `readable` of the differences.
};

class Database {
public:
    Database(migrate::Dialect dialect, driver::Driver& driver);

    [[nodiscard]] driver::Connection& connection() { return *connection_; }
    /// Each must succeed.
    void run(const Statements& statements);
    [[nodiscard]] migrate::SchemaPicture picture();

private:
    migrate::Dialect dialect_;
    std::unique_ptr<driver::Connection> connection_;
};

/// `~ column a.b` and the lines under it, as `readable` writes them.
[[nodiscard]] std::string told(const migrate::SchemaPicture& before, const migrate::SchemaPicture& after);

/// `kind name: definition`, a line each, for messages of tests.
[[nodiscard]] std::string shown(const migrate::SchemaPicture& picture);

/// Applies each change to what the ones before left, and compares what is told.
void expect_told(Database& database, const std::vector<Change>& changes);

}  // namespace majed::schema_picture
