// SPDX-License-Identifier: Apache-2.0
#include "store/store_seals.h"

#include "crypto/key_file.h"
#include "store/records.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace majed::store {
namespace {

using driver::sqlite::Database;

Error lacks_root(std::string_view root) {
    return Error{.code = ErrorCode::unavailable,
                 .message = "the key file lacks the root key " + std::string(root) +
                            ", under which the primary store is encrypted",
                 .hint = "put back the newest copy of the key file"};
}

}  // namespace

Result<std::int64_t> next_row(Database& database, Sealed column) {
    const std::string table(place_of(column).table);
    MAJED_TRY_ASSIGN(auto row,
                     database.prepare("SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = '" +
                                      table + "'), 0), ifnull((SELECT max(id) FROM " + table + "), 0))"));
    MAJED_TRY(row.step());
    const std::int64_t last = row.integer(0);
    if (last < std::numeric_limits<std::int64_t>::max()) return last + 1;
    return Error{.code = ErrorCode::internal, .message = "there are no more ids in " + table};
}

/// What the key file held when it was read.
struct StoreSeals::Keys {
    std::vector<std::string> roots;  ///< Newest first.
    std::vector<crypto::TextSeal> seals;

    [[nodiscard]] static Result<std::shared_ptr<const Keys>> read(const std::string& path) {
        MAJED_TRY_ASSIGN(const auto file, crypto::KeyFile::read(path));
        MAJED_TRY_ASSIGN(const auto purposes, file.purpose_keys());
        auto keys = std::make_shared<Keys>();
        for (auto& root : file.roots()) keys->roots.push_back(std::move(root.id));
        for (const auto& column : sealed_columns) {
            MAJED_TRY_ASSIGN(auto seal, crypto::TextSeal::create(purposes, column));
            keys->seals.push_back(std::move(seal));
        }
        return std::shared_ptr<const Keys>(std::move(keys));
    }

    [[nodiscard]] const crypto::TextSeal& of(Sealed column) const {
        return seals[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] bool has(std::string_view root) const {
        return std::find(roots.begin(), roots.end(), root) != roots.end();
    }
};

StoreSeals::StoreSeals(std::string key_path, WallClock clock)
    : key_path_(std::move(key_path)), clock_(or_system_clock(std::move(clock))) {}

StoreSeals::~StoreSeals() = default;

Result<std::shared_ptr<const StoreSeals::Keys>> StoreSeals::keys() {
    {
        const Lock lock(mutex_);
        if (keys_ != nullptr) return keys_;
    }
    return read_again();
}

Result<std::shared_ptr<const StoreSeals::Keys>> StoreSeals::read_again() {
    MAJED_TRY_ASSIGN(auto fresh, Keys::read(key_path_));
    const Lock lock(mutex_);
    keys_ = fresh;
    return fresh;
}

Result<std::shared_ptr<const StoreSeals::Keys>> StoreSeals::current(Database& database) {
    MAJED_TRY_ASSIGN(const std::string stored, current_root(database));
    MAJED_TRY_ASSIGN(auto known, keys());
    if (known->roots.front() == stored) return known;
    // Somebody replaced the roots, in the file or in the store as well; or this is the first text.
    MAJED_TRY_ASSIGN(known, read_again());
    const std::string& newest = known->roots.front();
    if (newest == stored) return known;
    if (!stored.empty() && !known->has(stored)) return lacks_root(stored);
    auto added = change(database, "INSERT INTO encryption_roots (root_id, current_since) VALUES (?1, ?2)",
                        {newest, StoreConnection::time_text(clock_())});
    // It was current before: the file is an old copy.
    if (!added && added.error().code == ErrorCode::conflict) return lacks_root(stored);
    MAJED_TRY(added);
    return known;
}

Result<std::string> StoreSeals::seal(Database& database, Sealed column, std::int64_t row,
                                     std::string_view text) {
    MAJED_TRY_ASSIGN(const auto known, current(database));
    return known->of(column).seal(std::to_string(row), text,
                                  std::chrono::floor<std::chrono::duration<std::uint64_t>>(clock_()));
}

Result<Secret> StoreSeals::open(Sealed column, std::int64_t row, std::string_view sealed) {
    const std::string id = std::to_string(row);
    MAJED_TRY_ASSIGN(const auto known, keys());
    auto opened = known->of(column).open(id, sealed);
    if (opened) return opened;
    // Perhaps it was sealed under a root that came after the file was read.
    MAJED_TRY_ASSIGN(const auto fresh, read_again());
    return fresh->of(column).open(id, sealed);
}

Result<std::string> StoreSeals::adopt_newest_root(Database& database) {
    MAJED_TRY(read_again());
    MAJED_TRY_ASSIGN(const auto known, current(database));
    return known->roots.front();
}

Result<std::optional<std::string>> StoreSeals::reseal(Database& database, Sealed column, std::int64_t row,
                                                      std::string_view sealed) {
    const std::string id = std::to_string(row);
    // Not under a root that is in the file alone: an older copy of the file would lose the text, and nobody would know.
    MAJED_TRY_ASSIGN(const auto known, current(database));
    auto again = known->of(column).reseal(id, sealed);
    if (again) return again;
    // Perhaps a root was put back into the file since it was read.
    MAJED_TRY(read_again());
    MAJED_TRY_ASSIGN(const auto fresh, current(database));
    return fresh->of(column).reseal(id, sealed);
}

Result<std::string> StoreSeals::root_of(Sealed column, std::string_view sealed) {
    MAJED_TRY_ASSIGN(const auto known, keys());
    if (const auto place = known->of(column).key_of(sealed)) return known->roots.at(*place);
    MAJED_TRY_ASSIGN(const auto fresh, read_again());
    MAJED_TRY_ASSIGN(const std::size_t place, fresh->of(column).key_of(sealed));
    return fresh->roots.at(place);
}

Result<std::string> StoreSeals::current_root(Database& database) {
    MAJED_TRY_ASSIGN(auto rows,
                     database.prepare("SELECT root_id FROM encryption_roots ORDER BY id DESC LIMIT 1"));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    return found ? rows.text(0) : std::string();
}

Result<std::string> StoreSeals::newest_root() {
    MAJED_TRY_ASSIGN(const auto fresh, read_again());
    return fresh->roots.front();
}

Result<void> StoreSeals::may_retire(std::string_view root) const {
    MAJED_TRY_ASSIGN(const auto file, crypto::KeyFile::read(key_path_));
    return file.may_retire(root);
}

Result<void> StoreSeals::retire(std::string_view root) {
    MAJED_TRY(crypto::KeyFile::retire(key_path_, root));
    const Lock lock(mutex_);
    keys_ = nullptr;
    return {};
}

}  // namespace majed::store
