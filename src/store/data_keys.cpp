// SPDX-License-Identifier: Apache-2.0
#include "store/data_keys.h"

#include "crypto/fernet.h"
#include "crypto/purpose_keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

constexpr std::string_view newest_of_current_root =
    "SELECT id, key_id, wrapped_key FROM data_keys WHERE purpose = ?1 AND created_at >= coalesce((SELECT"
    " current_since FROM encryption_roots ORDER BY id DESC LIMIT 1), '') ORDER BY id DESC LIMIT 1";
constexpr std::string_view by_id =
    "SELECT id, key_id, wrapped_key FROM data_keys WHERE purpose = ?1 AND key_id = ?2";

Result<std::string> first_text(Database& database, std::string_view sql) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare(sql));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    return found ? rows.text(0) : std::string();
}

}  // namespace

struct DataKeys::Statements {
    Statement current;
    Statement by_key_id;
};

DataKeys::DataKeys(std::string database_path, std::shared_ptr<StoreSeals> seals,
                   const DataKeyPurpose& purpose, WallClock clock)
    : path_(std::move(database_path)),
      seals_(std::move(seals)),
      purpose_(purpose),
      clock_(or_system_clock(std::move(clock))) {}

DataKeys::~DataKeys() = default;

Result<void> DataKeys::connect() {
    if (sql_ != nullptr) return {};
    MAJED_TRY_ASSIGN(auto database, Database::open(path_, OpenMode::read_write));
    auto current = database.prepare(newest_of_current_root);
    auto by_key_id = database.prepare(by_id);
    if (!current || !by_key_id) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "the primary store holds no data keys of this program",
                     .hint = "bring it up to date with: majed migrate up"};
    }
    database_.emplace(std::move(database));
    sql_ = std::make_unique<Statements>(Statements{std::move(*current), std::move(*by_key_id)});
    return {};
}

Result<const DataKeys::Key*> DataKeys::keep(const std::string& id, const Secret& key) {
    MAJED_TRY_ASSIGN(const auto purposes, crypto::PurposeKeys::from_root(Secret(std::string(key.reveal()))));
    MAJED_TRY_ASSIGN(auto seal, crypto::TextSeal::create(purposes, purpose_.column));
    const Key& kept = *known_.insert_or_assign(id, std::move(seal)).first;
    return &kept;
}

Result<const DataKeys::Key*> DataKeys::unwrap(const Statement& row) {
    const std::string id = row.text(1);
    if (const auto found = known_.find(id); found != known_.end()) {
        const Key& known = *found;
        return &known;
    }
    MAJED_TRY_ASSIGN(const Secret key, seals_->open(Sealed::data_key, row.integer(0), row.text(2)));
    return keep(id, key);
}

Result<const DataKeys::Key*> DataKeys::find_current() {
    const std::array<Value, 1> values{std::string(purpose_.name)};
    Statement& rows = sql_->current;
    rows.reset();
    MAJED_TRY(rows.bind(values));
    const auto found = rows.step();
    if (!found) return found.error();
    Result<const Key*> key = *found ? unwrap(rows) : Result<const Key*>(nullptr);
    rows.reset();
    return key;
}

Result<const DataKeys::Key*> DataKeys::make_in_transaction() {
    // Somebody else may have been faster.
    MAJED_TRY_ASSIGN(const Key* const there, find_current());
    if (there != nullptr) return there;
    MAJED_TRY_ASSIGN(const std::int64_t row, next_row(*database_, Sealed::data_key));
    const crypto::Fernet made = crypto::Fernet::generate();
    const Secret text = made.text();
    MAJED_TRY_ASSIGN(std::string wrapped, seals_->seal(*database_, Sealed::data_key, row, text.reveal()));
    // By a clock that was set back the key would be older than its root, and never found.
    MAJED_TRY_ASSIGN(
        const std::string since,
        first_text(*database_, "SELECT current_since FROM encryption_roots ORDER BY id DESC LIMIT 1"));
    std::string created = std::max(StoreConnection::time_text(clock_()), since);
    MAJED_TRY_ASSIGN(auto insert,
                     database_->prepare("INSERT INTO data_keys (id, key_id, purpose, wrapped_key, created_at)"
                                        " VALUES (?1, ?2, ?3, ?4, ?5)"));
    const std::array<Value, 5> values{row, made.id(), std::string(purpose_.name), std::move(wrapped),
                                      std::move(created)};
    MAJED_TRY(insert.bind(values));
    MAJED_TRY(insert.step());
    return keep(made.id(), text);
}

Result<const DataKeys::Key*> DataKeys::make() {
    MAJED_TRY(database_->execute("BEGIN IMMEDIATE"));
    auto made = make_in_transaction();
    if (made) {
        auto committed = database_->execute("COMMIT");
        if (committed) return made;
        made = std::move(committed).error();
    }
    // Nothing may be sealed with a key that is not stored.
    known_.clear();
    // Fails only when SQLite has rolled back by itself already.
    static_cast<void>(database_->execute("ROLLBACK"));
    return made;
}

Result<const DataKeys::Key*> DataKeys::current() {
    MAJED_TRY(connect());
    MAJED_TRY_ASSIGN(const Key* const there, find_current());
    return there != nullptr ? Result<const Key*>(there) : make();
}

Result<std::string> DataKeys::seal(std::string_view row, std::string_view text) {
    const Lock lock(mutex_);
    MAJED_TRY_ASSIGN(const Key* const key, current());
    const auto now = std::chrono::floor<std::chrono::duration<std::uint64_t>>(clock_());
    MAJED_TRY_ASSIGN(const std::string sealed, key->second.seal(row, text, now));
    return key->first + "." + sealed;
}

Result<Secret> DataKeys::open(std::string_view row, std::string_view sealed) {
    const std::size_t dot = sealed.find('.');
    const Lock lock(mutex_);
    MAJED_TRY(connect());
    const std::array<Value, 2> values{std::string(purpose_.name), std::string(sealed.substr(0, dot))};
    Statement& rows = sql_->by_key_id;
    rows.reset();
    MAJED_TRY(rows.bind(values));
    const auto found = rows.step();
    if (!found) return found.error();
    if (!*found || dot == std::string_view::npos) {
        rows.reset();
        return Error{ErrorCode::not_found, "there is no data key of this id"};
    }
    const auto key = unwrap(rows);
    rows.reset();
    if (!key) return key.error();
    return (*key)->second.open(row, sealed.substr(dot + 1));
}

Result<void> DataKeys::prepare() {
    const Lock lock(mutex_);
    const auto key = current();
    if (!key) return key.error();
    return {};
}

}  // namespace majed::store
