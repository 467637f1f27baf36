// SPDX-License-Identifier: Apache-2.0
#include "rewrite/governed_tables.h"

#include "core/ascii.h"

#include <algorithm>

namespace majed::rewrite {
namespace {

Error against(const std::string& origin, std::string message) {
    return Error{ErrorCode::invalid_argument, origin + ": " + std::move(message)};
}

std::vector<std::string> names_of_columns(const catalog::Relation& table) {
    std::vector<std::string> names;
    names.reserve(table.columns.size());
    for (const catalog::Column& column : table.columns) names.push_back(column.name);
    return names;
}

class GovernedTables {
public:
    GovernedTables(std::string_view source, const catalog::Snapshot& catalog)
        : source_(source), catalog_(catalog) {}

    Result<void> take(const std::string& source, const std::string& table, const std::string& origin) {
        if (!source.empty() && source != source_) return {};
        const catalog::Relation* const relation = catalog_.find(table);
        if (relation == nullptr) {
            if (source.empty()) return {};
            return against(origin, "there is no table " + table + " in source " + std::string(source_));
        }
        for (const GovernedTable& known : found_) {
            const bool same_name = equal_ascii_case(known.named, table);
            if (known.relation == relation && same_name) return {};
            if (known.relation == relation) {
                return against(origin, "table " + table + " is called " + known.named + " in " +
                                           known.origin + "; rules must agree on one name");
            }
            if (same_name) {
                return against(origin, "table " + table + " differs from " + known.named + " in " +
                                           known.origin + " by case only; name one of them with its schema");
            }
        }
        found_.push_back({relation, table, origin});
        return {};
    }

    std::vector<GovernedTable> all() { return std::move(found_); }

private:
    std::string_view source_;
    const catalog::Snapshot& catalog_;
    std::vector<GovernedTable> found_;
};

}  // namespace

Result<std::vector<GovernedTable>> governed_tables(const policy::PolicySet& policies, std::string_view source,
                                                   const catalog::Snapshot& catalog) {
    GovernedTables tables(source, catalog);
    for (const policy::RowPolicy& rule : policies.row_policies()) {
        MAJED_TRY(tables.take(rule.source, rule.table, rule.origin));
    }
    for (const policy::MaskPolicy& rule : policies.mask_policies()) {
        MAJED_TRY(tables.take(rule.source, rule.table, rule.origin));
    }
    for (const policy::EncryptedColumn& rule : policies.encrypted_columns()) {
        MAJED_TRY(tables.take(rule.source, rule.table, rule.origin));
    }
    return tables.all();
}

policy::TableDecision decision_of(const policy::PolicySet& policies, policy::Role role,
                                  std::string_view source, const GovernedTable& table) {
    return policies.decide(role, source, table.named, names_of_columns(*table.relation));
}

policy::TableDecision write_decision_of(const policy::PolicySet& policies, policy::Action action,
                                        policy::Role role, std::string_view source,
                                        const GovernedTable& table) {
    return policies.decide_write(action, role, source, table.named, names_of_columns(*table.relation));
}

}  // namespace majed::rewrite
