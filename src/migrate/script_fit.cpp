// SPDX-License-Identifier: Apache-2.0
#include "migrate/script_fit.h"

#include "core/ascii.h"

#include <algorithm>

namespace majed::migrate {
namespace {

/// ALTER TABLE IF EXISTS ONLY a.b DETACH PARTITION c.d CONCURRENTLY, and options of REINDEX, are within.
constexpr std::size_t most_tokens = 32;
constexpr std::size_t longest = 32;

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
    const std::size_t name = head.at(2) == "." ? 3 : 1;
    const bool sets = head.is(name + 1, {"=", "("});
    const bool refused =
        head.at(name) == "wal_checkpoint" ||
        (sets && head.is(name, {"foreign_keys", "journal_mode", "synchronous", "temp_store"}));
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
    tokens_.push_back(ascii_lower(lexer.of(token).substr(0, plain ? longest : 1)));
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

}  // namespace majed::migrate
