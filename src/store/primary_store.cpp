// SPDX-License-Identifier: Apache-2.0
#include "store/primary_store.h"

#include "core/mutex.h"
#include "crypto/api_key.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "store/records.h"
#include "store/store_version.h"

#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::OpenMode;

/// An UPDATE of ours that notes its time; `assignments` may be empty.
std::string update(std::string_view table, std::string_view assignments, std::string_view condition) {
    std::string sql =
        "UPDATE " + std::string(table) + " SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    if (!assignments.empty()) sql.append(", ").append(assignments);
    return sql.append(" WHERE ").append(condition);
}

Error no_user(std::string_view username) {
    return Error{.code = ErrorCode::not_found, .message = "there is no user " + std::string(username)};
}

Error no_client(std::string_view client_id) {
    return Error{.code = ErrorCode::not_found, .message = "there is no client " + std::string(client_id)};
}

Error unproven() {
    return Error{.code = ErrorCode::unauthenticated, .message = "the credentials are not valid"};
}

/// A constraint's own words name columns and tell nothing to the caller.
Error or_taken(Error error, std::string message) {
    if (error.code != ErrorCode::conflict) return error;
    return Error{.code = ErrorCode::conflict, .message = std::move(message)};
}

policy::Principal principal_of(const User& user, std::string_view how) {
    return {.kind = policy::PrincipalKind::user,
            .id = user.id,
            .name = user.username,
            .role = user.role,
            .attributes = user.attributes,
            .authenticated_by = std::string(how)};
}

policy::Principal principal_of(const Client& client, std::string_view how) {
    return {.kind = policy::PrincipalKind::client,
            .id = client.id,
            .name = client.client_id,
            .role = client.role,
            .attributes = {},
            .authenticated_by = std::string(how)};
}

/// Fresh secrets of a client, and their digests.
struct NewSecrets {
    Secret client_secret;
    std::string secret_digest;
    crypto::NewApiKey api_key;
};

NewSecrets make_secrets() {
    NewSecrets made{.client_secret = Secret(crypto::random_base64url(32)),
                    .secret_digest = {},
                    .api_key = crypto::make_api_key()};
    made.secret_digest = crypto::digest_of_secret(made.client_secret.reveal());
    return made;
}

}  // namespace

/// The connection, behind one mutex. Password hashing happens outside of it.
class PrimaryStore::Database {
public:
    Database(driver::sqlite::Database connection, Lookups lookups,
             std::unique_ptr<crypto::PasswordHasher> hasher)
        : connection_(std::move(connection)), lookups_(std::move(lookups)), hasher_(std::move(hasher)) {}

    [[nodiscard]] static Result<std::unique_ptr<Database>> over(driver::sqlite::Database connection) {
        MAJED_TRY(connection.execute("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"));
        MAJED_TRY_ASSIGN(Lookups lookups, Lookups::prepare(connection));
        MAJED_TRY_ASSIGN(auto hasher, crypto::PasswordHasher::create());
        return std::make_unique<Database>(std::move(connection), std::move(lookups), std::move(hasher));
    }

    crypto::PasswordHasher& hasher() noexcept { return *hasher_; }

    /// Runs `work(connection, lookups)` alone.
    template <class Work>
    auto read(Work&& work) {
        const Lock lock(mutex_);
        return work(connection_, lookups_);
    }

    /// The same inside one transaction, which an error rolls back.
    template <class Work>
    auto write(Work&& work)
        -> decltype(work(std::declval<driver::sqlite::Database&>(), std::declval<Lookups&>())) {
        const Lock lock(mutex_);
        MAJED_TRY(connection_.execute("BEGIN IMMEDIATE"));
        auto done = work(connection_, lookups_);
        if (done) {
            auto committed = connection_.execute("COMMIT");
            if (committed) return done;
            roll_back();
            return std::move(committed).error();
        }
        roll_back();
        return done;
    }

private:
    void roll_back() MAJED_REQUIRES(mutex_) {
        // Fails only when SQLite has rolled back by itself already.
        static_cast<void>(connection_.execute("ROLLBACK"));
    }

    Mutex mutex_;
    driver::sqlite::Database connection_ MAJED_GUARDED_BY(mutex_);
    Lookups lookups_ MAJED_GUARDED_BY(mutex_);
    std::unique_ptr<crypto::PasswordHasher> hasher_;
};

PrimaryStore::PrimaryStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

PrimaryStore::~PrimaryStore() = default;

Result<std::unique_ptr<PrimaryStore>> PrimaryStore::open(const std::string& path) {
    MAJED_TRY_ASSIGN(auto connection, driver::sqlite::Database::open(path, OpenMode::read_write));
    MAJED_TRY_ASSIGN(const std::int64_t version, stored_version(connection, path));
    MAJED_TRY(refuse_other(version));
    MAJED_TRY_ASSIGN(auto database, Database::over(std::move(connection)));
    return std::unique_ptr<PrimaryStore>(new PrimaryStore(std::move(database)));
}

Result<User> PrimaryStore::add_user(const NewUser& user, const Secret& password) {
    MAJED_TRY(check_name("a username", user.username));
    MAJED_TRY(check_password(password));
    for (const auto& [name, values] : user.attributes) MAJED_TRY(check_attribute(name, values));
    MAJED_TRY_ASSIGN(const std::string hashed, database_->hasher().hash(password));
    return database_->write([&](auto& connection, Lookups& lookups) -> Result<User> {
        auto added = change(connection,
                            "INSERT INTO users (username, hashed_password, role, must_change_password)"
                            " VALUES (?1, ?2, ?3, ?4)",
                            {user.username, hashed, std::string(policy::to_string(user.role)),
                             std::int64_t{user.must_change_password ? 1 : 0}});
        if (!added)
            return or_taken(std::move(added).error(), "there is a user " + user.username + " already");
        const std::int64_t id = connection.last_insert_rowid();
        for (const auto& [name, values] : user.attributes)
            MAJED_TRY(write_attribute(connection, id, name, values));
        MAJED_TRY_ASSIGN(auto stored, lookups.find_user(user.username));
        if (!stored) return no_user(user.username);
        return std::move(stored->user);
    });
}

Result<std::vector<User>> PrimaryStore::users() {
    return database_->read([](auto& connection, Lookups&) { return list_users(connection); });
}

Result<User> PrimaryStore::user(std::string_view username) {
    MAJED_TRY_ASSIGN(auto stored,
                     database_->read([&](auto&, Lookups& lookups) { return lookups.find_user(username); }));
    if (!stored) return no_user(username);
    return std::move(stored->user);
}

Result<void> PrimaryStore::set_password(std::string_view username, const Secret& password) {
    MAJED_TRY(check_password(password));
    MAJED_TRY_ASSIGN(const std::string hashed, database_->hasher().hash(password));
    MAJED_TRY_ASSIGN(const auto changed, database_->write([&](auto& connection, Lookups&) {
        return change(connection,
                      update("users", "hashed_password = ?1, must_change_password = FALSE", "username = ?2"),
                      {hashed, std::string(username)});
    }));
    if (changed == 0) return no_user(username);
    return {};
}

Result<void> PrimaryStore::set_role(std::string_view username, policy::Role role) {
    MAJED_TRY_ASSIGN(const auto changed, database_->write([&](auto& connection, Lookups&) {
        return change(connection, update("users", "role = ?1", "username = ?2"),
                      {std::string(policy::to_string(role)), std::string(username)});
    }));
    if (changed == 0) return no_user(username);
    return {};
}

Result<void> PrimaryStore::set_attribute(std::string_view username, std::string_view name,
                                         const std::vector<std::string>& values) {
    MAJED_TRY(check_attribute(name, values));
    return database_->write([&](auto& connection, Lookups& lookups) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto stored, lookups.find_user(username));
        if (!stored) return no_user(username);
        MAJED_TRY(change(connection, update("users", "", "id = ?1"), {stored->user.id}));
        return write_attribute(connection, stored->user.id, name, values);
    });
}

Result<void> PrimaryStore::set_active(std::string_view username, bool active) {
    MAJED_TRY_ASSIGN(const auto changed, database_->write([&](auto& connection, Lookups&) {
        return change(connection, update("users", "active = ?1", "username = ?2"),
                      {std::int64_t{active ? 1 : 0}, std::string(username)});
    }));
    if (changed == 0) return no_user(username);
    return {};
}

Result<ClientCredentials> PrimaryStore::add_client(std::string_view client_name) {
    MAJED_TRY(check_name("a client's name", client_name));
    NewSecrets secrets = make_secrets();
    const std::string client_id = "cl_" + crypto::random_hex(12);
    return database_->write([&](auto& connection, Lookups& lookups) -> Result<ClientCredentials> {
        auto added = change(connection,
                            "INSERT INTO integration_clients (client_name, client_id, client_secret, api_key,"
                            " api_key_id) VALUES (?1, ?2, ?3, ?4, ?5)",
                            {std::string(client_name), client_id, secrets.secret_digest,
                             secrets.api_key.digest, secrets.api_key.id});
        if (!added) {
            return or_taken(std::move(added).error(),
                            "there is an active client " + std::string(client_name) + " already");
        }
        MAJED_TRY_ASSIGN(auto stored, lookups.find_client_by_key(secrets.api_key.id));
        if (!stored) return no_client(client_id);
        return ClientCredentials{std::move(stored->client), std::move(secrets.client_secret),
                                 std::move(secrets.api_key.key)};
    });
}

Result<std::vector<Client>> PrimaryStore::clients() {
    return database_->read(
        [](auto& connection, Lookups&) { return list_clients(connection, "WHERE ?1 = ''", ""); });
}

Result<ClientCredentials> PrimaryStore::rotate_client(std::string_view client_id) {
    NewSecrets secrets = make_secrets();
    return database_->write([&](auto& connection, Lookups& lookups) -> Result<ClientCredentials> {
        MAJED_TRY_ASSIGN(const auto found, list_clients(connection, "WHERE client_id = ?1", client_id));
        if (found.empty()) return no_client(client_id);
        if (!found.front().active) {
            return Error{.code = ErrorCode::conflict, .message = "the client is revoked; add a new one"};
        }
        MAJED_TRY(change(
            connection,
            update("integration_clients", "client_secret = ?1, api_key = ?2, api_key_id = ?3", "id = ?4"),
            {secrets.secret_digest, secrets.api_key.digest, secrets.api_key.id, found.front().id}));
        MAJED_TRY_ASSIGN(auto stored, lookups.find_client_by_key(secrets.api_key.id));
        if (!stored) return no_client(client_id);
        return ClientCredentials{std::move(stored->client), std::move(secrets.client_secret),
                                 std::move(secrets.api_key.key)};
    });
}

Result<void> PrimaryStore::revoke_client(std::string_view client_id) {
    MAJED_TRY_ASSIGN(const auto changed, database_->write([&](auto& connection, Lookups&) {
        return change(connection, update("integration_clients", "active = FALSE", "client_id = ?1"),
                      {std::string(client_id)});
    }));
    if (changed == 0) return no_client(client_id);
    return {};
}

Result<policy::Principal> PrimaryStore::authenticate_password(std::string_view username,
                                                              const Secret& password) {
    MAJED_TRY_ASSIGN(const auto stored,
                     database_->read([&](auto&, Lookups& lookups) { return lookups.find_user(username); }));
    if (!stored) {
        MAJED_TRY(database_->hasher().verify_nobody(password));
        return unproven();
    }
    MAJED_TRY_ASSIGN(const auto check, database_->hasher().verify(password, stored->hashed_password));
    if (!check.matches || !stored->user.active) return unproven();
    if (check.needs_rehash) {
        MAJED_TRY_ASSIGN(const std::string hashed, database_->hasher().hash(password));
        // Only over the hash that was checked: a password set meanwhile must stay.
        MAJED_TRY(database_->write([&](auto& connection, Lookups&) {
            return change(connection,
                          "UPDATE users SET hashed_password = ?1 WHERE id = ?2 AND hashed_password = ?3",
                          {hashed, stored->user.id, stored->hashed_password});
        }));
    }
    return principal_of(stored->user, "password");
}

Result<policy::Principal> PrimaryStore::authenticate_api_key(std::string_view key) {
    const auto id = crypto::api_key_id(key);
    if (!id) return unproven();
    // Asked from the file every time, a few microseconds: a revocation by another process holds at once.
    MAJED_TRY_ASSIGN(const auto stored, database_->read([&](auto&, Lookups& lookups) {
        return lookups.find_client_by_key(*id);
    }));
    if (!stored || !crypto::secret_matches(key, stored->key_digest) || !stored->client.active)
        return unproven();
    return principal_of(stored->client, "api_key");
}

Result<policy::Principal> PrimaryStore::principal_named(std::string_view name) {
    MAJED_TRY_ASSIGN(const auto user,
                     database_->read([&](auto&, Lookups& lookups) { return lookups.find_user(name); }));
    const Error inactive{.code = ErrorCode::denied, .message = std::string(name) + " is not active"};
    if (user) {
        if (!user->user.active) return inactive;
        return principal_of(user->user, "local");
    }
    MAJED_TRY_ASSIGN(const auto found, database_->read([&](auto& connection, Lookups&) {
        return list_clients(connection, "WHERE client_id = ?1 OR client_name = ?1", name);
    }));
    if (found.empty()) {
        return Error{.code = ErrorCode::not_found,
                     .message = "there is no user and no client " + std::string(name)};
    }
    if (!found.front().active) return inactive;
    return principal_of(found.front(), "local");
}

}  // namespace majed::store
