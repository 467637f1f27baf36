/// A primary store for tests that know nothing of the ledger: the migrations of the program, run one after the other.
///
/// Why      Tests below `migrate/` need the tables, not how an installation comes to them.
/// Life     Free functions.
/// Threads  Any.
/// Not here Anything but tests may include this: app/ makes stores with their ledger.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/sqlite/database.h"
#include "store/primary_migrations.h"
#include "store/primary_store.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::store {

/// The part of a migration that does it.
[[nodiscard]] inline std::string_view way_up(std::string_view migration) {
    return migration.substr(0, migration.find("\n-- majed:down"));
}

/// Makes the tables in a new file. Errors: of the database.
[[nodiscard]] inline Result<void> make_primary_tables(const std::string& path) {
    using driver::sqlite::Database;
    MAJED_TRY_ASSIGN(auto connection, Database::open(path, driver::sqlite::OpenMode::create));
    MAJED_TRY(connection.execute("PRAGMA journal_mode = WAL; BEGIN"));
    for (const EmbeddedFile& migration : primary_migrations()) {
        MAJED_TRY(connection.execute(way_up(migration.bytes)));
    }
    return connection.execute("COMMIT");
}

/// Makes a store in a new file, and opens it.
[[nodiscard]] inline Result<std::unique_ptr<PrimaryStore>> make_primary_store(const std::string& path) {
    MAJED_TRY(make_primary_tables(path));
    return PrimaryStore::open(path);
}

}  // namespace majed::store
