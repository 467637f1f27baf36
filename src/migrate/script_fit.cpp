// SPDX-License-Identifier: Apache-2.0
#include "migrate/script_fit.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>

namespace majed::migrate {
namespace {

/// ALTER TABLE IF EXISTS ONLY a.b DETACH PARTITION c.d CONCURRENTLY, and options of REINDEX, are within.
constexpr std::size_t most_tokens = 32;
constexpr std::size_t longest = 32;

/// Those of a connection; others are of the file, and stay.
constexpr std::array<std::string_view, 9> connection_pragmas{
    "foreign_keys",        "legacy_alter_table", "recursive_triggers", "ignore_check_constraints",
    "case_sensitive_like", "busy_timeout",       "cache_size",         "temp_store",
    "defer_foreign_keys"};

/// SQLite takes a name in any quotes, those of a text too, for a pragma's.
std::string_view unquoted(std::string_view name) {
    return !name.empty() && std::string_view("\"'`[").find(name.front()) != std::string_view::npos
               ? name.substr(1)
               : name;
}

/// Place of the name in `PRAGMA [schema.]name`.
std::size_t pragma_name(const StatementHead& head) {
    return head.at(2) == "." ? 3 : 1;
}

bool sets_pragma(const StatementHead& head) {
    return head.is(pragma_name(head) + 1, {"=", "("});
}

TransactionFit sqlite_fit(const StatementHead& head) {
    if (head.is(0, {"begin", "commit", "end", "rollback", "savepoint", "release"})) {
        return TransactionFit::control;
    }
    if (head.is(0, {"vacuum", "attach", "detach"})) {
        return TransactionFit::outside;
    }
    if (head.at(0) != "pragma") {
        return TransactionFit::inside;
    }
    constexpr std::array<std::string_view, 4> idle_inside{"foreign_keys", "journal_mode", "synchronous",
                                                          "temp_store"};
    const std::string_view name = unquoted(head.at(pragma_name(head)));
    const bool refused =
        name == "wal_checkpoint" ||
        (sets_pragma(head) && std::find(idle_inside.begin(), idle_inside.end(), name) != idle_inside.end());
    return refused ? TransactionFit::outside : TransactionFit::inside;
}

bool postgresql_control(const StatementHead& head) {
    if (head.is(0, {"begin", "commit", "end", "rollback", "abort", "savepoint", "release"})) {
        return true;
    }
    if (head.is(0, {"start", "prepare"})) {
        return head.at(1) == "transaction";
    }
    if (!head.is(0, {"set", "reset"})) {
        return false;
    }
    const std::size_t what =
        head.is(1, {"local", "session"}) && head.at(2) != "characteristics" && head.at(2) != "authorization"
            ? 2
            : 1;
    return head.is(what, {"transaction", "transaction_isolation", "transaction_read_only",
                          "transaction_deferrable"}) ||
           (head.at(what) == "session" && head.at(what + 1) == "characteristics");
}

bool alter_outside(const StatementHead& head) {
    if (head.is(1, {"subscription", "system"})) {
        return true;
    }
    if (head.at(1) == "database") {
        return head.at(3) == "set" && head.at(4) == "tablespace";
    }
    return head.at(1) == "table" && head.holds("detach") && head.holds("concurrently");
}

bool cluster_outside(const StatementHead& head) {
    std::size_t place = 1;
    if (head.at(place) == "(") {
        while (place < head.size() && head.at(place) != ")") {
            ++place;
        }
        ++place;
    } else if (head.at(place) == "verbose") {
        ++place;
    }
    return head.at(place).empty();
}

TransactionFit postgresql_fit(const StatementHead& head) {
    if (postgresql_control(head)) {
        return TransactionFit::control;
    }
    bool outside = head.at(0) == "vacuum";
    if (head.is(0, {"create", "drop"})) {
        const std::size_t index = head.at(1) == "unique" ? 2 : 1;
        outside = head.is(1, {"database", "tablespace", "subscription"}) ||
                  (head.at(index) == "index" && head.at(index + 1) == "concurrently");
    } else if (head.at(0) == "alter") {
        outside = alter_outside(head);
    } else if (head.at(0) == "reindex") {
        outside = head.holds("schema") || head.holds("database") || head.holds("system") ||
                  head.holds("concurrently");
    } else if (head.at(0) == "discard") {
        outside = head.at(1) == "all";
    } else if (head.at(0) == "cluster") {
        outside = cluster_outside(head);
    }
    return outside ? TransactionFit::outside : TransactionFit::inside;
}

/// DDL commits by itself; what calls procedures may commit, and nothing says whether it does.
TransactionFit oracle_fit(const StatementHead& head) {
    if (head.is(0, {"commit", "rollback", "savepoint"}) ||
        (head.at(0) == "set" && head.at(1) == "transaction")) {
        return TransactionFit::control;
    }
    const bool inside =
        head.is(0, {"select", "insert", "update", "delete", "merge", "lock", "explain", "with", "("}) ||
        (head.at(0) == "set" && head.is(1, {"constraint", "constraints"}));
    return inside ? TransactionFit::inside : TransactionFit::outside;
}

}  // namespace

void StatementHead::take(const Lexer& lexer, const Token& token) {
    if (tokens_.size() == most_tokens) {
        return;
    }
    const bool plain = token.kind == TokenKind::word || token.kind == TokenKind::sign;
    std::string_view text = lexer.of(token).substr(0, longest);
    if (!plain && lexer.of(token).size() <= longest && text.size() > 1) {
        text.remove_suffix(1);
    }
    tokens_.push_back(ascii_lower(text));
}

std::string_view StatementHead::at(std::size_t place) const noexcept {
    return place < tokens_.size() ? std::string_view(tokens_[place]) : std::string_view();
}

bool StatementHead::is(std::size_t place, std::initializer_list<std::string_view> words) const noexcept {
    return std::find(words.begin(), words.end(), at(place)) != words.end();
}

bool StatementHead::holds(std::string_view word) const noexcept {
    return std::find(tokens_.begin(), tokens_.end(), word) != tokens_.end();
}

TransactionFit fit_of(Dialect dialect, const StatementHead& head) {
    switch (dialect) {
        case Dialect::sqlite:
            return sqlite_fit(head);
        case Dialect::postgresql:
            return postgresql_fit(head);
        case Dialect::oracle:
            return oracle_fit(head);
    }
    return TransactionFit::outside;
}

bool sets_session_only(Dialect dialect, const StatementHead& head) {
    switch (dialect) {
        case Dialect::sqlite: {
            const std::string_view name = unquoted(head.at(pragma_name(head)));
            return head.at(0) == "pragma" && sets_pragma(head) &&
                   std::find(connection_pragmas.begin(), connection_pragmas.end(), name) !=
                       connection_pragmas.end();
        }
        case Dialect::postgresql:
            return head.is(0, {"set", "reset"}) && !head.is(1, {"local", "constraints", "transaction"});
        case Dialect::oracle:
            return head.at(0) == "alter" && head.at(1) == "session";
    }
    return false;
}

}  // namespace majed::migrate
