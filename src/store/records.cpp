// SPDX-License-Identifier: Apache-2.0
#include "store/records.h"

#include "telemetry/safe_text.h"

#include <algorithm>
#include <array>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::Statement;

constexpr std::string_view user_columns =
    "SELECT id, username, role, must_change_password, active, created_at, hashed_password FROM users"
    " WHERE deleted_at IS NULL ";
constexpr std::string_view client_columns =
    "SELECT c.id, c.client_name, c.client_id, c.role, c.active, c.created_at, ifnull(c.expires_at, ''),"
    " ifnull(c.last_used_at, ''), ifnull(c.previous_valid_until, '')";
/// Of a client with a key or id ?1, at ?2.
constexpr std::string_view client_proofs =
    ", CASE WHEN c.api_key_id = ?1 THEN c.api_key ELSE c.previous_api_key END, c.client_secret,"
    " CASE WHEN c.previous_valid_until > ?2 THEN c.previous_client_secret ELSE '' END,"
    " c.expires_at IS NOT NULL AND c.expires_at <= ?2";
constexpr std::string_view from_clients = " FROM integration_clients AS c ";
constexpr std::string_view attribute_columns = "SELECT name, value FROM user_attributes WHERE user_id = ?1 ";

std::string joined(std::string_view first, std::string_view second) {
    return std::string(first).append(second);
}

Error refused(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

Result<policy::Role> role_of(const Statement& row, int column) {
    const auto role = policy::role_from(row.text(column));
    if (!role)
        return Error{.code = ErrorCode::internal, .message = "the primary store holds an unknown role"};
    return *role;
}

Result<StoredUser> user_in(const Statement& row) {
    MAJED_TRY_ASSIGN(const policy::Role role, role_of(row, 2));
    return StoredUser{.user = {.id = row.integer(0),
                               .username = row.text(1),
                               .role = role,
                               .must_change_password = row.integer(3) != 0,
                               .active = row.integer(4) != 0,
                               .attributes = {},
                               .created_at = row.text(5)},
                      .hashed_password = row.text(6)};
}

Result<Client> client_in(const Statement& row) {
    MAJED_TRY_ASSIGN(const policy::Role role, role_of(row, 3));
    return Client{.id = row.integer(0),
                  .client_name = row.text(1),
                  .client_id = row.text(2),
                  .role = role,
                  .active = row.integer(4) != 0,
                  .created_at = row.text(5),
                  .expires_at = row.text(6),
                  .last_used_at = row.text(7),
                  .previous_valid_until = row.text(8)};
}

Result<StoredClient> proven_client_in(const Statement& row) {
    MAJED_TRY_ASSIGN(Client client, client_in(row));
    return StoredClient{.client = std::move(client),
                        .key_digest = row.text(9),
                        .secret_digest = row.text(10),
                        .previous_secret_digest = row.text(11),
                        .expired = row.integer(12) != 0};
}

/// A statement left on a row would keep its snapshot of the file.
Result<std::optional<StoredClient>> one_client(Statement& statement, std::string_view argument,
                                               std::string_view now) {
    MAJED_TRY(statement.bind(std::array<Value, 2>{std::string(argument), std::string(now)}));
    MAJED_TRY_ASSIGN(const bool found, statement.step());
    if (!found) return std::optional<StoredClient>();
    auto stored = proven_client_in(statement);
    statement.reset();
    MAJED_TRY_ASSIGN(StoredClient client, std::move(stored));
    return std::optional(std::move(client));
}

Result<Attributes> attributes_with(Statement& statement, std::int64_t user_id) {
    MAJED_TRY(statement.bind(std::array<Value, 1>{user_id}));
    Attributes attributes;
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        attributes[statement.text(0)].push_back(statement.text(1));
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return attributes;
}

bool is_plain(std::string_view text) {
    return telemetry::safe_text(text) == text;
}

bool is_attribute_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= 64 && letter(name.front()) &&
           std::ranges::all_of(name, letter_or_digit);
}

}  // namespace

Result<Lookups> Lookups::prepare(Database& database) {
    const std::string proven = std::string(client_columns).append(client_proofs).append(from_clients);
    MAJED_TRY_ASSIGN(auto by_name, database.prepare(joined(user_columns, "AND username = ?1")));
    MAJED_TRY_ASSIGN(auto by_id, database.prepare(joined(user_columns, "AND id = ?1")));
    MAJED_TRY_ASSIGN(auto attributes, database.prepare(joined(attribute_columns, "ORDER BY name, position")));
    MAJED_TRY_ASSIGN(
        auto by_key,
        database.prepare(proven + "WHERE c.api_key_id = ?1"
                                  " OR (c.previous_api_key_id = ?1 AND c.previous_valid_until > ?2)"));
    MAJED_TRY_ASSIGN(auto client, database.prepare(proven + "WHERE c.client_id = ?1"));
    MAJED_TRY_ASSIGN(auto session,
                     database.prepare("SELECT id, public_id, user_id, last_used_at FROM sessions"
                                      " WHERE token_digest = ?1 AND expires_at > ?2"));
    MAJED_TRY_ASSIGN(auto by_token,
                     database.prepare(proven + "JOIN access_tokens AS t ON t.client_row = c.id"
                                               " WHERE t.token_digest = ?1 AND t.expires_at > ?2"));
    MAJED_TRY_ASSIGN(auto configured, database.prepare("SELECT value FROM configuration WHERE key = ?1"));
    return Lookups{std::move(by_name), std::move(by_id),   std::move(attributes), std::move(by_key),
                   std::move(client),  std::move(session), std::move(by_token),   std::move(configured)};
}

namespace {

Result<std::optional<StoredUser>> one_user(Statement& statement, Statement& attributes, Value argument) {
    MAJED_TRY(statement.bind(std::array<Value, 1>{std::move(argument)}));
    MAJED_TRY_ASSIGN(const bool found, statement.step());
    if (!found) return std::optional<StoredUser>();
    auto stored = user_in(statement);
    statement.reset();
    MAJED_TRY_ASSIGN(StoredUser user, std::move(stored));
    MAJED_TRY_ASSIGN(user.user.attributes, attributes_with(attributes, user.user.id));
    return std::optional(std::move(user));
}

}  // namespace

Result<std::optional<StoredUser>> Lookups::find_user(std::string_view username) {
    return one_user(user_by_name, attributes_of, std::string(username));
}

Result<std::optional<StoredUser>> Lookups::find_user(std::int64_t id) {
    return one_user(user_by_id, attributes_of, id);
}

Result<std::optional<StoredClient>> Lookups::find_client_by_key(std::string_view api_key_id,
                                                                std::string_view now) {
    return one_client(client_by_key, api_key_id, now);
}

Result<std::optional<StoredClient>> Lookups::find_client(std::string_view client_id, std::string_view now) {
    return one_client(client_by_id, client_id, now);
}

Result<std::optional<StoredClient>> Lookups::find_client_by_token(std::string_view token_digest,
                                                                  std::string_view now) {
    return one_client(client_by_token, token_digest, now);
}

Result<std::vector<User>> list_users(Database& database) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare(joined(user_columns, "ORDER BY username")));
    MAJED_TRY_ASSIGN(auto attributes, database.prepare(joined(attribute_columns, "ORDER BY name, position")));
    std::vector<User> users;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more) {
        MAJED_TRY_ASSIGN(StoredUser stored, user_in(rows));
        MAJED_TRY_ASSIGN(stored.user.attributes, attributes_with(attributes, stored.user.id));
        users.push_back(std::move(stored.user));
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    return users;
}

Result<std::vector<Client>> list_clients(Database& database, std::string_view where,
                                         std::string_view argument) {
    MAJED_TRY_ASSIGN(auto rows,
                     database.prepare(std::string(client_columns).append(from_clients).append(where) +
                                      " ORDER BY c.active DESC, c.id DESC"));
    MAJED_TRY(rows.bind(std::array<Value, 1>{std::string(argument)}));
    std::vector<Client> clients;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more) {
        MAJED_TRY_ASSIGN(Client client, client_in(rows));
        clients.push_back(std::move(client));
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    return clients;
}

Result<void> write_attribute(Database& database, std::int64_t user_id, std::string_view name,
                             const std::vector<std::string>& values) {
    MAJED_TRY(change(database, "DELETE FROM user_attributes WHERE user_id = ?1 AND name = ?2",
                     {user_id, std::string(name)}));
    std::int64_t position = 0;
    for (const std::string& value : values) {
        MAJED_TRY(change(
            database, "INSERT INTO user_attributes (user_id, name, position, value) VALUES (?1, ?2, ?3, ?4)",
            {user_id, std::string(name), position++, value}));
    }
    return {};
}

Result<std::int64_t> change(Database& database, std::string_view sql, const std::vector<Value>& values) {
    MAJED_TRY_ASSIGN(auto statement, database.prepare(sql));
    MAJED_TRY(statement.bind(values));
    MAJED_TRY(statement.step());
    return database.changes();
}

std::size_t characters_in(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<void> check_plain(std::string_view what, std::string_view text) {
    const std::size_t characters = characters_in(text);
    if (is_plain(text) && characters >= 1 && characters <= 255) return {};
    return refused(joined(what, ": expected 1 to 255 characters, no control characters"));
}

Result<void> check_name(std::string_view what, std::string_view name) {
    const bool good = is_plain(name) && characters_in(name) >= 1 && characters_in(name) <= 255 &&
                      name.front() != ' ' && name.back() != ' ';
    if (good) return {};
    return refused(joined(what, " must have 1 to 255 characters, no control characters and no outer blanks"));
}

Result<void> check_attribute(std::string_view name, const std::vector<std::string>& values) {
    if (!is_attribute_name(name)) {
        return refused(
            "an attribute's name must have 1 to 64 letters, digits and underscores, no digit first");
    }
    const auto good = [](const std::string& value) { return value.size() <= 1024 && is_plain(value); };
    if (values.size() <= 1000 && std::ranges::all_of(values, good)) return {};
    return refused(
        "an attribute takes at most 1000 values of at most 1024 bytes, without control characters");
}

}  // namespace majed::store
