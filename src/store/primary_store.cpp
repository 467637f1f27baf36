// SPDX-License-Identifier: Apache-2.0
#include "store/primary_store.h"

#include "store/password_rules.h"
#include "store/record_json.h"
#include "store/store_parts.h"
#include "store/store_version.h"

#include <array>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

Error no_user(std::string_view username) {
    return Error{.code = ErrorCode::not_found, .message = "there is no user " + std::string(username)};
}

Result<StoredUser> existing(Lookups& lookups, std::string_view username) {
    MAJED_TRY_ASSIGN(auto stored, lookups.find_user(username));
    if (!stored) return no_user(username);
    return std::move(*stored);
}

/// Asked inside the transaction that would leave none.
Result<void> keep_an_administrator(Database& database, const User& leaving) {
    if (leaving.role != policy::Role::admin || !leaving.active) return {};
    MAJED_TRY_ASSIGN(auto others, database.prepare("SELECT 1 FROM users WHERE role = 'admin' AND active AND"
                                                   " deleted_at IS NULL AND id <> ?1 LIMIT 1"));
    MAJED_TRY(others.bind(std::array<Value, 1>{leaving.id}));
    MAJED_TRY_ASSIGN(const bool found, others.step());
    if (found) return {};
    return Error{.code = ErrorCode::conflict,
                 .message = leaving.username + " is the last active administrator",
                 .hint = "make another one first"};
}

Result<void> end_sessions(Database& database, std::int64_t user_id, std::string_view kept) {
    MAJED_TRY(change(database, "DELETE FROM sessions WHERE user_id = ?1 AND public_id <> ?2",
                     {user_id, std::string(kept)}));
    return {};
}

}  // namespace

std::string update(std::string_view table, std::string_view assignments, std::string_view condition) {
    std::string sql =
        "UPDATE " + std::string(table) + " SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    if (!assignments.empty()) sql.append(", ").append(assignments);
    return sql.append(" WHERE ").append(condition);
}

Error or_taken(Error error, std::string message) {
    if (error.code != ErrorCode::conflict) return error;
    return Error{.code = ErrorCode::conflict, .message = std::move(message)};
}

Error unproven() {
    return Error{.code = ErrorCode::unauthenticated, .message = "the credentials are not valid"};
}

policy::Principal principal_of(const User& user, std::string_view how) {
    return {.kind = policy::PrincipalKind::user,
            .id = user.id,
            .name = user.username,
            .role = user.role,
            .attributes = user.attributes,
            .authenticated_by = std::string(how)};
}

Result<PrimaryStore::AcceptedPassword> PrimaryStore::Parts::hash_if_accepted(
    const Secret& password, std::string_view username) const {
    AcceptedPassword accepted;
    if (auto checked = check_password(password, username); !checked) {
        accepted.refusal = std::move(checked).error();
    } else {
        MAJED_TRY_ASSIGN(accepted.hash, hasher->hash(password));
    }
    return accepted;
}

PrimaryStore::PrimaryStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

PrimaryStore::~PrimaryStore() = default;

Result<std::unique_ptr<PrimaryStore>> PrimaryStore::open(const std::string& path, StoreOptions options) {
    MAJED_TRY_ASSIGN(auto database, Database::open(path, OpenMode::read_write));
    MAJED_TRY_ASSIGN(const std::int64_t version, stored_version(database, path));
    MAJED_TRY(refuse_other(version));
    // Prepared before the connection is shared: nobody else has it yet.
    MAJED_TRY_ASSIGN(Lookups lookups, Lookups::prepare(database));
    MAJED_TRY_ASSIGN(auto connection,
                     StoreConnection::over(std::move(database), options.journal, options.clock));
    MAJED_TRY_ASSIGN(auto hasher, crypto::PasswordHasher::create(options.passwords));
    auto parts = std::make_unique<Parts>(
        Parts{std::move(connection), std::move(lookups), std::move(hasher), std::move(options), path});
    return std::unique_ptr<PrimaryStore>(new PrimaryStore(std::move(parts)));
}

Result<User> PrimaryStore::add_user(const Actor& actor, const NewUser& user, const Secret& password) {
    MAJED_TRY(check_name("a username", user.username));
    for (const auto& [name, values] : user.attributes) MAJED_TRY(check_attribute(name, values));
    MAJED_TRY_ASSIGN(const AcceptedPassword accepted, parts_->hash_if_accepted(password, user.username));
    const Change what{actor, Operation::user_add, user.username};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<User> {
        if (accepted.refusal) return *accepted.refusal;
        auto added = change(database,
                            "INSERT INTO users (username, hashed_password, role, must_change_password)"
                            " VALUES (?1, ?2, ?3, ?4)",
                            {user.username, accepted.hash, std::string(policy::to_string(user.role)),
                             std::int64_t{user.must_change_password ? 1 : 0}});
        if (!added)
            return or_taken(std::move(added).error(),
                            "there is a user " + user.username + " already, or was");
        const std::int64_t id = database.last_insert_rowid();
        for (const auto& [name, values] : user.attributes)
            MAJED_TRY(write_attribute(database, id, name, values));
        MAJED_TRY_ASSIGN(StoredUser stored, existing(parts_->lookups, user.username));
        images.after = user_image(stored.user, traits_of(what.operation).images);
        return std::move(stored.user);
    });
}

Result<std::vector<User>> PrimaryStore::users() {
    return parts_->connection->read([](Database& database) { return list_users(database); });
}

Result<User> PrimaryStore::user(std::string_view username) {
    MAJED_TRY_ASSIGN(auto stored, parts_->connection->read(
                                      [&](Database&) { return existing(parts_->lookups, username); }));
    return std::move(stored.user);
}

Result<User> PrimaryStore::user(std::int64_t id) {
    MAJED_TRY_ASSIGN(auto stored,
                     parts_->connection->read([&](Database&) { return parts_->lookups.find_user(id); }));
    if (!stored) return no_user(std::to_string(id));
    return std::move(stored->user);
}

/// Changes one user: `work` gets its row as it is; before and after are told to the journal.
template <class Work>
Result<void> PrimaryStore::change_user(const Change& what, Work&& work) {
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
        MAJED_TRY_ASSIGN(const StoredUser stored, existing(parts_->lookups, what.resource_id));
        images.before = user_image(stored.user, traits_of(what.operation).images);
        MAJED_TRY(work(database, stored.user));
        MAJED_TRY_ASSIGN(const auto after, parts_->lookups.find_user(stored.user.id));
        if (after) images.after = user_image(after->user, traits_of(what.operation).images);
        return {};
    });
}

Result<void> PrimaryStore::set_password(const Actor& actor, std::string_view username, const Secret& password,
                                        PasswordChange by, std::string_view kept_session) {
    MAJED_TRY_ASSIGN(const AcceptedPassword accepted, parts_->hash_if_accepted(password, username));
    const Change what{actor, Operation::user_set_password, std::string(username)};
    return change_user(what, [&](Database& database, const User& user) -> Result<void> {
        if (accepted.refusal) return *accepted.refusal;
        const std::int64_t must_change = by == PasswordChange::by_administrator ? 1 : 0;
        MAJED_TRY(change(database,
                         update("users", "hashed_password = ?1, must_change_password = ?2", "id = ?3"),
                         {accepted.hash, must_change, user.id}));
        return end_sessions(database, user.id, kept_session);
    });
}

Result<void> PrimaryStore::set_role(const Actor& actor, std::string_view username, policy::Role role) {
    const Change what{actor, Operation::user_set_role, std::string(username)};
    return change_user(what, [&](Database& database, const User& user) -> Result<void> {
        if (role != policy::Role::admin) MAJED_TRY(keep_an_administrator(database, user));
        MAJED_TRY(change(database, update("users", "role = ?1", "id = ?2"),
                         {std::string(policy::to_string(role)), user.id}));
        return {};
    });
}

Result<void> PrimaryStore::set_attribute(const Actor& actor, std::string_view username, std::string_view name,
                                         const std::vector<std::string>& values) {
    MAJED_TRY(check_attribute(name, values));
    const Change what{actor, Operation::user_set_attribute, std::string(username)};
    return change_user(what, [&](Database& database, const User& user) -> Result<void> {
        MAJED_TRY(change(database, update("users", "", "id = ?1"), {user.id}));
        return write_attribute(database, user.id, name, values);
    });
}

Result<void> PrimaryStore::set_active(const Actor& actor, std::string_view username, bool active) {
    const Change what{actor, active ? Operation::user_enable : Operation::user_disable,
                      std::string(username)};
    return change_user(what, [&](Database& database, const User& user) -> Result<void> {
        if (!active) {
            MAJED_TRY(keep_an_administrator(database, user));
            MAJED_TRY(end_sessions(database, user.id, {}));
        }
        MAJED_TRY(change(database, update("users", "active = ?1", "id = ?2"),
                         {std::int64_t{active ? 1 : 0}, user.id}));
        return {};
    });
}

Result<void> PrimaryStore::delete_user(const Actor& actor, std::string_view username) {
    const Change what{actor, Operation::user_delete, std::string(username)};
    *parts_->log_holds_deleted = true;
    const auto deleted = change_user(what, [&](Database& database, const User& user) -> Result<void> {
        MAJED_TRY(keep_an_administrator(database, user));
        MAJED_TRY(end_sessions(database, user.id, {}));
        MAJED_TRY(change(database, "DELETE FROM conversations WHERE user_id = ?1", {user.id}));
        MAJED_TRY(change(database, "DELETE FROM user_attributes WHERE user_id = ?1", {user.id}));
        MAJED_TRY(change(database,
                         update("users", "active = FALSE, hashed_password = '', deleted_at = ?1", "id = ?2"),
                         {parts_->connection->now_text(), user.id}));
        return {};
    });
    MAJED_TRY(deleted);
    forget_deleted();
    return {};
}

Result<PrimaryStore::Proven> PrimaryStore::prove(std::string_view username, const Secret& password) {
    MAJED_TRY_ASSIGN(auto stored, parts_->connection->read(
                                      [&](Database&) { return parts_->lookups.find_user(username); }));
    if (!stored) {
        MAJED_TRY(parts_->hasher->verify_nobody(password));
        return unproven();
    }
    MAJED_TRY_ASSIGN(const auto check, parts_->hasher->verify(password, stored->hashed_password));
    if (!check.matches || !stored->user.active) return unproven();
    Proven proven{std::move(stored->user), std::move(stored->hashed_password)};
    if (!check.needs_rehash) return proven;
    MAJED_TRY_ASSIGN(std::string hashed, parts_->hasher->hash(password));
    // Only over the hash that was checked: a password set meanwhile must stay.
    MAJED_TRY(parts_->connection->maintain([&](Database& database) {
        return change(database,
                      "UPDATE users SET hashed_password = ?1 WHERE id = ?2 AND hashed_password = ?3",
                      {hashed, proven.user.id, proven.hashed_password});
    }));
    proven.hashed_password = std::move(hashed);
    return proven;
}

Result<policy::Principal> PrimaryStore::authenticate_password(std::string_view username,
                                                              const Secret& password) {
    MAJED_TRY_ASSIGN(const Proven proven, prove(username, password));
    return principal_of(proven.user, "password");
}

Result<policy::Principal> PrimaryStore::principal_named(std::string_view name) {
    MAJED_TRY_ASSIGN(const auto user,
                     parts_->connection->read([&](Database&) { return parts_->lookups.find_user(name); }));
    const Error inactive{.code = ErrorCode::denied, .message = std::string(name) + " is not active"};
    if (user) {
        if (!user->user.active) return inactive;
        return principal_of(user->user, "local");
    }
    MAJED_TRY_ASSIGN(const auto found, parts_->connection->read([&](Database& database) {
        return list_clients(database, "WHERE client_id = ?1 OR client_name = ?1", name);
    }));
    if (found.empty()) {
        return Error{.code = ErrorCode::not_found,
                     .message = "there is no user and no client " + std::string(name)};
    }
    if (!found.front().active) return inactive;
    return principal_of(found.front(), "local");
}

}  // namespace majed::store
