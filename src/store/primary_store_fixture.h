/// A primary store for tests that know nothing of the ledger: the migrations of the program, run one after the other.
///
/// Why      Tests below `migrate/` need the tables, not how an installation comes to them.
/// Life     Free functions.
/// Threads  Any.
/// Not here Anything but tests may include this: app/ makes stores with their ledger.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "driver/sqlite/database.h"
#include "store/primary_migrations.h"
#include "store/primary_store.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// Keeps what it hears, and fails when it is told to.
class RememberingJournal final : public ChangeJournal {
public:
    struct Entry {
        std::string action;
        std::string resource_id;
        std::string actor;
        Images images;
        bool concluded = false;
        std::string failure;  ///< Empty: it was made.
    };

    [[nodiscard]] Result<std::string> intend(const Change& change) override {
        const Lock lock(mutex_);
        if (refuses_) return Error{ErrorCode::unavailable, "the journal is full"};
        entries_.push_back({std::string(traits_of(change.operation).action),
                            change.resource_id,
                            change.actor.name,
                            {},
                            false,
                            {}});
        return std::to_string(entries_.size() - 1);
    }
    [[nodiscard]] Result<void> conclude(const std::string& event, const Change& /*change*/,
                                        const Images& images, const Error* failure) override {
        const Lock lock(mutex_);
        Entry& entry = entries_.at(std::stoul(event));
        entry.images = images;
        entry.concluded = true;
        if (failure != nullptr) entry.failure = failure->message;
        return {};
    }

    void refuse() {
        const Lock lock(mutex_);
        refuses_ = true;
    }
    [[nodiscard]] std::vector<Entry> entries() {
        const Lock lock(mutex_);
        return entries_;
    }

private:
    Mutex mutex_;
    bool refuses_ MAJED_GUARDED_BY(mutex_) = false;
    std::vector<Entry> entries_ MAJED_GUARDED_BY(mutex_);
};

/// For tests of what a password opens, not of what a guess at it costs.
[[nodiscard]] inline crypto::PasswordOptions quick_passwords() {
    crypto::PasswordOptions options;
    options.memory_kib = 64;
    options.passes = 1;
    return options;
}

/// Makes a store in a new file, and opens it.
[[nodiscard]] inline Result<std::unique_ptr<PrimaryStore>> make_primary_store(const std::string& path,
                                                                              StoreOptions options = {}) {
    MAJED_TRY(make_primary_tables(path));
    if (options.journal == nullptr) options.journal = std::make_shared<RememberingJournal>();
    return PrimaryStore::open(path, std::move(options));
}

}  // namespace majed::store
