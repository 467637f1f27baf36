/// Rows of the primary store as values, and the rules a value must meet to become a row.
///
/// Why      One place maps columns to fields; primary_store.cpp and its neighbours keep the order of what happens.
/// Life     Functions over a connection that the caller holds.
/// Threads  One at a time per connection.
/// Not here Transactions (store_connection.h), hashing and authentication (primary_store.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/sqlite/database.h"
#include "store/primary_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::store {

struct StoredUser {
    User user;
    std::string hashed_password;
};

struct StoredClient {
    Client client;
    std::string key_digest;  ///< Of the key that was looked up.
    std::string secret_digest;
    std::string previous_secret_digest;  ///< Empty: none that is still good.
    bool expired = false;
};

/// The statements that run with every request, prepared once. Deleted users are not found.
struct Lookups {
    driver::sqlite::Statement user_by_name;
    driver::sqlite::Statement user_by_id;
    driver::sqlite::Statement attributes_of;
    driver::sqlite::Statement client_by_key;
    driver::sqlite::Statement client_by_id;
    driver::sqlite::Statement session_by_token;
    driver::sqlite::Statement client_by_token;
    driver::sqlite::Statement configuration_by_key;

    [[nodiscard]] static Result<Lookups> prepare(driver::sqlite::Database& database);
    // With attributes. nullopt: no such user.
    [[nodiscard]] Result<std::optional<StoredUser>> find_user(std::string_view username);
    [[nodiscard]] Result<std::optional<StoredUser>> find_user(std::int64_t id);
    // `now` as StoreConnection::now_text. nullopt: no such client.
    [[nodiscard]] Result<std::optional<StoredClient>> find_client_by_key(std::string_view api_key_id,
                                                                         std::string_view now);
    [[nodiscard]] Result<std::optional<StoredClient>> find_client(std::string_view client_id,
                                                                  std::string_view now);
    /// Of a token that has not expired.
    [[nodiscard]] Result<std::optional<StoredClient>> find_client_by_token(std::string_view token_digest,
                                                                           std::string_view now);
};

[[nodiscard]] Result<std::vector<User>> list_users(driver::sqlite::Database& database);
/// `where` is SQL of ours with ?1; newest active first.
[[nodiscard]] Result<std::vector<Client>> list_clients(driver::sqlite::Database& database,
                                                       std::string_view where, std::string_view argument);
[[nodiscard]] Result<void> write_attribute(driver::sqlite::Database& database, std::int64_t user_id,
                                           std::string_view name, const std::vector<std::string>& values);
/// Runs one statement with parameters; returns the number of rows it changed.
[[nodiscard]] Result<std::int64_t> change(driver::sqlite::Database& database, std::string_view sql,
                                          const std::vector<Value>& values);

[[nodiscard]] std::size_t characters_in(std::string_view utf8);

// Errors of all: invalid_argument, saying what is expected.
/// 1..255 characters of valid UTF-8 without control characters and direction marks. `what` names the field.
[[nodiscard]] Result<void> check_plain(std::string_view what, std::string_view text);
/// The same without blanks at its ends.
[[nodiscard]] Result<void> check_name(std::string_view what, std::string_view name);
/// A name as `:user.<name>` can spell it, 1..64 long; values of at most 1024 bytes of plain text, at most 1000.
[[nodiscard]] Result<void> check_attribute(std::string_view name, const std::vector<std::string>& values);

}  // namespace majed::store
