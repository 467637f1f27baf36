/// What the primary store's methods work with, shared by the files that hold them.
///
/// Why      Users, clients and sessions are one store to the outside and three files inside.
/// Life     One per PrimaryStore.
/// Threads  Lookups only inside StoreConnection's calls; the hasher from any thread.
/// Not here For this folder only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/password.h"
#include "store/primary_store.h"
#include "store/records.h"
#include "store/store_connection.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::store {

/// The hash of a new password, or why the rules refuse it: which is told to the journal, as any change that fails.
struct PrimaryStore::AcceptedPassword {
    std::string hash;
    std::optional<Error> refusal;
};

struct PrimaryStore::Parts {
    std::shared_ptr<StoreConnection> connection;
    Lookups lookups;  ///< After the connection: must die first.
    std::unique_ptr<crypto::PasswordHasher> hasher;
    StoreOptions options;
    std::string path;
    /// What was deleted may still be in the write-ahead log; also what a process before this one deleted.
    std::unique_ptr<std::atomic<bool>> log_holds_deleted = std::make_unique<std::atomic<bool>>(true);

    /// Outside the transaction, which hashing would hold up. Errors: of the hasher.
    [[nodiscard]] Result<AcceptedPassword> hash_if_accepted(const Secret& password,
                                                            std::string_view username) const;
    [[nodiscard]] std::string time_after(std::chrono::milliseconds time) const {
        return StoreConnection::time_text(connection->now() + time);
    }
};

/// A user whose password was right, with the hash that is stored for it.
struct PrimaryStore::Proven {
    User user;
    std::string hashed_password;
};

/// Inside a read or a change: as PrimaryStore::configured.
[[nodiscard]] Result<std::int64_t> configured_number(Lookups& lookups, ConfigurationKey key);
template <class T>
[[nodiscard]] Result<T> configured(Lookups& lookups, TypedKey<T> key) {
    MAJED_TRY_ASSIGN(const std::int64_t number, configured_number(lookups, key.key));
    return T(number);
}

/// An UPDATE of ours that notes its time; `assignments` may be empty.
[[nodiscard]] std::string update(std::string_view table, std::string_view assignments,
                                 std::string_view condition);

/// A constraint's own words name columns and tell nothing to the caller.
[[nodiscard]] Error or_taken(Error error, std::string message);

/// The same for every credential that is not good, whatever is wrong with it.
[[nodiscard]] Error unproven();

[[nodiscard]] policy::Principal principal_of(const User& user, std::string_view how);
[[nodiscard]] policy::Principal principal_of(const Client& client, std::string_view how);

}  // namespace majed::store
