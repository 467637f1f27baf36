// SPDX-License-Identifier: Apache-2.0
#include "rewrite/native_oracle.h"

#include "core/ascii.h"
#include "crypto/digest.h"
#include "driver/native_context.h"
#include "rewrite/governed_tables.h"
#include "rewrite/inline_policy.h"
#include "rewrite/inline_words.h"
#include "rewrite/quoting.h"
#include "sql/functions.h"
#include "sql/plain_types.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace majed::rewrite {
namespace {

/// Of tables inside a rule, and the values of attributes: no table of Oracle's dictionary or ours is called so.
constexpr std::string_view rule_alias = "majed";
/// What a policy's function can answer.
constexpr std::size_t longest_condition = 32'767;
/// Of a digest, in the name of a function; names have 30 bytes on older servers.
constexpr std::size_t digest_digits = 16;

/// Every relation of the catalogue, with all of its columns, as rules see them.
class WholeCatalog final : public sql::Schema {
public:
    explicit WholeCatalog(const catalog::Snapshot& catalog) : catalog_(catalog) {}

    const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                             std::string_view name) const override {
        const catalog::Relation* const found = catalog_.find(qualifier, name);
        return found == nullptr ? nullptr : &of(*found);
    }
    bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name, sql::DialectId::oracle) != nullptr &&
               !catalog_.redefines_function(name);
    }
    bool type_allowed(std::string_view name) const override {
        return sql::is_plain_type(name, sql::DialectId::oracle) && !catalog_.redefines_type(name);
    }
    bool operator_allowed(std::string_view name) const override { return !catalog_.redefines_operator(name); }

    [[nodiscard]] const sql::SchemaRelation& of(const catalog::Relation& table) const {
        std::unique_ptr<sql::SchemaRelation>& made = relations_[&table];
        if (made != nullptr) return *made;
        made = std::make_unique<sql::SchemaRelation>();
        made->name = table.name;
        made->schema = table.schema;
        made->rowid_withheld = true;
        for (const catalog::Column& column : table.columns) {
            sql::SchemaColumn& added = made->columns.emplace_back();
            added.name = column.name;
            added.declared_type = column.declared_type;
            added.hidden = column.hidden;
        }
        return *made;
    }

private:
    const catalog::Snapshot& catalog_;
    mutable std::map<const catalog::Relation*, std::unique_ptr<sql::SchemaRelation>> relations_;
};

std::string context_value(std::string_view name) {
    return "SYS_CONTEXT('" + ascii_lower(driver::oracle_context) + "', " + quoted_string(name) + ", " +
           std::to_string(driver::longest_context_value) + ")";
}

std::string asks_for(policy::Role role) {
    return "SYS_CONTEXT('" + ascii_lower(driver::oracle_context) +
           "', 'role') = " + quoted_string(policy::to_string(role));
}

/// Names of a context need no quotes and are the same in small letters and in capitals.
bool names_a_context_value(std::string_view name) {
    constexpr std::size_t prefix = 2;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && name.size() + prefix <= driver::longest_context_name && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Error refused_rule(const std::string& origin, const std::string& what) {
    return Error{ErrorCode::invalid_argument, origin + ": " + what};
}

bool has_control_characters(std::string_view name) {
    return std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

class OracleCompiler {
public:
    OracleCompiler(const policy::PolicySet& policies, std::string_view source,
                   const catalog::Snapshot& catalog)
        : policies_(policies), catalog_(catalog), whole_(catalog) {
        rules_.source = source;
    }

    Result<OracleRules> run() {
        const driver::ServerFacts* const server = catalog_.server();
        if (server == nullptr || server->make != driver::ServerMake::oracle)
            return Error{ErrorCode::unsupported, "source " + rules_.source + " is not of Oracle"};
        rules_.login = server->login;
        MAJED_TRY_ASSIGN(const auto tables, governed_tables(policies_, rules_.source, catalog_));
        for (const GovernedTable& table : tables) MAJED_TRY(add(table));
        MAJED_TRY(reads_are_no_circle());
        std::sort(rules_.attributes.begin(), rules_.attributes.end());
        MAJED_TRY(attributes_are_distinct());
        note_leftovers();
        rules_.packages = oracle_packages(rules_);
        return std::move(rules_);
    }

private:
    Result<void> add(const GovernedTable& table) {
        const catalog::Relation& relation = *table.relation;
        const bool has_rows = relation.kind == catalog::RelationKind::table;
        if (has_control_characters(relation.schema + relation.name))
            return refused_rule(table.origin, "the name of the table has control characters");
        const std::string digest = crypto::to_hex(crypto::sha256(
            crypto::bytes_of(quoted_name(relation.schema) + "." + quoted_name(relation.name))));
        for (const policy::Action action : policy::all_actions) {
            OraclePolicy made;
            made.table = {relation.schema, relation.name};
            made.action = action;
            made.name = "MAJED_" + ascii_upper(policy::to_string(action));
            made.function =
                ascii_upper(std::string(policy::to_string(action)) + "_" + digest.substr(0, digest_digits));
            MAJED_TRY_ASSIGN(const bool hides, add_roles(action, table, made));
            if (has_rows) {
                rules_.policies.push_back(std::move(made));
            } else if (action == policy::Action::select && hides) {
                return refused_rule(table.origin, relation.full_name() + " is a " +
                                                      std::string(to_string(relation.kind)) +
                                                      "; native enforcement on Oracle is for tables");
            }
        }
        return {};
    }

    /// Are rows hidden from a role that reads?
    Result<bool> add_roles(policy::Action action, const GovernedTable& table, OraclePolicy& made) {
        bool hides = false;
        for (const policy::Role role : policy::all_roles) {
            const policy::TableDecision decision =
                action == policy::Action::select
                    ? decision_of(policies_, role, rules_.source, table)
                    : write_decision_of(policies_, action, role, rules_.source, table);
            if (decision.rows.denied() != nullptr) continue;
            std::string condition = asks_for(role);
            if (const policy::Filter* const filter = decision.rows.filter()) {
                hides = true;
                MAJED_TRY_ASSIGN(const std::string rows, compiled(filter->predicate, action, table));
                condition += " AND " + rows;
            }
            if (condition.size() > longest_condition)
                return refused_rule(table.origin, "the condition would be longer than 32767 bytes");
            made.conditions.emplace_back(role, std::move(condition));
            if (action == policy::Action::select) note_columns(decision, role, made.notes);
        }
        return hides;
    }

    /// The predicate with its attributes as the context tells them; never true while one is missing.
    Result<std::string> compiled(std::string_view predicate, policy::Action action,
                                 const GovernedTable& table) {
        const InlineNames names{whole_, sql::dialect_of(sql::DialectId::oracle), rule_alias, true, true};
        auto made = compile_inline(predicate, whole_.of(*table.relation), names);
        if (!made) return refused_rule(table.origin, made.error().message);
        if (!made->unnameable.empty()) {
            return refused_rule(table.origin,
                                "a policy of the server has no name for the row, and a query in "
                                "the rule has a column " +
                                    made->unnameable + " itself");
        }
        if (!made->unfilled.empty()) {
            return refused_rule(table.origin, "beside CHAR columns it cannot be told as what :user." +
                                                  made->unfilled + " is compared: write CAST(:user." +
                                                  made->unfilled + " AS VARCHAR2(n)), or compare a column");
        }
        if (action == policy::Action::select)
            reads_[table.relation->full_name()].insert(made->tables.begin(), made->tables.end());
        std::string text;
        for (const std::string& name : made->scalar_attributes) {
            MAJED_TRY(note_attribute(name, table.origin));
            text += context_value(driver::oracle_one_value(name)) + " IS NOT NULL AND ";
        }
        for (const std::string& name : made->list_attributes) {
            MAJED_TRY(note_attribute(name, table.origin));
            text += context_value(driver::oracle_all_values(name)) + " IS NOT NULL AND ";
        }
        MAJED_TRY_ASSIGN(const std::string filled, fill(made->sql, table.origin));
        // The line break ends a comment the operator may have left at the end of the predicate.
        return text + "(" + filled + "\n)";
    }

    static Result<std::string> fill(const GappedText& gapped, const std::string& origin) {
        std::string text;
        std::size_t from = 0;
        for (const GappedText::Gap& gap : gapped.gaps) {
            text += gapped.text.substr(from, gap.offset - from);
            from = gap.offset;
            if (gap.row) {  // The server has no name for it: the dot goes as well.
                const std::size_t dot = gapped.text.find_first_not_of(" \t\r\n", from);
                if (dot == std::string::npos || gapped.text[dot] != '.')
                    return refused_rule(origin, "nothing may stand between a table's name and its column");
                from = dot + 1;
            } else if (gap.attribute.list) {
                text += context_value(driver::oracle_all_values(gap.attribute.name));
            } else {
                text += oracle_value_as(context_value(driver::oracle_one_value(gap.attribute.name)),
                                        gap.compared);
            }
        }
        return text + gapped.text.substr(from);
    }

    Result<void> note_attribute(const std::string& name, const std::string& origin) {
        if (!names_a_context_value(name))
            return refused_rule(origin,
                                "attribute " + name + " has a name that no value of a context can have");
        auto& known = rules_.attributes;
        if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
        return {};
    }

    static void note_columns(const policy::TableDecision& decision, policy::Role role,
                             std::vector<std::string>& notes) {
        std::string columns;
        for (const policy::ColumnDecision& column : decision.columns) {
            if (column.state != policy::ColumnState::shown)
                columns += (columns.empty() ? "" : ", ") + column.column;
        }
        if (columns.empty()) return;
        notes.push_back("columns that the gateway masks or hides for " +
                        std::string(policy::to_string(role)) + ": " + columns);
    }

    /// A query in a policy reads its tables under their own policies: the server refuses to go round (ORA-28108), but only
    /// once somebody asks.
    Result<void> reads_are_no_circle() const {
        for (const auto& [start, unused] : reads_) {
            std::set<std::string> seen;
            std::vector<std::string> next{start};
            while (!next.empty()) {
                const auto found = reads_.find(next.back());
                next.pop_back();
                if (found == reads_.end()) continue;
                for (const std::string& table : found->second) {
                    if (table == start) {
                        return Error{ErrorCode::invalid_argument,
                                     "the rules of " + start + " read its own rows: policies of the server " +
                                         "cannot go round"};
                    }
                    if (seen.insert(table).second) next.push_back(table);
                }
            }
        }
        return {};
    }

    Result<void> attributes_are_distinct() const {
        const auto& all = rules_.attributes;
        for (auto one = all.begin(); one != all.end(); ++one) {
            const auto same = std::find_if(
                one + 1, all.end(), [&](const std::string& other) { return equal_ascii_case(*one, other); });
            if (same != all.end()) {
                return Error{ErrorCode::invalid_argument,
                             "attributes " + *one + " and " + *same + " would be one value of the context"};
            }
        }
        return {};
    }

    void note_leftovers() {
        for (const catalog::Relation& relation : catalog_.relations()) {
            const driver::QualifiedName table{relation.schema, relation.name};
            const auto governed = [&table](const OraclePolicy& each) { return each.table == table; };
            if (relation.facts.access_policies.empty() ||
                std::any_of(rules_.policies.begin(), rules_.policies.end(), governed))
                continue;
            for (const policy::Action action : policy::all_actions) {
                const std::string name = "MAJED_" + ascii_upper(policy::to_string(action));
                const auto& found = relation.facts.access_policies;
                if (std::any_of(found.begin(), found.end(),
                                [&](const auto& each) { return each.name == name; }))
                    rules_.leftovers.push_back({table, name});
            }
        }
    }

    const policy::PolicySet& policies_;
    const catalog::Snapshot& catalog_;
    const WholeCatalog whole_;
    std::map<std::string, std::set<std::string>> reads_;  ///< Of a table's rule about reading, the queries.
    OracleRules rules_;
};

}  // namespace

Result<OracleRules> oracle_rules(const policy::PolicySet& policies, std::string_view source,
                                 const catalog::Snapshot& catalog) {
    return OracleCompiler(policies, source, catalog).run();
}

}  // namespace majed::rewrite
