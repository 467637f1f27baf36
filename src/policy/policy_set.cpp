// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include "core/ascii.h"

#include <algorithm>

namespace majed::policy {

namespace {

constexpr std::string_view public_only = "public_only";

bool shows_all_rows(std::string_view rows) {
    return rows == "*" || rows == "all" || rows == public_only;
}

/// A rule without a source speaks of every source, so it meets every other rule of the table.
bool sources_meet(std::string_view left, std::string_view right) {
    return left.empty() || right.empty() || left == right;
}

bool names_role(const std::vector<Role>& roles, Role role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const Role* shared_role(const std::vector<Role>& left, const std::vector<Role>& right) {
    const auto found =
        std::find_if(left.begin(), left.end(), [&](Role role) { return names_role(right, role); });
    return found == left.end() ? nullptr : &*found;
}

Error rule_error(const std::string& origin, const std::string& what) {
    return Error{ErrorCode::invalid_argument,
                 (origin.empty() ? std::string("a rule") : origin) + ": " + what};
}

Error duplicate(const std::string& origin, const std::string& other, const std::string& what, Role role) {
    return rule_error(origin, "there is already " + what + " for role " + std::string(to_string(role)) +
                                  ", at " + (other.empty() ? std::string("another rule") : other));
}

Result<void> check_alone(const RowPolicy& policy) {
    if (policy.table.empty()) {
        return rule_error(policy.origin, "a policy must name its table");
    }
    if (policy.roles.empty()) {
        return rule_error(policy.origin, "the policy of table " + policy.table + " names no role");
    }
    if (policy.actions.empty()) {
        return rule_error(policy.origin, "the policy of table " + policy.table +
                                             " names no action; leave actions out for \"select\"");
    }
    if (policy.rows.empty()) {
        return rule_error(policy.origin, "the policy of table " + policy.table +
                                             " does not say which rows; write rows = \"*\" for all of them");
    }
    if (policy.rows == public_only && policy.columns.empty()) {
        return rule_error(policy.origin,
                          "public_only on table " + policy.table + " needs the public columns");
    }
    return {};
}

Result<void> check_alone(const MaskPolicy& mask) {
    if (mask.table.empty() || mask.column.empty()) {
        return rule_error(mask.origin, "a mask must name its table and column");
    }
    if (mask.roles.empty()) {
        return rule_error(mask.origin, "the mask of " + mask.table + "." + mask.column + " names no role");
    }
    return {};
}

Result<void> check_alone(const EncryptedColumn& encrypted) {
    if (encrypted.table.empty() || encrypted.column.empty()) {
        return rule_error(encrypted.origin, "an encrypted column must be named with its table");
    }
    if (encrypted.roles.empty()) {
        return rule_error(encrypted.origin, "the encrypted column " + encrypted.table + "." +
                                                encrypted.column + " names no role that sees it decrypted");
    }
    return {};
}

template <class Left, class Right>
bool same_column(const Left& left, const Right& right) {
    return sources_meet(left.source, right.source) && equal_ascii_case(left.table, right.table) &&
           equal_ascii_case(left.column, right.column);
}

Result<void> check_pair(const RowPolicy& policy, const RowPolicy& earlier) {
    const Role* role = shared_role(policy.roles, earlier.roles);
    const auto action = policy.actions.shared_with(earlier.actions);
    if (role != nullptr && action && sources_meet(policy.source, earlier.source) &&
        equal_ascii_case(policy.table, earlier.table)) {
        const std::string about = *action == Action::select ? "" : " for " + std::string(to_string(*action));
        return duplicate(policy.origin, earlier.origin, "a row policy of table " + policy.table + about,
                         *role);
    }
    return {};
}

Result<void> check_pair(const MaskPolicy& mask, const MaskPolicy& earlier) {
    const Role* role = shared_role(mask.roles, earlier.roles);
    if (role != nullptr && same_column(mask, earlier)) {
        return duplicate(mask.origin, earlier.origin, "a mask of " + mask.table + "." + mask.column, *role);
    }
    return {};
}

/// One rule holds all roles of a column: two could disagree about its key.
Result<void> check_pair(const EncryptedColumn& encrypted, const EncryptedColumn& earlier) {
    if (!same_column(encrypted, earlier)) {
        return {};
    }
    return rule_error(encrypted.origin, encrypted.table + "." + encrypted.column +
                                            " is declared encrypted already, at " +
                                            (earlier.origin.empty() ? "another rule" : earlier.origin) +
                                            "; expected one rule with all its roles");
}

/// A mask would show something computed from ciphertext, or open what the other rule closes.
Result<void> check_no_mask(const std::vector<MaskPolicy>& masks,
                           const std::vector<EncryptedColumn>& encrypted) {
    for (const MaskPolicy& mask : masks) {
        for (const EncryptedColumn& column : encrypted) {
            if (!same_column(mask, column)) {
                continue;
            }
            return rule_error(mask.origin,
                              mask.table + "." + mask.column + " is declared encrypted at " +
                                  (column.origin.empty() ? "another rule" : column.origin) +
                                  ": expected no mask; roles that are not listed there see NULL");
        }
    }
    return {};
}

template <class Rule>
Result<void> check_all(const std::vector<Rule>& rules) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        MAJED_TRY(check_alone(rules[i]));
        for (std::size_t j = 0; j < i; ++j) {
            MAJED_TRY(check_pair(rules[i], rules[j]));
        }
    }
    return {};
}

RowDecision decide_rows(const RowPolicy& policy) {
    if (policy.rows == "none") {
        return Deny{"rule `none` for table " + policy.table};
    }
    if (shows_all_rows(policy.rows)) {
        return Unrestricted{"rule `" + policy.rows + "` for table " + policy.table};
    }
    std::string predicate = predicate_of(policy.rows);
    std::vector<std::string> attributes = attributes_in(predicate);
    return Filter{std::move(predicate), std::move(attributes)};
}

bool lists_column(const RowPolicy& policy, std::string_view column) {
    return policy.columns.empty() ||
           std::any_of(policy.columns.begin(), policy.columns.end(),
                       [&](const auto& name) { return equal_ascii_case(name, column); });
}

std::vector<ColumnDecision> all_hidden(std::span<const std::string> columns) {
    std::vector<ColumnDecision> hidden;
    hidden.reserve(columns.size());
    for (const std::string& column : columns) {
        hidden.push_back({column, ColumnState::hidden});
    }
    return hidden;
}

}  // namespace

PolicySet::PolicySet(std::vector<RowPolicy> rows, std::vector<MaskPolicy> masks,
                     std::vector<EncryptedColumn> encrypted)
    : rows_(std::move(rows)), masks_(std::move(masks)), encrypted_(std::move(encrypted)) {}

Result<PolicySet> PolicySet::create(std::vector<RowPolicy> rows, std::vector<MaskPolicy> masks,
                                    std::vector<EncryptedColumn> encrypted) {
    MAJED_TRY(check_all(rows));
    MAJED_TRY(check_all(masks));
    MAJED_TRY(check_all(encrypted));
    MAJED_TRY(check_no_mask(masks, encrypted));
    return PolicySet(std::move(rows), std::move(masks), std::move(encrypted));
}

std::optional<std::size_t> PolicySet::encryption_of(std::string_view source, std::string_view table,
                                                    std::string_view column) const {
    const auto found = std::find_if(encrypted_.begin(), encrypted_.end(), [&](const EncryptedColumn& rule) {
        return sources_meet(rule.source, source) && equal_ascii_case(rule.table, table) &&
               equal_ascii_case(rule.column, column);
    });
    if (found == encrypted_.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - encrypted_.begin());
}

const RowPolicy* PolicySet::rule_for(Action action, Role role, std::string_view source,
                                     std::string_view table) const {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const RowPolicy& rule) {
        return rule.actions.has(action) && names_role(rule.roles, role) &&
               sources_meet(rule.source, source) && equal_ascii_case(rule.table, table);
    });
    return found == rows_.end() ? nullptr : &*found;
}

ColumnDecision PolicySet::decide_column(const RowPolicy& policy, Role role, std::string_view source,
                                        std::string_view table, const std::string& column) const {
    if (!lists_column(policy, column)) {
        return {column, policy.rows == public_only ? ColumnState::masked : ColumnState::hidden};
    }
    if (const auto encryption = encryption_of(source, table, column)) {
        if (!names_role(encrypted_[*encryption].roles, role)) return {column, ColumnState::masked};
        return {column, ColumnState::decrypted, {}, *encryption};
    }
    const auto mask = std::find_if(masks_.begin(), masks_.end(), [&](const MaskPolicy& rule) {
        return names_role(rule.roles, role) && sources_meet(rule.source, source) &&
               equal_ascii_case(rule.table, table) && equal_ascii_case(rule.column, column);
    });
    if (mask != masks_.end()) return {column, ColumnState::masked, mask->mask};
    return {column, ColumnState::shown};
}

TableDecision PolicySet::decide(Role role, std::string_view source, std::string_view table,
                                std::span<const std::string> columns) const {
    const RowPolicy* const policy = rule_for(Action::select, role, source, table);
    if (policy == nullptr) {
        return {Deny{"no rule for table " + std::string(table) + " and role " + std::string(to_string(role))},
                all_hidden(columns)};
    }
    RowDecision rows = decide_rows(*policy);
    if (rows.denied() != nullptr) {
        return {std::move(rows), all_hidden(columns)};
    }
    std::vector<ColumnDecision> decided;
    decided.reserve(columns.size());
    for (const std::string& column : columns) {
        decided.push_back(decide_column(*policy, role, source, table, column));
    }
    return {std::move(rows), std::move(decided)};
}

TableDecision PolicySet::decide_write(Action action, Role role, std::string_view source,
                                      std::string_view table, std::span<const std::string> columns) const {
    const RowPolicy* const policy = rule_for(action, role, source, table);
    if (policy == nullptr) {
        return {Deny{"no rule lets role " + std::string(to_string(role)) + " " +
                     std::string(to_string(action)) + " rows of table " + std::string(table)},
                all_hidden(columns)};
    }
    RowDecision rows = decide_rows(*policy);
    if (rows.denied() != nullptr) {
        return {std::move(rows), all_hidden(columns)};
    }
    const RowPolicy* const reading = rule_for(Action::select, role, source, table);
    std::vector<ColumnDecision> decided;
    decided.reserve(columns.size());
    for (const std::string& column : columns) {
        ColumnDecision written = decide_column(*policy, role, source, table, column);
        if (written.state == ColumnState::shown && reading != nullptr && reading != policy) {
            written = decide_column(*reading, role, source, table, column);
        }
        decided.push_back(std::move(written));
    }
    return {std::move(rows), std::move(decided)};
}

std::string_view PolicySet::origin_of(Role role, std::string_view source, std::string_view table,
                                      Action action) const {
    const RowPolicy* const found = rule_for(action, role, source, table);
    return found == nullptr ? std::string_view() : std::string_view(found->origin);
}

bool PolicySet::audits_strictly(std::string_view source, std::string_view table) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const RowPolicy& rule) {
        return rule.audit_strictly && sources_meet(rule.source, source) &&
               equal_ascii_case(rule.table, table);
    });
}

}  // namespace majed::policy
