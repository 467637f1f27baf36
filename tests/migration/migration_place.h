/// A database that migrations run on in a test, and the folder they come from.
///
/// Why      The tests are written once for every engine; the program that is killed opens the same place by its words.
/// Life     A test each; the PostgreSQL server is one per test program, emptied for each test.
/// Threads  The test's.
/// Not here The tests (*_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"
#include "driver/sqlite/temporary_directory.h"
#include "migrate/migrator.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migration {

/// How another process finds the place: `sqlite FILE` or `postgresql URL`.
struct Words {
    std::string engine;
    std::string where;
};

[[nodiscard]] Result<std::unique_ptr<driver::Driver>> driver_of(const Words& words);
[[nodiscard]] migrate::MigratorOptions options_of(const Words& words);
/// Read and checked. Errors: as read_folder and read_migrations.
[[nodiscard]] Result<std::vector<migrate::Migration>> migrations_in(const std::string& folder,
                                                                    migrate::Dialect dialect);

class Place {
public:
    /// Empty, and the reason when the engine is not there.
    static std::unique_ptr<Place> make(std::string_view engine, std::string& missing);

    Place(Words words, std::unique_ptr<driver::sqlite::TemporaryDirectory> directory);

    [[nodiscard]] const Words& words() const noexcept { return words_; }
    [[nodiscard]] driver::Driver& driver() noexcept { return *driver_; }
    [[nodiscard]] migrate::Dialect dialect() const noexcept { return options.dialect; }
    [[nodiscard]] std::string folder() const { return directory_->file("migrations"); }
    [[nodiscard]] std::string file(const std::string& name) const { return directory_->file(name); }

    void put(const std::string& name, std::string_view text) const;
    void remove(const std::string& name) const;
    /// Over what lies in the folder now; a folder that cannot be read fails the test.
    [[nodiscard]] migrate::Migrator migrator();

    /// One statement outside of any migration.
    void run(std::string_view sql);
    /// PostgreSQL: as its superuser.
    static void run_as_administrator(std::string_view sql);
    /// The first cell of the first row, as text; `-` when there is none or the statement fails.
    [[nodiscard]] std::string ask(std::string_view sql);
    [[nodiscard]] bool has_table(const std::string& name);

    migrate::MigratorOptions options;

private:
    Words words_;
    std::unique_ptr<driver::sqlite::TemporaryDirectory> directory_;
    std::unique_ptr<driver::Driver> driver_;
};

}  // namespace majed::migration
