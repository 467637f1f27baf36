// SPDX-License-Identifier: Apache-2.0
#include "rewrite/login_reach.h"

#include "rewrite/governed_tables.h"

#include <algorithm>

namespace majed::rewrite {
namespace {

constexpr std::size_t most_named = 5;
constexpr std::string_view read_more = "; see docs/guide/postgresql.md";

bool hides_something(const policy::TableDecision& decision) {
    if (decision.rows.denied() != nullptr) return false;
    return decision.rows.filter() != nullptr ||
           std::any_of(decision.columns.begin(), decision.columns.end(),
                       [](const auto& column) { return column.state != policy::ColumnState::shown; });
}

bool hides_columns(const policy::TableDecision& decision) {
    return decision.rows.denied() == nullptr &&
           std::any_of(decision.columns.begin(), decision.columns.end(),
                       [](const auto& column) { return column.state != policy::ColumnState::shown; });
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    if (names.size() > most_named) text += " and " + std::to_string(names.size() - most_named) + " more";
    return text;
}

}  // namespace

std::string LoginReach::oracle_warning() const {
    constexpr std::string_view more = "; see docs/guide/oracle.md";
    if (past_everything) {
        return "user " + login +
               " is a DBA or reads any table or is exempt from access policies: whoever has its password "
               "bypasses the rules" +
               std::string(more);
    }
    if (!powers.empty()) {
        return "user " + login + " may do more than read (" + listed(powers) +
               "): whoever has its password can, and what a query calls may" + std::string(more);
    }
    if (!owns.empty()) {
        return "user " + login + " owns protected tables (" + listed(owns) +
               "): whoever has its password can read, change and drop them" + std::string(more);
    }
    if (reads.empty()) return {};
    return "user " + login + " can read protected tables directly (" + listed(reads) +
           "): whoever has its password bypasses the rules" + std::string(more);
}

std::string LoginReach::warning() const {
    if (make == driver::ServerMake::oracle) return oracle_warning();
    if (past_everything) {
        return "role " + login +
               " is a superuser or has BYPASSRLS: whoever has its password bypasses the rules" +
               std::string(read_more);
    }
    if (!reads.empty()) {
        return "role " + login + " can read protected tables directly (" + listed(reads) +
               "): whoever has its password bypasses the rules" + std::string(read_more);
    }
    if (!owns.empty()) {
        return "role " + login + " owns protected tables (" + listed(owns) +
               "): whoever has its password can take their protection away" + std::string(read_more);
    }
    return {};
}

Result<LoginReach> login_reach(const policy::PolicySet& policies, std::string_view source,
                               const catalog::Snapshot& catalog, Enforcer enforcer) {
    LoginReach reach;
    const driver::ServerFacts* const server = catalog.server();
    if (server == nullptr) return reach;
    reach.login = server->login;
    reach.make = server->make;
    reach.powers = server->powers;
    if (enforcer == Enforcer::server && server->context) {
        // The one that it cannot do without.
        std::erase(reach.powers, "EXECUTE on " + server->context->owner + "." + server->context->package);
    }
    reach.past_everything = server->superuser || server->bypasses_row_security;
    MAJED_TRY_ASSIGN(const auto tables, governed_tables(policies, source, catalog));
    for (const GovernedTable& table : tables) {
        bool hides = false;
        bool columns = false;
        for (const policy::Role role : policy::all_roles) {
            const auto decision = decision_of(policies, role, source, table);
            hides = hides || hides_something(decision);
            columns = columns || hides_columns(decision);
        }
        const driver::RelationFacts& facts = table.relation->facts;
        // Its server guards rows, not columns.
        const bool oracle = server->make == driver::ServerMake::oracle;
        const bool has_policies =
            oracle ? !facts.access_policies.empty() : facts.row_security && facts.force_row_security;
        const bool guarded = enforcer == Enforcer::server && !columns && has_policies;
        // The catalogue holds what the login may read, be it in part.
        if (hides && !guarded) reach.reads.push_back(table.relation->full_name());
        if (hides && facts.login_owns) reach.owns.push_back(table.relation->full_name());
    }
    return reach;
}

}  // namespace majed::rewrite
