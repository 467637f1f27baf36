// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_rewrite_oracle.h"

#include "fuzz/kept_text.h"
#include "fuzz/postgres_reads.h"
#include "fuzz/postgres_same.h"
#include "fuzz/postgres_write_check.h"

#include <algorithm>
#include <set>

namespace majed::fuzz {
namespace {

using Counts = std::map<const RuledTable*, int>;

/// Words that a rule may stand in the place of.
const std::set<std::string> replaceable{"t", "u", "w", "v", "m", "shop", "s", ".", "*", "\"", "table"};

bool is_ruled(const RuledTable& table) {
    return !table.shown.empty() || std::any_of(table.rows.begin(), table.rows.end(),
                                               [](const std::string& rule) { return !rule.empty(); });
}

/// What was named must be read as often, through its rule where it has one.
std::string compare(const Counts& named, const PostgresReads& sent) {
    for (const auto& [table, count] : sent.direct) {
        if (!table->granted.has(policy::Action::select))
            return "it reads " + table->name + ", which no rule lets it";
        if (!table->shown.empty()) return "it reads " + table->schema + "." + table->name + " past its rule";
    }
    Counts read = sent.direct;
    read.insert(sent.through.begin(), sent.through.end());
    return read == named ? "" : "it reads other tables than were named";
}

/// A parameter that stands nowhere has no type, and the server refuses the statement.
bool uses_its_parameters(const rewrite::Rewritten& made) {
    std::size_t number = made.caller_parameters;
    return std::all_of(made.attributes.begin(), made.attributes.end(), [&](const auto& /*each*/) {
        const std::string mark = "$" + std::to_string(++number);
        for (std::size_t at = made.sql.find(mark); at != std::string::npos;
             at = made.sql.find(mark, at + 1)) {
            const std::size_t end = at + mark.size();
            if (end == made.sql.size() || made.sql[end] < '0' || made.sql[end] > '9') return true;
        }
        return false;
    });
}

/// But for the conditions of a write, which are checked for what they hold.
bool is_as_written(const PostgresSame& both, const PostgresTree& written, const PostgresTree& sent) {
    for (const char* const part :
         {"withClause", "selectStmt", "fromClause", "usingClause", "sourceRelation", "targetList"}) {
        if (has(written.body(), part) != has(sent.body(), part)) return false;
        const std::string place = "/" + std::string(part);
        if (!both.same(node_at(written.body(), place), node_at(sent.body(), place))) return false;
    }
    return true;
}

}  // namespace

PostgresRewriteOracle::PostgresRewriteOracle() : server_(sql::DialectId::postgres) {}

std::string PostgresRewriteOracle::check(std::string_view text) {
    // Nobody can guess the name, and the server's parser takes its text as one of C.
    if (text.find(nonce_text) != std::string_view::npos || text.find('\0') != std::string_view::npos)
        return "";
    for (const Principal principal : {Principal::known, Principal::unknown}) {
        if (std::string broken = check(text, principal); !broken.empty()) return broken;
    }
    return "";
}

std::string PostgresRewriteOracle::check(std::string_view text, Principal principal) {
    const auto made =
        server_.send(text, principal == Principal::known ? GovernedServer::known() : Attributes());
    if (!made) return made.error().code == ErrorCode::internal ? made.error().message : "";
    ++sent_;
    const auto told = [&made](const std::string& broken) {
        return broken.empty() ? "" : broken + ": " + made->sql;
    };
    const PostgresTree written{std::string(text)};
    if (!written.refusal().empty()) return "";  // postgres_oracle.h looks into that
    const PostgresTree sent(made->sql);
    if (!sent.refusal().empty()) return told("PostgreSQL does not parse it, " + sent.refusal());
    if (sent.statements() != 1 || sent.kind() != written.kind())
        return told("it is another kind of statement");
    if (!uses_its_parameters(*made)) return told("it does not use its parameters");
    const bool writes = written.kind() != "SelectStmt";
    PostgresReads named(rules_, {}, principal);
    named.read(written.body());
    PostgresWriteCheck write(rules_, written, sent, *made, principal);
    bool ruled = std::any_of(named.direct.begin(), named.direct.end(),
                             [](const auto& each) { return is_ruled(*each.first); });
    if (writes) {
        if (std::string broken = write.run(); !broken.empty()) return told(broken);
        ruled = ruled || is_ruled(*write.target());
    }
    if (!ruled && made->sql != text) return told("it has no rule and was changed");
    PostgresReads reads(rules_, write.telling(), principal);
    if (writes) reads.put_in = write.put_in();
    reads.read(sent.body());
    if (!reads.broken.empty()) return told(reads.broken);
    if (std::string broken = compare(named.direct, reads); !broken.empty()) return told(broken);
    const PostgresSame both(rules_, write.telling(), principal);
    const bool as_written =
        writes ? is_as_written(both, written, sent) : both.same(written.statement(), sent.statement());
    if (!as_written) return told("without its rules it is another statement");
    return keeps_text(text, made->sql, replaceable) ? "" : told("not all of the text was kept");
}

}  // namespace majed::fuzz
