// SPDX-License-Identifier: Apache-2.0
#include "app/rules.h"

#include <optional>
#include <string>
#include <utility>

namespace majed::app {
namespace {

using config::Table;

std::vector<policy::Role> read_roles(Table& table) {
    std::vector<policy::Role> roles;
    for (const auto& name : table.texts("roles", {{}, "admin, superuser, normal, integration"})) {
        if (const auto role = policy::role_from(name)) {
            roles.push_back(*role);
        } else {
            table.mistake("roles",
                          "expected admin, superuser, normal or integration, found \"" + name + "\"");
        }
    }
    return roles;
}

policy::ActionSet read_actions(Table& table) {
    policy::ActionSet actions({});
    for (const auto& name :
         table.texts("actions", {std::vector<std::string>{"select"}, "select, insert, update, delete"})) {
        if (const auto action = policy::action_from(name)) {
            actions.add(*action);
        } else {
            table.mistake("actions", "expected select, insert, update or delete, found \"" + name + "\"");
        }
    }
    return actions;
}

policy::RowPolicy read_row_policy(Table& table) {
    policy::RowPolicy rule;
    rule.source = table.text("source", {"", "Only there; any source when left out"});
    rule.table = table.text("table", {{}, "The table"});
    rule.roles = read_roles(table);
    rule.rows = table.text("rows", {{}, "*, none, own_region, region_based, public_only, or a predicate"});
    rule.columns = table.texts("columns", {std::vector<std::string>(), "Columns shown; all when left out"});
    rule.actions = read_actions(table);
    const std::string audit = table.text(
        "audit",
        {"default", "strict: who reads the table waits until the intent is on disk", {"default", "strict"}});
    rule.audit_strictly = audit == "strict";
    rule.origin = table.origin();
    return rule;
}

policy::MaskPolicy read_mask_policy(Table& table) {
    policy::MaskPolicy rule;
    rule.source = table.text("source", {"", "Only there; any source when left out"});
    rule.table = table.text("table", {{}, "The table"});
    rule.column = table.text("column", {{}, "The column"});
    rule.roles = read_roles(table);
    const std::string with =
        table.text("with", {{}, "null, email, partial(2,2), hash, constant:x, or sql: expression"});
    if (auto mask = policy::parse_mask(with)) {
        rule.mask = std::move(*mask);
    } else if (!with.empty()) {
        table.mistake("with", mask.error().message);
    }
    rule.origin = table.origin();
    return rule;
}

/// The key of a column's tokens, and the one it took the place of. What was found stays unsaid: it may be the key.
std::optional<crypto::KeyRing> read_keys(Table& table) {
    std::vector<crypto::Fernet> keys;
    bool readable = true;
    const auto add = [&](const std::string& name, std::string_view text, bool required) {
        const std::string file = name + "_file";
        const auto secret = table.secret(name, text);
        const bool given = table.has(name) || table.has(file);
        if (required && !given) {
            table.mistake(name, "missing; expected a Fernet key, here or in " + file);
        }
        readable = readable && secret.has_value() == given;
        if (!secret) {
            return;
        }
        if (auto key = crypto::Fernet::from_text(*secret)) {
            keys.push_back(std::move(*key));
        } else {
            readable = false;
            table.mistake(table.has(name) ? name : file, "expected a Fernet key: 44 characters, base64url");
        }
    };
    add("key", "Fernet key of the column's tokens", true);
    add("previous_key", "Fernet key that some tokens may still be of", false);
    if (!readable || keys.empty()) {
        return std::nullopt;
    }
    auto ring = crypto::KeyRing::create(std::move(keys));
    if (!ring) {
        table.mistake("previous_key", "expected another key than the first");
        return std::nullopt;
    }
    return std::move(*ring);
}

void read_encrypted(Table& table, Rules& rules) {
    policy::EncryptedColumn rule;
    rule.source = table.text("source", {"", "Only there; any source when left out"});
    rule.table = table.text("table", {{}, "The table"});
    rule.column = table.text("column", {{}, "The column, which holds Fernet tokens"});
    rule.roles = read_roles(table);
    rule.origin = table.origin();
    if (auto keys = read_keys(table)) {
        rules.encrypted.push_back(std::move(rule));
        rules.keys.push_back(std::move(*keys));
    }
}

}  // namespace

Rules read_rules(config::Document& document) {
    Rules rules;
    for (Table& table : document.array_of_tables("policies")) {
        rules.rows.push_back(read_row_policy(table));
    }
    for (Table& table : document.array_of_tables("masks")) {
        rules.masks.push_back(read_mask_policy(table));
    }
    for (Table& table : document.array_of_tables("encrypted")) {
        read_encrypted(table, rules);
    }
    return rules;
}

}  // namespace majed::app
