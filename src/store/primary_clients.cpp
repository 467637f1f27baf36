// SPDX-License-Identifier: Apache-2.0
#include "crypto/api_key.h"
#include "crypto/random.h"
#include "store/primary_store.h"
#include "store/record_json.h"
#include "store/store_parts.h"

#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;

constexpr std::string_view token_prefix = "mt_";
/// A time of last use is written once in so long, not with every request.
constexpr std::chrono::minutes use_is_noted_every{1};

Error no_client(std::string_view client_id) {
    return Error{.code = ErrorCode::not_found, .message = "there is no client " + std::string(client_id)};
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

ClientCredentials shown(Client client, NewSecrets secrets) {
    return {std::move(client), std::move(secrets.client_secret), std::move(secrets.api_key.key)};
}

Value text_or_null(const std::string& text) {
    return text.empty() ? Value() : Value(text);
}

}  // namespace

policy::Principal principal_of(const Client& client, std::string_view how) {
    return {.kind = policy::PrincipalKind::client,
            .id = client.id,
            .name = client.client_id,
            .role = client.role,
            .attributes = {},
            .authenticated_by = std::string(how)};
}

Result<ClientCredentials> PrimaryStore::add_client(const Actor& actor, std::string_view client_name,
                                                   std::optional<std::chrono::seconds> valid_for) {
    MAJED_TRY(check_name("a client's name", client_name));
    NewSecrets secrets = make_secrets();
    const std::string client_id = "cl_" + crypto::random_hex(12);
    const std::string expires_at = valid_for ? parts_->time_after(*valid_for) : std::string();
    const Change what{actor, Operation::client_add, std::string(client_name)};
    return parts_->connection->change(
        what, [&](Database& database, Images& images) -> Result<ClientCredentials> {
            auto added =
                change(database,
                       "INSERT INTO integration_clients (client_name, client_id, client_secret, api_key,"
                       " api_key_id, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                       {std::string(client_name), client_id, secrets.secret_digest, secrets.api_key.digest,
                        secrets.api_key.id, text_or_null(expires_at)});
            if (!added) {
                return or_taken(std::move(added).error(),
                                "there is an active client " + std::string(client_name) + " already");
            }
            MAJED_TRY_ASSIGN(auto stored,
                             parts_->lookups.find_client(client_id, parts_->connection->now_text()));
            if (!stored) return no_client(client_id);
            images.after = client_json(stored->client);
            return shown(std::move(stored->client), std::move(secrets));
        });
}

Result<std::vector<Client>> PrimaryStore::clients() {
    return parts_->connection->read(
        [](Database& database) { return list_clients(database, "WHERE ?1 = ''", ""); });
}

Result<Client> PrimaryStore::client(std::string_view client_id) {
    MAJED_TRY_ASSIGN(auto stored, parts_->connection->read([&](Database&) {
        return parts_->lookups.find_client(client_id, parts_->connection->now_text());
    }));
    if (!stored) return no_client(client_id);
    return std::move(stored->client);
}

Result<ClientCredentials> PrimaryStore::rotate_client(const Actor& actor, std::string_view client_id,
                                                      std::chrono::seconds overlap) {
    NewSecrets secrets = make_secrets();
    const std::string now = parts_->connection->now_text();
    const std::string until = parts_->time_after(overlap);
    const Change what{actor, Operation::client_rotate, std::string(client_id)};
    return parts_->connection->change(
        what, [&](Database& database, Images& images) -> Result<ClientCredentials> {
            MAJED_TRY_ASSIGN(const auto found, parts_->lookups.find_client(client_id, now));
            if (!found) return no_client(client_id);
            images.before = client_json(found->client);
            if (!found->client.active) {
                return Error{.code = ErrorCode::conflict, .message = "the client is revoked; add a new one"};
            }
            MAJED_TRY(change(database,
                             update("integration_clients",
                                    "previous_client_secret = client_secret, previous_api_key = api_key,"
                                    " previous_api_key_id = api_key_id, previous_valid_until = ?1,"
                                    " client_secret = ?2, api_key = ?3, api_key_id = ?4",
                                    "id = ?5"),
                             {until, secrets.secret_digest, secrets.api_key.digest, secrets.api_key.id,
                              found->client.id}));
            if (overlap <= std::chrono::seconds::zero()) {
                MAJED_TRY(
                    change(database, "DELETE FROM access_tokens WHERE client_row = ?1", {found->client.id}));
            }
            MAJED_TRY_ASSIGN(auto stored, parts_->lookups.find_client(client_id, now));
            if (!stored) return no_client(client_id);
            images.after = client_json(stored->client);
            return shown(std::move(stored->client), std::move(secrets));
        });
}

Result<void> PrimaryStore::revoke_client(const Actor& actor, std::string_view client_id) {
    const std::string now = parts_->connection->now_text();
    const Change what{actor, Operation::client_revoke, std::string(client_id)};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto found, parts_->lookups.find_client(client_id, now));
        if (!found) return no_client(client_id);
        images.before = client_json(found->client);
        MAJED_TRY(
            change(database, update("integration_clients", "active = FALSE", "id = ?1"), {found->client.id}));
        MAJED_TRY(change(database, "DELETE FROM access_tokens WHERE client_row = ?1", {found->client.id}));
        MAJED_TRY_ASSIGN(const auto after, parts_->lookups.find_client(client_id, now));
        if (after) images.after = client_json(after->client);
        return {};
    });
}

Result<policy::Principal> PrimaryStore::authenticate_api_key(std::string_view key) {
    const auto id = crypto::api_key_id(key);
    if (!id) return unproven();
    // Asked from the file every time, a few microseconds: a revocation by another process holds at once.
    MAJED_TRY_ASSIGN(const auto stored, parts_->connection->read([&](Database&) {
        return parts_->lookups.find_client_by_key(*id, parts_->connection->now_text());
    }));
    const bool good = stored && crypto::secret_matches(key, stored->key_digest) && stored->client.active &&
                      !stored->expired;
    if (!good) return unproven();
    note_use(stored->client);
    return principal_of(stored->client, "api_key");
}

Result<policy::Principal> PrimaryStore::authenticate_client(std::string_view client_id,
                                                            const Secret& secret) {
    MAJED_TRY_ASSIGN(const auto stored, parts_->connection->read([&](Database&) {
        return parts_->lookups.find_client(client_id, parts_->connection->now_text());
    }));
    const std::string nobody = crypto::digest_of_secret(client_id);
    const bool current = crypto::secret_matches(secret.reveal(), stored ? stored->secret_digest : nobody);
    const bool previous =
        crypto::secret_matches(secret.reveal(), stored ? stored->previous_secret_digest : nobody);
    if (!stored || !(current || previous) || !stored->client.active || stored->expired) return unproven();
    note_use(stored->client);
    return principal_of(stored->client, "client_secret");
}

void PrimaryStore::note_use(const Client& client) {
    if (client.last_used_at > parts_->time_after(-use_is_noted_every)) return;
    // Nobody is refused because this could not be written; what is full or locked shows where it matters.
    static_cast<void>(parts_->connection->maintain([&](Database& database) {
        return change(database, "UPDATE integration_clients SET last_used_at = ?1 WHERE id = ?2",
                      {parts_->connection->now_text(), client.id});
    }));
}

Result<AccessToken> PrimaryStore::issue_token(const Actor& actor, const policy::Principal& client,
                                              const Secret& secret) {
    AccessToken made{Secret(std::string(token_prefix) + crypto::random_base64url(32)),
                     std::chrono::floor<std::chrono::seconds>(parts_->options.token_lifetime)};
    const std::string now = parts_->connection->now_text();
    const Change what{actor, Operation::token_issue, client.name};
    const auto done = parts_->connection->change(what, [&](Database& database, Images&) -> Result<void> {
        MAJED_TRY(change(database, "DELETE FROM access_tokens WHERE expires_at <= ?1", {now}));
        MAJED_TRY(change(database,
                         "DELETE FROM access_tokens WHERE client_row = ?1 AND id NOT IN (SELECT id FROM"
                         " access_tokens WHERE client_row = ?1 ORDER BY id DESC LIMIT ?2)",
                         {client.id, static_cast<std::int64_t>(parts_->options.sessions_per_user) - 1}));
        MAJED_TRY_ASSIGN(
            const auto added,
            change(database,
                   "INSERT INTO access_tokens (token_digest, client_row, created_at, expires_at)"
                   " SELECT ?1, id, ?3, ?4 FROM integration_clients WHERE id = ?2 AND active"
                   " AND (expires_at IS NULL OR expires_at > ?3) AND (client_secret = ?5"
                   " OR (previous_client_secret = ?5 AND previous_valid_until > ?3))",
                   {crypto::digest_of_secret(made.token.reveal()), client.id, now,
                    parts_->time_after(made.lifetime), crypto::digest_of_secret(secret.reveal())}));
        return added == 1 ? Result<void>() : unproven();
    });
    MAJED_TRY(done);
    return made;
}

Result<policy::Principal> PrimaryStore::authenticate_token(std::string_view token) {
    const std::string digest = crypto::digest_of_secret(token);
    MAJED_TRY_ASSIGN(const auto stored, parts_->connection->read([&](Database&) {
        return parts_->lookups.find_client_by_token(digest, parts_->connection->now_text());
    }));
    if (!stored || !stored->client.active || stored->expired) return unproven();
    return principal_of(stored->client, "access_token");
}

}  // namespace majed::store
