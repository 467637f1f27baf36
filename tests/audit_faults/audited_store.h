/// A primary store with its trail and its journal, as the program wires them, on a disk that can fail.
///
/// Why      What must hold is said of all three together: nothing is done that is not on record, nothing is lost uncounted.
/// Life     One per run; `close` ends it in order, so that the file can be looked at.
/// Threads  Those of its parts.
/// Not here The disk (faulty_disk.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/audited_changes.h"
#include "audit/audit_trail.h"
#include "audit/trail_verification.h"
#include "crypto/signing_key.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace majed::audit {

class AuditedStore {
public:
    enum class Heads { in_two_places, in_the_database };

    explicit AuditedStore(AuditOptions options = {}, Heads heads = Heads::in_two_places) {
        if (heads == Heads::in_two_places) heads_ = directory_.file("majed.heads");
        std::filesystem::copy_file(tables(), path());
        options.database_path = path();
        options.busy_timeout = std::chrono::milliseconds(0);
        options.signing_key = signing_key();
        options.heads_path = heads_;
        auto trail = AuditTrail::open(std::move(options));
        EXPECT_TRUE(trail) << trail.error().message;
        trail_ = std::move(*trail);
    }

    /// A store that all are copies of, for the tables take longer to make than to copy. Made when it is first asked for, on
    /// a disk that has no fault yet.
    static const std::string& tables() {
        static const driver::sqlite::TemporaryDirectory directory;
        static const std::string made = [] {
            EXPECT_TRUE(store::make_primary_tables(directory.file("tables.db")));
            return directory.file("tables.db");
        }();
        return made;
    }

    [[nodiscard]] AuditTrail& trail() { return *trail_; }
    [[nodiscard]] std::string path() const { return directory_.file("majed.db"); }
    [[nodiscard]] store::PrimaryStore& store() {
        if (store_ == nullptr) {
            store::StoreOptions options;
            options.journal =
                std::make_shared<app::AuditedChanges>([this] { return Result<AuditTrail*>(trail_.get()); });
            auto opened = store::PrimaryStore::open(path(), std::move(options));
            EXPECT_TRUE(opened) << opened.error().message;
            store_ = std::move(*opened);
        }
        return *store_;
    }
    void close() {
        store_.reset();
        trail_.reset();
        reader_.reset();
    }

    [[nodiscard]] std::string cell(const std::string& sql) {
        if (!reader_) {
            auto file = driver::sqlite::Database::open(path(), driver::sqlite::OpenMode::read_only);
            EXPECT_TRUE(file) << file.error().message;
            reader_.emplace(std::move(*file));
        }
        auto statement = reader_->prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        if (!*statement->step()) return "no row";
        return statement->text(0);
    }
    [[nodiscard]] std::uint64_t count(const std::string& where) {
        return std::stoull(cell("SELECT count(*) FROM audit_log WHERE " + where));
    }
    /// Of all gap records together.
    [[nodiscard]] std::uint64_t told_as_lost() {
        return std::stoull(
            cell("SELECT coalesce(sum(json_extract(details, '$.dropped')), 0) FROM audit_log"
                 " WHERE action = 'audit.gap'"));
    }
    /// What the check of the trail finds; empty: nothing.
    [[nodiscard]] std::string finding() const {
        const auto report = verify_trail({path(), heads_, signing_key()->verifying_key()});
        if (!report) return report.error().message;
        return report->finding ? report->finding->what : "";
    }

private:
    static std::shared_ptr<const crypto::SigningKey> signing_key() {
        auto key = crypto::SigningKey::from_seed(Secret(std::string(32, 'k')));
        return std::make_shared<const crypto::SigningKey>(std::move(*key));
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string heads_;
    std::unique_ptr<AuditTrail> trail_;
    std::unique_ptr<store::PrimaryStore> store_;
    std::optional<driver::sqlite::Database> reader_;  ///< Of the tests; not while the file is moved.
};

}  // namespace majed::audit
