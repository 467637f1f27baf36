/// What the gateway itself must remember: users with their attributes, integration clients, the audit table.
///
/// Why      Identity and role come from here and from nowhere else.
/// Life     One per process; `majed init` makes the file, `majed serve` upgrades it.
/// Threads  All methods may be called from any thread; writes are serialised.
/// Not here Making and upgrading the file (app/primary_migration.h), appending to the audit (audit/), hashing (crypto/),
///          sessions and tokens (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "policy/principal.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::store {

struct User {
    std::int64_t id = 0;
    std::string username;
    policy::Role role = policy::Role::normal;
    bool must_change_password = true;
    bool active = true;
    Attributes attributes;
    std::string created_at;  ///< ISO 8601, UTC.
};

struct NewUser {
    std::string username = {};  ///< 1..255 characters, no control characters.
    policy::Role role = policy::Role::normal;
    Attributes attributes = {};
    bool must_change_password = true;
};

struct Client {
    std::int64_t id = 0;
    std::string client_name;
    std::string client_id;
    policy::Role role = policy::Role::integration;
    bool active = true;
    std::string created_at;
};

/// Shown once, at creation and rotation; only hashes are stored.
struct ClientCredentials {
    Client client;
    Secret client_secret;
    Secret api_key;  ///< `mv_<12 hex id>_<43 base64url>_<8 hex crc>`.
};

class PrimaryStore {
public:
    /// Errors: not_found, unavailable, unsupported (not a primary store), conflict (left by a newer or an older program).
    [[nodiscard]] static Result<std::unique_ptr<PrimaryStore>> open(const std::string& path);
    PrimaryStore(const PrimaryStore&) = delete;
    PrimaryStore& operator=(const PrimaryStore&) = delete;
    ~PrimaryStore();

    // Users. Errors: conflict (name taken), invalid_argument, not_found, unavailable.
    [[nodiscard]] Result<User> add_user(const NewUser& user, const Secret& password);
    [[nodiscard]] Result<std::vector<User>> users();
    [[nodiscard]] Result<User> user(std::string_view username);
    /// Clears must_change_password. Passwords have 8 to 1024 bytes.
    [[nodiscard]] Result<void> set_password(std::string_view username, const Secret& password);
    [[nodiscard]] Result<void> set_role(std::string_view username, policy::Role role);
    /// No values removes the attribute.
    [[nodiscard]] Result<void> set_attribute(std::string_view username, std::string_view name,
                                             const std::vector<std::string>& values);
    [[nodiscard]] Result<void> set_active(std::string_view username, bool active);

    // Clients. Errors: as users; rotating a revoked one is a conflict.
    [[nodiscard]] Result<ClientCredentials> add_client(std::string_view client_name);
    [[nodiscard]] Result<std::vector<Client>> clients();
    [[nodiscard]] Result<ClientCredentials> rotate_client(std::string_view client_id);
    [[nodiscard]] Result<void> revoke_client(std::string_view client_id);

    /// Errors: unauthenticated for a wrong name, a wrong password and a disabled user alike, in the same time.
    [[nodiscard]] Result<policy::Principal> authenticate_password(std::string_view username,
                                                                  const Secret& password);
    /// Errors: unauthenticated (malformed, unknown, revoked).
    [[nodiscard]] Result<policy::Principal> authenticate_api_key(std::string_view key);
    /// For the command line, whose operator can read the file anyway: the principal of an active user, or of a
    /// client by client_id or client_name. Errors: not_found, denied (inactive).
    [[nodiscard]] Result<policy::Principal> principal_named(std::string_view name);

private:
    class Database;
    explicit PrimaryStore(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace majed::store
