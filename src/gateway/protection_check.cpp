// SPDX-License-Identifier: Apache-2.0
#include "gateway/protection_check.h"

#include "rewrite/login_reach.h"
#include "rewrite/native_server.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace majed::gateway {
namespace {

constexpr std::size_t most_differences = 3;

std::string shortened(const std::vector<std::string>& differences) {
    std::string text;
    for (std::size_t i = 0; i < std::min(differences.size(), most_differences); ++i)
        text += (i == 0 ? "" : "; ") + differences[i];
    if (differences.size() > most_differences)
        text += "; and " + std::to_string(differences.size() - most_differences) + " more";
    return text;
}

}  // namespace

Result<std::optional<Protection>> protection_of(const policy::PolicySet& policies,
                                                const source::SourceOptions& source,
                                                const catalog::Snapshot& catalog) {
    std::optional<Protection> found;
    if (catalog.server() == nullptr) return found;
    const bool native = source.enforcement == source::Enforcement::native;
    MAJED_TRY_ASSIGN(const auto reach,
                     rewrite::login_reach(policies, source.name, catalog,
                                          native ? rewrite::Enforcer::server : rewrite::Enforcer::gateway));
    Protection& protection = found.emplace();
    protection.notice.exposed_tables = reach.reads.size();
    protection.notice.text = reach.warning();
    if (!protection.notice.text.empty()) protection.notice.level = source::HealthLevel::warn;
    if (!native) return found;
    MAJED_TRY_ASSIGN(const auto differences, rewrite::server_differences(policies, source.name, catalog));
    if (differences.empty()) return found;
    protection.notice.level = source::HealthLevel::fail;
    protection.notice.text = "not served, for its server does not hold the rules: " + shortened(differences);
    protection.refusal = Error{ErrorCode::unavailable,
                               "source " + source.name + " is not served: its server does not hold the rules",
                               "majed policy export writes what it must hold, majed policy verify compares"};
    return found;
}

}  // namespace majed::gateway
