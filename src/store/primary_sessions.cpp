// SPDX-License-Identifier: Apache-2.0
#include "crypto/api_key.h"
#include "crypto/random.h"
#include "store/primary_store.h"
#include "store/store_parts.h"

#include <array>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;

constexpr std::string_view session_prefix = "ms_";
/// A time of last use is written once in so long, not with every request.
constexpr std::chrono::minutes session_use_is_noted_every{1};
constexpr std::size_t longest_user_agent = 512;

struct SessionRow {
    std::int64_t id = 0;
    std::string public_id;
    std::int64_t user_id = 0;
    std::string last_used_at;
};

Result<std::optional<SessionRow>> find_session(Lookups& lookups, const std::string& digest,
                                               const std::string& now) {
    auto& statement = lookups.session_by_token;
    MAJED_TRY(statement.bind(std::array<Value, 2>{digest, now}));
    MAJED_TRY_ASSIGN(const bool found, statement.step());
    if (!found) return std::optional<SessionRow>();
    SessionRow row{statement.integer(0), statement.text(1), statement.integer(2), statement.text(3)};
    statement.reset();
    return std::optional(std::move(row));
}

/// What is over, and what is one too many for this user.
Result<void> make_room(Database& database, std::int64_t user_id, std::string_view now, std::size_t most) {
    MAJED_TRY(change(database, "DELETE FROM sessions WHERE expires_at <= ?1", {std::string(now)}));
    MAJED_TRY(change(database,
                     "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN (SELECT id FROM sessions WHERE"
                     " user_id = ?1 ORDER BY last_used_at DESC, id DESC LIMIT ?2)",
                     {user_id, static_cast<std::int64_t>(most) - 1}));
    return {};
}

}  // namespace

Result<Login> PrimaryStore::log_in(Actor origin, std::string_view username, const Secret& password) {
    MAJED_TRY_ASSIGN(Proven proven, prove(username, password));
    origin.user_id = proven.user.id;
    origin.name = proven.user.username;
    origin.role = policy::to_string(proven.user.role);
    Secret token(std::string(session_prefix) + crypto::random_base64url(32));
    const std::string now = parts_->connection->now_text();
    const Change what{origin, Operation::session_open, proven.user.username};
    const auto opened = parts_->connection->change(what, [&](Database& database, Images&) -> Result<void> {
        MAJED_TRY(make_room(database, proven.user.id, now, parts_->options.sessions_per_user));
        MAJED_TRY_ASSIGN(
            const auto added,
            change(database,
                   "INSERT INTO sessions (public_id, token_digest, user_id, ip_address, user_agent,"
                   " created_at, last_used_at, expires_at) SELECT ?1, ?2, id, ?4, ?5, ?6, ?6, ?7"
                   " FROM users WHERE id = ?3 AND active AND hashed_password = ?8",
                   {crypto::random_hex(8), crypto::digest_of_secret(token.reveal()), proven.user.id,
                    origin.ip_address, origin.user_agent.substr(0, longest_user_agent), now,
                    parts_->time_after(parts_->options.session_lifetime), proven.hashed_password}));
        return added == 1 ? Result<void>() : unproven();
    });
    MAJED_TRY(opened);
    return Login{std::move(proven.user), std::move(token)};
}

Result<SessionHolder> PrimaryStore::session(std::string_view token) {
    const std::string digest = crypto::digest_of_secret(token);
    const std::string now = parts_->connection->now_text();
    MAJED_TRY_ASSIGN(auto row, parts_->connection->read(
                                   [&](Database&) { return find_session(parts_->lookups, digest, now); }));
    if (!row || row->last_used_at <= parts_->time_after(-parts_->options.session_idle)) return unproven();
    MAJED_TRY_ASSIGN(auto stored, parts_->connection->read(
                                      [&](Database&) { return parts_->lookups.find_user(row->user_id); }));
    if (!stored || !stored->user.active) return unproven();
    if (row->last_used_at <= parts_->time_after(-session_use_is_noted_every)) {
        // When it cannot be written the session ends sooner, which is the safe side.
        static_cast<void>(parts_->connection->maintain([&](Database& database) {
            return change(database, "UPDATE sessions SET last_used_at = ?1 WHERE id = ?2", {now, row->id});
        }));
    }
    return SessionHolder{std::move(stored->user), std::move(row->public_id)};
}

Result<std::vector<UserSession>> PrimaryStore::sessions_of(std::int64_t user_id) {
    const std::string now = parts_->connection->now_text();
    const std::string used_after = parts_->time_after(-parts_->options.session_idle);
    return parts_->connection->read([&](Database& database) -> Result<std::vector<UserSession>> {
        MAJED_TRY_ASSIGN(
            auto rows, database.prepare("SELECT public_id, ip_address, user_agent, created_at, last_used_at,"
                                        " expires_at FROM sessions WHERE user_id = ?1 AND expires_at > ?2 AND"
                                        " last_used_at > ?3 ORDER BY last_used_at DESC, id DESC"));
        MAJED_TRY(rows.bind(std::array<Value, 3>{user_id, now, used_after}));
        std::vector<UserSession> sessions;
        MAJED_TRY_ASSIGN(bool more, rows.step());
        while (more) {
            sessions.push_back(
                {rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5)});
            MAJED_TRY_ASSIGN(more, rows.step());
        }
        return sessions;
    });
}

Result<void> PrimaryStore::close_session(const Actor& actor, std::int64_t user_id,
                                         std::string_view session_id) {
    const Change what{actor, Operation::session_close, actor.name};
    return parts_->connection->change(what, [&](Database& database, Images&) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto ended,
                         change(database, "DELETE FROM sessions WHERE user_id = ?1 AND public_id = ?2",
                                {user_id, std::string(session_id)}));
        if (ended == 0) return Error{.code = ErrorCode::not_found, .message = "there is no such session"};
        return {};
    });
}

}  // namespace majed::store
