/// What the gateway itself must remember: users with their attributes, integration clients, logins and access tokens.
///
/// Why      Identity and role come from here and from nowhere else.
/// Life     One per process; `majed init` makes the file, `majed serve` upgrades it.
/// Threads  All methods may be called from any thread; writes are serialised.
/// Not here Making and upgrading the file (app/primary_migration.h), the audit trail (audit/), hashing (crypto/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/password.h"
#include "policy/principal.h"
#include "store/change.h"
#include "store/configuration.h"
#include "store/configuration_keys.h"
#include "store/conversations.h"
#include "store/store_connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::store {

class StoreSeals;

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
    std::string expires_at = {};            ///< Of secret and key; empty: never.
    std::string last_used_at = {};          ///< To the minute; empty: never.
    std::string previous_valid_until = {};  ///< Of what it had before the last rotation; empty: of nothing.
};

/// Shown once, at creation and rotation; only hashes are stored.
struct ClientCredentials {
    Client client;
    Secret client_secret;
    Secret api_key;  ///< `mv_<12 hex id>_<43 base64url>_<8 hex crc>`.
};

/// A login that holds. The token itself is shown once.
struct UserSession {
    std::string id;  ///< 16 hexadecimal digits, public.
    std::string ip_address;
    std::string user_agent;
    std::string created_at;
    std::string last_used_at;  ///< To the minute.
    std::string expires_at;    ///< Whatever happens; unused it ends sooner.
};

struct Login {
    User user;
    Secret token;  ///< `ms_<43 base64url>`
};

/// Who holds a session's token.
struct SessionHolder {
    User user;
    std::string session_id;
};

struct AccessToken {
    Secret token;  ///< `mt_<43 base64url>`
    std::chrono::seconds lifetime{};
};

struct StoreOptions {
    std::shared_ptr<ChangeJournal> journal;  ///< Hears of every change; never null.
    std::shared_ptr<StoreSeals> seals = {};  ///< Of what is stored encrypted; null: nothing of it can be.
    WallClock clock = {};                    ///< Of tests; absent: the system's.
    crypto::PasswordOptions passwords = {};  ///< What a guess costs.
    std::chrono::milliseconds session_lifetime = std::chrono::hours(12);
    std::chrono::milliseconds session_idle = std::chrono::hours(1);
    std::chrono::milliseconds token_lifetime = std::chrono::minutes(15);
    std::size_t sessions_per_user =
        100;  ///< Past it the one unused for longest ends; of tokens per client likewise.
};

class PrimaryStore {
public:
    /// Errors: not_found, unavailable, unsupported (not a primary store), conflict (left by a newer or an older program).
    [[nodiscard]] static Result<std::unique_ptr<PrimaryStore>> open(const std::string& path,
                                                                    StoreOptions options);
    PrimaryStore(const PrimaryStore&) = delete;
    PrimaryStore& operator=(const PrimaryStore&) = delete;
    ~PrimaryStore();

    // Users. Errors: conflict (name taken; the last active administrator), invalid_argument, not_found, unavailable.
    [[nodiscard]] Result<User> add_user(const Actor& actor, const NewUser& user, const Secret& password);
    [[nodiscard]] Result<std::vector<User>> users();
    [[nodiscard]] Result<User> user(std::string_view username);
    [[nodiscard]] Result<User> user(std::int64_t id);
    /// By an administrator: must be changed at the next login, and every session ends. See password_rules.h.
    /// By the user: `kept_session` is the one that goes on.
    enum class PasswordChange { by_user, by_administrator };
    [[nodiscard]] Result<void> set_password(const Actor& actor, std::string_view username,
                                            const Secret& password, PasswordChange change,
                                            std::string_view kept_session = {});
    [[nodiscard]] Result<void> set_role(const Actor& actor, std::string_view username, policy::Role role);
    /// No values removes the attribute.
    [[nodiscard]] Result<void> set_attribute(const Actor& actor, std::string_view username,
                                             std::string_view name, const std::vector<std::string>& values);
    /// Disabled: every session ends at once.
    [[nodiscard]] Result<void> set_active(const Actor& actor, std::string_view username, bool active);
    /// For ever, with every conversation; the name is not given again, for the audit names it.
    [[nodiscard]] Result<void> delete_user(const Actor& actor, std::string_view username);

    // Clients. Errors: as users; rotating a revoked one is a conflict.
    [[nodiscard]] Result<ClientCredentials> add_client(const Actor& actor, std::string_view client_name,
                                                       std::optional<std::chrono::seconds> valid_for = {});
    [[nodiscard]] Result<std::vector<Client>> clients();
    [[nodiscard]] Result<Client> client(std::string_view client_id);
    /// What the client had is good for `overlap` more; what it had before that, no longer.
    [[nodiscard]] Result<ClientCredentials> rotate_client(const Actor& actor, std::string_view client_id,
                                                          std::chrono::seconds overlap);
    /// At once, with every key and token.
    [[nodiscard]] Result<void> revoke_client(const Actor& actor, std::string_view client_id);

    /// Errors: unauthenticated for a wrong name, a wrong password and a disabled user alike, in the same time.
    [[nodiscard]] Result<policy::Principal> authenticate_password(std::string_view username,
                                                                  const Secret& password);
    /// Errors: unauthenticated (malformed, unknown, revoked, expired).
    [[nodiscard]] Result<policy::Principal> authenticate_api_key(std::string_view key);
    /// A client's id and secret. Errors: unauthenticated.
    [[nodiscard]] Result<policy::Principal> authenticate_client(std::string_view client_id,
                                                                const Secret& secret);
    /// For the command line, whose operator can read the file anyway: the principal of an active user, or of a
    /// client by client_id or client_name. Errors: not_found, denied (inactive).
    [[nodiscard]] Result<policy::Principal> principal_named(std::string_view name);

    // Sessions and tokens: asked of the file at every request, so that what another process ends is over at once.
    /// The session is of the password that was checked: one set meanwhile leaves none behind. `origin` is the actor but for
    /// who it is. Errors: as authenticate_password.
    [[nodiscard]] Result<Login> log_in(Actor origin, std::string_view username, const Secret& password);
    /// Errors: unauthenticated (unknown, ended, unused for too long, its user disabled).
    [[nodiscard]] Result<SessionHolder> session(std::string_view token);
    [[nodiscard]] Result<std::vector<UserSession>> sessions_of(std::int64_t user_id);
    /// Errors: not_found (not one of this user's).
    [[nodiscard]] Result<void> close_session(const Actor& actor, std::int64_t user_id,
                                             std::string_view session_id);
    /// Of a client that proved to be it with this secret: one replaced meanwhile gets none. Errors: unauthenticated.
    [[nodiscard]] Result<AccessToken> issue_token(const Actor& actor, const policy::Principal& client,
                                                  const Secret& secret);
    /// Errors: unauthenticated (unknown, expired, its client revoked).
    [[nodiscard]] Result<policy::Principal> authenticate_token(std::string_view token);

    // Configuration. Errors of both changes: as users; invalid_argument (not a value of this key).
    [[nodiscard]] Result<std::vector<ConfigurationItem>> configuration();
    [[nodiscard]] Result<ConfigurationItem> configuration(ConfigurationKey key);
    /// Newest first, at most 100.
    [[nodiscard]] Result<std::vector<ConfigurationChange>> configuration_history(ConfigurationKey key);
    [[nodiscard]] Result<ConfigurationItem> set_configuration(const Actor& actor, ConfigurationKey key,
                                                              const ConfigurationValue& value);
    /// Back to the default, also when it is that already.
    [[nodiscard]] Result<void> reset_configuration(const Actor& actor, ConfigurationKey key);
    /// Asked of the file each time, a few microseconds: a change by another process holds at once. Errors: conflict (what
    /// is stored is no value of the key: whoever needs it must not go on with a guess), and those of the database.
    template <class T>
    [[nodiscard]] Result<T> configured(TypedKey<T> key) {
        auto number = configured_number(key.key);
        if (!number) return std::move(number).error();
        return T(*number);
    }

    // Conversations, of one user each: what is another's is not_found. Texts are stored sealed. Errors of all: unavailable
    // (there are no keys for what is sealed).
    /// Errors: invalid_argument; denied (turned off); conflict (as many turns as one may have); unauthenticated (the user is
    /// no more, or disabled).
    [[nodiscard]] Result<Turn> add_turn(const Actor& actor, std::int64_t user_id, const NewTurn& turn);
    /// Most recently used first. `limit`: 1..max_conversations_page. Errors: invalid_argument.
    [[nodiscard]] Result<ConversationsPage> conversations(std::int64_t user_id, std::size_t limit,
                                                          const std::optional<ConversationsPlace>& from = {});
    /// Oldest first, those after the id. Errors: invalid_argument, not_found.
    [[nodiscard]] Result<TurnsPage> turns(std::int64_t user_id, const std::string& session_id,
                                          std::size_t limit, std::int64_t after = 0);
    /// For real: also from the write-ahead log, unless somebody reads it just then. Errors: not_found.
    [[nodiscard]] Result<void> delete_conversation(const Actor& actor, std::int64_t user_id,
                                                   const std::string& session_id);
    /// Turns older than `conversations.retention`, some at a time until `stopping`. Answers how many.
    [[nodiscard]] Result<std::int64_t> expire_conversations(const std::function<bool()>& stopping);

    // Passwords of sources, sealed. Errors: invalid_argument, those of the key file, unavailable.
    static constexpr std::size_t max_source_password = 4096;
    /// Of a source that the caller knows to be there; replaces the one that is stored.
    [[nodiscard]] Result<void> set_source_password(const Actor& actor, std::string_view source,
                                                   const Secret& password);
    /// Errors: also not_found (none is stored).
    [[nodiscard]] Result<void> forget_source_password(const Actor& actor, std::string_view source);
    /// nullopt: none is stored.
    [[nodiscard]] Result<std::optional<Secret>> source_password(std::string_view source);

private:
    struct AcceptedPassword;
    struct Parts;
    [[nodiscard]] Result<std::optional<std::string>> opened(std::string_view column, std::int64_t row,
                                                            const std::string& sealed,
                                                            std::optional<Error>& problem);
    /// Takes what was deleted out of the write-ahead log, if it can be had.
    void forget_deleted();
    [[nodiscard]] Result<std::int64_t> configured_number(ConfigurationKey key);
    template <class Work>
    [[nodiscard]] Result<void> change_user(const Change& what, Work&& work);
    struct Proven;
    [[nodiscard]] Result<Proven> prove(std::string_view username, const Secret& password);
    void note_use(const Client& client);
    explicit PrimaryStore(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace majed::store
