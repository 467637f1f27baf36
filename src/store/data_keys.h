/// Keys of what is not encrypted again when the root key changes: each stored sealed, so that only it is sealed anew.
///
/// Why      The bytes of the audit must never change, and yet whoever takes a root key away must find nothing under it.
/// Life     One per process and purpose; over a connection of its own, opened when it is first needed.
/// Threads  All methods may be called from any thread; one works at a time. Not inside a transaction on the same file,
///          which would wait for itself.
/// Not here Sealing the keys anew (store_seals.h), what is sealed with them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/sealed_text.h"
#include "driver/sqlite/database.h"
#include "store/store_connection.h"
#include "store/store_seals.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::store {

struct DataKeyPurpose {
    std::string_view name;        ///< As table data_keys has it.
    crypto::SealedColumn column;  ///< Where what they seal lies.
};

inline constexpr DataKeyPurpose audit_details{"audit.details", {"audit_log", "details"}};

class DataKeys {
public:
    DataKeys(std::string database_path, std::shared_ptr<StoreSeals> seals, const DataKeyPurpose& purpose,
             WallClock clock = {});
    DataKeys(const DataKeys&) = delete;
    DataKeys& operator=(const DataKeys&) = delete;
    ~DataKeys();

    /// `<id of the key>.<sealed text>`. The key is the newest, and of the root that is current; made when there is none.
    /// Errors: too_large, invalid_argument (`row`), unavailable, those of the key file.
    [[nodiscard]] Result<std::string> seal(std::string_view row, std::string_view text);
    /// Errors: not_found (the key is not in the store), invalid_argument (not sealed for this row; the key cannot be opened),
    /// unavailable, those of the key file.
    [[nodiscard]] Result<Secret> open(std::string_view row, std::string_view sealed);
    /// Makes sure that there is a key to seal with. Errors: as seal.
    [[nodiscard]] Result<void> prepare();

private:
    struct Statements;
    using Key = std::pair<const std::string, crypto::TextSeal>;

    [[nodiscard]] Result<void> connect() MAJED_REQUIRES(mutex_);
    [[nodiscard]] Result<const Key*> current() MAJED_REQUIRES(mutex_);
    /// nullptr: there is none of the current root.
    [[nodiscard]] Result<const Key*> find_current() MAJED_REQUIRES(mutex_);
    /// From the row that `statement` stands on. Errors: as StoreSeals::open.
    [[nodiscard]] Result<const Key*> unwrap(const driver::sqlite::Statement& row) MAJED_REQUIRES(mutex_);
    [[nodiscard]] Result<const Key*> keep(const std::string& id, const Secret& key) MAJED_REQUIRES(mutex_);
    [[nodiscard]] Result<const Key*> make() MAJED_REQUIRES(mutex_);
    [[nodiscard]] Result<const Key*> make_in_transaction() MAJED_REQUIRES(mutex_);

    const std::string path_;
    const std::shared_ptr<StoreSeals> seals_;
    const DataKeyPurpose purpose_;
    const WallClock clock_;
    Mutex mutex_;
    std::optional<driver::sqlite::Database> database_ MAJED_GUARDED_BY(mutex_);
    std::unique_ptr<Statements> sql_ MAJED_GUARDED_BY(mutex_);  ///< After the connection: must die first.
    std::map<std::string, crypto::TextSeal> known_
        MAJED_GUARDED_BY(mutex_);  ///< By id; as many as rotations.
};

}  // namespace majed::store
