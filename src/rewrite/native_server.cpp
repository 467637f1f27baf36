// SPDX-License-Identifier: Apache-2.0
#include "rewrite/native_server.h"

#include "rewrite/native_oracle.h"
#include "rewrite/native_rules.h"

#include <utility>

namespace majed::rewrite {
namespace {

bool is_oracle(const catalog::Snapshot& catalog) {
    return catalog.server() != nullptr && catalog.server()->make == driver::ServerMake::oracle;
}

}  // namespace

Result<std::string> server_script(const policy::PolicySet& policies, std::string_view source,
                                  const catalog::Snapshot& catalog) {
    if (is_oracle(catalog)) {
        MAJED_TRY_ASSIGN(const OracleRules rules, oracle_rules(policies, source, catalog));
        return oracle_script(rules);
    }
    MAJED_TRY_ASSIGN(const NativeRules rules, native_rules(policies, source, catalog));
    return native_script(rules);
}

Result<std::vector<std::string>> server_differences(const policy::PolicySet& policies,
                                                    std::string_view source,
                                                    const catalog::Snapshot& catalog) {
    if (is_oracle(catalog)) {
        MAJED_TRY_ASSIGN(const OracleRules rules, oracle_rules(policies, source, catalog));
        return oracle_differences(rules, catalog);
    }
    MAJED_TRY_ASSIGN(const NativeRules rules, native_rules(policies, source, catalog));
    return native_differences(rules, catalog);
}

Result<std::vector<std::string>> server_attributes(const policy::PolicySet& policies, std::string_view source,
                                                   const catalog::Snapshot& catalog) {
    if (is_oracle(catalog)) {
        MAJED_TRY_ASSIGN(OracleRules rules, oracle_rules(policies, source, catalog));
        return std::move(rules.attributes);
    }
    MAJED_TRY_ASSIGN(NativeRules rules, native_rules(policies, source, catalog));
    return std::move(rules.attributes);
}

}  // namespace majed::rewrite
