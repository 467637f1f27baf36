/// The columns of the store that hold sealed text, and the keys they are sealed with.
///
/// Why      Who reads the store's file reads none of what people wrote; a text sealed while the keys are replaced must not
///          be sealed under a key that is taken away.
/// Life     One per process; keeps the key file's path and reads it again when its roots were replaced.
/// Threads  All methods may be called from any thread.
/// Not here How a text is sealed (crypto/sealed_text.h), walking through what is stored (seal_walk.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/sealed_text.h"
#include "driver/sqlite/database.h"
#include "store/store_connection.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::store {

enum class Sealed : std::uint8_t { message, response, source_password, data_key };

/// In the order of `Sealed`. Every one is resealed when the root key is rotated.
inline constexpr std::array<crypto::SealedColumn, 4> sealed_columns{{
    {"conversations", "message"},
    {"conversations", "response"},
    {"source_passwords", "password"},
    {"data_keys", "wrapped_key"},
}};

[[nodiscard]] constexpr const crypto::SealedColumn& place_of(Sealed column) {
    return sealed_columns.at(static_cast<std::size_t>(column));
}

/// The id that a new row of the column's table will have: a text is sealed for its row, so the id is needed before the row
/// is there. One that was used never comes again. Inside the transaction that writes the row. Errors: of the database;
/// internal (there are no more).
[[nodiscard]] Result<std::int64_t> next_row(driver::sqlite::Database& database, Sealed column);

class StoreSeals {
public:
    /// The file is read when it is first needed.
    explicit StoreSeals(std::string key_path, WallClock clock = {});
    StoreSeals(const StoreSeals&) = delete;
    StoreSeals& operator=(const StoreSeals&) = delete;
    ~StoreSeals();

    /// Inside a transaction that writes, so that the root is the current one until it ends; `row` is the row's `id`.
    /// Errors: too_large; unavailable (the key file lacks the root that the store was last sealed with), and those of the
    /// key file and the database.
    [[nodiscard]] Result<std::string> seal(driver::sqlite::Database& database, Sealed column,
                                           std::int64_t row, std::string_view text);
    /// Errors: invalid_argument, the same for every cause; those of the key file.
    [[nodiscard]] Result<Secret> open(Sealed column, std::int64_t row, std::string_view sealed);

    /// Inside a transaction that writes: makes the newest root of the file the current one, which `seal` does by itself.
    /// Answers its id. Errors: as seal.
    [[nodiscard]] Result<std::string> adopt_newest_root(driver::sqlite::Database& database);
    /// Inside a transaction that writes: the same text, of the same time, under the root that is current; nullopt when it
    /// is under that already. Errors: as open and as seal.
    [[nodiscard]] Result<std::optional<std::string>> reseal(driver::sqlite::Database& database, Sealed column,
                                                            std::int64_t row, std::string_view sealed);

    /// The id of the root that a text is under, whichever row it lies in. Errors: as open.
    [[nodiscard]] Result<std::string> root_of(Sealed column, std::string_view sealed);
    /// Empty: nothing was ever sealed in this store. Errors: of the database.
    [[nodiscard]] static Result<std::string> current_root(driver::sqlite::Database& database);
    // Of the file, read again. Errors: as crypto::KeyFile::read, ::may_retire, ::retire.
    [[nodiscard]] Result<std::string> newest_root();
    [[nodiscard]] Result<void> may_retire(std::string_view root) const;
    /// Takes it out of the file, whatever is sealed under it: seal_walk.h asks first.
    [[nodiscard]] Result<void> retire(std::string_view root);

private:
    struct Keys;
    /// As they were read last. Errors: as crypto::KeyFile::read.
    [[nodiscard]] Result<std::shared_ptr<const Keys>> keys();
    /// Errors: as crypto::KeyFile::read.
    [[nodiscard]] Result<std::shared_ptr<const Keys>> read_again();
    /// Of the root that is current in the store.
    [[nodiscard]] Result<std::shared_ptr<const Keys>> current(driver::sqlite::Database& database);

    const std::string key_path_;
    WallClock clock_;
    Mutex mutex_;
    std::shared_ptr<const Keys> keys_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::store
