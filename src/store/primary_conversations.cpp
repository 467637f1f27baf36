// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"
#include "crypto/random.h"
#include "format/json.h"
#include "store/conversations.h"
#include "store/primary_store.h"
#include "store/store_parts.h"
#include "store/store_seals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

/// Others get between two batches.
constexpr std::int64_t turns_per_batch = 100;
/// A turn that took longer is a mistake of units.
constexpr double longest_execution_ms = 1e12;

Error refused_turn(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

Error no_conversation() {
    return Error{.code = ErrorCode::not_found, .message = "there is no such conversation"};
}

Error no_keys() {
    return Error{.code = ErrorCode::unavailable, .message = "what is stored encrypted cannot be used now"}
        .with_hint("whoever runs the server sees why with: majed key list");
}

/// Where the key file is and what is wrong with it is not the caller's to know.
Error without_key_file(Error error) {
    const bool ours = error.code == ErrorCode::internal || error.code == ErrorCode::too_large;
    return ours ? std::move(error) : no_keys();
}

Result<void> check_turn(const NewTurn& turn) {
    if (turn.session_id) MAJED_TRY(check_plain("session_id", *turn.session_id));
    if (turn.message.empty() || turn.message.size() > max_message_size) {
        return refused_turn("message: expected 1 byte to 64 KiB of text");
    }
    if (turn.response && turn.response->size() > max_response_size) {
        return refused_turn("response: expected at most 1 MiB of text");
    }
    if (turn.tools_used.size() > max_tools_of_turn) {
        return refused_turn("tools_used: expected at most " + std::to_string(max_tools_of_turn) + " names");
    }
    for (const std::string& tool : turn.tools_used) MAJED_TRY(check_plain("tools_used", tool));
    const double time = turn.execution_time_ms.value_or(0);
    if (!std::isfinite(time) || time < 0 || time > longest_execution_ms) {
        return refused_turn("execution_time_ms: expected a number of milliseconds from 0 to 1e12");
    }
    return {};
}

Result<std::int64_t> number_from(Database& database, std::string_view sql, const std::vector<Value>& values) {
    MAJED_TRY_ASSIGN(auto row, database.prepare(sql));
    MAJED_TRY(row.bind(values));
    MAJED_TRY_ASSIGN(const bool found, row.step());
    return found ? row.integer(0) : 0;
}

Result<std::int64_t> turns_in(Database& database, std::int64_t user_id, std::string_view session_id) {
    return number_from(database, "SELECT count(*) FROM conversations WHERE user_id = ?1 AND session_id = ?2",
                       {user_id, std::string(session_id)});
}

/// Asked in the transaction that writes: a setting, a user and a number that others change meanwhile hold.
Result<void> may_add_turn(Database& database, Lookups& lookups, std::int64_t user_id) {
    MAJED_TRY_ASSIGN(const bool enabled, configured(lookups, conversations_enabled));
    if (!enabled) {
        return Error{.code = ErrorCode::denied, .message = "conversations take no new turns here"}.with_hint(
            "an administrator has set conversations.enabled to false; what is there can be read and deleted");
    }
    MAJED_TRY_ASSIGN(const auto user, lookups.find_user(user_id));
    if (!user || !user->user.active) return unproven();
    MAJED_TRY_ASSIGN(const std::int64_t most, configured(lookups, conversations_max_turns));
    MAJED_TRY_ASSIGN(
        const std::int64_t have,
        number_from(database, "SELECT count(*) FROM conversations WHERE user_id = ?1", {user_id}));
    if (have < most) return {};
    return Error{
        .code = ErrorCode::conflict,
        .message = "you have " + std::to_string(have) + " turns of conversations, as many as one may"}
        .with_hint("delete conversations you no longer need: DELETE /api/v1/conversations/{session_id}");
}

Value tools_value(const std::vector<std::string>& tools) {
    Value value;
    if (tools.empty()) return value;
    std::string text;
    format::JsonWriter(text).texts(tools);
    value = std::move(text);
    return value;
}

/// The cells of a turn as they are stored.
struct StoredTurn {
    Turn turn;
    std::string message;
    std::string response;  ///< Empty: there is none.
};

constexpr std::string_view turn_columns =
    "SELECT id, session_id, message, ifnull(response, ''), execution_time_ms, created_at,"
    " CASE WHEN json_valid(tools_used) THEN tools_used ELSE '[]' END FROM conversations ";

StoredTurn turn_in(const Statement& row) {
    StoredTurn stored;
    stored.turn.id = row.integer(0);
    stored.turn.session_id = row.text(1);
    stored.message = row.text(2);
    stored.response = row.text(3);
    const ValueView time = row.column(4);
    if (const double* const real = std::get_if<double>(&time); real != nullptr) {
        stored.turn.execution_time_ms = *real;
    }
    stored.turn.created_at = row.text(5);
    return stored;
}

Result<std::vector<std::string>> tools_in(Statement& each, const std::string& json) {
    MAJED_TRY(each.bind(std::array<Value, 1>{json}));
    std::vector<std::string> tools;
    MAJED_TRY_ASSIGN(bool more, each.step());
    while (more) {
        tools.push_back(each.text(0));
        MAJED_TRY_ASSIGN(more, each.step());
    }
    each.reset();
    return tools;
}

/// From `after` on, oldest first, one more than `limit` when there is one; fewer when they are large.
Result<std::vector<StoredTurn>> stored_turns(Database& database, std::int64_t user_id,
                                             const std::string& session_id, std::int64_t after,
                                             std::size_t limit) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare(std::string(turn_columns) +
                                                 "WHERE user_id = ?1 AND session_id = ?2 AND id > ?3"
                                                 " ORDER BY id LIMIT ?4"));
    MAJED_TRY_ASSIGN(auto each, database.prepare("SELECT value FROM json_each(?1) WHERE type = 'text'"));
    MAJED_TRY(
        rows.bind(std::array<Value, 4>{user_id, session_id, after, static_cast<std::int64_t>(limit) + 1}));
    std::vector<StoredTurn> turns;
    std::size_t size = 0;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more && size <= max_turns_page_size) {
        turns.push_back(turn_in(rows));
        MAJED_TRY_ASSIGN(turns.back().turn.tools_used, tools_in(each, rows.text(6)));
        size += turns.back().message.size() + turns.back().response.size();
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    // The last one only tells that it goes on.
    if (more && turns.size() <= limit) turns.push_back(turn_in(rows));
    return turns;
}

/// Those of one page, with the id and the cell of the first message of each.
struct StoredConversation {
    Conversation conversation;
    std::int64_t first_id = 0;
    std::int64_t last_id = 0;
    std::string message;
};

Result<std::vector<StoredConversation>> stored_conversations(Database& database, std::int64_t user_id,
                                                             const ConversationsPlace& place,
                                                             std::size_t limit) {
    MAJED_TRY_ASSIGN(
        auto rows,
        database.prepare(
            "SELECT g.session_id, g.turns, g.first_id, g.last_id, f.created_at, l.created_at, f.message FROM"
            " (SELECT session_id, count(*) AS turns, min(id) AS first_id, max(id) AS last_id FROM "
            "conversations"
            " WHERE user_id = ?1 AND id <= ?2 GROUP BY session_id HAVING max(id) < ?3 ORDER BY max(id) DESC"
            " LIMIT ?4) AS g JOIN conversations AS f ON f.id = g.first_id JOIN conversations AS l ON l.id ="
            " g.last_id ORDER BY g.last_id DESC"));
    MAJED_TRY(rows.bind(
        std::array<Value, 4>{user_id, place.as_of, place.before, static_cast<std::int64_t>(limit) + 1}));
    std::vector<StoredConversation> found;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more) {
        StoredConversation one;
        one.conversation.session_id = rows.text(0);
        one.conversation.turns = rows.integer(1);
        one.first_id = rows.integer(2);
        one.last_id = rows.integer(3);
        one.conversation.created_at = rows.text(4);
        one.conversation.updated_at = rows.text(5);
        one.message = rows.text(6);
        found.push_back(std::move(one));
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    return found;
}

std::string counted(std::string_view what, std::int64_t number) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key(what).integer(number).end_object();
    return out;
}

std::string_view title_of(std::string_view message) {
    std::size_t end = 0;
    for (std::size_t seen = 0; seen < title_characters && end < message.size(); ++seen) {
        end += next_code_point(message.substr(end)).length;
    }
    return message.substr(0, end);
}

Result<void> check_limit(std::size_t limit) {
    if (limit >= 1 && limit <= max_conversations_page) return {};
    return refused_turn("limit: expected a number from 1 to " + std::to_string(max_conversations_page));
}

}  // namespace

Result<Turn> PrimaryStore::add_turn(const Actor& actor, std::int64_t user_id, const NewTurn& turn) {
    MAJED_TRY(check_turn(turn));
    if (parts_->options.seals == nullptr) return no_keys();
    StoreSeals& seals = *parts_->options.seals;
    const std::string session_id = turn.session_id.value_or(crypto::random_hex(16));
    const std::string now = parts_->connection->now_text();
    const Change what{actor, Operation::conversation_add, session_id};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<Turn> {
        MAJED_TRY(may_add_turn(database, parts_->lookups, user_id));
        MAJED_TRY_ASSIGN(const std::int64_t id, next_row(database, Sealed::message));
        auto message = seals.seal(database, Sealed::message, id, turn.message);
        if (!message) return without_key_file(std::move(message).error());
        Value response;
        if (turn.response) {
            auto sealed = seals.seal(database, Sealed::response, id, *turn.response);
            if (!sealed) return without_key_file(std::move(sealed).error());
            response = std::move(*sealed);
        }
        Value time;
        if (turn.execution_time_ms) time = *turn.execution_time_ms;
        MAJED_TRY(change(database,
                         "INSERT INTO conversations (id, user_id, session_id, message, response, tools_used,"
                         " execution_time_ms, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                         {id, user_id, session_id, std::move(*message), std::move(response),
                          tools_value(turn.tools_used), std::move(time), now}));
        MAJED_TRY_ASSIGN(const std::int64_t turns, turns_in(database, user_id, session_id));
        images.after = counted("turns", turns);
        return Turn{.id = id,
                    .session_id = session_id,
                    .message = turn.message,
                    .response = turn.response,
                    .tools_used = turn.tools_used,
                    .execution_time_ms = turn.execution_time_ms,
                    .created_at = now};
    });
}

/// One cell, opened; into `problem` what keeps it shut, once for a row. Errors: those of the key file and the database.
Result<std::optional<std::string>> PrimaryStore::opened(std::string_view column, std::int64_t row,
                                                        const std::string& sealed,
                                                        std::optional<Error>& problem) {
    if (parts_->options.seals == nullptr) return no_keys();
    const Sealed place = column == "message" ? Sealed::message : Sealed::response;
    auto open = parts_->options.seals->open(place, row, sealed);
    if (!open && open.error().code == ErrorCode::invalid_argument) {
        // Perhaps it was sealed anew since it was read, and the key of then is gone.
        const auto again = parts_->connection->read([&](Database& database) -> Result<std::string> {
            MAJED_TRY_ASSIGN(auto cell, database.prepare("SELECT " + std::string(column) +
                                                         " FROM conversations WHERE id = ?1"));
            MAJED_TRY(cell.bind(std::array<Value, 1>{row}));
            MAJED_TRY_ASSIGN(const bool found, cell.step());
            return found ? cell.text(0) : std::string();
        });
        if (again && *again != sealed) open = parts_->options.seals->open(place, row, *again);
    }
    if (open) return std::optional(std::string(open->reveal()));
    if (open.error().code != ErrorCode::invalid_argument) return without_key_file(std::move(open).error());
    problem =
        Error{.code = ErrorCode::conflict,
              .message = "the " + std::string(column) +
                         " that is stored does not open: it was changed, moved here, or its key is gone"}
            .with_hint("the conversation can be deleted; an administrator can put back a backup");
    return std::optional<std::string>();
}

Result<ConversationsPage> PrimaryStore::conversations(std::int64_t user_id, std::size_t limit,
                                                      const std::optional<ConversationsPlace>& from) {
    MAJED_TRY(check_limit(limit));
    ConversationsPlace place;
    auto found = parts_->connection->read([&](Database& database) -> Result<std::vector<StoredConversation>> {
        if (from) {
            place = *from;
        } else {
            MAJED_TRY_ASSIGN(
                place.as_of,
                number_from(database, "SELECT max(id) FROM conversations WHERE user_id = ?1", {user_id}));
            place.before = place.as_of + 1;
        }
        return stored_conversations(database, user_id, place, limit);
    });
    MAJED_TRY_ASSIGN(auto stored, std::move(found));
    ConversationsPage page;
    if (stored.size() > limit) {
        stored.resize(limit);
        page.next = ConversationsPlace{place.as_of, stored.back().last_id};
    }
    for (StoredConversation& one : stored) {
        MAJED_TRY_ASSIGN(const auto message,
                         opened("message", one.first_id, one.message, one.conversation.problem));
        if (message) one.conversation.title = title_of(*message);
        page.items.push_back(std::move(one.conversation));
    }
    return page;
}

Result<TurnsPage> PrimaryStore::turns(std::int64_t user_id, const std::string& session_id, std::size_t limit,
                                      std::int64_t after) {
    MAJED_TRY(check_limit(limit));
    auto found = parts_->connection->read([&](Database& database) -> Result<std::vector<StoredTurn>> {
        MAJED_TRY_ASSIGN(auto turns, stored_turns(database, user_id, session_id, after, limit));
        if (!turns.empty()) return turns;
        MAJED_TRY_ASSIGN(const std::int64_t all, turns_in(database, user_id, session_id));
        if (all == 0) return no_conversation();
        return turns;
    });
    MAJED_TRY_ASSIGN(auto stored, std::move(found));
    TurnsPage page;
    std::size_t size = 0;
    for (StoredTurn& one : stored) {
        if (page.items.size() == limit || size > max_turns_page_size) {
            page.next = page.items.back().id;
            break;
        }
        size += one.message.size() + one.response.size();
        Turn& turn = one.turn;
        MAJED_TRY_ASSIGN(turn.message, opened("message", turn.id, one.message, turn.problem));
        if (!one.response.empty()) {
            MAJED_TRY_ASSIGN(turn.response, opened("response", turn.id, one.response, turn.problem));
        }
        page.items.push_back(std::move(turn));
    }
    return page;
}

Result<void> PrimaryStore::delete_conversation(const Actor& actor, std::int64_t user_id,
                                               const std::string& session_id) {
    // No conversation has such a name, and the audit need not keep it.
    if (!check_plain("session_id", session_id)) return no_conversation();
    const Change what{actor, Operation::conversation_delete, session_id};
    *parts_->log_holds_deleted = true;
    const auto deleted =
        parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
            MAJED_TRY_ASSIGN(
                const std::int64_t turns,
                change(database, "DELETE FROM conversations WHERE user_id = ?1 AND session_id = ?2",
                       {user_id, session_id}));
            if (turns == 0) return no_conversation();
            images.before = counted("turns", turns);
            return {};
        });
    MAJED_TRY(deleted);
    forget_deleted();
    return {};
}

Result<std::int64_t> PrimaryStore::expire_conversations(const std::function<bool()>& stopping) {
    // What could not be forgotten when it was deleted is tried again.
    if (*parts_->log_holds_deleted) forget_deleted();
    MAJED_TRY_ASSIGN(const auto retention, configured(conversations_retention));
    if (retention == std::chrono::milliseconds::zero()) return 0;
    const std::string until = parts_->time_after(-retention);
    MAJED_TRY_ASSIGN(const std::int64_t expired, parts_->connection->read([&](Database& database) {
        return number_from(database, "SELECT 1 FROM conversations WHERE created_at < ?1 LIMIT 1", {until});
    }));
    if (expired == 0) return 0;
    const Actor actor{.name = "majed"};
    std::int64_t deleted = 0;
    const Change what{actor, Operation::conversations_expire, {}};
    *parts_->log_holds_deleted = true;
    const auto done =
        parts_->connection->change_in_batches(what, [&](Database& database, Images& images) -> Result<bool> {
            MAJED_TRY_ASSIGN(
                const std::int64_t gone,
                change(database,
                       "DELETE FROM conversations WHERE id IN (SELECT id FROM conversations WHERE"
                       " created_at < ?1 ORDER BY created_at LIMIT ?2)",
                       {until, turns_per_batch}));
            deleted += gone;
            images.after = counted("deleted", deleted);
            return gone == turns_per_batch && !stopping();
        });
    forget_deleted();
    MAJED_TRY(done);
    return deleted;
}

void PrimaryStore::forget_deleted() {
    parts_->log_holds_deleted->exchange(false);
    const auto emptied = [this]() -> Result<bool> {
        // Nobody else waits for this connection, and it does not wait long for others.
        constexpr std::chrono::milliseconds patience{250};
        MAJED_TRY_ASSIGN(auto database, Database::open(parts_->path, OpenMode::read_write, patience));
        MAJED_TRY_ASSIGN(const std::int64_t busy,
                         number_from(database, "PRAGMA wal_checkpoint(TRUNCATE)", {}));
        return busy == 0;
    }();
    if (!emptied || !*emptied) *parts_->log_holds_deleted = true;
}

}  // namespace majed::store
