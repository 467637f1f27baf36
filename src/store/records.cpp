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
    "SELECT id, username, role, must_change_password, active, created_at, hashed_password FROM users ";
constexpr std::string_view client_columns =
    "SELECT id, client_name, client_id, role, active, created_at, api_key FROM integration_clients ";
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

Result<StoredClient> client_in(const Statement& row) {
    MAJED_TRY_ASSIGN(const policy::Role role, role_of(row, 3));
    return StoredClient{.client = {.id = row.integer(0),
                                   .client_name = row.text(1),
                                   .client_id = row.text(2),
                                   .role = role,
                                   .active = row.integer(4) != 0,
                                   .created_at = row.text(5)},
                        .key_digest = row.text(6)};
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

std::size_t characters_in(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
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
    MAJED_TRY_ASSIGN(auto user, database.prepare(joined(user_columns, "WHERE username = ?1")));
    MAJED_TRY_ASSIGN(auto attributes, database.prepare(joined(attribute_columns, "ORDER BY name, position")));
    MAJED_TRY_ASSIGN(auto client, database.prepare(joined(client_columns, "WHERE api_key_id = ?1")));
    return Lookups{std::move(user), std::move(attributes), std::move(client)};
}

Result<std::optional<StoredUser>> Lookups::find_user(std::string_view username) {
    MAJED_TRY(user_by_name.bind(std::array<Value, 1>{std::string(username)}));
    MAJED_TRY_ASSIGN(const bool found, user_by_name.step());
    if (!found) return std::optional<StoredUser>();
    auto stored = user_in(user_by_name);
    user_by_name.reset();  // A statement left on a row would keep its snapshot of the file.
    MAJED_TRY_ASSIGN(StoredUser user, std::move(stored));
    MAJED_TRY_ASSIGN(user.user.attributes, attributes_with(attributes_of, user.user.id));
    return std::optional(std::move(user));
}

Result<std::optional<StoredClient>> Lookups::find_client_by_key(std::string_view api_key_id) {
    MAJED_TRY(client_by_key.bind(std::array<Value, 1>{std::string(api_key_id)}));
    MAJED_TRY_ASSIGN(const bool found, client_by_key.step());
    if (!found) return std::optional<StoredClient>();
    auto stored = client_in(client_by_key);
    client_by_key.reset();
    MAJED_TRY_ASSIGN(StoredClient client, std::move(stored));
    return std::optional(std::move(client));
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
                     database.prepare(joined(client_columns, where) + " ORDER BY active DESC, id DESC"));
    MAJED_TRY(rows.bind(std::array<Value, 1>{std::string(argument)}));
    std::vector<Client> clients;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more) {
        MAJED_TRY_ASSIGN(StoredClient stored, client_in(rows));
        clients.push_back(std::move(stored.client));
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

Result<void> check_name(std::string_view what, std::string_view name) {
    const bool good = is_plain(name) && characters_in(name) >= 1 && characters_in(name) <= 255 &&
                      name.front() != ' ' && name.back() != ' ';
    if (good) return {};
    return refused(joined(what, " must have 1 to 255 characters, no control characters and no outer blanks"));
}

Result<void> check_password(const Secret& password) {
    const std::size_t length = password.reveal().size();
    if (length >= 8 && length <= 1024) return {};
    return refused("a password must have 8 to 1024 bytes");
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
