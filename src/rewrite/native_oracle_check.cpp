// SPDX-License-Identifier: Apache-2.0
#include "driver/native_context.h"
#include "rewrite/native_oracle.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace majed::rewrite {
namespace oracle_check {
namespace {

/// The dictionary may keep blanks at the ends of lines, or not.
std::string without_trailing_blanks(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n') {
            while (!result.empty() &&
                   (result.back() == ' ' || result.back() == '\r' || result.back() == '\t'))
                result.pop_back();
        }
        result += c;
    }
    while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
    return result;
}

std::string name_of(const driver::PackageSource& package) {
    return std::string(package.body ? "the body of package " : "package ") + package.name;
}

class Comparison {
public:
    Comparison(const OracleRules& rules, const catalog::Snapshot& catalog)
        : rules_(rules), catalog_(catalog), server_(*catalog.server()) {}

    std::vector<std::string> run() {
        if (server_.bypasses_row_security || server_.login == "SYS") {
            differ("user " + rules_.login +
                   " has EXEMPT ACCESS POLICY or is SYS: access policies do not hold for it");
        }
        for (const std::string& view : server_.withheld) {
            differ("user " + rules_.login + " cannot see what is there: GRANT SELECT ON " + view + " TO " +
                   rules_.login);
        }
        if (server_.withheld.empty()) compare_packages();
        for (const OraclePolicy& policy : rules_.policies) compare(policy);
        for (const LeftoverAccessPolicy& each : rules_.leftovers) {
            differ("table " + each.table.schema + "." + each.table.name + ": it has a policy " + each.name +
                   ", and no rule speaks of it");
        }
        return std::move(differences_);
    }

private:
    void differ(std::string what) { differences_.push_back(std::move(what)); }

    void compare_packages() {
        const std::string context = "context " + std::string(driver::oracle_context);
        if (!server_.context) {
            differ("there is no " + context);
            return;
        }
        if (server_.context->package != driver::oracle_context_package)
            differ(context + " is set by package " + server_.context->package);
        if (server_.context->type != "ACCESSED LOCALLY") differ(context + " is not of one session alone");
        const std::string& owner = server_.context->owner;
        if (owner == server_.login || owner == "SYS")
            differ("user " + owner + " owns the packages: it must be neither the gateway's login nor SYS");
        const std::string granted = "EXECUTE on " + owner + "." + std::string(driver::oracle_context_package);
        if (std::find(server_.powers.begin(), server_.powers.end(), granted) == server_.powers.end())
            differ("user " + rules_.login + " has no " + granted);
        for (const driver::PackageSource& expected : rules_.packages) {
            const auto found = std::find_if(
                server_.packages.begin(), server_.packages.end(),
                [&](const auto& each) { return each.name == expected.name && each.body == expected.body; });
            if (found == server_.packages.end()) {
                differ(name_of(expected) + " is not there");
            } else if (without_trailing_blanks(found->text) != without_trailing_blanks(expected.text)) {
                differ(name_of(expected) + " is not the one that the rules make");
            }
        }
    }

    void compare(const OraclePolicy& policy) {
        const catalog::Relation* const relation = catalog_.find(policy.table.schema, policy.table.name);
        const std::string wrong =
            relation == nullptr ? "it is not there" : difference_of(policy, relation->facts);
        if (!wrong.empty()) differ("table " + policy.table.schema + "." + policy.table.name + ": " + wrong);
    }

    [[nodiscard]] std::string difference_of(const OraclePolicy& expected,
                                            const driver::RelationFacts& facts) const {
        const driver::AccessPolicy* ours = nullptr;
        for (const driver::AccessPolicy& each : facts.access_policies) {
            if (each.name == expected.name && each.group == "SYS_DEFAULT") {
                ours = &each;
            } else if (each.enabled && !is_ours(each) && expected.action == policy::Action::select) {
                return "policy " + each.group + "." + each.name + " may hide rows that no rule hides";
            }
        }
        if (ours == nullptr) return "it has no policy " + expected.name;
        return *ours == made(expected) ? std::string()
                                       : "policy " + expected.name + " is not the one that the rules make";
    }

    [[nodiscard]] bool is_ours(const driver::AccessPolicy& policy) const {
        return policy.group == "SYS_DEFAULT" &&
               std::any_of(rules_.policies.begin(), rules_.policies.end(),
                           [&](const OraclePolicy& each) { return each.name == policy.name; });
    }

    [[nodiscard]] driver::AccessPolicy made(const OraclePolicy& policy) const {
        using policy::Action;
        const Action action = policy.action;
        return {.group = "SYS_DEFAULT",
                .name = policy.name,
                .owner = server_.context ? server_.context->owner : std::string(),
                .package = std::string(driver::oracle_rules_package),
                .function = policy.function,
                .selects = action == Action::select,
                .inserts = action == Action::insert,
                .updates = action == Action::update,
                .deletes = action == Action::delete_,
                .checks = action == Action::insert || action == Action::update,
                .enabled = true,
                .long_condition = true,
                .type = "DYNAMIC"};
    }

    const OracleRules& rules_;
    const catalog::Snapshot& catalog_;
    const driver::ServerFacts& server_;
    std::vector<std::string> differences_;
};

}  // namespace
}  // namespace oracle_check

std::vector<std::string> oracle_differences(const OracleRules& rules, const catalog::Snapshot& catalog) {
    return oracle_check::Comparison(rules, catalog).run();
}

}  // namespace majed::rewrite
