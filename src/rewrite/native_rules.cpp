// SPDX-License-Identifier: Apache-2.0
#include "rewrite/native_rules.h"

#include "core/ascii.h"
#include "crypto/digest.h"
#include "driver/native_context.h"
#include "rewrite/governed_tables.h"
#include "rewrite/native_predicate.h"
#include "rewrite/quoting.h"

#include <algorithm>
#include <utility>

namespace majed::rewrite {
namespace {

using catalog::RelationKind;

std::string digest_of(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

bool has_rows_of_its_own(RelationKind kind) {
    return kind == RelationKind::table || kind == RelationKind::partitioned_table;
}

std::string full_name(const driver::QualifiedName& name) {
    return name.schema + '.' + name.name;
}

std::string quoted_full(const driver::QualifiedName& name) {
    return quoted_name(name.schema) + '.' + quoted_name(name.name);
}

class NativeCompiler {
public:
    NativeCompiler(const policy::PolicySet& policies, std::string_view source,
                   const catalog::Snapshot& catalog)
        : policies_(policies), catalog_(catalog) {
        rules_.source = source;
    }

    Result<NativeRules> run() {
        const driver::ServerFacts* const server = catalog_.server();
        if (server == nullptr) {
            return Error{ErrorCode::unsupported, "source " + rules_.source + " is not of PostgreSQL"};
        }
        rules_.login = server->login;
        rules_.search_path = server->search_path;
        MAJED_TRY_ASSIGN(const auto tables, governed_tables(policies_, rules_.source, catalog_));
        for (const GovernedTable& table : tables) MAJED_TRY(add(table));
        std::sort(rules_.attributes.begin(), rules_.attributes.end());
        MAJED_TRY(attributes_are_distinct());
        note_leftovers();
        return std::move(rules_);
    }

private:
    Result<void> add(const GovernedTable& table) {
        for (const policy::Action action : policy::all_actions) {
            NativePolicy made;
            made.table = {table.relation->schema, table.relation->name};
            made.action = action;
            MAJED_TRY_ASSIGN(const Reach reach, dispatch(action, table, made));
            const bool reads = action == policy::Action::select;
            if (has_rows_of_its_own(table.relation->kind)) {
                if (reads || reach.opens) rules_.policies.push_back(std::move(made));
            } else if (reads && reach.hides) {
                return Error{ErrorCode::invalid_argument,
                             table.origin + ": " + table.relation->full_name() + " is a " +
                                 std::string(to_string(table.relation->kind)) +
                                 "; row-level security of PostgreSQL is for tables"};
            }
        }
        return {};
    }

    struct Reach {
        bool opens = false;  ///< Some rows to some role.
        bool hides = false;
    };

    /// The condition, which asks for the role.
    Result<Reach> dispatch(policy::Action action, const GovernedTable& table, NativePolicy& made) {
        Reach reach;
        made.condition = "CASE (SELECT pg_catalog.current_setting(" +
                         quoted_string(driver::native_role_setting) + ", true))";
        for (const policy::Role role : policy::all_roles) {
            const policy::TableDecision decision =
                action == policy::Action::select
                    ? decision_of(policies_, role, rules_.source, table)
                    : write_decision_of(policies_, action, role, rules_.source, table);
            MAJED_TRY_ASSIGN(const std::string rows, rows_of(decision.rows, table));
            reach.hides = reach.hides || decision.rows.filter() != nullptr;
            reach.opens = reach.opens || !rows.empty();
            if (!rows.empty()) {
                made.condition += "\n  WHEN " + quoted_string(policy::to_string(role)) + " THEN " + rows;
            }
            if (action == policy::Action::select) note_columns(decision, role, made.notes);
        }
        made.condition += "\n  ELSE false END";
        if (!reach.opens) made.condition = "false";
        return reach;
    }

    void note_leftovers() {
        for (const catalog::Relation& relation : catalog_.relations()) {
            const driver::QualifiedName table{relation.schema, relation.name};
            for (const policy::Action action : policy::all_actions) {
                const auto& found = relation.facts.policies;
                const bool there = std::any_of(found.begin(), found.end(), [action](const auto& each) {
                    return each.name == native_policy_name(action);
                });
                const bool wanted = std::any_of(
                    rules_.policies.begin(), rules_.policies.end(),
                    [&](const auto& each) { return each.table == table && each.action == action; });
                if (there && !wanted) rules_.leftovers.push_back({table, native_policy_name(action)});
            }
        }
    }

    /// Empty: none.
    Result<std::string> rows_of(const policy::RowDecision& rows, const GovernedTable& table) {
        if (rows.denied() != nullptr) return std::string();
        if (rows.filter() == nullptr) return std::string("true");
        auto translated = native_predicate(rows.filter()->predicate, *table.relation, catalog_);
        if (!translated) {
            Error error = std::move(translated).error();
            error.message = table.origin + ": " + error.message;
            return error;
        }
        for (const std::string& name : translated->attributes) {
            if (std::find(rules_.attributes.begin(), rules_.attributes.end(), name) ==
                rules_.attributes.end()) {
                rules_.attributes.push_back(name);
            }
        }
        return std::move(translated->sql);
    }

    static void note_columns(const policy::TableDecision& decision, policy::Role role,
                             std::vector<std::string>& notes) {
        if (decision.rows.denied() != nullptr) return;
        std::string columns;
        for (const policy::ColumnDecision& column : decision.columns) {
            if (column.state != policy::ColumnState::shown)
                columns += (columns.empty() ? "" : ", ") + column.column;
        }
        if (!columns.empty()) {
            notes.push_back("columns that the gateway masks, hides or decrypts for " +
                            std::string(policy::to_string(role)) + ": " + columns);
        }
    }

    /// Names of settings match without case.
    Result<void> attributes_are_distinct() const {
        for (std::size_t i = 0; i < rules_.attributes.size(); ++i) {
            for (std::size_t j = i + 1; j < rules_.attributes.size(); ++j) {
                if (equal_ascii_case(rules_.attributes[i], rules_.attributes[j])) {
                    return Error{ErrorCode::invalid_argument, "attributes " + rules_.attributes[i] + " and " +
                                                                  rules_.attributes[j] +
                                                                  " would be one setting of the server"};
                }
            }
        }
        return {};
    }

    const policy::PolicySet& policies_;
    const catalog::Snapshot& catalog_;
    NativeRules rules_;
};

/// What a comment holds that stands behind `--`.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

std::string comment_of(std::string_view expected, std::string_view as_written_back) {
    return "majed 1 " + std::string(expected) + ' ' + std::string(as_written_back);
}

/// What stands behind TO.
std::string clauses_of(const NativePolicy& policy) {
    const std::string condition = "(" + policy.condition + ")";
    switch (policy.action) {
        case policy::Action::insert:
            return "WITH CHECK " + condition;
        case policy::Action::update:
            return "USING " + condition + "\n  WITH CHECK " + condition;
        case policy::Action::select:
        case policy::Action::delete_:
            break;
    }
    return "USING " + condition;
}

std::string command_word(policy::Action action) {
    return ascii_upper(policy::to_string(action));
}

void append_policy(std::string& script, const NativePolicy& policy, const std::string& login) {
    const std::string table = quoted_full(policy.table);
    const std::string name = native_policy_name(policy.action);
    script += '\n';
    for (const std::string& note : policy.notes) script += "-- " + one_line(note) + '\n';
    if (policy.action == policy::Action::select) {
        script += "ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY;\n";
        script += "ALTER TABLE " + table + " FORCE ROW LEVEL SECURITY;\n";
    }
    script += "DROP POLICY IF EXISTS " + name + " ON " + table + ";\n";
    script += "CREATE POLICY " + name + " ON " + table + " AS PERMISSIVE FOR " + command_word(policy.action) +
              " TO " + quoted_name(login) + " " + clauses_of(policy) + ";\n";
}

constexpr std::string_view postgres_head =
    "-- Row-level security of PostgreSQL for the rules of majed. Run it as the owner of the tables, and "
    "again whenever the\n"
    "-- rules change: a second run changes nothing. FORCE makes it hold for the owner too: whoever else "
    "works on these tables\n"
    "-- needs a policy of his own, or a role with BYPASSRLS. A query within a rule reads its tables under "
    "their own rules.\n"
    "-- The server guards rows. Columns that rules mask, hide or let nobody write stay the gateway's.\n";

/// Remembers what the server made of each condition, so that a later change of it shows.
void append_comments(std::string& script, const NativeRules& rules) {
    script +=
        "\nSET LOCAL search_path = pg_catalog;\nDO $majed$\nDECLARE found record;\nBEGIN\n  FOR found IN\n"
        "    SELECT n.nspname, c.relname, p.polname, e.expected,\n"
        "      encode(sha256(convert_to(concat(pg_get_expr(p.polqual, p.polrelid),\n"
        "        pg_get_expr(p.polwithcheck, p.polrelid)), 'UTF8')), 'hex') AS written\n"
        "    FROM (VALUES";
    bool first = true;
    for (const NativePolicy& policy : rules.policies) {
        script += first ? "\n" : ",\n";
        script += "      (" + quoted_string(policy.table.schema) + ", " + quoted_string(policy.table.name) +
                  ", " + quoted_string(native_policy_name(policy.action)) + ", " +
                  quoted_string(digest_of(policy.condition)) + ")";
        first = false;
    }
    script +=
        ") AS e(schema, name, policy, expected)\n"
        "    JOIN pg_namespace n ON n.nspname = e.schema\n"
        "    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = e.name\n"
        "    JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = e.policy\n  LOOP\n"
        "    EXECUTE format('COMMENT ON POLICY %I ON %I.%I IS %L', found.polname, found.nspname, "
        "found.relname,\n"
        "      'majed 1 ' || found.expected || ' ' || found.written);\n  END LOOP;\nEND\n$majed$;\n";
}

driver::PolicyCommand command_of(policy::Action action) {
    switch (action) {
        case policy::Action::insert:
            return driver::PolicyCommand::insert;
        case policy::Action::update:
            return driver::PolicyCommand::update;
        case policy::Action::delete_:
            return driver::PolicyCommand::delete_;
        case policy::Action::select:
            break;
    }
    return driver::PolicyCommand::select;
}

/// An action that USING and WITH CHECK both speak of has the same for both.
bool is_as_made(const NativePolicy& expected, const driver::ServerPolicy& found) {
    const bool reaches = expected.action != policy::Action::insert;
    const bool leaves =
        expected.action == policy::Action::insert || expected.action == policy::Action::update;
    return found.condition.empty() != reaches && found.check.empty() != leaves &&
           (!reaches || !leaves || found.condition == found.check) &&
           found.comment ==
               comment_of(digest_of(expected.condition), digest_of(found.condition + found.check));
}

/// What is wrong with one policy of a table; empty: nothing.
std::string difference_of(const NativePolicy& expected, const driver::RelationFacts& facts) {
    if (!facts.row_security) return "row-level security is off";
    if (!facts.force_row_security) return "row-level security is not forced on its owner";
    const std::string name = native_policy_name(expected.action);
    const driver::PolicyCommand command = command_of(expected.action);
    const bool reads = expected.action == policy::Action::select;
    const driver::ServerPolicy* ours = nullptr;
    for (const driver::ServerPolicy& each : facts.policies) {
        const bool concerns = each.command == command || each.command == driver::PolicyCommand::all;
        if (each.name == name) {
            ours = &each;
        } else if (each.permissive && concerns && each.holds_for_login) {
            return "policy " + each.name + " opens rows to the login as well";
        } else if (concerns && each.holds_for_login) {
            return "policy " + each.name + " hides rows from the login that no rule hides";
        }
    }
    if (ours == nullptr) return "it has no policy " + name;
    if (!ours->permissive || ours->command != command || !ours->login_alone) {
        return "policy " + name + " is not for " + (reads ? "reading" : command_word(expected.action)) +
               " by the login alone";
    }
    return is_as_made(expected, *ours) ? std::string()
                                       : "policy " + name + " is not the one that the rules make";
}

}  // namespace

std::string native_policy_name(policy::Action action) {
    return "majed_" + std::string(policy::to_string(action));
}

Result<NativeRules> native_rules(const policy::PolicySet& policies, std::string_view source,
                                 const catalog::Snapshot& catalog) {
    return NativeCompiler(policies, source, catalog).run();
}

std::string native_script(const NativeRules& rules) {
    std::string script(postgres_head);
    script +=
        "-- Source: " + one_line(rules.source) + ". Login of the gateway: " + one_line(rules.login) + ".\n";
    script += "\nBEGIN;\nSET LOCAL standard_conforming_strings = on;\nSET LOCAL search_path = pg_catalog";
    for (const std::string& schema : rules.search_path) script += ", " + quoted_name(schema);
    script += ";\n";
    for (const LeftoverPolicy& each : rules.leftovers) {
        script +=
            "\n-- No rule speaks of it any more: nobody does that through the gateway.\nDROP POLICY IF "
            "EXISTS " +
            each.name + " ON " + quoted_full(each.table) + ";\n";
    }
    for (const NativePolicy& policy : rules.policies) append_policy(script, policy, rules.login);
    if (!rules.policies.empty()) append_comments(script, rules);
    return script + "\nCOMMIT;\n";
}

std::vector<std::string> native_differences(const NativeRules& rules, const catalog::Snapshot& catalog) {
    std::vector<std::string> differences;
    const driver::ServerFacts* const server = catalog.server();
    if (server == nullptr || server->superuser || server->bypasses_row_security) {
        differences.push_back("role " + rules.login +
                              " is a superuser or has BYPASSRLS: row-level security does not hold for it");
    }
    for (const NativePolicy& policy : rules.policies) {
        const catalog::Relation* const relation = catalog.find(policy.table.schema, policy.table.name);
        const std::string wrong =
            relation == nullptr ? "it is not there" : difference_of(policy, relation->facts);
        if (!wrong.empty()) differences.push_back("table " + full_name(policy.table) + ": " + wrong);
    }
    for (const LeftoverPolicy& each : rules.leftovers) {
        differences.push_back("table " + full_name(each.table) + ": it has a policy " + each.name +
                              ", and no rule speaks of it");
    }
    return differences;
}

}  // namespace majed::rewrite
